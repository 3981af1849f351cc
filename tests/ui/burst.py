# SPDX-License-Identifier: GPL-3.0-or-later
"""Many orders at once through the order pipeline on the practice cloud, with the window open. Used by test-burst and tools/bench."""

import collections
import concurrent.futures
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

try:
    import boto3
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
except ImportError:
    print('SKIP: boto3 is not installed', file=sys.stderr)
    sys.exit(77)

from driver import Missing, Window

CLIENTS = 8
# What each node of the diagram counts, and the events that make it so.
NODES = {
    'Gateway: API Gateway': ('request', 'requests', lambda kinds: kinds['gateway-request']),
    'Queue: Queue': ('waiting', 'waiting', lambda kinds: kinds['queue-sent'] - kinds['queue-deleted']),
    'Function: Store order': ('run', 'runs', lambda kinds: kinds['function-started POC-Lambda-1']),
    'Table: Orders': ('item', 'items', lambda kinds: kinds['table-written']),
    'Function: Announce order': ('run', 'runs', lambda kinds: kinds['function-started POC-Lambda-2']),
    'Topic: Topic': ('delivery', 'deliveries', lambda kinds: kinds['topic-published']),
}


class Pipeline:
    """A practice cloud that the window shares, with the order pipeline in it and its subscription confirmed."""

    def __init__(self):
        state = os.path.join(os.environ['XDG_DATA_HOME'], 'millrace', 'practice')
        os.makedirs(state, exist_ok=True)
        self.process = subprocess.Popen([os.environ['MILLRACE_PRACTICE'], '--port', '0', '--state', state, '--shared'],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.guest = None
        self.kinds = collections.Counter()
        try:
            self.build()
        except BaseException:
            self.end()
            raise

    def build(self):
        values = {}
        while 'MILLRACE_INVOKE_URL' not in values:
            line = self.process.stdout.readline()
            if not line:
                raise Missing('the practice cloud does not start')
            values.update([line.rstrip('\n').split('=', 1)])
        self.values = values
        self.url = urllib.parse.urlsplit(values['AWS_ENDPOINT_URL'])
        # As long as somebody is its guest, it stays.
        folder = os.path.join(os.environ['XDG_RUNTIME_DIR'], 'millrace')
        self.guest = socket.socket(socket.AF_UNIX)
        self.guest.connect(os.path.join(folder, next(name for name in os.listdir(folder) if name.endswith('.sock'))))
        subprocess.run([os.environ['MILLRACE_CLI'], '--json', 'deploy', 'order-pipeline'], check=True, stdout=subprocess.DEVNULL, timeout=120)
        for mail in json.load(self.signed('/_millrace/inbox'))['messages']:
            if mail.get('confirmation'):
                urllib.request.urlopen(mail['confirmation'], timeout=20).read()
        gateway = boto3.client('apigateway', endpoint_url=values['AWS_ENDPOINT_URL'], region_name=values['AWS_REGION'],
                               aws_access_key_id=values['AWS_ACCESS_KEY_ID'], aws_secret_access_key=values['AWS_SECRET_ACCESS_KEY'])
        api = gateway.get_rest_apis()['items'][0]['id']
        stage = gateway.get_stages(restApiId=api)['item'][0]['stageName']
        path = next(r['path'] for r in gateway.get_resources(restApiId=api)['items'] if r.get('resourceMethods'))
        self.path = urllib.parse.urlsplit(values['MILLRACE_INVOKE_URL'].format(api=api, stage=stage, path=path)).path
        threading.Thread(target=self.listen, args=(self.signed('/_millrace/events'),), daemon=True).start()

    def signed(self, path):
        """The answer to a signed GET."""
        request = AWSRequest('GET', self.values['AWS_ENDPOINT_URL'] + path)
        SigV4Auth(Credentials(self.values['AWS_ACCESS_KEY_ID'], self.values['AWS_SECRET_ACCESS_KEY']), 'millrace',
                  self.values['AWS_REGION']).add_auth(request)
        connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=900)
        connection.request('GET', path, headers=dict(request.headers))
        return connection.getresponse()

    def listen(self, stream):
        """The truth: how many events there were of each kind. Reading all of each would take the processor from others."""
        for line in stream:
            kind = re.search(rb'"kind":"([a-z-]+)"', line).group(1).decode()
            if kind == 'function-started':
                kind += ' ' + re.search(rb'"functionArn":"[^"]*:([^":]+)"', line).group(1).decode()
            self.kinds[kind] += 1

    def send(self, orders, first=0):
        def one_client(numbers):
            connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=120)
            for number in numbers:
                body = json.dumps({'item': f'number-{number}-', 'customerID': '12345'})
                connection.request('POST', self.path, body, {'Content-Type': 'application/json'})
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    raise Missing(f'the gateway answered {answer.status}')
            connection.close()

        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(one_client, [range(first + i, first + orders, CLIENTS) for i in range(CLIENTS)]))

    def wait(self, kind, n, seconds):
        end = time.monotonic() + seconds
        while self.kinds[kind] < n:
            if time.monotonic() > end:
                raise Missing(f'{n} × {kind}: there were {self.kinds[kind]}')
            time.sleep(0.1)

    def settle(self):
        """Until nothing happens any more: what follows the last mail."""
        before = None
        while before != sum(self.kinds.values()):
            before = sum(self.kinds.values())
            time.sleep(0.5)

    def end(self):
        if self.guest is not None:
            self.guest.close()
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()


def open_deployment():
    window = Window(os.environ['MILLRACE_PROGRAM'], width=1200, height=800)
    window.find('Order pipeline', 'list item')
    window.key('Tab', 'Return')
    window.find('Step Mode', 'push button')
    window.key('F8')                           # the diagram and the messages side by side
    window.key('alt+2')
    return window


def miscounts(window, kinds):
    """What a node says and should not: {node: (what it says, the number it should)}."""
    wrong = {}
    for name, (one, many, count) in NODES.items():
        node = window.look(name, 'push button')
        said = node.description if node is not None else ''
        n = count(kinds)
        found = re.search(rf'(\d+) (?:{one}|{many})', said)
        if (int(found.group(1)) if found else 0) != n:
            wrong[name] = (said, n)
    return wrong


def wait_for_counts(window, kinds, seconds=60):
    """Until the window says what is; what it says wrongly after that time."""
    end = time.monotonic() + seconds
    while True:
        wrong = miscounts(window, kinds)
        if not wrong or time.monotonic() > end:
            return wrong
        time.sleep(0.2)
