#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a clean-up: checked by somebody who only has the report, as a page, once more, and forgotten."""
import html.parser
import json
import os

import check_report
import cli

VOID = {"meta", "br"}


class Page(html.parser.HTMLParser):
    """What a page says; fails where its elements do not fit into each other."""

    def __init__(self, text):
        super().__init__()
        self.open, self.text, self.foreign = [], [], []
        self.feed(text)
        self.close()
        assert self.open == [], self.open

    def handle_starttag(self, tag, attrs):
        self.foreign += [(tag, name, value) for name, value in attrs if name in ("src", "href")] + ([tag] if tag in ("script", "link") else [])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        self.text.append(data)


class Report(cli.CliCase):
    def setUp(self):
        super().setUp()
        self.values = self.home.start_practice()
        self.client = check_report.clients(self.values["AWS_REGION"], endpoint_url=self.values["AWS_ENDPOINT_URL"],
                                           aws_access_key_id=self.values["AWS_ACCESS_KEY_ID"],
                                           aws_secret_access_key=self.values["AWS_SECRET_ACCESS_KEY"])

    def clean_up(self, deployment, name="report.json"):
        path = os.path.join(self.home.path, name)
        self.done(self.home.cli("cleanup", deployment, "--report", path))
        with open(path, encoding="utf-8") as file:
            return file.read()

    def page(self, deployment):
        text = self.clean_up(deployment, "report.HTML")
        self.assertNotIn("{{", text)
        page = Page(text)
        self.assertEqual(page.foreign, [])
        return "\n".join(page.text)

    def test_report(self):
        deployment = self.deploy()
        self.confirm()
        self.done(self.home.cli("send", deployment))
        report = json.loads(self.clean_up(deployment))
        self.assertEqual(check_report.check(report, self.client), [])
        self.assertEqual(len(report["resources"]), 20)
        self.assertEqual(sorted(each["logGroup"] for each in report["logGroups"] if each["deleted"]), ["/aws/lambda/POC-Lambda-1", "/aws/lambda/POC-Lambda-2"])
        self.assertTrue(report["tagSearch"]["empty"])

        # later everything is asked for once more, and the page says the same
        page = self.page(deployment)
        for resource in report["resources"]:
            for member in ("logicalId", "type", "name", "physicalId", "arn", "madeRequestId"):
                if resource.get(member):
                    self.assertIn(resource[member], page, resource)
            for member in ("made", "deleted"):
                self.assertIn(resource[member][:19].replace("T", " ") + " UTC", page, resource)
        self.assertIn("Nothing is left", page)
        again = json.loads(self.clean_up(deployment))
        self.assertEqual(check_report.check(again, self.client), [])
        self.assertEqual([(each["physicalId"], each["deleted"]) for each in again["resources"]],
                         [(each["physicalId"], each["deleted"]) for each in report["resources"]])
        self.assertNotEqual(again["resources"][0]["proof"]["requestId"], report["resources"][0]["proof"]["requestId"])

        self.done(self.home.cli("forget", deployment))
        self.assertEqual(self.done(self.home.cli("list")), [])
        self.failed(self.home.cli("forget", deployment), deployment)

    def test_check_can_fail(self):
        """The checker finds what is there."""
        deployment = self.deploy()
        path = os.path.join(self.home.path, "report.json")
        self.failed(self.home.cli("forget", deployment), "clean up")
        self.done(self.home.cli("cleanup", deployment, "--report", path))
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        self.assertEqual([each["logicalId"] for each in report["resources"] if each.get("pendingConfirmation")], ["MailSubscription"])
        self.client("sqs").create_queue(QueueName="POC-Queue")
        self.client("logs").create_log_group(logGroupName="/aws/lambda/POC-Lambda-1")
        self.client("sns").create_topic(Name="x", Tags=[{"Key": "millrace:deployment", "Value": deployment}])
        wrong = "\n".join(check_report.check(report, self.client))
        for word in ("Queue (AWS::SQS::Queue) is there", "/aws/lambda/POC-Lambda-1 is there", ":x bears the tag"):
            self.assertIn(word, wrong)

    def test_made_twice(self):
        """What bears the deployment's tags and is not in the ledger goes as well: an API that was made twice because an answer was lost."""
        deployment = self.deploy()
        tags = {"millrace:deployment": deployment, "millrace:tutorial": "order-pipeline", "millrace:resource": "Api"}
        twin = self.client("apigateway").create_rest_api(name="POC-API", tags=tags)["id"]
        self.client("sqs").create_queue(QueueName="forgotten", tags=tags)
        report = json.loads(self.clean_up(deployment))
        self.assertEqual([check for check in check_report.check(report, self.client) if "request it was made" not in check and "no time" not in check], [])
        self.assertEqual(len(report["resources"]), 22)
        self.assertIn(twin, [each["physicalId"] for each in report["resources"]])
        self.assertEqual(self.client("apigateway").get_rest_apis()["items"], [])
        self.assertNotIn("QueueUrls", self.client("sqs").list_queues())

    def test_something_is_left(self):
        """What blocks a delete is named, in the report too; when it is out of the way the clean-up goes on."""
        deployment = self.deploy()
        iam = self.client("iam")
        iam.create_user(UserName="somebody")
        arn = iam.list_policies(Scope="Local")["Policies"][0]
        iam.attach_user_policy(UserName="somebody", PolicyArn=arn["Arn"])
        path = os.path.join(self.home.path, "report.html")
        self.failed(self.home.cli("cleanup", deployment, "--report", path, seconds=60), arn["PolicyName"], "user", "somebody", "Detach")
        with open(path, encoding="utf-8") as file:
            page = "\n".join(Page(file.read()).text)
        self.assertIn("Something is left", page)
        self.assertIn("somebody", page)
        iam.detach_user_policy(UserName="somebody", PolicyArn=arn["Arn"])
        report = json.loads(self.clean_up(deployment))
        self.assertEqual(check_report.check(report, self.client), [])
        self.assertEqual(len(report["resources"]), 20)


if __name__ == "__main__":
    cli.main()
