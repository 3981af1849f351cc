# SPDX-License-Identifier: GPL-3.0-or-later
"""The client against moto's server, and boto3 looking at the same things. usage: test-moto.py HELPER OPERATIONS"""

import base64
import io
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile

from oracle import Checks, Oracle, need, plain

boto3, _, _ = need("boto3", "moto", "flask")

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]})


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Moto:
    def __enter__(self):
        self.url = f"http://127.0.0.1:{free_port()}"
        self.process = subprocess.Popen([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p",
                                         self.url.rsplit(":", 1)[1]],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            try:
                urllib.request.urlopen(self.url + "/moto-api/", timeout=5).read()
                return self.url
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit("moto ended before it answered") from None
                time.sleep(0.1)
        self.__exit__()
        raise SystemExit("moto does not answer")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)


def code_zip():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("lambda_function.py", "def lambda_handler(event, context):\n    return event\n")
    return base64.b64encode(data.getvalue()).decode()


def scenario(checks, call, client):
    identity = call("sts:GetCallerIdentity")
    checks.equal("account", identity["Account"], client("sts").get_caller_identity()["Account"])

    role = call("iam:CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "k", "Value": "a b&c"}])["Role"]
    policy = call("iam:CreatePolicy", PolicyName="p", PolicyDocument=POLICY)["Policy"]
    call("iam:AttachRolePolicy", RoleName="r", PolicyArn=policy["Arn"])
    call("iam:PutRolePolicy", RoleName="r", PolicyName="inline", PolicyDocument=POLICY)
    iam = client("iam")
    checks.equal("role", call("iam:GetRole", RoleName="r")["Role"], plain(iam.get_role(RoleName="r")["Role"]))
    checks.equal("attached", call("iam:ListAttachedRolePolicies", RoleName="r")["AttachedPolicies"],
                 iam.list_attached_role_policies(RoleName="r")["AttachedPolicies"])
    checks.equal("version", call("iam:GetPolicyVersion", PolicyArn=policy["Arn"], VersionId="v1")["PolicyVersion"],
                 plain(iam.get_policy_version(PolicyArn=policy["Arn"], VersionId="v1")["PolicyVersion"]))
    checks.equal("inline", call("iam:GetRolePolicy", RoleName="r", PolicyName="inline")["PolicyDocument"],
                 json.loads(POLICY))

    queue = call("sqs:CreateQueue", QueueName="q", Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
    body = 'naïve & 日本 "x" +%\n'
    call("sqs:SendMessage", QueueUrl=queue, MessageBody=body,
         MessageAttributes={"a": {"DataType": "String", "StringValue": "v"}})
    message = client("sqs").receive_message(QueueUrl=queue, MessageAttributeNames=["All"])["Messages"][0]
    checks.equal("body", message["Body"], body)
    checks.equal("attribute", message["MessageAttributes"]["a"]["StringValue"], "v")
    call("sqs:DeleteMessage", QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    topic = call("sns:CreateTopic", Name="t", Attributes={"DisplayName": "D & E"}, Tags=[{"Key": "k", "Value": "v"}])["TopicArn"]
    sns = client("sns")
    checks.equal("topic", call("sns:GetTopicAttributes", TopicArn=topic)["Attributes"],
                 sns.get_topic_attributes(TopicArn=topic)["Attributes"])
    call("sns:Subscribe", TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    checks.equal("subscriptions", call("sns:ListSubscriptionsByTopic", TopicArn=topic)["Subscriptions"],
                 sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"])
    call("sns:Publish", TopicArn=topic, Subject="s", Message=body,
         MessageAttributes={"n": {"DataType": "Number", "StringValue": "1"}})

    call("dynamodb:CreateTable", TableName="orders", BillingMode="PAY_PER_REQUEST",
         AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
         KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
         StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    item = {"id": {"S": "1"}, "n": {"N": "12.5"}, "b": {"B": "AAH/"}, "l": {"L": [{"BOOL": True}, {"NULL": True}]}}
    call("dynamodb:PutItem", TableName="orders", Item=item)
    dynamodb = client("dynamodb")
    checks.equal("item", item, plain(dynamodb.get_item(TableName="orders", Key={"id": {"S": "1"}})["Item"]))
    table = call("dynamodb:DescribeTable", TableName="orders")["Table"]
    checks.equal("table", table, plain(dynamodb.describe_table(TableName="orders")["Table"]))
    stream = table["LatestStreamArn"]
    shard = call("dynamodbstreams:DescribeStream", StreamArn=stream)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = call("dynamodbstreams:GetShardIterator", StreamArn=stream, ShardId=shard,
                    ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    records = call("dynamodbstreams:GetRecords", ShardIterator=iterator)["Records"]
    checks.equal("stream", records[0]["dynamodb"]["NewImage"], item)

    call("lambda:CreateFunction", FunctionName="f", Runtime="python3.13", Role=role["Arn"],
         Handler="lambda_function.lambda_handler", Code={"ZipFile": code_zip()}, Environment={"Variables": {"T": "t"}})
    checks.equal("function", call("lambda:GetFunctionConfiguration", FunctionName="f"),
                 {k: v for k, v in plain(client("lambda").get_function_configuration(FunctionName="f")).items()
                  if k != "ResponseMetadata"})
    mapping = call("lambda:CreateEventSourceMapping", FunctionName="f",
                   EventSourceArn=f"arn:aws:sqs:us-east-1:{identity['Account']}:q", BatchSize=5)["UUID"]
    checks.equal("mapping", call("lambda:GetEventSourceMapping", UUID=mapping)["BatchSize"], 5)

    api = call("apigateway:CreateRestApi", name="orders")["id"]
    gateway = client("apigateway")
    root = call("apigateway:GetResources", restApiId=api)["items"][0]["id"]
    resource = call("apigateway:CreateResource", restApiId=api, parentId=root, pathPart="orders")["id"]
    call("apigateway:PutMethod", restApiId=api, resourceId=resource, httpMethod="POST", authorizationType="NONE")
    call("apigateway:PutIntegration", restApiId=api, resourceId=resource, httpMethod="POST", type="AWS",
         integrationHttpMethod="POST", uri=f"arn:aws:apigateway:us-east-1:sqs:path/{identity['Account']}/q",
         credentials=role["Arn"], passthroughBehavior="NEVER",
         requestParameters={"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
         requestTemplates={"application/json": "Action=SendMessage&MessageBody=$input.body"})
    theirs = gateway.get_integration(restApiId=api, resourceId=resource, httpMethod="POST")
    theirs.pop("ResponseMetadata")
    checks.equal("integration", call("apigateway:GetIntegration", restApiId=api, resourceId=resource, httpMethod="POST"),
                 plain(theirs))
    checks.equal("integration method", theirs["httpMethod"], "POST")
    call("apigateway:PutMethodResponse", restApiId=api, resourceId=resource, httpMethod="POST", statusCode="200")
    call("apigateway:CreateDeployment", restApiId=api, stageName="prod")
    checks.equal("stages", [s["stageName"] for s in call("apigateway:GetStages", restApiId=api)["item"]], ["prod"])

    call("logs:CreateLogGroup", logGroupName="/aws/lambda/f", tags={"k": "v"})
    checks.equal("group", call("logs:DescribeLogGroups", logGroupNamePrefix="/aws/lambda/f")["logGroups"][0]["logGroupName"],
                 "/aws/lambda/f")
    tagged = call("resourcegroupstaggingapi:GetResources", TagFilters=[{"Key": "k"}])["ResourceTagMappingList"]
    checks.equal("tagged", topic in [t["ResourceARN"] for t in tagged], True)

    call("apigateway:DeleteRestApi", restApiId=api)
    call("lambda:DeleteEventSourceMapping", UUID=mapping)
    call("lambda:DeleteFunction", FunctionName="f")
    call("sns:DeleteTopic", TopicArn=topic)
    call("dynamodb:DeleteTable", TableName="orders")
    call("sqs:DeleteQueue", QueueUrl=queue)
    call("iam:DeleteRolePolicy", RoleName="r", PolicyName="inline")
    call("iam:DetachRolePolicy", RoleName="r", PolicyArn=policy["Arn"])
    call("iam:DeletePolicy", PolicyArn=policy["Arn"])
    call("iam:DeleteRole", RoleName="r")
    call("logs:DeleteLogGroup", logGroupName="/aws/lambda/f")


def errors(checks, oracle, endpoint):
    for operation, parameters, code in (
            ("iam:GetRole", {"RoleName": "r"}, "NoSuchEntity"),
            ("sqs:GetQueueUrl", {"QueueName": "q"}, "AWS.SimpleQueueService.NonExistentQueue"),
            ("dynamodb:DescribeTable", {"TableName": "orders"}, "ResourceNotFoundException"),
            ("lambda:GetFunction", {"FunctionName": "f"}, "ResourceNotFoundException"),
            ("sns:GetTopicAttributes", {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t"}, "NotFound"),
            ("apigateway:GetRestApi", {"restApiId": "none"}, "NotFoundException")):
        answer = oracle.ask(do="call", endpoint=endpoint, access_key="AKIDEXAMPLE", secret="secret",
                            operation=operation, parameters=parameters)
        checks.equal(operation, answer.get("error", {}).get("code"), code)


def main(helper, _):
    for name in [n for n in os.environ if n.startswith("AWS_") or n.lower().endswith("_proxy")]:
        del os.environ[name]
    os.environ.update(AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null")
    checks = Checks()
    session = boto3.Session("AKIDEXAMPLE", "secret", region_name="us-east-1")
    with Moto() as endpoint, Oracle(helper) as oracle:
        def call(operation, **parameters):
            answer = oracle.ask(do="call", endpoint=endpoint, access_key="AKIDEXAMPLE", secret="secret",
                                operation=operation, parameters=parameters)
            if not checks.equal(operation, answer.get("error"), None):
                raise SystemExit(f"{operation} failed")
            return answer["result"]

        scenario(checks, call, lambda name: session.client(name, endpoint_url=endpoint))
        errors(checks, oracle, endpoint)
    checks.finish()


main(*sys.argv[1:])
