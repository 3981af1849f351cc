# SPDX-License-Identifier: GPL-3.0-or-later
"""DynamoDB: tables, items, batches, transactions, as boto3 sees them."""
import base64
import json
import uuid

import practice
from practice import PracticeCase

NOT_FOUND = "Requested resource not found"
INVALID = "One or more parameter values were invalid: "


def unique(prefix="table"):
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def s(text):
    return {"S": text}


def n(number):
    return {"N": str(number)}


def keys(*names):
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"))]


def attributes(**types):
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]


class Dynamodb(PracticeCase):
    def setUp(self):
        # What the SDK would refuse has to reach the practice cloud.
        self.db = self.practice.client("dynamodb", parameter_validation=False)
        self.addCleanup(lambda: self.db.close())

    def make(self, *key, types=None, wait=True, **more):
        """A table; its name. The key's attributes are strings where types does not say otherwise."""
        name = unique()
        key = key or ("id",)
        types = {**{attribute: "S" for attribute in key}, **(types or {})}
        more.setdefault("BillingMode", "PAY_PER_REQUEST")
        self.db.create_table(TableName=name, KeySchema=keys(*key), AttributeDefinitions=attributes(**types), **more)
        if wait:
            self.db.describe_table(TableName=name)
        return name

    def invalid(self, call, message=None, **parameters):
        return self.fails("ValidationException", call, message=message, status=400, **parameters)

    def get(self, table, **key):
        return self.db.get_item(TableName=table, Key=key).get("Item")


class Tables(Dynamodb):
    def create(self, **changes):
        parameters = dict(TableName=unique(), KeySchema=keys("id"), AttributeDefinitions=attributes(id="S"), BillingMode="PAY_PER_REQUEST")
        parameters.update(changes)
        parameters = {name: value for name, value in parameters.items() if value is not None}
        return self.db.create_table(**parameters)["TableDescription"]

    def test_life(self):
        name = unique()
        made = self.create(TableName=name, Tags=[{"Key": "a", "Value": "b"}])
        arn = f"arn:aws:dynamodb:us-east-1:000000000000:table/{name}"
        self.assertEqual(made["TableStatus"], "CREATING")
        self.assertEqual(made["TableArn"], arn)
        self.assertEqual(made["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST")
        # Nothing can be put before the table is active.
        self.fails("ResourceNotFoundException", self.db.put_item, TableName=name, Item={"id": s("a")}, message=NOT_FOUND)
        self.assertEqual(self.db.describe_table(TableName=name)["Table"]["TableStatus"], "ACTIVE")
        self.fails("ResourceInUseException", self.create, TableName=name, message=f"Table already exists: {name}")
        self.db.put_item(TableName=name, Item={"id": s("a"), "x": n(27)})
        described = self.db.describe_table(TableName=name)["Table"]
        self.assertEqual((described["ItemCount"], described["TableSizeBytes"]), (1, 6))
        self.assertEqual(self.db.describe_table(TableName=arn)["Table"]["TableName"], name)
        self.assertIn(name, self.db.list_tables()["TableNames"])
        self.assertEqual(self.db.delete_table(TableName=name)["TableDescription"]["TableStatus"], "DELETING")
        self.fails("ResourceNotFoundException", self.db.describe_table, TableName=name,
                   message=f"Requested resource not found: Table: {name} not found")
        self.assertNotIn(name, self.db.list_tables()["TableNames"])
        # Another of that name begins empty.
        self.create(TableName=name)
        self.assertEqual(self.db.describe_table(TableName=name)["Table"]["ItemCount"], 0)
        self.assertEqual(self.db.list_tags_of_resource(ResourceArn=arn)["Tags"], [])
        kinds = [event["kind"] for event in self.practice.events() if event.get("name") == name]
        self.assertEqual(kinds, ["resource-created", "resource-deleted", "resource-created"])

    def test_other_region(self):
        name = self.make()
        there = self.practice.client("dynamodb", region="eu-west-1")
        self.fails("ResourceNotFoundException", there.describe_table, TableName=name)
        there.create_table(TableName=name, KeySchema=keys("id"), AttributeDefinitions=attributes(id="N"), BillingMode="PAY_PER_REQUEST")
        self.assertEqual(there.describe_table(TableName=name)["Table"]["TableArn"], f"arn:aws:dynamodb:eu-west-1:000000000000:table/{name}")
        self.assertEqual(there.list_tables()["TableNames"], [name])

    def test_list_pages(self):
        names = sorted(self.make(wait=False) for _ in range(5))
        start = names[0][:-1]
        found = []
        while start is not None:
            page = self.db.list_tables(Limit=2, ExclusiveStartTableName=start)
            self.assertLessEqual(len(page["TableNames"]), 2)
            found += page["TableNames"]
            start = page.get("LastEvaluatedTableName")
        self.assertEqual([name for name in found if name in names], names)
        self.assertEqual(found, sorted(found))

    def test_create_errors(self):
        index = dict(IndexName="index", KeySchema=keys("b"), Projection={"ProjectionType": "ALL"})
        local = dict(IndexName="local", KeySchema=keys("id", "b"), Projection={"ProjectionType": "ALL"})
        two = attributes(id="S", b="S")
        bad_name = ("Invalid table/index name.  Table/index names must be between 3 and 255 characters long, and may contain only the "
                    "characters a-z, A-Z, 0-9, '_', '-', and '.'")
        cases = [
            (dict(TableName="ab"), bad_name),
            (dict(TableName="a b c"), bad_name),
            (dict(TableName="a" * 256), bad_name),
            (dict(BillingMode=None), "No provisioned throughput specified for the table"),
            (dict(BillingMode="PROVISIONED"), None),
            (dict(ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}),
             INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"),
            (dict(BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 0, "WriteCapacityUnits": 1}),
             "1 validation error detected: Value '0' at 'provisionedThroughput.readCapacityUnits' failed to satisfy constraint: "
             "Member must have value greater than or equal to 1"),
            (dict(BillingMode="FREE"),
             "1 validation error detected: Value 'FREE' at 'billingMode' failed to satisfy constraint: "
             "Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]"),
            (dict(AttributeDefinitions=attributes(id="X")),
             "1 validation error detected: Value 'X' at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: "
             "Member must satisfy enum value set: [B, N, S]"),
            (dict(AttributeDefinitions=attributes(other="S")),
             INVALID + "Some index key attributes are not defined in AttributeDefinitions. Keys: [id], AttributeDefinitions: [other]"),
            (dict(AttributeDefinitions=two),
             INVALID + "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions"),
            (dict(KeySchema=[{"AttributeName": "id", "KeyType": "RANGE"}]),
             "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
            (dict(AttributeDefinitions=two, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "HASH"}]),
             "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"),
            (dict(KeySchema=keys("id", "id")), "Both the Hash Key and the Range Key element in the KeySchema have the same name"),
            (dict(GlobalSecondaryIndexes=[]), INVALID + "List of GlobalSecondaryIndexes is empty"),
            (dict(AttributeDefinitions=two, GlobalSecondaryIndexes=[index, index]), INVALID + "Duplicate index name: index"),
            (dict(AttributeDefinitions=attributes(id="S", b="S", c="S"), GlobalSecondaryIndexes=[index]),
             INVALID + "Some AttributeDefinitions are not used. AttributeDefinitions: [id, b, c], keys used: [b, id]"),
            (dict(GlobalSecondaryIndexes=[index]),
             INVALID + "Some index key attributes are not defined in AttributeDefinitions. Keys: [b], AttributeDefinitions: [id]"),
            (dict(AttributeDefinitions=two, GlobalSecondaryIndexes=[dict(index, IndexName="i")]), bad_name),
            (dict(AttributeDefinitions=two, GlobalSecondaryIndexes=[dict(index, Projection={})]), INVALID + "Unknown ProjectionType: null"),
            (dict(AttributeDefinitions=two, GlobalSecondaryIndexes=[dict(index, Projection={"ProjectionType": "ALL", "NonKeyAttributes": ["x"]})]),
             INVALID + "ProjectionType is ALL, but NonKeyAttributes is specified"),
            (dict(AttributeDefinitions=two, GlobalSecondaryIndexes=[dict(index, ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})]),
             INVALID + "ProvisionedThroughput should not be specified for index: index when BillingMode is PAY_PER_REQUEST"),
            (dict(AttributeDefinitions=two, LocalSecondaryIndexes=[local]),
             INVALID + "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex"),
            (dict(AttributeDefinitions=two, KeySchema=keys("id", "b"), LocalSecondaryIndexes=[dict(local, KeySchema=keys("id"))]),
             INVALID + "Index KeySchema does not have a range key for index: local"),
            (dict(StreamSpecification={"StreamEnabled": True}), INVALID + "StreamEnabled is true, but StreamViewType is not specified"),
        ]
        for changes, message in cases:
            with self.subTest(changes):
                self.invalid(self.create, message, **changes)

    def test_provisioned(self):
        name = self.make(BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 6})
        table = self.db.describe_table(TableName=name)["Table"]
        self.assertEqual(table["ProvisionedThroughput"], {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 5, "WriteCapacityUnits": 6})
        self.assertNotIn("BillingModeSummary", table)
        self.assertTrue(self.invalid(self.db.update_table, TableName=name, ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 6})
                        ["Message"].startswith("The provisioned throughput for the table will not change."))
        self.db.update_table(TableName=name, ProvisionedThroughput={"ReadCapacityUnits": 7, "WriteCapacityUnits": 6})
        self.assertEqual(self.db.describe_table(TableName=name)["Table"]["ProvisionedThroughput"]["ReadCapacityUnits"], 7)
        self.db.update_table(TableName=name, BillingMode="PAY_PER_REQUEST")
        table = self.db.describe_table(TableName=name)["Table"]
        self.assertEqual(table["ProvisionedThroughput"]["ReadCapacityUnits"], 0)
        self.assertEqual(table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST")

    def test_update(self):
        name = self.make()
        self.invalid(self.db.update_table, TableName=name)
        self.fails("ResourceNotFoundException", self.db.update_table, TableName="nowhere", BillingMode="PAY_PER_REQUEST")
        self.db.update_table(TableName=name, DeletionProtectionEnabled=True) if "DeletionProtectionEnabled" in \
            self.db.meta.service_model.operation_model("UpdateTable").input_shape.members else None
        for i in range(3):
            self.db.put_item(TableName=name, Item={"id": s(str(i)), "group": s("even" if i % 2 == 0 else "odd"), "more": s("x")})
        index = dict(IndexName="by-group", KeySchema=keys("group", "id"), Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["more"]})
        table = self.db.update_table(TableName=name, AttributeDefinitions=attributes(group="S"),
                                     GlobalSecondaryIndexUpdates=[{"Create": index}])["TableDescription"]
        self.assertEqual(table["TableStatus"], "UPDATING")
        described = self.db.describe_table(TableName=name)["Table"]["GlobalSecondaryIndexes"][0]
        self.assertEqual((described["IndexName"], described["IndexStatus"], described["ItemCount"]), ("by-group", "ACTIVE", 3))
        # What was there before is in it.
        found = self.db.query(TableName=name, IndexName="by-group", KeyConditionExpression="#g = :g",
                              ExpressionAttributeNames={"#g": "group"}, ExpressionAttributeValues={":g": s("even")})["Items"]
        self.assertEqual([item["id"]["S"] for item in found], ["0", "2"])
        self.invalid(self.db.update_table, TableName=name, GlobalSecondaryIndexUpdates=[{"Create": index}])
        self.fails("ResourceNotFoundException", self.db.update_table, TableName=name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "none"}}])
        self.fails("LimitExceededException", self.db.update_table, TableName=name, GlobalSecondaryIndexUpdates=[
            {"Create": dict(index, IndexName="one")}, {"Create": dict(index, IndexName="two")}])
        self.db.update_table(TableName=name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-group"}}])
        table = self.db.describe_table(TableName=name)["Table"]
        self.assertNotIn("GlobalSecondaryIndexes", table)
        self.assertEqual(table["AttributeDefinitions"], attributes(id="S"))

    def test_deletion_protection(self):
        if "DeletionProtectionEnabled" not in self.db.meta.service_model.operation_model("CreateTable").input_shape.members:
            self.skipTest("this SDK does not know DeletionProtectionEnabled")
        name = self.make(DeletionProtectionEnabled=True)
        self.invalid(self.db.delete_table, TableName=name)
        self.db.update_table(TableName=name, DeletionProtectionEnabled=False)
        self.db.delete_table(TableName=name)

    def test_tags(self):
        name = self.make(Tags=[{"Key": "a", "Value": "1"}])
        arn = f"arn:aws:dynamodb:us-east-1:000000000000:table/{name}"
        self.db.tag_resource(ResourceArn=arn, Tags=[{"Key": "b", "Value": ""}, {"Key": "a", "Value": "2"}])
        self.assertEqual(self.db.list_tags_of_resource(ResourceArn=arn)["Tags"], [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}])
        tagging = self.practice.client("resourcegroupstaggingapi")
        found = tagging.get_resources(ResourceTypeFilters=["dynamodb:table"], TagFilters=[{"Key": "a", "Values": ["2"]}])
        self.assertIn(arn, [resource["ResourceARN"] for resource in found["ResourceTagMappingList"]])
        self.db.untag_resource(ResourceArn=arn, TagKeys=["a"])
        self.assertEqual(self.db.list_tags_of_resource(ResourceArn=arn)["Tags"], [{"Key": "b", "Value": ""}])
        self.fails("ResourceNotFoundException", self.db.tag_resource, ResourceArn=arn + "x", Tags=[{"Key": "b", "Value": "c"}])
        self.invalid(self.db.tag_resource, ResourceArn=arn, Tags=[{"Key": "aws:x", "Value": "c"}])

    def test_descriptions(self):
        name = self.make()
        self.assertEqual(self.db.describe_limits()["TableMaxReadCapacityUnits"], 40000)
        backups = self.db.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        self.assertEqual(backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"], "DISABLED")
        self.assertEqual(self.db.describe_time_to_live(TableName=name)["TimeToLiveDescription"], {"TimeToLiveStatus": "DISABLED"})
        on = {"Enabled": True, "AttributeName": "expires"}
        self.assertEqual(self.db.update_time_to_live(TableName=name, TimeToLiveSpecification=on)["TimeToLiveSpecification"], on)
        self.assertEqual(self.db.describe_time_to_live(TableName=name)["TimeToLiveDescription"],
                         {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"})
        self.invalid(self.db.update_time_to_live, "TimeToLive is already enabled", TableName=name, TimeToLiveSpecification=on)

    def test_survives_restart(self):
        name = self.make("id", "at", types={"at": "N"}, Tags=[{"Key": "k", "Value": "v"}],
                         LocalSecondaryIndexes=[dict(IndexName="local", KeySchema=keys("id", "at"), Projection={"ProjectionType": "KEYS_ONLY"})])
        self.db.put_item(TableName=name, Item={"id": s("a"), "at": n("-1.5"), "blob": {"B": b"\0\xff"}})
        before = self.db.describe_table(TableName=name)["Table"]
        self.practice.restart()
        self.db = self.practice.client("dynamodb", parameter_validation=False)
        self.assertEqual(self.db.describe_table(TableName=name)["Table"], before)
        self.assertEqual(self.get(name, id=s("a"), at=n("-1.50"))["blob"], {"B": b"\0\xff"})


class Items(Dynamodb):
    def test_all_types(self):
        table = self.make()
        item = {"id": s("é✓"), "empty": s(""), "n": n("-12.50"), "big": n("1E37"), "b": {"B": b"\0\1\2"}, "yes": {"BOOL": True}, "nil": {"NULL": True},
                "l": {"L": [s("x"), {"L": []}, {"M": {}}]}, "m": {"M": {"k": {"M": {"deep": n(1)}}}},
                "ss": {"SS": ["b", "a"]}, "ns": {"NS": ["10", "9"]}, "bs": {"BS": [b"z", b"y"]}}
        self.db.put_item(TableName=table, Item=item)
        got = self.get(table, id=s("é✓"))
        self.assertEqual(got["n"], n("-12.5"))
        self.assertEqual(got["big"], n(10 ** 37))
        for name in ("ss", "ns", "bs"):
            kind = name.upper()
            self.assertEqual(sorted(got[name][kind]), sorted(item[name][kind]))
        for name in ("empty", "b", "yes", "nil", "l", "m"):
            self.assertEqual(got[name], item[name])
        self.assertIsNone(self.get(table, id=s("nobody")))
        self.assertEqual(self.db.get_item(TableName=table, Key={"id": s("é✓")}, ProjectionExpression="m.k.deep, l[0], nowhere")["Item"],
                         {"m": {"M": {"k": {"M": {"deep": n(1)}}}}, "l": {"L": [s("x")]}})

    def test_item_errors(self):
        table = self.make("id", "at", types={"at": "N", "b": "B"},
                          GlobalSecondaryIndexes=[dict(IndexName="by-b", KeySchema=keys("b"), Projection={"ProjectionType": "ALL"})])
        good = {"id": s("a"), "at": n(1)}
        not_empty = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: id"
        cases = [
            ({"at": n(1)}, INVALID + "Missing the key id in the item"),
            ({"id": s("a")}, INVALID + "Missing the key at in the item"),
            ({"id": n(1), "at": n(1)}, INVALID + "Type mismatch for key id expected: S actual: N"),
            ({"id": s(""), "at": n(1)}, not_empty),
            ({"id": s("x" * 2049), "at": n(1)}, INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes"),
            (dict(good, b=s("x")), INVALID + "Type mismatch for Index Key b Expected: B Actual: S IndexName: by-b"),
            (dict(good, b={"B": b""}), None),
            (dict(good, x=s("y" * 400 * 1024)), "Item size has exceeded the maximum allowed size"),
            (dict(good, x=n("1" * 39)), "Attempting to store more than 38 significant digits in a Number"),
            (dict(good, x=n("1E126")), "Number overflow. Attempting to store a number with magnitude larger than supported range"),
            (dict(good, x=n("1E-131")), "Number underflow. Attempting to store a number with magnitude smaller than supported range"),
            (dict(good, x=n("one")), "The parameter cannot be converted to a numeric value: one"),
            (dict(good, x={"SS": []}), INVALID + "An string set  may not be empty"),
            (dict(good, x={"SS": ["a", "a"]}), INVALID + "Input collection [a, a] contains duplicates."),
        ]
        for item, message in cases:
            with self.subTest(message):
                self.invalid(self.db.put_item, message, TableName=table, Item=item)
        for key in ({"id": s("a")}, {"id": s("a"), "at": s("1")}, dict(good, x=n(1))):
            self.invalid(self.db.get_item, "The provided key element does not match the schema", TableName=table, Key=key)
            self.invalid(self.db.delete_item, "The provided key element does not match the schema", TableName=table, Key=key)
        self.invalid(self.db.get_item, not_empty, TableName=table, Key={"id": s(""), "at": n(1)})
        self.fails("ResourceNotFoundException", self.db.put_item, TableName="nowhere", Item=good, message=NOT_FOUND)
        self.assertEqual(self.db.scan(TableName=table)["Count"], 0)
        self.db.put_item(TableName=table, Item=dict(good, x=s("y" * (400 * 1024 - 20))))

    def raw(self, operation, body):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = self.practice.signed_headers("dynamodb", "POST", "/", body=body, headers={
            "content-type": "application/x-amz-json-1.0", "x-amz-target": f"DynamoDB_20120810.{operation}"})
        status, _, answer = self.practice.request("POST", "/", headers, body)
        return status, json.loads(answer)

    def test_malformed(self):
        table = self.make()
        coral = "com.amazon.coral."
        cases = [
            ({"TableName": table, "Item": {"id": {"S": 1}}}, coral + "service#SerializationException"),
            ({"TableName": table, "Item": {"id": "a"}}, coral + "service#SerializationException"),
            ({"TableName": table, "Item": ["id"]}, coral + "service#SerializationException"),
            ({"TableName": 5, "Item": {}}, coral + "service#SerializationException"),
            ({"TableName": table, "Item": {"id": {"B": "!"}}}, coral + "service#SerializationException"),
            ({"TableName": table, "Item": {"id": {}}}, coral + "validate#ValidationException"),
            ({"TableName": table, "Item": {"id": {"S": "a", "N": "1"}}}, coral + "validate#ValidationException"),
            ({"TableName": table, "Item": {"id": {"S": "a"}, "x": {"NULL": False}}}, coral + "validate#ValidationException"),
            ({"Item": {"id": {"S": "a"}}}, coral + "validate#ValidationException"),
            ({"TableName": table}, coral + "validate#ValidationException"),
            ({"TableName": table, "Item": {"id": {"S": "a"}}, "Expected": {"x": {"Exists": False}}}, coral + "validate#ValidationException"),
            ({"TableName": table, "Item": {"id": {"S": "a"}}, "ConditionExpression": {"a": 1}}, coral + "service#SerializationException"),
            ({"TableName": table, "Item": {"id": {"S": "a"}}, "ExpressionAttributeNames": [1]}, coral + "service#SerializationException"),
        ]
        for body, kind in cases:
            with self.subTest(body):
                status, answer = self.raw("PutItem", body)
                self.assertEqual((status, answer["__type"]), (400, kind), answer)
        status, answer = self.raw("PutItem", {"TableName": "nowhere", "Item": {"id": {"S": "a"}}})
        self.assertEqual((status, answer["__type"]), (400, "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"))
        for operation in ("BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems", "Query", "Scan", "UpdateItem", "CreateTable", "UpdateTable"):
            for body in ({}, {"TableName": table, "RequestItems": 5, "TransactItems": 5}, {"RequestItems": {table: 5}, "TransactItems": [5], "TableName": table},
                         {"RequestItems": {table: [5]}, "TransactItems": [{"Put": 5}], "TableName": [1]}, {"RequestItems": {table: {"Keys": [5]}}, "TransactItems": [{}]}):
                with self.subTest(operation=operation, body=body):
                    status, answer = self.raw(operation, body)
                    self.assertIn(status, (200, 400), answer)
                    self.assertTrue(status == 400 or operation == "Scan", answer)

    def test_return_values(self):
        table = self.make()
        put, update, delete = self.db.put_item, self.db.update_item, self.db.delete_item
        one, two = {"id": s("a"), "x": n(1), "m": {"M": {"k": n(1), "l": n(2)}}}, {"id": s("a"), "x": n(2)}
        self.assertNotIn("Attributes", put(TableName=table, Item=one, ReturnValues="ALL_OLD"))
        self.assertEqual(put(TableName=table, Item=two, ReturnValues="ALL_OLD")["Attributes"], one)
        self.assertNotIn("Attributes", put(TableName=table, Item=one))
        self.invalid(put, "Return values set to invalid value", TableName=table, Item=one, ReturnValues="ALL_NEW")
        key = {"id": s("a")}

        def change(returns):
            return update(TableName=table, Key=key, UpdateExpression="SET x = x + :one, m.k = :one", ExpressionAttributeValues={":one": n(1)},
                          ReturnValues=returns).get("Attributes")

        self.assertIsNone(change("NONE"))
        self.assertEqual(change("UPDATED_OLD"), {"x": n(2), "m": {"M": {"k": n(1)}}})
        self.assertEqual(change("UPDATED_NEW"), {"x": n(4), "m": {"M": {"k": n(1)}}})
        self.assertEqual(change("ALL_OLD"), dict(one, x=n(4)))
        self.assertEqual(change("ALL_NEW"), dict(one, x=n(6)))
        self.assertEqual(delete(TableName=table, Key=key, ReturnValues="ALL_OLD")["Attributes"], dict(one, x=n(6)))
        self.assertNotIn("Attributes", delete(TableName=table, Key=key, ReturnValues="ALL_OLD"))

    def test_conditions(self):
        table = self.make()
        item = {"id": s("a"), "x": n(1)}
        absent = dict(TableName=table, Item=item, ConditionExpression="attribute_not_exists(id)")
        self.db.put_item(**absent)
        error = self.fails("ConditionalCheckFailedException", self.db.put_item, message="The conditional request failed", status=400, **absent)
        self.assertNotIn("Item", error)
        self.fails("ConditionalCheckFailedException", self.db.delete_item, TableName=table, Key={"id": s("a")},
                   ConditionExpression="x > :one", ExpressionAttributeValues={":one": n(1)})
        self.fails("ConditionalCheckFailedException", self.db.update_item, TableName=table, Key={"id": s("b")}, UpdateExpression="SET x = :one",
                   ConditionExpression="attribute_exists(id)", ExpressionAttributeValues={":one": n(1)})
        self.assertIsNone(self.get(table, id=s("b")))
        status, answer = self.raw("PutItem", {"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(id)",
                                              "ReturnValuesOnConditionCheckFailure": "ALL_OLD"})
        self.assertEqual((status, answer["Item"]), (400, item))

    def test_expression_errors(self):
        table = self.make()
        item = {"id": s("a")}
        cases = [
            (dict(ConditionExpression=""), "Invalid ConditionExpression: The expression can not be empty;"),
            (dict(ConditionExpression="a = "), 'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "="'),
            (dict(ConditionExpression="attribute_exists(name)"),
             "Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: name"),
            (dict(ConditionExpression="attribute_exists(#x)"),
             "Invalid ConditionExpression: An expression attribute name used in the document path is not defined; attribute name: #x"),
            (dict(ConditionExpression="a = :x"),
             "Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :x"),
            (dict(ConditionExpression="attribute_exists(a)", ExpressionAttributeNames={"#b": "b"}),
             "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}"),
            (dict(ConditionExpression="attribute_exists(a)", ExpressionAttributeValues={":b": n(1)}),
             "Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}"),
            (dict(ExpressionAttributeNames={"#b": "b"}), "ExpressionAttributeNames can only be specified when using expressions"),
            (dict(ExpressionAttributeValues={":b": n(1)}),
             "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null"),
            (dict(ConditionExpression="attribute_exists(a)", ExpressionAttributeNames={}), "ExpressionAttributeNames must not be empty"),
        ]
        for changes, message in cases:
            with self.subTest(changes):
                self.invalid(self.db.put_item, message, TableName=table, Item=item, **changes)
        self.invalid(self.db.update_item, INVALID + "Cannot update attribute id. This attribute is part of the key", TableName=table, Key=item,
                     UpdateExpression="SET id = :x", ExpressionAttributeValues={":x": s("b")})
        self.assertIsNone(self.get(table, id=s("a")))

    def test_updates(self):
        table = self.make()
        key = {"id": s("a")}

        def update(expression=None, values=None, **more):
            if expression is not None:
                more["UpdateExpression"] = expression
            if values is not None:
                more["ExpressionAttributeValues"] = values
            return self.db.update_item(TableName=table, Key=key, ReturnValues="ALL_NEW", **more).get("Attributes")

        # Taking away makes no item, anything else does.
        self.assertIsNone(update("REMOVE x"))
        self.assertIsNone(self.get(table, **key))
        self.assertEqual(update(), key)
        self.assertEqual(update("ADD hits :one, tags :t", {":one": n(1), ":t": {"SS": ["a"]}}), dict(key, hits=n(1), tags={"SS": ["a"]}))
        self.assertEqual(update("ADD hits :one DELETE tags :t SET li = list_append(if_not_exists(li, :none), :more), m = :m",
                                {":one": n("0.5"), ":t": {"SS": ["a"]}, ":none": {"L": []}, ":more": {"L": [n(1), n(2)]}, ":m": {"M": {}}}),
                         dict(key, hits=n("1.5"), li={"L": [n(1), n(2)]}, m={"M": {}}))
        self.assertEqual(update("SET m.#k = li[1], li[0] = :x REMOVE hits", {":x": s("x")}, ExpressionAttributeNames={"#k": "a.b"}),
                         dict(key, li={"L": [s("x"), n(2)]}, m={"M": {"a.b": n(2)}}))
        self.invalid(update, "The document path provided in the update expression is invalid for update", expression="SET nope.k = :x", values={":x": n(1)})
        self.invalid(update, "The provided expression refers to an attribute that does not exist in the item", expression="SET x = nope")
        self.invalid(update, "An operand in the update expression has an incorrect data type", expression="ADD m :x", values={":x": n(1)})
        self.invalid(update, "Item size to update has exceeded the maximum allowed size", expression="SET x = :x, y = :x", values={":x": s("x" * 210000)})
        self.assertEqual(update("SET tally = if_not_exists(tally, :zero) + :big", {":zero": n(0), ":big": n("12345678901234567890123456789012345678")})
                         ["tally"], n("12345678901234567890123456789012345678"))
        self.invalid(update, expression="SET tally = tally + :tiny", values={":tiny": n("0.1")})

    def test_capacity(self):
        table = self.make("id", types={"k": "S"}, GlobalSecondaryIndexes=[dict(IndexName="by-k", KeySchema=keys("k"), Projection={"ProjectionType": "KEYS_ONLY"})])
        put = self.db.put_item(TableName=table, Item={"id": s("a"), "x": s("x" * 1500)}, ReturnConsumedCapacity="TOTAL")
        self.assertEqual(put["ConsumedCapacity"], {"TableName": table, "CapacityUnits": 2.0})
        put = self.db.put_item(TableName=table, Item={"id": s("a"), "k": s("k")}, ReturnConsumedCapacity="INDEXES")
        self.assertEqual(put["ConsumedCapacity"], {"TableName": table, "CapacityUnits": 3.0, "Table": {"CapacityUnits": 2.0},
                                                   "GlobalSecondaryIndexes": {"by-k": {"CapacityUnits": 1.0}}})
        get = self.db.get_item(TableName=table, Key={"id": s("a")}, ConsistentRead=True, ReturnConsumedCapacity="TOTAL")
        self.assertEqual(get["ConsumedCapacity"]["CapacityUnits"], 1.0)
        self.assertEqual(self.db.scan(TableName=table, ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]["CapacityUnits"], 0.5)
        self.assertNotIn("ConsumedCapacity", self.db.scan(TableName=table))

    def test_events(self):
        table = self.make()
        self.db.put_item(TableName=table, Item={"id": s("a"), "x": n(1)})
        self.db.put_item(TableName=table, Item={"id": s("a"), "x": n(2)})
        self.db.delete_item(TableName=table, Key={"id": s("a")})
        self.db.delete_item(TableName=table, Key={"id": s("a")})
        events = [event for event in self.practice.events() if event["kind"] == "table-written" and event["tableArn"].endswith(table)]
        self.assertEqual([(event["eventName"], event.get("newImage"), event.get("oldImage")) for event in events], [
            ("INSERT", {"id": s("a"), "x": n(1)}, None),
            ("MODIFY", {"id": s("a"), "x": n(2)}, {"id": s("a"), "x": n(1)}),
            ("REMOVE", None, {"id": s("a"), "x": n(2)})])
        self.assertEqual([event["keys"] for event in events], [{"id": s("a")}] * 3)
        self.assertNotIn("eventID", events[0])


class Batches(Dynamodb):
    def test_write_and_get(self):
        one, two = self.make(), self.make("id", "at", types={"at": "N"})
        answer = self.db.batch_write_item(RequestItems={
            one: [{"PutRequest": {"Item": {"id": s(str(i)), "v": n(i)}}} for i in range(10)],
            two: [{"PutRequest": {"Item": {"id": s("x"), "at": n(i)}}} for i in range(15)]}, ReturnConsumedCapacity="TOTAL")
        self.assertEqual(answer["UnprocessedItems"], {})
        self.assertEqual({entry["TableName"]: entry["CapacityUnits"] for entry in answer["ConsumedCapacity"]}, {one: 10.0, two: 15.0})
        self.db.batch_write_item(RequestItems={one: [{"DeleteRequest": {"Key": {"id": s("3")}}}, {"PutRequest": {"Item": {"id": s("4"), "v": n(44)}}}]})
        answer = self.db.batch_get_item(RequestItems={
            one: {"Keys": [{"id": s(str(i))} for i in (3, 4, 5)], "ProjectionExpression": "#v", "ExpressionAttributeNames": {"#v": "v"}},
            two: {"Keys": [{"id": s("x"), "at": n("7.0")}], "ConsistentRead": True}})
        self.assertEqual(sorted(item["v"]["N"] for item in answer["Responses"][one]), ["44", "5"])
        self.assertEqual(answer["Responses"][two], [{"id": s("x"), "at": n(7)}])
        self.assertEqual(answer["UnprocessedKeys"], {})

    def test_errors(self):
        table = self.make()
        put = {"PutRequest": {"Item": {"id": s("a")}}}
        self.invalid(self.db.batch_write_item, "Too many items requested for the BatchWriteItem call",
                     RequestItems={table: [{"PutRequest": {"Item": {"id": s(str(i))}}} for i in range(26)]})
        self.invalid(self.db.batch_write_item, "Provided list of item keys contains duplicates", RequestItems={table: [put, {"DeleteRequest": {"Key": {"id": s("a")}}}]})
        self.invalid(self.db.batch_write_item, "The provided key element does not match the schema", RequestItems={table: [put, {"PutRequest": {"Item": {"x": s("a")}}}]})
        self.fails("ResourceNotFoundException", self.db.batch_write_item, RequestItems={table: [put], "nowhere": [put]}, message=NOT_FOUND)
        # Not one of them was written.
        self.assertEqual(self.db.scan(TableName=table)["Count"], 0)
        self.invalid(self.db.batch_get_item, "Provided list of item keys contains duplicates", RequestItems={table: {"Keys": [{"id": s("a")}, {"id": s("a")}]}})
        self.invalid(self.db.batch_get_item, "Too many items requested for the BatchGetItem call",
                     RequestItems={table: {"Keys": [{"id": s(str(i))} for i in range(101)]}})

    def test_large_answers_come_in_parts(self):
        table = self.make()
        for i in range(45):
            self.db.put_item(TableName=table, Item={"id": s(str(i)), "x": s("x" * 400000)})
        request, found, rounds = {table: {"Keys": [{"id": s(str(i))} for i in range(45)]}}, set(), 0
        while request:
            answer = self.db.batch_get_item(RequestItems=request)
            found |= {item["id"]["S"] for item in answer["Responses"][table]}
            request = answer["UnprocessedKeys"]
            rounds += 1
        self.assertEqual(len(found), 45)
        self.assertEqual(rounds, 2)


class Transactions(Dynamodb):
    def test_write_and_get(self):
        table = self.make()
        write = self.db.transact_write_items
        self.db.put_item(TableName=table, Item={"id": s("old"), "x": n(1)})
        write(TransactItems=[
            {"Put": {"TableName": table, "Item": {"id": s("new")}}},
            {"Update": {"TableName": table, "Key": {"id": s("tally")}, "UpdateExpression": "ADD x :one", "ExpressionAttributeValues": {":one": n(1)}}},
            {"Delete": {"TableName": table, "Key": {"id": s("gone")}}},
            {"ConditionCheck": {"TableName": table, "Key": {"id": s("old")}, "ConditionExpression": "x = :one", "ExpressionAttributeValues": {":one": n(1)}}}])
        got = self.db.transact_get_items(TransactItems=[
            {"Get": {"TableName": table, "Key": {"id": s(name)}}} for name in ("tally", "none", "old")])["Responses"]
        self.assertEqual(got, [{"Item": {"id": s("tally"), "x": n(1)}}, {}, {"Item": {"id": s("old"), "x": n(1)}}])

    def test_cancelled(self):
        table = self.make()
        self.db.put_item(TableName=table, Item={"id": s("a"), "x": s("text")})
        items = [
            {"Put": {"TableName": table, "Item": {"id": s("b")}}},
            {"Put": {"TableName": table, "Item": {"id": s("a")}, "ConditionExpression": "attribute_not_exists(id)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
            {"Update": {"TableName": table, "Key": {"id": s("c")}, "UpdateExpression": "SET x = nothing"}}]
        with self.assertRaises(self.db.exceptions.TransactionCanceledException) as caught:
            self.db.transact_write_items(TransactItems=items)
        response = caught.exception.response
        self.assertEqual(response["Error"]["Message"],
                         "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ValidationError]")
        self.assertEqual(response["CancellationReasons"], [
            {"Code": "None"},
            {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", "Item": {"id": s("a"), "x": s("text")}},
            {"Code": "ValidationError", "Message": "The provided expression refers to an attribute that does not exist in the item"}])
        self.assertEqual(self.db.scan(TableName=table)["Count"], 1)

    def test_errors(self):
        table = self.make()
        put = {"Put": {"TableName": table, "Item": {"id": s("a")}}}
        self.invalid(self.db.transact_write_items, "Transaction request cannot include multiple operations on one item", TransactItems=[put, put])
        self.invalid(self.db.transact_write_items, "TransactItems can only contain one of Check, Put, Update or Delete", TransactItems=[{}])
        self.invalid(self.db.transact_get_items, TransactItems=[{"Get": {"TableName": table, "Key": {"id": s(str(i))}}} for i in range(101)])
        self.assertEqual(self.db.scan(TableName=table)["Count"], 0)

    def test_token(self):
        table = self.make()
        add = [{"Update": {"TableName": table, "Key": {"id": s("a")}, "UpdateExpression": "ADD x :one", "ExpressionAttributeValues": {":one": n(1)}}}]
        token = str(uuid.uuid4())
        for _ in range(3):
            self.db.transact_write_items(TransactItems=add, ClientRequestToken=token)
        self.assertEqual(self.get(table, id=s("a"))["x"], n(1))
        other = [{"Put": {"TableName": table, "Item": {"id": s("b")}}}]
        self.fails("IdempotentParameterMismatchException", self.db.transact_write_items, TransactItems=other, ClientRequestToken=token)
        # A token of a transaction that was cancelled can be used again.
        token = str(uuid.uuid4())
        check = [{"Put": {"TableName": table, "Item": {"id": s("c")}, "ConditionExpression": "attribute_exists(id)"}}]
        self.fails("TransactionCanceledException", self.db.transact_write_items, TransactItems=check, ClientRequestToken=token)
        self.db.transact_write_items(TransactItems=other, ClientRequestToken=token)


class Permissions(Dynamodb):
    def test_every_call_is_asked_for(self):
        iam = self.practice.client("iam")
        user = unique("user")
        iam.create_user(UserName=user)
        self.addCleanup(iam.delete_user, UserName=user)
        key = iam.create_access_key(UserName=user)["AccessKey"]
        self.addCleanup(iam.delete_access_key, UserName=user, AccessKeyId=key["AccessKeyId"])
        db = self.practice.client_of("dynamodb", key)
        table, other = self.make(), self.make()
        arn = f"arn:aws:dynamodb:us-east-1:000000000000:table/{table}"
        item = {"id": s("a")}
        calls = [
            ("PutItem", lambda name: db.put_item(TableName=name, Item=item)),
            ("GetItem", lambda name: db.get_item(TableName=name, Key=item)),
            ("UpdateItem", lambda name: db.update_item(TableName=name, Key=item)),
            ("DeleteItem", lambda name: db.delete_item(TableName=name, Key=item)),
            ("Scan", lambda name: db.scan(TableName=name)),
            ("Query", lambda name: db.query(TableName=name, KeyConditionExpression="id = :a", ExpressionAttributeValues={":a": s("a")})),
            ("BatchGetItem", lambda name: db.batch_get_item(RequestItems={name: {"Keys": [item]}})),
            ("BatchWriteItem", lambda name: db.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": item}}]})),
            ("PutItem", lambda name: db.transact_write_items(TransactItems=[{"Put": {"TableName": name, "Item": item}}])),
            ("DescribeTable", lambda name: db.describe_table(TableName=name)),
            ("UpdateTable", lambda name: db.update_table(TableName=name, BillingMode="PAY_PER_REQUEST")),
            ("DeleteTable", lambda name: db.delete_table(TableName=name)),
        ]
        for action, call in calls:
            error = self.fails("AccessDeniedException", call, table, status=400)
            self.assertIn(f"is not authorized to perform: dynamodb:{action} on resource: {arn}", error["Message"])
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": arn}]}
        iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=json.dumps(policy))
        self.addCleanup(iam.delete_user_policy, UserName=user, PolicyName="p")
        for action, call in calls[:-1]:
            call(table)
            self.fails("AccessDeniedException", call, other)
        # A table that is not there is not given away.
        self.fails("AccessDeniedException", db.describe_table, TableName="nowhere")


if __name__ == "__main__":
    practice.main()
