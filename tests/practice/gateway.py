# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of API Gateway share: making an API, a role and a queue, and asking the invoke URL."""
import json
import uuid

from practice import PracticeCase

TRUST = {"Version": "2012-10-17",
         "Statement": [{"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


def unique(prefix):
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


class GatewayCase(PracticeCase):
    def setUp(self):
        self.gateway = self.practice.client("apigateway")
        self.iam = self.practice.client("iam")

    def make_api(self, **options):
        """Makes an API; returns its id and its root resource's."""
        api = self.gateway.create_rest_api(name=unique("api"), **options)["id"]
        self.addCleanup(self.delete_api, api)
        return api, self.gateway.get_resources(restApiId=api)["items"][0]["id"]

    def delete_api(self, api):
        try:
            self.gateway.delete_rest_api(restApiId=api)
        except self.gateway.exceptions.NotFoundException:
            pass

    def make_resource(self, api, parent, part):
        return self.gateway.create_resource(restApiId=api, parentId=parent, pathPart=part)["id"]

    def make_method(self, api, resource, verb, integration, responses=(("200", {}),), method=None):
        """A method with its integration and its responses: (status, options of PutIntegrationResponse)."""
        where = {"restApiId": api, "resourceId": resource, "httpMethod": verb}
        self.gateway.put_method(**where, authorizationType="NONE", **(method or {}))
        self.gateway.put_integration(**where, **integration)
        for status, options in responses:
            headers = {name: True for name in options.get("responseParameters", {})}
            self.gateway.put_method_response(**where, statusCode=status, responseParameters=headers)
            self.gateway.put_integration_response(**where, statusCode=status, **options)

    def mock(self, api, resource, verb="GET", template='{"statusCode": 200}', responses=(("200", {}),), **options):
        self.make_method(api, resource, verb, {"type": "MOCK", "requestTemplates": {"application/json": template}, **options}, responses)

    def deploy(self, api, stage="dev", **options):
        return self.gateway.create_deployment(restApiId=api, stageName=stage, **options)["id"]

    def ask(self, api, path="/", method="GET", body=b"", headers=None, stage="dev"):
        """(status, headers, body as text) of a request to the invoke URL."""
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        status, answer, data = self.practice.request(method, f"/_aws/execute-api/{api}/{stage}{path}", headers, body)
        return status, answer, data.decode()

    def make_role(self, *actions, trust=TRUST):
        """A role that API Gateway may assume; returns its ARN."""
        name = unique("role")
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        if actions:
            policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
            self.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy))
        return arn

    def make_queue(self):
        """Returns a queue's name and its URL."""
        name = unique("queue")
        return name, self.practice.client("sqs").create_queue(QueueName=name)["QueueUrl"]

    def receive(self, url):
        return [m["Body"] for m in self.practice.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])]

    def events_of(self, kind, request_id):
        return [e for e in self.practice.events() if e["kind"] == kind and e.get("requestId") == request_id]
