#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong in a pipeline, seen in the real window: a permission that is taken away, the way from the failed message to what puts it
right, code of one's own, a practice cloud that dies, and a report that is saved. By keyboard and through AT-SPI."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))

from cli import CliCase, Home, boto3, client
from driver import Missing, Window, pyatspi

PROGRAM = os.environ['MILLRACE_PROGRAM']
CODE = ('inner = lambda_handler', 'def lambda_handler(event, context): print("a student was here"); return inner(event, context)')


def check(condition, what):
    if not condition:
        raise Missing(what)


class Scene:
    """A deployment that is built and confirmed, and the window that shows it."""

    def __init__(self, home):
        self.home = home
        self.practice = home.start_practice()
        case = CliCase()
        case.home = home
        self.id = case.deploy()
        case.confirm()
        # GTK 4.8 itself warns when a text grows while it is drawn, so warnings must not end the program here.
        self.window = Window(PROGRAM, {**home.environment, 'G_DEBUG': 'fatal-criticals'})
        self.window.find('Order pipeline', 'list item')
        self.window.key('Tab', 'Return')
        self.window.find('Practice cloud · 000000000000 · us-east-1', 'label')

    def send(self, item, arrives=True):
        status, _, errors = self.home.cli('send', self.id, '--message', json.dumps({'item': item, 'customerID': '12345'}))
        check((status == 0) == arrives, errors)

    def choose_newest(self, item):
        """The newest message is first in the list, and chosen."""
        self.window.key('alt+2')
        self.window.find(f'{{"item": "{item}"', starts=True)
        self.window.key('Home')


def see_the_missing_permission(scene):
    window = scene.window
    iam = client(scene.practice, 'iam')
    role = next(role['RoleName'] for role in iam.list_roles()['Roles']
                if any(policy['PolicyName'] == 'Lambda-Write-DynamoDB' for policy in
                       iam.list_attached_role_policies(RoleName=role['RoleName'])['AttachedPolicies']))
    arn = next(policy['PolicyArn'] for policy in iam.list_attached_role_policies(RoleName=role)['AttachedPolicies']
               if policy['PolicyName'] == 'Lambda-Write-DynamoDB')
    iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    scene.send('without permission', arrives=False)
    scene.choose_newest('without permission')
    window.find('The permission dynamodb:PutItem is missing', 'label', seconds=60)
    window.until(lambda: any(f'“{role}”' in (node.name or '') for node in window.walk()), 'the name of the role')
    return role


def go_to_the_fix(scene, role):
    """From the list to the button by Tab alone, then what the step offers."""
    window = scene.window
    walk_to(window, 'Tab', 'Go to the Permission')
    window.key('Return')
    window.find("The first function's role", 'heading')
    window.find('Put Right', 'push button')
    window.key('ctrl+Return')
    window.find('Continue', 'push button', seconds=60)
    attached = client(scene.practice, 'iam').list_attached_role_policies(RoleName=role)['AttachedPolicies']
    check(any(policy['PolicyName'] == 'Lambda-Write-DynamoDB' for policy in attached), 'the policy is not attached again')


def walk_to(window, key, name):
    """Presses a key until what has the focus bears the name, as one does who works without a mouse."""
    passed = []
    for _ in range(20):
        passed.append(focused(window))
        if passed[-1].startswith(name.replace('_', '')):
            return
        window.key(key)
    raise Missing(f'“{name}” is not reached by {key}: the focus came by {passed}')


def focused(window):
    for node in window.walk():
        try:
            if node.getState().contains(pyatspi.STATE_FOCUSED):
                return node.name.replace('_', '')
        except Exception:
            continue
    return ''


def deploy_own_code(scene):
    window = scene.window
    for _ in range(20):
        if window.look("The first function's code", 'heading'):
            break
        window.key('alt+Next')
    window.find("The first function's code", 'heading')
    walk_to(window, 'Tab', 'lambda_function.py')
    window.key('ctrl+End')
    for line in CODE:
        window.type(line)
        window.key('Return')
    window.press('Deploy Code')
    window.until(lambda: window.sensitive(window.look('Deploy Code')) and not window.sensitive(window.look('Put Back')), 'the end of the deployment', 60)
    scene.send('with own code')
    scene.choose_newest('with own code')
    window.key('Return')
    walk_to(window, 'Down', 'Store order')
    window.until(lambda: any('a student was here' in text(node) for node in window.walk()), 'what the new code printed', 60)


def text(node):
    try:
        return node.queryText().getText(0, -1)
    except NotImplementedError:
        return ''


def restart(scene):
    """The practice cloud dies; the window says so and starts another, with everything that was in it."""
    window = scene.window
    scene.home.kill_practice()
    window.press('Restart', seconds=60)
    window.gone('Restart', 'push button', seconds=60)
    scene.choose_newest('with own code')


def save_report(scene):
    window = scene.window
    path = os.path.join(scene.home.path, 'report.json')
    window.key('F10')
    window.press('Clean Up…', 'menu item')
    window.focus_dialog()
    window.press('Clean Up')
    window.find('Nothing Is Left', 'label', seconds=120)
    window.press('Save Report…')
    window.until(lambda: len(window._windows()) > 2, 'the dialog for the file')
    window.focus(window._windows()[-1])
    window.key('ctrl+a')
    window.type(path)
    window.press('Save')
    window.until(lambda: os.path.exists(path), 'the report')
    with open(path, encoding='utf-8') as file:
        report = json.load(file)
    check(len(report['resources']) > 15, 'the report names too few resources')


def main():
    if boto3 is None:
        print('SKIP: boto3 is not installed', file=sys.stderr)
        sys.exit(77)
    with Home() as home:
        scene = Scene(home)
        with scene.window:
            role = see_the_missing_permission(scene)
            go_to_the_fix(scene, role)
            deploy_own_code(scene)
            restart(scene)
            save_report(scene)


if __name__ == '__main__':
    main()
    print('ok')
    sys.exit(0)
