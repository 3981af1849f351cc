# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the real window: what assistive technologies see, and real key presses. Used by the tests and by tools/screenshots."""

import os
import subprocess
import sys
import time

# Fatal warnings are for the program; libatspi warns of objects that went away while it asked.
DEBUG = {'G_DEBUG': os.environ.pop('G_DEBUG')} if 'G_DEBUG' in os.environ else {}

try:
    import gi
    gi.require_version('Atspi', '2.0')
    import pyatspi
    from gi.repository import Gio
except (ImportError, ValueError):
    print('SKIP: python3-pyatspi is not installed', file=sys.stderr)
    sys.exit(77)

import shutil

if shutil.which('xdotool') is None:
    print('SKIP: xdotool is not installed', file=sys.stderr)
    sys.exit(77)


class Missing(AssertionError):
    """Something that should be on the screen is not."""


def xdotool(*arguments):
    return subprocess.run(['xdotool', *map(str, arguments)], check=False, capture_output=True, text=True).stdout.split()


class Window:
    def __init__(self, program, environment=None, width=1000, height=700, arguments=()):
        self.program = [program, *arguments]
        self.environment = {**os.environ, **DEBUG, **(environment or {})}
        self.size = (width, height)
        self.process = None
        self.main = None
        self.bus = None
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        """Ends with the block; where it failed, what was there is told."""
        if kind is not None:
            self.dump()
        self.kill()

    def start(self):
        self.process = subprocess.Popen(self.program, env=self.environment)
        self.app = self.until(self._find_app, 'the program on the accessibility bus')
        self.main = self.until(lambda: next(iter(self._windows()), None), 'the window')
        xdotool('mousemove', 1399, 999)            # no tooltip, nothing hovered over
        xdotool('windowmove', self.main, 0, 0, 'windowsize', self.main, *self.size)
        self.focus()

    def _find_app(self):
        if self.process.poll() is not None:
            raise Missing(f'the program ended with {self.process.returncode}')
        for app in pyatspi.Registry.getDesktop(0):
            if app is not None and app.name == 'millrace':
                return app
        return None

    def _windows(self):
        return xdotool('search', '--pid', self.process.pid, '--onlyvisible', '--name', '.')

    def focus(self, window=None):
        """There is no window manager: the newest window takes the keys."""
        target = window or self.main
        xdotool('windowraise', target, 'windowfocus', '--sync', target)
        time.sleep(0.1)

    def focus_dialog(self):
        dialog = self.until(lambda: next((w for w in reversed(self._windows()) if w != self.main), None), 'a dialog')
        self.focus(dialog)
        return dialog

    def centre(self, dialog):
        width, height = map(int, xdotool('getwindowgeometry', dialog)[-1].split('x'))
        xdotool('windowmove', dialog, (self.size[0] - width) // 2, (self.size[1] - height) // 2)

    def back(self):
        """Waits for the dialog to go, then gives the keys to the window again, as a window manager would."""
        self.until(lambda: self._windows() == [self.main], 'the end of the dialog')
        time.sleep(0.5)
        self.focus()

    def until(self, find, what, seconds=30):
        """Waits for something to be true; what is awaited is bounded, not timed."""
        end = time.monotonic() + seconds
        while True:
            try:
                found = find()
            except Missing:
                raise
            except Exception:  # an object that went away while it was looked at
                found = None
            if found:
                return found
            if time.monotonic() > end:
                raise Missing(f'{what} does not show up')
            if self.process.poll() is not None:
                raise Missing(f'{what}: the program ended with {self.process.returncode}')
            time.sleep(0.05)

    def walk(self, root=None):
        """What is visible, parents before children. GTK 4.8 says "visible" where later versions say "showing" too."""
        stack = [root or self.app]
        while stack:
            node = stack.pop()
            try:
                # Most are visible: their role need not be asked for.
                if node is None or (not self.visible(node) and node.getRoleName() not in ('application', 'frame')):
                    continue
            except Exception:
                continue
            yield node
            try:
                stack.extend(node.getChildAtIndex(i) for i in reversed(range(node.childCount)))
            except Exception:
                continue

    @staticmethod
    def visible(node):
        state = node.getState()
        return state.contains(pyatspi.STATE_VISIBLE) or state.contains(pyatspi.STATE_SHOWING)

    @staticmethod
    def sensitive(node):
        return node.getState().contains(pyatspi.STATE_SENSITIVE)

    def look(self, name, role=None, starts=False, inside=None):
        """@inside: a node in which to look: much quicker than in the whole window."""
        name = name.replace('_', '')
        for node in self.walk(inside):
            try:
                # GTK 4.8 gives a button with a mnemonic the name "_Start Start".
                said = node.name.replace('_', '')
                fits = said.startswith(name) if starts else said in (name, f'{name} {name}')
                if fits and (role is None or node.getRoleName() == role):
                    return node
            except Exception:
                continue
        return None

    def find(self, name, role=None, starts=False, seconds=30, inside=None):
        return self.until(lambda: self.look(name, role, starts, inside), f'“{name}” ({role or "anything"})', seconds)

    def gone(self, name, role=None, seconds=30):
        self.until(lambda: self.look(name, role) is None, f'the end of “{name}”', seconds)

    def _focus(self):
        """What has the focus: its path and its name. All is had with one question: asked one by one, a few hundred widgets take a second, and many
        where the program is slow."""
        if self.bus is None:
            session = Gio.bus_get_sync(Gio.BusType.SESSION)
            address = session.call_sync('org.a11y.Bus', '/org/a11y/bus', 'org.a11y.Bus', 'GetAddress', None, None, 0, -1).unpack()[0]
            self.bus = Gio.DBusConnection.new_for_address_sync(
                address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
        items = self.bus.call_sync(self.app.app.bus_name, '/org/a11y/atspi/cache', 'org.a11y.atspi.Cache', 'GetItems', None, None, 0, 30000).unpack()[0]
        for (_, path), _, _, _, _, _, name, _, _, states in items:
            if states[0] >> int(pyatspi.STATE_FOCUSED) & 1:
                return path, name.replace('_', '')
        return None, ''

    def focused(self):
        """The name of what has the focus."""
        return self._focus()[1]

    def move(self, key):
        """Presses a key that moves the focus, and waits until it has moved: the next key would come too early. At the end it moves no more."""
        before, _ = self._focus()
        self.key(key)
        end = time.monotonic() + 5
        while self._focus()[0] == before and time.monotonic() < end:
            time.sleep(0.05)

    def press(self, name, role='push button', starts=False, seconds=30, inside=None):
        """Does what a click does, once the widget can be clicked."""
        def try_press():
            node = self.look(name, role, starts, inside)
            if node is None or not self.sensitive(node):
                return False
            node.queryAction().doAction(0)
            return True
        self.until(try_press, f'“{name}” to press', seconds)

    def click(self, name, role=None, starts=False, dialog=None, seconds=30):
        """Clicks with the mouse, where it is in the dialog (or the main window). For what has no action that could be pressed."""
        node = self.find(name, role, starts, seconds)
        place = node.queryComponent().getExtents(pyatspi.WINDOW_COORDS)
        xdotool('mousemove', '--window', dialog or self.main, place.x + place.width // 2, place.y + place.height // 2, 'click', 1)
        time.sleep(0.1)
        xdotool('mousemove', 1399, 999)

    def key(self, *keys):
        xdotool('key', '--clearmodifiers', *keys)
        time.sleep(0.1)

    def type(self, text):
        xdotool('type', '--delay', '4', text)
        time.sleep(0.1)

    def dump(self):
        """What was there when something was missing; with MILLRACE_SHOT also a picture."""
        if os.environ.get('MILLRACE_SHOT'):
            self.shot(os.environ['MILLRACE_SHOT'])
        for node in self.walk():
            try:
                if node.name:
                    print(f'  {node.getRoleName()}: {node.name}', file=sys.stderr)
            except Exception:
                continue

    def clean_up(self):
        """Confirms in the dialog that asks, sees that nothing is left, and goes home."""
        self.focus_dialog()
        self.press('Clean Up')
        self.find('Nothing Is Left', 'label', seconds=120)
        self.key('Escape')
        self.back()

    def shot(self, path):
        time.sleep(0.3)
        width, height = self.size
        subprocess.run(['import', '-window', 'root', '-crop', f'{width}x{height}+0+0', '+repage', path], check=True)

    def quit(self):
        """Ends the program as a user does; its exit status must be 0."""
        if self.process.poll() is None:
            self.focus()
            self.key('ctrl+q')
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise Missing('the program does not end with Ctrl+Q')
        if self.process.returncode != 0:
            raise Missing(f'the program ended with {self.process.returncode}')

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
