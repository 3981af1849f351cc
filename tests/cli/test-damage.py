#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every resource of a deployment is deleted, replaced and changed by hand, one at a time: the status tells, and clean-up leaves nothing of ours and
everything of others.

A run takes every fifth of the damages, always the same; MILLRACE_ALL_POINTS=1 takes all.
"""
import json
import os
import re
import time
import urllib.request

import cli
from cloud import Cloud, differences

ALL = os.environ.get("MILLRACE_ALL_POINTS") == "1"
NOBODY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
NOTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})


class Damage(cli.CliCase):
    def setUp(self):
        super().setUp()
        values = self.home.start_practice()
        self.cloud = Cloud(lambda service: cli.client(values, service))
        self.before = self.cloud.dump()

    def deploy_all(self):
        self.deployment = self.deploy()
        self.confirm_newest()
        status = self.done(self.home.cli("status", self.deployment))
        self.ids = {each["id"]: each for each in self.of(status, "resource")}
        self.assertEqual({each["state"] for each in self.ids.values()}, {"verified"})

    def confirm_newest(self):
        mails = self.of(self.done(self.home.cli("inbox", "--wait", "10")), "mail")
        link = re.search(r"http://\S*/confirmation\.html\S*", [mail for mail in mails if "confirmation.html" in mail["body"]][-1]["body"]).group()
        with urllib.request.urlopen(link, timeout=10) as answer:
            self.assertEqual(answer.status, 200)

    def name(self, id):
        return self.ids[id]["name"]

    def arn(self, id):
        return self.ids[id]["arn"]

    # how each type is deleted, made again, and changed

    def policy(self, id):
        iam = self.cloud.clients["iam"]
        arn = self.arn(id)

        def delete():
            for role in iam.list_entities_for_policy(PolicyArn=arn)["PolicyRoles"]:
                iam.detach_role_policy(RoleName=role["RoleName"], PolicyArn=arn)
            iam.delete_policy(PolicyArn=arn)
        return (delete, lambda: iam.create_policy(PolicyName=self.name(id), PolicyDocument=NOTHING),
                lambda: iam.create_policy_version(PolicyArn=arn, PolicyDocument=NOTHING, SetAsDefault=True))

    def role(self, id):
        iam = self.cloud.clients["iam"]
        name = self.name(id)

        def delete():
            for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
                iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
            iam.delete_role(RoleName=name)
        return (delete, lambda: iam.create_role(RoleName=name, AssumeRolePolicyDocument=NOBODY),
                lambda: iam.update_assume_role_policy(RoleName=name, PolicyDocument=NOBODY))

    def table(self, id):
        dynamodb = self.cloud.clients["dynamodb"]
        name = self.name(id)

        def make():
            dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "orderID", "KeyType": "HASH"}],
                                  AttributeDefinitions=[{"AttributeName": "orderID", "AttributeType": "S"}])
            dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
            dynamodb.put_item(TableName=name, Item={"orderID": {"S": "somebody else's"}})
        return (lambda: dynamodb.delete_table(TableName=name), make,
                lambda: dynamodb.update_table(TableName=name, StreamSpecification={"StreamEnabled": False}))

    def queue(self, id):
        sqs = self.cloud.clients["sqs"]
        name = self.name(id)
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        return (lambda: sqs.delete_queue(QueueUrl=url), lambda: sqs.create_queue(QueueName=name),
                lambda: sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "77"}))

    def queue_policy(self, id):
        sqs = self.cloud.clients["sqs"]
        url = sqs.get_queue_url(QueueName=self.name("Queue"))["QueueUrl"]

        def other():
            policy = json.loads(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"])
            policy["Statement"] = policy["Statement"][:1]
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        return lambda: sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""}), None, other

    def function(self, id):
        functions = self.cloud.clients["lambda"]
        name = self.name(id)
        made = functions.get_function(FunctionName=name)["Configuration"]

        def make():
            functions.create_function(FunctionName=name, Runtime=made["Runtime"], Handler="a.b", Role=made["Role"], Code={"ZipFile": cli.archive({"a.py": "def b(event, context): pass"})})
        return (lambda: functions.delete_function(FunctionName=name), make,
                lambda: functions.update_function_configuration(FunctionName=name, Timeout=77))

    def mapping(self, id):
        functions = self.cloud.clients["lambda"]
        uuid = self.arn(id).rsplit(":", 1)[1]
        made = functions.get_event_source_mapping(UUID=uuid)
        others = {"StartingPosition": "LATEST"} if "stream" in made["EventSourceArn"] else {}

        def make():
            functions.create_event_source_mapping(FunctionName=made["FunctionArn"], EventSourceArn=made["EventSourceArn"], BatchSize=1, **others)
        return (lambda: functions.delete_event_source_mapping(UUID=uuid), make,
                lambda: functions.update_event_source_mapping(UUID=uuid, Enabled=False))

    def topic(self, id):
        sns = self.cloud.clients["sns"]
        arn = self.arn(id)
        return (lambda: sns.delete_topic(TopicArn=arn), lambda: sns.create_topic(Name=self.name(id)),
                lambda: sns.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="other"))

    def subscription(self, id):
        sns = self.cloud.clients["sns"]
        arn = self.arn(id)
        return (lambda: sns.unsubscribe(SubscriptionArn=arn), None,
                lambda: sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue='{"a": ["b"]}'))

    def api(self, id):
        gateway = self.cloud.clients["apigateway"]
        api = self.api_id()
        return (lambda: gateway.delete_rest_api(restApiId=api), lambda: gateway.create_rest_api(name=self.name(id)),
                lambda: gateway.update_rest_api(restApiId=api, patchOperations=[{"op": "replace", "path": "/description", "value": "other"}]))

    def api_id(self):
        return self.arn("Api").rsplit("/", 1)[1]

    def method(self, id):
        gateway = self.cloud.clients["apigateway"]
        where = {"restApiId": self.api_id(), "httpMethod": "POST"}
        where["resourceId"] = gateway.get_resources(restApiId=where["restApiId"])["items"][0]["id"]
        return (lambda: gateway.delete_method(**where), None,
                lambda: gateway.update_method(**where, patchOperations=[{"op": "replace", "path": "/apiKeyRequired", "value": "true"}]))

    def stage(self, id):
        gateway = self.cloud.clients["apigateway"]
        where = {"restApiId": self.api_id(), "stageName": self.name(id)}
        return (lambda: gateway.delete_stage(**where), None,
                lambda: gateway.update_stage(**where, patchOperations=[{"op": "replace", "path": "/variables/a", "value": "b"}]))

    def api_deployment(self, id):
        gateway = self.cloud.clients["apigateway"]
        api = self.api_id()
        deployment = gateway.get_deployments(restApiId=api)["items"][0]["id"]

        def delete():
            gateway.delete_stage(restApiId=api, stageName=self.name("ApiStage"))
            gateway.delete_deployment(restApiId=api, deploymentId=deployment)
        change = {"op": "replace", "path": "/description", "value": "other"}
        return delete, None, lambda: gateway.update_deployment(restApiId=api, deploymentId=deployment, patchOperations=[change])

    MAKERS = {
        "AWS::IAM::ManagedPolicy": policy, "AWS::IAM::Role": role, "AWS::DynamoDB::Table": table, "AWS::SQS::Queue": queue,
        "AWS::SQS::QueuePolicy": queue_policy, "AWS::Lambda::Function": function, "AWS::Lambda::EventSourceMapping": mapping,
        "AWS::SNS::Topic": topic, "AWS::SNS::Subscription": subscription, "AWS::ApiGateway::RestApi": api,
        "AWS::ApiGateway::Method": method, "AWS::ApiGateway::Stage": stage, "AWS::ApiGateway::Deployment": api_deployment,
    }

    # What has no name that another could have.
    PARTS = ("AWS::SQS::QueuePolicy", "AWS::SNS::Subscription", "AWS::ApiGateway::Method", "AWS::ApiGateway::Stage", "AWS::ApiGateway::Deployment")

    def delete_apis(self):
        for api in self.cloud.clients["apigateway"].get_rest_apis()["items"]:
            self.cloud.clients["apigateway"].delete_rest_api(restApiId=api["id"])

    def damages(self):
        """(id, what is done to it)"""
        with open(os.path.join(os.environ["MILLRACE_DATA_DIR"], "tutorials", "order-pipeline", "template.json")) as file:
            resources = json.load(file)["Resources"]
        every = [(id, what) for id, resource in resources.items() for what in ("deleted", "replaced", "changed")
                 if what != "replaced" or resource["Type"] not in self.PARTS]
        self.assertEqual({resource["Type"] for resource in resources.values()}, set(self.MAKERS))
        self.types = {id: resource["Type"] for id, resource in resources.items()}
        return every if ALL else every[::5]

    def do(self, id, what):
        delete, make, change = self.MAKERS[self.types[id]](self, id)
        if what == "changed":
            change()
            return
        delete()
        if what == "replaced":
            # some know of a thing only the second in which it was made
            time.sleep(1.05)
            make()
            self.deletes = [delete if self.types[id] != "AWS::ApiGateway::RestApi" else self.delete_apis]

    def test_damage(self):
        done = 0
        for id, what in self.damages():
            self.home.cli("cleanup", "--all")
            with self.subTest(id=id, what=what):
                self.deploy_all()
                self.do(id, what)
                found = self.cloud.dump()
                status, events, _ = self.home.cli("status", self.deployment)
                states = {each["id"]: each["state"] for each in self.of(events, "resource")}
                self.assertEqual((status, states[id]), (1, "changed" if what == "changed" else "missing"))
                self.assertEqual(differences(found, self.cloud.dump()), [])
                self.assertEqual(self.of(self.done(self.home.cli("cleanup", self.deployment)), "cleanup")[-1]["left"], 0)
                # a mapping belongs to its function, whoever made it
                self.check_left(found, what == "replaced" and self.types[id] != "AWS::Lambda::EventSourceMapping")
                done += 1
        print(f"{done} damages", flush=True)

    def check_left(self, found, replaced):
        """Nothing but what somebody else put in the place of ours, as it was; then that goes, too."""
        after = self.cloud.dump()
        left = {name: value for name, value in after.items() if name not in self.before}
        self.assertEqual([line for line in differences(self.before, after) if not line.startswith("new: ")], [])
        self.assertEqual(differences(left, {name: found.get(name) for name in left}), [])
        self.assertEqual(bool(left), replaced, left)
        for delete in self.deletes if left else ():
            delete()
        self.assertEqual(differences(self.before, self.cloud.dump()), [])


if __name__ == "__main__":
    cli.main()
