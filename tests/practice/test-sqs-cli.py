# SPDX-License-Identifier: GPL-3.0-or-later
"""Queues, topics and the AWS CLI: what the console by hand and the documentation's commands come to."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

import practice
from practice import PracticeCase


class Cli(PracticeCase):
    def aws(self, *arguments):
        with tempfile.TemporaryDirectory() as home:
            environment = dict(self.practice.environment_for_children(), PATH=os.environ["PATH"], HOME=home, LC_ALL="C.UTF-8",
                               AWS_EC2_METADATA_DISABLED="true", AWS_PAGER="")
            # Older versions do not read AWS_ENDPOINT_URL.
            done = subprocess.run(["aws", "--endpoint-url", self.practice.url, "--output", "json", *arguments], env=environment,
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=60, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def test_queue_and_topic(self):
        url = self.aws("sqs", "create-queue", "--queue-name", "cli", "--attributes", "VisibilityTimeout=60")["QueueUrl"]
        arn = self.aws("sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "All")["Attributes"]["QueueArn"]
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
                                                          "Action": "sqs:SendMessage", "Resource": arn}]}
        self.aws("sqs", "set-queue-attributes", "--queue-url", url, "--attributes", json.dumps({"Policy": json.dumps(policy)}))
        topic = self.aws("sns", "create-topic", "--name", "cli")["TopicArn"]
        self.aws("sns", "subscribe", "--topic-arn", topic, "--protocol", "sqs", "--notification-endpoint", arn,
                 "--attributes", "RawMessageDelivery=true")
        self.aws("sns", "publish", "--topic-arn", topic, "--message", "latex gloves")
        message = self.aws("sqs", "receive-message", "--queue-url", url, "--wait-time-seconds", "5")["Messages"][0]
        self.assertEqual(message["Body"], "latex gloves")
        self.aws("sqs", "delete-message", "--queue-url", url, "--receipt-handle", message["ReceiptHandle"])
        with self.assertRaisesRegex(RuntimeError, "NonExistentQueue|QueueDoesNotExist"):
            self.aws("sqs", "get-queue-url", "--queue-name", "missing")
        self.aws("sqs", "delete-queue", "--queue-url", url)
        self.assertIsNone((self.aws("sqs", "list-queues") or {}).get("QueueUrls"))


if __name__ == "__main__":
    if shutil.which("aws") is None:
        print("The AWS CLI is not installed: skipped")
        sys.exit(77)
    practice.main()
