#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts in the real window: credentials entered, refused, expired and renewed in the middle of work; what is said before anything is made; other
endpoints; a code, a sign-in; no keyring. A practice cloud stands where AWS would be, a real gnome-keyring keeps the credentials."""

import contextlib
import http.server
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time

from driver import Missing, Window

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))
from fakes import Bus, SignIn, Sts  # noqa: E402

try:
    import boto3
except ImportError:
    print('SKIP: boto3 is not installed', file=sys.stderr)
    sys.exit(77)

PROGRAM = os.environ['MILLRACE_PROGRAM']
PRACTICE = os.environ['MILLRACE_PRACTICE']
NOTHING = 'Nothing is deployed, so nothing can cost money.'
TAKEN = 'Lambda-Write-DynamoDB'


class Running:
    """What runs beside the window, and ends with the test however that ends."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Practice(Running):
    """A practice cloud of the test's own, that stands for AWS or is another endpoint."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='mill-')
        self.process = subprocess.Popen([PRACTICE, '--port', '0', '--state', self.folder], stdout=subprocess.PIPE, text=True)
        self.values = {}
        while 'MILLRACE_INVOKE_URL' not in self.values:
            line = self.process.stdout.readline()
            if not line:
                raise Missing('the practice cloud does not start')
            name, _, value = line.strip().partition('=')
            self.values[name] = value.strip('\'"')
        self.url = self.values['AWS_ENDPOINT_URL']
        self.key, self.secret = self.values['AWS_ACCESS_KEY_ID'], self.values['AWS_SECRET_ACCESS_KEY']

    def client(self, service):
        return boto3.client(service, endpoint_url=self.url, region_name='us-east-1', aws_access_key_id=self.key, aws_secret_access_key=self.secret)

    def block(self, secret=None):
        return f'[default]\r\naws_access_key_id = {self.key}\r\naws_secret_access_key = {secret or self.secret}\r\n'

    def short(self, seconds):
        """The same keys as credentials that end soon."""
        end = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + seconds))
        return json.dumps({'Version': 1, 'AccessKeyId': self.key, 'SecretAccessKey': self.secret, 'Expiration': end})

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Keyring(Running):
    def __init__(self):
        environment = {name: value for name, value in os.environ.items() if name != 'G_DEBUG'}
        self.process = subprocess.Popen(['gnome-keyring-daemon', '--foreground', '--components=secrets', '--unlock'], env=environment,
                                        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.process.stdin.write(b'keyring')
        self.process.stdin.close()

    def stop(self):
        self.process.kill()
        self.process.wait()


class Server(Running):
    """One of the fakes, or a page over TLS that nobody vouches for."""

    def __init__(self, handler, context=None):
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler)
        self.server.handle_error = lambda *_: None
        if context is not None:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f'{"https" if context else "http"}://127.0.0.1:{self.server.server_address[1]}'
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def check(condition, what):
    if not condition:
        raise Missing(what)


def choose(window, kind, shown):
    """Opens the start dialog and clicks on a kind of target."""
    window.find(NOTHING, 'label')
    window.key('Return')
    dialog = window.focus_dialog()
    window.until(lambda: (window.click(kind, 'check box', dialog=dialog), window.look(shown))[1], f'the choice of {kind}')
    return dialog


def fill(window, name, text):
    """Into a field, as assistive technologies do it: a block of several lines cannot be typed."""
    window.until(lambda: window.look(name, 'text').queryEditableText().setTextContents(text), f'the field {name}')


def paste(window, block, button, result):
    window.find('Block', 'text')
    fill(window, 'Block', block)
    window.find('Recognised: the access key', 'label', starts=True)
    window.press(button)
    window.find(*result)


def add_credentials(window, cloud):
    choose(window, 'AWS account', 'No credentials yet')
    window.press('Add Credentials', starts=True)
    window.find('Block', 'text')
    fill(window, 'Block', 'aws_access_key_id = nothing')
    window.until(lambda: not window.sensitive(window.look('Add', 'push button')) or window.look('Recognised', starts=True) is None, 'the damaged block refused')
    # A secret that is wrong is not kept, and AWS's word comes with advice.
    fill(window, 'Block', cloud.block('x' * 40))
    window.press('Add')
    window.find('The secret key does not fit the access key. Enter it again, without blanks at its ends.', 'label')
    fill(window, 'Name', 'lab')
    paste(window, cloud.block(), 'Add', ('“lab” Is in the Keyring', 'label'))
    window.find('arn:aws:iam::000000000000:root', 'label')
    window.find('These are the keys of the root user', 'label', starts=True)
    check(window.look('Block', 'text') is None, 'the block is still on the screen')
    window.press('Done')


def look_ahead(window, cloud):
    """A name that is taken gets a suffix when the user says so, and not before."""
    window.press('Start')
    window.find('It Will Fail Like This', 'label')
    window.find('Begin Anyway', 'push button')
    window.press('Use It', starts=True)
    window.find('It Works, but Read This', 'label')
    window.find('All names are free.', 'label')
    window.find('20 things are created.', 'label')
    window.press('Begin')
    window.back()
    window.find('lab · 000000000000 · us-east-1', 'label')
    name = window.find('WritePolicy', 'list item')
    check(name is not None, 'the resource of the first step')
    window.key('ctrl+Return')
    window.find('Continue', 'push button', seconds=60)
    names = [policy['PolicyName'] for policy in cloud.client('iam').list_policies(Scope='Local')['Policies']]
    check(TAKEN in names and len(names) == 2 and any(one.startswith(TAKEN + '-') for one in names), f'the policies are {names}')


def expire(window, cloud):
    """Credentials that end are asked for: when the page opens, and in the middle of work; the work stops, or goes on where it was."""
    window.key('alt+Left')
    window.find('Order pipeline', 'list item')
    open_start_again(window)
    window.press('Manage…')
    window.press('Enter New Ones: lab')
    window.find('Block', 'text')
    end = time.monotonic() + 10
    fill(window, 'Block', cloud.short(10))
    window.press('Replace')
    window.find('“lab” Is in the Keyring', 'label')
    close_dialogs(window)
    # What is left on an account is pointed out first.
    window.focus()
    window.key('ctrl+q')
    window.press('Quit Anyway')
    window.process.wait(20)
    time.sleep(max(0, end + 1.5 - time.monotonic()))
    window.start()
    window.find('Order pipeline', 'list item')
    window.key('Tab', 'Return')
    window.find('The credentials of “lab” have expired. Enter new ones: the work goes on where it is.', 'label')
    end = time.monotonic() + 10
    fill(window, 'Block', cloud.short(10))
    window.press('Go On')
    window.back()
    window.find('lab · 000000000000 · us-east-1', 'label')
    time.sleep(max(0, end + 1.5 - time.monotonic()))
    window.find('A policy that allows publishing', 'heading')
    window.key('ctrl+Return')
    window.find('New Credentials Are Needed')
    window.press('Stop')
    window.back()
    window.find('PublishPolicy: It was stopped because the question was not answered. Do it again to go on.', 'label')
    window.press('Try Again')
    window.find('New Credentials Are Needed')
    fill(window, 'Block', cloud.block('y' * 40))
    window.press('Go On')
    window.find('These credentials are not taken:', 'label', starts=True)
    fill(window, 'Block', cloud.block())
    window.press('Go On')
    window.find('Continue', 'push button', seconds=60)
    window.back()
    names = [policy['PolicyName'] for policy in cloud.client('iam').list_policies(Scope='Local')['Policies']]
    check(len(names) == 3, f'the policies are {names}')


def close_dialogs(window):
    """From the one on top down."""
    while len(window._windows()) > 1:
        before = len(window._windows())
        window.focus_dialog()
        window.key('Escape')
        window.until(lambda: len(window._windows()) < before, 'the end of a dialog')
    window.back()


def open_start_again(window):
    """The start dialog where deployments are there already."""
    window.press('Order pipeline', 'push button', starts=True)
    dialog = window.focus_dialog()
    window.until(lambda: (window.click('AWS account', 'check box', dialog=dialog), window.look('Credentials', 'label'))[1], 'the choice of an account')


def clean_up(window):
    for _ in range(2):
        window.key('alt+Left')
    window.press('Clean Up…')
    window.clean_up()
    window.find(NOTHING, 'label')


def rename_and_delete(window):
    choose(window, 'AWS account', 'Credentials')
    window.press('Manage…')
    window.press('Rename: lab')
    window.find('Other Name', 'label')
    fill(window, 'Name', 'school')
    window.press('Rename')
    window.press('Delete: school')
    window.find('Delete “school”?', 'label')
    window.press('Delete')
    window.find('No Credentials', 'label')
    close_dialogs(window)


def use_role(window, cloud):
    """Another endpoint, which nobody answers at first; remembered; and a role that is there instead of the tutorial's own."""
    trust = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Principal': {'Service': 'lambda.amazonaws.com'}, 'Action': 'sts:AssumeRole'}]}
    cloud.client('iam').create_role(RoleName='LabRole', AssumeRolePolicyDocument=json.dumps(trust))
    dialog = choose(window, 'Another endpoint', 'Name, to remember it by')
    fill(window, 'Name, to remember it by', 'school')
    fill(window, 'URL', 'http://127.0.0.1:9')
    window.press('Start')
    window.find('Nothing answers there. Start the endpoint, or check its address and port.', 'label')
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=127.0.0.1',
                        '-keyout', f'{folder}/key', '-out', f'{folder}/certificate'], check=True, capture_output=True)
        context.load_cert_chain(f'{folder}/certificate', f'{folder}/key')
    with Server(http.server.BaseHTTPRequestHandler, context) as server:
        fill(window, 'URL', server.url)
        window.press('Try Again')
        window.find(f'No secure connection to {server.url}', 'label', starts=True)
    fill(window, 'URL', cloud.url)
    window.press('Try Again')
    window.find('It costs nothing: this is not AWS.', 'label')
    window.click('Use a role that is there', 'check box', dialog=dialog)
    window.find('It is used wherever the tutorial would make a role of its own. It is neither changed nor deleted.', 'label', seconds=30)
    window.press('Begin')
    window.back()
    window.find('school · 000000000000 · us-east-1', 'label')
    window.key('ctrl+Return')
    window.find('Continue', 'push button', seconds=60)
    names = [policy['PolicyName'] for policy in cloud.client('iam').list_policies(Scope='Local')['Policies']]
    check(names in ([], [TAKEN]), f'where a role stands for them the policies {names} are there')
    clean_up(window)


def find_secrets(secrets):
    """The files of the home that hold one of @secrets."""
    found = []
    for folder, _, names in os.walk(os.environ['HOME']):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                with open(path, 'rb') as file:
                    data = file.read()
                found += [path for secret in secrets if secret.encode() in data]
    return found


def test_whole_way(stack):
    cloud, keyring = stack.enter_context(Practice()), stack.enter_context(Keyring())
    # An endpoint that is no account of AWS's takes its keys from the environment; accounts do not.
    window = stack.enter_context(Window(PROGRAM, {'AWS_ENDPOINT_URL': cloud.url, 'MILLRACE_INVOKE_URL': cloud.values['MILLRACE_INVOKE_URL']}))
    policy = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 'logs:*', 'Resource': '*'}]}
    cloud.client('iam').create_policy(PolicyName=TAKEN, PolicyDocument=json.dumps(policy))
    add_credentials(window, cloud)
    look_ahead(window, cloud)
    expire(window, cloud)
    clean_up(window)
    rename_and_delete(window)
    check(find_secrets([cloud.secret]) == [], f'the secret is in {find_secrets([cloud.secret])}')
    window.quit()
    window.environment.update(AWS_ACCESS_KEY_ID=cloud.key, AWS_SECRET_ACCESS_KEY=cloud.secret)
    window.start()
    use_role(window, cloud)
    window.quit()


def accessibility_bus():
    """Where assistive technologies are: a program on another session bus is to be seen as well."""
    return subprocess.run(['gdbus', 'call', '--session', '--dest', 'org.a11y.Bus', '--object-path', '/org/a11y/bus', '--method', 'org.a11y.Bus.GetAddress'],
                          check=True, capture_output=True, text=True).stdout.split("'")[1]


def write_config(text):
    path = os.path.join(os.environ['HOME'], 'aws-config')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return {'AWS_CONFIG_FILE': path, 'AWS_SHARED_CREDENTIALS_FILE': '/nonexistent'}


def test_code(stack):
    """A profile that assumes a role with a code of an MFA device."""
    server = stack.enter_context(Server(Sts))
    server.server.asked = []
    files = write_config('[profile mfa]\nrole_arn = arn:aws:iam::123456789012:role/lab\nsource_profile = mfa\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n'
                         'aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = base-secret\n')
    window = stack.enter_context(Window(PROGRAM, {**files, 'AWS_ENDPOINT_URL': server.url}))
    choose(window, 'AWS account', 'Credentials')
    window.press('Start')
    window.find('The profile “mfa” wants the code that your MFA device arn:aws:iam::123456789012:mfa/me shows.', 'label')
    window.focus_dialog()
    window.type('12345')
    check(not window.sensitive(window.find('Go On', 'push button')), 'five digits are taken')
    window.type('6')
    window.key('Return')
    window.find('Begin', 'push button', starts=True, seconds=60)
    check(server.server.asked[0][1]['TokenCode'] == ['123456'], 'the code did not come to AWS')
    window.find('Nothing is made yet. It would be made at mfa, account 123456789012, in us-east-1.', 'label')


def test_import(stack):
    """A profile of a file that is chosen: its keys are taken over into the keyring."""
    cloud, keyring = stack.enter_context(Practice()), stack.enter_context(Keyring())
    path = os.path.join(os.environ['HOME'], 'profiles-of-mine')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(f'[mine]\naws_access_key_id = {cloud.key}\naws_secret_access_key = {cloud.secret}\n')
    window = stack.enter_context(Window(PROGRAM, {'AWS_ENDPOINT_URL': cloud.url, **write_config('')}))
    choose(window, 'AWS account', 'No credentials yet')
    window.press('Add Credentials', starts=True)
    window.press('Profile')
    window.press('Choose… File')
    window.find('Choose a File With Profiles')
    window.focus_dialog()
    window.key('ctrl+l')
    window.type(path)
    window.key('Return')
    window.find('profiles-of-mine', 'label', starts=True)
    window.press('Add')
    window.find('“aws” Is in the Keyring', 'label')
    window.press('Done')
    window.find('account 000000000000', 'label', starts=True)
    check(find_secrets([cloud.secret]) == [path], f'the secret is in {find_secrets([cloud.secret])}')


def write_browser():
    """A browser that keeps what it is to open in the file that is returned."""
    data, opened = os.environ['XDG_DATA_HOME'], os.path.join(os.environ['HOME'], 'opened')
    os.makedirs(os.path.join(data, 'applications'), exist_ok=True)
    with open(os.path.join(data, 'applications', 'browser.desktop'), 'w', encoding='utf-8') as file:
        file.write(f"[Desktop Entry]\nType=Application\nName=Browser\nExec=sh -c 'echo \"$1\" >{opened}' sh %u\nMimeType=x-scheme-handler/https;\n")
    os.makedirs(os.environ['XDG_CONFIG_HOME'], exist_ok=True)
    with open(os.path.join(os.environ['XDG_CONFIG_HOME'], 'mimeapps.list'), 'w', encoding='utf-8') as file:
        file.write('[Default Applications]\nx-scheme-handler/https=browser.desktop\n')
    return opened


def test_sign_in(stack):
    """IAM Identity Center: cancelled, then confirmed in the browser; and no keyring, which is said."""
    cloud, server = stack.enter_context(Practice()), stack.enter_context(Server(SignIn))
    opened = write_browser()
    server.server.asked, server.server.seconds, server.server.keys = [], 30, (cloud.key, cloud.secret, None)
    server.server.patience = sys.maxsize          # until the code has been seen
    bus = Bus(stack.enter_context(tempfile.TemporaryDirectory(prefix='mill-')))
    stack.callback(bus.stop)
    window = stack.enter_context(Window(PROGRAM, {'AWS_ENDPOINT_URL': cloud.url, 'AWS_ENDPOINT_URL_SSO': server.url, 'AWS_ENDPOINT_URL_SSO_OIDC': server.url,
                                 **write_config(''), 'DBUS_SESSION_BUS_ADDRESS': bus.address, 'AT_SPI_BUS_ADDRESS': accessibility_bus()}))
    choose(window, 'AWS account', 'No credentials yet')
    window.press('Add Credentials', starts=True)
    window.press('Sign In')
    fill(window, 'Start URL', 'https://school.awsapps.com/start')
    fill(window, 'Account ID (12 digits)', '123456789012')
    fill(window, 'Role (permission set)', 'Student')
    window.press('Add')
    window.find('ABCD-EFGH', 'label')
    window.find('https://device.example/?user_code=ABCD-EFGH', 'label')
    window.press('Open Browser')
    window.until(lambda: os.path.exists(opened) and os.path.getsize(opened) > 0, 'the browser')
    with open(opened, encoding='utf-8') as file:
        check(file.read() == 'https://device.example/?user_code=ABCD-EFGH\n', 'the browser shows another page')
    server.server.patience = 0
    window.find('“aws” Is Known for This Run', 'label', seconds=30)
    window.find('There is no keyring here (no Secret Service), so these credentials are kept for this run only.', 'label')
    check(server.server.asked[-1][0] == '/federation/credentials?role_name=Student&account_id=123456789012', 'another role was asked for')
    window.press('Done')
    window.find('account 000000000000', 'label', starts=True)
    check(find_secrets([cloud.secret, 'first-token-value']) == [], 'a secret is in a file')


if __name__ == '__main__':
    if any(shutil.which(program) is None for program in ('dbus-daemon', 'gdbus', 'gnome-keyring-daemon', 'openssl')):
        print('SKIP: dbus-daemon, gdbus, gnome-keyring or openssl is not installed', file=sys.stderr)
        sys.exit(77)
    for test in sys.argv[1:] or ('test_whole_way', 'test_import', 'test_code', 'test_sign_in'):
        began = time.monotonic()
        with contextlib.ExitStack() as stack:
            globals()[test](stack)
        print(f'{test}: {time.monotonic() - began:.1f} s')
    print('ok')
