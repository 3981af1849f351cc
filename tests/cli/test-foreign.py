#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud that is full of other people's things, with the same names, prefixes and tags of other deployments: after building and taking down they are
as they were, answer by answer."""
import json

import cli
from cloud import Cloud, differences

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com", "apigateway.amazonaws.com"]}, "Action": "sts:AssumeRole"}]})
ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]})
POLICIES = ["Lambda-Write-DynamoDB", "Lambda-SNS-Publish", "Lambda-DynamoDBStreams-Read", "Lambda-Read-SQS"]
ROLES = ["Lambda-SQS-DynamoDB", "Lambda-DynamoDBStreams-SNS", "APIGateway-SQS"]
FUNCTIONS = ["POC-Lambda-1", "POC-Lambda-2"]


class Foreign(cli.CliCase):
    def setUp(self):
        super().setUp()
        values = self.home.start_practice()
        self.cloud = Cloud(lambda service: cli.client(values, service))
        self.empty = self.cloud.dump()

    def make_queue(self, name, tags):
        sqs = self.cloud.clients["sqs"]
        url = sqs.create_queue(QueueName=name, tags=tags, Attributes={"VisibilityTimeout": "31"})["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="somebody's")

    def make_table(self, name, tags):
        dynamodb = self.cloud.clients["dynamodb"]
        dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "orderID", "KeyType": "HASH"}],
                              AttributeDefinitions=[{"AttributeName": "orderID", "AttributeType": "S"}],
                              Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
                              StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
        dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
        dynamodb.put_item(TableName=name, Item={"orderID": {"S": "somebody's"}})

    def make_topic(self, name, tags):
        sns = self.cloud.clients["sns"]
        arn = sns.create_topic(Name=name, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])["TopicArn"]
        sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="student@example.com")

    def make_policy(self, name, tags):
        self.cloud.clients["iam"].create_policy(PolicyName=name, PolicyDocument=ALLOW, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])

    def make_role(self, name, tags):
        iam = self.cloud.clients["iam"]
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=ALLOW)

    def make_function(self, name, tags):
        self.cloud.clients["lambda"].create_function(FunctionName=name, Runtime="python3.13", Handler="a.b", Role=self.role, Tags=tags,
                                                     Code={"ZipFile": cli.archive({"a.py": "def b(event, context): pass"})})

    def make_api(self, name, tags):
        gateway = self.cloud.clients["apigateway"]
        api = gateway.create_rest_api(name=name, tags=tags)["id"]
        root = gateway.get_resources(restApiId=api)["items"][0]["id"]
        gateway.put_method(restApiId=api, resourceId=root, httpMethod="POST", authorizationType="NONE")
        gateway.put_integration(restApiId=api, resourceId=root, httpMethod="POST", type="MOCK")
        gateway.create_deployment(restApiId=api, stageName="prod")

    def make_log_group(self, name, tags):
        logs = self.cloud.clients["logs"]
        logs.create_log_group(logGroupName=name, tags=tags)
        logs.create_log_stream(logGroupName=name, logStreamName="somebody's")

    def make_used_role(self):
        iam = self.cloud.clients["iam"]
        self.role = iam.create_role(RoleName="used", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        iam.attach_role_policy(RoleName="used", PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs")

    def make_all(self, suffix, tags):
        self.make_queue("POC-Queue" + suffix, tags)
        self.make_table("orders" + suffix, tags)
        self.make_topic("POC-Topic" + suffix, tags)
        self.make_api("POC-API" + suffix, tags)
        for name in POLICIES:
            self.make_policy(name + suffix, tags)
        for name in ROLES:
            self.make_role(name + suffix, tags)
        for name in FUNCTIONS:
            self.make_function(name + suffix, tags)
            self.make_log_group("/aws/lambda/" + name + suffix, tags)

    def test_crowd(self):
        """Other names, and names that begin like ours; tags of other deployments, of which one has an id that ours begins with."""
        self.make_used_role()
        self.make_all("", {"millrace:deployment": "order-pipeline-zzzz", "millrace:tutorial": "order-pipeline"})
        self.make_all("-mine-2", {"millrace:deployment": "order-pipeline", "Name": "somebody"})
        self.make_all("-min", {})
        self.make_api("POC-API-mine", {})
        self.cloud.clients["apigateway"].update_account(
            patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": self.role}])
        before = self.cloud.dump()
        self.done(self.home.cli("run", "order-pipeline", "--set", "NameSuffix=-mine"))
        self.assertEqual(differences(before, self.cloud.dump()), [])

        # all of them but what bears somebody's tags is nobody's orphan
        self.assertEqual({each["id"] for each in self.done(self.home.cli("list", "--orphans"))}, {"order-pipeline-zzzz", "order-pipeline"})
        self.assertEqual(differences(before, self.cloud.dump()), [])

    def test_taken(self):
        """One name at a time is somebody's: it is named, everything of ours can be taken down, and another name does."""
        taken = ([(self.make_queue, "POC-Queue"), (self.make_table, "orders"), (self.make_topic, "POC-Topic")] +
                 [(self.make_policy, POLICIES[-1]), (self.make_role, ROLES[-1]), (self.make_function, FUNCTIONS[-1])])
        self.make_used_role()
        for make, name in taken:
            with self.subTest(name=name):
                make(name, {"millrace:deployment": "order-pipeline-zzzz"})
                before = self.cloud.dump()
                events = self.failed(self.home.cli("deploy", "order-pipeline"), f"“{name}”", "another name")
                deployment = self.of(events, "deployment")[0]["id"]
                self.assertEqual(self.of(self.done(self.home.cli("cleanup", deployment)), "cleanup")[-1]["left"], 0)
                self.assertEqual(differences(before, self.cloud.dump()), [])
                with self.subTest(orphan=name):
                    self.done(self.home.cli("cleanup", "--orphans"))

    def test_another_name(self):
        self.make_queue("POC-Queue", {})
        before = self.cloud.dump()
        deployment = self.of(self.failed(self.home.cli("deploy", "order-pipeline"), "“POC-Queue”"), "deployment")[0]["id"]
        self.failed(self.home.cli("resume", deployment), "“POC-Queue”")
        self.failed(self.home.cli("resume", deployment, "--set", "TableName=others"), "in use")
        self.done(self.home.cli("resume", deployment, "--set", "QueueName=Another-Queue"))
        self.assertEqual({each["state"] for each in self.of(self.home.cli("status", deployment)[1], "resource")}, {"verified"})
        self.done(self.home.cli("cleanup", deployment))
        self.assertEqual(differences(before, self.cloud.dump()), [])


if __name__ == "__main__":
    cli.main()
