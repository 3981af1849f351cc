#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watching, by keyboard and through the accessibility tree: along the edges to a component and into its inspector, to the message that failed and why,
back in time and live again, the diagram into files; and all of it once more after a restart."""

import json
import os
import struct
import subprocess
import sys
import xml.etree.ElementTree

from driver import Missing, Window, pyatspi, xdotool

CLI = os.environ['MILLRACE_CLI']


def check(condition, what):
    if not condition:
        raise Missing(what)


def cli(*arguments, status=0):
    done = subprocess.run([CLI, '--json', *arguments], check=False, capture_output=True, text=True, timeout=120)
    check(done.returncode == status, f'millrace-cli {" ".join(arguments)} ended with {done.returncode}: {done.stderr}')
    return [json.loads(line) for line in done.stdout.splitlines()]


def find_nodes(window):
    """The nodes of the diagram by name. Walking the whole window is slow: they are asked themselves from then on."""
    diagram = window.find('Architecture diagram')
    return {node.name: node for node in window.walk(diagram) if node.getRoleName() == 'push button'}


def focused(window, nodes, name):
    window.until(lambda: nodes[name].getState().contains(pyatspi.STATE_FOCUSED), f'the focus on “{name}”')


def described(window, nodes, name, text):
    window.until(lambda: text in nodes[name].description, f'“{text}” at “{name}”')


def not_described(window, nodes, name, text):
    window.until(lambda: text not in nodes[name].description, f'no “{text}” at “{name}”')


def along_the_edges(window, nodes):
    """The arrows follow the edges; Return opens the inspector, which explains."""
    window.key('alt+1')
    focused(window, nodes, 'Client: Shop')
    for key, name in (('Right', 'Gateway: API Gateway'), ('Right', 'Queue: Queue'), ('Right', 'Function: Store order'), ('Right', 'Table: Orders'),
                      ('Down', 'Stream: Stream'), ('Left', 'Function: Announce order'), ('Right', 'Stream: Stream'), ('Up', 'Table: Orders'),
                      ('Left', 'Function: Store order')):
        window.key(key)
        focused(window, nodes, name)
    window.key('alt+1', 'Right', 'Left')
    focused(window, nodes, name)
    window.key('Return')
    row = window.find('sqs:ReceiveMessage', 'list item')
    check(any(node.name == 'Used' for node in window.walk(row)), 'sqs:ReceiveMessage was used')
    window.find('In the log group /aws/lambda/', 'label', starts=True)
    said = [node.name for node in window.walk()]
    for text in ('Recent Runs', 'It acts in the name of the role', 'Write an item into a table.', 'Handler: lambda_function.lambda_handler'):
        check(any(name.startswith(text) for name in said), f'the inspector does not say “{text}”')
    nodes['Gateway: API Gateway'].queryAction().doAction(0)
    window.find('Off. The practice cloud shows every request all the same', 'label', starts=True)


def find_the_failure(window):
    """The list says which message failed; opened, where; chosen, why and what to do."""
    window.key('alt+2')
    window.until(lambda: any(', Failed' in node.name for node in window.walk()), 'a failed message')
    window.key('Home', 'Return', *['Down'] * 8)
    window.find('Nobody confirmed the subscription', 'label')
    said = [node.name for node in window.walk()]
    check(any(name.startswith('E-mail, Failed') for name in said), 'the failed hop is not in the list')
    check('The subscription of student@example.com is not confirmed, so no mail was sent.' in said, 'why it failed is not told')
    check('Open the Inbox' in said, 'nothing leads to what puts it right')
    window.key('Up', 'Up')
    window.find('What Changed since the Hop Before', 'label')
    window.key('Home', 'Left')


def back_in_time(window, nodes):
    """To the beginning, on hop by hop, by the mouse, playing; and the present is as it was. The line tells a time of day, which is in order, or "Live"."""
    line = window.find('Time line', 'slider')
    described(window, nodes, 'E-mail: E-mail', '2 messages')
    check(line.description == 'Live', f'the time line begins with {line.description}')
    window.key('alt+6', 'Home')
    window.until(lambda: line.description != 'Live', 'the beginning')
    not_described(window, nodes, 'E-mail: E-mail', 'message')
    not_described(window, nodes, 'Table: Orders', 'item')
    described(window, nodes, 'Gateway: API Gateway', '1 request')
    window.until(lambda: [node for node in window.walk() if node.name.startswith('{"item"') and ', Under way, ' in node.name], 'the message under way')
    first = line.description
    # Several hops lie within a thousandth of a second, which is all that the text tells.
    window.key(*['Right'] * 12)
    window.until(lambda: line.description > first, 'the next hops')
    later = line.description
    window.key(*['Left'] * 8)
    window.until(lambda: line.description < later, 'the hops before')
    window.press('Back to Live')
    described(window, nodes, 'E-mail: E-mail', '2 messages')
    described(window, nodes, 'Table: Orders', '2 items')
    drag(window, line)
    window.press('Play')
    window.until(lambda: line.description == 'Live', 'the present')
    described(window, nodes, 'Table: Orders', '2 items')


def drag(window, line):
    """The moment is dragged along the line."""
    box = line.queryComponent().getExtents(pyatspi.WINDOW_COORDS)
    y = box.y + box.height // 2
    xdotool('mousemove', box.x + box.width // 2, y, 'mousedown', 1)
    window.until(lambda: line.description != 'Live', 'the moment under the pointer')
    middle = line.description
    xdotool('mousemove', box.x + box.width // 4, y)
    window.until(lambda: line.description < middle, 'the moment to follow the pointer')
    xdotool('mouseup', 1, 'mousemove', 1399, 999)


def export(window, name):
    path = os.path.join(os.environ['HOME'], name)
    window.key('ctrl+e')
    window.focus_dialog()
    window.key('ctrl+a')
    window.type(path)
    window.key('Return')
    window.back()
    window.until(lambda: os.path.exists(path), path)
    with open(path, 'rb') as file:
        return file.read()


def export_both(window):
    drawing = xml.etree.ElementTree.fromstring(export(window, 'diagram.svg'))
    check(drawing.tag == '{http://www.w3.org/2000/svg}svg', 'the drawing is no SVG')
    check(drawing.find('{http://www.w3.org/2000/svg}title').text == 'Order pipeline', 'the drawing has no title')
    picture = export(window, 'diagram.png')
    check(picture.startswith(b'\x89PNG\r\n\x1a\n'), 'the picture is no PNG')
    width, height = struct.unpack('>II', picture[16:24])
    check(width > 600 and height > 200, f'the picture has {width} × {height} pixels')


def zoom(window, nodes):
    window.key('alt+1')
    def distance():
        return (nodes['Queue: Queue'].queryComponent().getExtents(pyatspi.WINDOW_COORDS).x -
                nodes['Gateway: API Gateway'].queryComponent().getExtents(pyatspi.WINDOW_COORDS).x)
    before = distance()
    # The buttons work where the pane has moved to.
    window.press('Zoom In')
    window.until(lambda: distance() > before, 'a larger diagram by the button')
    window.press('Show All')
    window.until(lambda: distance() == before, 'a diagram as large as before by the button')
    window.key('alt+1')
    # With Ctrl and, from a node, without.
    for larger, as_before in (('ctrl+plus', 'ctrl+0'), ('plus', '0')):
        window.key(larger, larger, larger)
        window.until(lambda: distance() > before * 1.2, f'a larger diagram with {larger}')
        window.key(as_before)
        window.until(lambda: distance() == before, f'a diagram as large as before with {as_before}')


def test_watching():
    deployment = next(line for line in cli('deploy', 'order-pipeline') if line['event'] == 'deployment')['id']
    with Window(os.environ['MILLRACE_PROGRAM'], width=1300, height=900) as window:
        window.find('Order pipeline', 'list item')
        window.key('Tab', 'Return')
        window.find('Practice cloud · 000000000000 · us-east-1', 'label')
        window.key('F8')
        nodes = find_nodes(window)
        # Nobody has confirmed the subscription: both fail at their end.
        for _ in range(2):
            cli('send', deployment, status=1)
        described(window, nodes, 'E-mail: E-mail', '2 errors in the last minute')
        along_the_edges(window, nodes)
        find_the_failure(window)
        back_in_time(window, nodes)
        zoom(window, nodes)
        export_both(window)
        window.quit()
        window.start()
        window.find('Order pipeline', 'list item')
        window.key('Tab', 'Return')
        window.find('Practice cloud · 000000000000 · us-east-1', 'label')
        window.key('F8')
        find_the_failure(window)
        window.quit()
    cli('cleanup', deployment)


if __name__ == '__main__':
    test_watching()
    print('ok')
    sys.exit(0)
