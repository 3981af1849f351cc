# SPDX-License-Identifier: GPL-3.0-or-later
"""Step mode: what is held at each hop, let go one by one, all at once, over a restart, switched off, and deleted meanwhile."""
import json
import threading
import time

import practice
from functions import LOGS, QUEUE, STREAM, TRUST, FunctionCase, unique

STORE = """
import boto3, json, os
def lambda_handler(event, context):
    print(json.dumps(event))
    for record in event["Records"]:
        body = record["body"]
        if body == "bad":
            raise ValueError(body)
        boto3.client("dynamodb").put_item(TableName=os.environ["TABLE"], Item={"id": {"S": body}})
"""
NOTIFY = """
import boto3, json, os
def lambda_handler(event, context):
    print(json.dumps(event))
    for record in event["Records"]:
        boto3.client("sns").publish(TopicArn=os.environ["TOPIC"], Message=record["dynamodb"]["Keys"]["id"]["S"])
"""
PRINT = "import json\ndef lambda_handler(event, context):\n    print(json.dumps(event))\n"


class HoldCase(FunctionCase):
    def setUp(self):
        super().setUp()
        self.topics = self.practice.client("sns")
        self.gateway = self.practice.client("apigateway")

    def ask(self, method, path, body=None, query="", status=200, **keys):
        data = json.dumps(body).encode() if body is not None else b""
        headers = self.practice.signed_headers("millrace", method, path, query, data, **keys)
        got, _, answer = self.practice.request(method, path + ("?" + query if query else ""), headers, data)
        answer = json.loads(answer)
        self.assertEqual(got, status, answer)
        return answer

    def hold(self, deployment=None, on=True):
        return self.ask("PUT", "/_millrace/hold", {"on": on, **({"deployment": deployment} if deployment else {})})

    def held(self, deployment=None):
        return self.ask("GET", "/_millrace/hold", query=f"deployment={deployment}" if deployment else "")["held"]

    def release(self, **what):
        return self.ask("POST", "/_millrace/hold/release", what)["released"]

    def wait_held(self, n, hop=None, deployment=None):
        """Exactly n items, all of one hop; they have to come first."""
        def there():
            found = self.held(deployment)
            return found if len(found) == n else None
        found = self.wait_for(there) if n else self.wait_for(lambda: [True] if not self.held(deployment) else None) and []
        if hop is not None:
            self.assertEqual({item["hop"] for item in found}, {hop})
        return found

    def tag(self, deployment):
        return {"millrace:deployment": deployment}

    def tags(self, deployment):
        return [{"Key": "millrace:deployment", "Value": deployment}]

    def make_tagged_queue(self, deployment, **attributes):
        url, arn = self.make_queue(**attributes)
        self.sqs.tag_queue(QueueUrl=url, Tags=self.tag(deployment))
        return url, arn

    def gateway_role(self):
        trust = json.loads(json.dumps(TRUST).replace("lambda.amazonaws.com", "apigateway.amazonaws.com"))
        name = unique("role")
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        self.iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
        return arn

    def make_api(self, deployment, uri, template, **integration):
        """An API that takes POST /; its id."""
        api = self.gateway.create_rest_api(name=unique("api"), tags=self.tag(deployment))["id"]
        where = {"restApiId": api, "resourceId": self.gateway.get_resources(restApiId=api)["items"][0]["id"], "httpMethod": "POST"}
        self.gateway.put_method(**where, authorizationType="NONE")
        self.gateway.put_integration(**where, integrationHttpMethod="POST", uri=f"arn:aws:apigateway:us-east-1:{uri}",
                                     credentials=self.gateway_role(), requestTemplates={"application/json": template}, **integration)
        self.gateway.put_method_response(**where, statusCode="200")
        self.gateway.put_integration_response(**where, statusCode="200")
        self.gateway.create_deployment(restApiId=api, stageName="dev")
        return api

    def queue_api(self, deployment, url):
        return self.make_api(deployment, "sqs:path/000000000000/" + url.rsplit("/", 1)[1],
                             "Action=SendMessage&MessageBody=$util.urlEncode($input.body)", type="AWS",
                             requestParameters={"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"})

    def post(self, api, body):
        status, _, answer = self.practice.request("POST", f"/_aws/execute-api/{api}/dev/", {"Content-Type": "application/json"}, body.encode())
        return status, json.loads(answer)

    def counts(self, url):
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(found["ApproximateNumberOfMessages"]), int(found["ApproximateNumberOfMessagesNotVisible"])

    def bodies(self, function):
        return [[r["body"] for r in batch] for batch in self.records(function)]

    def subscribe(self, topic, endpoint):
        self.topics.subscribe(TopicArn=topic, Protocol="email", Endpoint=endpoint)
        mail = self.wait_for(lambda: [m for m in self.mails() if m["to"] == endpoint and m.get("confirmation")])[0]
        status, _, _ = self.practice.request("GET", mail["confirmation"].split(self.practice.url, 1)[1])
        self.assertEqual(status, 200)

    def mails(self):
        return self.ask("GET", "/_millrace/inbox")["messages"]

    def received(self, endpoint):
        return [m["body"].split("\n", 1)[0] for m in self.mails() if m["to"] == endpoint and not m.get("confirmation")]

    def make_pipeline(self, deployment, mails=1):
        """The order pipeline; (API, queue's URL, store function, notify function, mail addresses)."""
        url, arn = self.make_tagged_queue(deployment)
        api = self.queue_api(deployment, url)
        table, stream = self.make_table()
        self.tables.tag_resource(ResourceArn=stream.split("/stream/")[0], Tags=self.tags(deployment))
        topic = self.topics.create_topic(Name=unique("topic"), Tags=self.tags(deployment))["TopicArn"]
        addresses = [unique("reader") + "@example.com" for _ in range(mails)]
        for address in addresses:
            self.subscribe(topic, address)
        store = self.make(STORE, role=self.make_role(*LOGS, *QUEUE, "dynamodb:PutItem"), Environment={"Variables": {"TABLE": table}})
        notify = self.make(NOTIFY, role=self.make_role(*LOGS, *STREAM, "sns:Publish"), Environment={"Variables": {"TOPIC": topic}})
        self.map(store, arn)
        self.map(notify, stream, StartingPosition="TRIM_HORIZON")
        return api, url, store, notify, addresses

    def order(self):
        """An id for a deployment, switched off again at the end."""
        deployment = unique("deployment")
        self.addCleanup(self.hold, deployment, False)
        return deployment


HOPS = ["gateway-integration", "queue-mapping", "stream-mapping", "publish-topic", "topic-subscription"]


class Pipeline(HoldCase):
    def test_hop_by_hop(self):
        deployment = self.order()
        api, url, store, notify, (address,) = self.make_pipeline(deployment)
        self.assertIn(deployment, self.hold(deployment)["deployments"])
        status, answer = self.post(api, "one")
        self.assertEqual(status, 200)
        message = answer["SendMessageResponse"]["SendMessageResult"]["MessageId"]

        [item] = self.wait_held(1, HOPS[0], deployment)
        self.assertEqual((item["messageId"], item["apiId"], item["body"], item["deployment"]), (message, api, "one", deployment))
        self.assertEqual(self.counts(url), (0, 0))
        self.assertEqual([i["id"] for i in self.release(next=True, deployment=deployment)], [item["id"]])

        [item] = self.wait_held(1, HOPS[1], deployment)
        self.assertEqual(item["messageId"], message)
        self.assertEqual(self.counts(url), (1, 0))
        self.assertEqual(self.records(store), [])
        self.release(ids=[item["id"]])

        [item] = self.wait_held(1, HOPS[2], deployment)
        self.assertEqual(self.bodies(store), [["one"]])
        self.wait_for(lambda: self.counts(url) == (0, 0))
        self.assertEqual(self.records(notify), [])
        self.release(next=True, deployment=deployment)

        [item] = self.wait_held(1, HOPS[3], deployment)
        self.assertEqual(item["body"], "one")
        self.assertIn("invocationId", item)
        # The function has long ended: its time does not run.
        self.wait_for(lambda: [e for e in self.practice.events() if e["kind"] == "function-ended" and e["invocationId"] == item["invocationId"]])
        self.release(next=True, deployment=deployment)

        [item] = self.wait_held(1, HOPS[4], deployment)
        self.assertEqual(item["endpoint"], address)
        self.assertEqual(self.received(address), [])
        self.release(next=True, deployment=deployment)
        self.wait_held(0, deployment=deployment)
        self.assertEqual(self.wait_for(lambda: self.received(address)), ["one"])

        events = [e for e in self.practice.events() if e.get("deployment") == deployment]
        self.assertEqual([(e["kind"], e.get("hop")) for e in events],
                         [("hold-switched", None)] + [(kind, hop) for hop in HOPS for kind in ("held", "released")])
        self.assertEqual({e["reason"] for e in events if e["kind"] == "released"}, {"released"})
        # What tells of an arrival comes after the letting go.
        order = [e["kind"] for e in self.practice.events() if e.get("messageId") == message and e["kind"] in ("held", "released", "queue-sent", "queue-received")]
        self.assertEqual(order, ["held", "released", "queue-sent", "held", "released", "queue-received"])

    def test_several_and_all(self):
        deployment = self.order()
        api, url, store, notify, addresses = self.make_pipeline(deployment, mails=2)
        self.hold(deployment)
        names = [f"m{i}" for i in range(12)]
        for name in names:
            self.assertEqual(self.post(api, name)[0], 200)
        for hop, n in zip(HOPS, (12, 12, 12, 12, 24)):
            found = self.wait_held(n, hop, deployment)
            self.assertEqual(len({item["id"] for item in found}), n)
            self.assertEqual(len(self.release(all=True, deployment=deployment)), n)
        self.wait_held(0, deployment=deployment)
        for address in addresses:
            self.assertEqual(sorted(self.wait_for(lambda: len(self.received(address)) == 12 and self.received(address))), sorted(names))
        # Let go together, they come in batches.
        self.assertEqual(sorted(b for batch in self.bodies(store) for b in batch), sorted(names))
        self.assertGreater(max(len(batch) for batch in self.bodies(store)), 1)
        self.assertGreater(max(len(batch) for batch in self.records(notify)), 1)

    def test_one_of_several(self):
        deployment = self.order()
        api, url, store, _, _ = self.make_pipeline(deployment)
        self.hold(deployment)
        for name in ("a", "b", "c"):
            self.post(api, name)
        found = self.wait_held(3, HOPS[0], deployment)
        self.assertEqual([item["body"] for item in found], ["a", "b", "c"])
        self.release(ids=[found[1]["id"]])
        self.assertEqual([(i["hop"], i["body"]) for i in self.wait_held(3, deployment=deployment)],
                         [(HOPS[0], "a"), (HOPS[0], "c"), (HOPS[1], "b")])
        # “next” goes round: the one that was held longest.
        self.assertEqual([i["body"] for i in self.release(next=True, deployment=deployment)], ["a"])
        self.assertEqual([i["body"] for i in self.release(next=True, deployment=deployment)], ["c"])
        self.wait_held(3, HOPS[1], deployment)
        self.assertEqual([i["body"] for i in self.release(next=True, deployment=deployment)], ["b"])
        self.wait_for(lambda: self.bodies(store) == [["b"]])
        self.assertEqual(len(self.wait_held(3, deployment=deployment)), 3)

    def test_switched_off_in_the_middle(self):
        deployment = self.order()
        api, url, store, notify, (address,) = self.make_pipeline(deployment)
        self.hold(deployment)
        names = ["one", "two", "three", "four", "five"]
        for steps, name in enumerate(names):
            self.post(api, name)
            item = self.wait_for(lambda: [i for i in self.held(deployment) if i.get("body") == name])[0]
            for step in range(4 - steps):
                self.release(ids=[item["id"]])
                item = self.wait_for(lambda: [i for i in self.held(deployment) if i["hop"] == HOPS[step + 1] and i["since"] > item["since"]])[-1]
        self.assertEqual({i["hop"] for i in self.held(deployment)}, set(HOPS))
        self.hold(deployment, on=False)
        self.assertEqual(self.held(deployment), [])
        self.wait_for(lambda: sorted(self.received(address)) == sorted(names))
        self.post(api, "six")
        self.wait_for(lambda: len(self.received(address)) == 6)

    def test_restart(self):
        deployment = self.order()
        api, url, store, notify, (address,) = self.make_pipeline(deployment)
        self.hold(deployment)
        self.post(api, "again")
        for hop in HOPS:
            before = self.wait_held(1, hop, deployment)
            self.practice.restart()
            self.setUp()
            after = self.wait_held(1, hop, deployment)
            for item in before + after:
                del item["since"]
            self.assertEqual(after, before)
            self.release(next=True, deployment=deployment)
        self.wait_for(lambda: self.received(address) == ["again"])
        self.assertEqual(self.bodies(store), [["again"]])
        self.assertEqual(len(self.records(notify)), 1)

    def test_deleted_meanwhile(self):
        deployment = self.order()
        api, url, store, notify, (address,) = self.make_pipeline(deployment)
        self.hold(deployment)
        names = ["one", "two", "three", "four", "five"]
        for name in names:
            self.post(api, name)
        self.wait_held(5, HOPS[0], deployment)
        for step in range(4):
            for item in [i for i in self.held(deployment) if i["hop"] == HOPS[step]][:-1]:
                self.release(ids=[item["id"]])
            self.wait_for(lambda: len([i for i in self.held(deployment) if i["hop"] == HOPS[step + 1]]) == 4 - step)
        self.assertEqual({i["hop"] for i in self.held(deployment)}, set(HOPS))
        for mapping in self.functions.list_event_source_mappings()["EventSourceMappings"]:
            if mapping["FunctionArn"].rsplit(":", 1)[1] in (store, notify):
                self.functions.delete_event_source_mapping(UUID=mapping["UUID"])
        self.wait_for(lambda: {i["hop"] for i in self.held(deployment)} == {HOPS[0], HOPS[3], HOPS[4]})
        self.gateway.delete_rest_api(restApiId=api)
        self.wait_for(lambda: {i["hop"] for i in self.held(deployment)} == {HOPS[3], HOPS[4]})
        topic = next(i["topicArn"] for i in self.held(deployment))
        for subscription in self.topics.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
            self.topics.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
        self.assertEqual({i["hop"] for i in self.held(deployment)}, {HOPS[3]})
        self.topics.delete_topic(TopicArn=topic)
        self.assertEqual(self.held(deployment), [])
        self.sqs.delete_queue(QueueUrl=url)
        self.assertEqual(self.received(address), [])

    def test_only_that_deployment(self):
        one, other = self.order(), self.order()
        first, second = self.make_tagged_queue(one), self.make_tagged_queue(other)
        functions = []
        for url, arn in (first, second):
            functions.append(self.make(PRINT, role=self.make_role(*LOGS, *QUEUE)))
            self.map(functions[-1], arn)
        self.hold(one)
        for url, _ in (first, second):
            self.sqs.send_message(QueueUrl=url, MessageBody="x")
        self.wait_for(lambda: self.bodies(functions[1]) == [["x"]])
        [item] = self.wait_held(1, HOPS[1])
        self.assertEqual(item["deployment"], one)
        self.assertEqual(self.release(all=True, deployment=other), [])
        self.wait_held(1)


class Hops(HoldCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.hold, None, False)

    def test_switched_on_finds_what_is_there(self):
        url, arn = self.make_queue()
        function = self.make(PRINT, role=self.make_role(*LOGS, *QUEUE))
        self.sqs.send_message(QueueUrl=url, MessageBody="early")
        self.assertTrue(self.hold()["everything"])
        self.map(function, arn)
        self.wait_held(1, HOPS[1])
        self.assertEqual(self.records(function), [])
        self.hold(on=False)
        self.wait_for(lambda: self.bodies(function) == [["early"]])

    def test_time_does_not_run(self):
        """Neither the visibility time-out, nor the long poll, nor the age of a message makes anything of what is held."""
        url, arn = self.make_queue(VisibilityTimeout=1, MessageRetentionPeriod=60)
        function = self.make(PRINT, role=self.make_role(*LOGS, *QUEUE), Timeout=1)
        self.map(function, arn)
        self.hold()
        self.sqs.send_message(QueueUrl=url, MessageBody="slow")
        [item] = self.wait_held(1, HOPS[1])
        self.assertNotEqual(self.practice.events(wanted=lambda e: e["kind"] == "held" and e["holdId"] == item["id"]), [])
        time.sleep(2.5)
        self.wait_held(1, HOPS[1])
        self.release(next=True)
        [[record]] = self.wait_for(lambda: self.records(function))
        self.assertEqual(record["attributes"]["ApproximateReceiveCount"], "1")
        returned = [e for e in self.practice.events() if e["kind"] == "queue-returned" and e["messageId"] == item["messageId"]]
        self.assertEqual(returned, [])

    def test_failure_comes_back_held_and_dies(self):
        dead, dead_arn = self.make_queue()
        url, arn = self.make_queue(VisibilityTimeout=1, RedrivePolicy=json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2}))
        function = self.make(STORE, role=self.make_role(*LOGS, *QUEUE), Timeout=1)
        self.map(function, arn)
        self.hold()
        self.sqs.send_message(QueueUrl=url, MessageBody="bad")
        ids = set()
        for attempt in (1, 2):
            [item] = self.wait_held(1, HOPS[1])
            ids.add(item["id"])
            self.release(ids=[item["id"]])
            self.wait_for(lambda: len(self.records(function)) == attempt)
        [item] = self.wait_held(1, HOPS[1])
        self.assertEqual(ids, {item["id"]})
        self.release(all=True)
        self.wait_for(lambda: self.counts(dead) == (1, 0))
        self.wait_held(0)

    def test_others_get_it_all_the_same(self):
        url, arn = self.make_queue()
        function = self.make(PRINT, role=self.make_role(*LOGS, *QUEUE))
        self.map(function, arn)
        self.hold()
        self.sqs.send_message(QueueUrl=url, MessageBody="mine")
        self.wait_held(1, HOPS[1])
        [message] = self.sqs.receive_message(QueueUrl=url)["Messages"]
        self.assertEqual(message["Body"], "mine")
        self.wait_held(0)
        self.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
        self.wait_held(1, HOPS[1])
        self.sqs.purge_queue(QueueUrl=url)
        self.wait_held(0)

    def test_groups_keep_their_order(self):
        url = self.sqs.create_queue(QueueName=unique("queue") + ".fifo", Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"})["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        function = self.make(PRINT, role=self.make_role(*LOGS, *QUEUE))
        self.map(function, arn)
        self.hold()
        for group, body in (("a", "a1"), ("b", "b1"), ("a", "a2"), ("a", "a3")):
            self.sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=group)
        found = self.wait_held(4, HOPS[1])
        self.assertEqual([i["body"] for i in self.release(ids=[found[2]["id"]])], ["a1", "a2"])
        self.wait_for(lambda: sum(self.bodies(function), []) == ["a1", "a2"])
        self.assertEqual([i["body"] for i in self.held()], ["b1", "a3"])

    def test_records_of_a_shard_keep_their_order(self):
        table, stream = self.make_table()
        function = self.make(PRINT, role=self.make_role(*LOGS, *STREAM))
        self.map(function, stream, StartingPosition="TRIM_HORIZON", BatchSize=2, MaximumRecordAgeInSeconds=60)
        self.hold()
        for i in range(5):
            self.tables.put_item(TableName=table, Item={"id": {"S": str(i)}})
        found = self.wait_held(5, HOPS[2])
        self.assertEqual([i["id"] for i in self.release(ids=[found[2]["id"]])], [i["id"] for i in found[:3]])
        keys = lambda: [[r["dynamodb"]["Keys"]["id"]["S"] for r in batch] for batch in self.records(function)]
        self.wait_for(lambda: keys() == [["0", "1"], ["2"]])
        self.wait_held(2)
        self.hold(on=False)
        self.wait_for(lambda: keys() == [["0", "1"], ["2"], ["3", "4"]])

    def test_two_functions_at_a_stream(self):
        table, stream = self.make_table()
        functions = [self.make(PRINT, role=self.make_role(*LOGS, *STREAM)) for _ in range(2)]
        for function in functions:
            self.map(function, stream, StartingPosition="TRIM_HORIZON")
        self.hold()
        self.tables.put_item(TableName=table, Item={"id": {"S": "x"}})
        found = self.wait_held(2, HOPS[2])
        first = next(i for i in found if i["functionArn"].endswith(functions[0]))
        self.release(ids=[first["id"]])
        self.wait_for(lambda: len(self.records(functions[0])) == 1)
        self.assertEqual(self.records(functions[1]), [])
        self.assertEqual(self.wait_held(1)[0]["functionArn"].rsplit(":", 1)[1], functions[1])

    def test_an_answer_that_needs_a_function(self):
        function = self.make("def lambda_handler(event, context):\n    return {'echo': event}\n")
        arn = self.functions.get_function_configuration(FunctionName=function)["FunctionArn"]
        api = self.make_api("none", f"lambda:path/2015-03-31/functions/{arn}/invocations", "$input.body", type="AWS")
        self.hold()
        answers = []
        thread = threading.Thread(target=lambda: answers.append(self.post(api, '"hello"')))
        thread.start()
        [item] = self.wait_held(1, HOPS[0])
        self.assertIn("requestId", item)
        self.assertNotIn("queueArn", item)
        self.assertEqual(answers, [])
        self.release(next=True)
        thread.join(20)
        self.assertEqual(answers, [(200, {"echo": "hello"})])
        # A restart ends the request with its connection, and nothing is left of it.
        def ask():
            try:
                answers.append(self.post(api, '"lost"'))
            except OSError:
                answers.append("lost")
        thread = threading.Thread(target=ask)
        thread.start()
        self.wait_held(1, HOPS[0])
        self.practice.restart()
        self.setUp()
        thread.join(20)
        self.assertEqual(answers[1:], ["lost"])
        self.assertEqual(self.held(), [])

    def test_topic_to_queue_and_function(self):
        url, arn = self.make_queue()
        tap, tap_arn = self.make_queue()
        for each in url, tap:
            self.sqs.set_queue_attributes(QueueUrl=each, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}]})})
        # what only reads along gets its copy all the same
        self.sqs.tag_queue(QueueUrl=tap, Tags={"millrace:resource": "Tap.Topic.Queue"})
        function = self.make(PRINT)
        function_arn = self.functions.get_function_configuration(FunctionName=function)["FunctionArn"]
        self.functions.add_permission(FunctionName=function, StatementId="sns", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com")
        topic = self.topics.create_topic(Name=unique("topic"))["TopicArn"]
        self.topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        self.topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=tap_arn)
        self.topics.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function_arn)
        self.topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn + "2", Attributes={"FilterPolicy": '{"kind": ["other"]}'})
        self.hold()
        self.topics.publish(TopicArn=topic, Message="hello", MessageAttributes={"kind": {"DataType": "String", "StringValue": "this"}})
        self.wait_held(1, HOPS[3])
        self.release(next=True)
        found = self.wait_held(2, HOPS[4])
        self.assertEqual(sorted(i["protocol"] for i in found), ["lambda", "sqs"])
        [message] = self.sqs.receive_message(QueueUrl=tap, WaitTimeSeconds=5)["Messages"]
        self.assertEqual(json.loads(message["Body"])["Message"], "hello")
        self.release(ids=[i["id"] for i in found if i["protocol"] == "sqs"])
        [message] = self.sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
        self.assertEqual((message["Body"], message["MessageAttributes"]["kind"]["StringValue"]), ("hello", "this"))
        self.assertEqual(self.records(function), [])
        self.release(all=True)
        [[record]] = self.wait_for(lambda: self.records(function))
        self.assertEqual(record["Sns"]["Message"], "hello")


class Control(HoldCase):
    def test_mistakes(self):
        for body, words in (({}, "true or false"), ({"on": "maybe"}, None), ({"on": True, "deployment": ""}, "whole cloud"),
                            ({"on": True, "deployment": 7}, None)):
            answer = self.ask("PUT", "/_millrace/hold", body, status=400)
            self.assertIn(words or "", answer["message"])
        for body in ({}, {"next": True, "all": True}, {"ids": "x"}, {"ids": [], "next": True}):
            self.ask("POST", "/_millrace/hold/release", body, status=400)
        self.assertEqual(self.release(ids=["queue-mapping/1", 7, None, "nonsense"]), [])
        self.assertEqual(self.release(next=True), [])
        self.assertEqual(self.held(), [])

    def test_only_the_account_itself(self):
        self.iam.create_user(UserName="guest")
        key = self.iam.create_access_key(UserName="guest")["AccessKey"]
        keys = {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}
        self.ask("GET", "/_millrace/hold", status=403, **keys)
        self.ask("PUT", "/_millrace/hold", {"on": True}, status=403, **keys)
        self.ask("POST", "/_millrace/hold/release", {"all": True}, status=403, **keys)
        status, _, _ = self.practice.request("GET", "/_millrace/hold")
        self.assertEqual(status, 403)


if __name__ == "__main__":
    practice.main()
