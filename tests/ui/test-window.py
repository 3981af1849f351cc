#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole order pipeline in the real window: from Home through every page to the proof that nothing is left, on the practice cloud."""

import json
import os
import sys

from driver import Missing, Window

PROGRAM = os.environ['MILLRACE_PROGRAM']
DATA = os.environ['MILLRACE_DATA_DIR']


def load_steps():
    with open(os.path.join(DATA, 'tutorials', 'order-pipeline', 'tutorial.json'), encoding='utf-8') as file:
        return json.load(file)['steps']


def check(condition, what):
    if not condition:
        raise Missing(what)


def makes(step):
    return bool(step.get('resources') or step.get('sets'))


def begin(window):
    window.find('Nothing is deployed, so nothing can cost money.', 'label')
    window.key('Return')                      # the first card has the focus
    window.focus_dialog()
    window.find('Practice cloud', 'check box')
    window.key('Return')                      # Start is the default
    window.back()
    window.find('Practice cloud · 000000000000 · us-east-1', 'label')


def refuse_a_bad_name(window):
    """A value that the template does not allow is refused with its sentence, and the step cannot be done."""
    window.find('Write policy name', 'text')
    window.key('Tab', 'ctrl+a')               # from the title to the first field
    window.type('no blanks here')
    window.find('WritePolicyName: Use letters, digits and + = , . @ - _ only, no blanks.', 'label')
    window.until(lambda: not window.sensitive(window.look('Create', 'push button')), 'Create refused')
    window.key('ctrl+a')
    window.type('Lambda-Write-DynamoDB')
    window.gone('WritePolicyName: Use letters, digits and + = , . @ - _ only, no blanks.', 'label')


def see_checks(window, step):
    for one in step.get('checks', []):
        window.until(lambda: checked(window, one['text']), f'the check “{one["text"]}” to be right', 60)


def checked(window, text):
    row = window.look(text, 'list item')
    return row is not None and any(node.name == 'Right' for node in window.walk(row))


def do(window, step):
    """One page: what it makes, what it offers to do, whether it came out right."""
    window.find(step['title'], 'heading')
    if makes(step):
        window.key('ctrl+Return')
        window.find('Continue', 'push button', seconds=60)
    for action in step.get('actions', []):
        if action['kind'] == 'confirm':
            confirm_in_inbox(window)
        elif action['kind'] != 'clean-up':
            window.press(action['label'])
            window.until(lambda: window.look('Answered with status 200.', 'label') or window.look('The function ran and returned.', 'label'),
                         f'the answer to “{action["label"]}”', 60)
    if step.get('checks') and not step.get('actions') and not makes(step):
        window.key('ctrl+r')
    see_checks(window, step)


def confirm_in_inbox(window):
    window.key('alt+5')
    window.press('Confirm Subscription')
    window.find('Confirmed', 'push button')
    window.key('ctrl+r')
    window.key('alt+1')


def follow_the_order(window):
    """The messages list names every hop of the order; one shows its payload; the diagram counts."""
    window.key('alt+2')
    window.find('{"item"', starts=True)
    window.key('Return')                      # the list has the focus, and its newest message is first
    for component in ('API Gateway', 'Queue', 'Store order', 'Orders', 'Stream', 'Announce order', 'Topic', 'E-mail'):
        window.find(f'{component}, OK', starts=True)
    window.key('alt+1')
    button = window.find('Function: Store order', 'push button')
    button.queryAction().doAction(0)
    window.find('ARN')
    window.key('alt+4')
    window.find('POST /', starts=True)        # the order, among the newest calls
    window.key('alt+5')
    window.find('AWS Notification Message', starts=True)


def clean_up(window):
    window.find('Take everything down', 'heading')
    window.key('ctrl+Return')
    window.clean_up()


def test_whole_way():
    steps = load_steps()
    with Window(PROGRAM) as window:
        begin(window)
        refuse_a_bad_name(window)
        for index, step in enumerate(steps[:-1]):
            if step['id'] == 'queue':
                # The program may end at any time: the deployment opens again at its step.
                window.quit()
                window.start()
                row = window.find('Order pipeline', 'list item')
                check('Practice cloud' in row.description, f'the deployment is described as “{row.description}”')
                window.key('Tab', 'Return')
            do(window, step)
            window.key('alt+Next')
        follow_the_order(window)
        clean_up(window)
        window.key('alt+Left')
        window.find('Nothing is deployed, so nothing can cost money.', 'label')
        window.quit()


if __name__ == '__main__':
    test_whole_way()
    print('ok')
    sys.exit(0)
