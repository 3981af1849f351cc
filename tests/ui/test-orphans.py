#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What no ledger knows is found from the home page by its tags and taken down there."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))

from cli import CliCase, Home, boto3, client
from driver import Missing, Window


def read_report(window):
    """The report is a page: its ids are there, and it can be copied."""
    window.press('Show Report')
    window.back()
    window.find('Nothing Is Left', 'heading')
    window.find('StoreFunction', 'list item', starts=True)
    window.key('F10')
    window.press('Copy', 'menu item')
    window.find('The report is copied', 'label')
    window.key('alt+Left')


def main():
    if boto3 is None:
        print('SKIP: boto3 is not installed', file=sys.stderr)
        sys.exit(77)
    with Home() as home:
        practice = home.start_practice()
        case = CliCase()
        case.home = home
        case.deploy()
        # The disk is damaged, the cloud is not: that is said.
        for name in ('ledger.db-wal', 'ledger.db-shm'):
            path = os.path.join(home.data, 'millrace', name)
            if os.path.exists(path):
                os.remove(path)
        with open(os.path.join(home.data, 'millrace', 'ledger.db'), 'wb') as ledger:
            ledger.write(b'what is left of a disk ' * 1000)
        with Window(os.environ['MILLRACE_PROGRAM'], home.environment) as window:
            window.find('The list of deployments was damaged.', 'label')
            if window.look('Nothing is deployed, so nothing can cost money.', 'label'):
                raise Missing('doubt')
            window.press('Look for Forgotten Resources')
            window.find('Something was forgotten.', 'label', seconds=60)
            window.press('Take Down…')
            window.focus_dialog()
            window.press('Clean Up')
            window.find('Nothing Is Left', 'label', seconds=120)
            read_report(window)
            window.gone('Something was forgotten.', 'label')
            window.press('Look for Forgotten Resources')
            window.find('Nothing is forgotten', 'label', starts=True, seconds=60)
            if client(practice, 'sqs').list_queues().get('QueueUrls') or client(practice, 'lambda').list_functions()['Functions']:
                raise Missing('the end of what was forgotten')
            window.quit()


if __name__ == '__main__':
    main()
    print('ok')
    sys.exit(0)
