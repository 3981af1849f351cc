#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hundreds of orders at once with the window open: every number is right, also of those that step mode held. tools/bench does it with 10,000."""

import sys

import burst
from driver import Missing

ORDERS = 400
HELD = 100


def check(window, pipeline):
    pipeline.settle()
    wrong = burst.wait_for_counts(window, pipeline.kinds)
    if wrong:
        raise Missing(f'miscounted: {wrong}')


def main():
    pipeline = burst.Pipeline()
    try:
        with burst.open_deployment() as window:
            pipeline.send(ORDERS)
            pipeline.wait('mail', ORDERS, 120)
            check(window, pipeline)

            # Hundreds of rows would have to be walked through to look at anything.
            window.key('alt+3')
            window.key('shift+F7')
            window.find('Step mode', 'label')
            pipeline.send(HELD, ORDERS)
            window.find(f'Step mode: {HELD} messages held', 'label')
            window.press('All')
            window.find(f'{HELD} at Queue', 'label')
            check(window, pipeline)
            window.key('shift+F7')
            window.gone('Next Hop', 'push button')
            pipeline.wait('mail', ORDERS + HELD, 120)
            check(window, pipeline)
            window.quit()
    finally:
        pipeline.end()


try:
    main()
except Missing as missing:
    print(f'FAIL: {missing}', file=sys.stderr)
    sys.exit(1)
