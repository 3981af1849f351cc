# SPDX-License-Identifier: GPL-3.0-or-later
"""Queues, over whichever of SQS's two protocols the boto3 at hand speaks; the other is spoken by hand at the end."""
import contextlib
import hashlib
import json
import os
import sqlite3
import threading
import time
import urllib.parse
import uuid

import practice
from practice import PracticeCase


def name(suffix=""):
    return f"queue-{uuid.uuid4().hex[:12]}{suffix}"


class Sqs(PracticeCase):
    def setUp(self):
        self.sqs = self.practice.client("sqs")

    def make(self, suffix="", **attributes):
        if suffix:
            attributes["FifoQueue"] = "true"
        return self.sqs.create_queue(QueueName=name(suffix), Attributes=attributes)["QueueUrl"]

    def arn(self, url):
        return self.attributes(url, "QueueArn")["QueueArn"]

    def attributes(self, url, *names):
        return self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(names) or ["All"]).get("Attributes", {})

    def receive(self, url, **options):
        return self.sqs.receive_message(QueueUrl=url, **options).get("Messages", [])

    def bodies(self, url, **options):
        return [message["Body"] for message in self.receive(url, **options)]


class Queues(Sqs):
    def test_life(self):
        queue = name()
        url = self.sqs.create_queue(QueueName=queue, Attributes={"VisibilityTimeout": "20"}, tags={"a": "b", "empty": ""})["QueueUrl"]
        self.assertEqual(url, f"{self.practice.url}/000000000000/{queue}")
        self.assertEqual(self.sqs.get_queue_url(QueueName=queue)["QueueUrl"], url)
        self.assertEqual(self.arn(url), f"arn:aws:sqs:us-east-1:000000000000:{queue}")
        self.assertEqual(self.sqs.list_queue_tags(QueueUrl=url)["Tags"], {"a": "b", "empty": ""})
        self.sqs.tag_queue(QueueUrl=url, Tags={"c": "d"})
        self.sqs.untag_queue(QueueUrl=url, TagKeys=["a", "empty"])
        self.assertEqual(self.sqs.list_queue_tags(QueueUrl=url)["Tags"], {"c": "d"})
        self.assertEqual(self.sqs.list_queues(QueueNamePrefix=queue)["QueueUrls"], [url])
        self.sqs.delete_queue(QueueUrl=url)
        self.fails("AWS.SimpleQueueService.NonExistentQueue", self.sqs.get_queue_url, QueueName=queue, status=400)
        self.assertNotIn("QueueUrls", self.sqs.list_queues(QueueNamePrefix=queue))
        kinds = [event["kind"] for event in self.practice.events() if event.get("name") == queue]
        self.assertEqual(kinds, ["resource-created", "resource-updated", "resource-updated", "resource-deleted"])

    def test_same_again(self):
        queue = name()
        url = self.sqs.create_queue(QueueName=queue, Attributes={"DelaySeconds": "1"})["QueueUrl"]
        self.assertEqual(self.sqs.create_queue(QueueName=queue, Attributes={"DelaySeconds": "1"})["QueueUrl"], url)
        self.assertEqual(self.sqs.create_queue(QueueName=queue)["QueueUrl"], url)
        self.fails("QueueAlreadyExists", self.sqs.create_queue, QueueName=queue, Attributes={"DelaySeconds": "2"},
                   message="A queue already exists with the same name and a different value for attribute DelaySeconds")

    def test_names(self):
        for bad in ("with blank", "", "a" * 81, "dots.are.bad", "ümlaut", "queue.fifo"):
            self.fails("InvalidParameterValue", self.sqs.create_queue, QueueName=bad)
        self.fails("InvalidParameterValue", self.sqs.create_queue, QueueName=name(), Attributes={"FifoQueue": "true"})
        self.fails("InvalidAttributeName", self.sqs.create_queue, QueueName=name(), Attributes={"FifoQueue": "false"})

    def test_attribute_values(self):
        url = self.make()
        for attribute, value in (("DelaySeconds", "901"), ("DelaySeconds", "x"), ("VisibilityTimeout", "43201"), ("MaximumMessageSize", "1023"),
                                 ("MessageRetentionPeriod", "59"), ("ReceiveMessageWaitTimeSeconds", "21"), ("Policy", "{"),
                                 ("SqsManagedSseEnabled", "yes"), ("RedriveAllowPolicy", '{"redrivePermission":"some"}')):
            self.fails("InvalidAttributeValue", self.sqs.set_queue_attributes, QueueUrl=url, Attributes={attribute: value},
                       message=f"Invalid value for the parameter {attribute}.")
        self.fails("InvalidAttributeName", self.sqs.set_queue_attributes, QueueUrl=url, Attributes={"Colour": "red"})
        self.fails("InvalidAttributeName", self.sqs.create_queue, QueueName=name(), Attributes={"DeduplicationScope": "queue"},
                   message="You can specify the DeduplicationScope only when FifoQueue is set to true.")
        self.fails("InvalidParameterValue", self.sqs.set_queue_attributes, QueueUrl=url, Attributes={"RedrivePolicy": "{}"})
        self.fails("InvalidParameterValue", self.sqs.set_queue_attributes, QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(
            {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:missing", "maxReceiveCount": 3})})
        self.assertNotIn("Policy", self.attributes(url))

    def test_pages(self):
        prefix = name("-")
        urls = sorted(self.sqs.create_queue(QueueName=f"{prefix}{i}")["QueueUrl"] for i in range(5))
        found, token = [], None
        while True:
            page = self.sqs.list_queues(QueueNamePrefix=prefix, MaxResults=2, **({"NextToken": token} if token else {}))
            self.assertLessEqual(len(page["QueueUrls"]), 2)
            found += page["QueueUrls"]
            token = page.get("NextToken")
            if token is None:
                break
        self.assertEqual(found, urls)

    def test_regions(self):
        queue = name()
        self.sqs.create_queue(QueueName=queue)
        self.fails("AWS.SimpleQueueService.NonExistentQueue", self.practice.client("sqs", region="eu-west-1").get_queue_url, QueueName=queue)

    def test_permissions(self):
        url = self.make()
        self.sqs.add_permission(QueueUrl=url, Label="one", AWSAccountIds=["111122223333"], Actions=["SendMessage"])
        policy = json.loads(self.attributes(url, "Policy")["Policy"])
        self.assertEqual(policy["Statement"], [{"Sid": "one", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                                                "Action": "SQS:SendMessage", "Resource": self.arn(url)}])
        self.fails("InvalidParameterValue", self.sqs.add_permission, QueueUrl=url, Label="one", AWSAccountIds=["111122223333"],
                   Actions=["SendMessage"], message="Value one for parameter Label is invalid. Reason: Already exists.")
        self.sqs.remove_permission(QueueUrl=url, Label="one")
        self.assertNotIn("Policy", self.attributes(url))
        self.fails("InvalidParameterValue", self.sqs.remove_permission, QueueUrl=url, Label="one")

    def test_policy_denies(self):
        url = self.make()
        arn = self.arn(url)
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}]})})
        error = self.fails("AccessDenied", self.sqs.send_message, QueueUrl=url, MessageBody="x", status=403)
        self.assertIn("explicit deny", error["Message"])
        denied = [event for event in self.practice.events() if event["kind"] == "denied" and event["resource"] == arn]
        self.assertEqual(denied[0]["action"], "sqs:SendMessage")
        self.sqs.receive_message(QueueUrl=url)

    def test_purge(self):
        url = self.make()
        for i in range(3):
            self.sqs.send_message(QueueUrl=url, MessageBody=str(i))
        self.receive(url)
        self.sqs.purge_queue(QueueUrl=url)
        counts = self.attributes(url)
        self.assertEqual((counts["ApproximateNumberOfMessages"], counts["ApproximateNumberOfMessagesNotVisible"]), ("0", "0"))
        self.fails("AWS.SimpleQueueService.PurgeQueueInProgress", self.sqs.purge_queue, QueueUrl=url, status=403)

    def test_tagging_service(self):
        queue = name()
        url = self.sqs.create_queue(QueueName=queue, tags={"project": queue})["QueueUrl"]
        tagging = self.practice.client("resourcegroupstaggingapi")
        found = tagging.get_resources(TagFilters=[{"Key": "project", "Values": [queue]}])["ResourceTagMappingList"]
        self.assertEqual([item["ResourceARN"] for item in found], [self.arn(url)])


class Messages(Sqs):
    def test_whole_way(self):
        url = self.make()
        sent = self.sqs.send_message(QueueUrl=url, MessageBody="héllo <&> \r\n\t", MessageAttributes={
            "text": {"DataType": "String", "StringValue": "foobar"}, "number": {"DataType": "Number", "StringValue": "-1.5"},
            "text.more": {"DataType": "String.x", "StringValue": "y"}, "bytes": {"DataType": "Binary", "BinaryValue": b"\0\1\xff"}})
        self.assertEqual(sent["MD5OfMessageBody"], hashlib.md5("héllo <&> \r\n\t".encode()).hexdigest())
        message, = self.receive(url, AttributeNames=["All"], MessageAttributeNames=["All"])
        self.assertEqual(message["MessageId"], sent["MessageId"])
        self.assertEqual(message["Body"], "héllo <&> \r\n\t")
        self.assertEqual(message["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"])
        self.assertEqual(message["MessageAttributes"]["bytes"]["BinaryValue"], b"\0\1\xff")
        self.assertEqual(set(message["MessageAttributes"]), {"text", "number", "text.more", "bytes"})
        self.assertEqual(message["Attributes"]["ApproximateReceiveCount"], "1")
        self.assertEqual(set(message["Attributes"]), {"SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp"})
        counts = self.attributes(url)
        self.assertEqual((counts["ApproximateNumberOfMessages"], counts["ApproximateNumberOfMessagesNotVisible"]), ("0", "1"))
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        self.assertEqual(self.attributes(url)["ApproximateNumberOfMessagesNotVisible"], "0")

        events = [event for event in self.practice.events() if event.get("messageId") == sent["MessageId"]]
        self.assertEqual([event["kind"] for event in events], ["queue-sent", "queue-received", "queue-deleted"])
        self.assertEqual(events[0]["body"], "héllo <&> \r\n\t")
        self.assertEqual(events[0]["sourceType"], "caller")
        self.assertEqual(events[0]["requestId"], sent["ResponseMetadata"]["RequestId"])
        self.assertEqual(events[1]["receiveCount"], 1)
        self.assertGreater(events[1]["visibleAt"], events[1]["time"] + 25)

    def test_selection(self):
        url = self.make()
        text = {"DataType": "String", "StringValue": "x"}
        self.sqs.send_message(QueueUrl=url, MessageBody="b", MessageAttributes={"a.one": text, "a.two": text, "b": text})

        def names(selection):
            message, = self.receive(url, VisibilityTimeout=0, MessageAttributeNames=selection)
            return set(message.get("MessageAttributes", {}))
        self.assertEqual(names([]), set())
        self.assertEqual(names(["a.*"]), {"a.one", "a.two"})
        self.assertEqual(names(["b", "missing"]), {"b"})
        self.assertEqual(names([".*"]), {"a.one", "a.two", "b"})
        message, = self.receive(url, VisibilityTimeout=0, AttributeNames=["SenderId"])
        self.assertEqual(set(message["Attributes"]), {"SenderId"})

    def test_refused(self):
        url = self.make(MaximumMessageSize="1024")
        send = lambda **options: dict({"QueueUrl": url, "MessageBody": "x"}, **options)
        attribute = lambda **options: {"MessageAttributes": {"a": options}}
        self.fails("MissingParameter", self.sqs.send_message, **send(MessageBody=""))
        self.fails("InvalidMessageContents", self.sqs.send_message, **send(MessageBody="a\x01b"))
        self.fails("InvalidParameterValue", self.sqs.send_message, **send(MessageBody="x" * 1025),
                   message="One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.")
        self.fails("InvalidParameterValue", self.sqs.send_message, **send(DelaySeconds=901))
        self.fails("InvalidParameterValue", self.sqs.send_message, **send(DelaySeconds=-1))
        self.fails("InvalidParameterValue", self.sqs.send_message, **send(**attribute(DataType="String", StringValue="")),
                   message="Message (user) attribute 'a' must contain a non-empty value of type 'String'.")
        self.fails("InvalidParameterValue", self.sqs.send_message, **send(**attribute(DataType="Number", StringValue="many")))
        self.fails("InvalidParameterValue", self.sqs.send_message, **send(**attribute(DataType="Colour", StringValue="red")))
        self.fails("InvalidParameterValue", self.sqs.send_message, **send(MessageDeduplicationId="x"))
        self.fails("ReceiptHandleIsInvalid", self.sqs.delete_message, QueueUrl=url, ReceiptHandle="nonsense")
        self.fails("InvalidParameterValue", self.sqs.receive_message, QueueUrl=url, WaitTimeSeconds=21,
                   message="Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.")
        self.fails("InvalidAttributeName", self.sqs.receive_message, QueueUrl=url, AttributeNames=["Colour"])
        self.fails("InvalidAddress", self.sqs.receive_message, QueueUrl=self.practice.url)
        self.assertEqual(self.bodies(url), [])

    def test_other_port(self):
        url = self.make()
        self.sqs.send_message(QueueUrl="http://localhost:1" + urllib.parse.urlsplit(url).path, MessageBody="x")
        self.assertEqual(self.bodies(url), ["x"])

    def test_batches(self):
        url = self.make()
        sent = self.sqs.send_message_batch(QueueUrl=url, Entries=[
            {"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "2", "DelaySeconds": 901}, {"Id": "c", "MessageBody": "3"}])
        self.assertEqual([entry["Id"] for entry in sent["Successful"]], ["a", "c"])
        self.assertEqual([(entry["Id"], entry["Code"], entry["SenderFault"]) for entry in sent["Failed"]], [("b", "InvalidParameterValue", True)])
        messages = self.receive(url, MaxNumberOfMessages=10)
        self.assertEqual([message["Body"] for message in messages], ["1", "3"])
        changed = self.sqs.change_message_visibility_batch(QueueUrl=url, Entries=[
            {"Id": "a", "ReceiptHandle": messages[0]["ReceiptHandle"], "VisibilityTimeout": 0},
            {"Id": "b", "ReceiptHandle": "nonsense", "VisibilityTimeout": 0}])
        self.assertEqual([entry["Id"] for entry in changed["Successful"]], ["a"])
        self.assertEqual([entry["Code"] for entry in changed["Failed"]], ["ReceiptHandleIsInvalid"])
        again, = self.receive(url)
        self.assertEqual(again["Body"], "1")
        deleted = self.sqs.delete_message_batch(QueueUrl=url, Entries=[
            {"Id": "a", "ReceiptHandle": again["ReceiptHandle"]}, {"Id": "c", "ReceiptHandle": messages[1]["ReceiptHandle"]}])
        self.assertEqual(len(deleted["Successful"]), 2)
        self.assertNotIn("Failed", deleted)

        entry = {"Id": "a", "MessageBody": "x"}
        self.fails("AWS.SimpleQueueService.EmptyBatchRequest", self.sqs.send_message_batch, QueueUrl=url, Entries=[])
        self.fails("AWS.SimpleQueueService.BatchEntryIdsNotDistinct", self.sqs.send_message_batch, QueueUrl=url, Entries=[entry, entry])
        self.fails("AWS.SimpleQueueService.TooManyEntriesInBatchRequest", self.sqs.send_message_batch, QueueUrl=url,
                   Entries=[{"Id": str(i), "MessageBody": "x"} for i in range(11)],
                   message="Maximum number of entries per request are 10. You have sent 11.")
        self.fails("AWS.SimpleQueueService.BatchRequestTooLong", self.sqs.send_message_batch, QueueUrl=url,
                   Entries=[{"Id": str(i), "MessageBody": "x" * 524289} for i in range(2)],
                   message="Batch requests cannot be longer than 1048576 bytes. You have sent 1048578 bytes.")
        self.assertEqual(self.bodies(url), [])


class Time(Sqs):
    def test_visibility(self):
        url = self.make(VisibilityTimeout="1")
        sent = self.sqs.send_message(QueueUrl=url, MessageBody="x")["MessageId"]
        first, = self.receive(url)
        self.assertEqual(self.bodies(url), [])
        second, = self.receive(url, WaitTimeSeconds=10, AttributeNames=["ApproximateReceiveCount"])
        self.assertEqual(second["Attributes"]["ApproximateReceiveCount"], "2")
        self.assertNotEqual(first["ReceiptHandle"], second["ReceiptHandle"])
        returned = self.practice.events(wanted=lambda event: event["kind"] == "queue-returned" and event["messageId"] == sent)[-1]
        self.assertEqual((returned["reason"], returned["receiveCount"]), ("visibility-timeout", 1))

    def test_change_visibility(self):
        url = self.make()
        self.sqs.send_message(QueueUrl=url, MessageBody="x")
        message, = self.receive(url)
        change = lambda seconds: dict(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=seconds)
        self.fails("InvalidParameterValue", self.sqs.change_message_visibility, **change(43201))
        self.sqs.change_message_visibility(**change(100))
        self.assertEqual(self.bodies(url), [])
        self.sqs.change_message_visibility(**change(0))
        self.assertEqual(self.bodies(url), ["x"])
        self.fails("InvalidParameterValue", self.sqs.change_message_visibility, **change(10))

    def test_delay(self):
        url = self.make(DelaySeconds="60")
        self.sqs.send_message(QueueUrl=url, MessageBody="queue's")
        self.sqs.send_message(QueueUrl=url, MessageBody="soon", DelaySeconds=1)
        self.assertEqual(self.attributes(url)["ApproximateNumberOfMessagesDelayed"], "2")
        self.assertEqual(self.bodies(url), [])
        self.assertEqual(self.bodies(url, WaitTimeSeconds=10, MaxNumberOfMessages=10), ["soon"])

    def test_long_polls(self):
        url = self.make()
        got = []
        poll = lambda: got.extend(self.bodies(url, WaitTimeSeconds=20))
        polls = [threading.Thread(target=poll) for _ in range(2)]
        for thread in polls:
            thread.start()
        time.sleep(0.3)
        for body in ("1", "2"):
            self.sqs.send_message(QueueUrl=url, MessageBody=body)
        for thread in polls:
            thread.join(30)
        self.assertEqual(sorted(got), ["1", "2"])

    def test_poll_of_deleted_queue(self):
        url = self.make(ReceiveMessageWaitTimeSeconds="20")
        codes = []

        def poll():
            try:
                self.receive(url)
            except practice.ClientError as error:
                codes.append(error.response["Error"]["Code"])
        thread = threading.Thread(target=poll)
        thread.start()
        time.sleep(0.3)
        self.sqs.delete_queue(QueueUrl=url)
        thread.join(30)
        self.assertEqual(codes, ["AWS.SimpleQueueService.NonExistentQueue"])

    def test_poller_that_hung_up_takes_nothing(self):
        url = self.make()
        impatient = self.practice.client("sqs", read_timeout=1)
        with self.assertRaises(Exception):
            impatient.receive_message(QueueUrl=url, WaitTimeSeconds=20)
        self.sqs.send_message(QueueUrl=url, MessageBody="x")
        self.assertEqual(self.bodies(url, WaitTimeSeconds=5), ["x"])

    def test_restart(self):
        url = self.make(VisibilityTimeout="1")
        self.sqs.send_message(QueueUrl=url, MessageBody="in flight")
        self.receive(url)
        self.sqs.send_message(QueueUrl=url, MessageBody="waiting")
        self.practice.restart()
        self.sqs = self.practice.client("sqs")
        got = []
        self.wait_for(lambda: got.extend(self.bodies(url, WaitTimeSeconds=2, MaxNumberOfMessages=10, VisibilityTimeout=60)) or len(got) == 2)
        self.assertEqual(sorted(got), ["in flight", "waiting"])


class Clock(Sqs):
    """What takes too long to wait for: the clock is set on by ageing what is stored while the practice cloud is down."""

    def age(self, table, column, seconds):
        self.practice.stop()
        with contextlib.closing(sqlite3.connect(os.path.join(self.practice.state, "practice.db"))) as database:
            database.execute(f"UPDATE {table} SET {column} = {column} - ?", (seconds * 1000,))
            database.commit()
        self.practice.start()
        self.sqs = self.practice.client("sqs")

    def test_retention(self):
        url = self.make(MessageRetentionPeriod="60")
        keeps = self.make()
        self.sqs.send_message(QueueUrl=url, MessageBody="old")
        self.sqs.send_message(QueueUrl=keeps, MessageBody="kept")
        self.age("sqs_message", "sent", 61)
        self.assertEqual(self.bodies(url), [])
        self.assertEqual(self.bodies(keeps), ["kept"])
        self.sqs.send_message(QueueUrl=url, MessageBody="new")
        self.assertEqual(self.bodies(url), ["new"])

    def test_shorter_retention(self):
        url = self.make()
        self.sqs.send_message(QueueUrl=url, MessageBody="old")
        self.age("sqs_message", "sent", 61)
        self.assertEqual(self.attributes(url)["ApproximateNumberOfMessages"], "1")
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": "60"})
        self.wait_for(lambda: self.attributes(url)["ApproximateNumberOfMessages"] == "0")

    def test_deduplication_ends(self):
        url = self.make(".fifo", ContentBasedDeduplication="true")
        send = lambda: self.sqs.send_message(QueueUrl=url, MessageBody="x", MessageGroupId="g")["SequenceNumber"]
        first = send()
        self.age("sqs_deduplication", "sent", 299)
        self.assertEqual(send(), first)
        self.age("sqs_deduplication", "sent", 2)
        self.assertGreater(int(send()), int(first))

    def test_purge_again(self):
        url = self.make()
        self.sqs.purge_queue(QueueUrl=url)
        self.age("sqs_queue", "purged", 61)
        self.sqs.purge_queue(QueueUrl=url)

    def test_visibility_has_an_end(self):
        url = self.make()
        self.sqs.send_message(QueueUrl=url, MessageBody="x")
        message, = self.receive(url, VisibilityTimeout=43200)
        self.age("sqs_message", "received", 43000)
        change = lambda seconds: dict(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=seconds)
        error = self.fails("InvalidParameterValue", self.sqs.change_message_visibility, **change(300))
        self.assertIn("Total VisibilityTimeout for the message is beyond the limit [43200 seconds]", error["Message"])
        self.sqs.change_message_visibility(**change(100))


class Fifo(Sqs):
    def send(self, url, body, group="g", **options):
        return self.sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=group, **options)

    def test_order_and_groups(self):
        url = self.make(".fifo", ContentBasedDeduplication="true")
        numbers = [int(self.send(url, f"{group}{i}", group)["SequenceNumber"]) for i in range(3) for group in "ab"]
        self.assertEqual(numbers, sorted(numbers))
        first, = self.receive(url, AttributeNames=["All"])
        self.assertEqual(first["Body"], "a0")
        self.assertEqual(first["Attributes"]["MessageGroupId"], "a")
        self.assertEqual(first["Attributes"]["SequenceNumber"], str(numbers[0]))
        self.assertEqual(first["Attributes"]["MessageDeduplicationId"], hashlib.sha256(b"a0").hexdigest())
        # Group a waits for a0.
        rest = self.receive(url, MaxNumberOfMessages=10)
        self.assertEqual([message["Body"] for message in rest], ["b0", "b1", "b2"])
        self.assertEqual(self.bodies(url), [])
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
        self.assertEqual(self.bodies(url, MaxNumberOfMessages=10), ["a1", "a2"])
        # A message that comes back goes before what was sent after it.
        self.send(url, "b3", "b")
        for message in rest:
            self.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
        self.assertEqual(self.bodies(url, MaxNumberOfMessages=10), ["b0", "b1", "b2", "b3"])

    def test_poll_waits_for_group(self):
        url = self.make(".fifo", ContentBasedDeduplication="true")
        self.send(url, "1")
        self.send(url, "2")
        first, = self.receive(url)
        timer = threading.Timer(0.5, lambda: self.practice.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"]))
        timer.start()
        self.assertEqual(self.bodies(url, WaitTimeSeconds=20), ["2"])
        timer.join()

    def test_deduplication(self):
        url = self.make(".fifo", ContentBasedDeduplication="true")
        first, again = self.send(url, "same"), self.send(url, "same")
        self.assertEqual((first["MessageId"], first["SequenceNumber"]), (again["MessageId"], again["SequenceNumber"]))
        self.assertEqual(self.bodies(url, MaxNumberOfMessages=10), ["same"])
        self.assertNotEqual(self.send(url, "same", MessageDeduplicationId="other")["MessageId"], first["MessageId"])

        by_group = self.make(".fifo", DeduplicationScope="messageGroup", FifoThroughputLimit="perMessageGroupId")
        for group in "aab":
            self.send(by_group, "x", group, MessageDeduplicationId="1")
        self.assertEqual(len(self.receive(by_group, MaxNumberOfMessages=10)), 2)

    def test_refused(self):
        url = self.make(".fifo")
        self.fails("MissingParameter", self.sqs.send_message, QueueUrl=url, MessageBody="x",
                   message="The request must contain the parameter MessageGroupId.")
        self.fails("InvalidParameterValue", self.send, url, "x")
        self.fails("InvalidParameterValue", self.send, url, "x", "with blank", MessageDeduplicationId="1")
        self.fails("InvalidParameterValue", self.send, url, "x", MessageDeduplicationId="1", DelaySeconds=2)
        self.fails("InvalidParameterValue", self.sqs.send_message_batch, QueueUrl=url, Entries=[{"Id": "a", "MessageBody": "x"}])
        self.fails("InvalidAttributeValue", self.sqs.set_queue_attributes, QueueUrl=url, Attributes={"FifoQueue": "false"})

    def test_expired_receipt(self):
        url = self.make(".fifo", VisibilityTimeout="1")
        self.send(url, "x", MessageDeduplicationId="1")
        message, = self.receive(url)
        time.sleep(1.2)
        error = self.fails("InvalidParameterValue", self.sqs.delete_message, QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        self.assertIn("The receipt handle has expired.", error["Message"])
        # The refused call must not have lost the message.
        self.assertEqual(self.bodies(url, WaitTimeSeconds=5), ["x"])

    def test_attempt_id(self):
        url = self.make(".fifo", ContentBasedDeduplication="true")
        self.send(url, "1")
        self.send(url, "2", "other")
        first, = self.receive(url, ReceiveRequestAttemptId="try")
        again, = self.receive(url, ReceiveRequestAttemptId="try")
        self.assertEqual((first["MessageId"], first["Body"]), (again["MessageId"], "1"))
        self.assertEqual(self.bodies(url), ["2"])


class DeadLetters(Sqs):
    def redrive(self, target, count=2):
        return json.dumps({"deadLetterTargetArn": self.arn(target), "maxReceiveCount": count})

    def test_after_too_many_receives(self):
        dead = self.make()
        url = self.make(RedrivePolicy=self.redrive(dead), VisibilityTimeout="0")
        sent = self.sqs.send_message(QueueUrl=url, MessageBody="poison")["MessageId"]
        self.assertEqual(self.bodies(url) + self.bodies(url), ["poison", "poison"])
        self.assertEqual(self.bodies(url), [])
        message, = self.receive(dead, WaitTimeSeconds=5, AttributeNames=["All"])
        self.assertEqual((message["MessageId"], message["Attributes"]["ApproximateReceiveCount"]), (sent, "3"))
        self.assertEqual(message["Attributes"]["DeadLetterQueueSourceArn"], self.arn(url))
        self.assertEqual(self.sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"], [url])
        moved, = [event for event in self.practice.events() if event["kind"] == "queue-dead-lettered" and event["messageId"] == sent]
        self.assertEqual((moved["deadLetterQueueArn"], moved["receiveCount"]), (self.arn(dead), 2))

    def test_poll_wakes(self):
        dead = self.make()
        url = self.make(RedrivePolicy=self.redrive(dead, 1), VisibilityTimeout="0")
        self.sqs.send_message(QueueUrl=url, MessageBody="poison")
        self.assertEqual(self.bodies(url), ["poison"])
        timer = threading.Timer(0.3, lambda: self.practice.client("sqs").receive_message(QueueUrl=url))
        timer.start()
        self.assertEqual(self.bodies(dead, WaitTimeSeconds=20), ["poison"])
        timer.join()

    def test_fifo(self):
        dead = self.make(".fifo")
        url = self.make(".fifo", RedrivePolicy=self.redrive(dead, 1), VisibilityTimeout="0", ContentBasedDeduplication="true")
        for body in "123":
            self.sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g")
        self.assertEqual(self.bodies(url, MaxNumberOfMessages=10), ["1", "2", "3"])
        self.assertEqual(self.bodies(url, MaxNumberOfMessages=10), [])
        self.assertEqual(self.bodies(dead, MaxNumberOfMessages=10), ["1", "2", "3"])

    def test_refused(self):
        dead = self.make()
        self.fails("InvalidParameterValue", self.sqs.create_queue, QueueName=name(".fifo"),
                   Attributes={"FifoQueue": "true", "RedrivePolicy": self.redrive(dead)})
        for count in (0, 1001):
            self.fails("InvalidParameterValue", self.sqs.create_queue, QueueName=name(), Attributes={"RedrivePolicy": self.redrive(dead, count)})
        self.sqs.set_queue_attributes(QueueUrl=dead, Attributes={"RedriveAllowPolicy": '{"redrivePermission":"denyAll"}'})
        self.fails("InvalidParameterValue", self.sqs.create_queue, QueueName=name(), Attributes={"RedrivePolicy": self.redrive(dead)})


class Wire(Sqs):
    """Requests that no SDK sends any more, and those that API Gateway's integrations send."""

    def post(self, path, body, headers=None):
        headers = dict({"Content-Type": "application/x-www-form-urlencoded"}, **(headers or {}))
        signed = self.practice.signed_headers("sqs", "POST", path, body=body, headers=headers)
        status, _, answer = self.practice.request("POST", path, signed, body)
        return status, answer.decode()

    def test_posted_to_the_queue(self):
        url = self.make()
        path = urllib.parse.urlsplit(url).path
        status, answer = self.post(path, b"Action=SendMessage&MessageBody=a%26b&MessageAttribute.1.Name=n&MessageAttribute.1.Value.DataType=String"
                                         b"&MessageAttribute.1.Value.StringValue=v")
        self.assertEqual(status, 200, answer)
        self.assertIn("<SendMessageResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><SendMessageResult>", answer)
        self.assertIn(f"<MD5OfMessageBody>{hashlib.md5(b'a&b').hexdigest()}</MD5OfMessageBody>", answer)
        status, answer = self.post(path, b"Action=ReceiveMessage&AttributeName.1=All&MessageAttributeName.1=All")
        self.assertIn("<Body>a&amp;b</Body>", answer)
        self.assertIn("<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>", answer)
        self.assertIn("<MessageAttribute><Name>n</Name><Value><DataType>String</DataType><StringValue>v</StringValue></Value></MessageAttribute>",
                      answer)

    def test_query_errors(self):
        status, answer = self.post("/000000000000/missing", b"Action=SendMessage&MessageBody=x")
        self.assertEqual(status, 400)
        self.assertIn("<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"
                      "<Message>The specified queue does not exist for this wsdl version.</Message>", answer)
        status, answer = self.post("/", b"Action=SendMessage&MessageBody=x")
        self.assertIn("<Code>MissingParameter</Code><Message>The request must contain the parameter QueueUrl.</Message>", answer)

    def test_json(self):
        queue = name()
        call = lambda operation, **parameters: self.post("/", json.dumps(parameters).encode(), {
            "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AmazonSQS.{operation}", "x-amzn-query-mode": "true"})
        status, answer = call("CreateQueue", QueueName=queue, Attributes={"DelaySeconds": "0"}, tags={"a": "b"})
        url = json.loads(answer)["QueueUrl"]
        status, answer = call("SendMessage", QueueUrl=url, MessageBody="x")
        self.assertEqual(json.loads(answer)["MD5OfMessageBody"], hashlib.md5(b"x").hexdigest())
        status, answer = call("ReceiveMessage", QueueUrl=url, MessageSystemAttributeNames=["All"], WaitTimeSeconds=1)
        self.assertEqual(json.loads(answer)["Messages"][0]["Body"], "x")
        status, answer = call("SendMessage", QueueUrl=url, MessageBody=5)
        self.assertEqual(status, 400)
        for wrong in ({"Entries": "x"}, {"Entries": [1]}, {"Entries": [{"Id": 1}]}, {"Entries": [{"Id": "a", "MessageBody": {}}]},
                      {"Entries": [{"Id": "a", "MessageBody": "x", "MessageAttributes": [1]}]},
                      {"Entries": [{"Id": "a", "MessageBody": "x", "MessageAttributes": {"a": 1}}]}):
            status, answer = call("SendMessageBatch", QueueUrl=url, **wrong)
            self.assertTrue(status == 400 or "Failed" in json.loads(answer), (wrong, status, answer))
        status, answer = call("GetQueueUrl", QueueName="missing-" + queue)
        self.assertEqual(json.loads(answer)["__type"], "com.amazonaws.sqs#QueueDoesNotExist")


if __name__ == "__main__":
    practice.main()
