# SPDX-License-Identifier: GPL-3.0-or-later
"""Functions: made, changed, invoked and deleted, over the wire with boto3."""
import base64
import hashlib
import io
import json
import os
import urllib.request
import unittest
import zipfile

import practice
from functions import LOGS, FunctionCase, make_zip, unique

ECHO = "def lambda_handler(event, context):\n    return event\n"


class Life(FunctionCase):
    def test_create_get_update_delete(self):
        role, name = self.make_role(*LOGS), unique("function")
        code = make_zip(ECHO)
        made = self.functions.create_function(FunctionName=name, Runtime="python3.13", Handler="lambda_function.lambda_handler", Role=role,
                                              Code={"ZipFile": code}, Environment={"Variables": {"TABLE": "orders"}}, Tags={"a": "b"})
        self.assertEqual(made["ResponseMetadata"]["HTTPStatusCode"], 201)
        self.assertEqual(made["State"], "Pending")
        self.assertEqual((made["Timeout"], made["MemorySize"], made["Version"]), (3, 128, "$LATEST"))
        self.assertEqual(made["CodeSha256"], base64.b64encode(hashlib.sha256(code).digest()).decode())
        self.assertEqual(made["FunctionArn"], f"arn:aws:lambda:us-east-1:000000000000:function:{name}")
        self.wait_active(name)

        found = self.functions.get_function(FunctionName=made["FunctionArn"])
        self.assertEqual(found["Tags"], {"a": "b"})
        self.assertEqual(found["Configuration"]["Environment"], {"Variables": {"TABLE": "orders"}})
        with urllib.request.urlopen(found["Code"]["Location"]) as answer:
            self.assertEqual(answer.read(), code)
        self.assertIn(name, [f["FunctionName"] for f in self.functions.list_functions()["Functions"]])

        changed = self.functions.update_function_configuration(FunctionName=name, Timeout=7, MemorySize=256, Description="slower")
        self.assertEqual((changed["Timeout"], changed["LastUpdateStatus"]), (7, "InProgress"))
        self.fails("ResourceConflictException", self.functions.update_function_configuration, FunctionName=name, Timeout=8, status=409)
        self.wait_active(name)
        self.fails("PreconditionFailedException", self.functions.update_function_configuration, FunctionName=name, Timeout=8,
                   RevisionId=made["RevisionId"], status=412)

        self.functions.delete_function(FunctionName=name)
        self.fails("ResourceNotFoundException", self.functions.get_function, FunctionName=name, status=404,
                   message=f"Function not found: {made['FunctionArn']}")

    def test_new_code_is_used_at_once(self):
        name = self.make("def lambda_handler(event, context):\n    return 'old'\n")
        self.assertEqual(self.invoke(name)[0], "old")
        self.functions.update_function_code(FunctionName=name, ZipFile=make_zip("def lambda_handler(event, context):\n    return 'new'\n"))
        self.wait_active(name)
        self.assertEqual(self.invoke(name)[0], "new")

    def test_what_is_refused(self):
        role = self.make_role(*LOGS)
        other = self.iam.create_role(RoleName=unique("role"), AssumeRolePolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"},
                                                     "Action": "sts:AssumeRole"}]}))["Role"]["Arn"]
        good = dict(FunctionName=unique("function"), Runtime="python3.13", Handler="a.b", Role=role, Code={"ZipFile": make_zip(ECHO)})
        cases = [
            ("InvalidParameterValueException", dict(Role=other), "The role defined for the function cannot be assumed by Lambda."),
            ("InvalidParameterValueException", dict(Role=role + "-not-there"), "The role defined for the function cannot be assumed by Lambda."),
            ("InvalidParameterValueException", dict(Code={"ZipFile": b"no zip"}),
             "Could not unzip uploaded file. Please check your file, then try to upload again."),
            ("InvalidParameterValueException", dict(Runtime="python3.7"),
             "The runtime parameter of python3.7 is no longer supported for creating or updating AWS Lambda functions. "
             "We recommend you use a supported runtime while creating or updating functions."),
            ("ValidationException", dict(Timeout=901), "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: "
             "Member must have value less than or equal to 900"),
            ("ValidationException", dict(MemorySize=10241), None),
            ("ValidationException", dict(FunctionName="a name"), None),
            ("InvalidParameterValueException", dict(Runtime="python2000"), None),
            ("InvalidParameterValueException", dict(Environment={"Variables": {"AWS_REGION": "here"}}), None),
            ("InvalidParameterValueException", dict(Environment={"Variables": {"BIG": "x" * 4096}}), None),
        ]
        for code, change, message in cases:
            with self.subTest(change=str(change)[:60]):
                self.fails(code, self.functions.create_function, status=400, message=message, **{**good, **change})
        self.functions.create_function(**good)
        self.fails("ResourceConflictException", self.functions.create_function, status=409, **good)

    def test_zips_that_try_to_get_out(self):
        link = io.BytesIO()
        with zipfile.ZipFile(link, "w") as archive:
            info = zipfile.ZipInfo("passwd")
            info.create_system, info.external_attr = 3, 0o120777 << 16
            archive.writestr(info, "/etc/passwd")
        big = io.BytesIO()
        with zipfile.ZipFile(big, "w", zipfile.ZIP_DEFLATED) as archive:
            for i in range(3):
                archive.writestr(f"{i}.txt", b"\0" * 100_000_000)
        for bad in [make_zip(files={"../out.py": "x"}), make_zip(files={"/etc/out.py": "x"}), make_zip(files={"a/../../out.py": "x"}),
                    link.getvalue(), big.getvalue(), make_zip(ECHO)[:60], b"", b"PK\x05\x06" + b"\0" * 18]:
            self.fails("InvalidParameterValueException", self.functions.create_function, FunctionName=unique("function"), Runtime="python3.13",
                       Handler="a.b", Role=self.make_role(), Code={"ZipFile": bad})

    def test_pass_role_is_asked_for(self):
        user = unique("user")
        self.iam.create_user(UserName=user)
        self.iam.put_user_policy(UserName=user, PolicyName="may", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "lambda:*", "Resource": "*"}]}))
        key = self.iam.create_access_key(UserName=user)["AccessKey"]
        role = self.make_role(*LOGS)
        error = self.fails("AccessDeniedException", self.practice.client_of("lambda", key).create_function, FunctionName=unique("function"),
                           Runtime="python3.13", Handler="a.b", Role=role, Code={"ZipFile": make_zip(ECHO)}, status=403)
        self.assertIn("iam:PassRole", error["Message"])

    def test_permissions_of_others(self):
        name = self.make(ECHO)
        user = unique("user")
        arn = self.iam.create_user(UserName=user)["User"]["Arn"]
        key = self.iam.create_access_key(UserName=user)["AccessKey"]
        theirs = self.practice.client_of("lambda", key)
        self.fails("AccessDeniedException", theirs.invoke, FunctionName=name, Payload="{}")
        self.functions.add_permission(FunctionName=name, StatementId="ada", Action="lambda:InvokeFunction", Principal=arn)
        self.assertEqual(json.loads(theirs.invoke(FunctionName=name, Payload="[1]")["Payload"].read()), [1])
        self.fails("ResourceConflictException", self.functions.add_permission, FunctionName=name, StatementId="ada",
                   Action="lambda:InvokeFunction", Principal=arn, status=409)
        self.functions.remove_permission(FunctionName=name, StatementId="ada")
        self.fails("AccessDeniedException", theirs.invoke, FunctionName=name, Payload="{}")
        self.fails("ResourceNotFoundException", self.functions.get_policy, FunctionName=name)

    def test_tags(self):
        name = self.make(ECHO)
        arn = f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
        self.functions.tag_resource(Resource=arn, Tags={"one": "1", "two": "2"})
        self.functions.untag_resource(Resource=arn, TagKeys=["one"])
        self.assertEqual(self.functions.list_tags(Resource=arn)["Tags"], {"two": "2"})
        found = self.practice.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "two", "Values": ["2"]}])
        self.assertIn(arn, [r["ResourceARN"] for r in found["ResourceTagMappingList"]])

    def test_layers(self):
        layer = self.functions.publish_layer_version(LayerName=unique("layer"), Content={"ZipFile": make_zip(files={"python/helper.py": "ANSWER = 42"})},
                                                     CompatibleRuntimes=["python3.13"])
        name = self.make("import helper\ndef lambda_handler(event, context):\n    return [helper.ANSWER, helper.__file__]\n",
                         Layers=[layer["LayerVersionArn"]])
        result, error, _ = self.invoke(name)
        self.assertIsNone(error)
        self.assertEqual(result[0], 42)
        self.assertTrue(result[1].endswith("opt/python/helper.py"), result)
        self.functions.delete_layer_version(LayerName=layer["LayerArn"], VersionNumber=1)
        self.fails("InvalidParameterValueException", self.functions.update_function_configuration, FunctionName=name, Layers=[layer["LayerVersionArn"]],
                   message=f"Layer version {layer['LayerVersionArn']} does not exist.")

    def test_state_survives_a_restart(self):
        with practice.Practice() as cloud:
            outer, type(self).practice = type(self).practice, cloud
            try:
                self.setUp()
                name = self.make(ECHO)
                self.assertEqual(self.invoke(name, {"a": 1})[0], {"a": 1})
                cloud.restart()
                self.setUp()
                self.assertEqual(self.invoke(name, {"a": 2})[0], {"a": 2})
            finally:
                type(self).practice = outer


class Invoke(FunctionCase):
    def test_event_context_and_environment(self):
        name = self.make("""
import os
import boto3

def lambda_handler(event, context):
    return {"event": event, "name": context.function_name, "request": context.aws_request_id, "arn": context.invoked_function_arn,
            "memory": context.memory_limit_in_mb, "left": context.get_remaining_time_in_millis(), "group": context.log_group_name,
            "who": boto3.client("sts").get_caller_identity()["Arn"], "region": boto3.session.Session().region_name,
            "environment": dict(os.environ), "client": context.client_context}
""", Environment={"Variables": {"TABLE": "orders"}}, Timeout=5)
        context = base64.b64encode(json.dumps({"custom": {"k": "v"}}).encode()).decode()
        result, error, log = self.invoke(name, {"item": "latex gloves"}, ClientContext=context)
        self.assertIsNone(error, log)
        self.assertEqual(result["event"], {"item": "latex gloves"})
        self.assertEqual(result["name"], name)
        self.assertEqual(result["memory"], "128")
        self.assertEqual(result["group"], f"/aws/lambda/{name}")
        self.assertEqual(result["client"], {"custom": {"k": "v"}})
        self.assertTrue(0 < result["left"] <= 5000)
        self.assertRegex(result["who"], rf"^arn:aws:sts::000000000000:assumed-role/role-[0-9a-f]+/{name}$")
        self.assertEqual(result["environment"]["TABLE"], "orders")
        self.assertEqual(result["environment"]["AWS_EXECUTION_ENV"], "AWS_Lambda_python3.13")
        for own in ("USER", "LOGNAME", "DISPLAY", "SSH_AUTH_SOCK", "MILLRACE_PRACTICE"):
            self.assertNotIn(own, result["environment"])
        self.assertRegex(log, rf"START RequestId: {result['request']} Version: \$LATEST\n")
        self.assertRegex(log, rf"REPORT RequestId: {result['request']}\tDuration: [0-9.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t"
                              r"Max Memory Used: \d+ MB\tInit Duration: [0-9.]+ ms")
        self.assertNotIn("Init Duration", self.invoke(name)[2])

    def test_kinds_of_invocation(self):
        name = self.make("def lambda_handler(event, context):\n    print('got', event)\n    return event\n")
        self.assertEqual(self.functions.invoke(FunctionName=name, InvocationType="DryRun")["StatusCode"], 204)
        self.assertEqual(self.functions.invoke(FunctionName=name, InvocationType="Event", Payload='{"later": 1}')["StatusCode"], 202)
        self.wait_for(lambda: "got {'later': 1}" in self.lines(name))
        answer = self.functions.invoke(FunctionName=name)
        self.assertEqual((answer["StatusCode"], answer["ExecutedVersion"], answer["Payload"].read()), (200, "$LATEST", b"{}"))
        self.assertNotIn("LogResult", answer)
        self.fails("InvalidRequestContentException", self.functions.invoke, FunctionName=name, Payload="{no json", status=400)
        self.fails("RequestTooLargeException", self.functions.invoke, FunctionName=name, Payload='"' + "x" * 6291556 + '"', status=413)

    def test_large_answers(self):
        name = self.make("def lambda_handler(event, context):\n    return 'x' * event\n", MemorySize=512)
        self.assertEqual(len(self.invoke(name, 5_000_000)[0]), 5_000_000)
        result, error, _ = self.invoke(name, 6_291_556)
        self.assertEqual((error, result["errorType"]), ("Unhandled", "Function.ResponseSizeTooLarge"))

    def test_many_at_once(self):
        from concurrent.futures import ThreadPoolExecutor
        name = self.make("import time\ndef lambda_handler(event, context):\n    time.sleep(0.05)\n    return event\n", Timeout=30)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda i: json.loads(self.practice.client("lambda").invoke(FunctionName=name, Payload=str(i))["Payload"].read()),
                                    range(24)))
        self.assertEqual(answers, list(range(24)))

    def test_reserved_concurrency(self):
        name = self.make(ECHO)
        self.functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
        self.fails("TooManyRequestsException", self.functions.invoke, FunctionName=name, status=429)
        self.functions.delete_function_concurrency(FunctionName=name)
        self.assertEqual(self.invoke(name, 1)[0], 1)

    def test_no_permission_no_logs(self):
        role = self.make_role("sts:GetCallerIdentity")
        name = self.make("def lambda_handler(event, context):\n    print('hello')\n", role=role)
        self.assertIn("hello", self.invoke(name)[2])
        self.assertEqual(self.logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"], [])
        self.allow(role, *LOGS)
        self.invoke(name)
        self.assertIn("hello", self.lines(name))

    def test_log_lines(self):
        name = self.make("""
import logging
logger = logging.getLogger()
logger.setLevel(logging.INFO)
print("loading")

def lambda_handler(event, context):
    print("one\\ntwo")
    logger.info("with\\ntwo lines")
    logging.getLogger("other").debug("not this")
""")
        self.invoke(name)
        lines = self.lines(name)
        self.assertEqual(lines[:1], ["loading"], lines)
        self.assertTrue(lines[1].startswith("START RequestId: "))
        self.assertEqual(lines[2:4], ["one", "two"])
        self.assertRegex(lines[4], r"^\[INFO\]\t\d{4}-\d\d-\d\dT[0-9:.]+Z\t[0-9a-f-]{36}\twith\ntwo lines$")
        self.assertTrue(lines[5].startswith("END RequestId: "))
        self.assertEqual(len(lines), 7)
        stream = self.logs.describe_log_streams(logGroupName=f"/aws/lambda/{name}")["logStreams"][0]["logStreamName"]
        self.assertRegex(stream, r"^\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}$")

    def test_events_of_an_invocation(self):
        role = self.make_role(*LOGS, "dynamodb:PutItem")
        table, _ = self.make_table()
        name = self.make(f"""
import boto3
def lambda_handler(event, context):
    boto3.client("dynamodb").put_item(TableName="{table}", Item={{"id": {{"S": "1"}}}})
    print("written")
    return "done"
""", role=role)
        self.invoke(name, {"x": 1})
        arn = f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
        events = self.practice.events()
        started = next(e for e in events if e["kind"] == "function-started" and e["functionArn"] == arn)
        self.assertEqual((started["source"], json.loads(started["payload"]), started["coldStart"]), ("invoke", {"x": 1}, True))
        ended = next(e for e in events if e["kind"] == "function-ended" and e["functionArn"] == arn)
        self.assertEqual((ended["status"], ended["result"], ended["invocationId"]), ("ok", '"done"', started["invocationId"]))
        self.assertGreater(ended["initMs"], 0)
        written = next(e for e in events if e["kind"] == "table-written" and table in e["tableArn"])
        self.assertEqual(written["invocationId"], started["invocationId"])
        self.assertIn("written", [e["line"] for e in events if e["kind"] == "function-log" and e["invocationId"] == started["invocationId"]])


if __name__ == "__main__":
    practice.main()
