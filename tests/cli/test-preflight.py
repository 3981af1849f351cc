# SPDX-License-Identifier: GPL-3.0-or-later
"""What building somewhere comes to, said before anything is made; and building with a role that is there."""
import json
import os

import cli

with open(os.path.join(os.environ["MILLRACE_DATA_DIR"], "preflight.json")) as file:
    DATA = json.load(file)
TUTORIAL = "order-pipeline"
LAMBDA = {"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com", "apigateway.amazonaws.com"]}, "Action": "sts:AssumeRole"}
ASKING = ["iam:SimulatePrincipalPolicy", "iam:GetAccountSummary", "iam:ListRoles", "iam:GetRole", "lambda:GetAccountSettings",
          "lambda:GetFunctionConfiguration", "dynamodb:ListTables", "dynamodb:DescribeTable"]


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions, effect="Allow"):
    return {"Effect": effect, "Action": actions, "Resource": "*"}


def needed():
    """Every action that data/preflight.json says is needed."""
    actions = set(DATA["always"]["actions"])
    for entry in DATA["types"].values():
        actions.update(entry.get("actions", []))
    return sorted(actions)


class Preflight(cli.CliCase):
    def setUp(self):
        super().setUp()
        self.values = self.home.start_practice()
        self.be(self.values["AWS_ACCESS_KEY_ID"], self.values["AWS_SECRET_ACCESS_KEY"])
        self.iam = cli.client(self.values, "iam")

    def be(self, key, secret, token=None):
        """Whoever the CLI is from now on; the practice cloud stands for AWS."""
        self.home.environment.update(AWS_ENDPOINT_URL=self.values["AWS_ENDPOINT_URL"], MILLRACE_INVOKE_URL=self.values["MILLRACE_INVOKE_URL"],
                                     AWS_ACCESS_KEY_ID=key, AWS_SECRET_ACCESS_KEY=secret, AWS_SESSION_TOKEN=token or "")

    def be_user(self, *statements):
        self.iam.create_user(UserName="student")
        self.iam.put_user_policy(UserName="student", PolicyName="may", PolicyDocument=document(*statements))
        key = self.iam.create_access_key(UserName="student")["AccessKey"]
        self.be(key["AccessKeyId"], key["SecretAccessKey"])

    def be_in_lab(self, *more):
        """As in a learner lab: everything but roles; LabRole is there."""
        for name, trust in (("LabRole", LAMBDA), ("Other", LAMBDA), ("vocareum", {**LAMBDA, "Principal": {"Service": "ec2.amazonaws.com"}})):
            self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
            self.iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=document(allow("*")))
        self.iam.create_role(RoleName="voclabs", AssumeRolePolicyDocument=document({**LAMBDA, "Principal": {"AWS": "*"}}))
        self.iam.put_role_policy(RoleName="voclabs", PolicyName="may", PolicyDocument=document(
            allow("*"), allow(["iam:Create*", "iam:Attach*", "iam:Put*", "iam:Delete*", *more], "Deny")))
        session = cli.client(self.values, "sts").assume_role(RoleArn="arn:aws:iam::000000000000:role/voclabs", RoleSessionName="user1=Student")
        keys = session["Credentials"]
        self.be(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])

    def run_deploy(self, *arguments):
        return self.home.cli("deploy", TUTORIAL, "--target", "default", *arguments)

    def sections(self, events):
        return {event["section"]: event for event in self.of(events, "preflight")}

    def stops(self, events):
        return {event["subject"]: event["text"] for event in self.of(events, "finding") if event["verdict"] == "stop"}

    def assert_nothing_made(self):
        self.assertEqual(self.done(self.home.cli("list")), [])
        self.assertEqual(cli.client(self.values, "sqs").list_queues().get("QueueUrls", []), [])
        self.assertEqual(cli.client(self.values, "dynamodb").list_tables()["TableNames"], [])

    def clean(self, deployment):
        cleanup = self.of(self.done(self.home.cli("cleanup", deployment)), "cleanup")[-1]
        self.assertEqual(cleanup["left"], 0)
        return cleanup

    def test_what_is_said(self):
        events = self.done(self.run_deploy("--preflight"))
        sections = self.sections(events)
        self.assertEqual(list(sections), ["place", "resources", "costs", "names", "quotas", "permissions"])
        self.assertIn("account 000000000000, region us-east-1", sections["place"]["summary"])
        self.assertIn("20 things", sections["resources"]["summary"])
        self.assertIn(DATA["prices"]["date"], sections["costs"]["summary"])
        self.assertIn("1,000 messages cost $0.03", sections["costs"]["summary"])
        self.assertEqual({name: section["verdict"] for name, section in sections.items()},
                         {"place": "care", "resources": "good", "costs": "good", "names": "good", "quotas": "good", "permissions": "good"})
        findings = self.of(events, "finding")
        self.assertIn("root user", "".join(finding["text"] for finding in findings if finding["section"] == "place"))
        self.assertEqual({finding["subject"] for finding in findings if finding["section"] == "costs"},
                         {"API Gateway", "SQS", "Lambda", "DynamoDB", "SNS", "CloudWatch Logs", "IAM"})
        self.assertIn("2 Lambda functions", [finding["title"] for finding in findings])
        self.assert_nothing_made()

    def test_data(self):
        """Every type that can be built is known to the pre-flight, and every price and quota to a type."""
        types = set(DATA["types"])
        with open(os.path.join(os.environ["MILLRACE_DATA_DIR"], "tutorials", TUTORIAL, "template.json")) as template:
            self.assertLessEqual({one["Type"] for one in json.load(template)["Resources"].values()}, types)
        for item in DATA["prices"]["items"] + DATA["quotas"]["items"]:
            self.assertIn(item["type"], types)
        for entry in DATA["types"].values():
            self.assertEqual("arn" in entry, "actions" in entry)
        for date in (DATA["prices"]["date"], DATA["quotas"]["date"]):
            self.assertRegex(date, r"^20\d\d-[01]\d-[0-3]\d$")

    def test_names(self):
        cli.client(self.values, "sqs").create_queue(QueueName="POC-Queue")
        cli.client(self.values, "sqs").create_queue(QueueName="POC-Queue-2")
        cli.client(self.values, "sns").create_topic(Name="POC-Topic")
        events = self.failed(self.run_deploy(), "Names are taken", "--suffix")
        self.assertEqual(set(self.stops(events)), {"Queue", "Topic"})
        self.assertEqual(self.done(self.home.cli("list")), [])
        events = self.done(self.run_deploy("--suffix"))
        deployment = self.of(events, "deployment")[-1]
        names = {event["name"] for event in self.of(events, "resource") if event["name"]}
        self.assertIn("POC-Queue-3", names)
        self.clean(deployment["id"])
        self.assertEqual(len(cli.client(self.values, "sqs").list_queues()["QueueUrls"]), 2)

    def test_needed_permissions_are_enough(self):
        self.be_user(allow(needed()), allow(ASKING))
        events = self.done(self.run_deploy())
        self.assertEqual(self.sections(events)["permissions"], {"event": "preflight", "section": "permissions", "verdict": "good",
                                                                "summary": "The permissions suffice."})
        self.clean(self.of(events, "deployment")[-1]["id"])

    def test_missing_permission(self):
        self.be_user(allow(needed()), allow(ASKING), allow(["sqs:CreateQueue", "sns:Subscribe"], "Deny"))
        events = self.failed(self.run_deploy(), "Nothing was made", "--anyway")
        self.assertEqual(set(self.stops(events)), {"sqs:CreateQueue", "sns:Subscribe"})
        self.assertIn("arn:aws:sqs:us-east-1:000000000000:POC-Queue", self.stops(events)["sqs:CreateQueue"])
        self.assert_nothing_made()

    def test_unknown_permissions(self):
        """Who may not ask is not stopped."""
        self.be_user(allow(needed()))
        events = self.done(self.run_deploy())
        self.assertEqual(self.sections(events)["permissions"]["verdict"], "unknown")
        self.clean(self.of(events, "deployment")[-1]["id"])

    def test_learner_lab(self):
        self.be_in_lab()
        events = self.failed(self.run_deploy(), "Nothing was made")
        self.assertIn("iam:CreateRole", self.stops(events))
        offer = next(event for event in self.of(events, "finding") if event["subject"] == "AWS::IAM::Role" and event["section"] == "place")
        self.assertIn("LabRole, Other", offer["text"])
        self.assertNotIn("vocareum", offer["text"])

        events = self.done(self.run_deploy("--role", "LabRole"))
        self.assertEqual(self.stops(events), {})
        self.assertIn("13 things", self.sections(events)["resources"]["summary"])
        deployment = self.of(events, "deployment")[-1]["id"]
        functions = cli.client(self.values, "lambda").list_functions()["Functions"]
        self.assertEqual({function["Role"] for function in functions}, {"arn:aws:iam::000000000000:role/LabRole"})
        status, events, errors = self.home.cli("status", deployment)
        checks = self.of(events, "check")
        # Nobody confirmed the subscription.
        self.assertEqual([check["id"] for check in checks if not check["ok"]], ["confirmed"], errors)
        self.assertEqual({check["step"] for check in checks if check["text"] == "The role LabRole is used instead"},
                         {"policy-write", "policy-publish", "policy-streams", "policy-queue", "role-store", "role-notify", "role-gateway"})
        self.confirm()
        status, events, errors = self.home.cli("send", deployment)
        self.assertEqual(status, 0, errors)
        cleanup = self.clean(deployment)
        self.assertEqual((cleanup["deleted"], cleanup["verified"]), (13, 13))
        self.assertEqual(len(self.iam.list_roles()["Roles"]), 4)
        self.assertEqual(self.iam.list_role_policies(RoleName="LabRole")["PolicyNames"], ["all"])

    def test_learner_lab_found_out_late(self):
        """Where nobody could know, what is made stays, and goes on with the role."""
        self.be_in_lab("iam:SimulatePrincipalPolicy")
        status, events, errors = self.run_deploy()
        self.assertEqual(status, 1, errors)
        self.assertIn("--role LabRole", errors)
        self.assertIn("AccessDenied", errors)
        deployment = self.of(events, "deployment")[-1]["id"]
        self.failed(self.home.cli("resume", deployment, "--role", "role/LabRole"), "not its ARN")
        self.done(self.home.cli("resume", deployment, "--role", "LabRole"))
        self.failed(self.home.cli("resume", deployment, "--role", "Other"), "is in use")
        self.clean(deployment)
        self.assertEqual(len(self.iam.list_roles()["Roles"]), 4)

    def test_wrong_role(self):
        self.be_in_lab()
        events = self.failed(self.run_deploy("--role", "Nobody"), "Nothing was made")
        self.assertIn("Nobody", self.stops(events))
        self.failed(self.run_deploy("--role", "vocareum", "--anyway"), "does not name", "amazonaws.com")
        self.clean(self.of(self.done(self.home.cli("list")), "deployment")[0]["id"])
        self.assertEqual(len(self.iam.list_roles()["Roles"]), 4)


if __name__ == "__main__":
    cli.main()
