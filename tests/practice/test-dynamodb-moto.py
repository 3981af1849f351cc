# SPDX-License-Identifier: GPL-3.0-or-later
"""Random expressions, answered by the practice cloud and by moto: both have to come to the same.

Skipped where moto or its server is not installed. What moto is known to do otherwise than DynamoDB is kept out of the expressions.
"""
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import practice
from practice import PracticeCase

SEED = int(os.environ.get("MILLRACE_SEED", "20240607"))
ITEMS = 40
CONDITIONS = 250
UPDATES = 250

try:
    import flask
    import moto
except ImportError:
    moto = flask = None


def n(number):
    return {"N": str(number)}


def s(text):
    return {"S": text}


class Random(random.Random):
    """
    Items and expressions over a few attributes, so that they often meet. Kept out is what moto does otherwise than DynamoDB: ordering
    a number and a text (500), telling true from 1, BETWEEN for 0 and for what is not there, list_append to what is not there.
    """

    def number(self):
        return n(self.choice([-3, -2, -1, 1, 2, 3, "0.5", "-1.25", 10]))

    def text(self):
        return s(self.choice(["a", "ab", "abc", "b"]))

    def value(self, name):
        return {"p": self.number, "q": self.text,
                "r": lambda: {"M": {key: make() for key, make in (("x", self.number), ("y", self.text)) if self.random() < 0.7}},
                "t": lambda: {"L": [self.number() for _ in range(self.randint(0, 3))]},
                "u": lambda: {"SS": self.sample(["a", "ab", "b"], self.randint(1, 3))},
                "w": lambda: {"NS": self.sample(["1", "2", "-3"], self.randint(1, 3))}}[name]()

    def item(self, key):
        return {"id": s(key), **{name: self.value(name) for name in "pqrtuw" if self.random() < 0.7}}

    def literal(self, values, value):
        name = f":v{len(values)}"
        values[name] = value
        return name

    def operand(self):
        """A path and what makes values of its type."""
        return self.choice([("p", self.number), ("r.x", self.number), ("t[0]", self.number), ("t[1]", self.number), ("q", self.text), ("r.y", self.text)])

    def condition(self, values, depth=0):
        kind = self.randint(0, 10 if depth < 3 else 7)
        path, make = self.operand()
        if kind == 0:
            return f"attribute_exists({self.choice([path, *'rtuw'])})"
        if kind == 1:
            return f"attribute_not_exists({self.choice([path, *'rtuw'])})"
        if kind == 2:
            return f"attribute_type({path}, {self.literal(values, s(self.choice(['S', 'N'])))})"
        if kind == 3:
            return f"begins_with({self.choice(['q', 'r.y'])}, {self.literal(values, self.text())})"
        if kind == 4:
            values_ = sorted((make() for _ in range(2)), key=lambda value: float(value["N"]) if "N" in value else value["S"])
            return f"attribute_exists({path}) AND {path} BETWEEN {self.literal(values, values_[0])} AND {self.literal(values, values_[1])}"
        if kind == 5:
            return f"{path} IN ({', '.join(self.literal(values, make()) for _ in range(self.randint(1, 3)))})"
        if kind == 6:
            return f"{path} {self.choice(['=', '<>', '<', '<=', '>', '>='])} {self.literal(values, make())}"
        if kind == 7:
            path, make = self.choice([("u", self.text), ("q", self.text)])
            return f"contains({path}, {self.literal(values, make())})"
        if kind == 8:
            return f"NOT ({self.condition(values, depth + 1)})"
        word = self.choice(["AND", "OR"])
        return f"({self.condition(values, depth + 1)}) {word} ({self.condition(values, depth + 1)})"

    def update(self, values):
        """Clauses on different attributes."""
        clauses = {"SET": [], "REMOVE": [], "ADD": [], "DELETE": []}
        for name in self.sample("pqrtuw", self.randint(1, 4)):
            kind = self.randint(0, 4)
            if kind == 0:
                clauses["SET"].append(f"{name} = {self.literal(values, self.value(name))}")
            elif kind == 1:
                clauses["SET"].append(f"{name} = if_not_exists({name}, {self.literal(values, self.value(name))})")
            elif kind == 2:
                clauses["REMOVE"].append(name)
            elif name == "p":
                clauses["SET"].append(f"p = p {self.choice('+-')} {self.literal(values, self.number())}" if kind == 3 else
                                      f"p = if_not_exists(p, {self.literal(values, self.number())}) + {self.literal(values, self.number())}")
            elif name == "r":
                clauses["SET"].append(f"r.x = {self.literal(values, self.number())}")
            elif name == "t":
                clauses["SET"].append(f"t = list_append({self.literal(values, {'L': [self.number()]})}, if_not_exists(t, {self.literal(values, {'L': []})}))" if kind == 3 else f"t[0] = {self.literal(values, self.number())}")
            elif name in "uw":
                clauses["ADD" if kind == 3 else "DELETE"].append(f"{name} {self.literal(values, self.value(name))}")
            else:
                clauses["SET"].append(f"q = {self.literal(values, self.text())}")
        return " ".join(f"{word} {', '.join(parts)}" for word, parts in clauses.items() if parts)


def plain(value):
    """Sets without an order, numbers without a form."""
    (kind, content), = value.items()
    if kind == "N":
        return kind, float(content)
    if kind in ("SS", "BS"):
        return kind, frozenset(content)
    if kind == "NS":
        return kind, frozenset(float(number) for number in content)
    if kind == "L":
        return kind, tuple(plain(element) for element in content)
    if kind == "M":
        return kind, tuple(sorted((name, plain(member)) for name, member in content.items()))
    return kind, content


def plain_item(item):
    return tuple(sorted((name, plain(value)) for name, value in (item or {}).items()))


class Differential(PracticeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        cls.log = tempfile.TemporaryFile()
        cls.moto = subprocess.Popen([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stdout=cls.log, stderr=cls.log)
        cls.addClassCleanup(cls.end_moto)
        end = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if time.monotonic() > end or cls.moto.poll() is not None:
                    raise RuntimeError("moto's server did not start") from None
                time.sleep(0.1)
        cls.ours = cls.practice.client("dynamodb")
        cls.addClassCleanup(cls.ours.close)
        cls.theirs = practice.boto3.session.Session().client("dynamodb", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
                                                             aws_access_key_id="x", aws_secret_access_key="y",
                                                             config=practice.Config(retries={"max_attempts": 0}))
        cls.addClassCleanup(cls.theirs.close)

    @classmethod
    def end_moto(cls):
        cls.moto.terminate()
        try:
            cls.moto.wait(10)
        except subprocess.TimeoutExpired:
            cls.moto.kill()
            cls.moto.wait()
        cls.log.close()

    def both(self, operation, **parameters):
        """What the two answer: (their result or error code, ours)."""
        answers = []
        for client in (self.theirs, self.ours):
            try:
                answers.append((getattr(client, operation)(**parameters), None))
            except practice.ClientError as error:
                answers.append((None, error.response["Error"]["Code"]))
        return answers

    def make(self, name, source):
        for client in (self.theirs, self.ours):
            client.create_table(TableName=name, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
                                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
            client.describe_table(TableName=name)
        for i in range(ITEMS):
            item = source.item(str(i))
            self.both("put_item", TableName=name, Item=item)

    def test_conditions(self):
        source = Random(SEED)
        self.make("conditions", source)
        for _ in range(CONDITIONS):
            values = {}
            expression = source.condition(values)
            more = {"ExpressionAttributeValues": values} if values else {}
            with self.subTest(expression, values=values):
                (theirs, their_error), (ours, our_error) = self.both("scan", TableName="conditions", FilterExpression=expression, **more)
                self.assertEqual(our_error, their_error)
                if ours:
                    self.assertEqual(sorted(item["id"]["S"] for item in ours["Items"]), sorted(item["id"]["S"] for item in theirs["Items"]))

    def test_updates(self):
        source = Random(SEED + 1)
        self.make("updates", source)
        done = 0
        for i in range(UPDATES):
            values = {}
            item = source.item(str(i))
            expression = source.update(values)
            parameters = dict(TableName="updates", Key={"id": item["id"]}, UpdateExpression=expression, ReturnValues="ALL_NEW")
            if values:
                parameters["ExpressionAttributeValues"] = values
            with self.subTest(expression, values=values, item=item):
                self.both("put_item", TableName="updates", Item=item)
                (theirs, their_error), (ours, our_error) = self.both("update_item", **parameters)
                self.assertEqual(our_error, their_error)
                if ours:
                    done += 1
                    self.assertEqual(plain_item(ours.get("Attributes")), plain_item(theirs.get("Attributes")))
        self.assertGreater(done, UPDATES // 3)


if __name__ == "__main__":
    if moto is None:
        print("moto and its server are not installed: skipped")
        sys.exit(77)
    print(f"moto {moto.__version__}, seed {SEED}")
    practice.main()
