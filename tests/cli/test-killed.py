#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program, or the practice cloud under it, is killed before and after every request and every commit of the ledger, in a whole build and in a whole
clean-up. Whatever the point: the next start goes on or takes everything down, and touches nothing that is not its own.

There are hundreds of points. A run takes a sample, always the same; MILLRACE_ALL_POINTS=1 takes all.
"""
import os
import signal
import subprocess

import cli
from cloud import Cloud, differences

SAMPLE = 10
# A program without a cloud tries for some seconds before it gives up.
PRACTICE_SAMPLE = 5
ALL = os.environ.get("MILLRACE_ALL_POINTS") == "1"
GROUP = "/aws/lambda/POC-Lambda-1"


class Killed(cli.CliCase):
    def setUp(self):
        super().setUp()
        self.log = os.path.join(self.home.path, "points")
        self.start()
        self.make_foreign()
        self.before = self.cloud.dump()

    def start(self):
        values = self.home.start_practice()
        self.cloud = Cloud(lambda service: cli.client(values, service))

    def make_foreign(self):
        """Somebody else's, with names and tags like ours."""
        clients = self.cloud.clients
        clients["sqs"].create_queue(QueueName="POC-Queue-2", tags={"millrace:deployment": "order-pipeline"})
        clients["sns"].create_topic(Name="POC-Topic-2")
        clients["logs"].create_log_group(logGroupName=GROUP + "-2")
        clients["apigateway"].create_rest_api(name="POC-API")

    def faulty(self, *arguments, at=None, practice=False):
        """The program that can be killed; its exit status, None where it was."""
        environment = {**self.home.environment, "MILLRACE_FAULT_LOG": self.log}
        if at is not None:
            environment["MILLRACE_FAULT_AT"] = str(at)
        if practice:
            environment["MILLRACE_FAULT_PID"] = str(self.home.practice.pid)
        if os.path.exists(self.log):
            os.unlink(self.log)
        done = subprocess.run([os.environ["MILLRACE_CLI_FAULTS"], *arguments], env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=cli.SECONDS)
        self.errors = done.stderr
        return None if done.returncode == -signal.SIGKILL else done.returncode

    def count(self):
        with open(self.log) as file:
            return max(int(line.split()[0]) for line in file)

    def forget(self):
        folder = os.path.join(self.home.data, "millrace")
        for name in os.listdir(folder):
            if name.startswith("ledger.db"):
                os.unlink(os.path.join(folder, name))

    def build(self):
        self.forget()
        self.done(self.home.cli("deploy", "order-pipeline"))
        # as a function that ran leaves one behind
        self.cloud.clients["logs"].create_log_group(logGroupName=GROUP)

    def points(self, n, sample):
        self.assertGreater(n, 100)
        return range(1, n + 1, 1 if ALL else n // sample)

    def states(self):
        return [each["state"] for each in self.done(self.home.cli("list"))]

    def take_down(self):
        self.done(self.home.cli("cleanup", "--all"))
        self.assertEqual([state for state in self.states() if state not in ("cleaned", "new")], [])
        self.assertEqual(differences(self.before, self.cloud.dump()), [])

    def each_point(self, n, what, begin, *arguments, then=None, practice=False):
        points = self.points(n, PRACTICE_SAMPLE if practice else SAMPLE)
        reached = 0
        for at in points:
            self.home.cli("cleanup", "--all")
            with self.subTest(what=what, at=at):
                begin()
                status = self.faulty(*arguments, at=at, practice=practice)
                if self.count() >= at:
                    reached += 1
                if practice and self.count() >= at:
                    # the program says what is the matter and ends; where it got what it wanted before, all is well
                    self.home.practice.wait(10)
                    self.home.stop_practice()
                    self.start()
                    self.assertIn(status, (0, 1), self.errors)
                    self.assertRegex(self.errors, "^$" if status == 0 else "[A-Z].*[.]")
                else:
                    self.assertEqual(status, None if self.count() >= at else 0, self.errors)
                if then is not None:
                    then()
                self.take_down()
        print(f"{what}: killed at {reached} points of {n}", flush=True)
        # threads do not always take the same way, so the last points may not come
        self.assertGreaterEqual(reached, len(points) * 9 // 10)

    def go_on(self):
        for each in self.done(self.home.cli("list")):
            self.done(self.home.cli("resume", each["id"]))
            status = self.home.cli("status", each["id"])[1]
            self.assertEqual({one["state"] for one in self.of(status, "resource")}, {"verified"})
            self.assertEqual([one["id"] for one in self.of(status, "check") if not one["ok"]], ["confirmed"])

    def count_build(self):
        self.assertEqual(self.faulty("deploy", "order-pipeline"), 0, self.errors)
        n = self.count()
        self.take_down()
        return n

    def count_clean_up(self):
        self.build()
        self.assertEqual(self.faulty("cleanup", "--all"), 0, self.errors)
        n = self.count()
        self.take_down()
        return n

    def test_build(self):
        self.each_point(self.count_build(), "build", self.forget, "deploy", "order-pipeline")

    def test_build_goes_on(self):
        self.each_point(self.count_build(), "build, gone on with", self.forget, "deploy", "order-pipeline", then=self.go_on)

    def test_clean_up(self):
        self.each_point(self.count_clean_up(), "clean-up", self.build, "cleanup", "--all")

    def test_build_practice(self):
        self.each_point(self.count_build(), "build, practice cloud", self.forget, "deploy", "order-pipeline", practice=True)

    def build_for_tap(self):
        self.build()
        self.bare = self.cloud.dump()
        return "tap", self.done(self.home.cli("list"))[0]["id"], "Topic"

    def tap(self, *off):
        """Makes or removes a tap on a topic, killed at one point after the other; then it is gone on with, taken back, or all is cleaned up."""
        command = self.build_for_tap()
        if off:
            self.done(self.home.cli(*command))
        self.assertEqual(self.faulty(*command, *off), 0, self.errors)
        n = self.count()
        reached = 0
        for at in range(1, n + 1, 1 if ALL else 5):
            with self.subTest(what="tap", off=bool(off), at=at):
                if off:
                    self.done(self.home.cli(*command))
                self.assertEqual(self.faulty(*command, *off, at=at), None if self.count() >= at else 0, self.errors)
                reached += self.count() >= at
                if at % 3 == 2:
                    self.take_down()
                    command = self.build_for_tap()
                    continue
                if at % 3 == 0:
                    self.done(self.home.cli(*command))
                self.done(self.home.cli(*command, "--off"))
                self.assertEqual([each for each in differences(self.bare, self.cloud.dump()) if "SubscriptionsDeleted" not in each], [])
        self.assertGreaterEqual(reached, n // 6)
        print(f"tap {'off' if off else 'on'}: killed at {reached} points of {n}", flush=True)
        self.done(self.home.cli(*command))

    def test_tap(self):
        self.tap()
        self.take_down()

    def test_tap_off(self):
        self.tap("--off")
        clients = self.cloud.clients
        for topic in clients["sns"].list_topics()["Topics"]:
            if not topic["TopicArn"].endswith("POC-Topic-2"):
                clients["sns"].delete_topic(TopicArn=topic["TopicArn"])
        self.take_down()

    def test_clean_up_practice(self):
        self.each_point(self.count_clean_up(), "clean-up, practice cloud", self.build, "cleanup", "--all", practice=True)


if __name__ == "__main__":
    cli.main()
