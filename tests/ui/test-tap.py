#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where public APIs are asked, a topic's details can be made to tell what is published: by mouse, by keyboard, with a sentence where it is not allowed. The
practice cloud stands for another endpoint."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))

from cli import CliCase, Home, boto3, client
from driver import Missing, Window, pyatspi

ROW = 'Read What Is Published'


def check(condition, what):
    if not condition:
        raise Missing(what)


class Student:
    """Whom the window acts for: somebody who may do everything but what is forbidden."""

    def __init__(self, values):
        self.iam = client(values, 'iam')
        self.iam.create_user(UserName='student')
        self.set('may', 'Allow', '*')
        self.key = self.iam.create_access_key(UserName='student')['AccessKey']

    def set(self, name, effect, action):
        self.iam.put_user_policy(UserName='student', PolicyName=name, PolicyDocument=json.dumps(
            {'Version': '2012-10-17', 'Statement': [{'Effect': effect, 'Action': action, 'Resource': '*'}]}))

    def forbid(self, action):
        self.set('may-not', 'Deny', action)

    def allow(self):
        self.iam.delete_user_policy(UserName='student', PolicyName='may-not')


def switch(window, values, student):
    def is_on():
        return any('-tap-' in url for url in client(values, 'sqs').list_queues()['QueueUrls'])

    def says(text):
        row = window.look(ROW, 'check box')
        return row and text in row.description

    window.find(ROW, 'check box')
    check(says('Clean Up deletes both.'), 'it is not said what it makes and that it goes')
    student.forbid('sns:Subscribe')
    window.click(ROW, 'check box')
    window.until(lambda: any('not authorized to perform: sns:Subscribe' in node.name for node in window.walk()), 'why it cannot be made')
    check(not is_on() and says('Clean Up deletes both.'), 'half of it is left')
    student.allow()
    window.click(ROW, 'check box')
    window.until(lambda: says('is subscribed to this topic') and is_on(), 'a tap')
    check(not any('not authorized' in node.name for node in window.walk()), 'what was wrong is still said')
    # by keyboard: what is shown is filled in anew each time, and the switch has the focus still
    for _ in range(12):
        if any(node.getState().contains(pyatspi.STATE_FOCUSED) for node in window.walk(window.find(ROW, 'list item'))):
            break
        window.key('Tab')
    window.key('space')
    window.until(lambda: says('Clean Up deletes both.') and not is_on(), 'no tap any more')
    window.key('space')
    window.until(lambda: says('is subscribed to this topic') and is_on(), 'a tap again')


def clean_up(window, values):
    window.key('alt+Left')
    window.press('Clean Up…')
    window.clean_up()
    check(not client(values, 'sqs').list_queues().get('QueueUrls') and not client(values, 'sns').list_subscriptions()['Subscriptions'], 'something is left')


def main():
    if boto3 is None:
        print('SKIP: boto3 is not installed', file=sys.stderr)
        sys.exit(77)
    with Home() as home:
        values = home.start_practice()
        student = Student(values)
        home.environment.update(AWS_ENDPOINT_URL=values['AWS_ENDPOINT_URL'], MILLRACE_INVOKE_URL=values['MILLRACE_INVOKE_URL'],
                                AWS_ACCESS_KEY_ID=student.key['AccessKeyId'], AWS_SECRET_ACCESS_KEY=student.key['SecretAccessKey'])
        case = CliCase()
        case.home = home
        case.deploy('--target', values['AWS_ENDPOINT_URL'])
        with Window(os.environ['MILLRACE_PROGRAM'], home.environment) as window:
            window.click('Order pipeline', 'list item')
            window.find('Architecture diagram')
            window.key('alt+1')
            window.click('Topic: Topic', 'push button')
            window.key('Return')
            switch(window, values, student)
            clean_up(window, values)
            window.quit()


if __name__ == '__main__':
    main()
    print('ok')
    sys.exit(0)
