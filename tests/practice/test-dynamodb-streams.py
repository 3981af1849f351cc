# SPDX-License-Identifier: GPL-3.0-or-later
"""DynamoDB Streams: what is recorded, how it is read, and for how long."""
import base64
import os
import sqlite3
import time
import uuid

import practice
from practice import PracticeCase


def s(text):
    return {"S": text}


class Streams(PracticeCase):
    def setUp(self):
        self.connect()

    def connect(self):
        self.db = self.practice.client("dynamodb", parameter_validation=False)
        self.streams = self.practice.client("dynamodbstreams", parameter_validation=False)
        self.addCleanup(self.db.close)
        self.addCleanup(self.streams.close)

    def make(self, view="NEW_AND_OLD_IMAGES"):
        """A table with a stream: its name and the stream's ARN."""
        name = f"table-{uuid.uuid4().hex[:12]}"
        self.db.create_table(TableName=name, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
                             AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                             StreamSpecification={"StreamEnabled": True, "StreamViewType": view})
        return name, self.db.describe_table(TableName=name)["Table"]["LatestStreamArn"]

    def switch(self, table, view=None):
        specification = {"StreamEnabled": True, "StreamViewType": view} if view else {"StreamEnabled": False}
        return self.db.update_table(TableName=table, StreamSpecification=specification)["TableDescription"]

    def shard(self, arn):
        shards = self.streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        self.assertEqual(len(shards), 1)
        return shards[0]["ShardId"]

    def iterator(self, arn, kind="TRIM_HORIZON", **more):
        return self.streams.get_shard_iterator(StreamArn=arn, ShardId=self.shard(arn), ShardIteratorType=kind, **more)["ShardIterator"]

    def records(self, arn, kind="TRIM_HORIZON", **more):
        return self.streams.get_records(ShardIterator=self.iterator(arn, kind, **more))["Records"]

    def put(self, table, key, **attributes):
        self.db.put_item(TableName=table, Item={"id": s(key), **attributes})

    def change_store(self, *statements):
        """Stops the practice cloud, changes its database and starts it again."""
        self.practice.stop()
        store = sqlite3.connect(os.path.join(self.practice.state, "practice.db"))
        for statement in statements:
            store.execute(*statement)
        store.commit()
        store.close()
        self.practice.start()
        self.connect()

    def test_views(self):
        wanted = {"KEYS_ONLY": (), "NEW_IMAGE": ("NewImage",), "OLD_IMAGE": ("OldImage",), "NEW_AND_OLD_IMAGES": ("NewImage", "OldImage")}
        for view, images in wanted.items():
            with self.subTest(view):
                table, arn = self.make(view)
                before = int(time.time())
                self.put(table, "a", x=s("1"))
                self.put(table, "a", x=s("1"))
                self.db.update_item(TableName=table, Key={"id": s("a")}, UpdateExpression="SET x = :x", ExpressionAttributeValues={":x": s("1")})
                self.put(table, "a", x=s("22"))
                self.db.delete_item(TableName=table, Key={"id": s("a")})
                self.db.delete_item(TableName=table, Key={"id": s("a")})
                records = self.records(arn)
                # What changes nothing is not recorded.
                self.assertEqual([record["eventName"] for record in records], ["INSERT", "MODIFY", "REMOVE"])
                one, two = {"id": s("a"), "x": s("1")}, {"id": s("a"), "x": s("22")}
                for record, new, old in zip(records, (one, two, None), (None, one, two)):
                    change = record["dynamodb"]
                    self.assertEqual(change["Keys"], {"id": s("a")})
                    self.assertEqual(change.get("NewImage"), new if "NewImage" in images else None)
                    self.assertEqual(change.get("OldImage"), old if "OldImage" in images else None)
                    self.assertEqual(change["StreamViewType"], view)
                    self.assertRegex(change["SequenceNumber"], r"^\d{21}$")
                    self.assertRegex(record["eventID"], "^[0-9a-f]{32}$")
                    self.assertEqual((record["eventVersion"], record["eventSource"], record["awsRegion"]), ("1.1", "aws:dynamodb", "us-east-1"))
                    size = 3 + sum(3 + 1 + len(image["x"]["S"]) for image in (change.get("NewImage"), change.get("OldImage")) if image)
                    self.assertEqual(change["SizeBytes"], size)
                    self.assertTrue(before <= change["ApproximateCreationDateTime"].timestamp() <= time.time())
                numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
                self.assertEqual(numbers, sorted(set(numbers)))

    def test_iterators(self):
        table, arn = self.make()
        for i in range(5):
            self.put(table, str(i))
        latest = self.iterator(arn, "LATEST")
        records = self.records(arn)
        ids = [record["dynamodb"]["Keys"]["id"]["S"] for record in records]
        self.assertEqual(ids, list("01234"))
        third = records[2]["dynamodb"]["SequenceNumber"]
        at = self.records(arn, "AT_SEQUENCE_NUMBER", SequenceNumber=third)
        after = self.records(arn, "AFTER_SEQUENCE_NUMBER", SequenceNumber=third)
        self.assertEqual((at, after), (records[2:], records[3:]))
        self.assertEqual(self.records(arn, "AFTER_SEQUENCE_NUMBER", SequenceNumber=records[4]["dynamodb"]["SequenceNumber"]), [])
        # In parts, and on with what comes later.
        answer = self.streams.get_records(ShardIterator=self.iterator(arn), Limit=2)
        self.assertEqual(answer["Records"], records[:2])
        answer = self.streams.get_records(ShardIterator=answer["NextShardIterator"])
        self.assertEqual(answer["Records"], records[2:])
        self.put(table, "5")
        for iterator in (answer["NextShardIterator"], latest):
            more = self.streams.get_records(ShardIterator=iterator)["Records"]
            self.assertEqual([record["dynamodb"]["Keys"]["id"]["S"] for record in more], ["5"])

    def test_errors(self):
        table, arn = self.make()
        shard = self.shard(arn)
        none = arn[:-3] + "000"
        if none == arn:
            none = arn[:-3] + "001"
        self.fails("ResourceNotFoundException", self.streams.describe_stream, StreamArn=none, message=f"Requested resource not found: Stream: {none} not found")
        self.fails("ValidationException", self.streams.describe_stream, StreamArn="stream")
        self.fails("ResourceNotFoundException", self.streams.get_shard_iterator, StreamArn=arn, ShardId=shard + "0", ShardIteratorType="LATEST")
        self.fails("ValidationException", self.streams.get_shard_iterator, StreamArn=arn, ShardId=shard, ShardIteratorType="FIRST")
        self.fails("ValidationException", self.streams.get_shard_iterator, StreamArn=arn, ShardId=shard, ShardIteratorType="AT_SEQUENCE_NUMBER")
        self.fails("ValidationException", self.streams.get_shard_iterator, StreamArn=arn, ShardId=shard, ShardIteratorType="AT_SEQUENCE_NUMBER", SequenceNumber="9" * 21)
        for iterator in ("", "x", arn, arn + "|1|!!", arn + "|1|" + base64.b64encode(b"a|b|c").decode()):
            self.fails("ValidationException", self.streams.get_records, ShardIterator=iterator)
        self.fails("ValidationException", self.streams.get_records, ShardIterator=self.iterator(arn), Limit=1001)

    def test_list(self):
        table, arn = self.make()
        self.assertEqual(self.streams.list_streams(TableName=table)["Streams"], [{"StreamArn": arn, "TableName": table, "StreamLabel": arn.rsplit("/", 1)[1]}])
        self.make()
        page = self.streams.list_streams(Limit=1)
        self.assertIn("LastEvaluatedStreamArn", page)
        found = page["Streams"]
        while "LastEvaluatedStreamArn" in page:
            page = self.streams.list_streams(Limit=1, ExclusiveStartStreamArn=page["LastEvaluatedStreamArn"])
            found += page["Streams"]
        self.assertIn(arn, [stream["StreamArn"] for stream in found])

    def test_off_and_on(self):
        table, first = self.make("NEW_IMAGE")
        self.put(table, "a")
        iterator = self.iterator(first)
        off = self.switch(table)
        self.assertNotIn("StreamSpecification", off)
        self.assertEqual(off["LatestStreamArn"], first)
        self.fails("ValidationException", self.switch, table)
        self.put(table, "unseen")
        described = self.streams.describe_stream(StreamArn=first)["StreamDescription"]
        self.assertEqual(described["StreamStatus"], "DISABLED")
        self.assertIn("EndingSequenceNumber", described["Shards"][0]["SequenceNumberRange"])
        on = self.switch(table, "KEYS_ONLY")
        second = on["LatestStreamArn"]
        self.assertNotEqual(second, first)
        self.fails("ValidationException", self.switch, table, "KEYS_ONLY")
        self.put(table, "b")
        # The closed one still has what it had, and says that it is at its end.
        answer = self.streams.get_records(ShardIterator=iterator)
        self.assertEqual([record["dynamodb"]["Keys"]["id"]["S"] for record in answer["Records"]], ["a"])
        self.assertNotIn("NextShardIterator", answer)
        self.assertEqual([record["dynamodb"]["Keys"]["id"]["S"] for record in self.records(second)], ["b"])
        self.assertEqual({stream["StreamArn"] for stream in self.streams.list_streams(TableName=table)["Streams"]}, {first, second})
        # It outlives the table too.
        self.db.delete_table(TableName=table)
        self.assertEqual(len(self.records(second)), 1)
        # … for a day.
        self.change_store(("UPDATE streams_stream SET disabled = disabled - 86500 WHERE table_name = ?", (table,)))
        self.fails("ResourceNotFoundException", self.streams.describe_stream, StreamArn=first)
        self.assertEqual(self.streams.list_streams(TableName=table)["Streams"], [])

    def test_old_records_are_forgotten(self):
        table, arn = self.make()
        for key in "abc":
            self.put(table, key)
        numbers = [record["dynamodb"]["SequenceNumber"] for record in self.records(arn)]
        self.change_store(("UPDATE streams_record SET time = time - 86500 WHERE sequence < ?", (int(numbers[2][3:]),)))
        self.assertEqual([record["dynamodb"]["Keys"]["id"]["S"] for record in self.records(arn)], ["c"])
        for kind, number in (("AT_SEQUENCE_NUMBER", numbers[1]), ("AFTER_SEQUENCE_NUMBER", numbers[0])):
            self.fails("TrimmedDataAccessException", self.iterator, arn, kind, SequenceNumber=number)
        # Nothing was lost behind the last that was read.
        self.assertEqual(len(self.records(arn, "AFTER_SEQUENCE_NUMBER", SequenceNumber=numbers[1])), 1)
        self.put(table, "d")
        self.assertEqual(len(self.records(arn)), 2)

    def test_old_iterators_expire(self):
        table, arn = self.make()
        head, version, content = self.iterator(arn).split("|")
        shard, position, made = base64.b64decode(content).decode().split("|")

        def aged(seconds):
            return "|".join((head, version, base64.b64encode(f"{shard}|{position}|{int(made) - seconds}".encode()).decode()))

        self.streams.get_records(ShardIterator=aged(14 * 60))
        self.fails("ExpiredIteratorException", self.streams.get_records, ShardIterator=aged(16 * 60), status=400)

    def test_batches_and_transactions(self):
        table, arn = self.make()
        self.db.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": {"id": s(key)}}} for key in "ab"]})
        self.db.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": {"id": s("c")}}}, {"Delete": {"TableName": table, "Key": {"id": s("a")}}}])
        self.fails("TransactionCanceledException", self.db.transact_write_items, TransactItems=[
            {"Put": {"TableName": table, "Item": {"id": s("d")}}}, {"Put": {"TableName": table, "Item": {"id": s("c")}, "ConditionExpression": "attribute_not_exists(id)"}}])
        records = [(record["eventName"], record["dynamodb"]["Keys"]["id"]["S"]) for record in self.records(arn)]
        self.assertEqual(records, [("INSERT", "a"), ("INSERT", "b"), ("INSERT", "c"), ("REMOVE", "a")])

    def test_survives_restart(self):
        table, arn = self.make()
        self.put(table, "a")
        self.practice.restart()
        self.connect()
        self.put(table, "b")
        self.assertEqual([record["dynamodb"]["Keys"]["id"]["S"] for record in self.records(arn)], ["a", "b"])

    def test_events(self):
        table, arn = self.make()
        self.put(table, "a")
        record = self.records(arn)[0]
        events = self.practice.events()
        written = [event for event in events if event["kind"] == "table-written" and event["tableArn"] in arn]
        self.assertEqual([(event["eventID"], event["sequenceNumber"]) for event in written], [(record["eventID"], record["dynamodb"]["SequenceNumber"])])
        read = [event for event in events if event["kind"] == "stream-read" and event["streamArn"] == arn]
        self.assertEqual([event["eventIDs"] for event in read], [[record["eventID"]]])

    def test_permissions(self):
        iam = self.practice.client("iam")
        user = f"user-{uuid.uuid4().hex[:8]}"
        iam.create_user(UserName=user)
        self.addCleanup(iam.delete_user, UserName=user)
        key = iam.create_access_key(UserName=user)["AccessKey"]
        self.addCleanup(iam.delete_access_key, UserName=user, AccessKeyId=key["AccessKeyId"])
        table, arn = self.make()
        iterator = self.iterator(arn)
        streams = self.practice.client_of("dynamodbstreams", key)
        self.addCleanup(streams.close)
        for action, call in (("DescribeStream", lambda: streams.describe_stream(StreamArn=arn)), ("GetRecords", lambda: streams.get_records(ShardIterator=iterator))):
            error = self.fails("AccessDeniedException", call, status=400)
            self.assertIn(f"is not authorized to perform: dynamodb:{action} on resource: {arn}", error["Message"])
        self.fails("AccessDeniedException", streams.list_streams, status=400)


if __name__ == "__main__":
    practice.main()
