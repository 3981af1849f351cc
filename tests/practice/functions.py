# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of functions share: zips, roles and functions that are ready to be used."""
import base64
import io
import json
import uuid
import zipfile

from practice import PracticeCase

TRUST = {"Version": "2012-10-17",
         "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
QUEUE = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
STREAM = ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams"]


def unique(prefix):
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


def make_zip(source=None, files=None):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in (files or {"lambda_function.py": source}).items():
            archive.writestr(name, text)
    return data.getvalue()


def policy(*actions):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]})


class FunctionCase(PracticeCase):
    def setUp(self):
        self.functions = self.practice.client("lambda")
        self.iam = self.practice.client("iam")
        self.logs = self.practice.client("logs")
        self.sqs = self.practice.client("sqs")
        self.tables = self.practice.client("dynamodb")

    def make_role(self, *actions):
        name = unique("role")
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        if actions:
            self.iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=policy(*actions))
        return arn

    def allow(self, role, *actions):
        self.iam.put_role_policy(RoleName=role.rsplit("/", 1)[1], PolicyName="may", PolicyDocument=policy(*actions))

    def make(self, source, role=None, name=None, handler="lambda_function.lambda_handler", files=None, **settings):
        """A function that is Active; its name."""
        name = name or unique("function")
        self.functions.create_function(FunctionName=name, Runtime="python3.13", Handler=handler, Role=role or self.make_role(*LOGS),
                                       Code={"ZipFile": make_zip(source, files)}, **settings)
        self.wait_active(name)
        return name

    def wait_active(self, name):
        def ready():
            found = self.functions.get_function_configuration(FunctionName=name)
            return found["State"] == "Active" and found["LastUpdateStatus"] == "Successful"
        self.wait_for(ready)

    def invoke(self, name, event=None, **options):
        """(what it returned, the kind of error or None, the end of its log)"""
        answer = self.functions.invoke(FunctionName=name, Payload=json.dumps(event if event is not None else {}), LogType="Tail", **options)
        log = base64.b64decode(answer["LogResult"]).decode(errors="replace")
        return json.loads(answer["Payload"].read()), answer.get("FunctionError"), log

    def lines(self, name, **options):
        """The function's log events, without their line ends."""
        try:
            events = self.logs.filter_log_events(logGroupName=f"/aws/lambda/{name}", **options)["events"]
        except self.logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"].rstrip("\n") for event in events]

    def records(self, name):
        """The events that a function with `print(json.dumps(event))` got, by its log."""
        return [json.loads(line)["Records"] for line in self.lines(name) if line.startswith('{"Records"')]

    def make_queue(self, **attributes):
        """(URL, ARN)"""
        url = self.sqs.create_queue(QueueName=unique("queue"), Attributes={k: str(v) for k, v in attributes.items()})["QueueUrl"]
        return url, self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def make_table(self, view="NEW_AND_OLD_IMAGES"):
        """(name, the stream's ARN)"""
        name = unique("table")
        self.tables.create_table(TableName=name, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
                                 AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                                 StreamSpecification={"StreamEnabled": True, "StreamViewType": view})
        table = self.wait_for(lambda: self.active_table(name))
        return name, table["LatestStreamArn"]

    def active_table(self, name):
        table = self.tables.describe_table(TableName=name)["Table"]
        return table if table["TableStatus"] == "ACTIVE" else None

    def map(self, function, source_arn, **settings):
        """An enabled mapping; its UUID."""
        uid = self.functions.create_event_source_mapping(FunctionName=function, EventSourceArn=source_arn, **settings)["UUID"]
        self.wait_mapping(uid, "Enabled")
        return uid

    def wait_mapping(self, uid, state):
        self.wait_for(lambda: self.functions.get_event_source_mapping(UUID=uid)["State"] == state)
