#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order pipeline as a careful boto3 script makes it: one call after the other.

What millrace-cli is measured against. Endpoint, keys and region come from the environment; the argument is put behind
every name. With --patient it tries again what AWS refuses at first, once a second.
"""
import io
import json
import os
import sys
import time
import zipfile

import boto3
import botocore.exceptions

DATA = os.environ["MILLRACE_DATA_DIR"]
SUFFIX = sys.argv[1]
PATIENT = "--patient" in sys.argv
REFUSED_AT_FIRST = ("cannot be assumed by Lambda", "does not have permissions to call", "Cannot access stream", "is being updated")


def client(service):
    return boto3.client(service, endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name=os.environ["AWS_REGION"])


def patiently(call, **parameters):
    while True:
        try:
            return call(**parameters)
        except botocore.exceptions.ClientError as error:
            if not PATIENT or not any(words in str(error) for words in REFUSED_AT_FIRST):
                raise
            time.sleep(1)


def code(folder):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.write(os.path.join(DATA, "tutorials/order-pipeline/functions", folder, "lambda_function.py"), "lambda_function.py")
    return data.getvalue()


def trust(service):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]})


def main():
    iam, sqs, dynamodb = client("iam"), client("sqs"), client("dynamodb")
    functions, sns, gateway, sts = client("lambda"), client("sns"), client("apigateway"), client("sts")
    region = os.environ["AWS_REGION"]
    account = sts.get_caller_identity()["Account"]

    def policy(name, *actions):
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
        return iam.create_policy(PolicyName=name + SUFFIX, PolicyDocument=json.dumps(document))["Policy"]["Arn"]

    def role(name, service, *policies):
        arn = iam.create_role(RoleName=name + SUFFIX, AssumeRolePolicyDocument=trust(service))["Role"]["Arn"]
        for each in policies:
            iam.attach_role_policy(RoleName=name + SUFFIX, PolicyArn=each)
        return arn

    def wait_for_function(name):
        while functions.get_function(FunctionName=name)["Configuration"]["State"] != "Active":
            time.sleep(0.05)

    def wait_for_mapping(uuid):
        while functions.get_event_source_mapping(UUID=uuid)["State"] != "Enabled":
            time.sleep(0.05)

    service_role = "arn:aws:iam::aws:policy/service-role/"
    write = policy("Lambda-Write-DynamoDB", "dynamodb:PutItem", "dynamodb:DescribeTable")
    publish = policy("Lambda-SNS-Publish", "sns:Publish", "sns:GetTopicAttributes", "sns:ListTopics")
    streams = policy("Lambda-DynamoDBStreams-Read", "dynamodb:GetShardIterator", "dynamodb:DescribeStream",
                     "dynamodb:ListStreams", "dynamodb:GetRecords")
    read = policy("Lambda-Read-SQS", "sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:GetQueueAttributes",
                  "sqs:ChangeMessageVisibility")
    logs = service_role + "AWSLambdaBasicExecutionRole"
    store_role = role("Lambda-SQS-DynamoDB", "lambda.amazonaws.com", write, read, logs)
    notify_role = role("Lambda-DynamoDBStreams-SNS", "lambda.amazonaws.com", publish, streams, logs)
    gateway_role = role("APIGateway-SQS", "apigateway.amazonaws.com",
                        service_role + "AmazonAPIGatewayPushToCloudWatchLogs")

    table = "orders" + SUFFIX
    dynamodb.create_table(TableName=table, BillingMode="PAY_PER_REQUEST",
                          AttributeDefinitions=[{"AttributeName": "orderID", "AttributeType": "S"}],
                          KeySchema=[{"AttributeName": "orderID", "KeyType": "HASH"}])
    while dynamodb.describe_table(TableName=table)["Table"]["TableStatus"] != "ACTIVE":
        time.sleep(0.05)

    queue = "POC-Queue" + SUFFIX
    queue_arn = "arn:aws:sqs:%s:%s:%s" % (region, account, queue)
    url = sqs.create_queue(QueueName=queue)["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::%s:root" % account}, "Action": "SQS:*", "Resource": queue_arn},
        {"Effect": "Allow", "Principal": {"AWS": gateway_role}, "Action": "SQS:SendMessage", "Resource": queue_arn},
        {"Effect": "Allow", "Principal": {"AWS": store_role},
         "Action": ["SQS:ChangeMessageVisibility", "SQS:DeleteMessage", "SQS:ReceiveMessage"], "Resource": queue_arn}]})})

    store = "POC-Lambda-1" + SUFFIX
    patiently(functions.create_function, FunctionName=store, Runtime="python3.13", Handler="lambda_function.lambda_handler",
                              Role=store_role, Code={"ZipFile": code("store_order")},
                              Environment={"Variables": {"TABLE_NAME": table}})
    wait_for_function(store)
    wait_for_mapping(patiently(functions.create_event_source_mapping, EventSourceArn=queue_arn, FunctionName=store, BatchSize=10)["UUID"])

    stream = dynamodb.update_table(TableName=table, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    stream_arn = stream["TableDescription"]["LatestStreamArn"]

    topic = sns.create_topic(Name="POC-Topic" + SUFFIX)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="student@example.com")

    notify = "POC-Lambda-2" + SUFFIX
    patiently(functions.create_function, FunctionName=notify, Runtime="python3.13", Handler="lambda_function.lambda_handler",
                              Role=notify_role, Code={"ZipFile": code("notify_order")},
                              Environment={"Variables": {"TOPIC_ARN": topic}})
    wait_for_function(notify)
    wait_for_mapping(patiently(functions.create_event_source_mapping, EventSourceArn=stream_arn, FunctionName=notify,
                                                           StartingPosition="TRIM_HORIZON")["UUID"])

    api = gateway.create_rest_api(name="POC-API" + SUFFIX, endpointConfiguration={"types": ["REGIONAL"]})["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    method = {"restApiId": api, "resourceId": root, "httpMethod": "POST"}
    gateway.put_method(authorizationType="NONE", **method)
    gateway.put_method_response(statusCode="200", responseModels={"application/json": "Empty"}, **method)
    gateway.put_integration(type="AWS", integrationHttpMethod="POST", credentials=gateway_role,
                            uri="arn:aws:apigateway:%s:sqs:path/%s/%s" % (region, account, queue),
                            requestParameters={"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
                            requestTemplates={"application/json": "Action=SendMessage&MessageBody=$util.urlEncode($input.body)"},
                            passthroughBehavior="NEVER", **method)
    gateway.put_integration_response(statusCode="200", **method)
    deployment = gateway.create_deployment(restApiId=api)["id"]
    gateway.create_stage(restApiId=api, stageName="prod", deploymentId=deployment)
    print(json.dumps({"api": api, "stage": "prod", "table": table, "topic": topic}))


main()
