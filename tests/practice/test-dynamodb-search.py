# SPDX-License-Identifier: GPL-3.0-or-later
"""DynamoDB's Query and Scan: order, bounds, pages, filters, indexes, segments."""
import decimal
import random
import uuid

import practice
from practice import PracticeCase

INVALID = "One or more parameter values were invalid: "


def s(text):
    return {"S": text}


def n(number):
    return {"N": str(number)}


def keys(*names):
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"))]


class Search(PracticeCase):
    def setUp(self):
        self.db = self.practice.client("dynamodb", parameter_validation=False)
        self.addCleanup(self.db.close)

    def make(self, *key, types=None, **more):
        name = f"table-{uuid.uuid4().hex[:12]}"
        types = {**{attribute: "S" for attribute in key}, **(types or {})}
        self.db.create_table(TableName=name, KeySchema=keys(*key), BillingMode="PAY_PER_REQUEST",
                             AttributeDefinitions=[{"AttributeName": a, "AttributeType": t} for a, t in types.items()], **more)
        self.db.describe_table(TableName=name)
        return name

    def fill(self, table, items):
        for start in range(0, len(items), 25):
            self.db.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item}} for item in items[start:start + 25]]})

    def query(self, table, condition, values, names=None, **more):
        if names:
            more["ExpressionAttributeNames"] = names
        return self.db.query(TableName=table, KeyConditionExpression=condition, ExpressionAttributeValues=values, **more)

    def pages(self, call, **parameters):
        """Every page of a query or scan."""
        pages = []
        while True:
            pages.append(call(**parameters))
            if "LastEvaluatedKey" not in pages[-1]:
                return pages
            parameters["ExclusiveStartKey"] = pages[-1]["LastEvaluatedKey"]

    def invalid(self, call, message=None, **parameters):
        return self.fails("ValidationException", call, message=message, status=400, **parameters)

    def test_number_order(self):
        table = self.make("id", "seq", types={"seq": "N"})
        values = ["-1E+125", "-1000", "-12.5", "-12", "-1.21", "-1.2", "-1", "-0.5", "-1E-130", "0", "1E-130", "0.05", "0.5", "1", "1.2", "1.21", "2",
                  "10", "11", "99.99", "100", "1E+125"]
        shuffled = random.sample(values, len(values))
        self.fill(table, [{"id": s("a"), "seq": n(value)} for value in shuffled] + [{"id": s("b"), "seq": n(0)}])

        def found(condition, values, **more):
            return [decimal.Decimal(item["seq"]["N"]) for item in self.query(table, condition, values, **more)["Items"]]

        ordered = [decimal.Decimal(value) for value in values]
        id_a = {":id": s("a")}
        self.assertEqual(found("id = :id", id_a), ordered)
        self.assertEqual(found("id = :id", id_a, ScanIndexForward=False), ordered[::-1])
        for operator, test in (("<", lambda a, b: a < b), ("<=", lambda a, b: a <= b), (">", lambda a, b: a > b), (">=", lambda a, b: a >= b), ("=", lambda a, b: a == b)):
            for bound in values[::3]:
                limit = decimal.Decimal(bound)
                self.assertEqual(found(f"id = :id AND seq {operator} :v", {**id_a, ":v": n(bound)}), [v for v in ordered if test(v, limit)], (operator, bound))
                self.assertEqual(found(f":v {operator} seq AND id = :id", {**id_a, ":v": n(bound)}), [v for v in ordered if test(limit, v)], (operator, bound))
        self.assertEqual(found("id = :id AND seq BETWEEN :l AND :h", {**id_a, ":l": n("-1.2"), ":h": n("1.2")}), [v for v in ordered if abs(v) <= decimal.Decimal("1.2")])

    def test_text_order(self):
        table = self.make("id", "name")
        names = ["A", "AB", "B", "Z", "a", "a b", "ab", "abc", "abd", "b", "é", "日本", "😀"]
        self.fill(table, [{"id": s("x"), "name": s(name)} for name in random.sample(names, len(names))])
        hash_name = {"#name": "name"}

        def found(condition, more=None, **options):
            values = {":id": s("x"), **(more or {})}
            return [item["name"]["S"] for item in self.query(table, condition, values, hash_name if "#" in condition else None, **options)["Items"]]

        self.assertEqual(found("id = :id"), sorted(names, key=lambda name: name.encode()))
        self.assertEqual(found("id = :id AND begins_with(#name, :p)", {":p": s("ab")}), ["ab", "abc", "abd"])
        self.assertEqual(found("(id = :id) AND (#name > :p)", {":p": s("b")}, ScanIndexForward=False), ["😀", "日本", "é"])
        self.assertEqual(found("id = :id AND begins_with(#name, :p)", {":p": s("q")}), [])

    def test_binary_order(self):
        table = self.make("id", "key", types={"key": "B"})
        values = [b"\0", b"\0\0", b"\1", b"\x7f", b"\x80", b"\xff", b"\xff\0", b"\xff\xff", b"\xff\xff\xff"]
        self.fill(table, [{"id": s("x"), "key": {"B": value}} for value in random.sample(values, len(values))])
        found = self.query(table, "id = :id AND begins_with(#k, :p)", {":id": s("x"), ":p": {"B": b"\xff\xff"}}, {"#k": "key"})["Items"]
        self.assertEqual([item["key"]["B"] for item in found], [b"\xff\xff", b"\xff\xff\xff"])
        found = self.query(table, "id = :id", {":id": s("x")})["Items"]
        self.assertEqual([item["key"]["B"] for item in found], values)

    def test_pages_and_filters(self):
        table = self.make("id", "seq", types={"seq": "N"})
        self.fill(table, [{"id": s("a"), "seq": n(i), "even": {"BOOL": i % 2 == 0}} for i in range(10)])
        for forward in (True, False):
            pages = self.pages(self.db.query, TableName=table, KeyConditionExpression="id = :id", FilterExpression="even = :t", Limit=3,
                               ExpressionAttributeValues={":id": s("a"), ":t": {"BOOL": True}}, ScanIndexForward=forward)
            self.assertEqual([page["ScannedCount"] for page in pages], [3, 3, 3, 1])
            found = [int(item["seq"]["N"]) for page in pages for item in page["Items"]]
            self.assertEqual(found, [0, 2, 4, 6, 8] if forward else [8, 6, 4, 2, 0])
        # A limit that is met exactly says that there may be more.
        full = self.query(table, "id = :id", {":id": s("a")}, Limit=10)
        self.assertEqual(full["LastEvaluatedKey"], {"id": s("a"), "seq": n(9)})
        rest = self.query(table, "id = :id", {":id": s("a")}, Limit=10, ExclusiveStartKey=full["LastEvaluatedKey"])
        self.assertEqual((rest["Items"], "LastEvaluatedKey" in rest), ([], False))
        count = self.query(table, "id = :id AND seq < :five", {":id": s("a"), ":five": n(5)}, Select="COUNT")
        self.assertEqual((count["Count"], count["ScannedCount"], "Items" in count), (5, 5, False))
        # A start key need not be there.
        found = self.query(table, "id = :id", {":id": s("a")}, ExclusiveStartKey={"id": s("a"), "seq": n("6.5")})["Items"]
        self.assertEqual([item["seq"]["N"] for item in found], ["7", "8", "9"])

    def test_pages_of_a_megabyte(self):
        table = self.make("id", "seq", types={"seq": "N"})
        for i in range(12):
            self.db.put_item(TableName=table, Item={"id": s("a"), "seq": n(i), "x": s("x" * 300000)})
        for call, parameters in ((self.db.scan, {}), (self.db.query, dict(KeyConditionExpression="id = :id", ExpressionAttributeValues={":id": s("a")}))):
            pages = self.pages(call, TableName=table, **parameters)
            self.assertEqual([page["Count"] for page in pages], [3, 3, 3, 3])
            self.assertEqual([int(item["seq"]["N"]) for page in pages for item in page["Items"]], list(range(12)))

    def test_scan_in_pages_and_segments(self):
        table = self.make("id", "seq", types={"seq": "N"})
        items = [{"id": s(f"id{i % 40}"), "seq": n(i)} for i in range(200)]
        self.fill(table, items)
        everything = sorted(int(item["seq"]["N"]) for item in items)
        for limit in (1, 7, 200, 1000):
            pages = self.pages(self.db.scan, TableName=table, Limit=limit)
            self.assertEqual(sorted(int(item["seq"]["N"]) for page in pages for item in page["Items"]), everything)
        for segments in (1, 2, 7, 64):
            parts = [[int(item["seq"]["N"]) for page in self.pages(self.db.scan, TableName=table, Limit=5, Segment=i, TotalSegments=segments) for item in page["Items"]]
                     for i in range(segments)]
            self.assertEqual(sorted(sum(parts, [])), everything)
            if segments == 7:
                self.assertTrue(all(parts), "a segment was left empty")
        self.invalid(self.db.scan, TableName=table, Segment=2, TotalSegments=2)
        self.invalid(self.db.scan, TableName=table, Segment=0)
        filtered = self.db.scan(TableName=table, FilterExpression="seq >= :v", ExpressionAttributeValues={":v": n(190)}, ProjectionExpression="seq")
        self.assertEqual((filtered["Count"], filtered["ScannedCount"]), (10, 200))
        self.assertEqual(set(filtered["Items"][0]), {"seq"})

    def test_global_index(self):
        table = self.make("id", types={"group": "S", "rank": "N"}, GlobalSecondaryIndexes=[
            dict(IndexName="by-rank", KeySchema=keys("group", "rank"), Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["kept"]})])
        self.fill(table, [{"id": s(f"i{i}"), "group": s("g"), "rank": n(i // 4), "kept": s("k"), "lost": s("l")} for i in range(16)])
        self.fill(table, [{"id": s("outside"), "group": s("g")}, {"id": s("other"), "group": s("h"), "rank": n(1)}])
        names, values = {"#g": "group"}, {":g": s("g")}
        for forward in (True, False):
            for limit in (1, 3, 100):
                pages = self.pages(self.db.query, TableName=table, IndexName="by-rank", KeyConditionExpression="#g = :g", ExpressionAttributeNames=names,
                                   ExpressionAttributeValues=values, Limit=limit, ScanIndexForward=forward)
                found = [item for page in pages for item in page["Items"]]
                ranks = [int(item["rank"]["N"]) for item in found]
                self.assertEqual(ranks, sorted(ranks, reverse=not forward))
                self.assertEqual(len({item["id"]["S"] for item in found}), 16)
                self.assertEqual(set(found[0]), {"id", "group", "rank", "kept"})
        page = self.db.query(TableName=table, IndexName="by-rank", KeyConditionExpression="#g = :g", ExpressionAttributeNames=names,
                             ExpressionAttributeValues=values, Limit=1)
        self.assertEqual(set(page["LastEvaluatedKey"]), {"id", "group", "rank"})
        found = self.query(table, "#g = :g AND #r = :r", {**values, ":r": n(2)}, {"#g": "group", "#r": "rank"}, IndexName="by-rank", Select="COUNT")
        self.assertEqual(found["Count"], 4)
        scanned = self.pages(self.db.scan, TableName=table, IndexName="by-rank", Limit=3)
        self.assertEqual(sum(page["Count"] for page in scanned), 17)
        # Items move in the index, and leave it.
        self.db.update_item(TableName=table, Key={"id": s("i0")}, UpdateExpression="SET #r = :r", ExpressionAttributeNames={"#r": "rank"}, ExpressionAttributeValues={":r": n(99)})
        self.db.update_item(TableName=table, Key={"id": s("i1")}, UpdateExpression="REMOVE #g", ExpressionAttributeNames=names)
        self.db.delete_item(TableName=table, Key={"id": s("i2")})
        found = [item["id"]["S"] for item in self.query(table, "#g = :g", values, names, IndexName="by-rank")["Items"]]
        self.assertEqual(len(found), 14)
        self.assertEqual(found[-1], "i0")
        self.assertEqual(self.db.describe_table(TableName=table)["Table"]["GlobalSecondaryIndexes"][0]["ItemCount"], 15)
        self.invalid(self.db.query, "Consistent reads are not supported on global secondary indexes", TableName=table, IndexName="by-rank", ConsistentRead=True,
                     KeyConditionExpression="#g = :g", ExpressionAttributeNames=names, ExpressionAttributeValues=values)
        self.invalid(self.db.scan, "The table does not have the specified index: none", TableName=table, IndexName="none")
        self.invalid(self.db.scan, TableName=table, IndexName="by-rank", Select="ALL_ATTRIBUTES")

    def test_local_index(self):
        table = self.make("id", "seq", types={"seq": "N", "name": "S"}, LocalSecondaryIndexes=[
            dict(IndexName="by-name", KeySchema=keys("id", "name"), Projection={"ProjectionType": "KEYS_ONLY"})])
        self.fill(table, [{"id": s("a"), "seq": n(i), "name": s("zyxwv"[i]), "more": s("m")} for i in range(5)])
        values = {":id": s("a")}
        found = self.query(table, "id = :id", values, IndexName="by-name", ConsistentRead=True)["Items"]
        self.assertEqual([item["name"]["S"] for item in found], list("vwxyz"))
        self.assertNotIn("more", found[0])
        self.assertIn("more", self.query(table, "id = :id", values, IndexName="by-name", Select="ALL_ATTRIBUTES")["Items"][0])
        self.assertEqual(self.query(table, "id = :id", values, IndexName="by-name", ProjectionExpression="more")["Items"][0], {"more": s("m")})

    def test_errors(self):
        table = self.make("id", "seq", types={"seq": "N"})
        a, one = {":id": s("a")}, {":id": s("a"), ":n": n(1)}
        missed = "Query condition missed key schema element: "
        cases = [
            (dict(), "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."),
            (dict(KeyConditionExpression=""), "Invalid KeyConditionExpression: The expression can not be empty;"),
            (dict(KeyConditionExpression="seq = :n", ExpressionAttributeValues={":n": n(1)}), missed + "id"),
            (dict(KeyConditionExpression="id = :id AND x = :n", ExpressionAttributeValues=one), missed + "seq"),
            (dict(KeyConditionExpression="id > :id", ExpressionAttributeValues=a), "Query key condition not supported"),
            (dict(KeyConditionExpression="id = :id OR seq = :n", ExpressionAttributeValues=one), "Invalid operator used in KeyConditionExpression: OR"),
            (dict(KeyConditionExpression="id = :id AND seq <> :n", ExpressionAttributeValues=one), "Invalid operator used in KeyConditionExpression: <>"),
            (dict(KeyConditionExpression="id = :id AND seq = :n AND seq > :n", ExpressionAttributeValues=one), "Conditions can be of length 1 or 2 only"),
            (dict(KeyConditionExpression="id = :id AND id = :id", ExpressionAttributeValues=a), "KeyConditionExpressions must only contain one condition per key"),
            (dict(KeyConditionExpression="id = seq", ), "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"),
            (dict(KeyConditionExpression="id.x = :id", ExpressionAttributeValues=a), "KeyConditionExpressions cannot have conditions on nested attributes"),
            (dict(KeyConditionExpression="id = :n", ExpressionAttributeValues={":n": n(1)}), INVALID + "Condition parameter type does not match schema type"),
            (dict(KeyConditionExpression="id = :id", ExpressionAttributeValues={":id": s("")}),
             "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: id"),
            (dict(KeyConditionExpression="id = :id", FilterExpression="seq = :n", ExpressionAttributeValues=one),
             "Filter Expression can only contain non-primary key attributes: Primary key attribute: seq"),
            (dict(KeyConditionExpression="id = :id", ExpressionAttributeValues=a, ExclusiveStartKey={"id": s("a")}), "The provided starting key is invalid"),
            (dict(KeyConditionExpression="id = :id", ExpressionAttributeValues=a, ExclusiveStartKey={"id": s("b"), "seq": n(1)}),
             "The provided starting key is outside query boundaries based on provided conditions"),
            (dict(KeyConditionExpression="id = :id", ExpressionAttributeValues=a, Select="SPECIFIC_ATTRIBUTES"), None),
            (dict(KeyConditionExpression="id = :id", ExpressionAttributeValues=a, Select="COUNT", ProjectionExpression="x"),
             "Cannot specify the ProjectionExpression when choosing to get only the Count"),
            (dict(KeyConditionExpression="id = :id", ExpressionAttributeValues=a, Select="EVERYTHING"),
             "1 validation error detected: Value 'EVERYTHING' at 'select' failed to satisfy constraint: Member must satisfy enum value set: "
             "[SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]"),
            (dict(KeyConditionExpression="id = :id", ExpressionAttributeValues=a, Limit=0),
             "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"),
        ]
        for parameters, message in cases:
            with self.subTest(parameters):
                self.invalid(self.db.query, message, TableName=table, **parameters)
        self.fails("ResourceNotFoundException", self.db.scan, TableName="nowhere", message="Requested resource not found")


if __name__ == "__main__":
    practice.main()
