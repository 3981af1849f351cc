# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests that compare with botocore share: the helper program, and random values for a botocore shape."""

import base64
import datetime
import json
import random
import subprocess
import sys

SKIP = 77


def need(*names):
    """The modules of these names; ends the test as skipped where one is missing."""
    modules = []
    for name in names:
        try:
            modules.append(__import__(name, fromlist=["x"]))
        except ImportError:
            print(f"SKIP: the Python module {name} is not installed", file=sys.stderr)
            sys.exit(SKIP)
    return modules


class Oracle:
    """The helper program: one question, one answer."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")

    def ask(self, **question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"the helper program ended at {question}")
        return json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=20)
        self.process.stdout.close()


class Checks:
    """Counts, and shows the first differences."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def equal(self, what, ours, theirs):
        if ours == theirs:
            self.passed += 1
            return True
        self.failed += 1
        if self.failed <= 20:
            print(f"DIFFERENT {what}\n  ours:   {ours!r}\n  theirs: {theirs!r}", file=sys.stderr)
        return False

    def finish(self):
        print(f"{self.passed} equal, {self.failed} different")
        if self.passed == 0:
            print("nothing was compared", file=sys.stderr)
        sys.exit(1 if self.failed or not self.passed else 0)


WORDS = ["a", "b c", "x&y=z", "1+1", "50%", "naïve", "日本", "/path/", "a:b", "~-._", '"q"', "<t>", "'s'", "{}", "#?",
         "line\nbreak", "😀", "0", "true"]


class Values:
    """Random values for a shape, twice: as boto3 takes them and as our client does."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def text(self, simple=False):
        words = ["a", "b-c", "D_e", "x.y", "42"] if simple else WORDS
        return "".join(self.random.choice(words) for _ in range(self.random.randint(1, 3)))

    def make(self, shape, depth=0, raw_blob=False, all_members=False):
        kind = shape.type_name
        if kind == "structure":
            theirs, ours = {}, {}
            members = list(shape.members.items())
            if getattr(shape, "is_tagged_union", False):
                members = [self.random.choice(members)]
            for name, member in members:
                wanted = name in shape.required_members or all_members or getattr(shape, "is_tagged_union", False)
                if not wanted and (depth > 3 or self.random.random() < 0.5):
                    continue
                if depth > 6:
                    continue
                theirs[name], ours[name] = self.make(member, depth + 1, raw_blob)
            return theirs, ours
        if kind == "list":
            pairs = [self.make(shape.member, depth + 1) for _ in range(self.random.randint(0, 3) if depth < 6 else 0)]
            return [p[0] for p in pairs], [p[1] for p in pairs]
        if kind == "map":
            theirs, ours = {}, {}
            for _ in range(self.random.randint(0, 3) if depth < 6 else 0):
                key = self.random.choice(shape.key.enum) if getattr(shape.key, "enum", None) else self.text()
                theirs[key], ours[key] = self.make(shape.value, depth + 1)
            return theirs, ours
        if kind == "blob":
            if raw_blob:
                text = json.dumps({"k": self.text()})
                return text.encode(), text
            data = bytes(self.random.randrange(256) for _ in range(self.random.randint(1, 9)))
            return data, base64.b64encode(data).decode()
        if kind == "timestamp":
            seconds = self.random.randint(0, 2 ** 31)
            return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc), seconds
        if kind in ("integer", "long"):
            value = self.random.randint(0, 10000)
        elif kind in ("float", "double"):
            value = self.random.randint(0, 1000) + self.random.choice([0.5, 0.25])
        elif kind == "boolean":
            value = self.random.random() < 0.5
        elif getattr(shape, "enum", None):
            value = self.random.choice(shape.enum)
        else:
            value = self.text()
        return value, value


def table(path):
    """Service, operation of every operation that the client knows."""
    with open(path, encoding="utf-8") as file:
        services = json.load(file)
    for service, data in services.items():
        for operation in data["operations"]:
            yield service, operation


def plain(value):
    """A parsed answer of botocore's in our words."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, datetime.datetime):
        seconds = value.timestamp()
        return int(seconds) if seconds == int(seconds) else seconds
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    return value
