# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes data/signatures.json: requests signed by botocore. Run it again only to add a request."""

import json
import os

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

HOST = ("Host", "service.us-east-1.amazonaws.com")
FORM = ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
CASES = [
    ("plain", "service", "GET", "/", "", [HOST], ""),
    ("post", "service", "POST", "/", "", [HOST, FORM], "Action=ListRoles&Version=2010-05-08"),
    ("json", "sqs", "POST", "/", "", [HOST, ("Content-Type", "application/x-amz-json-1.0"),
                                       ("X-Amz-Target", "AmazonSQS.SendMessage")], '{"MessageBody":"naïve 日本"}'),
    ("query order", "service", "GET", "/", "b=2&a=1&a=0&A=3&aa=&a-=1&z", [HOST], ""),
    ("query encoded", "service", "GET", "/", "x=%20%2B%7E&%C3%A9=1", [HOST], ""),
    ("header blanks", "service", "GET", "/", "", [HOST, ("X-B", "  a   b  "), ("X-A", "1,2"), ("X-Empty", "")], ""),
    ("path encoded", "lambda", "GET", "/2015-03-31/functions/arn%3Aaws%3Alambda%3Af", "", [HOST], ""),
    ("path dots", "service", "GET", "/a/./b/../c//d/", "", [HOST], ""),
    ("path up", "service", "GET", "/../..", "", [HOST], ""),
    ("path s3", "s3", "PUT", "/bucket/a%20b//c/../d", "", [HOST], "data"),
    ("token", "sts", "POST", "/", "", [HOST, ("X-Amz-Security-Token", "token/with+signs==")], "Action=GetCallerIdentity"),
    ("port", "sqs", "POST", "/", "", [("Host", "127.0.0.1:4566")], "{}"),
]


def main():
    keys = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    vectors = []
    for name, service, method, path, query, headers, body in CASES:
        host = dict(headers)["Host"]
        request = AWSRequest(method=method, url=f"http://{host}{path}" + (f"?{query}" if query else ""),
                             data=body.encode(), headers=dict(headers))
        request.headers["X-Amz-Date"] = "20150830T123600Z"
        request.context["timestamp"] = "20150830T123600Z"
        signer = (S3SigV4Auth if service == "s3" else SigV4Auth)(keys, service, "us-east-1")
        if service == "s3":
            request.headers["X-Amz-Content-SHA256"] = signer.payload(request)
        canonical = signer.canonical_request(request)
        to_sign = signer.string_to_sign(request, canonical)
        vectors.append({
            "name": name, "service": service, "method": method, "path": path, "query": query or None,
            "headers": [text for pair in request.headers.items() for text in pair], "body": body,
            "canonical": canonical, "to_sign": to_sign,
            "authorization": f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, "
                             f"SignedHeaders={signer.signed_headers(signer.headers_to_sign(request))}, "
                             f"Signature={signer.signature(to_sign, request)}",
        })
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "signatures.json"), "w") as file:
        json.dump(vectors, file, indent=1)
        file.write("\n")


main()
