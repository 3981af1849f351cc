# SPDX-License-Identifier: GPL-3.0-or-later
"""Thousands of random requests are signed as botocore signs them. usage: test-signing.py HELPER"""

import random
import sys

from oracle import Checks, Oracle, need

auth, awsrequest, credentials = need("botocore.auth", "botocore.awsrequest", "botocore.credentials")

UNRESERVED = "abcXYZ019-._~"
PATH_PIECES = ["a", "B", "%20", "%2F", "~", "+", ":", "@", "=", "é".encode().hex().upper(), "%C3%A9", ".", "..", "",
               "*", "x.y", "$", "("]
QUERY_PIECES = ["a", "b", "A", "%20", "%2B", "1", "-", "_", ".", "~", "%C3%A9", ":", "/", "+", "*"]
HEADER_VALUES = ["v", " padded ", "two  blanks", "a,b", "é", "tab\there", "x=y; z", "", "  many   blanks  in   it "]


def random_request(r):
    path = "/" + "/".join("".join(r.choice(PATH_PIECES) for _ in range(r.randint(0, 3))) for _ in range(r.randint(0, 4)))
    pairs = []
    for _ in range(r.randint(0, 4)):
        name = "".join(r.choice(QUERY_PIECES) for _ in range(r.randint(1, 3)))
        pairs.append(name + r.choice(["", "=", "=" + "".join(r.choice(QUERY_PIECES) for _ in range(r.randint(0, 3)))]))
    headers = {"Host": r.choice(["example.com", "127.0.0.1:4566", "sqs.eu-west-1.amazonaws.com"])}
    for _ in range(r.randint(0, 5)):
        name = r.choice(["X-", "x-", "My-"]) + "".join(r.choice("abcABC-019") for _ in range(r.randint(1, 6)))
        if name.lower() not in (h.lower() for h in headers):
            headers[name] = r.choice(HEADER_VALUES)
    if r.random() < 0.5:
        headers["Content-Type"] = "application/x-amz-json-1.0"
    body = "".join(r.choice(["{", "}", "a", "é", " ", "\n", '"', "日本"]) for _ in range(r.randint(0, 30)))
    return r.choice(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]), path, "&".join(pairs), headers, body


def main(helper, *_):
    r = random.Random(20150830)
    checks = Checks()
    with Oracle(helper) as oracle:
        for number in range(5000):
            method, path, query, headers, body = random_request(r)
            keys = credentials.Credentials("AKID" + str(number), "secret/" + str(r.random()))
            region = r.choice(["us-east-1", "eu-central-1", "ap-south-1"])
            service = r.choice(["sqs", "iam", "lambda", "dynamodb", "execute-api"])
            date = f"20{r.randint(10, 40)}{r.randint(1, 12):02}{r.randint(1, 28):02}T{r.randint(0, 23):02}3600Z"
            url = "http://" + headers["Host"] + path + ("?" + query if query else "")
            request = awsrequest.AWSRequest(method=method, url=url, data=body.encode(), headers=headers)
            signer = auth.SigV4Auth(keys, service, region)
            request.context["timestamp"] = date
            request.headers["X-Amz-Date"] = date
            signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
            names = signer.signed_headers(signer.headers_to_sign(request))
            theirs = (f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, SignedHeaders={names}, "
                      f"Signature={signature}")
            flat = [text for pair in request.headers.items() for text in pair]
            ours = oracle.ask(do="sign", method=method, path=path, query=query, headers=flat, body=body,
                              access_key=keys.access_key, secret=keys.secret_key, region=region, service=service,
                              date=date)
            checks.equal(f"{method} {url} {headers}", ours["authorization"], theirs)
    checks.finish()


main(*sys.argv[1:])
