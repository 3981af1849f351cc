# SPDX-License-Identifier: GPL-3.0-or-later
"""The practice cloud's door: Host, signatures, protocols, the event stream."""
import json
import os
import shutil
import socket
import subprocess
import unittest
import urllib.parse

import practice
from practice import PracticeCase


class Door(PracticeCase):
    def post(self, service, body, headers=None, **options):
        headers = dict({"Content-Type": "application/x-www-form-urlencoded"}, **(headers or {}))
        signed = self.practice.signed_headers(service, "POST", "/", body=body, headers=headers, **options)
        return self.practice.request("POST", "/", signed, body, host=signed["host"])

    def test_identity(self):
        answer = self.practice.client("sts").get_caller_identity()
        self.assertEqual(answer["Arn"], "arn:aws:iam::000000000000:root")
        self.assertEqual(answer["Account"], "000000000000")

    def test_host(self):
        port = self.practice.port_in_use
        for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}", f"any.localhost:{port}", f"LOCALHOST:{port}"):
            status, _, body = self.post("sts", b"Action=GetCallerIdentity&Version=2011-06-15", host=host)
            self.assertEqual(status, 200, (host, body))
        for host in ("example.com", f"example.com:{port}", f"127.0.0.1.example.com:{port}", "localhost", f".localhost:{port}",
                     f"127.0.0.1:{port + 1}", f"evillocalhost:{port}"):
            status, _, body = self.practice.request("GET", "/", host=host)
            self.assertEqual(status, 403, (host, body))

    def test_no_signature(self):
        status, _, body = self.practice.request("GET", "/")
        self.assertEqual((status, json.loads(body)["message"]), (403, "Missing Authentication Token"))
        status, _, body = self.practice.request("POST", "/", {"Content-Type": "application/x-www-form-urlencoded"},
                                                b"Action=GetCallerIdentity&Version=2011-06-15")
        self.assertEqual(status, 403)
        self.assertIn(b"<Code>MissingAuthenticationToken</Code><Message>Missing Authentication Token</Message>", body)

    def test_wrong_key(self):
        self.fails("InvalidClientTokenId", self.practice.client("sts", access_key="AKIAAAAAAAAAAAAAAAAA").get_caller_identity,
                   message="The security token included in the request is invalid.", status=403)
        self.fails("UnrecognizedClientException",
                   self.practice.client("resourcegroupstaggingapi", access_key="AKIAAAAAAAAAAAAAAAAA").get_resources)
        self.fails("InvalidClientTokenId", self.practice.client("sts", token="x").get_caller_identity)

    def test_wrong_secret(self):
        error = self.fails("SignatureDoesNotMatch", self.practice.client("sts", secret_key="x" * 40).get_caller_identity, status=403)
        self.assertTrue(error["Message"].startswith("The request signature we calculated does not match"))
        self.fails("InvalidSignatureException",
                   self.practice.client("resourcegroupstaggingapi", secret_key="x" * 40).get_resources)

    def test_changed_body(self):
        body = b"Action=GetCallerIdentity&Version=2011-06-15"
        signed = self.practice.signed_headers("sts", "POST", "/", body=body)
        status, _, answer = self.practice.request("POST", "/", signed, body + b"&X=1")
        self.assertEqual(status, 403)
        self.assertIn(b"SignatureDoesNotMatch", answer)

    def test_wrong_date(self):
        body = b"Action=GetCallerIdentity&Version=2011-06-15"
        status, _, answer = self.post("sts", body, amz_date="20200101T000000Z")
        self.assertEqual(status, 403)
        self.assertIn(b"<Code>SignatureDoesNotMatch</Code><Message>Signature expired: 20200101T000000Z is now earlier than ", answer)
        status, _, answer = self.post("sts", body, amz_date="20990101T000000Z")
        self.assertIn(b"Signature not yet current", answer)
        for wrong in ("20200101", "2020-01-01T00:00Z", "20201399T000000Z"):
            status, _, answer = self.post("sts", body, amz_date=wrong)
            self.assertIn(b"IncompleteSignature", answer)

    def test_broken_authorization(self):
        for text in ("", "Basic abc", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b", "AWS4-HMAC-SHA256 " + "x" * 5000,
                     "AWS4-HMAC-SHA256 Credential=a/20200101/us-east-1/sts/aws4_request, SignedHeaders=, Signature=0",
                     "AWS4-HMAC-SHA256 Credential=////aws4_request,SignedHeaders=host,Signature="):
            status, _, _ = self.practice.request("GET", "/", {"Authorization": text})
            self.assertEqual(status, 403, text)

    def test_unknown(self):
        status, _, answer = self.post("sts", b"Action=Nothing&Version=2011-06-15")
        self.assertEqual(status, 400)
        self.assertIn(b"<Code>InvalidAction</Code><Message>Could not find operation Nothing for version 2011-06-15</Message>", answer)
        status, _, answer = self.post("sts", b"A.1=x&A=y&Action=GetCallerIdentity")
        self.assertIn(b"<Code>MalformedQueryString</Code>", answer)
        error = self.fails("UnknownService", self.practice.client("kinesis").list_streams)
        self.assertIn("does not have the service", error["Message"])
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "ResourceGroupsTaggingAPI_20170126.Nothing"}
        status, _, answer = self.post("tagging", b"{}", headers)
        self.assertEqual((status, json.loads(answer)["__type"]), (400, "UnknownOperationException"))
        headers["X-Amz-Target"] = "ResourceGroupsTaggingAPI_20170126.GetResources"
        for body in (b"{", b"[]", b"[" * 100000, b"\xff", b"{'a': 1}"):
            status, _, answer = self.post("tagging", body, headers)
            self.assertEqual((status, json.loads(answer)["__type"]), (400, "SerializationException"))

    def test_encoded_paths(self):
        # The path is signed as it is on the wire; libsoup must not have decoded it.
        names = ("a b", "a+b", "a%b", "a/b", "a@b", "a~b", "arn:aws:lambda:us-east-1:000000000000:function:f", "\u00fc")
        aws_lambda = self.practice.client("lambda", parameter_validation=False)
        for name in names:
            with self.assertRaises(practice.ClientError) as caught:
                aws_lambda.get_function(FunctionName=name)
            self.assertNotEqual(caught.exception.response["Error"]["Code"], "InvalidSignatureException", name)
        gateway = self.practice.client("apigateway", parameter_validation=False)
        for name in names:
            with self.assertRaises(practice.ClientError) as caught:
                gateway.untag_resource(resourceArn=name, tagKeys=names)
            self.assertNotEqual(caught.exception.response["Error"]["Code"], "InvalidSignatureException", name)

    def test_too_large(self):
        status, _, _ = self.practice.request("POST", "/", body=bytes(71 * 1024 * 1024))
        self.assertEqual(status, 413)
        chunk = bytes(1024 * 1024)
        status, _, _ = self.practice.request("POST", "/", body=(chunk for _ in range(72)))
        self.assertEqual(status, 413)
        self.test_identity()

    def test_json_answer_of_query(self):
        body = b"Action=GetCallerIdentity&Version=2011-06-15"
        status, headers, answer = self.post("sts", body, {"Accept": "application/json"})
        self.assertEqual((status, headers["content-type"]), (200, "application/json"))
        self.assertEqual(json.loads(answer)["GetCallerIdentityResponse"]["GetCallerIdentityResult"]["Account"], "000000000000")

    def test_tagging_empty(self):
        answer = self.practice.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "k", "Values": ["v"]}])
        self.assertEqual((answer["PaginationToken"], answer["ResourceTagMappingList"]), ("", []))

    def test_hang_up(self):
        # A client that goes away in a long poll must not take a message with it.
        sqs = self.practice.client("sqs")
        url = sqs.create_queue(QueueName="hang-up")["QueueUrl"]
        body = urllib.parse.urlencode({"Action": "ReceiveMessage", "Version": "2012-11-05", "QueueUrl": url, "WaitTimeSeconds": 20}).encode()
        headers = self.practice.signed_headers("sqs", "POST", "/", body=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", self.practice.port_in_use)) as connection:
                connection.sendall(f"POST / HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
                # Its answer tells that the request before it, on another connection, is waiting.
                sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        sqs.send_message(QueueUrl=url, MessageBody="for the living")
        received = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
        self.assertEqual([message["Body"] for message in received], ["for the living"])

    @unittest.skipIf(shutil.which("aws") is None, "the AWS CLI is not installed")
    def test_command_line(self):
        done = subprocess.run(["aws", "sts", "get-caller-identity", "--endpoint-url", self.practice.url, "--output", "json"], capture_output=True,
                              text=True, timeout=60, env=dict(os.environ, **self.practice.environment_for_children()))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["Account"], "000000000000")

    def test_events(self):
        self.assertEqual([event["seq"] for event in self.practice.events()], list(range(1, len(self.practice.events()) + 1)))
        status, _, _ = self.practice.request("GET", "/_millrace/events?after=0")
        self.assertEqual(status, 403)


if __name__ == "__main__":
    practice.main()
