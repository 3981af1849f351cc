# SPDX-License-Identifier: GPL-3.0-or-later
"""Every operation's parameters go where botocore puts them. usage: test-requests.py HELPER OPERATIONS"""

import json
import sys
from urllib.parse import parse_qsl

from oracle import Checks, Oracle, Values, need, table

session_module, serialize = need("botocore.session", "botocore.serialize")

ROUNDS = 25


def text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def pairs(query):
    """A query_string of botocore's serialiser, as the pairs that it becomes on the wire."""
    result = []
    for name, value in (query.items() if isinstance(query, dict) else query):
        for one in value if isinstance(value, list) else [value]:
            result.append((name, text(one)))
    return sorted(result)


def body_text(body):
    return body.decode() if isinstance(body, (bytes, bytearray)) else body


def compare(checks, oracle, values, protocol, service, model):
    shape = model.input_shape
    raw = service == "lambda" and model.name == "Invoke"
    theirs_in, ours_in = values.make(shape, raw_blob=raw) if shape is not None else ({}, {})
    if raw and not theirs_in.get("Payload"):
        theirs_in.pop("Payload", None)
        ours_in.pop("Payload", None)
    # No header can hold a line break, and botocore refuses it as well, only later.
    if shape is not None:
        for name, member in shape.members.items():
            if member.serialization.get("location") in ("header", "uri") and isinstance(ours_in.get(name), str):
                theirs_in[name] = ours_in[name] = values.text(simple=True) if member.serialization["location"] == "header" \
                    else ours_in[name].replace("\n", "")

    theirs = serialize.create_serializer(protocol, include_validation=False).serialize_to_request(theirs_in, model)
    ours = oracle.ask(do="request", operation=f"{service}:{model.name}", parameters=ours_in)
    what = f"{service}:{model.name} {json.dumps(ours_in)[:300]}"
    if not checks.equal(what + " error", ours.get("error"), None):
        return
    checks.equal(what + " method", ours["method"], theirs["method"])
    # Older models end some of lambda's paths with a slash.
    checks.equal(what + " path", ours["path"], theirs["url_path"].rstrip("/") or "/")
    checks.equal(what + " query", sorted(parse_qsl(ours["query"], keep_blank_values=True)), pairs(theirs["query_string"]))

    if protocol == "query":
        wire = sorted(parse_qsl(ours["body"], keep_blank_values=True, strict_parsing=True))
        checks.equal(what + " form", wire, pairs(theirs["body"]))
    else:
        body = body_text(theirs["body"]) or ""
        if raw or not body or not ours["body"]:
            checks.equal(what + " body", ours["body"], body)
        else:
            checks.equal(what + " body", json.loads(ours["body"]), json.loads(body))

    headers = {k.lower(): v for k, v in ours["headers"].items()}
    for name, value in theirs["headers"].items():
        if not (raw and name.lower() == "content-type"):
            checks.equal(f"{what} {name}", headers.get(name.lower()), text(value))
    if service == "sqs":
        checks.equal(what + " query mode", headers.get("x-amzn-query-mode"), "true")
    if service == "apigateway":
        checks.equal(what + " accept", headers.get("accept"), "application/json")


def main(helper, operations):
    checks = Checks()
    values = Values(7)
    session = session_module.Session()
    skipped = set()
    ours_protocols = {"sqs": "json"}
    with Oracle(helper) as oracle:
        for service, operation in table(operations):
            model = session.get_service_model(service)
            protocol = model.metadata["protocol"]
            if ours_protocols.get(service, protocol) != protocol:
                skipped.add(f"{service} ({protocol} in this botocore)")
                continue
            for _ in range(ROUNDS):
                compare(checks, oracle, values, protocol, service, model.operation_model(operation))
    for name in sorted(skipped):
        print(f"not compared: {name}")
    checks.finish()


main(*sys.argv[1:])
