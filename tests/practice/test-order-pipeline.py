#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order pipeline by hand, in its documents' order: with boto3, and with the AWS CLI where it is installed.

The order is sent with curl, the mail looked for in the inbox.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile

import practice

ORDER = '{  "item": "latex gloves",\n"customerID":"12345"}'
POLICIES = {
    "Lambda-Write-DynamoDB": ["dynamodb:PutItem", "dynamodb:DescribeTable"],
    "Lambda-SNS-Publish": ["sns:Publish", "sns:GetTopicAttributes", "sns:ListTopics"],
    "Lambda-DynamoDBStreams-Read": ["dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams",
                                    "dynamodb:GetRecords"],
    "Lambda-Read-SQS": ["sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"],
}
ROLES = {
    "Lambda-SQS-DynamoDB": ("lambda.amazonaws.com", ["Lambda-Write-DynamoDB", "Lambda-Read-SQS"]),
    "Lambda-DynamoDBStreams-SNS": ("lambda.amazonaws.com", ["Lambda-SNS-Publish", "Lambda-DynamoDBStreams-Read"]),
    "APIGateway-SQS": ("apigateway.amazonaws.com", ["arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"]),
}
# What somebody who follows the documents types in; the ARN of the topic goes where the documents say.
STORE = """
import boto3, uuid
table = boto3.resource("dynamodb").Table("orders")
def lambda_handler(event, context):
    for record in event["Records"]:
        print(record["body"])
        table.put_item(Item={"orderID": str(uuid.uuid4()), "order": record["body"]})
"""
NOTIFY = """
import boto3, json
client = boto3.client("sns")
def lambda_handler(event, context):
    for record in event["Records"]:
        if record["eventName"] == "INSERT":
            image = record["dynamodb"]["NewImage"]
            client.publish(TargetArn="TOPIC", Message=json.dumps({"default": json.dumps(image)}), MessageStructure="json")
"""
SQS_EVENT = {"Records": [{"messageId": "19dd0b57-b21e-4ac1-bd88-01bbb068cb78", "body": "Hello from SQS!",
                          "eventSource": "aws:sqs"}]}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def zipped(folder, source):
    path = os.path.join(folder, "code.zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("lambda_function.py", source)
    return path


class ByBoto3:
    """Calls operations by their names, as boto3 does."""

    def __init__(self, cloud):
        self.cloud, self.clients = cloud, {}

    def __call__(self, service, operation, **parameters):
        client = self.clients.setdefault(service, self.cloud.client(service))
        for name, value in list(parameters.items()):
            if isinstance(value, str) and value.startswith("fileb://"):
                with open(value[8:], "rb") as file:
                    parameters[name] = file.read()
        code = parameters.pop("ZipFile", None)
        if code is not None and operation == "create_function":
            parameters["Code"] = {"ZipFile": code}
        elif code is not None:
            parameters["ZipFile"] = code
        return getattr(client, operation)(**parameters)


class ByCli:
    """The same calls as command lines of the AWS CLI."""

    def __init__(self, cloud, program):
        self.program = program
        self.environment = {**os.environ, **cloud.environment_for_children(), "AWS_PAGER": "", "AWS_CONFIG_FILE": os.devnull,
                            "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        self.endpoint = cloud.url

    def __call__(self, service, operation, **parameters):
        words = [self.program, "--endpoint-url", self.endpoint, "--output", "json", service, operation.replace("_", "-")]
        outfile = None
        for name, value in parameters.items():
            option = "--" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()
            if operation == "invoke" and name == "Payload":
                with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
                    file.write(value)
                    outfile = file.name
                words += [option, "fileb://" + outfile]
            elif isinstance(value, bool):
                words.append(option if value else option.replace("--", "--no-", 1))
            else:
                words += [option, value if isinstance(value, str) else json.dumps(value)]
        if operation == "invoke":
            words.append(outfile)
        done = subprocess.run(words, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        if outfile is not None:
            os.unlink(outfile)
        if done.returncode != 0:
            raise AssertionError("%s\n%s" % (" ".join(words[4:8]), done.stderr))
        return json.loads(done.stdout) if done.stdout.strip() else {}


class ByHand(practice.PracticeCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="millrace-hand-")
        self.addCleanup(shutil.rmtree, self.folder)

    def wait(self, call, path, wanted, service, operation, **parameters):
        def reached():
            value = call(service, operation, **parameters)
            for name in path.split("."):
                value = value.get(name, {})
            return value == wanted
        self.wait_for(reached, 60)

    def build(self, call):
        account = call("sts", "get_caller_identity")["Account"]
        region = self.practice.region

        arns = {}
        for name, actions in POLICIES.items():
            text = document({"Sid": "VisualEditor0", "Effect": "Allow", "Action": actions, "Resource": "*"})
            arns[name] = call("iam", "create_policy", PolicyName=name, PolicyDocument=text)["Policy"]["Arn"]
        for name, (service, policies) in ROLES.items():
            trust = document({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})
            arns[name] = call("iam", "create_role", RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
            for policy in policies:
                call("iam", "attach_role_policy", RoleName=name, PolicyArn=arns.get(policy, policy))

        call("dynamodb", "create_table", TableName="orders", BillingMode="PAY_PER_REQUEST",
             AttributeDefinitions=[{"AttributeName": "orderID", "AttributeType": "S"}],
             KeySchema=[{"AttributeName": "orderID", "KeyType": "HASH"}])
        self.wait(call, "Table.TableStatus", "ACTIVE", "dynamodb", "describe_table", TableName="orders")

        queue = "arn:aws:sqs:%s:%s:POC-Queue" % (region, account)
        access = document(
            {"Sid": "__owner_statement", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::%s:root" % account},
             "Action": "SQS:*", "Resource": queue},
            {"Sid": "__sender_statement", "Effect": "Allow", "Principal": {"AWS": arns["APIGateway-SQS"]},
             "Action": "SQS:SendMessage", "Resource": queue},
            {"Sid": "__receiver_statement", "Effect": "Allow", "Principal": {"AWS": arns["Lambda-SQS-DynamoDB"]},
             "Action": ["SQS:ChangeMessageVisibility", "SQS:DeleteMessage", "SQS:ReceiveMessage"], "Resource": queue})
        call("sqs", "create_queue", QueueName="POC-Queue", Attributes={"Policy": access})

        call("lambda", "create_function", FunctionName="POC-Lambda-1", Runtime="python3.13", Role=arns["Lambda-SQS-DynamoDB"],
             Handler="lambda_function.lambda_handler", ZipFile="fileb://" + zipped(self.folder, "def lambda_handler(e, c): pass\n"))
        self.wait(call, "Configuration.State", "Active", "lambda", "get_function", FunctionName="POC-Lambda-1")
        mapping = call("lambda", "create_event_source_mapping", EventSourceArn=queue, FunctionName="POC-Lambda-1")["UUID"]
        self.wait(call, "State", "Enabled", "lambda", "get_event_source_mapping", UUID=mapping)
        call("lambda", "update_function_code", FunctionName="POC-Lambda-1", ZipFile="fileb://" + zipped(self.folder, STORE))
        self.wait(call, "Configuration.LastUpdateStatus", "Successful", "lambda", "get_function", FunctionName="POC-Lambda-1")
        answer = call("lambda", "invoke", FunctionName="POC-Lambda-1", Payload=json.dumps(SQS_EVENT))
        self.assertEqual(answer["StatusCode"], 200)
        self.assertNotIn("FunctionError", answer)
        items = call("dynamodb", "scan", TableName="orders")["Items"]
        self.assertEqual([item["order"]["S"] for item in items], ["Hello from SQS!"])

        call("dynamodb", "update_table", TableName="orders",
             StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
        self.wait(call, "Table.TableStatus", "ACTIVE", "dynamodb", "describe_table", TableName="orders")
        stream = call("dynamodb", "describe_table", TableName="orders")["Table"]["LatestStreamArn"]

        topic = call("sns", "create_topic", Name="POC-Topic")["TopicArn"]
        answer = call("sns", "subscribe", TopicArn=topic, Protocol="email", NotificationEndpoint="me@example.com") \
            if isinstance(call, ByCli) else call("sns", "subscribe", TopicArn=topic, Protocol="email", Endpoint="me@example.com")
        self.assertEqual(answer["SubscriptionArn"], "pending confirmation")
        self.confirm(topic)

        call("lambda", "create_function", FunctionName="POC-Lambda-2", Runtime="python3.13", Handler="lambda_function.lambda_handler",
             Role=arns["Lambda-DynamoDBStreams-SNS"], ZipFile="fileb://" + zipped(self.folder, NOTIFY.replace("TOPIC", topic)))
        self.wait(call, "Configuration.State", "Active", "lambda", "get_function", FunctionName="POC-Lambda-2")
        mapping = call("lambda", "create_event_source_mapping", EventSourceArn=stream, FunctionName="POC-Lambda-2",
                       StartingPosition="TRIM_HORIZON")["UUID"]
        self.wait(call, "State", "Enabled", "lambda", "get_event_source_mapping", UUID=mapping)

        api = call("apigateway", "create_rest_api", **{"name": "POC-API", "endpointConfiguration": {"types": ["REGIONAL"]}})["id"]
        root = call("apigateway", "get_resources", restApiId=api)["items"][0]["id"]
        method = {"restApiId": api, "resourceId": root, "httpMethod": "POST"}
        call("apigateway", "put_method", authorizationType="NONE", **method)
        call("apigateway", "put_method_response", statusCode="200", responseModels={"application/json": "Empty"}, **method)
        call("apigateway", "put_integration", type="AWS", integrationHttpMethod="POST", credentials=arns["APIGateway-SQS"],
             uri="arn:aws:apigateway:%s:sqs:path/%s/POC-Queue" % (region, account), passthroughBehavior="NEVER",
             requestParameters={"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
             requestTemplates={"application/json": "Action=SendMessage&MessageBody=$input.body"}, **method)
        call("apigateway", "put_integration_response", statusCode="200", **method)
        test = call("apigateway", "test_invoke_method", pathWithQueryString="/", body=ORDER, **method)
        self.assertEqual(test["status"], 200, test)
        self.assertIn("Successfully completed execution", test["log"])
        self.mails(1)
        call("apigateway", "create_deployment", restApiId=api, stageName="prod")

        url = self.practice.invoke_url(api, "prod")
        done = subprocess.run(["curl", "--silent", "--show-error", "--max-time", "30", "-X", "POST", "-H", "Content-Type: application/json",
                               "-d", ORDER, "-w", "\n%{http_code}", url], stdout=subprocess.PIPE, text=True, check=True)
        self.assertEqual(done.stdout.splitlines()[-1], "200", done.stdout)
        self.assertIn("SendMessageResponse", done.stdout)
        self.mails(2)
        stored = [item["order"]["S"] for item in call("dynamodb", "scan", TableName="orders")["Items"]]
        self.assertEqual(sorted(stored), sorted(["Hello from SQS!", ORDER, ORDER]))

    def inbox(self):
        status, _, body = self.practice.request("GET", "/_millrace/inbox", self.practice.signed_headers("millrace", "GET", "/_millrace/inbox"))
        self.assertEqual(status, 200)
        return json.loads(body)["messages"]

    def confirm(self, topic):
        link = next(mail["confirmation"] for mail in self.inbox() if mail.get("topicArn") == topic)
        with urllib.request.urlopen(link, timeout=10) as answer:
            self.assertEqual(answer.status, 200)

    def mails(self, wanted):
        """Exactly so many mails tell of the order."""
        self.wait_for(lambda: sum("latex gloves" in mail["body"] for mail in self.inbox()) >= wanted, 60)
        time.sleep(0.2)
        self.assertEqual(sum("latex gloves" in mail["body"] for mail in self.inbox()), wanted)


class Boto3(ByHand):
    def test_order_pipeline(self):
        self.build(ByBoto3(self.practice))


class AwsCli(ByHand):
    def test_order_pipeline(self):
        program = shutil.which("aws")
        if program is None:
            self.skipTest("the AWS CLI is not installed")
        self.build(ByCli(self.practice, program))


if __name__ == "__main__":
    if shutil.which("curl") is None:
        print("curl is not installed: skipped")
        sys.exit(77)
    practice.main()
