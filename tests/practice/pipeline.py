# SPDX-License-Identifier: GPL-3.0-or-later
"""A small pipeline for tests that put the practice cloud under load: API Gateway -> queue -> function -> table."""
import io
import json
import time
import zipfile

CODE = """
import boto3, json, os, time

table = boto3.client("dynamodb")

def handler(event, context):
    for record in event.get("Records", []):
        time.sleep(float(os.environ["SECONDS"]))
        table.put_item(TableName="load", Item={"id": {"S": record["body"]}, "message": {"S": record["messageId"]}})
        print("STORED", record["body"])
    return {"slept": event.get("slept")}
"""


def trust(service):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]})


def archive(code):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("index.py", code)
    return data.getvalue()


class Pipeline:
    """Makes it in a practice cloud: what is posted at its URL comes to the table "load" after some seconds an order."""

    def __init__(self, cloud, seconds=0):
        iam, sqs, dynamodb = cloud.client("iam"), cloud.client("sqs"), cloud.client("dynamodb")
        functions, gateway = cloud.client("lambda"), cloud.client("apigateway")
        everything = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
        roles = {}
        for service in ("lambda", "apigateway"):
            roles[service] = iam.create_role(RoleName=service, AssumeRolePolicyDocument=trust(service + ".amazonaws.com"))["Role"]["Arn"]
            iam.put_role_policy(RoleName=service, PolicyName="everything", PolicyDocument=everything)
        dynamodb.create_table(TableName="load", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                              AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
        dynamodb.get_waiter("table_exists").wait(TableName="load", WaiterConfig={"Delay": 1})
        self.queue = sqs.create_queue(QueueName="load", Attributes={"VisibilityTimeout": "5"})["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        functions.create_function(FunctionName="load", Runtime="python3.13", Role=roles["lambda"], Handler="index.handler", Timeout=5,
                                  Code={"ZipFile": archive(CODE)}, Environment={"Variables": {"SECONDS": str(seconds)}})
        while functions.get_function_configuration(FunctionName="load")["State"] != "Active":
            time.sleep(0.05)
        mapping = functions.create_event_source_mapping(EventSourceArn=arn, FunctionName="load", BatchSize=10)["UUID"]
        while functions.get_event_source_mapping(UUID=mapping)["State"] != "Enabled":
            time.sleep(0.05)
        api = gateway.create_rest_api(name="load")["id"]
        root = gateway.get_resources(restApiId=api)["items"][0]["id"]
        method = {"restApiId": api, "resourceId": root, "httpMethod": "POST"}
        gateway.put_method(authorizationType="NONE", **method)
        gateway.put_method_response(statusCode="200", **method)
        gateway.put_integration(
            type="AWS", integrationHttpMethod="POST", credentials=roles["apigateway"],
            uri=f"arn:aws:apigateway:{cloud.region}:sqs:path/{arn.rsplit(':', 2)[1]}/load",
            requestParameters={"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
            requestTemplates={"application/json": "Action=SendMessage&MessageBody=$util.urlEncode($input.body)"}, **method)
        gateway.put_integration_response(statusCode="200", **method)
        gateway.create_deployment(restApiId=api, stageName="prod")
        self.url = cloud.invoke_url(api, "prod")

    @staticmethod
    def stored(cloud):
        """The bodies in the table."""
        pages = cloud.client("dynamodb").get_paginator("scan").paginate(TableName="load", ConsistentRead=True)
        return {item["id"]["S"] for page in pages for item in page["Items"]}
