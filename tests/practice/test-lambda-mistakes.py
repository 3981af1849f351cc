# SPDX-License-Identifier: GPL-3.0-or-later
"""Code that fails in every way there is: a clear result each, and a practice cloud that goes on."""
import os
import signal
import tempfile
import time
import unittest

import practice
from functions import LOGS, FunctionCase


def processes():
    """The command lines of all processes, by id."""
    found = {}
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    found[int(pid)] = file.read().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                pass
    return found


class Mistakes(FunctionCase):
    def fail(self, source, error_type, message=None, event=None, **settings):
        name = self.make(source, **settings)
        result, error, log = self.invoke(name, event)
        self.assertEqual(error, "Unhandled", (result, log))
        self.assertEqual(result["errorType"], error_type, result)
        if message is not None:
            self.assertRegex(result["errorMessage"], message)
        # Whatever it was, the next function works.
        self.assertEqual(self.invoke(self.good())[0], "well")
        return result, log, name

    def good(self):
        if not hasattr(type(self), "good_name"):
            type(self).good_name = self.make("def lambda_handler(event, context):\n    return 'well'\n")
        return self.good_name

    def ended(self, name):
        arn = f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
        return next(e for e in self.practice.events() if e["kind"] == "function-ended" and e["functionArn"] == arn)

    def test_exception(self):
        result, log, name = self.fail("def lambda_handler(event, context):\n    raise ValueError('too few gloves')\n", "ValueError", "^too few gloves$")
        self.assertEqual(len(result["stackTrace"]), 1)
        self.assertRegex(result["stackTrace"][0], r'^  File ".*/?lambda_function.py", line 2, in lambda_handler\n')
        self.assertIn("[ERROR] ValueError: too few gloves\nTraceback (most recent call last):\n", log)
        ended = self.ended(name)
        self.assertEqual((ended["status"], ended["errorType"], ended["errorMessage"]), ("error", "ValueError", "too few gloves"))

    def test_syntax_error(self):
        result, log, _ = self.fail("def lambda_handler(event, context)\n    return 1\n", "Runtime.UserCodeSyntaxError", "^Syntax error in module 'lambda_function'")
        self.assertIn("line 1", result["errorMessage"])
        self.assertIn("Runtime.UserCodeSyntaxError", log)

    def test_import_errors(self):
        self.fail("import not_there\n", "Runtime.ImportModuleError", "^Unable to import module 'lambda_function': No module named 'not_there'$")
        self.fail("x = 1\n", "Runtime.ImportModuleError", "^Unable to import module 'app': No module named 'app'$", handler="app.main")
        self.fail("x = 1\n", "Runtime.HandlerNotFound", "^Handler 'lambda_handler' missing on module 'lambda_function'$")
        self.fail("raise KeyError('at import')\n", "KeyError", "at import")

    def test_result_that_is_not_json(self):
        self.fail("def lambda_handler(event, context):\n    return {1, 2}\n", "Runtime.MarshalError", "^Unable to marshal response: ")

    def test_exit(self):
        _, _, name = self.fail("import sys\ndef lambda_handler(event, context):\n    sys.exit(3)\n", "Runtime.ExitError",
                               "^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 3$")
        self.assertEqual(self.ended(name)["status"], "crashed")
        self.fail("import os\ndef lambda_handler(event, context):\n    os._exit(0)\n", "Runtime.ExitError", "Runtime exited without providing a reason$")
        self.fail("import os\nos._exit(1)\n", "Runtime.ExitError", "exit status 1$")

    def test_crash(self):
        self.fail("import os, signal\ndef lambda_handler(event, context):\n    os.kill(os.getpid(), signal.SIGSEGV)\n", "Runtime.ExitError",
                  "Runtime exited with error: signal: ")

    def test_endless_loop(self):
        result, log, name = self.fail("def lambda_handler(event, context):\n    while True: pass\n", "Sandbox.Timedout",
                                      "^RequestId: [0-9a-f-]{36} Error: Task timed out after 1.00 seconds$", Timeout=1)
        self.assertIn("Task timed out after 1.00 seconds", log)
        self.assertEqual(self.ended(name)["status"], "timeout")

    def test_too_much_memory(self):
        _, log, name = self.fail("def lambda_handler(event, context):\n    held = []\n    while True: held.append(bytearray(1 << 20))\n",
                                 "Runtime.ExitError", "Runtime exited with error: signal: killed$", Timeout=30)
        self.assertIn("Runtime.OutOfMemory", log)
        self.assertEqual(self.ended(name)["status"], "out-of-memory")

    def test_much_output(self):
        name = self.make("def lambda_handler(event, context):\n    for i in range(1000): print('x' * 99999)\n    return 'done'\n", Timeout=60)
        result, error, log = self.invoke(name)
        self.assertEqual((result, error), ("done", None))
        self.assertIn("END RequestId", log)
        self.assertTrue(any("The rest is left out" in line for line in self.lines(name)))
        self.assertLess(sum(len(line) for line in self.lines(name)), 2 << 20)

    def test_forks_in_a_loop(self):
        name = self.make("import os\ndef lambda_handler(event, context):\n    while True: os.fork()\n", Timeout=5)
        result, error, _ = self.invoke(name)
        self.assertEqual(error, "Unhandled")
        self.assertIn(result["errorType"], ("BlockingIOError", "Sandbox.Timedout", "Runtime.ExitError"))
        self.assertEqual(self.invoke(self.good())[0], "well")

    def test_children_die_with_the_worker(self):
        name = self.make("import subprocess, sys\ndef lambda_handler(event, context):\n"
                         "    subprocess.Popen(['/bin/sleep', '31536001'])\n    sys.exit(1)\n")
        self.invoke(name)
        self.wait_for(lambda: not any("31536001" in line for line in processes().values()))

    def test_home_is_not_there(self):
        home = os.path.expanduser("~")
        source = ("import os\ndef lambda_handler(event, context):\n"
                  "    try: listing = os.listdir(event)\n    except OSError as error: listing = type(error).__name__\n"
                  "    return [listing, os.path.exists(os.path.expanduser('~/.aws/credentials'))]\n")
        result, error, _ = self.invoke(self.make(source), home)
        self.assertIsNone(error)
        self.assertIn(result[0], ("FileNotFoundError", "PermissionError"))
        self.assertFalse(result[1])

    def test_code_is_read_only_and_tmp_is_bounded(self):
        name = self.make("import os\ndef lambda_handler(event, context):\n"
                         "    try: open('/var/task/new', 'w')\n    except OSError as error: code = type(error).__name__\n"
                         "    open('/tmp/x', 'w').write('kept')\n"
                         "    s = os.statvfs('/tmp')\n    return [code, s.f_blocks * s.f_frsize]\n")
        result, error, log = self.invoke(name)
        self.assertIsNone(error, log)
        self.assertLessEqual(result[1], 512 << 20)


class Ends(unittest.TestCase):
    def start(self, cloud):
        case = FunctionCase()
        FunctionCase.practice = cloud
        case.setUp()
        name = case.make("import time\ndef lambda_handler(event, context):\n    time.sleep(60)\n", Timeout=100)
        case.functions.invoke(FunctionName=name, InvocationType="Event")
        case.wait_for(lambda: any(e["kind"] == "function-started" for e in cloud.events()))

    def left(self, port):
        """The workers of the practice cloud on @port: it is the last word of their command lines."""
        end = time.monotonic() + 10
        while True:
            left = [line for line in processes().values() if line.rstrip().endswith(f"bootstrap.py {port}")]
            if not left or time.monotonic() > end:
                return left
            time.sleep(0.05)

    def test_nothing_outlives_a_killed_practice_cloud(self):
        for number in (signal.SIGKILL, signal.SIGTERM):
            with tempfile.TemporaryDirectory() as folder, practice.Practice(environment={"TMPDIR": folder}) as cloud:
                os.chmod(folder, 0o711)   # root's functions run as nobody
                self.start(cloud)
                os.kill(cloud.process.pid, number)
                cloud.process.wait(20)
                self.assertEqual(self.left(cloud.port_in_use), [])
                if number == signal.SIGTERM:
                    self.assertEqual(os.listdir(folder), [])
                else:
                    # What the killed one left is removed by the next.
                    [parent] = os.listdir(folder)
                    [old] = os.listdir(os.path.join(folder, parent))
                    cloud.restart()
                    self.start(cloud)
                    self.assertNotIn(old, os.listdir(os.path.join(folder, parent)))

    def test_without_bubblewrap(self):
        with practice.Practice(environment={"PATH": "/nowhere"}) as cloud:
            case = FunctionCase()
            FunctionCase.practice = cloud
            case.setUp()
            name = case.make("import os, boto3\ndef lambda_handler(event, context):\n"
                             "    return [boto3.client('sts').get_caller_identity()['Account'], os.environ.get('PRIVATE'), os.path.expanduser('~')]\n")
            result, error, log = case.invoke(name)
            self.assertIsNone(error, log)
            self.assertEqual(result[:2], ["000000000000", None])
            self.assertNotEqual(result[2], os.path.expanduser("~"))
            loop = case.make("import subprocess\ndef lambda_handler(event, context):\n    subprocess.run(['/bin/sleep', '31536002'])\n", Timeout=1)
            self.assertEqual(case.invoke(loop)[0]["errorType"], "Sandbox.Timedout")
            case.wait_for(lambda: not any("31536002" in line for line in processes().values()))
            self.assertEqual(cloud.stderr().count("Functions run without a sandbox"), 1)


if __name__ == "__main__":
    practice.main()
