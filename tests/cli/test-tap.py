#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tap on a topic, through millrace-cli: what is published is read, by all who watch; it is nobody's delivery, and nothing of it stays."""
import json
import os
import subprocess

import cli
from cloud import Cloud, differences

WAY = [("Api", "gateway"), ("Queue", "queue"), ("StoreFunction", "function"), ("OrdersTable", "table"),
       ("OrdersTable", "stream"), ("NotifyFunction", "function"), ("Topic", "topic"), ("MailSubscription", "mail")]


class Tap(cli.CliCase):
    def setUp(self):
        super().setUp()
        self.values = self.home.start_practice()
        self.cloud = Cloud(lambda service: cli.client(self.values, service))
        self.before = self.cloud.dump()

    def there(self):
        """The queues and subscriptions."""
        return (sorted(self.cloud.pages("sqs", "list_queues", "QueueUrls")),
                sorted(each["Endpoint"] for each in self.cloud.pages("sns", "list_subscriptions", "Subscriptions")))

    def client(self, service):
        return self.cloud.clients[service]

    def ways(self, events, words):
        """What became of each message with @words in it, by hops."""
        hops = self.of(events, "hop")
        ours = {hop["trace"] for hop in hops if words in hop["payload"]}
        return [{(hop["component"], hop["type"]) for hop in hops if hop["trace"] == each} for each in ours]

    def published(self, events, words):
        """Each has the id of its order in it."""
        return {hop["payload"] for hop in self.of(events, "hop") if hop["type"] == "topic" and words in hop["payload"]}

    def watch(self, deployment):
        """A program that watches; what it tells goes into a file."""
        path = os.path.join(self.home.path, "watch-%d" % len(os.listdir(self.home.path)))
        with open(path, "w") as file:
            process = subprocess.Popen([os.environ["MILLRACE_CLI"], "--json", "watch", deployment, "--probes"], env=self.home.environment,
                                       stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.DEVNULL)

        def end():
            process.terminate()
            process.wait(20)
        self.addCleanup(end)

        def told():
            with open(path) as file:
                return [json.loads(line) for line in file if line.endswith("\n")]
        return told

    def send(self, deployment, item, *arguments):
        return self.done(self.home.cli("send", deployment, "--message", json.dumps({"item": item, "customerID": "1"}), *arguments))

    def test_read(self):
        deployment = self.deploy()
        self.confirm()
        bare = self.there()
        early = self.watch(deployment)
        tap = self.of(self.done(self.home.cli("tap", deployment, "Topic")), "tap")[0]
        self.assertEqual((tap["topic"], tap["on"]), ("Topic", True))
        queue = self.client("sqs")
        policy = json.loads(queue.get_queue_attributes(QueueUrl=tap["queue"], AttributeNames=["Policy"])["Attributes"]["Policy"])
        topic = self.client("sns").list_topics()["Topics"][0]["TopicArn"]
        self.assertEqual([each["Condition"] for each in policy["Statement"]], [{"ArnEquals": {"aws:SourceArn": topic}}])
        tags = queue.list_queue_tags(QueueUrl=tap["queue"])["Tags"]
        self.assertEqual((tags["millrace:deployment"], tags["millrace:tutorial"]), (deployment, "order-pipeline"))

        # three read it at the same time, and each sees all
        late = self.watch(deployment)
        self.assertEqual(self.ways(self.send(deployment, "first", "--count", "6", "--probes"), "first"), [set(WAY)] * 6)
        events = self.send(deployment, "second", "--count", "6", "--probes")
        self.assertEqual(self.ways(events, "second"), [set(WAY)] * 6)
        self.wait_for(lambda: all(len(self.published(told(), "second")) == 6 for told in (early, late)), 60)
        for told in early, late:
            self.assertEqual({(hop["component"], hop["type"]) for hop in self.of(told(), "hop")} - set(WAY), set())
        # the true stream shows nothing else
        events = self.send(deployment, "third")
        self.assertEqual((self.ways(events, "third"), len(self.published(events, "third"))), ([set(WAY)], 1))

        status, events, errors = self.home.cli("status", deployment)
        self.assertEqual(status, 0, errors)
        self.assertEqual([each["id"] for each in self.of(events, "resource") if each["id"].startswith("Tap.")],
                         ["Tap.Topic.Queue", "Tap.Topic.QueuePolicy", "Tap.Topic.Subscription"])
        self.assertEqual([each for each in self.of(events, "check") if "Tap." in each["text"]], [])
        self.done(self.home.cli("tap", deployment, "Topic", "--off"))
        self.assertEqual(self.there(), bare)
        self.done(self.home.cli("tap", deployment, "Topic"))
        clean_up = self.of(self.done(self.home.cli("cleanup", deployment)), "cleanup")[0]
        self.assertEqual(clean_up["left"], 0)
        self.assertEqual(differences(self.before, self.cloud.dump()), [])

    def be_user(self):
        """From now on the practice cloud stands for AWS, and the CLI is somebody whom self.forbid() may forbid things."""
        self.iam = cli.client(self.values, "iam")
        self.iam.create_user(UserName="student")
        self.policy("may", "Allow", "*")
        key = self.iam.create_access_key(UserName="student")["AccessKey"]
        self.home.environment.update(AWS_ENDPOINT_URL=self.values["AWS_ENDPOINT_URL"], MILLRACE_INVOKE_URL=self.values["MILLRACE_INVOKE_URL"],
                                     AWS_ACCESS_KEY_ID=key["AccessKeyId"], AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"])

    def policy(self, name, effect, action):
        self.iam.put_user_policy(UserName="student", PolicyName=name, PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": "*"}]}))

    def test_mistakes(self):
        """A sentence says what is the matter; what was made by then is gone again, and nothing is left of it."""
        self.be_user()
        deployment = self.deploy("--target", "default", "--until", "stream")
        self.failed(self.home.cli("tap", deployment, "Topic"), "Topic is not made yet")
        self.failed(self.home.cli("tap", deployment, "Queue"), "no topic “Queue”. Its topics: Topic.")
        self.assertEqual(self.home.cli("tap", deployment)[0], 2)
        self.done(self.home.cli("tap", deployment, "Topic", "--off"))
        self.done(self.home.cli("resume", deployment))
        before = self.there()
        for denied in ("sqs:GetQueueUrl", "sqs:CreateQueue", "sqs:SetQueueAttributes", "sns:Subscribe"):
            with self.subTest(denied=denied):
                self.policy("may-not", "Deny", denied)
                events = self.failed(self.home.cli("tap", deployment, "Topic"), "not authorized to perform: " + denied)
                last = {each["id"]: each["state"] for each in self.of(events, "resource")}
                self.assertEqual(set(last.values()) - {"planned", "deleted"}, set())
                self.assertEqual(self.there(), before)
        self.iam.delete_user_policy(UserName="student", PolicyName="may-not")
        self.done(self.home.cli("tap", deployment, "Topic"))
        # somebody deletes the topic by hand
        topic = self.client("sns").list_topics()["Topics"][0]["TopicArn"]
        self.client("sns").delete_topic(TopicArn=topic)
        self.done(self.home.cli("tap", deployment, "Topic", "--off"))
        self.done(self.home.cli("cleanup", deployment))
        self.assertEqual(self.there(), ([], []))

    def test_lost_ledger(self):
        """What of a tap bears tags is found without the ledger; the rest goes with its topic."""
        deployment = self.deploy("--until", "topic")
        self.done(self.home.cli("tap", deployment, "Topic"))
        for name in os.listdir(os.path.join(self.home.data, "millrace")):
            if name.startswith("ledger.db"):
                os.unlink(os.path.join(self.home.data, "millrace", name))
        self.done(self.home.cli("cleanup", "--orphans"))
        self.assertEqual(differences(self.before, self.cloud.dump()), [])

if __name__ == "__main__":
    cli.main()
