#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A power cut takes all that the ledger had not flushed: the intents are left, without ids, and everything is found again."""
import os
import sqlite3

import cli
from cloud import Cloud, differences

# What an intent holds before its turn has come; its name stays.
ANNOUNCED = """UPDATE resource SET state = 'intended', physical_id = '', arn = '', request_id = '', properties = '{}',
               attributes = '{}', notes = '{}', made_at = 0, verified_at = 0, deleted_at = 0"""


class PowerCut(cli.CliCase):
    def setUp(self):
        super().setUp()
        values = self.home.start_practice()
        self.cloud = Cloud(lambda service: cli.client(values, service))
        self.before = self.cloud.dump()

    def change_ledger(self, sql):
        database = sqlite3.connect(os.path.join(self.home.data, "millrace", "ledger.db"))
        with database:
            self.assertGreater(database.execute(sql).rowcount, 0)
        database.close()

    def take_down(self):
        self.done(self.home.cli("cleanup", "--all"))
        self.assertEqual(differences(self.before, self.cloud.dump()), [])

    def test_clean_up(self):
        self.done(self.home.cli("deploy", "order-pipeline"))
        self.assertNotEqual(differences(self.before, self.cloud.dump()), [])
        self.change_ledger(ANNOUNCED)
        self.take_down()

    def test_going_on(self):
        self.done(self.home.cli("deploy", "order-pipeline"))
        built = self.cloud.dump()
        self.change_ledger(ANNOUNCED)
        self.change_ledger("UPDATE step SET state = 'running' WHERE state = 'done'")
        for each in self.done(self.home.cli("list")):
            self.done(self.home.cli("resume", each["id"]))
        self.assertEqual(set(self.cloud.dump()), set(built))
        self.take_down()

    def test_nothing_was_made(self):
        self.done(self.home.cli("deploy", "order-pipeline"))
        self.take_down()
        self.change_ledger(ANNOUNCED)
        self.change_ledger("UPDATE deployment SET state = 'building'")
        self.take_down()


if __name__ == "__main__":
    cli.main()
