#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Step mode in the real window, by the keyboard: one order goes hop by hop, two are held and all let go, and switched off everything runs."""

import json
import os
import subprocess
import sys

from driver import Missing, Window

CLI = os.environ['MILLRACE_CLI']


def cli(*arguments):
    done = subprocess.run([CLI, '--json', *arguments], check=False, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise Missing(f'millrace-cli {" ".join(arguments)}: {done.stderr}')
    return [json.loads(line) for line in done.stdout.splitlines()]


def send(deployment):
    """An order from outside, which is followed to its end."""
    return subprocess.Popen([CLI, 'send', deployment], stdout=subprocess.DEVNULL)


def held(window, n, *places):
    """The bar says how many are held, and where."""
    window.find(f'Step mode: {n} message{"s" if n > 1 else ""} held' if n else 'Step mode', 'label')
    if places:
        window.find(' · '.join(places), 'label')


def described(window, node, text):
    window.until(lambda: text in window.look(node, 'push button').description, f'“{text}” at “{node}”')


def hop_by_hop(window, deployment):
    order = send(deployment)
    try:
        held(window, 1, '1 at API Gateway')
        described(window, 'Gateway: API Gateway', '1 held')
        window.key('alt+2')
        window.key('Return')                  # opens the message: its hops are listed
        window.find('API Gateway, Held', starts=True)
        window.key('alt+1')
        for place in ('Queue', 'Stream', 'Announce order', 'Topic'):
            window.key('F7')
            held(window, 1, f'1 at {place}')
        described(window, 'Topic: Topic', '1 held')
        described(window, 'Gateway: API Gateway', '1 request')
        if 'held' in window.look('Gateway: API Gateway', 'push button').description:
            raise Missing('the gateway still shows what has gone on')
        window.key('F7')
        held(window, 0)
        if order.wait(60) != 0:
            raise Missing('the order did not arrive')
    finally:
        if order.poll() is None:
            order.kill()
            order.wait()


def all_at_once(window, deployment):
    orders = [send(deployment) for _ in range(3)]
    try:
        held(window, 3, '3 at API Gateway')
        window.press('All')
        held(window, 3, '3 at Queue')
        window.key('F7')
        held(window, 3, '2 at Queue', '1 at Stream')
        window.key('shift+F7')
        window.gone('Next Hop', 'push button')
        for order in orders:
            if order.wait(60) != 0:
                raise Missing('an order that was held did not arrive')
    finally:
        for order in orders:
            if order.poll() is None:
                order.kill()
                order.wait()


def main():
    cli('deploy', 'order-pipeline')
    deployment = cli('list')[0]['id']
    with Window(os.environ['MILLRACE_PROGRAM'], width=1200, height=800) as window:
        window.find('Order pipeline', 'list item')
        window.key('Tab', 'Return')
        window.find('Step Mode', 'push button')
        window.key('alt+5')
        if window.look('Confirm Subscription', 'push button'):
            window.press('Confirm Subscription')
            window.find('Confirmed', 'push button')
        window.key('alt+1')
        window.key('shift+F7')
        held(window, 0)
        hop_by_hop(window, deployment)
        all_at_once(window, deployment)
        window.quit()


try:
    main()
except Missing as missing:
    print(f'FAIL: {missing}', file=sys.stderr)
    sys.exit(1)
