# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials in a real keyring, through millrace-cli: pasted, kept, used, deleted; locked, refused, gone; and where their secrets are not.

Skipped (77) where dbus-daemon, gdbus or gnome-keyring is missing.
"""
import http.server
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import cli
from fakes import Bus, SignIn, Sts

PASSWORD = b"keyring"


class Keyring:
    """gnome-keyring-daemon in the session's bus, with its files in the home of the test."""

    def __init__(self, home):
        self.home = home
        self.process = None

    def start(self, unlock=True):
        arguments = ["gnome-keyring-daemon", "--foreground", "--components=secrets"] + (["--unlock"] if unlock else [])
        # A warning of the keyring's own is not our failure.
        environment = {name: value for name, value in self.home.environment.items() if name != "G_DEBUG"}
        self.process = subprocess.Popen(arguments, env=environment, stdin=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if unlock:
            self.process.stdin.write(PASSWORD)
        self.process.stdin.close()
        end = time.monotonic() + 20
        while time.monotonic() < end:
            answer = subprocess.run(["gdbus", "call", "--session", "--dest", "org.freedesktop.DBus", "--object-path", "/org/freedesktop/DBus",
                                     "--method", "org.freedesktop.DBus.NameHasOwner", "org.freedesktop.secrets"],
                                    env=self.home.environment, capture_output=True, text=True)
            if "true" in answer.stdout:
                return
            time.sleep(0.05)
        raise AssertionError("the keyring did not start")

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def lock(self):
        subprocess.run(["gdbus", "call", "--session", "--dest", "org.freedesktop.secrets", "--object-path", "/org/freedesktop/secrets", "--method",
                        "org.freedesktop.Secret.Service.Lock", "['/org/freedesktop/secrets/collection/login']"], env=self.home.environment, check=True, capture_output=True)


class Account(cli.CliCase):
    def setUp(self):
        super().setUp()
        self.bus = Bus(self.home.path)
        self.addCleanup(self.bus.stop)
        self.home.environment.update(DBUS_SESSION_BUS_ADDRESS=self.bus.address)
        self.keyring = Keyring(self.home)
        self.addCleanup(self.keyring.stop)

    def use_practice(self, *faults):
        """The practice cloud in the place of AWS. @faults: (operation, which call of it, what goes wrong with it)."""
        arguments = ()
        if faults:
            path = os.path.join(self.home.path, "faults.json")
            with open(path, "w") as file:
                json.dump([{"operation": operation, "call": call, "fault": fault} for operation, call, fault in faults], file)
            arguments = ("--faults", path)
        self.values = self.home.start_practice(*arguments)
        self.home.environment.update(AWS_ENDPOINT_URL=self.values["AWS_ENDPOINT_URL"], MILLRACE_INVOKE_URL=self.values["MILLRACE_INVOKE_URL"],
                                     AWS_EC2_METADATA_DISABLED="true")
        self.key, self.secret = self.values["AWS_ACCESS_KEY_ID"], self.values["AWS_SECRET_ACCESS_KEY"]
        return self.values

    def block(self, key=None, secret=None, token=None):
        text = f"[default]\r\naws_access_key_id = {key or self.key}\r\naws_secret_access_key = {secret or self.secret}\r\n"
        return text + (f"aws_session_token = {token}\r\n" if token else "")

    def with_input(self, text, *arguments, seconds=cli.SECONDS, **environment):
        process = subprocess.Popen([os.environ["MILLRACE_CLI"], "--json", *arguments], env={**self.home.environment, **environment},
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            output, errors = process.communicate(text, timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return process.returncode, [json.loads(line) for line in output.splitlines()] if process.returncode != 2 else [], errors

    def add(self, name="lab", **keys):
        return self.with_input(self.block(**keys), "credentials", "add", name, "--region", "eu-west-1")

    def assume(self, name="lab-role"):
        """Temporary credentials of a role that may do everything."""
        iam, sts = cli.client(self.values, "iam"), cli.client(self.values, "sts")
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(everything))
        return sts.assume_role(RoleArn=arn, RoleSessionName="student")["Credentials"], arn

    def test_kept_and_deleted(self):
        self.use_practice()
        self.keyring.start()
        identity = self.of(self.done(self.add()), "identity")[0]
        self.assertEqual(identity["account"], "000000000000")
        self.assertEqual(identity["region"], "eu-west-1")
        self.assertIn("root user", identity["warning"])
        stored = self.of(self.done(self.home.cli("credentials", "list")), "credentials")
        self.assertEqual([(one["name"], one["account"], one["region"]) for one in stored], [("lab", "000000000000", "eu-west-1")])
        # kept over a restart of the keyring, replaced rather than doubled
        self.keyring.stop()
        self.keyring.start()
        self.done(self.add())
        self.assertEqual(len(self.of(self.done(self.home.cli("credentials", "list")), "credentials")), 1)
        identity = self.of(self.done(self.home.cli("identity", "--target", "account:lab")), "identity")[0]
        self.assertEqual(identity["region"], "eu-west-1")
        self.done(self.home.cli("credentials", "remove", "lab"))
        self.assertEqual(self.of(self.done(self.home.cli("credentials", "list")), "credentials"), [])
        self.failed(self.home.cli("identity", "--target", "account:lab"), "no credentials named “lab”")

    def test_several(self):
        self.use_practice()
        self.keyring.start()
        temporary, _ = self.assume()
        for name, keys in (("school", {}), ("a lab", {"key": temporary["AccessKeyId"], "secret": temporary["SecretAccessKey"], "token": temporary["SessionToken"]})):
            self.done(self.add(name, **keys))
        stored = self.of(self.done(self.home.cli("credentials", "list")), "credentials")
        self.assertEqual([one["name"] for one in stored], ["a lab", "school"])
        for name, word in (("school", ":root"), ("a lab", ":assumed-role/")):
            self.assertIn(word, self.of(self.done(self.home.cli("identity", "--target", "account:" + name)), "identity")[0]["arn"])
        self.done(self.home.cli("credentials", "remove", "school"))
        self.done(self.home.cli("credentials", "remove", "school"))
        self.assertEqual([one["name"] for one in self.of(self.done(self.home.cli("credentials", "list")), "credentials")], ["a lab"])
        self.assertIn(":assumed-role/", self.of(self.done(self.home.cli("identity", "--target", "account:a lab")), "identity")[0]["arn"])

    def test_expired_in_the_middle(self):
        """The work waits for new credentials, goes on where it was, and they are kept in the place of the old ones."""
        self.use_practice(("lambda:CreateFunction", 1, "expired"))
        self.keyring.start()
        self.done(self.add())
        fresh, _ = self.assume()
        block = self.block(key=fresh["AccessKeyId"], secret=fresh["SecretAccessKey"], token=fresh["SessionToken"])
        status, events, errors = self.with_input(block, "deploy", "order-pipeline", "--target", "account:lab")
        self.assertEqual(status, 0, errors)
        questions = self.of(events, "question")
        self.assertEqual([question["kind"] for question in questions], ["credentials"])
        self.assertIn("have expired", questions[0]["text"])
        deployment = self.of(events, "deployment")[-1]
        self.assertEqual(deployment["state"], "built")
        self.assertIn(":assumed-role/", self.of(self.done(self.home.cli("identity", "--target", "account:lab")), "identity")[0]["arn"])
        self.assertEqual(self.of(self.done(self.home.cli("cleanup", deployment["id"])), "cleanup")[-1]["left"], 0)

    def test_expired_and_nobody_there(self):
        self.use_practice(("lambda:CreateFunction", 1, "expired"))
        self.keyring.start()
        self.done(self.add())
        status, events, errors = self.home.cli("deploy", "order-pipeline", "--target", "account:lab")
        self.assertEqual(status, 1, errors)
        deployment = self.of(events, "deployment")[-1]["id"]
        self.done(self.home.cli("resume", deployment))
        self.assertEqual(self.of(self.done(self.home.cli("cleanup", deployment)), "cleanup")[-1]["left"], 0)

    def test_wrong_clock(self):
        """Made up for, and said."""
        self.use_practice(("*", 1, "skew"))
        status, events, errors = self.home.cli("identity", "--target", "default", AWS_ACCESS_KEY_ID=self.key, AWS_SECRET_ACCESS_KEY=self.secret)
        self.assertEqual(status, 0, errors)
        self.assertIn("clock is 20 minutes behind", self.of(events, "identity")[0]["warning"])

    def test_wrong_keys_are_not_kept(self):
        self.use_practice()
        self.keyring.start()
        self.failed(self.add(secret="x" * 40), "SignatureDoesNotMatch")
        self.assertEqual(self.of(self.done(self.home.cli("credentials", "list")), "credentials"), [])
        self.failed(self.with_input("nothing here", "credentials", "add", "lab"), "Copy the whole block")

    def test_locked(self):
        self.use_practice()
        self.keyring.start()
        self.done(self.add())
        self.keyring.lock()
        self.close_prompts()
        self.failed(self.home.cli("identity", "--target", "account:lab", seconds=60), "keyring is locked")
        self.failed(self.add(), "keyring is locked")
        self.failed(self.home.cli("credentials", "remove", "lab", seconds=60), "keyring is locked")
        # What is there can be listed all the same.
        self.assertEqual(len(self.of(self.done(self.home.cli("credentials", "list")), "credentials")), 1)

    def close_prompts(self):
        if importlib.util.find_spec("gi") is None:
            self.skipTest("python3-gi is not installed")
        prompter = subprocess.Popen([sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "prompter.py")],
                                    env=self.home.environment, stdout=subprocess.PIPE, text=True)
        self.addCleanup(prompter.stdout.close)
        self.addCleanup(prompter.wait)
        self.addCleanup(prompter.kill)
        self.assertEqual(prompter.stdout.readline(), "ready\n")

    def test_no_keyring(self):
        self.use_practice()
        nobody = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.home.path}/no-bus"}
        self.home.environment.update(nobody)
        status, events, errors = self.add()
        self.assertEqual(status, 0, errors)
        self.assertIn("for this run only", errors)
        self.assertEqual(self.of(self.done(self.home.cli("credentials", "list")), "credentials"), [])
        self.failed(self.home.cli("identity", "--target", "account:lab"), "no keyring here")

    def test_keyring_gone(self):
        self.use_practice()
        self.keyring.start()
        self.done(self.add())
        self.keyring.process.send_signal(signal.SIGSTOP)
        process = self.home.start_cli("identity", "--target", "account:lab")
        time.sleep(0.3)
        self.keyring.stop()
        status, _, errors = self.home.finish(process, 60)
        self.assertEqual(status, 1, errors)
        self.assertIn("keyring", errors)

    def test_secrets_are_nowhere(self):
        self.use_practice()
        self.keyring.start()
        credentials, _ = self.assume()
        self.done(self.add(key=credentials["AccessKeyId"], secret=credentials["SecretAccessKey"], token=credentials["SessionToken"]))
        secrets = [credentials["SecretAccessKey"].encode(), credentials["SessionToken"].encode()]
        seen, over = set(), threading.Event()

        def look_at_processes():
            while not over.is_set():
                for pid in filter(str.isdigit, os.listdir("/proc")):
                    for name in ("environ", "cmdline"):
                        try:
                            with open(f"/proc/{pid}/{name}", "rb") as file:
                                data = file.read()
                        except OSError:
                            continue
                        if self.home.path.encode() in data:
                            seen.add((pid, name))
                            for secret in secrets:
                                if secret in data:
                                    leaks.append((pid, name))
                time.sleep(0.02)

        leaks = []
        thread = threading.Thread(target=look_at_processes)
        thread.start()
        try:
            # As talkative as can be: the libraries' debug messages are on the same output.
            for command in ("deploy", "send", "status", "cleanup"):
                words = ("order-pipeline", "--target", "account:lab", "--region", "us-east-1") if command == "deploy" else (deployment,)
                process = self.home.start_cli(command, *words, G_MESSAGES_DEBUG="all")
                output, errors = process.communicate(timeout=cli.SECONDS)
                # What nobody confirmed is found by "status".
                self.assertIn(process.returncode, (0, 1) if command in ("status", "send") else (0,), errors + output[-2000:])
                events = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
                if command == "deploy":
                    deployment = self.of(events, "deployment")[-1]["id"]
                for secret in secrets:
                    self.assertNotIn(secret.decode(), output)
                    self.assertNotIn(secret.decode(), errors)
        finally:
            over.set()
            thread.join()
        self.assertEqual(self.of(events, "cleanup")[-1]["left"], 0)
        self.assertEqual(leaks, [])
        self.assertGreater(len(seen), 2)
        # The practice cloud made these keys itself, in its own state: nothing else may have them. AWS's own files would be elsewhere.
        found = []
        for folder, _, names in os.walk(self.home.path):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        data = file.read()
                    found += [path for secret in secrets if secret in data]
        self.assertEqual([path for path in found if not path.startswith(self.home.state)], [])

    def write_config(self, text, credentials=""):
        config = os.path.join(self.home.path, "config")
        keys = os.path.join(self.home.path, "keys")
        with open(config, "w") as file:
            file.write(text)
        with open(keys, "w") as file:
            file.write(credentials)
        self.home.environment.update(AWS_CONFIG_FILE=config, AWS_SHARED_CREDENTIALS_FILE=keys)

    def test_profiles(self):
        self.use_practice()
        _, arn = self.assume()
        printer = os.path.join(self.home.path, "print keys")
        with open(printer, "w") as file:
            file.write("#!/bin/sh\n[ \"$1\" = fail ] && exit 3\n"
                       f"echo '{json.dumps({'Version': 1, 'AccessKeyId': self.key, 'SecretAccessKey': self.secret})}'\n")
        os.chmod(printer, 0o700)
        self.write_config(f"[profile base]\nregion = eu-north-1\n"
                          f"[profile role]\nrole_arn = {arn}\nsource_profile = base\nregion = eu-west-3\n"
                          f"[profile circle]\nrole_arn = {arn}\nsource_profile = other\n"
                          f"[profile other]\nrole_arn = {arn}\nsource_profile = circle\n"
                          f"[profile alone]\nrole_arn = {arn}\n"
                          f"[profile process]\ncredential_process = '{printer}' ok\n"
                          f"[profile failing]\ncredential_process = '{printer}' fail\n",
                          f"[base]\naws_access_key_id = {self.key}\naws_secret_access_key = {self.secret}\n")
        identity = self.of(self.done(self.home.cli("identity", "--target", "base")), "identity")[0]
        self.assertEqual(identity["region"], "eu-north-1")
        identity = self.of(self.done(self.home.cli("identity", "--target", "role")), "identity")[0]
        self.assertEqual(identity["region"], "eu-west-3")
        self.assertIn("assumed-role/lab-role", identity["arn"])
        self.assertGreater(identity["expires"], time.time())
        self.done(self.home.cli("identity", "--target", "process"))
        self.failed(self.home.cli("identity", "--target", "failing"), "credential_process", "failed")
        self.failed(self.home.cli("identity", "--target", "circle"), "source_profile")
        self.failed(self.home.cli("identity", "--target", "alone"), "source_profile")

    def serve(self, handler):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server, f"http://127.0.0.1:{server.server_address[1]}"

    def test_mfa(self):
        server, url = self.serve(Sts)
        server.asked = []
        self.write_config("[profile mfa]\nrole_arn = arn:aws:iam::123456789012:role/lab\nsource_profile = base\nexternal_id = school\n"
                          "mfa_serial = arn:aws:iam::123456789012:mfa/me\n",
                          "[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = base-secret\n")
        status, events, errors = self.with_input("123456\n", "identity", "--target", "mfa", AWS_ENDPOINT_URL=url)
        self.assertEqual(status, 0, errors)
        question = self.of(events, "question")[0]
        self.assertEqual(question["kind"], "mfa-code")
        self.assertIn("mfa/me", question["text"])
        self.assertEqual(self.of(events, "identity")[0]["account"], "123456789012")
        key, form = server.asked[0]
        self.assertIn("AKIAIOSFODNN7EXAMPLE", key)
        self.assertEqual((form["SerialNumber"], form["TokenCode"], form["ExternalId"]),
                         (["arn:aws:iam::123456789012:mfa/me"], ["123456"], ["school"]))
        self.assertIn("ASIAIOSFODNN7EXAMPLE", server.asked[1][0])
        self.failed(self.home.cli("identity", "--target", "mfa", AWS_ENDPOINT_URL=url), "not answered")

    def test_sign_in(self):
        self.use_practice()
        self.keyring.start()
        server, url = self.serve(SignIn)
        server.asked, server.seconds, server.keys = [], 30, (self.key, self.secret, None)
        self.home.environment.update(AWS_ENDPOINT_URL_SSO=url, AWS_ENDPOINT_URL_SSO_OIDC=url)
        self.write_config("[profile portal]\nsso_session = school\nsso_account_id = 123456789012\nsso_role_name = Student\n"
                          "[sso-session school]\nsso_start_url = https://school.awsapps.com/start\nsso_region = eu-west-1\n"
                          "[profile half]\nsso_session = school\n[profile none]\nsso_session = away\n")
        events = self.done(self.home.cli("identity", "--target", "portal"))
        question = self.of(events, "question")[0]
        self.assertEqual((question["kind"], question["code"]), ("sign-in", "ABCD-EFGH"))
        self.assertEqual(question["url"], "https://device.example/?user_code=ABCD-EFGH")
        self.assertEqual(self.of(events, "identity")[0]["expires"], 4102444800)
        self.assertEqual(server.asked[-1], ("/federation/credentials?role_name=Student&account_id=123456789012", "first-token-value"))
        # The sign-in is nearly over: it is refreshed, and nobody is asked again.
        events = self.done(self.home.cli("identity", "--target", "portal"))
        self.assertEqual(self.of(events, "question"), [])
        self.assertEqual(server.asked[-1][1], "second-token-value")
        for name, words in (("half", "sso_account_id"), ("none", "sso-session")):
            self.failed(self.home.cli("identity", "--target", name), words)
        for folder, _, names in os.walk(self.home.path):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        self.assertNotIn(b"first-token-value", file.read(), path)


if __name__ == "__main__":
    for program in ("dbus-daemon", "gdbus", "gnome-keyring-daemon"):
        if shutil.which(program) is None:
            print(f"{program} is not installed: skipped")
            sys.exit(77)
    cli.main()
