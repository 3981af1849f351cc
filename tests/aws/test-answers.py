# SPDX-License-Identifier: GPL-3.0-or-later
"""Every operation's answers are read as botocore reads them. usage: test-answers.py HELPER OPERATIONS"""

import base64
import datetime
import json
import sys
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from oracle import Checks, Oracle, Values, need, plain, table

session_module, parsers = need("botocore.session", "botocore.parsers")

ROUNDS = 20
DOCUMENTS = ("AssumeRolePolicyDocument", "Document", "PolicyDocument")


def to_xml(shape, value, name):
    if shape.type_name == "structure":
        inner = "".join(to_xml(shape.members[k], v, shape.members[k].serialization.get("name", k))
                        for k, v in value.items())
    elif shape.type_name == "list":
        inner = "".join(to_xml(shape.member, v, shape.member.serialization.get("name", "member")) for v in value)
    elif shape.type_name == "map":
        inner = "".join("<entry>" + to_xml(shape.key, k, "key") + to_xml(shape.value, v, "value") + "</entry>"
                        for k, v in value.items())
    elif shape.type_name == "timestamp":
        inner = value.strftime("%Y-%m-%dT%H:%M:%SZ")
    elif shape.type_name == "boolean":
        inner = "true" if value else "false"
    elif shape.type_name == "blob":
        inner = base64.b64encode(value).decode()
    else:
        inner = escape(str(value))
    return f"<{name}>{inner}</{name}>"


def to_json(shape, value):
    if shape.type_name == "structure":
        return {shape.members[k].serialization.get("name", k): to_json(shape.members[k], v) for k, v in value.items()}
    if shape.type_name == "list":
        return [to_json(shape.member, v) for v in value]
    if shape.type_name == "map":
        return {k: to_json(shape.value, v) for k, v in value.items()}
    if shape.type_name == "timestamp":
        return value.timestamp()
    if shape.type_name == "blob":
        return base64.b64encode(value).decode()
    return value


def encode_documents(value):
    """Puts percent-encoded policies where IAM does."""
    for key, member in list(value.items()) if isinstance(value, dict) else enumerate(value):
        if isinstance(member, (dict, list)):
            encode_documents(member)
        elif key in DOCUMENTS:
            value[key] = quote(json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": member}]}))


def decode_documents(value):
    """What botocore's clients do with them after its parser."""
    for key, member in list(value.items()) if isinstance(value, dict) else enumerate(value):
        if isinstance(member, (dict, list)):
            decode_documents(member)
        elif key in DOCUMENTS:
            value[key] = json.loads(unquote(member))


def wire(protocol, model, value):
    """The answer as it goes over the network: status, headers, body."""
    shape = model.output_shape
    headers = {"x-amzn-requestid": "request-1"}
    if protocol == "query":
        result = to_xml(shape, value, model.name + "Result") if shape is not None else ""
        body = (f'<{model.name}Response xmlns="https://example.amazonaws.com/doc/">{result}'
                f"<ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></{model.name}Response>")
        return 200, headers, body
    if shape is None:
        return 200, headers, ""
    body = {}
    payload = shape.serialization.get("payload")
    status = 200
    for name, member in value.items():
        location = shape.members[name].serialization.get("location")
        if location == "header":
            headers[shape.members[name].serialization["name"]] = member
        elif location == "statusCode":
            status = 200 + member % 5
        elif name != payload:
            body[shape.members[name].serialization.get("name", name)] = to_json(shape.members[name], member)
    if payload is not None:
        return status, headers, value.get(payload, b"").decode()
    return status, headers, json.dumps(body)


def compare(checks, oracle, values, protocol, service, model):
    shape = model.output_shape
    invoke = model.name == "Invoke"
    value = values.make(shape, raw_blob=invoke)[0] if shape is not None else {}
    for name, member in (shape.members.items() if shape is not None else ()):
        if member.serialization.get("location") == "header" and name in value:
            value[name] = values.text(simple=True)
    if service == "iam":
        encode_documents(value)
    status, headers, body = wire(protocol, model, value)

    response = {"status_code": status, "headers": headers, "body": body.encode()}
    theirs = parsers.create_parser(protocol).parse(response, shape)
    theirs.pop("ResponseMetadata", None)
    theirs = plain(theirs)
    if service == "iam":
        decode_documents(theirs)
    if invoke:
        theirs["Payload"] = body
    if service == "lambda" and model.name == "DeleteFunction" and shape is None:
        theirs["StatusCode"] = status  # not yet known to older models
    ours = oracle.ask(do="answer", operation=f"{service}:{model.name}", status=status, headers=headers, body=body)
    checks.equal(f"{service}:{model.name} {body[:300]}", ours.get("result", ours), theirs)


def main(helper, operations):
    checks = Checks()
    values = Values(11)
    session = session_module.Session()
    skipped = set()
    with Oracle(helper) as oracle:
        for service, operation in table(operations):
            model = session.get_service_model(service)
            protocol = model.metadata["protocol"]
            if service == "sqs" and protocol != "json":
                skipped.add(f"{service} ({protocol} in this botocore)")
                continue
            for _ in range(ROUNDS):
                compare(checks, oracle, values, protocol, service, model.operation_model(operation))
    for name in sorted(skipped):
        print(f"not compared: {name}")
    checks.finish()


main(*sys.argv[1:])
