#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hundreds of orders at once with the window open: every number is right, also of those that step mode held. tools/bench does it with 10,000."""

import re
import subprocess
import sys
import time

import burst
import pyatspi
from driver import Missing, xdotool

ORDERS = 400
HELD = 100


def check(window, pipeline):
    pipeline.settle()
    wrong = burst.wait_for_counts(window, pipeline.kinds)
    if wrong:
        raise Missing(f'miscounted: {wrong}')


def first_row(window):
    """The number of the order in the list's first row, and whether that row can be seen. GTK 4.8 says of rows out of sight that they begin above the list."""
    messages = window.find('Messages', 'list')
    row = messages.getChildAtIndex(0)
    number = next(int(re.search(r'number-(\d+)-', node.name).group(1)) for node in window.walk(row) if 'number-' in node.name)
    return number, row.queryComponent().getExtents(pyatspi.WINDOW_COORDS).y > messages.queryComponent().getExtents(pyatspi.WINDOW_COORDS).y


def picture(window):
    """The list, without its scroll bar, once it stands still."""
    place = window.find('Messages', 'list').queryComponent().getExtents(pyatspi.WINDOW_COORDS)
    command = ['import', '-window', str(window.main), '-crop', f'{place.width - 60}x{place.height - 20}+{place.x}+{place.y + 10}', 'ppm:-']
    before = None
    while True:
        now = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
        if now == before:
            return now
        before = now
        time.sleep(0.2)


def scroll(window, button, times):
    place = window.find('Messages', 'list').queryComponent().getExtents(pyatspi.WINDOW_COORDS)
    xdotool('mousemove', '--window', window.main, place.x + place.width // 2, place.y + place.height // 2, 'click', '--repeat', times, button)
    xdotool('mousemove', 1399, 999)


def scroll_away(window):
    """A list that still takes in what came goes back to the top: then one scrolls again."""
    if first_row(window)[1]:
        scroll(window, 5, 10)
    return not first_row(window)[1]


def check_top(window, pipeline, orders):
    """Whoever is at the top sees what comes; whoever has scrolled away keeps what he looks at."""
    window.until(lambda: first_row(window)[0] >= orders - burst.CLIENTS and first_row(window)[1], 'one of the last orders at the top of the list')
    window.until(lambda: scroll_away(window), 'the list scrolled')
    seen = picture(window)
    pipeline.send(3, orders)
    pipeline.wait('mail', orders + 3, 60)
    check(window, pipeline)
    if picture(window) != seen:
        raise Missing('the list has moved under its reader')
    scroll(window, 4, 40)
    window.until(lambda: first_row(window)[0] >= orders and first_row(window)[1], 'the last orders at the top')
    return orders + 3


def main():
    pipeline = burst.Pipeline()
    try:
        with burst.open_deployment() as window:
            pipeline.send(ORDERS)
            pipeline.wait('mail', ORDERS, 120)
            check(window, pipeline)
            orders = check_top(window, pipeline, ORDERS)

            # Hundreds of rows would have to be walked through to look at anything.
            window.key('alt+3')
            window.key('shift+F7')
            window.find('Step mode', 'label')
            pipeline.send(HELD, orders)
            window.find(f'Step mode: {HELD} messages held', 'label')
            window.press('All')
            window.find(f'{HELD} at Queue', 'label')
            check(window, pipeline)
            window.key('shift+F7')
            window.gone('Next Hop', 'push button')
            pipeline.wait('mail', orders + HELD, 120)
            check(window, pipeline)
            window.quit()
    finally:
        pipeline.end()


try:
    main()
except Missing as missing:
    print(f'FAIL: {missing}', file=sys.stderr)
    sys.exit(1)
