#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program is killed in the middle of a build or of a clean-up, at many points; its next start takes everything down.

    test-killed.py DEPLOY-TOOL MILLRACE-PRACTICE
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

POINTS = 14
STEP = 0.012
TIMEOUT = 60

tool, practice = sys.argv[1:3]
folder = tempfile.mkdtemp(prefix="millrace-killed-")
environment = dict(os.environ, XDG_RUNTIME_DIR=folder, MILLRACE_PRACTICE=practice, MILLRACE_PRACTICE_DIR=os.path.join(folder, "practice"))
ledger = os.path.join(folder, "ledger.db")


def run(*arguments):
    done = subprocess.run([tool, ledger, *arguments], env=environment, capture_output=True, text=True, timeout=TIMEOUT)
    return done.returncode, done.stdout.strip(), done.stderr.strip()


def kill_after(seconds, *arguments):
    process = subprocess.Popen([tool, ledger, *arguments], env=environment, stdout=subprocess.DEVNULL)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=TIMEOUT)


def check(number, name, good, detail):
    print(("ok" if good else "not ok"), number, "-", name, flush=True)
    if not good:
        print("#", detail.replace("\n", "\n# "), flush=True)
    return good


def main():
    print(f"1..{2 * POINTS}", flush=True)
    good = True
    for point in range(POINTS):
        seconds = point * STEP
        _, deployment, errors = run("create", "practice", "order-pipeline", "NameSuffix", "-k")
        kill_after(seconds, "build", deployment)
        code, out, errors = run("clean", deployment)
        _, left, _ = run("left", deployment)
        good &= check(2 * point + 1, f"build killed after {seconds * 1000:.0f} ms", code == 0 and left == "0", f"{out}\n{errors}\nleft: {left}")

        _, deployment, errors = run("create", "practice", "order-pipeline", "NameSuffix", "-k")
        code, out, errors = run("build", deployment)
        kill_after(seconds, "clean", deployment)
        code, out, errors = run("clean", deployment)
        _, left, _ = run("left", deployment)
        good &= check(2 * point + 2, f"clean-up killed after {seconds * 1000:.0f} ms", code == 0 and left == "0", f"{out}\n{errors}\nleft: {left}")
    return 0 if good else 1


try:
    status = main()
finally:
    shutil.rmtree(folder, ignore_errors=True)
sys.exit(status)
