# SPDX-License-Identifier: GPL-3.0-or-later
"""GNOME's prompter in the place of a user who closes every prompt (the D-Bus interface of gcr's prompter). Runs until it is killed."""
import sys

from gi.repository import Gio, GLib

INTERFACE = """<node><interface name='org.gnome.keyring.internal.Prompter'>
  <method name='BeginPrompting'><arg type='o' direction='in'/></method>
  <method name='PerformPrompt'><arg type='o' direction='in'/><arg type='s' direction='in'/><arg type='a{sv}' direction='in'/><arg type='s' direction='in'/></method>
  <method name='StopPrompting'><arg type='o' direction='in'/></method>
</interface></node>"""


def tell(connection, sender, path, method, arguments):
    connection.call(sender, path, "org.gnome.keyring.internal.Prompter.Callback", method, arguments, None, Gio.DBusCallFlags.NONE, -1, None, None)


def on_call(connection, sender, _path, _interface, method, parameters, invocation):
    callback = parameters.unpack()[0]
    invocation.return_value(None)
    if method == "StopPrompting":
        tell(connection, sender, callback, "PromptDone", None)
        return
    reply = "no" if method == "PerformPrompt" else ""
    tell(connection, sender, callback, "PromptReady", GLib.Variant("(sa{sv}s)", (reply, {}, "")))


def on_bus(connection, _name):
    connection.register_object("/org/gnome/keyring/Prompter", Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0], on_call, None, None)


def on_name(_connection, _name):
    print("ready", flush=True)


Gio.bus_own_name(Gio.BusType.SESSION, "org.gnome.keyring.SystemPrompter", Gio.BusNameOwnerFlags.NONE, on_bus, on_name, lambda *_: sys.exit(1))
GLib.MainLoop().run()
