#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a cloud for everything that a clean-up's report says is gone. Knows nothing of Millrace but the report.

    check_report.py REPORT.json     with boto3's own settings for region, credentials and endpoint
"""
import json
import os
import re
import sys

import boto3
from botocore.exceptions import ClientError

GONE = re.compile("NotFound|NoSuch|NonExistent|DoesNotExist")


def clients(region, **settings):
    cache = {}

    def client(service):
        if service not in cache:
            cache[service] = boto3.client(service, region_name=region, **settings)
        return cache[service]
    return client


def question(client, resource, report):
    """A function that raises where the resource is gone, and answers something where it is there."""
    id, name = resource["physicalId"], resource["name"]
    apis = [each["physicalId"] for each in report["resources"] if each["type"] == "AWS::ApiGateway::RestApi"]
    queues = [each["physicalId"] for each in report["resources"] if each["type"] == "AWS::SQS::Queue"]
    gateway = client("apigateway")
    return {
        "AWS::IAM::ManagedPolicy": lambda: client("iam").get_policy(PolicyArn=resource["arn"]),
        "AWS::IAM::Role": lambda: client("iam").get_role(RoleName=name),
        "AWS::SQS::Queue": lambda: client("sqs").get_queue_url(QueueName=name),
        "AWS::SQS::QueuePolicy": lambda: [client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]) for url in queues],
        "AWS::DynamoDB::Table": lambda: client("dynamodb").describe_table(TableName=name),
        "AWS::Lambda::Function": lambda: client("lambda").get_function(FunctionName=name),
        "AWS::Lambda::EventSourceMapping": lambda: client("lambda").get_event_source_mapping(UUID=id),
        "AWS::SNS::Topic": lambda: client("sns").get_topic_attributes(TopicArn=resource["arn"]),
        "AWS::SNS::Subscription": lambda: client("sns").get_subscription_attributes(SubscriptionArn=resource["arn"]),
        "AWS::ApiGateway::RestApi": lambda: gateway.get_rest_api(restApiId=id),
        "AWS::ApiGateway::Stage": lambda: [gateway.get_stage(restApiId=api, stageName=name) for api in apis],
        "AWS::ApiGateway::Deployment": lambda: [gateway.get_deployment(restApiId=api, deploymentId=id) for api in apis],
        "AWS::ApiGateway::Method": lambda: [gateway.get_resources(restApiId=api) for api in apis],
        "AWS::ApiGateway::Resource": lambda: [gateway.get_resource(restApiId=api, resourceId=id) for api in apis],
        "AWS::Logs::LogGroup": lambda: log_group(client, name),
    }[resource["type"]]


def log_group(client, name):
    found = [each for each in client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"] if each["logGroupName"] == name]
    if not found:
        raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "DescribeLogGroups")
    return found


def check(report, client):
    """Sentences about what is wrong; none where the report is right."""
    wrong = []
    for resource in report["resources"]:
        what = f"{resource['logicalId']} ({resource['type']})"
        if not resource["physicalId"] or resource.get("replaced") or resource.get("borrowed"):
            continue
        if resource["state"] != "deleted" or not resource["proof"].get("answer"):
            wrong.append(f"{what} is {resource['state']}, without a proof")
        for time in ("made", "deleted"):
            if not re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", resource.get(time, "")):
                wrong.append(f"{what}: no time when it was {time}")
        if not resource.get("madeRequestId"):
            wrong.append(f"{what}: not by which request it was made")
        try:
            answer = question(client, resource, report)()
            wrong.append(f"{what} is there: {answer}")
        except ClientError as error:
            if not GONE.search(error.response["Error"]["Code"]):
                wrong.append(f"{what}: {error}")
    for group in report["logGroups"]:
        try:
            if not group["olderThanFunction"]:
                wrong.append(f"{group['logGroup']} is there: {log_group(client, group['logGroup'])}")
        except ClientError:
            pass
    tagged = client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "millrace:deployment", "Values": [report["deployment"]]}])
    wrong += [f"{each['ResourceARN']} bears the tag" for each in tagged["ResourceTagMappingList"]]
    if report["left"]:
        wrong.append(f"left: {report['left']}")
    return wrong


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        report = json.load(file)
    wrong = check(report, clients(report["region"], endpoint_url=os.environ.get("AWS_ENDPOINT_URL")))
    print("\n".join(wrong) or f"{len(report['resources'])} resources of {report['deployment']}: all gone")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
