#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs in an AWS account is reminded of: by a notification after the chosen time, and on quitting; the preferences, by keyboard. The account's
endpoint is a practice cloud."""

import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))

from cli import CliCase, Home, boto3
from driver import Missing, Window

from gi.repository import Gio, GLib

INTERFACE = Gio.DBusNodeInfo.new_for_xml('''<node><interface name="org.freedesktop.Notifications">
  <method name="Notify"><arg type="s"/><arg type="u"/><arg type="s"/><arg type="s"/><arg type="s"/><arg type="as"/><arg type="a{sv}"/><arg type="i"/>
    <arg type="u" direction="out"/></method>
  <method name="CloseNotification"><arg type="u"/></method>
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
</interface></node>''').interfaces[0]
PATH = '/org/freedesktop/Notifications'


class Notifications:
    """Stands in for the desktop's notifications."""

    def __init__(self):
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.shown = []
        self.bus.register_object(PATH, INTERFACE, self.on_call, None, None)
        Gio.bus_own_name_on_connection(self.bus, 'org.freedesktop.Notifications', Gio.BusNameOwnerFlags.NONE, None, None)

    def on_call(self, bus, sender, path, interface, method, parameters, invocation):
        if method == 'Notify':
            _, _, _, summary, body, actions, _, _ = parameters.unpack()
            self.shown.append((summary, body, actions))
            invocation.return_value(GLib.Variant('(u)', (len(self.shown),)))
        else:
            invocation.return_value(GLib.Variant('(as)', (['actions', 'body'],)) if method == 'GetCapabilities' else None)

    def find(self, summary):
        while GLib.MainContext.default().iteration(False):
            pass
        return next((each for each in self.shown if each[0] == summary), None)

    def click(self, notification, label):
        """The button with this label."""
        actions = notification[2]
        key = next(actions[i] for i in range(0, len(actions), 2) if actions[i + 1] == label)
        number = self.shown.index(notification) + 1
        self.bus.emit_signal(None, PATH, 'org.freedesktop.Notifications', 'ActionInvoked', GLib.Variant('(us)', (number, key)))


def check(condition, what):
    if not condition:
        raise Missing(what)


def deploy_to_account(home):
    values = home.start_practice()
    folder = os.path.join(home.path, '.aws')
    os.makedirs(folder)
    with open(os.path.join(folder, 'credentials'), 'w', encoding='utf-8') as file:
        file.write('[school]\naws_access_key_id = %s\naws_secret_access_key = %s\n' % (values['AWS_ACCESS_KEY_ID'], values['AWS_SECRET_ACCESS_KEY']))
    home.environment['AWS_ENDPOINT_URL'] = values['AWS_ENDPOINT_URL']
    case = CliCase()
    case.home = home
    case.deploy('--target', 'school', '--region', 'us-east-1')
    # Three hours ago.
    ledger = sqlite3.connect(os.path.join(home.data, 'millrace', 'ledger.db'))
    with ledger:
        ledger.execute('UPDATE deployment SET created = created - 3 * 3600')
    ledger.close()


def open_preferences(window):
    window.key('ctrl+comma')
    window.focus_dialog()
    return window.find('Calls for watching, a minute', 'spin button', starts=True)


def set_preferences(window):
    """The cost follows the number at once; what was set is kept."""
    spin = open_preferences(window)
    window.find('So many a minute at most while messages are under way: up to $0.0072 an hour on AWS. At rest 10.', 'label')
    window.key('Tab', 'ctrl+a')
    window.type('6000')
    window.key('Return')
    window.until(lambda: '$0.14 an hour' in spin.description, 'the cost of what was set')
    window.key('Up')                              # more is not possible
    check(spin.queryValue().currentValue == 6000, 'the number is not limited')
    window.key('Tab', 'space', 'End', 'Return')
    window.find('Never', 'label')
    window.key('Escape')
    window.back()
    check(open_preferences(window).queryValue().currentValue == 6000, 'the number is not kept')
    window.find('Never', 'label')
    window.key('Escape')
    window.back()


def main():
    if boto3 is None:
        print('SKIP: boto3 is not installed', file=sys.stderr)
        sys.exit(77)
    with Home() as home:
        deploy_to_account(home)
        notifications = Notifications()
        with Window(os.environ['MILLRACE_PROGRAM'], home.environment) as window:
            shown = window.until(lambda: notifications.find('A Deployment Still Runs'), 'the notification')
            check('Order pipeline in 000000000000, us-east-1.' in shown[1] and 'less than a cent a day' in shown[1], shown[1])
            notifications.click(shown, 'Clean Up…')
            window.focus_dialog()
            window.find('Delete ', 'label', starts=True)
            window.key('Escape')
            window.back()
            set_preferences(window)
            window.key('ctrl+q')
            window.focus_dialog()
            window.find('A Deployment Still Runs', 'label')
            window.key('Return')                  # stay is the default
            window.back()
            window.key('ctrl+q')
            window.focus_dialog()
            window.press('Quit Anyway')
            window.process.wait(20)
            check(window.process.returncode == 0, f'the program ended with {window.process.returncode}')
            check(len(notifications.shown) == 1, 'reminded more than once')


if __name__ == '__main__':
    main()
    print('ok')
    sys.exit(0)
