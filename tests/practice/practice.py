# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a practice cloud for tests and makes sure that it ends.

    with Practice() as practice:
        sqs = practice.client("sqs")

The program is found through MILLRACE_PRACTICE (meson sets it). A test module ends with `practice.main()`, which exits with 77
(skipped) where boto3 is missing.
"""
import datetime
import hashlib
import hmac
import http.client
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

try:
    import boto3
    import botocore
    from botocore.config import Config
    from botocore.exceptions import ClientError
except ImportError:
    boto3 = None

READY_SECONDS = 20
END_SECONDS = 10
LAST_READY_LINE = "MILLRACE_INVOKE_URL"


def program():
    path = os.environ.get("MILLRACE_PRACTICE")
    if path is None:
        here = os.path.dirname(os.path.abspath(__file__))
        path = os.path.join(here, "..", "..", "build", "src", "practice", "millrace-practice")
    return os.path.abspath(path)


class Practice:
    """One practice cloud with a state folder of its own, gone at the end of the with statement."""

    def __init__(self, state=None, port=0, arguments=(), environment=None, wrapper=()):
        self.own_state = state is None
        self.state = state or tempfile.mkdtemp(prefix="millrace-practice-")
        self.port = port
        self.arguments = list(arguments)
        self.wrapper = list(wrapper)   # a command that ends in exec
        self.environment = environment or {}
        self.process = None
        self.errors = None
        self.values = {}

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        if self.own_state:
            shutil.rmtree(self.state, ignore_errors=True)

    def start(self):
        """Starts the program and reads the lines that it prints when it is ready."""
        self.errors = tempfile.TemporaryFile()
        environment = dict(os.environ, G_DEBUG="fatal-warnings", **self.environment)
        self.process = subprocess.Popen(
            self.wrapper + [program(), "--port", str(self.port), "--state", self.state, "--exit-with-parent"] + self.arguments,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, env=environment)
        self.values = {}
        end = time.monotonic() + READY_SECONDS
        data = b""
        while LAST_READY_LINE not in self.values:
            readable, _, _ = select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))
            part = os.read(self.process.stdout.fileno(), 4096) if readable else b""
            if not part:
                raise RuntimeError(f"the practice cloud did not start: {self.stderr()}")
            data += part
            self.values = dict(line.split("=", 1) for line in data.decode().split("\n")[:-1])
        self.url = self.values["AWS_ENDPOINT_URL"]
        self.port_in_use = urllib.parse.urlsplit(self.url).port
        self.access_key = self.values["AWS_ACCESS_KEY_ID"]
        self.secret_key = self.values["AWS_SECRET_ACCESS_KEY"]
        self.region = self.values["AWS_REGION"]

    def kill(self):
        """As a crash or a power cut does."""
        self.process.kill()
        self.process.wait(END_SECONDS)

    def stop(self):
        """Ends the program; returns its exit status. Any but 0 is an error, unless the test killed it."""
        if self.process is None:
            return None
        killed = self.process.poll() == -signal.SIGKILL
        if self.process.returncode is None:
            self.process.terminate()
            try:
                self.process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        status, text = self.process.returncode, self.stderr()
        self.errors.close()
        self.process = None
        if text:
            sys.stderr.write(text)
        if status != 0 and not killed:
            raise AssertionError(f"the practice cloud ended with status {status}")
        return status

    def restart(self):
        self.stop()
        self.start()

    def stderr(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")

    def client(self, service, access_key=None, secret_key=None, token=None, region=None, **options):
        """A boto3 client; with the keys of the account itself where none are given."""
        settings = {"retries": {"max_attempts": 0, "mode": "standard"}, "read_timeout": 60, "connect_timeout": 5}
        settings.update(options)
        return boto3.session.Session().client(
            service, endpoint_url=self.url, region_name=region or self.region,
            aws_access_key_id=access_key or self.access_key, aws_secret_access_key=secret_key or self.secret_key,
            aws_session_token=token, config=Config(**settings))

    def client_of(self, service, credentials, **options):
        """A client with the Credentials of an AssumeRole answer or an AccessKey of a CreateAccessKey answer."""
        return self.client(service, credentials["AccessKeyId"], credentials["SecretAccessKey"],
                           credentials.get("SessionToken"), **options)

    def environment_for_children(self):
        """What the AWS CLI needs to talk to this practice cloud."""
        return {name: self.values[name] for name in self.values if name.startswith("AWS_")}

    def invoke_url(self, api, stage, path="/"):
        return self.values[LAST_READY_LINE].replace("{api}", api).replace("{stage}", stage).replace("{path}", path)

    def request(self, method, path, headers=None, body=b"", host=None):
        """A plain request without a signature: (status, headers with lower-case names, body)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port_in_use, timeout=60)
        try:
            headers = dict(headers or {})
            if host is not None:
                headers = {name: headers[name] for name in headers if name.lower() != "host"}
                headers["Host"] = host
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def signed_headers(self, service, method, path, query="", body=b"", headers=None, access_key=None, secret_key=None,
                       token=None, amz_date=None, host=None):
        """Signature Version 4, written out here so that tests can break any part of it."""
        amz_date = amz_date or datetime.datetime.utcnow().strftime("%Y%m%dT%H%M%SZ")
        names = {k.lower(): v for k, v in (headers or {}).items()}
        names["host"] = host or f"127.0.0.1:{self.port_in_use}"
        names["x-amz-date"] = amz_date
        if token is not None:
            names["x-amz-security-token"] = token
        signed = ";".join(sorted(names))
        canonical = "\n".join([method, urllib.parse.quote(path, safe="/~"), query,
                               "".join(f"{k}:{names[k].strip()}\n" for k in sorted(names)), signed,
                               hashlib.sha256(body).hexdigest()])
        scope = f"{amz_date[:8]}/{self.region}/{service}/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", amz_date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + (secret_key or self.secret_key)).encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        names["authorization"] = (f"AWS4-HMAC-SHA256 Credential={access_key or self.access_key}/{scope}, "
                                  f"SignedHeaders={signed}, Signature={signature}")
        return names

    def events(self, after=0, wanted=None, seconds=20):
        """Events after a number, until wanted(event) is true for one; all that there are now where wanted is None."""
        query = f"after={after}"
        headers = self.signed_headers("millrace", "GET", "/_millrace/events", query)
        connection = http.client.HTTPConnection("127.0.0.1", self.port_in_use, timeout=seconds)
        events = []
        try:
            connection.request("GET", "/_millrace/events?" + query, headers=headers)
            answer = connection.getresponse()
            if answer.status != 200:
                raise RuntimeError(f"the event stream answered {answer.status}: {answer.read()!r}")
            if wanted is None:
                connection.sock.settimeout(0.5)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                line = answer.readline()
                if not line:
                    break
                events.append(json.loads(line))
                if wanted is not None and wanted(events[-1]):
                    return events
        except TimeoutError:
            pass
        finally:
            connection.close()
        if wanted is not None:
            raise AssertionError(f"the event did not come; there were {events!r}")
        return events


class PracticeCase(unittest.TestCase):
    """A test class with one practice cloud for all its tests."""

    @classmethod
    def setUpClass(cls):
        cls.practice = Practice()
        cls.addClassCleanup(cls.practice.__exit__)
        cls.practice.start()

    def fails(self, code, call, *arguments, message=None, status=None, **parameters):
        """Asserts that a boto3 call fails with an AWS error code; returns the error."""
        with self.assertRaises(ClientError) as caught:
            call(*arguments, **parameters)
        error = caught.exception.response["Error"]
        self.assertEqual(error["Code"], code, error)
        if message is not None:
            self.assertEqual(error["Message"], message)
        if status is not None:
            self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], status)
        return error

    def wait_for(self, check, seconds=20):
        """Calls check() until it answers something true, and returns that."""
        end = time.monotonic() + seconds
        while True:
            value = check()
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError("waited in vain")
            time.sleep(0.05)


def main():
    if boto3 is None:
        print("boto3 is not installed: skipped")
        sys.exit(77)
    print(f"boto3 {boto3.__version__}, botocore {botocore.__version__}")
    # botocore leaves its connections to the garbage collector.
    unittest.main(verbosity=2, warnings="ignore")
