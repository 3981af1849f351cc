#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# with-display.sh COMMAND…: runs a command on a display, a session bus and an accessibility bus of its own, with an empty home.
# Takes all of it down again, by process id. Exit status: the command's; 77 where Xvfb or dbus-run-session is missing.
set -u

for tool in Xvfb dbus-run-session; do
  if ! command -v "$tool" >/dev/null; then
    echo "SKIP: $tool is not installed" >&2
    exit 77
  fi
done

scratch=$(mktemp -d "${TMPDIR:-/tmp}/millrace-display.XXXXXX") || exit 1
xvfb=
finish () {
  [ -n "$xvfb" ] && kill "$xvfb" 2>/dev/null && wait "$xvfb" 2>/dev/null
  rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 143' HUP INT TERM

Xvfb -displayfd 3 -screen 0 "${MILLRACE_SCREEN:-1400x1000x24}" -nolisten tcp -noreset 3>"$scratch/display" >"$scratch/xvfb.log" 2>&1 &
xvfb=$!
tries=0
while [ ! -s "$scratch/display" ]; do
  tries=$((tries + 1))
  if [ $tries -gt 200 ] || ! kill -0 "$xvfb" 2>/dev/null; then
    echo "Xvfb does not start:" >&2
    cat "$scratch/xvfb.log" >&2
    exit 1
  fi
  sleep 0.05
done

mkdir -p "$scratch/home" "$scratch/run"
chmod 700 "$scratch/run"
unset WAYLAND_DISPLAY AT_SPI_BUS_ADDRESS
export DISPLAY=":$(cat "$scratch/display")"
export GDK_BACKEND=x11
export GSK_RENDERER="${GSK_RENDERER:-cairo}"
export GTK_A11Y=atspi
export GSETTINGS_BACKEND=memory
export HOME="$scratch/home" XDG_RUNTIME_DIR="$scratch/run"
export XDG_CONFIG_HOME="$HOME/.config" XDG_DATA_HOME="$HOME/.local/share" XDG_CACHE_HOME="$HOME/.cache" XDG_STATE_HOME="$HOME/.local/state"

# The bus goes with its command; what it started hears of that and goes too.
dbus-run-session -- "$@"
