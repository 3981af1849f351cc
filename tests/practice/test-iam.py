# SPDX-License-Identifier: GPL-3.0-or-later
"""IAM, STS and who may do what."""
import json
import time

import practice
from practice import PracticeCase

ACCOUNT = "000000000000"
LAMBDA_TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
ACCOUNT_TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}]}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return dict({"Effect": "Allow", "Action": action, "Resource": resource}, **more)


def deny(action, resource="*", **more):
    return dict({"Effect": "Deny", "Action": action, "Resource": resource}, **more)


class Iam(PracticeCase):
    def setUp(self):
        self.iam = self.practice.client("iam")
        self.sts = self.practice.client("sts")
        self.addCleanup(self.iam.close)
        self.addCleanup(self.sts.close)

    def role(self, name, trust=None, *policies, **more):
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust or LAMBDA_TRUST), **more)["Role"]
        for i, policy in enumerate(policies):
            self.iam.put_role_policy(RoleName=name, PolicyName=f"p{i}", PolicyDocument=policy)
        return role

    def session(self, role, name="one", **more):
        return self.sts.assume_role(RoleArn=role["Arn"], RoleSessionName=name, **more)["Credentials"]

    def test_role(self):
        role = self.role("Life", Path="/a/b/", Description="d", MaxSessionDuration=7200, Tags=[{"Key": "k", "Value": "v"}])
        self.assertEqual(role["Arn"], f"arn:aws:iam::{ACCOUNT}:role/a/b/Life")
        self.assertRegex(role["RoleId"], "^AROA[A-Z0-9]{17}$")
        self.fails("EntityAlreadyExists", self.role, "life", status=409, message="Role with name life already exists.")
        got = self.iam.get_role(RoleName="Life")["Role"]
        self.assertEqual((got["AssumeRolePolicyDocument"], got["Description"], got["MaxSessionDuration"], got["Tags"], got["RoleLastUsed"]),
                         (LAMBDA_TRUST, "d", 7200, [{"Key": "k", "Value": "v"}], {}))
        self.iam.update_role(RoleName="Life", MaxSessionDuration=3600, Description="e")
        self.iam.update_assume_role_policy(RoleName="Life", PolicyDocument=json.dumps(ACCOUNT_TRUST))
        got = self.iam.get_role(RoleName="Life")["Role"]
        self.assertEqual((got["Description"], got["MaxSessionDuration"], got["AssumeRolePolicyDocument"]), ("e", 3600, ACCOUNT_TRUST))

        self.iam.put_role_policy(RoleName="Life", PolicyName="in", PolicyDocument=document(allow("sqs:*")))
        self.iam.attach_role_policy(RoleName="Life", PolicyArn="arn:aws:iam::aws:policy/AmazonSQSFullAccess")
        self.iam.attach_role_policy(RoleName="Life", PolicyArn="arn:aws:iam::aws:policy/AmazonSQSFullAccess")
        self.assertEqual(self.iam.list_role_policies(RoleName="Life")["PolicyNames"], ["in"])
        self.assertEqual(self.iam.list_attached_role_policies(RoleName="Life")["AttachedPolicies"],
                         [{"PolicyName": "AmazonSQSFullAccess", "PolicyArn": "arn:aws:iam::aws:policy/AmazonSQSFullAccess"}])
        self.fails("DeleteConflict", self.iam.delete_role, RoleName="Life", status=409,
                   message="Cannot delete entity, must detach all policies first.")
        self.iam.detach_role_policy(RoleName="Life", PolicyArn="arn:aws:iam::aws:policy/AmazonSQSFullAccess")
        self.fails("NoSuchEntity", self.iam.detach_role_policy, RoleName="Life", PolicyArn="arn:aws:iam::aws:policy/AmazonSQSFullAccess",
                   message="Policy arn:aws:iam::aws:policy/AmazonSQSFullAccess was not found.")
        self.fails("DeleteConflict", self.iam.delete_role, RoleName="Life", message="Cannot delete entity, must delete policies first.")
        self.iam.delete_role_policy(RoleName="Life", PolicyName="in")
        self.fails("NoSuchEntity", self.iam.get_role_policy, RoleName="Life", PolicyName="in", status=404,
                   message="The role policy with name in cannot be found.")
        self.fails("NoSuchEntity", self.iam.delete_role_policy, RoleName="Life", PolicyName="in")
        self.iam.delete_role(RoleName="Life")
        for call in (self.iam.get_role, self.iam.delete_role, self.iam.list_role_policies, self.iam.list_role_tags):
            self.fails("NoSuchEntity", call, RoleName="Life", status=404, message="The role with name Life cannot be found.")

    def test_mistakes(self):
        trust = json.dumps(LAMBDA_TRUST)
        plain = self.practice.client("iam", parameter_validation=False)
        self.fails("ValidationError", plain.create_role, RoleName="a b", AssumeRolePolicyDocument=trust, status=400,
                   message="The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-")
        self.fails("ValidationError", plain.create_role, RoleName="x" * 65, AssumeRolePolicyDocument=trust)
        self.fails("ValidationError", plain.create_role, AssumeRolePolicyDocument=trust,
                   message="1 validation error detected: Value null at 'roleName' failed to satisfy constraint: Member must not be null")
        self.fails("ValidationError", plain.create_role, RoleName="x", AssumeRolePolicyDocument=trust, Path="a")
        self.fails("ValidationError", plain.create_role, RoleName="x", AssumeRolePolicyDocument=trust, MaxSessionDuration=60)
        self.fails("MalformedPolicyDocument", plain.create_role, RoleName="x", AssumeRolePolicyDocument="{",
                   message="This policy contains invalid Json")
        self.fails("MalformedPolicyDocument", plain.create_role, RoleName="x", AssumeRolePolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/none"},
                                                     "Action": "sts:AssumeRole"}]}),
                   message=f'Invalid principal in policy: "AWS":"arn:aws:iam::{ACCOUNT}:role/none"')
        self.fails("InvalidInput", plain.create_role, RoleName="x", AssumeRolePolicyDocument=trust,
                   Tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}])
        self.fails("LimitExceeded", plain.create_role, RoleName="x", AssumeRolePolicyDocument=json.dumps(
            dict(LAMBDA_TRUST, Statement=LAMBDA_TRUST["Statement"] * 40)))
        self.role("Mistaken")
        self.fails("MalformedPolicyDocument", plain.put_role_policy, RoleName="Mistaken", PolicyName="p", PolicyDocument="{}",
                   message="Syntax errors in policy.")
        self.fails("ValidationError", plain.list_roles, MaxItems=0)
        self.fails("ValidationError", plain.list_roles, Marker="%")

    def test_pages(self):
        for i in range(7):
            self.role(f"Page{i}", Path="/pages/")
        pages = list(self.iam.get_paginator("list_roles").paginate(PathPrefix="/pages/", PaginationConfig={"PageSize": 3}))
        self.assertEqual([len(page["Roles"]) for page in pages], [3, 3, 1])
        self.assertEqual([r["RoleName"] for page in pages for r in page["Roles"]], [f"Page{i}" for i in range(7)])
        names = [p["PolicyName"] for page in self.iam.get_paginator("list_policies").paginate(PaginationConfig={"PageSize": 4})
                 for p in page["Policies"]]
        self.assertEqual(len(names), len(set(names)))
        for name in ("AdministratorAccess", "AWSLambdaBasicExecutionRole", "AmazonAPIGatewayPushToCloudWatchLogs", "AWSLambdaSQSQueueExecutionRole",
                     "AWSLambdaDynamoDBExecutionRole", "AmazonSNSFullAccess", "AmazonDynamoDBFullAccess", "AmazonSQSFullAccess",
                     "AmazonS3FullAccess", "AWSLambda_FullAccess", "CloudWatchLogsFullAccess"):
            self.assertIn(name, names)

    def test_policy_versions(self):
        made = self.iam.create_policy(PolicyName="Versions", PolicyDocument=document(allow("sqs:a")), Description="d")["Policy"]
        arn = made["Arn"]
        self.fails("EntityAlreadyExists", self.iam.create_policy, PolicyName="Versions", PolicyDocument=document(allow("sqs:a")),
                   message="A policy called Versions already exists. Duplicate names are not allowed.")
        for i in range(2, 6):
            version = self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow(f"sqs:v{i}")), SetAsDefault=i == 3)
            self.assertEqual(version["PolicyVersion"]["VersionId"], f"v{i}")
        self.fails("LimitExceeded", self.iam.create_policy_version, PolicyArn=arn, PolicyDocument=document(allow("sqs:x")), status=409)
        self.assertEqual(self.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"], "v3")
        got = self.iam.get_policy_version(PolicyArn=arn, VersionId="v3")["PolicyVersion"]
        self.assertEqual((got["IsDefaultVersion"], got["Document"]["Statement"][0]["Action"]), (True, "sqs:v3"))
        self.fails("DeleteConflict", self.iam.delete_policy_version, PolicyArn=arn, VersionId="v3",
                   message="Cannot delete the default version of a policy.")
        self.fails("NoSuchEntity", self.iam.set_default_policy_version, PolicyArn=arn, VersionId="v9",
                   message=f"Policy {arn} version v9 does not exist or is not attachable.")
        self.iam.set_default_policy_version(PolicyArn=arn, VersionId="v5")
        self.fails("DeleteConflict", self.iam.delete_policy, PolicyArn=arn)
        for i in range(1, 5):
            self.iam.delete_policy_version(PolicyArn=arn, VersionId=f"v{i}")
        # A number is never used again.
        self.assertEqual(self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow("sqs:y")))["PolicyVersion"]["VersionId"], "v6")
        self.assertEqual([v["VersionId"] for v in self.iam.list_policy_versions(PolicyArn=arn)["Versions"]], ["v6", "v5"])
        self.iam.delete_policy_version(PolicyArn=arn, VersionId="v6")

        self.role("Holder")
        self.iam.attach_role_policy(RoleName="Holder", PolicyArn=arn)
        self.assertEqual(self.iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"], 1)
        entities = self.iam.list_entities_for_policy(PolicyArn=arn)
        self.assertEqual([r["RoleName"] for r in entities["PolicyRoles"]], ["Holder"])
        self.assertEqual((entities["PolicyUsers"], entities["PolicyGroups"]), ([], []))
        self.fails("DeleteConflict", self.iam.delete_policy, PolicyArn=arn, message="Cannot delete a policy attached to entities.")
        self.iam.detach_role_policy(RoleName="Holder", PolicyArn=arn)
        self.iam.delete_policy(PolicyArn=arn)
        self.fails("NoSuchEntity", self.iam.get_policy, PolicyArn=arn, message=f"Policy {arn} was not found.")

    def test_aws_policies(self):
        arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
        policy = self.iam.get_policy(PolicyArn=arn)["Policy"]
        version = self.iam.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
        self.assertIn("logs:PutLogEvents", version["Document"]["Statement"][0]["Action"])
        self.fails("AccessDenied", self.iam.delete_policy, PolicyArn=arn, status=403)
        self.role("Ten")
        arns = [p["Arn"] for p in self.iam.list_policies(Scope="AWS")["Policies"]][:11]
        for arn in arns[:10]:
            self.iam.attach_role_policy(RoleName="Ten", PolicyArn=arn)
        self.fails("LimitExceeded", self.iam.attach_role_policy, RoleName="Ten", PolicyArn=arns[10], status=409,
                   message="Cannot exceed quota for PoliciesPerRole: 10")

    def test_tags(self):
        self.role("Tagged", None)
        arn = self.iam.create_policy(PolicyName="Tagged", PolicyDocument=document(allow("sqs:a")))["Policy"]["Arn"]
        self.iam.create_user(UserName="Tagged")
        for tag, untag, tags, name in ((self.iam.tag_role, self.iam.untag_role, self.iam.list_role_tags, {"RoleName": "Tagged"}),
                                       (self.iam.tag_policy, self.iam.untag_policy, self.iam.list_policy_tags, {"PolicyArn": arn}),
                                       (self.iam.tag_user, self.iam.untag_user, self.iam.list_user_tags, {"UserName": "Tagged"})):
            tag(Tags=[{"Key": "millrace:deployment", "Value": "1"}, {"Key": "b", "Value": ""}], **name)
            tag(Tags=[{"Key": "b", "Value": "2"}], **name)
            self.assertEqual(tags(**name)["Tags"], [{"Key": "b", "Value": "2"}, {"Key": "millrace:deployment", "Value": "1"}])
            untag(TagKeys=["b", "c"], **name)
            self.assertEqual(tags(**name)["Tags"], [{"Key": "millrace:deployment", "Value": "1"}])
            self.fails("LimitExceeded", tag, Tags=[{"Key": f"k{i}", "Value": ""} for i in range(50)], **name)
            self.assertEqual(len(tags(**name)["Tags"]), 1)
            self.fails("InvalidInput", tag, Tags=[{"Key": "aws:x", "Value": ""}], **name)

    def test_user(self):
        self.iam.create_user(UserName="Ada", Path="/team/")
        self.fails("EntityAlreadyExists", self.iam.create_user, UserName="ada", status=409)
        key = self.iam.create_access_key(UserName="Ada")["AccessKey"]
        other = self.iam.create_access_key(UserName="Ada")["AccessKey"]
        self.fails("LimitExceeded", self.iam.create_access_key, UserName="Ada", message="Cannot exceed quota for AccessKeysPerUser: 2")
        self.assertEqual({k["AccessKeyId"] for k in self.iam.list_access_keys(UserName="Ada")["AccessKeyMetadata"]},
                         {key["AccessKeyId"], other["AccessKeyId"]})
        arn = f"arn:aws:iam::{ACCOUNT}:user/team/Ada"
        self.assertEqual(self.practice.client_of("sts", key).get_caller_identity()["Arn"], arn)
        iam = self.practice.client_of("iam", key)
        self.fails("AccessDenied", iam.get_user, UserName="Ada", status=403,
                   message=f"User: {arn} is not authorized to perform: iam:GetUser on resource: {arn} "
                           "because no identity-based policy allows the iam:GetUser action")
        self.iam.put_user_policy(UserName="Ada", PolicyName="self", PolicyDocument=document(
            allow("iam:*", f"arn:aws:iam::{ACCOUNT}:user/team/${{aws:username}}")))
        self.assertEqual(iam.get_user()["User"]["UserName"], "Ada")
        self.fails("AccessDenied", iam.get_role, RoleName="Nothing")
        self.iam.attach_user_policy(UserName="Ada", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        self.fails("NoSuchEntity", iam.get_role, RoleName="Nothing")
        self.iam.put_user_policy(UserName="Ada", PolicyName="no", PolicyDocument=document(deny("iam:Get*")))
        self.fails("AccessDenied", iam.get_role, RoleName="Nothing",
                   message=f"User: {arn} is not authorized to perform: iam:GetRole on resource: arn:aws:iam::{ACCOUNT}:role/Nothing "
                           "with an explicit deny in an identity-based policy")
        self.iam.update_access_key(UserName="Ada", AccessKeyId=other["AccessKeyId"], Status="Inactive")
        self.fails("InvalidClientTokenId", self.practice.client_of("sts", other).get_caller_identity)
        self.iam.delete_access_key(UserName="Ada", AccessKeyId=other["AccessKeyId"])
        self.fails("NoSuchEntity", self.iam.delete_access_key, UserName="Ada", AccessKeyId=other["AccessKeyId"])
        self.fails("DeleteConflict", self.iam.delete_user, UserName="Ada")
        self.iam.detach_user_policy(UserName="Ada", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        for name in self.iam.list_user_policies(UserName="Ada")["PolicyNames"]:
            self.iam.delete_user_policy(UserName="Ada", PolicyName=name)
        self.fails("DeleteConflict", self.iam.delete_user, UserName="Ada", message="Cannot delete entity, must remove referenced objects first.")
        self.iam.delete_access_key(UserName="Ada", AccessKeyId=key["AccessKeyId"])
        self.iam.delete_user(UserName="Ada")
        self.fails("InvalidClientTokenId", self.practice.client_of("sts", key).get_caller_identity)

    def test_assume_role(self):
        role = self.role("Assumed", ACCOUNT_TRUST, document(allow("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/Assumed")))
        answer = self.sts.assume_role(RoleArn=role["Arn"], RoleSessionName="me@home")
        session = answer["Credentials"]
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/Assumed/me@home"
        self.assertEqual(answer["AssumedRoleUser"], {"Arn": arn, "AssumedRoleId": role["RoleId"] + ":me@home"})
        identity = self.practice.client_of("sts", session).get_caller_identity()
        self.assertEqual((identity["Arn"], identity["UserId"]), (arn, role["RoleId"] + ":me@home"))
        iam = self.practice.client_of("iam", session)
        self.assertIn("LastUsedDate", iam.get_role(RoleName="Assumed")["Role"]["RoleLastUsed"])
        self.fails("AccessDenied", iam.list_roles)
        # The token belongs to the key.
        self.fails("InvalidClientTokenId", self.practice.client("sts", session["AccessKeyId"], session["SecretAccessKey"]).get_caller_identity)
        self.fails("InvalidClientTokenId", self.practice.client("sts", session["AccessKeyId"], session["SecretAccessKey"], "x").get_caller_identity)
        # What is taken away counts at once.
        self.iam.delete_role_policy(RoleName="Assumed", PolicyName="p0")
        self.fails("AccessDenied", iam.get_role, RoleName="Assumed")

        # Another role may only where both the trust policy and its own policies let it.
        other = self.role("Other", ACCOUNT_TRUST)
        chained = self.practice.client_of("sts", session)
        self.fails("AccessDenied", chained.assume_role, RoleArn=other["Arn"], RoleSessionName="two", status=403,
                   message=f"User: {arn} is not authorized to perform: sts:AssumeRole on resource: {other['Arn']}")
        self.iam.put_role_policy(RoleName="Assumed", PolicyName="assume", PolicyDocument=document(allow("sts:AssumeRole", other["Arn"])))
        chained.assume_role(RoleArn=other["Arn"], RoleSessionName="two")
        self.fails("ValidationError", chained.assume_role, RoleArn=other["Arn"], RoleSessionName="two", DurationSeconds=4000)

    def test_trust(self):
        self.fails("AccessDenied", self.session, self.role("ForLambda"))
        self.fails("AccessDenied", self.session, {"Arn": f"arn:aws:iam::{ACCOUNT}:role/Nobody"})
        guarded = self.role("Guarded", {"Version": "2012-10-17", "Statement": [
            dict(ACCOUNT_TRUST["Statement"][0], Condition={"StringEquals": {"sts:ExternalId": "secret"}})]})
        self.fails("AccessDenied", self.session, guarded)
        self.fails("AccessDenied", self.session, guarded, ExternalId="wrong")
        self.session(guarded, ExternalId="secret")
        self.fails("ValidationError", self.session, guarded, ExternalId="secret", DurationSeconds=7200)
        self.fails("ValidationError", self.session, guarded, "a b")

    def test_simulate(self):
        role = self.role("Simulated", None, document(allow("sqs:*", f"arn:aws:sqs:*:*:orders"), deny("sqs:DeleteQueue"),
                                                     allow("sns:Publish", Condition={"StringEquals": {"aws:RequestTag/x": "y"}})))
        def decide(action, resource="*", **more):
            answer = self.iam.simulate_principal_policy(PolicySourceArn=role["Arn"], ActionNames=[action], ResourceArns=[resource], **more)
            return answer["EvaluationResults"][0]["EvalDecision"]
        self.assertEqual(decide("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders"), "allowed")
        self.assertEqual(decide("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{ACCOUNT}:other"), "implicitDeny")
        self.assertEqual(decide("sqs:DeleteQueue", f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders"), "explicitDeny")
        self.assertEqual(decide("sns:Publish"), "implicitDeny")
        self.assertEqual(decide("sns:Publish", ContextEntries=[
            {"ContextKeyName": "aws:RequestTag/x", "ContextKeyType": "string", "ContextKeyValues": ["y"]}]), "allowed")
        self.fails("NoSuchEntity", self.iam.simulate_principal_policy, PolicySourceArn=role["Arn"] + "x", ActionNames=["sqs:*"])

    def test_denied_event(self):
        role = self.role("Watched", ACCOUNT_TRUST)
        last = self.practice.events()[-1]["seq"]
        self.fails("AccessDenied", self.practice.client_of("iam", self.session(role)).list_users)
        event = self.practice.events(last, lambda e: e["kind"] == "denied")[-1]
        self.assertEqual((event["action"], event["roleArn"], event["service"]), ("iam:ListUsers", role["Arn"], "iam"))
        self.assertAlmostEqual(event["time"], time.time(), delta=30)
        seqs = [e["seq"] for e in self.practice.events()]
        self.assertEqual(seqs, list(range(1, len(seqs) + 1)))


class Kept(PracticeCase):
    def test_restart(self):
        iam = self.practice.client("iam")
        iam.create_role(RoleName="Kept", AssumeRolePolicyDocument=json.dumps(LAMBDA_TRUST), Tags=[{"Key": "k", "Value": "v"}])
        iam.put_role_policy(RoleName="Kept", PolicyName="p", PolicyDocument=document(allow("sqs:*")))
        before = iam.get_role(RoleName="Kept")["Role"]
        old_key = self.practice.access_key
        self.practice.restart()
        self.assertNotEqual(self.practice.access_key, old_key)
        iam = self.practice.client("iam")
        self.assertEqual(iam.get_role(RoleName="Kept")["Role"], before)
        self.assertEqual(iam.list_role_policies(RoleName="Kept")["PolicyNames"], ["p"])
        self.fails("InvalidClientTokenId", self.practice.client("iam", access_key=old_key).list_roles)


if __name__ == "__main__":
    practice.main()
