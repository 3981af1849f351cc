# SPDX-License-Identifier: GPL-3.0-or-later
"""The program: usage, state folder, port, signals, its parent's end."""
import json
import os
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import functions
import practice
from practice import Practice, program


class Process(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="millrace-practice-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def run_program(self, *arguments):
        return subprocess.run([program(), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)

    def refused(self, status, sentence, *arguments):
        done = self.run_program(*arguments)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        self.assertIn(sentence, done.stderr)
        return done.stderr

    def database(self):
        return os.path.join(self.folder, "practice.db")

    def test_usage(self):
        self.refused(2, "--state DIR or --ephemeral", "--port", "0")
        self.refused(2, "--state DIR or --ephemeral", "--state", self.folder, "--ephemeral")
        self.refused(2, "0 to 65535", "--port", "70000", "--ephemeral")
        self.refused(2, "--nonsense", "--nonsense")
        self.refused(2, "more", "--ephemeral", "more")
        done = self.run_program("--version")
        self.assertEqual(done.returncode, 0)
        self.assertTrue(done.stdout.startswith("millrace-practice "))

    def test_ready_lines(self):
        process = subprocess.Popen([program(), "--ephemeral"], stdout=subprocess.PIPE, text=True)
        try:
            lines = [process.stdout.readline().strip() for _ in range(6)]
            self.assertEqual([line.split("=")[0] for line in lines],
                             ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION",
                              "MILLRACE_INVOKE_URL"])
            self.assertTrue(lines[5].endswith("/_aws/execute-api/{api}/{stage}{path}"))
        finally:
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate(timeout=10)
        self.assertEqual((process.returncode, rest), (0, ""))

    def test_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.refused(1, f"Port {port} is in use by another program.", "--port", str(port), "--ephemeral")

    def test_second_on_same_folder(self):
        with Practice(state=self.folder):
            self.refused(1, "Another practice cloud is using the state folder", "--state", self.folder)
        with Practice(state=self.folder):
            pass

    def test_folder_is_a_file(self):
        path = os.path.join(self.folder, "file")
        with open(path, "w") as file:
            file.write("x")
        self.refused(1, "cannot be made", "--state", path)
        self.refused(1, "cannot be made", "--state", os.path.join(path, "below"))

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_read_only_folder(self):
        os.chmod(self.folder, 0o500)
        self.addCleanup(os.chmod, self.folder, 0o700)
        self.refused(1, "cannot be written", "--state", self.folder)

    def test_private(self):
        state = os.path.join(self.folder, "a", "b")
        with Practice(state=state):
            for path in (state, os.path.join(state, "practice.db")):
                self.assertEqual(stat.S_IMODE(os.stat(path).st_mode) & 0o077, 0, path)

    def damaged(self):
        with Practice(state=self.folder) as cloud:
            cloud.client("iam").create_user(UserName="New")
            text = cloud.stderr()
        self.assertIn("The database of the practice cloud was damaged. It was kept as", text)
        aside = [name for name in os.listdir(self.folder) if name.startswith("practice.db.damaged-") and not name.endswith(("-wal", "-shm"))]
        return [os.path.join(self.folder, name) for name in aside]

    def test_not_a_database(self):
        with open(self.database(), "wb") as file:
            file.write(b"not a database at all" * 1000)
        first = self.damaged()
        self.assertEqual(len(first), 1)
        with open(first[0], "rb") as file:
            self.assertTrue(file.read().startswith(b"not a database"))
        with open(self.database(), "wb") as file:
            file.write(b"again" * 1000)
        self.assertEqual(len(self.damaged()), 2)

    def test_damaged_page(self):
        with Practice(state=self.folder) as cloud:
            iam = cloud.client("iam")
            for i in range(200):
                iam.create_user(UserName=f"user-{i}", Path="/" + "x" * 200 + "/")
        with open(self.database(), "r+b") as file:
            file.seek(4096 * 6)
            file.write(os.urandom(4096 * 12))
        self.assertEqual(len(self.damaged()), 1)

    def test_killed(self):
        with Practice(state=self.folder) as cloud:
            cloud.client("iam").create_user(UserName="Survivor")
            cloud.kill()
        with Practice(state=self.folder) as cloud:
            self.assertEqual([u["UserName"] for u in cloud.client("iam").list_users()["Users"]], ["Survivor"])

    def test_bubblewrap_left_over(self):
        # What is left where the practice cloud is killed while bubblewrap makes its namespaces: a process that waits for ever.
        left_over = os.path.join(self.folder, f"millrace-functions-{os.geteuid()}", "left-over", "1")
        os.makedirs(left_over, mode=0o711)
        waiting, foreign = (subprocess.Popen(["bwrap", "-f", "/dev/null", path], executable=shutil.which("tail"), stderr=subprocess.DEVNULL)
                            for path in (os.path.join(left_over, "task"), self.folder))
        try:
            with Practice(state=os.path.join(self.folder, "state"), environment={"TMPDIR": self.folder}) as cloud:
                role = cloud.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps(functions.TRUST))
                cloud.client("lambda").create_function(FunctionName="function", Runtime="python3.13", Handler="lambda_function.handler",
                                                       Role=role["Role"]["Arn"], Code={"ZipFile": functions.make_zip("")})
                self.assertEqual(waiting.wait(10), -signal.SIGKILL)
                self.assertIsNone(foreign.poll())
                self.assertFalse(os.path.exists(left_over))
        finally:
            for process in (waiting, foreign):
                process.kill()
                process.wait()

    def test_full_disk(self):
        # A database that may not grow stands in for a disk that is full: SQLite reports both alike.
        with Practice(state=self.folder) as cloud:
            cloud.client("iam").create_user(UserName="First")
        import resource
        size = os.path.getsize(self.database()) + 256 * 1024

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        process = subprocess.Popen([program(), "--state", self.folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                   preexec_fn=limit)
        try:
            cloud = Practice(state=self.folder)
            values = dict(process.stdout.readline().strip().split("=", 1) for _ in range(6))
            cloud.values, cloud.url = values, values["AWS_ENDPOINT_URL"]
            cloud.access_key, cloud.secret_key, cloud.region = (values["AWS_ACCESS_KEY_ID"], values["AWS_SECRET_ACCESS_KEY"],
                                                               values["AWS_REGION"])
            iam = cloud.client("iam")
            failed = None
            for i in range(2000):
                try:
                    iam.create_user(UserName=f"user-{i}", Path="/" + "x" * 400 + "/")
                except practice.ClientError as error:
                    failed = (i, error.response["Error"])
                    break
            self.assertIsNotNone(failed)
            self.assertEqual(failed[1]["Code"], "InternalFailure")
            # What failed was undone, what was there before is there, and the program goes on.
            names = [u["UserName"] for page in iam.get_paginator("list_users").paginate() for u in page["Users"]]
            self.assertIn("First", names)
            self.assertNotIn(f"user-{failed[0]}", names)
        finally:
            process.terminate()
            process.wait(10)
            process.stdout.close()
        self.assertEqual(process.returncode, 0)

    def test_ends_with_parent(self):
        script = ("import subprocess, sys, time\n"
                  "p = subprocess.Popen([sys.argv[1], '--ephemeral', '--exit-with-parent'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
                  "p.stdout.readline()\nprint(p.pid, flush=True)\ntime.sleep(60)\n")
        parent = subprocess.Popen([sys.executable, "-c", script, program()], stdout=subprocess.PIPE, text=True)
        child = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
        parent.stdout.close()
        end = time.monotonic() + 10
        while self.is_alive(child):
            self.assertLess(time.monotonic(), end, "the practice cloud outlived its parent")
            time.sleep(0.05)

    @staticmethod
    def is_alive(pid):
        try:
            with open(f"/proc/{pid}/stat") as file:
                return file.read().rsplit(")", 1)[1].split()[0] != "Z"
        except FileNotFoundError:
            return False

    def test_ends_with_stdin(self):
        process = subprocess.Popen([program(), "--ephemeral", "--exit-with-parent"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.stdout.readline()
        process.stdin.close()
        process.wait(10)
        process.stdout.close()
        self.assertEqual(process.returncode, 0)

    def test_ends_while_called(self):
        # A reader of the event stream does not keep the program from ending.
        with Practice() as cloud:
            reader = threading.Thread(target=lambda: self.read_events(cloud))
            reader.start()
            time.sleep(0.2)
            self.assertEqual(cloud.stop(), 0)
            reader.join(10)
            self.assertFalse(reader.is_alive())

    @staticmethod
    def read_events(cloud):
        try:
            cloud.events(0, lambda event: False, seconds=10)
        except (AssertionError, OSError, practice.http.client.HTTPException):
            pass


class Connections(practice.PracticeCase):
    def exchange(self, data, read=True):
        with socket.create_connection(("127.0.0.1", self.practice.port_in_use), timeout=10) as connection:
            connection.sendall(data)
            if not read:
                return b""
            connection.shutdown(socket.SHUT_WR)
            parts = []
            while True:
                try:
                    part = connection.recv(65536)
                except ConnectionResetError:
                    break
                if not part:
                    break
                parts.append(part)
            return b"".join(parts)

    def test_nonsense(self):
        host = f"127.0.0.1:{self.practice.port_in_use}".encode()
        for data in (b"", b"\0" * 1000, b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00" * 50,
                     b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET http://[::1 HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
                     b"GET /%zz%00 HTTP/1.1\r\nHost: " + host + b"\r\n\r\n", b"GET " + b"/" * 100000 + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
                     b"POST / HTTP/1.1\r\nHost: " + host +
                     b"\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n", b"OPTIONS * HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(5000)) + b"\r\n"):
            self.exchange(data)
            self.exchange(data, read=False)
        self.assertEqual(self.practice.request("GET", "/")[0], 403)

    def read_answer(self, connection):
        data = b""
        while not data.endswith(b"}"):
            part = connection.recv(65536)
            self.assertTrue(part, data)
            data += part
        self.assertTrue(data.startswith(b"HTTP/1.1 403 "))

    def test_closed_connections(self):
        descriptors = f"/proc/{self.practice.process.pid}/fd"
        before = len(os.listdir(descriptors))
        sockets = []
        request = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{self.practice.port_in_use}\r\n\r\n".encode()
        for i in range(30):
            connection = socket.create_connection(("127.0.0.1", self.practice.port_in_use), timeout=10)
            sockets.append(connection)
            for _ in range(i % 3):
                connection.sendall(request)
                self.read_answer(connection)
            if i % 5 == 0:
                # A last request, and no more.
                connection.sendall(request)
                connection.shutdown(socket.SHUT_WR)
                self.read_answer(connection)
        for connection in sockets:
            connection.close()
        end = time.monotonic() + 10
        while len(os.listdir(descriptors)) > before:
            self.assertLess(time.monotonic(), end, "connections are kept")
            time.sleep(0.05)

    def test_many_events(self):
        iam = self.practice.client("iam")
        for i in range(60):
            iam.create_user(UserName=f"many-{i}")
        found = self.practice.events(0, lambda event: event.get("name") == "many-59")
        self.assertEqual([event["seq"] for event in found], list(range(1, len(found) + 1)))
        # From the middle on, and what happens while somebody listens.
        result = []
        reader = threading.Thread(target=lambda: result.extend(self.practice.events(found[-1]["seq"] - 1, lambda e: e.get("name") == "late")))
        reader.start()
        time.sleep(0.2)
        iam.create_user(UserName="late")
        reader.join(20)
        self.assertEqual([event.get("name") for event in result], ["many-59", "late"])


if __name__ == "__main__":
    practice.main()
