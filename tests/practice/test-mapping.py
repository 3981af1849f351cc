# SPDX-License-Identifier: GPL-3.0-or-later
"""Event source mappings: queues and streams that invoke functions, with the permissions of the function's role."""
import json
import time
import unittest

import practice
from functions import LOGS, QUEUE, STREAM, FunctionCase, unique

PRINT = "import json\ndef lambda_handler(event, context):\n    print(json.dumps(event))\n"


class Queues(FunctionCase):
    def test_record(self):
        function = self.make(PRINT, role=self.make_role(*LOGS, *QUEUE))
        url, arn = self.make_queue()
        uid = self.map(function, arn)
        sent = self.sqs.send_message(QueueUrl=url, MessageBody="latex gloves",
                                     MessageAttributes={"kind": {"DataType": "String", "StringValue": "order"}})
        [[record]] = self.wait_for(lambda: self.records(function))
        self.assertEqual(record["messageId"], sent["MessageId"])
        self.assertEqual(record["md5OfBody"], sent["MD5OfMessageBody"])
        self.assertEqual(record["messageAttributes"]["kind"], {"stringValue": "order", "stringListValues": [], "binaryListValues": [],
                                                               "dataType": "String"})
        self.assertEqual({k: record[k] for k in ("body", "eventSource", "eventSourceARN", "awsRegion")},
                         {"body": "latex gloves", "eventSource": "aws:sqs", "eventSourceARN": arn, "awsRegion": "us-east-1"})
        self.assertEqual(record["attributes"]["ApproximateReceiveCount"], "1")
        self.assertIn("SentTimestamp", record["attributes"])
        self.assertTrue(record["receiptHandle"])
        self.wait_for(lambda: self.counts(url) == (0, 0))

        events = [e for e in self.practice.events() if e.get("mappingId") == uid or e.get("source") == "mapping"]
        polled = next(e for e in events if e["kind"] == "mapping-polled" and e["mappingId"] == uid)
        self.assertEqual((polled["records"], polled["sourceArn"]), ([{"messageId": sent["MessageId"]}], arn))
        started = next(e for e in events if e["kind"] == "function-started" and e["invocationId"] == polled["invocationId"])
        self.assertEqual(started["records"], polled["records"])

    def counts(self, url):
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(found["ApproximateNumberOfMessages"]), int(found["ApproximateNumberOfMessagesNotVisible"])

    def test_batches(self):
        function = self.make(PRINT, role=self.make_role(*LOGS, *QUEUE))
        url, arn = self.make_queue()
        for first in range(0, 30, 10):
            self.sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(i), "MessageBody": str(i)} for i in range(first, first + 10)])
        self.map(function, arn, BatchSize=25, MaximumBatchingWindowInSeconds=1)
        self.wait_for(lambda: sum(len(batch) for batch in self.records(function)) == 30)
        batches = self.records(function)
        self.assertEqual(sorted(int(r["body"]) for batch in batches for r in batch), list(range(30)))
        self.assertEqual(max(len(batch) for batch in batches), 25)

    def test_failed_batch_comes_back(self):
        function = self.make(PRINT + "    if event['Records'][0]['attributes']['ApproximateReceiveCount'] == '1': raise ValueError('once')\n",
                             role=self.make_role(*LOGS, *QUEUE), Timeout=1)
        url, arn = self.make_queue(VisibilityTimeout=1)
        self.map(function, arn)
        self.sqs.send_message(QueueUrl=url, MessageBody="again")
        self.wait_for(lambda: [b[0]["attributes"]["ApproximateReceiveCount"] for b in self.records(function)] == ["1", "2"])
        self.wait_for(lambda: self.counts(url) == (0, 0))

    def test_partial_failures(self):
        function = self.make(PRINT + "    return {'batchItemFailures': [{'itemIdentifier': r['messageId']} for r in event['Records']"
                                     " if r['body'] == 'bad' and r['attributes']['ApproximateReceiveCount'] == '1']}\n",
                             role=self.make_role(*LOGS, *QUEUE), Timeout=1)
        url, arn = self.make_queue(VisibilityTimeout=1)
        sent = self.sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": body, "MessageBody": body} for body in ("good", "bad", "fine")])
        bad = next(m["MessageId"] for m in sent["Successful"] if m["Id"] == "bad")
        self.map(function, arn, FunctionResponseTypes=["ReportBatchItemFailures"])
        self.wait_for(lambda: len(self.records(function)) == 2)
        first, second = self.records(function)
        self.assertEqual(sorted(r["body"] for r in first), ["bad", "fine", "good"])
        self.assertEqual([r["body"] for r in second], ["bad"])
        self.wait_for(lambda: self.counts(url) == (0, 0))
        ended = [e for e in self.practice.events() if e["kind"] == "function-ended" and e["functionArn"].endswith(function)]
        self.assertEqual([e.get("failedRecords") for e in ended], [[bad], []])

    def test_nonsense_for_partial_failures_fails_all(self):
        function = self.make(PRINT + "    return {'batchItemFailures': [{'itemIdentifier': 'unknown'}]}\n", role=self.make_role(*LOGS, *QUEUE), Timeout=1)
        url, arn = self.make_queue(VisibilityTimeout=1)
        self.map(function, arn, FunctionResponseTypes=["ReportBatchItemFailures"])
        self.sqs.send_message(QueueUrl=url, MessageBody="stays")
        self.wait_for(lambda: len(self.records(function)) >= 2)
        self.assertEqual(sum(self.counts(url)), 1)

    def test_filters(self):
        function = self.make(PRINT, role=self.make_role(*LOGS, *QUEUE))
        url, arn = self.make_queue()
        uid = self.map(function, arn, FilterCriteria={"Filters": [{"Pattern": json.dumps({"body": {"item": ["gloves"]}})}]})
        for body in ('{"item": "masks"}', "not json", '{"item": "gloves"}'):
            self.sqs.send_message(QueueUrl=url, MessageBody=body)
        self.wait_for(lambda: self.records(function))
        self.wait_for(lambda: self.counts(url) == (0, 0))
        self.assertEqual([r["body"] for batch in self.records(function) for r in batch], ['{"item": "gloves"}'])
        filtered = [r for e in self.practice.events() if e["kind"] == "mapping-filtered" and e["mappingId"] == uid for r in e["records"]]
        self.assertEqual(len(filtered), 2)

    def test_mapping_without_permission_is_refused(self):
        role = self.make_role(*LOGS, "sqs:GetQueueAttributes", "sqs:DeleteMessage")
        function = self.make(PRINT, role=role)
        _, arn = self.make_queue()
        self.fails("InvalidParameterValueException", self.functions.create_event_source_mapping, FunctionName=function, EventSourceArn=arn,
                   message="The provided execution role does not have permissions to call ReceiveMessage on SQS", status=400)
        denied = [e for e in self.practice.events() if e["kind"] == "denied" and e.get("roleArn") == role]
        self.assertEqual([(e["action"], e["resource"]) for e in denied], [("sqs:ReceiveMessage", arn)])
        self.allow(role, *LOGS, *QUEUE)
        self.map(function, arn)

    def test_permission_lost_and_found(self):
        role = self.make_role(*LOGS, *QUEUE)
        function = self.make(PRINT, role=role)
        url, arn = self.make_queue()
        uid = self.map(function, arn)
        self.allow(role, *LOGS)
        # The poll under way was allowed when it began; the next is not.
        self.sqs.send_message(QueueUrl=url, MessageBody="one")
        failed = self.practice.events(wanted=lambda e: e["kind"] == "mapping-failed" and e["mappingId"] == uid)[-1]
        self.assertIn("AccessDenied", failed["error"]["code"])
        self.sqs.send_message(QueueUrl=url, MessageBody="two")
        self.allow(role, *LOGS, *QUEUE)
        self.wait_for(lambda: "two" in [r["body"] for batch in self.records(function) for r in batch], seconds=40)

    def test_function_without_permission_to_write(self):
        table, _ = self.make_table()
        role = self.make_role(*LOGS, *QUEUE)
        function = self.make(f"import boto3\ntable = boto3.resource('dynamodb').Table('{table}')\ndef lambda_handler(event, context):\n"
                             "    for record in event['Records']:\n        table.put_item(Item={'id': record['messageId'], 'order': record['body']})\n",
                             role=role, Timeout=5)
        url, arn = self.make_queue(VisibilityTimeout=5)
        self.map(function, arn)
        message = self.sqs.send_message(QueueUrl=url, MessageBody="order")["MessageId"]
        line = self.wait_for(lambda: [line for line in self.lines(function) if line.startswith("[ERROR]")])[0]
        self.assertIn("AccessDeniedException", line)
        self.assertIn("dynamodb:PutItem", line)
        self.assertEqual(self.counts(url), (0, 1))
        self.allow(role, *LOGS, *QUEUE, "dynamodb:PutItem")
        self.wait_for(lambda: self.tables.get_item(TableName=table, Key={"id": {"S": message}}).get("Item"))
        events = self.practice.events()
        self.assertTrue(any(e["kind"] == "queue-returned" and e["messageId"] == message for e in events))
        written = next(e for e in events if e["kind"] == "table-written" and table in e["tableArn"])
        invocations = [e["invocationId"] for e in events if e["kind"] == "mapping-polled" and e["records"] == [{"messageId": message}]]
        self.assertEqual(written["invocationId"], invocations[-1])

    def test_what_is_refused(self):
        function = self.make(PRINT, role=self.make_role(*LOGS, *QUEUE), Timeout=60)
        _, arn = self.make_queue(VisibilityTimeout=30)
        fail, make = self.fails, self.functions.create_event_source_mapping
        fail("InvalidParameterValueException", make, FunctionName=function, EventSourceArn=arn,
             message="Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds")
        fail("InvalidParameterValueException", make, FunctionName=function, EventSourceArn=arn, BatchSize=11,
             message="Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10")
        fail("ValidationException", make, FunctionName=function, EventSourceArn=arn, BatchSize=10001)
        fail("InvalidParameterValueException", make, FunctionName=function, EventSourceArn="arn:aws:s3:::bucket", message="Unrecognized event source.")
        fail("InvalidParameterValueException", make, FunctionName=function, EventSourceArn=arn, StartingPosition="LATEST")

    def test_update_disable_delete(self):
        function = self.make(PRINT, role=self.make_role(*LOGS, *QUEUE))
        url, arn = self.make_queue()
        uid = self.map(function, arn)
        changed = self.functions.update_event_source_mapping(UUID=uid, BatchSize=1, Enabled=False)
        self.assertEqual((changed["ResponseMetadata"]["HTTPStatusCode"], changed["BatchSize"]), (202, 1))
        self.wait_mapping(uid, "Disabled")
        self.sqs.send_message(QueueUrl=url, MessageBody="waits")
        time.sleep(0.3)
        self.assertEqual(self.records(function), [])
        self.functions.update_event_source_mapping(UUID=uid, Enabled=True)
        self.wait_for(lambda: self.records(function))
        self.assertEqual([m["UUID"] for m in self.functions.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]], [uid])
        self.wait_mapping(uid, "Enabled")
        self.assertEqual(self.functions.delete_event_source_mapping(UUID=uid)["State"], "Deleting")
        self.wait_for(lambda: not self.functions.list_event_source_mappings(FunctionName=function)["EventSourceMappings"])
        self.fails("ResourceNotFoundException", self.functions.get_event_source_mapping, UUID=uid, status=404)
        self.sqs.send_message(QueueUrl=url, MessageBody="nobody takes it")
        time.sleep(0.3)
        self.assertEqual(self.counts(url), (1, 0))

    def test_many_messages(self):
        function = self.make("import json\ndef lambda_handler(event, context):\n    print('\\n'.join(r['body'] for r in event['Records']))\n",
                             role=self.make_role(*LOGS, *QUEUE), Timeout=20)
        url, arn = self.make_queue()
        self.map(function, arn)
        for first in range(0, 300, 10):
            self.sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(i), "MessageBody": f"m{i}"} for i in range(first, first + 10)])
        self.wait_for(lambda: self.counts(url) == (0, 0))
        seen = [line for line in self.lines(function, filterPattern="%^m[0-9]+%") if line.startswith("m")]
        self.assertEqual(sorted(seen), sorted(f"m{i}" for i in range(300)))


class Streams(FunctionCase):
    def put(self, table, *ids):
        for item in ids:
            self.tables.put_item(TableName=table, Item={"id": {"S": item}})

    def seen(self, function):
        return [r["dynamodb"]["Keys"]["id"]["S"] for batch in self.records(function) for r in batch]

    def make_function(self, source=PRINT, *more, **settings):
        return self.make(source, role=self.make_role(*LOGS, *STREAM, *more), **settings)

    def test_record(self):
        function = self.make_function()
        table, stream = self.make_table()
        uid = self.map(function, stream, StartingPosition="TRIM_HORIZON")
        self.assertEqual(self.functions.get_event_source_mapping(UUID=uid)["LastProcessingResult"], "No records processed")
        self.tables.put_item(TableName=table, Item={"id": {"S": "1"}, "item": {"S": "gloves"}})
        [[record]] = self.wait_for(lambda: self.records(function))
        self.assertEqual((record["eventName"], record["eventSource"], record["eventVersion"], record["awsRegion"], record["eventSourceARN"]),
                         ("INSERT", "aws:dynamodb", "1.1", "us-east-1", stream))
        self.assertEqual(record["dynamodb"]["NewImage"], {"id": {"S": "1"}, "item": {"S": "gloves"}})
        self.assertEqual(record["dynamodb"]["StreamViewType"], "NEW_AND_OLD_IMAGES")
        self.wait_for(lambda: self.functions.get_event_source_mapping(UUID=uid)["LastProcessingResult"] == "OK")
        polled = next(e for e in self.practice.events() if e["kind"] == "mapping-polled" and e["mappingId"] == uid)
        self.assertEqual(polled["records"], [{"eventID": record["eventID"]}])

    def test_positions_and_order(self):
        table, stream = self.make_table()
        self.put(table, "before")
        latest, all_of_them = self.make_function(), self.make_function()
        self.map(latest, stream, StartingPosition="LATEST")
        self.map(all_of_them, stream, StartingPosition="TRIM_HORIZON", BatchSize=3)
        ids = [f"n{i}" for i in range(10)]
        self.put(table, *ids)
        self.wait_for(lambda: self.seen(all_of_them) == ["before"] + ids)
        self.wait_for(lambda: self.seen(latest) == ids)
        self.assertLessEqual(max(len(batch) for batch in self.records(all_of_them)), 3)

    def test_window(self):
        table, stream = self.make_table()
        function = self.make_function()
        self.map(function, stream, StartingPosition="TRIM_HORIZON", MaximumBatchingWindowInSeconds=1)
        self.put(table, *[str(i) for i in range(10)])
        self.wait_for(lambda: len(self.seen(function)) == 10)
        # Without a window the first record would go alone.
        self.assertGreater(len(self.records(function)[0]), 1)

    def test_filters(self):
        table, stream = self.make_table()
        function = self.make_function()
        self.map(function, stream, StartingPosition="TRIM_HORIZON",
                 FilterCriteria={"Filters": [{"Pattern": json.dumps({"dynamodb": {"Keys": {"id": {"S": [{"prefix": "+91"}]}}}})}]})
        self.put(table, "+49123", "+91123", "x")
        self.wait_for(lambda: self.seen(function))
        self.assertEqual(self.seen(function), ["+91123"])

    def test_a_failing_batch_blocks_and_is_tried_again(self):
        table, stream = self.make_table()
        function = self.make_function(PRINT + "    import os\n    if not os.path.exists('/tmp/failed'):\n        open('/tmp/failed', 'w')\n"
                                              "        raise ValueError('once')\n")
        uid = self.map(function, stream, StartingPosition="TRIM_HORIZON", BatchSize=1)
        self.put(table, "a", "b")
        self.wait_for(lambda: self.functions.get_event_source_mapping(UUID=uid)["LastProcessingResult"] == "PROBLEM: Function call failed")
        self.wait_for(lambda: self.seen(function) == ["a", "a", "b"])
        self.wait_for(lambda: self.functions.get_event_source_mapping(UUID=uid)["LastProcessingResult"] == "OK")

    def test_bisect_and_destination(self):
        table, stream = self.make_table()
        url, arn = self.make_queue()
        self.put(table, "a", "b", "bad", "c")
        function = self.make_function(PRINT + "    for r in event['Records']:\n        if r['dynamodb']['Keys']['id']['S'] == 'bad': raise ValueError('bad')\n",
                                      "sqs:SendMessage")
        self.map(function, stream, StartingPosition="TRIM_HORIZON", BisectBatchOnFunctionError=True, MaximumRetryAttempts=0,
                 DestinationConfig={"OnFailure": {"Destination": arn}})
        [message] = self.wait_for(lambda: self.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages"))
        told = json.loads(message["Body"])
        self.assertEqual((told["requestContext"]["condition"], told["DDBStreamBatchInfo"]["batchSize"], told["DDBStreamBatchInfo"]["streamArn"]),
                         ("RetryAttemptsExhausted", 1, stream))
        self.wait_for(lambda: self.seen(function)[-1:] == ["c"])
        self.assertEqual([len(batch) for batch in self.records(function)], [4, 2, 2, 1, 1])

    def test_partial_failures(self):
        table, stream = self.make_table()
        self.put(table, "a", "b", "c")
        function = self.make_function(PRINT + """    import os
    if not os.path.exists('/tmp/failed'):
        open('/tmp/failed', 'w')
        return {'batchItemFailures': [{'itemIdentifier': event['Records'][1]['dynamodb']['SequenceNumber']}]}
""")
        self.map(function, stream, StartingPosition="TRIM_HORIZON", FunctionResponseTypes=["ReportBatchItemFailures"])
        self.wait_for(lambda: self.seen(function) == ["a", "b", "c", "b", "c"])

    def test_what_is_refused(self):
        _, stream = self.make_table()
        make = self.functions.create_event_source_mapping
        function = self.make(PRINT, role=self.make_role(*LOGS))
        sentence = (f"Cannot access stream {stream}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, "
                    "and ListStreams Actions on your stream in IAM.")
        self.fails("InvalidParameterValueException", make, FunctionName=function, EventSourceArn=stream, StartingPosition="LATEST", message=sentence)
        self.fails("InvalidParameterValueException", make, FunctionName=function, EventSourceArn=stream,
                   message="1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.")
        gone = stream.replace("/stream/", "x/stream/")
        self.fails("InvalidParameterValueException", make, FunctionName=function, EventSourceArn=gone, StartingPosition="LATEST", message=f"Stream not found: {gone}")


class Restart(unittest.TestCase):
    def test_a_mapping_goes_on_where_it_was(self):
        with practice.Practice() as cloud:
            FunctionCase.practice = cloud
            case = Streams()
            case.setUp()
            table, stream = case.make_table()
            function = case.make_function()
            case.map(function, stream, StartingPosition="TRIM_HORIZON")
            case.put(table, "first")
            case.wait_for(lambda: case.seen(function) == ["first"])
            queue_function = case.make(PRINT, role=case.make_role(*LOGS, *QUEUE))
            url, arn = case.make_queue()
            case.map(queue_function, arn)
            cloud.restart()
            case.setUp()
            case.put(table, "second")
            case.wait_for(lambda: case.seen(function) == ["first", "second"])
            case.sqs.send_message(QueueUrl=f"{cloud.url}/000000000000/{arn.rsplit(':', 1)[1]}", MessageBody="after")
            case.wait_for(lambda: case.records(queue_function))


if __name__ == "__main__":
    practice.main()
