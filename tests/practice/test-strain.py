# SPDX-License-Identifier: GPL-3.0-or-later
"""More than anybody should ask of it: many connections, half requests, large and deep bodies, a disk that is full or read-only."""
import http.client
import json
import os
import resource
import socket
import subprocess
import unittest
import urllib.parse

import practice
from pipeline import Pipeline
from practice import Practice, program

THOUSAND = 1000
MIB = 1024 * 1024
DEEP = b"[" * 200000 + b"]" * 200000
DEEP_OBJECT = b'{"a":' * 100000 + b"1" + b"}" * 100000


def half(port):
    """A request that lacks its end, and then its body."""
    return f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 100\r\n".encode()


class Connections(unittest.TestCase):
    def allow_descriptors(self, count):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard < count:
            self.skipTest(f"the system allows {hard} file descriptors, not {count}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))

    def connect(self, cloud, count):
        sockets = []
        for _ in range(count):
            sockets.append(socket.create_connection(("127.0.0.1", cloud.port_in_use), timeout=20))
            self.addCleanup(sockets[-1].close)
        return sockets

    def answer_of(self, connection):
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, answer.read()

    def test_thousand(self):
        """Clients that send half a request and wait cost the others nothing, and get their answer when they go on."""
        self.allow_descriptors(THOUSAND + 200)
        with Practice() as cloud:
            sockets = self.connect(cloud, THOUSAND)
            for i, connection in enumerate(sockets):
                connection.sendall(half(cloud.port_in_use)[:i % 80])
            self.assertEqual(cloud.client("sts").get_caller_identity()["Account"], "000000000000")
            for i, connection in enumerate(sockets):
                connection.sendall(half(cloud.port_in_use)[i % 80:] + b"\r\n")
            self.assertEqual(cloud.client("sts").get_caller_identity()["Account"], "000000000000")
            for connection in sockets:
                connection.sendall(b"x" * 100)
            for connection in sockets:
                self.assertEqual(self.answer_of(connection)[0], 403)
            self.wait_until_closed(cloud, sockets)

    def test_few_descriptors(self):
        """Where the system allows few, those that are too many are sent away, and there is room again when others go."""
        with Practice(wrapper=["prlimit", "--nofile=300:300"]) as cloud:
            sockets = self.connect(cloud, 300)
            statuses = set()
            for connection in sockets:
                try:
                    connection.sendall(half(cloud.port_in_use) + b"\r\n" + b"x" * 100)
                    statuses.add(self.answer_of(connection)[0])
                except (OSError, http.client.HTTPException):
                    statuses.add(503)   # it was closed before it could read that
            self.assertEqual(statuses, {403, 503})
            self.wait_until_closed(cloud, sockets)
            self.assertEqual(cloud.client("sts").get_caller_identity()["Account"], "000000000000")

    def wait_until_closed(self, cloud, sockets):
        for connection in sockets:
            connection.close()
        practice.PracticeCase.wait_for(self, lambda: len(os.listdir(f"/proc/{cloud.process.pid}/fd")) < 100)


class Bodies(practice.PracticeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pipeline = Pipeline(cls.practice)

    def post(self, service, target, body):
        headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0"}
        return self.practice.request("POST", "/", self.practice.signed_headers(service, "POST", "/", body=body, headers=headers), body)

    def test_deep_requests(self):
        for service, target in (("dynamodb", "DynamoDB_20120810.PutItem"), ("sqs", "AmazonSQS.SendMessage"),
                                ("logs", "Logs_20140328.PutLogEvents"), ("tagging", "ResourceGroupsTaggingAPI_20170126.GetResources")):
            for body in (DEEP, DEEP_OBJECT, b'{"TableName":' + DEEP + b"}", b"[" * 500000):
                status, _, answer = self.post(service, target, body)
                self.assertEqual((status, json.loads(answer)["__type"].rsplit("#")[-1]), (400, "SerializationException"), answer)

    def test_deep_documents(self):
        deep, iam = "[" * 2500 + "]" * 2500, self.practice.client("iam")
        self.fails("MalformedPolicyDocument", iam.create_policy, PolicyName="deep", PolicyDocument=deep)
        self.fails("MalformedPolicyDocument", iam.create_role, RoleName="deep", AssumeRolePolicyDocument=deep)
        self.fails("InvalidAttributeValue", self.practice.client("sqs").create_queue, QueueName="deep", Attributes={"Policy": DEEP.decode()})
        self.fails("InvalidParameter", self.practice.client("sns").create_topic, Name="deep", Attributes={"Policy": DEEP.decode()})
        functions = self.practice.client("lambda")
        self.fails("InvalidRequestContentException", functions.invoke, FunctionName="load", Payload=DEEP)
        value = {"S": "x"}
        for _ in range(40):
            value = {"L": [value]}
        self.fails("ValidationException", self.practice.client("dynamodb").put_item, TableName="load", Item={"id": {"S": "x"}, "v": value})

    def test_large(self):
        large = "x" * (10 * MIB)
        clients = {service: self.practice.client(service) for service in ("sqs", "sns", "dynamodb", "lambda", "iam", "logs")}
        topic = clients["sns"].create_topic(Name="large")["TopicArn"]
        self.fails("InvalidParameterValue", clients["sqs"].send_message, QueueUrl=self.pipeline.queue, MessageBody=large)
        self.fails("InvalidParameter", clients["sns"].publish, TopicArn=topic, Message=large)
        self.fails("ValidationException", clients["dynamodb"].put_item, TableName="load", Item={"id": {"S": large}})
        self.fails("RequestTooLargeException", clients["lambda"].invoke, FunctionName="load", Payload=json.dumps(large).encode(), status=413)
        document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Sid": large}]})
        self.fails("LimitExceeded", clients["iam"].create_policy, PolicyName="large", PolicyDocument=document, status=409)
        self.fails("InvalidParameterException", clients["logs"].create_log_group, logGroupName=large)

    def test_invoke_url(self):
        path = urllib.parse.urlsplit(self.pipeline.url).path
        for size, wanted in ((10 * MIB, 500), (10 * MIB + 1, 413)):   # the queue refuses the first, the gateway the second
            status, _, answer = self.practice.request("POST", path, {"Content-Type": "application/json"}, b"x" * size)
            self.assertIn("message", json.loads(answer))
            self.assertEqual(status, wanted, answer)
        status, _, _ = self.practice.request("POST", path, {"Content-Type": "application/json"}, DEEP)
        self.assertEqual(status, 200)   # text like any other to a queue


class Disk(unittest.TestCase):
    """The state folder on a file system of its own, in a mount namespace that goes with the program."""

    def setUp(self):
        self.folder = practice.tempfile.mkdtemp(prefix="millrace-practice-")
        self.addCleanup(os.rmdir, self.folder)
        self.unshare = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
        try:
            able = subprocess.run([*self.unshare, "mount", "-t", "tmpfs", "none", self.folder], capture_output=True).returncode == 0
        except FileNotFoundError:
            able = False
        if not able:
            self.skipTest("this user may not mount a file system")

    def within(self, options, script="true"):
        return [*self.unshare, "sh", "-c", f'mount -t tmpfs -o {options} none "$0" && {{ {script}; }}; exec "$@"', self.folder]

    def refused(self, sentence, options, script="true"):
        done = subprocess.run([*self.within(options, script), program(), "--state", self.folder], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=20)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        self.assertIn(sentence, done.stderr)

    def test_read_only(self):
        self.refused("cannot be written. Make it writable or start with another --state folder.", "ro")

    def test_full_at_the_start(self):
        self.refused("is full. Free some space", "size=64k", 'head -c 1M /dev/zero >"$0/filler" 2>/dev/null')

    def test_full_later(self):
        """What there is no room for fails; what was there stays."""
        with Practice(state=self.folder, wrapper=self.within("size=4m")) as cloud:
            sqs = cloud.client("sqs")
            url = sqs.create_queue(QueueName="full")["QueueUrl"]
            sent = set()
            with self.assertRaises(practice.ClientError) as caught:
                for i in range(100):
                    sqs.send_message(QueueUrl=url, MessageBody=f"{i:03}" + "x" * 200000)
                    sent.add(f"{i:03}")
            self.assertEqual(caught.exception.response["Error"]["Code"], "InternalFailure")
            self.assertIn("full", caught.exception.response["Error"]["Message"])
            self.assertGreater(len(sent), 2)
            self.assertEqual(sqs.list_queues()["QueueUrls"], [url])
            self.assertEqual(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"],
                             {"ApproximateNumberOfMessages": str(len(sent))})


if __name__ == "__main__":
    practice.main()
