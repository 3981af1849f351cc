# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs millrace-cli in a home of its own.

    with Home() as home:
        status, events, errors = home.cli("tutorials")

The programs are found through MILLRACE_CLI and MILLRACE_PRACTICE (meson sets them).
"""
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
import zipfile

try:
    import boto3
except ImportError:
    boto3 = None

SECONDS = 150


class Home:
    """Folders for one user; what runs in them is ended at the end of the with statement."""

    def __enter__(self):
        # short, because the path of a Unix socket is
        self.path = tempfile.mkdtemp(prefix="mill-", dir="/tmp")
        self.data = os.path.join(self.path, "data")
        self.runtime = os.path.join(self.path, "run")
        os.makedirs(self.data)
        os.makedirs(self.runtime, mode=0o700)
        self.practice = None
        self.connection = None
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self.environment.update(HOME=self.path, XDG_DATA_HOME=self.data, XDG_RUNTIME_DIR=self.runtime, G_DEBUG="fatal-warnings",
                                XDG_CONFIG_HOME=os.path.join(self.path, "config"), LC_ALL="C.UTF-8")
        return self

    def __exit__(self, *_):
        try:
            self.stop_practice()
        finally:
            shutil.rmtree(self.path, ignore_errors=True)

    def start_cli(self, *arguments, stdin=subprocess.DEVNULL, **environment):
        return subprocess.Popen([os.environ["MILLRACE_CLI"], "--json", *arguments], env={**self.environment, **environment},
                                stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    @staticmethod
    def finish(process, seconds=SECONDS):
        """(exit status, events, standard error); every line of output must be a JSON object."""
        try:
            output, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            output, errors = process.communicate()
            raise AssertionError("millrace-cli did not end: %s\n%s" % (output[-2000:], errors[-2000:]))
        # 2 is wrong usage: then it is the help
        events = [json.loads(line) for line in output.splitlines()] if process.returncode != 2 else []
        return process.returncode, events, errors

    def cli(self, *arguments, seconds=SECONDS, **environment):
        return self.finish(self.start_cli(*arguments, **environment), seconds)

    @property
    def state(self):
        return os.path.join(self.data, "millrace", "practice")

    def start_practice(self, *arguments):
        """Starts the shared practice cloud and holds it, so that it goes on between two commands; returns its ready lines."""
        os.makedirs(self.state, exist_ok=True)
        end = time.monotonic() + 20
        # the one of the command before may still be on its way out
        while (values := self.try_start_practice(*arguments)) is None:
            if time.monotonic() > end:
                raise AssertionError("the practice cloud did not start")
            time.sleep(0.1)
        folder = os.path.join(self.runtime, "millrace")
        name = next(name for name in os.listdir(folder) if name.endswith(".sock"))
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(os.path.join(folder, name))
        return values

    def try_start_practice(self, *arguments):
        self.practice = subprocess.Popen([os.environ["MILLRACE_PRACTICE"], "--port", "0", "--state", self.state, "--shared", *arguments],
                                         env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        values = {}
        while "MILLRACE_INVOKE_URL" not in values:
            line = self.practice.stdout.readline()
            if not line:
                self.practice.wait()
                self.practice.stdout.close()
                self.practice = None
                return None
            values.update([line.rstrip("\n").split("=", 1)])
        return values

    def stop_practice(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        if self.practice is not None:
            process, self.practice = self.practice, None
            killed = process.poll() == -signal.SIGKILL
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()
            if process.returncode != 0 and not killed:
                raise AssertionError("the practice cloud ended with status %d" % process.returncode)

    def kill_practice(self):
        self.practice.kill()
        self.practice.wait()

    def own_tutorial(self, name, change):
        """A copy of the order pipeline with id @name; change(folder) edits it."""
        source = os.path.join(os.environ["MILLRACE_DATA_DIR"], "tutorials", "order-pipeline")
        folder = os.path.join(self.data, "millrace", "tutorials", name)
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))
        path = os.path.join(folder, "tutorial.json")
        with open(path) as file:
            text = file.read()
        with open(path, "w") as file:
            file.write(text.replace('"id": "order-pipeline"', '"id": "%s"' % name, 1))
        change(folder)
        return folder


def client(values, service):
    return boto3.client(service, endpoint_url=values["AWS_ENDPOINT_URL"], region_name=values["AWS_REGION"],
                        aws_access_key_id=values["AWS_ACCESS_KEY_ID"], aws_secret_access_key=values["AWS_SECRET_ACCESS_KEY"])


def archive(files):
    """A zip of {name: text}."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for name, text in files.items():
            file.writestr(name, text)
    return data.getvalue()


def hold(values):
    """What step mode holds, and for whom."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest("GET", values["AWS_ENDPOINT_URL"] + "/_millrace/hold")
    SigV4Auth(Credentials(values["AWS_ACCESS_KEY_ID"], values["AWS_SECRET_ACCESS_KEY"]), "millrace", values["AWS_REGION"]).add_auth(request)
    with urllib.request.urlopen(urllib.request.Request(request.url, headers=dict(request.headers)), timeout=20) as answer:
        return json.load(answer)


class CliCase(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.home.__enter__()
        self.addCleanup(self.home.__exit__)

    def of(self, events, kind):
        return [event for event in events if event["event"] == kind]

    def done(self, result):
        status, events, errors = result
        self.assertEqual(status, 0, errors)
        return events

    def failed(self, result, *words):
        """Exit status 1, and a sentence with all these words on standard error."""
        status, events, errors = result
        self.assertEqual(status, 1, errors)
        for word in words:
            self.assertIn(word, errors)
        return events

    def deploy(self, *arguments):
        return self.of(self.done(self.home.cli("deploy", "order-pipeline", *arguments)), "deployment")[-1]["id"]

    def confirm(self):
        """Opens the links of the mails that have come, as their reader would."""
        mails = self.of(self.done(self.home.cli("inbox", "--wait", "10")), "mail")
        for mail in mails:
            for link in re.findall(r"http://\S*/confirmation\.html\S*", mail["body"]):
                with urllib.request.urlopen(link, timeout=10) as answer:
                    self.assertEqual(answer.status, 200)
        return mails

    def wait_for(self, check, seconds=20):
        end = time.monotonic() + seconds
        while not check():
            self.assertLess(time.monotonic(), end, "waited in vain")
            time.sleep(0.05)


def main():
    if boto3 is None:
        print("boto3 is not installed: skipped")
        sys.exit(77)
    # clients of boto3 keep their connections until they are collected
    unittest.main(verbosity=2, warnings="ignore")
