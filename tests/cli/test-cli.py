#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""millrace-cli as its user runs it, on the practice cloud."""
import json
import os
import random
import re
import resource
import sqlite3
import subprocess
import urllib.request

import cli
from cloud import Cloud, differences

WAY = [("Api", "gateway"), ("Queue", "queue"), ("StoreFunction", "function"), ("OrdersTable", "table"),
       ("OrdersTable", "stream"), ("NotifyFunction", "function"), ("Topic", "topic"), ("MailSubscription", "mail")]
ORDER = '{"item":"latex gloves","customerID":"12345"}'


class Run(cli.CliCase):
    def check_run(self, events):
        self.assertEqual(self.of(events, "error"), [])
        for check in self.of(events, "check"):
            self.assertTrue(check["ok"], check)
        traces = self.of(events, "trace")
        self.assertEqual([trace["state"] for trace in traces], ["delivered", "delivered"])
        hops = [hop for hop in self.of(events, "hop") if hop["trace"] == traces[0]["id"]]
        self.assertEqual([(hop["component"], hop["type"]) for hop in hops], WAY)
        for hop in hops:
            self.assertEqual(hop["status"], "ok", hop)
            self.assertIn("latex gloves", hop["payload"].replace('\\"', '"'))
            self.assertGreaterEqual(hop["left"], hop["arrived"])
        self.assertEqual(json.loads(hops[0]["payload"]), json.loads(ORDER))
        self.assertTrue([mail for mail in self.of(events, "mail") if "latex gloves" in mail["body"]])
        # the second sample holds what a form would take apart
        self.assertTrue([mail for mail in self.of(events, "mail") if "gloves & masks + 100% cotton" in mail["body"]])
        clean_up = self.of(events, "cleanup")[-1]
        self.assertEqual(clean_up["left"], 0)
        self.assertGreaterEqual(clean_up["deleted"], 20)
        self.assertEqual(clean_up["verified"], clean_up["deleted"])

    def test_twice_in_a_row(self):
        for _ in range(2):
            self.check_run(self.done(self.home.cli("run", "order-pipeline")))
        self.assertEqual({each["state"] for each in self.done(self.home.cli("list"))}, {"cleaned"})

    def test_two_at_once(self):
        processes = [self.home.start_cli("run", "order-pipeline", "--set", "NameSuffix=-" + name) for name in "ab"]
        for process in processes:
            self.check_run(self.done(self.home.finish(process)))

    def test_left_alone_afterwards(self):
        """Nothing of the deployment is in the cloud, and what was there before still is."""
        values = self.home.start_practice()
        cli.client(values, "sqs").create_queue(QueueName="somebody-elses")
        self.check_run(self.done(self.home.cli("run", "order-pipeline")))
        self.assertEqual([url.rsplit("/", 1)[1] for url in cli.client(values, "sqs").list_queues()["QueueUrls"]], ["somebody-elses"])
        self.assertEqual(cli.client(values, "iam").list_roles()["Roles"], [])
        self.assertEqual(cli.client(values, "iam").list_policies(Scope="Local")["Policies"], [])
        self.assertEqual(cli.client(values, "dynamodb").list_tables()["TableNames"], [])
        self.assertEqual(cli.client(values, "lambda").list_functions()["Functions"], [])
        self.assertEqual(cli.client(values, "lambda").list_event_source_mappings()["EventSourceMappings"], [])
        self.assertEqual(cli.client(values, "sns").list_topics()["Topics"], [])
        self.assertEqual(cli.client(values, "apigateway").get_rest_apis()["items"], [])
        self.assertEqual(cli.client(values, "logs").describe_log_groups()["logGroups"], [])


class Commands(cli.CliCase):
    def test_one_after_the_other(self):
        tutorials = self.done(self.home.cli("tutorials"))
        self.assertIn("order-pipeline", [each["id"] for each in tutorials])
        steps = self.of(self.done(self.home.cli("show", "order-pipeline")), "step")
        self.assertEqual(len(steps), 27)

        first = self.deploy("--until", "table")
        self.assertEqual(self.done(self.home.cli("list"))[0]["state"], "partial")
        self.done(self.home.cli("cleanup", first))

        self.home.start_practice()
        deployment = self.deploy()
        # nobody has opened the confirmation mail
        events = self.failed(self.home.cli("send", deployment), "not confirmed", "confirmation mail")
        self.assertEqual(self.of(events, "trace")[-1]["state"], "failed")
        status = self.home.cli("status", deployment)
        self.assertEqual(status[0], 1)
        self.assertEqual([each["id"] for each in self.of(status[1], "check") if not each["ok"]], ["confirmed"])
        mails = self.confirm()
        self.assertEqual([mail["to"] for mail in mails], ["student@example.com"])

        status = self.done(self.home.cli("status", deployment))
        self.assertEqual({each["state"] for each in self.of(status, "resource")}, {"verified"})
        events = self.done(self.home.cli("send", deployment, "--message", '{"item": "tea & cake"}', "--count", "20"))
        self.assertEqual([each["state"] for each in self.of(events, "trace")], ["delivered"] * 20)
        self.assertEqual(len([each for each in self.of(events, "mail") if "tea & cake" in each["body"]]), 20)

        report = os.path.join(self.home.path, "report.json")
        clean_up = self.of(self.done(self.home.cli("cleanup", deployment, "--report", report)), "cleanup")[-1]
        self.assertEqual(clean_up["left"], 0)
        with open(report) as file:
            self.assertTrue(json.load(file))

    def test_names_that_are_taken(self):
        self.home.start_practice()
        first = self.deploy()
        self.confirm()
        events = self.failed(self.home.cli("deploy", "order-pipeline"), "name")
        second = self.of(events, "deployment")[0]["id"]
        self.done(self.home.cli("cleanup", second))
        self.assertEqual({each["state"] for each in self.of(self.done(self.home.cli("status", first)), "resource")}, {"verified"})
        self.done(self.home.cli("cleanup", "--all"))

    def test_practice_cloud_killed(self):
        self.home.start_practice()
        deployment = self.deploy()
        self.confirm()
        self.home.kill_practice()
        status = self.done(self.home.cli("status", deployment))
        self.assertEqual({each["state"] for each in self.of(status, "resource")}, {"verified"})
        self.assertEqual(self.of(self.done(self.home.cli("cleanup", deployment)), "cleanup")[-1]["left"], 0)


class Orphans(cli.CliCase):
    def lose_ledger(self):
        folder = os.path.join(self.home.data, "millrace")
        for name in os.listdir(folder):
            if name.startswith("ledger."):
                os.unlink(os.path.join(folder, name))

    def test_lost_ledger(self):
        """What no ledger knows is found by its tags and taken down; what is not ours stays."""
        values = self.home.start_practice()
        queues = cli.client(values, "sqs")
        queues.create_queue(QueueName="somebody-elses", tags={"millrace:other": "order-pipeline-aaaa"})
        lost = self.deploy()
        self.lose_ledger()
        known = self.deploy("--set", "NameSuffix=-2")

        orphans = self.done(self.home.cli("list", "--orphans"))
        self.assertEqual([each["id"] for each in orphans], [lost])
        self.assertEqual(orphans[0]["tutorial"], "order-pipeline")
        self.assertEqual(len(orphans[0]["arns"]), len(set(orphans[0]["arns"])))
        for part in (":POC-Queue", ":POC-Topic", ":table/orders", ":function:POC-Lambda-1", ":role/APIGateway-SQS", ":policy/Lambda-Read-SQS"):
            self.assertTrue([arn for arn in orphans[0]["arns"] if arn.endswith(part)], part)
        self.assertEqual(self.done(self.home.cli("list", "--orphans", "--target", "practice")), orphans)
        # what is found is no use for anything but taking it down
        events = self.done(self.home.cli("cleanup", "--orphans"))
        self.assertEqual(self.of(events, "cleanup")[-1]["left"], 0)
        self.assertEqual(self.done(self.home.cli("list", "--orphans")), [])
        self.assertEqual({each["id"]: each["state"] for each in self.done(self.home.cli("list"))}, {lost: "cleaned", known: "built"})
        self.assertEqual({each["state"] for each in self.of(self.home.cli("status", known)[1], "resource")}, {"verified"})
        self.done(self.home.cli("cleanup", known))
        self.assertEqual([url.rsplit("/", 1)[1] for url in queues.list_queues()["QueueUrls"]], ["somebody-elses"])
        for service, operation, member in [("iam", "list_roles", "Roles"), ("dynamodb", "list_tables", "TableNames"), ("sns", "list_topics", "Topics"),
                                           ("lambda", "list_functions", "Functions"), ("logs", "describe_log_groups", "logGroups"),
                                           ("apigateway", "get_rest_apis", "items"), ("lambda", "list_event_source_mappings", "EventSourceMappings")]:
            self.assertEqual(getattr(cli.client(values, service), operation)()[member], [], operation)

    def test_damaged_ledger(self):
        """Wherever it is cut off: what can be read of it and what the tags tell are all that there is."""
        values = self.home.start_practice()
        cloud = Cloud(lambda service: cli.client(values, service))
        before = cloud.dump()
        path = os.path.join(self.home.data, "millrace", "ledger.db")
        chance = random.Random(1)
        for number in range(5):
            with self.subTest(number=number):
                self.deploy()
                self.change_ledger("PRAGMA wal_checkpoint(TRUNCATE)")
                # At least a page of 4 KiB: SQLite reads what is missing of the last one as zeros, and where nothing was there, that is right.
                os.truncate(path, chance.randrange(100, os.path.getsize(path) - 4096))
                status, _, errors = self.home.cli("list")
                self.assertEqual(status, 0, errors)
                self.assertIn("damaged", errors)
                self.assertIn("--orphans", errors)
                self.done(self.home.cli("cleanup", "--all", "--orphans"))
                self.assertEqual(differences(before, cloud.dump()), [])
        aside = [name for name in os.listdir(os.path.dirname(path)) if ".damaged-" in name and not name.endswith(("-wal", "-shm"))]
        self.assertEqual(len(aside), 5)

    def change_ledger(self, *sql):
        database = sqlite3.connect(os.path.join(self.home.data, "millrace", "ledger.db"))
        with database:
            database.execute(*sql)
        database.close()

    def test_disk_full(self):
        """There is room for less and less of the ledger: a sentence, and everything can be taken down once there is room again."""
        values = self.home.start_practice()
        cloud = Cloud(lambda service: cli.client(values, service))
        before = cloud.dump()
        self.done(self.home.cli("list"))
        failed = 0
        for kib in (40, 60, 90, 130, 180, 1000):
            with self.subTest(kib=kib):
                self.change_ledger("PRAGMA wal_checkpoint(TRUNCATE)")
                done = subprocess.run([os.environ["MILLRACE_CLI"], "deploy", "order-pipeline"], env=self.home.environment, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=cli.SECONDS, restore_signals=False,
                                      preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (kib * 1024, kib * 1024)))
                if done.returncode != 0:
                    failed += 1
                    self.assertEqual(done.returncode, 1, done.stderr)
                    self.assertRegex(done.stderr, "The ledger .* (The disk is full|Check the disk)")
                self.done(self.home.cli("cleanup", "--all"))
                self.assertEqual(differences(before, cloud.dump()), [])
        self.assertGreater(failed, 1)
        self.assertLess(failed, 6)

    def test_two_programs(self):
        """Two do not work on one deployment at the same time; one that is dead holds nobody up, also where its number is another's by now."""
        self.home.start_practice()
        id = self.deploy("--until", "table")
        with open("/proc/self/stat") as file:
            start = file.read().rsplit(")", 1)[1].split()[19]
        self.change_ledger("UPDATE deployment SET owner = ?", (f"{os.getpid()}:{start}",))
        for command in (("resume", id), ("cleanup", id)):
            self.failed(self.home.cli(*command), f"process {os.getpid()}", id)
        self.assertNotEqual(self.done(self.home.cli("list"))[0]["state"], "cleaned")
        self.change_ledger("UPDATE deployment SET owner = ?", (f"{os.getpid()}:{int(start) - 1}",))
        self.done(self.home.cli("cleanup", id))
        self.failed(self.home.cli("forget", "nonsense"), "nonsense")

    def test_nothing_lost(self):
        self.assertEqual(self.done(self.home.cli("list", "--orphans")), [])
        self.assertEqual(self.done(self.home.cli("cleanup", "--orphans")), [])
        self.failed(self.home.cli("list", "--orphans", "--target", "http://127.0.0.1:1"), "127.0.0.1:1")
        self.assertEqual(self.home.cli("list", "--target", "practice")[0], 2)


class Permissions(cli.CliCase):
    def role_of_store(self, values):
        return "Lambda-SQS-DynamoDB"

    def test_function_may_not_write(self):
        values = self.home.start_practice()
        deployment = self.deploy()
        iam = cli.client(values, "iam")
        attached = iam.list_attached_role_policies(RoleName="Lambda-SQS-DynamoDB")["AttachedPolicies"]
        write = next(each["PolicyArn"] for each in attached if each["PolicyName"] == "Lambda-Write-DynamoDB")
        iam.detach_role_policy(RoleName="Lambda-SQS-DynamoDB", PolicyArn=write)
        events = self.failed(self.home.cli("send", deployment), "dynamodb:PutItem", "Lambda-SQS-DynamoDB")
        hop = next(hop for hop in self.of(events, "hop") if hop["component"] == "StoreFunction")
        self.assertEqual(hop["status"], "retrying")
        self.assertIn("AccessDeniedException", hop["error"])
        self.assertIn("lacks the permission dynamodb:PutItem", hop["advice"])

        # put right, the message comes back by itself after its visibility time-out
        watching = self.home.start_cli("watch", deployment, "--for", "45")
        iam.attach_role_policy(RoleName="Lambda-SQS-DynamoDB", PolicyArn=write)
        logs = cli.client(values, "logs")
        text = "".join(each["message"] for each in logs.filter_log_events(logGroupName="/aws/lambda/POC-Lambda-1")["events"])
        self.assertIn("AccessDeniedException", text)
        table = cli.client(values, "dynamodb")
        self.wait_for(lambda: table.scan(TableName="orders")["Count"] == 1, 45)
        watching.terminate()
        self.done(self.home.finish(watching))
        self.done(self.home.cli("cleanup", deployment))

    def test_mapping_is_refused(self):
        def without_receive(folder):
            path = os.path.join(folder, "template.json")
            with open(path) as file:
                template = json.load(file)
            actions = template["Resources"]["QueueReadPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Action"]
            actions.remove("sqs:ReceiveMessage")
            statements = template["Resources"]["QueueAccess"]["Properties"]["PolicyDocument"]["Statement"]
            statements[:] = [each for each in statements if each["Sid"] != "__receiver_statement"]
            with open(path, "w") as file:
                json.dump(template, file)

        self.home.own_tutorial("no-receive", without_receive)
        events = self.failed(self.home.cli("deploy", "no-receive"), "ReceiveMessage", "Lambda-SQS-DynamoDB")
        trigger = [each for each in self.of(events, "resource") if each["id"] == "StoreTrigger"][-1]
        self.assertEqual(trigger["state"], "failed")
        self.done(self.home.cli("cleanup", "--all"))


class Step(cli.CliCase):
    def test_one_hop_a_line(self):
        values = self.home.start_practice()
        deployment = self.deploy()
        mail = self.of(self.done(self.home.cli("inbox")), "mail")[0]
        urllib.request.urlopen(re.search(r"http://127\.0\.0\.1\S+", mail["body"]).group(), timeout=20).read()
        stepping = self.home.start_cli("watch", deployment, "--step", stdin=subprocess.PIPE)
        sending = None
        held = []
        try:
            self.wait_for(lambda: cli.hold(values)["deployments"] == [deployment], 20)
            sending = self.home.start_cli("send", deployment)
            while len(held) < 5:
                event = json.loads(stepping.stdout.readline())
                if event["event"] == "hop" and event["status"] == "held":
                    held.append((event["component"], event["type"]))
                    self.assertEqual(len(cli.hold(values)["held"]), 1)
                    stepping.stdin.write("\n")
                    stepping.stdin.flush()
            events = self.done(self.home.finish(sending))
            self.assertEqual(self.of(events, "trace")[-1]["state"], "delivered")
            # the end of the input ends step mode
            self.done(self.home.finish(stepping))
            self.assertEqual(cli.hold(values)["deployments"], [])
        finally:
            for process in (stepping, sending):
                if process is not None and process.poll() is None:
                    process.kill()
                    process.communicate()
        self.assertEqual(held, [("Api", "gateway"), ("Queue", "queue"), ("OrdersTable", "stream"), ("NotifyFunction", "function"), ("Topic", "topic")])
        self.done(self.home.cli("cleanup", deployment))


class BadInput(cli.CliCase):
    def test_usage(self):
        for arguments in [(), ("nonsense",), ("deploy",), ("deploy", "a", "b"), ("send", "x", "--count", "0"), ("deploy", "x", "--nonsense"),
                          ("cleanup",), ("watch", "x", "--for", "-1")]:
            status, _, errors = self.home.cli(*arguments)
            self.assertEqual(status, 2, (arguments, errors))

    def test_sentences(self):
        self.failed(self.home.cli("show", "nonsense"), "no tutorial “nonsense”")
        self.failed(self.home.cli("deploy", "nonsense"), "no tutorial “nonsense”")
        self.failed(self.home.cli("status", "nonsense"), "no deployment “nonsense”")
        self.failed(self.home.cli("deploy", "order-pipeline", "--until", "nonsense"), "no step “nonsense”")
        self.failed(self.home.cli("deploy", "order-pipeline", "--set", "QueueName=a b"), "QueueName", "no blanks")
        self.failed(self.home.cli("deploy", "order-pipeline", "--set", "EmailAddress=nobody"), "EmailAddress", "needs an @")
        self.failed(self.home.cli("deploy", "order-pipeline", "--set", "Nonsense=1"), "Nonsense")
        self.failed(self.home.cli("deploy", "order-pipeline", "--set", "QueueName"), "NAME=VALUE")
        self.failed(self.home.cli("deploy", "order-pipeline", "--target", "http://127.0.0.1:1"), "127.0.0.1:1")
        # nothing of it was kept
        self.assertEqual([each for each in self.done(self.home.cli("list")) if each["state"] != "new"], [])

    def test_broken_tutorials(self):
        def cut(folder):
            path = os.path.join(folder, "tutorial.json")
            os.truncate(path, os.path.getsize(path) // 2)

        def colour(folder):
            path = os.path.join(folder, "template.json")
            with open(path) as file:
                text = file.read()
            with open(path, "w") as file:
                file.write(text.replace('"QueueName": {"Fn::Sub"', '"Colour": "red", "QueueName": {"Fn::Sub"'))

        self.home.own_tutorial("cut", cut)
        self.home.own_tutorial("colour", colour)
        events = self.failed(self.home.cli("tutorials"), "The file ends in the middle", "has no property “Colour”")
        self.assertIn("order-pipeline", [each["id"] for each in events])

    def test_no_room_for_the_ledger(self):
        os.rmdir(self.home.data)
        with open(self.home.data, "w"):
            pass
        self.failed(self.home.cli("list"), self.home.data)
        self.failed(self.home.cli("deploy", "order-pipeline"), self.home.data)


if __name__ == "__main__":
    cli.main()
