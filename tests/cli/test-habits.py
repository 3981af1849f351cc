# SPDX-License-Identifier: GPL-3.0-or-later
"""The order pipeline built, used and taken down on a cloud that is slow, late and strict as AWS is; built and taken down on one where things go wrong.

Each for some seeds: nothing is left, and nobody had to do anything. MILLRACE_SEEDS is another number of them, MILLRACE_FIRST_SEED another first one.
"""
import os
import subprocess

import cli

FIRST = int(os.environ.get("MILLRACE_FIRST_SEED", "0"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("MILLRACE_SEEDS", "6")))
# Of AWS's own times: a build waits for a new role, a mapping that is made and a queue's name as long as it must, not as long as a test may.
SPEED = "0.02"


class Habits(cli.CliCase):
    def left(self):
        """What is in the cloud, which behaves again now, as another client sees it."""
        values = self.home.start_practice()
        found = []

        def ask(service, operation, member):
            found.extend(f"{operation}: {one}" for one in getattr(cli.client(values, service), operation)().get(member, []))

        for question in (("sqs", "list_queues", "QueueUrls"), ("lambda", "list_functions", "Functions"), ("dynamodb", "list_tables", "TableNames"),
                         ("lambda", "list_event_source_mappings", "EventSourceMappings"), ("sns", "list_topics", "Topics"),
                         ("apigateway", "get_rest_apis", "items"), ("iam", "list_roles", "Roles"), ("logs", "describe_log_groups", "logGroups")):
            ask(*question)
        self.home.stop_practice()
        return found

    def check(self, arguments, *results):
        """Everything went well by itself, nothing is left, and another client sees nothing either."""
        for status, events, errors in results:
            self.assertEqual(status, 0, f"{arguments}: {errors}")
            self.assertEqual(self.of(events, "question"), [])
        self.assertEqual(self.of(results[-1][1], "cleanup")[-1]["left"], 0)
        self.home.stop_practice()
        self.assertEqual(self.left(), [], arguments)

    def test_latency(self):
        for seed in SEEDS:
            with self.subTest(seed=seed):
                self.again()
                arguments = ("--latency", f"aws:{SPEED}", "--seed", str(seed))
                self.home.start_practice(*arguments)
                self.check(arguments, self.home.cli("run", "order-pipeline"))

    def test_faults(self):
        for seed in SEEDS:
            with self.subTest(seed=seed):
                self.again()
                arguments = ("--faults", str(seed))
                self.home.start_practice(*arguments)
                built = self.home.cli("deploy", "order-pipeline", seconds=60)
                self.assertEqual(built[0], 0, f"{arguments}: {built[2]}")
                name = self.of(built[1], "deployment")[-1]["id"]
                self.check(arguments, built, self.home.cli("cleanup", name, seconds=60))

    def again(self):
        self.home.__exit__()
        self.home = cli.Home()
        self.home.__enter__()
        self.addCleanup(self.home.__exit__)

    def test_usage(self):
        for arguments in (["--latency", "mars"], ["--latency", "aws:0"], ["--latency", "aws:x"], ["--faults", "/nowhere"], ["--faults", __file__]):
            done = subprocess.run([os.environ["MILLRACE_PRACTICE"], "--ephemeral", *arguments], capture_output=True, text=True, timeout=20)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertTrue(done.stderr.startswith("millrace-practice: --"), done.stderr)


if __name__ == "__main__":
    cli.main()
