#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments made, taken down and forgotten in a row and side by side, in one program: no process, file, memory or row is left behind, here or in the
practice cloud.

MILLRACE_ROUNDS=200 and MILLRACE_ABREAST=20 are the numbers that count; a run takes fewer.
"""
import json
import os
import sqlite3
import subprocess

import cli

ROUNDS = int(os.environ.get("MILLRACE_ROUNDS", "10"))
ABREAST = int(os.environ.get("MILLRACE_ABREAST", "5"))
SECONDS = 3600
# What comes and goes: a connection that is still kept, threads that wait for work.
SPARE_FILES = 20
SPARE_THREADS = 20
# In KiB: what the allocator keeps for the threads.
SPARE_MEMORY = 6000
# The practice cloud keeps its last events, some of each deployment.
EVENTS = 90
# Freed memory is kept by it on purpose, and what leaks it says itself.
SANITIZED = "ASAN_OPTIONS" in os.environ
MOST_EVENTS = 64 * 1024


class Soak(cli.CliCase):
    def setUp(self):
        super().setUp()
        self.home.start_practice()

    def run_soak(self, rounds, abreast):
        done = subprocess.run([os.environ["MILLRACE_SOAK"], str(rounds), str(abreast)], env=self.home.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=SECONDS)
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        return [json.loads(line) for line in done.stdout.splitlines()]

    def practice_has(self):
        """Processes, files and memory of the practice cloud, and what is in it by type."""
        pid = self.home.practice.pid
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            children = len(file.read().split())
        with open(f"/proc/{pid}/status") as file:
            rss = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
        files = sum(len(names) for _, _, names in os.walk(self.home.state))
        return {"children": children, "fds": len(os.listdir(f"/proc/{pid}/fd")), "rss": rss, "files": files}

    def ledger_rows(self):
        database = sqlite3.connect(os.path.join(self.home.data, "millrace", "ledger.db"))
        names = [name for name, in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        rows = {name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}
        database.close()
        return rows

    def check(self, rounds, abreast):
        self.run_soak(1, abreast)
        before = self.practice_has()
        took = self.run_soak(rounds, abreast)
        after = self.practice_has()
        print(f"{rounds} rounds of {abreast}: first {took[0]}, last {took[-1]}, practice cloud {before} → {after}", flush=True)
        self.assertEqual(len(took), rounds)
        # the first rounds fill what is kept
        first = took[len(took) // 4]
        self.assertLessEqual(took[-1]["fds"], first["fds"] + SPARE_FILES)
        self.assertLessEqual(took[-1]["threads"], first["threads"] + SPARE_THREADS)
        if not SANITIZED:
            self.assertLessEqual(took[-1]["rss"], first["rss"] + SPARE_MEMORY)
        self.assertEqual(set(self.ledger_rows().values()), {0})
        self.wait_for(lambda: self.practice_has()["children"] <= before["children"])
        self.wait_for(lambda: self.practice_has()["fds"] <= before["fds"] + SPARE_FILES)
        self.assertLessEqual(after["files"], before["files"])
        if not SANITIZED:
            self.assertLessEqual(after["rss"], before["rss"] + SPARE_MEMORY + min(MOST_EVENTS, rounds * abreast * EVENTS))

    def test_in_a_row(self):
        self.check(ROUNDS, 1)

    def test_side_by_side(self):
        self.check(2, ABREAST)


if __name__ == "__main__":
    cli.main()
