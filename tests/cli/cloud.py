# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that is in a cloud, as boto3 sees it: to hold before against after."""
import json
import re

SERVICES = ("apigateway", "dynamodb", "iam", "lambda", "logs", "sns", "sqs")
# What changes by itself, without anybody's doing.
VOLATILE = {"ResponseMetadata", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible",
            "RoleLastUsed", "storedBytes", "Location", "TableSizeBytes", "ItemCount", "lastIngestionTime",
            "LastUpdateStatus", "LastUpdateStatusReason", "LastUpdateStatusReasonCode"}


def plain(value):
    """For json, without what is volatile."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items() if name not in VOLATILE}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


class Cloud:
    """@client: a function that makes a client of a service."""

    def __init__(self, client):
        self.clients = {name: client(name) for name in SERVICES}

    def pages(self, service, operation, member, **parameters):
        client = self.clients[service]
        if client.can_paginate(operation):
            for page in client.get_paginator(operation).paginate(**parameters):
                yield from page.get(member, [])
        else:
            yield from getattr(client, operation)(**parameters).get(member, [])

    def ask(self, found, service, operation, missing=(), **parameters):
        """Adds the answer; what is missing is nothing."""
        client = self.clients[service]
        try:
            found[" ".join([service, operation, *map(str, parameters.values())])] = plain(getattr(client, operation)(**parameters))
        except client.exceptions.ClientError as error:
            if not re.search("NotFound|NoSuch|NonExistent", error.response["Error"]["Code"]):
                raise

    def dump(self):
        """{question: answer}"""
        found = {}
        for url in self.pages("sqs", "list_queues", "QueueUrls"):
            self.ask(found, "sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])
            self.ask(found, "sqs", "list_queue_tags", QueueUrl=url)
        for topic in self.pages("sns", "list_topics", "Topics"):
            self.ask(found, "sns", "get_topic_attributes", TopicArn=topic["TopicArn"])
            self.ask(found, "sns", "list_tags_for_resource", ResourceArn=topic["TopicArn"])
        for subscription in self.pages("sns", "list_subscriptions", "Subscriptions"):
            found["subscription " + " ".join(map(str, subscription.values()))] = plain(subscription)
            if subscription["SubscriptionArn"].startswith("arn:"):
                self.ask(found, "sns", "get_subscription_attributes", SubscriptionArn=subscription["SubscriptionArn"])
        for table in self.pages("dynamodb", "list_tables", "TableNames"):
            self.ask(found, "dynamodb", "describe_table", TableName=table)
            arn = self.clients["dynamodb"].describe_table(TableName=table)["Table"]["TableArn"]
            self.ask(found, "dynamodb", "list_tags_of_resource", ResourceArn=arn)
            self.ask(found, "dynamodb", "scan", TableName=table)
        for role in self.pages("iam", "list_roles", "Roles"):
            self.ask(found, "iam", "get_role", RoleName=role["RoleName"])
            self.ask(found, "iam", "list_attached_role_policies", RoleName=role["RoleName"])
            for policy in self.pages("iam", "list_role_policies", "PolicyNames", RoleName=role["RoleName"]):
                self.ask(found, "iam", "get_role_policy", RoleName=role["RoleName"], PolicyName=policy)
        for policy in self.pages("iam", "list_policies", "Policies", Scope="Local"):
            self.ask(found, "iam", "get_policy", PolicyArn=policy["Arn"])
            self.ask(found, "iam", "list_entities_for_policy", PolicyArn=policy["Arn"])
            for version in self.pages("iam", "list_policy_versions", "Versions", PolicyArn=policy["Arn"]):
                self.ask(found, "iam", "get_policy_version", PolicyArn=policy["Arn"], VersionId=version["VersionId"])
        for function in self.pages("lambda", "list_functions", "Functions"):
            self.ask(found, "lambda", "get_function", FunctionName=function["FunctionName"])
            self.ask(found, "lambda", "get_policy", FunctionName=function["FunctionName"])
        for mapping in self.pages("lambda", "list_event_source_mappings", "EventSourceMappings"):
            found["mapping " + mapping["UUID"]] = plain({name: value for name, value in mapping.items() if name != "LastProcessingResult"})
        for group in self.pages("logs", "describe_log_groups", "logGroups"):
            found["log group " + group["logGroupName"]] = plain(group)
            self.ask(found, "logs", "list_tags_log_group", logGroupName=group["logGroupName"])
            for stream in self.pages("logs", "describe_log_streams", "logStreams", logGroupName=group["logGroupName"]):
                self.ask(found, "logs", "get_log_events", logGroupName=group["logGroupName"], logStreamName=stream["logStreamName"])
        self.ask(found, "apigateway", "get_account")
        for api in self.pages("apigateway", "get_rest_apis", "items"):
            self.ask(found, "apigateway", "get_rest_api", restApiId=api["id"])
            self.ask(found, "apigateway", "get_stages", restApiId=api["id"])
            self.ask(found, "apigateway", "get_deployments", restApiId=api["id"])
            self.ask(found, "apigateway", "get_resources", restApiId=api["id"], embed=["methods"])
        return found


def differences(before, after):
    """Lines that say what is other, none where nothing is."""
    lines = [f"gone: {name}" for name in before if name not in after]
    lines += [f"new: {name}: {json.dumps(after[name])[:300]}" for name in after if name not in before]
    lines += [f"other: {name}:\n  {json.dumps(before[name])}\n  {json.dumps(after[name])}" for name in before
              if name in after and json.dumps(before[name], sort_keys=True) != json.dumps(after[name], sort_keys=True)]
    return lines
