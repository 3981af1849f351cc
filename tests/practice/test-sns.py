# SPDX-License-Identifier: GPL-3.0-or-later
"""Topics: subscribing, confirming by mail, filtering, delivering; text messages and the inbox."""
import io
import json
import re
import urllib.parse
import uuid
import zipfile

import practice
from practice import PracticeCase

PHONE = "+14255550100"


def name(suffix=""):
    return f"topic-{uuid.uuid4().hex[:12]}{suffix}"


class Sns(PracticeCase):
    def setUp(self):
        self.sns = self.practice.client("sns")
        self.sqs = self.practice.client("sqs")

    def topic(self, suffix="", **attributes):
        if suffix:
            attributes["FifoTopic"] = "true"
        return self.sns.create_topic(Name=name(suffix), Attributes=attributes)["TopicArn"]

    def queue(self, topic=None, suffix="", **attributes):
        """A queue's URL and ARN; with a policy that lets the topic send to it."""
        if suffix:
            attributes["FifoQueue"] = "true"
        url = self.sqs.create_queue(QueueName=name(suffix), Attributes=attributes)["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        if topic is not None:
            self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic}}}]})})
        return url, arn

    def bodies(self, url, **options):
        messages = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, **options).get("Messages", [])
        for message in messages:
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in messages]

    def signed(self, method, path, query="", body=b""):
        headers = self.practice.signed_headers("millrace", method, path, query, body=body, headers={"Content-Type": "application/json"})
        status, _, answer = self.practice.request(method, path + ("?" + query if query else ""), headers, body)
        self.assertEqual(status, 200, answer)
        return json.loads(answer)

    def inbox(self, to=None, after=0):
        messages = self.signed("GET", "/_millrace/inbox", f"after={after}")["messages"]
        return [message for message in messages if to in (None, message["to"])]

    def open(self, link):
        parts = urllib.parse.urlsplit(link)
        self.assertEqual(parts.netloc, f"127.0.0.1:{self.practice.port_in_use}")
        status, headers, body = self.practice.request("GET", f"{parts.path}?{parts.query}")
        self.assertTrue(headers["content-type"].startswith("text/html"))
        return status, body.decode()

    def deliveries(self, message_id):
        return [event for event in self.practice.events() if event["kind"] == "topic-delivered" and event["messageId"] == message_id]


class Topics(Sns):
    def test_life(self):
        topic = name()
        arn = self.sns.create_topic(Name=topic, Attributes={"DisplayName": "Shop"}, Tags=[{"Key": "a", "Value": "b"}])["TopicArn"]
        self.assertEqual(arn, f"arn:aws:sns:us-east-1:000000000000:{topic}")
        self.assertEqual(self.sns.create_topic(Name=topic)["TopicArn"], arn)
        self.fails("InvalidParameter", self.sns.create_topic, Name=topic, Attributes={"DisplayName": "Other"},
                   message="Invalid parameter: Attributes Reason: Topic already exists with different attributes")
        self.fails("InvalidParameter", self.sns.create_topic, Name=topic, Tags=[{"Key": "a", "Value": "c"}],
                   message="Invalid parameter: Tags Reason: Topic already exists with different tags")
        self.assertIn({"TopicArn": arn}, self.sns.list_topics()["Topics"])
        self.sns.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="Mill")
        attributes = self.sns.get_topic_attributes(TopicArn=arn)["Attributes"]
        self.assertEqual((attributes["DisplayName"], attributes["SubscriptionsPending"]), ("Mill", "0"))
        self.sns.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "c"}, {"Key": "d", "Value": "e"}])
        self.sns.untag_resource(ResourceArn=arn, TagKeys=["d"])
        self.assertEqual(self.sns.list_tags_for_resource(ResourceArn=arn)["Tags"], [{"Key": "a", "Value": "c"}])
        tagging = self.practice.client("resourcegroupstaggingapi")
        self.assertIn(arn, [item["ResourceARN"] for item in tagging.get_resources(ResourceTypeFilters=["sns"])["ResourceTagMappingList"]])
        self.sns.delete_topic(TopicArn=arn)
        self.sns.delete_topic(TopicArn=arn)
        self.fails("NotFound", self.sns.get_topic_attributes, TopicArn=arn, status=404)

    def test_refused(self):
        for bad in ("", "with blank", "a" * 257, "topic.fifo"):
            self.fails("InvalidParameter", self.sns.create_topic, Name=bad, message="Invalid parameter: Topic Name")
        self.fails("InvalidParameter", self.sns.create_topic, Name=name(), Attributes={"FifoTopic": "true"})
        arn = self.topic()
        self.fails("InvalidParameter", self.sns.set_topic_attributes, TopicArn=arn, AttributeName="Colour", AttributeValue="red",
                   message="Invalid parameter: AttributeName")
        self.fails("InvalidParameter", self.sns.set_topic_attributes, TopicArn=arn, AttributeName="Policy", AttributeValue="{")
        self.fails("InvalidParameter", self.sns.tag_resource, ResourceArn=arn,
                   Tags=[{"Key": "a", "Value": "b"}, {"Key": "a", "Value": "c"}], message="Invalid parameter: Duplicated keys are not allowed.")

    def test_permissions(self):
        arn = self.topic()
        self.sns.add_permission(TopicArn=arn, Label="one", AWSAccountId=["111122223333"], ActionName=["Publish"])
        policy = json.loads(self.sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"])
        self.assertEqual([statement["Sid"] for statement in policy["Statement"]], ["__default_statement_ID", "one"])
        self.fails("InvalidParameter", self.sns.add_permission, TopicArn=arn, Label="one", AWSAccountId=["111122223333"],
                   ActionName=["Publish"], message="Invalid parameter: Statement already exists")
        self.fails("InvalidParameter", self.sns.add_permission, TopicArn=arn, Label="two", AWSAccountId=["111122223333"],
                   ActionName=["Fly"], message="Invalid parameter: Policy statement action out of service scope!")
        self.sns.remove_permission(TopicArn=arn, Label="one")

    def test_pages(self):
        arn = self.topic()
        for i in range(103):
            self.sns.subscribe(TopicArn=arn, Protocol="sms", Endpoint=f"+1425555{i:04}")
        first = self.sns.list_subscriptions_by_topic(TopicArn=arn)
        second = self.sns.list_subscriptions_by_topic(TopicArn=arn, NextToken=first["NextToken"])
        self.assertEqual((len(first["Subscriptions"]), len(second["Subscriptions"])), (100, 3))
        self.assertNotIn("NextToken", second)
        self.fails("InvalidParameter", self.sns.list_subscriptions_by_topic, TopicArn=arn, NextToken="x")


class Mail(Sns):
    def test_confirmation(self):
        topic, to = self.topic(), f"{name()}@example.com"
        answer = self.sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=to)
        self.assertEqual(answer["SubscriptionArn"], "pending confirmation")
        listed, = self.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        self.assertEqual((listed["SubscriptionArn"], listed["Endpoint"]), ("PendingConfirmation", to))
        self.assertEqual(self.sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsPending"], "1")

        lost = self.sns.publish(TopicArn=topic, Message="too early")["MessageId"]
        self.assertEqual([event["status"] for event in self.deliveries(lost)], ["pending-confirmation"])
        mail, = self.inbox(to)
        self.assertIn(mail["confirmation"], mail["body"])
        self.assertEqual((mail["channel"], mail["topicArn"]), ("mail", topic))
        status, page = self.open(mail["confirmation"])
        self.assertEqual(status, 200, page)
        self.assertIn("Subscription confirmed", page)
        self.assertEqual(self.open(mail["confirmation"])[0], 200)
        confirmed, = [event for event in self.practice.events() if event["kind"] == "mail-confirmed" and event["endpoint"] == to]
        self.assertEqual(confirmed["topicArn"], topic)

        listed, = self.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        attributes = self.sns.get_subscription_attributes(SubscriptionArn=listed["SubscriptionArn"])["Attributes"]
        self.assertEqual((attributes["PendingConfirmation"], attributes["ConfirmationWasAuthenticated"]), ("false", "false"))
        sent = self.sns.publish(TopicArn=topic, Subject="Order 1", Message="<b>latex gloves</b>")
        mail = self.inbox(to)[-1]
        self.assertEqual((mail["subject"], mail["messageId"]), ("Order 1", sent["MessageId"]))
        self.assertTrue(mail["body"].startswith("<b>latex gloves</b>\n"))
        delivered, = self.deliveries(sent["MessageId"])
        self.assertEqual((delivered["status"], delivered["deliveryId"], delivered["endpoint"]), ("delivered", mail["id"], to))
        published, = [event for event in self.practice.events() if event["kind"] == "topic-published" and event["messageId"] == sent["MessageId"]]
        self.assertEqual((published["message"], published["requestId"]), ("<b>latex gloves</b>", sent["ResponseMetadata"]["RequestId"]))

        link, = re.findall(r"http://\S+/unsubscribe\.html\S+", mail["body"])
        self.assertEqual(self.open(link.replace("Endpoint=", "Endpoint=x"))[0], 403)
        self.assertEqual(self.open(link)[0], 200)
        self.assertEqual(self.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"], [])
        self.assertEqual(self.sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsDeleted"], "1")

    def test_confirmation_call(self):
        topic, to = self.topic(), f"{name()}@example.com"
        arn = self.sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=to, ReturnSubscriptionArn=True)["SubscriptionArn"]
        self.assertTrue(arn.startswith(topic + ":"))
        self.fails("InvalidParameter", self.sns.unsubscribe, SubscriptionArn=arn)
        self.fails("InvalidParameter", self.sns.confirm_subscription, TopicArn=topic, Token="short", message="Invalid token")
        self.fails("InvalidParameter", self.sns.confirm_subscription, TopicArn=topic, Token="0" * 256, message="Invalid parameter: Token")
        # Subscribing again sends the mail again.
        self.sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=to)
        first, second = self.inbox(to)
        self.assertEqual(first["confirmation"], second["confirmation"])
        token = urllib.parse.parse_qs(urllib.parse.urlsplit(first["confirmation"]).query)["Token"][0]
        self.assertEqual(self.sns.confirm_subscription(TopicArn=topic, Token=token)["SubscriptionArn"], arn)
        self.assertEqual(self.sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=to)["SubscriptionArn"], arn)
        self.sns.unsubscribe(SubscriptionArn=arn)

    def test_wrong_links(self):
        for link in ("/confirmation.html", "/confirmation.html?TopicArn=x&Token=y", "/confirmation.html?Token=%00", "/unsubscribe.html",
                     "/confirmation.html?TopicArn=%3Cscript%3E&Token=y"):
            status, _, body = self.practice.request("GET", link)
            self.assertEqual(status, 404, body)
            self.assertNotIn(b"<script>", body)

    def test_addresses(self):
        topic = self.topic()
        for bad in ("nobody", "@example.com", "a@", "a b@example.com", "a@b@c", "<a@example.com>"):
            self.fails("InvalidParameter", self.sns.subscribe, TopicArn=topic, Protocol="email", Endpoint=bad,
                       message="Invalid parameter: Email address")

    def test_restart_on_another_port(self):
        topic, to = self.topic(), f"{name()}@example.com"
        self.sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=to)
        self.practice.restart()
        self.setUp()
        mail, = self.inbox(to)
        self.assertIn(mail["confirmation"], mail["body"])
        self.assertEqual(self.open(mail["confirmation"])[0], 200)

    def test_json_mail(self):
        topic, to = self.topic(), f"{name()}@example.com"
        self.sns.subscribe(TopicArn=topic, Protocol="email-json", Endpoint=to)
        self.open(self.inbox(to)[0]["confirmation"])
        self.sns.publish(TopicArn=topic, Message="x")
        body = self.inbox(to)[-1]["body"]
        self.assertEqual(json.loads(body.split("\n")[0])["Message"], "x")

    def test_inbox(self):
        to = f"{name()}@example.com"
        for _ in range(3):
            self.sns.subscribe(TopicArn=self.topic(), Protocol="email", Endpoint=to)
        ids = [mail["id"] for mail in self.inbox(to)]
        self.assertEqual([mail["id"] for mail in self.inbox(to, after=ids[0])], ids[1:])
        self.assertEqual(self.signed("POST", "/_millrace/inbox/delete", body=json.dumps({"ids": ids[:2]}).encode()), {"deleted": 2})
        self.assertEqual([mail["id"] for mail in self.inbox(to)], ids[2:])
        self.assertEqual(self.practice.request("GET", "/_millrace/inbox")[0], 403)
        self.signed("POST", "/_millrace/inbox/delete", body=b"{}")
        self.assertEqual(self.inbox(), [])


class Queues(Sns):
    def test_envelope(self):
        topic = self.topic()
        url, arn = self.queue(topic)
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        sent = self.sns.publish(TopicArn=topic, Message="héllo", Subject="s", MessageAttributes={
            "kind": {"DataType": "String", "StringValue": "a"}, "bytes": {"DataType": "Binary", "BinaryValue": b"\0\1"}})["MessageId"]
        body, = self.bodies(url)
        envelope = json.loads(body)
        self.assertEqual({key: envelope[key] for key in ("Type", "MessageId", "TopicArn", "Subject", "Message")},
                         {"Type": "Notification", "MessageId": sent, "TopicArn": topic, "Subject": "s", "Message": "héllo"})
        self.assertEqual(envelope["MessageAttributes"], {"kind": {"Type": "String", "Value": "a"}, "bytes": {"Type": "Binary", "Value": "AAE="}})
        self.assertRegex(envelope["Timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(self.open(envelope["UnsubscribeURL"])[0], 200)
        events = self.practice.events()
        queued, = [event for event in events if event["kind"] == "queue-sent" and event["queueArn"] == arn]
        self.assertEqual((queued["sourceType"], queued["source"]), ("topic", sent))
        delivered, = self.deliveries(sent)
        self.assertEqual((delivered["status"], delivered["deliveryId"]), ("delivered", queued["messageId"]))

    def test_raw(self):
        topic = self.topic()
        url, arn = self.queue(topic)
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        self.sns.publish(TopicArn=topic, Message="x", MessageAttributes={"kind": {"DataType": "String", "StringValue": "a"}})
        message, = self.sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
        self.assertEqual(message["Body"], "x")
        self.assertEqual(message["MessageAttributes"]["kind"], {"DataType": "String", "StringValue": "a"})

    def test_without_permission(self):
        topic, other = self.topic(), self.topic()
        url, arn = self.queue(other)
        dead_url, dead = self.queue(topic)
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn,
                           Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead})})
        sent = self.sns.publish(TopicArn=topic, Message="x")["MessageId"]
        self.assertEqual(self.bodies(url), [])
        delivered, = self.deliveries(sent)
        self.assertEqual(delivered["status"], "failed")
        self.assertIn("AccessDenied", delivered["error"])
        self.assertEqual([json.loads(body)["Message"] for body in self.bodies(dead_url)], ["x"])

    def test_gone(self):
        topic = self.topic()
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:000000000000:gone")
        self.assertEqual(self.deliveries(self.sns.publish(TopicArn=topic, Message="x")["MessageId"])[0]["status"], "failed")
        self.fails("InvalidParameter", self.sns.subscribe, TopicArn=topic, Protocol="sqs", Endpoint=f"{self.practice.url}/000000000000/q",
                   message="Invalid parameter: SQS endpoint ARN")

    def test_attribute_filters(self):
        topic = self.topic()
        url, arn = self.queue(topic)
        subscription = self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={
            "RawMessageDelivery": "true", "FilterPolicy": json.dumps({"store": ["books"], "price": [{"numeric": [">=", 10]}]})})["SubscriptionArn"]

        def publish(store, price):
            return self.sns.publish(TopicArn=topic, Message=f"{store} {price}", MessageAttributes={
                "store": {"DataType": "String", "StringValue": store}, "price": {"DataType": "Number", "StringValue": price}})["MessageId"]
        publish("books", "10.5")
        filtered = publish("books", "9.99")
        publish("shoes", "20")
        self.assertEqual(self.bodies(url), ["books 10.5"])
        self.assertEqual([event["status"] for event in self.deliveries(filtered)], ["filtered"])
        self.sns.set_subscription_attributes(SubscriptionArn=subscription, AttributeName="FilterPolicy", AttributeValue="{}")
        publish("shoes", "1")
        self.assertEqual(self.bodies(url), ["shoes 1"])

    def test_body_filters(self):
        topic = self.topic()
        url, arn = self.queue(topic)
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={
            "RawMessageDelivery": "true", "FilterPolicyScope": "MessageBody",
            "FilterPolicy": json.dumps({"customer": {"country": [{"prefix": "I"}]}, "$or": [{"a": [1]}, {"b": [2]}]})})
        for country, more in (("IN", {"a": 1}), ("IN", {"a": 2}), ("US", {"a": 1}), ("IT", {"b": 2})):
            self.sns.publish(TopicArn=topic, Message=json.dumps(dict(customer={"country": country}, **more)))
        self.sns.publish(TopicArn=topic, Message="no JSON")
        self.assertEqual([json.loads(body)["customer"]["country"] for body in self.bodies(url)], ["IN", "IT"])

    def test_filter_mistakes(self):
        topic = self.topic()
        subscription = self.sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint=PHONE)["SubscriptionArn"]
        change = lambda attribute, value: dict(SubscriptionArn=subscription, AttributeName=attribute, AttributeValue=value)
        for attribute, value, message in (
                ("FilterPolicy", '{"a":"b"}', 'FilterPolicy: "a" must be an object or an array'),
                ("FilterPolicy", '{"a":{"b":["c"]}}', "Filter policy scope MessageAttributes does not support nested filter policy"),
                ("FilterPolicyScope", "Random", "FilterPolicyScope: Invalid value [Random]. Please use either MessageBody or MessageAttributes"),
                ("RawMessageDelivery", "yes", "RawMessageDelivery: Invalid value [yes]. Must be true or false."),
                ("RedrivePolicy", '{"deadLetterTargetArn":"x"}', "RedrivePolicy: deadLetterTargetArn is an invalid arn"),
                ("Colour", "red", "AttributeName")):
            self.fails("InvalidParameter", self.sns.set_subscription_attributes, message=f"Invalid parameter: {message}", **change(attribute, value))
        self.fails("InvalidParameter", self.sns.set_subscription_attributes, **change("FilterPolicy", "{invalid"))
        self.fails("InvalidParameter", self.sns.subscribe, TopicArn=topic, Protocol="sms", Endpoint=PHONE,
                   Attributes={"RawMessageDelivery": "true"},
                   message="Invalid parameter: Attributes Reason: Subscription already exists with different attributes")

    def test_fifo(self):
        topic = self.topic(".fifo", ContentBasedDeduplication="true")
        url, arn = self.queue(topic, ".fifo")
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        send = lambda text: self.sns.publish(TopicArn=topic, Message=text, MessageGroupId="g")
        first, again = send("1"), send("1")
        self.assertEqual((first["MessageId"], first["SequenceNumber"]), (again["MessageId"], again["SequenceNumber"]))
        self.assertGreater(int(send("2")["SequenceNumber"]), int(first["SequenceNumber"]))
        self.assertEqual(self.bodies(url), ["1", "2"])
        self.fails("InvalidParameter", self.sns.publish, TopicArn=topic, Message="x",
                   message="Invalid parameter: The MessageGroupId parameter is required for FIFO topics")
        self.fails("InvalidParameter", self.sns.publish, TopicArn=self.topic(), Message="x", MessageDeduplicationId="1")
        self.fails("InvalidParameter", self.sns.subscribe, TopicArn=self.topic(), Protocol="sqs", Endpoint=arn)
        self.fails("InvalidParameter", self.sns.subscribe, TopicArn=topic, Protocol="email", Endpoint="a@example.com")


class Functions(Sns):
    CODE = "def handler(event, context):\n    print('GOT ' + __import__('json').dumps(event))\n"

    def function(self):
        role_name, function = name(), name()
        iam, functions = self.practice.client("iam"), self.practice.client("lambda")
        role = iam.create_role(RoleName=role_name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}))["Role"]["Arn"]
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("index.py", self.CODE)
        made = functions.create_function(FunctionName=function, Runtime="python3.13", Role=role, Handler="index.handler",
                                         Code={"ZipFile": archive.getvalue()})
        self.wait_for(lambda: functions.get_function_configuration(FunctionName=function)["State"] == "Active")
        return functions, made["FunctionArn"]

    def test_function(self):
        functions, function = self.function()
        topic = self.topic()
        subscription = self.sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)["SubscriptionArn"]
        of = lambda kind, sent: lambda event: event["kind"] == kind and event.get("messageId") == sent
        refused = self.sns.publish(TopicArn=topic, Message="refused")["MessageId"]
        failed = self.practice.events(wanted=of("topic-delivered", refused))[-1]
        self.assertEqual(failed["status"], "failed")
        self.assertIn("AccessDenied", failed["error"])

        functions.add_permission(FunctionName=function, StatementId="topic", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com",
                                 SourceArn=topic)
        sent = self.sns.publish(TopicArn=topic, Message="hello", MessageAttributes={
            "a": {"DataType": "String", "StringValue": "b"}})["MessageId"]
        delivered = self.practice.events(wanted=of("topic-delivered", sent))[-1]
        self.assertEqual(delivered["status"], "delivered")
        started = self.practice.events(wanted=lambda event: event["kind"] == "function-started" and
                                       event.get("records") == [{"messageId": sent}])[-1]
        self.assertEqual((started["source"], started["invocationId"]), ("topic", delivered["deliveryId"]))
        log = self.practice.events(wanted=lambda event: event["kind"] == "function-log" and "GOT " in event["line"])[-1]["line"]
        record, = json.loads(log[log.index("GOT ") + 4:])["Records"]
        self.assertEqual((record["EventSource"], record["EventSubscriptionArn"]), ("aws:sns", subscription))
        self.assertEqual((record["Sns"]["MessageId"], record["Sns"]["Message"], record["Sns"]["Subject"]), (sent, "hello", None))
        self.assertEqual(record["Sns"]["MessageAttributes"], {"a": {"Type": "String", "Value": "b"}})


class Publishing(Sns):
    def test_structure(self):
        topic, to = self.topic(), f"{name()}@example.com"
        url, arn = self.queue(topic)
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        self.sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=to)
        self.open(self.inbox(to)[0]["confirmation"])
        self.sns.publish(TopicArn=topic, MessageStructure="json", Message=json.dumps({"default": "for all", "email": "for people"}))
        self.assertEqual(self.bodies(url), ["for all"])
        self.assertTrue(self.inbox(to)[-1]["body"].startswith("for people\n"))
        for text, reason in (("{", "JSON message body failed to parse"), ('{"email":"x"}', "No default entry in JSON message body"),
                             ('{"default":1}', "No default entry in JSON message body")):
            self.fails("InvalidParameter", self.sns.publish, TopicArn=topic, MessageStructure="json", Message=text,
                       message=f"Invalid parameter: Message Structure - {reason}")

    def test_refused(self):
        topic = self.topic()
        for subject in ("x" * 101, " x", "a\nb", "ä"):
            self.fails("InvalidParameter", self.sns.publish, TopicArn=topic, Message="x", Subject=subject, message="Invalid parameter: Subject")
        self.fails("InvalidParameter", self.sns.publish, TopicArn=topic, Message="x" * 262145, message="Invalid parameter: Message too long")
        self.sns.publish(TopicArn=topic, Message="x" * 262144)
        self.fails("InvalidParameter", self.sns.publish, Message="x",
                   message="Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter")
        self.fails("NotFound", self.sns.publish, TopicArn=topic + "x", Message="x", message="Topic does not exist")
        self.fails("InvalidParameter", self.sns.publish, TopicArn=topic.replace("us-east-1", "eu-west-1"), Message="x",
                   message="Invalid parameter: TopicArn")
        attribute = lambda key, **value: dict(TopicArn=topic, Message="x", MessageAttributes={key: value})
        for key, value, message in (
                ("a", {"DataType": "String", "StringValue": ""},
                 "The message attribute 'a' must contain non-empty message attribute value for message attribute type 'String'."),
                ("a", {"DataType": "Number", "BinaryValue": b"1"}, "The message attribute 'a' with type 'Number' must use field 'String'."),
                ("a", {"DataType": "Colour", "StringValue": "x"}, "The message attribute 'a' has an invalid message attribute type, the set of "
                                                                  "supported type prefixes is Binary, Number, and String."),
                ("a^", {"DataType": "String", "StringValue": "x"},
                 "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, "
                 "hyphens, underscores, or dots."),
                (".a", {"DataType": "String", "StringValue": "x"}, "Invalid message attribute name starting with character '.' was found.")):
            self.fails("ParameterValueInvalid", self.sns.publish, message=message, **attribute(key, **value))

    def test_batch(self):
        topic = self.topic()
        url, arn = self.queue(topic)
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        batch = lambda *entries: dict(TopicArn=topic, PublishBatchRequestEntries=list(entries))
        answer = self.sns.publish_batch(**batch({"Id": "a", "Message": "1"}, {"Id": "b", "Message": ""}, {"Id": "c", "Message": "3", "MessageAttributes": {
            "k": {"DataType": "String", "StringValue": "v"}}}))
        self.assertEqual([entry["Id"] for entry in answer["Successful"]], ["a", "c"])
        self.assertEqual([(entry["Id"], entry["Code"]) for entry in answer["Failed"]], [("b", "InvalidParameter")])
        self.assertEqual(self.bodies(url), ["1", "3"])
        entry = {"Id": "a", "Message": "x"}
        self.fails("BatchEntryIdsNotDistinct", self.sns.publish_batch, **batch(entry, entry))
        self.fails("EmptyBatchRequest", self.sns.publish_batch, **batch())
        self.fails("TooManyEntriesInBatchRequest", self.sns.publish_batch, **batch(*({"Id": str(i), "Message": "x"} for i in range(11))))
        self.fails("InvalidBatchEntryId", self.sns.publish_batch, **batch({"Id": "a.b", "Message": "x"}))
        self.fails("BatchRequestTooLong", self.sns.publish_batch, **batch(*({"Id": str(i), "Message": "x" * 140000} for i in range(2))))
        self.assertEqual(self.bodies(url), [])


class TextMessages(Sns):
    def test_sandbox(self):
        self.assertTrue(self.sns.get_sms_sandbox_account_status()["IsInSandbox"])
        sent = self.sns.publish(PhoneNumber=PHONE, Message="not yet")["MessageId"]
        failed, = [event for event in self.practice.events() if event["kind"] == "sms" and event.get("messageId") == sent]
        self.assertEqual(failed["status"], "failed")
        self.assertEqual(self.inbox(PHONE), [])

        self.sns.create_sms_sandbox_phone_number(PhoneNumber=PHONE)
        self.assertEqual(self.sns.list_sms_sandbox_phone_numbers()["PhoneNumbers"], [{"PhoneNumber": PHONE, "Status": "Pending"}])
        code = re.search(r"\d{6}", self.inbox(PHONE)[-1]["body"]).group()
        wrong = "000000" if code != "000000" else "111111"
        self.fails("VerificationException", self.sns.verify_sms_sandbox_phone_number, PhoneNumber=PHONE, OneTimePassword=wrong)
        self.sns.verify_sms_sandbox_phone_number(PhoneNumber=PHONE, OneTimePassword=code)
        self.assertEqual(self.sns.list_sms_sandbox_phone_numbers()["PhoneNumbers"], [{"PhoneNumber": PHONE, "Status": "Verified"}])

        sent = self.sns.publish(PhoneNumber=PHONE, Message="now")["MessageId"]
        text = self.inbox(PHONE)[-1]
        self.assertEqual((text["channel"], text["body"], text["messageId"]), ("sms", "now", sent))
        topic = self.topic(DisplayName="Shop")
        self.sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint=PHONE)
        self.assertEqual(self.deliveries(self.sns.publish(TopicArn=topic, Message="open")["MessageId"])[0]["status"], "delivered")
        self.assertEqual(self.inbox(PHONE)[-1]["body"], "Shop> open")

        self.sns.delete_sms_sandbox_phone_number(PhoneNumber=PHONE)
        self.fails("ResourceNotFound", self.sns.delete_sms_sandbox_phone_number, PhoneNumber=PHONE)
        self.fails("InvalidParameter", self.sns.create_sms_sandbox_phone_number, PhoneNumber="12345")

    def test_attributes(self):
        self.sns.set_sms_attributes(attributes={"DefaultSMSType": "Transactional", "DefaultSenderID": "Mill"})
        self.assertEqual(self.sns.get_sms_attributes()["attributes"]["DefaultSenderID"], "Mill")
        self.assertEqual(self.sns.get_sms_attributes(attributes=["DefaultSMSType"])["attributes"], {"DefaultSMSType": "Transactional"})
        self.fails("InvalidParameter", self.sns.set_sms_attributes, attributes={"DefaultSMSType": "Loud"}, message="DefaultSMSType is invalid")
        self.fails("InvalidParameter", self.sns.set_sms_attributes, attributes={"Colour": "red"}, message="Colour is not a valid attribute")
        self.assertFalse(self.sns.check_if_phone_number_is_opted_out(phoneNumber=PHONE)["isOptedOut"])


class Permissions(Sns):
    """What somebody else than the account itself may do."""

    def user(self, **allowed):
        """Clients of a new user who may do what the statement says, or nothing."""
        iam = self.practice.client("iam")
        user = name()
        iam.create_user(UserName=user)
        if allowed:
            iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": [dict({"Effect": "Allow"}, **allowed)]}))
        key = iam.create_access_key(UserName=user)["AccessKey"]
        arn = iam.get_user(UserName=user)["User"]["Arn"]
        return self.practice.client_of("sns", key), self.practice.client_of("sqs", key), arn

    def test_topics(self):
        topic, other = self.topic(), self.topic()
        sns, _, arn = self.user(Action="sns:Publish", Resource=topic)
        sns.publish(TopicArn=topic, Message="x")
        error = self.fails("AuthorizationError", sns.publish, TopicArn=other, Message="x", status=403)
        self.assertIn(f"User: {arn} is not authorized to perform: ", error["Message"])
        self.fails("AuthorizationError", sns.publish, PhoneNumber=PHONE, Message="x")
        self.fails("AuthorizationError", sns.list_topics)
        self.sns.set_topic_attributes(TopicArn=other, AttributeName="Policy", AttributeValue=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sns:Publish", "Resource": other}]}))
        sns.publish(TopicArn=other, Message="x")
        self.sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": topic}]}))
        self.fails("AuthorizationError", sns.publish, TopicArn=topic, Message="x")

    def test_queues(self):
        url, queue = self.queue()
        _, sqs, arn = self.user(Action="sqs:SendMessage", Resource=queue)
        sqs.send_message(QueueUrl=url, MessageBody="x")
        error = self.fails("AccessDenied", sqs.receive_message, QueueUrl=url, status=403)
        self.assertIn(f"User: {arn} is not authorized to perform: ", error["Message"])
        denied = [event for event in self.practice.events() if event["kind"] == "denied" and event["principal"] == arn]
        self.assertEqual([(event["action"], event["resource"]) for event in denied], [("sqs:ReceiveMessage", queue)])
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sqs:ReceiveMessage", "Resource": queue},
            {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": queue}]})})
        self.assertEqual(sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"], "x")
        self.assertIn("explicit deny", self.fails("AccessDenied", sqs.send_message, QueueUrl=url, MessageBody="x")["Message"])
        # Whoever may not use a queue does not learn whether it is there.
        self.fails("AccessDenied", sqs.send_message, QueueUrl=url + "-missing", MessageBody="x")


if __name__ == "__main__":
    practice.main()
