#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""When nothing happens, nothing is drawn and next to nothing wakes up: at home, and with a deployment open that has seen a message. While a message is
under way, dots fly and nodes light up; where animations are off, only the latter."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))

from cli import CliCase, Home, boto3
from driver import Missing, Window

SECONDS = 3


def count(window):
    done = subprocess.run([os.environ['MILLRACE_COUNT_FRAMES'], str(window.process.pid), str(SECONDS)], check=True, stdout=subprocess.PIPE, text=True)
    return tuple(map(int, done.stdout.split()))


def rest(window, where):
    """Whatever was still moving comes to rest; from then on it must stay so."""
    counted = []

    def is_quiet():
        counted.append(count(window))
        frames, wake_ups = counted[-1]
        return frames == 0 and wake_ups <= SECONDS

    try:
        window.until(is_quiet, 'rest', 25)
    except Missing:
        raise Missing(f'{where}: no rest; frames and wake-ups in {SECONDS} seconds each: {counted}') from None


def light(home, deployment, animations):
    """What the diagram does with a message, from its real events."""
    folder = os.path.join(home.environment['XDG_CONFIG_HOME'], 'gtk-4.0')
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, 'settings.ini'), 'w', encoding='utf-8') as file:
        file.write(f'[Settings]\ngtk-enable-animations={int(animations)}\n')
    process = subprocess.Popen([os.environ['MILLRACE_WATCH_LIGHTS'], deployment], env=home.environment, stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout.readline() != 'ready\n':
            raise Missing('the diagram does not watch')
        if home.cli('send', deployment)[0] != 0:
            raise Missing('the message did not arrive')
        said = process.communicate(timeout=60)[0]
    finally:
        process.kill()
        process.wait()
    found = json.loads(said)
    if found['animations'] != animations or (found['moving'] > 0) != animations:
        raise Missing(f'dots fly, or do not: {found}')
    if len(found['nodes']) != 8 or found['lit'] != 0 or found['frames'] != 0:
        raise Missing(f'each of the eight components lights up and goes out, and then nothing is drawn: {found}')


def main():
    if boto3 is None:
        print('SKIP: boto3 is not installed', file=sys.stderr)
        sys.exit(77)
    with Home() as home:
        home.start_practice()
        case = CliCase()
        case.home = home
        deployment = case.deploy()
        case.confirm()
        with Window(os.environ['MILLRACE_PROGRAM'], home.environment) as window:
            window.find('Order pipeline', 'list item')
            rest(window, 'home')
            window.key('Tab', 'Return')
            window.find('Practice cloud · 000000000000 · us-east-1', 'label')
            if home.cli('send', deployment)[0] != 0:
                raise Missing('the message did not arrive')
            rest(window, 'the pipeline')
            window.key('alt+2')
            window.find('{"item"', starts=True)
            rest(window, 'the messages')
            window.quit()
        for animations in (True, False):
            light(home, deployment, animations)


if __name__ == '__main__':
    main()
    print('ok')
    sys.exit(0)
