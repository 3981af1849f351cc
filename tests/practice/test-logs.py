# SPDX-License-Identifier: GPL-3.0-or-later
"""CloudWatch Logs over the wire with boto3."""
import time
import uuid

import practice
from practice import PracticeCase


class Logs(PracticeCase):
    def setUp(self):
        self.logs = self.practice.client("logs")
        self.group = f"/test/{uuid.uuid4().hex[:10]}"
        self.logs.create_log_group(logGroupName=self.group)
        self.logs.create_log_stream(logGroupName=self.group, logStreamName="one")

    def put(self, *messages, stream="one", first=None):
        first = first or int(time.time() * 1000) - 1000
        return self.logs.put_log_events(logGroupName=self.group, logStreamName=stream,
                                        logEvents=[{"timestamp": first + i, "message": m} for i, m in enumerate(messages)])

    def get(self, **options):
        return self.logs.get_log_events(logGroupName=self.group, logStreamName="one", **options)

    def messages(self, **options):
        return [e["message"] for e in self.logs.filter_log_events(logGroupName=self.group, **options)["events"]]

    def test_groups(self):
        found = self.logs.describe_log_groups(logGroupNamePrefix=self.group)["logGroups"]
        self.assertEqual([g["logGroupName"] for g in found], [self.group])
        self.assertEqual(found[0]["arn"], f"arn:aws:logs:us-east-1:000000000000:log-group:{self.group}:*")
        self.assertNotIn("retentionInDays", found[0])
        self.logs.put_retention_policy(logGroupName=self.group, retentionInDays=7)
        self.assertEqual(self.logs.describe_log_groups(logGroupNamePrefix=self.group)["logGroups"][0]["retentionInDays"], 7)
        self.logs.delete_retention_policy(logGroupName=self.group)
        self.assertNotIn("retentionInDays", self.logs.describe_log_groups(logGroupNamePrefix=self.group)["logGroups"][0])
        self.fails("InvalidParameterException", self.logs.put_retention_policy, logGroupName=self.group, retentionInDays=2)
        self.fails("ResourceAlreadyExistsException", self.logs.create_log_group, logGroupName=self.group, message="The specified log group already exists")
        self.fails("InvalidParameterException", self.logs.create_log_group, logGroupName="a group")
        self.logs.delete_log_group(logGroupName=self.group)
        self.fails("ResourceNotFoundException", self.logs.delete_log_group, logGroupName=self.group, status=400,
                   message="The specified log group does not exist.")

    def test_pages_of_groups(self):
        names = [f"{self.group}/{i}" for i in range(5)]
        for name in names:
            self.logs.create_log_group(logGroupName=name)
        pages = self.logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=self.group + "/", PaginationConfig={"PageSize": 2})
        self.assertEqual([g["logGroupName"] for page in pages for g in page["logGroups"]], names)

    def test_streams(self):
        self.logs.create_log_stream(logGroupName=self.group, logStreamName="two")
        self.put("later", stream="two")
        self.put("earlier", first=int(time.time() * 1000) - 60000)
        found = self.logs.describe_log_streams(logGroupName=self.group, orderBy="LastEventTime", descending=True)["logStreams"]
        self.assertEqual([s["logStreamName"] for s in found], ["two", "one"])
        self.assertEqual([s["logStreamName"] for s in self.logs.describe_log_streams(logGroupName=self.group, logStreamNamePrefix="o")["logStreams"]], ["one"])
        self.fails("ResourceAlreadyExistsException", self.logs.create_log_stream, logGroupName=self.group, logStreamName="one")
        self.logs.delete_log_stream(logGroupName=self.group, logStreamName="two")
        self.assertEqual(self.messages(), ["earlier"])

    def test_put_and_get(self):
        now = int(time.time() * 1000)
        self.put(*[f"m{i}" for i in range(10)], first=now - 5000)
        head = self.get(startFromHead=True, limit=4)
        self.assertEqual([e["message"] for e in head["events"]], ["m0", "m1", "m2", "m3"])
        more = self.get(nextToken=head["nextForwardToken"], limit=100)
        self.assertEqual([e["message"] for e in more["events"]], [f"m{i}" for i in range(4, 10)])
        end = self.get(nextToken=more["nextForwardToken"])
        self.assertEqual((end["events"], end["nextForwardToken"]), ([], more["nextForwardToken"]))
        self.put("new", first=now - 1000)
        self.assertEqual([e["message"] for e in self.get(nextToken=end["nextForwardToken"])["events"]], ["new"])
        tail = self.get(limit=3)
        self.assertEqual(len(tail["events"]), 3)
        self.assertEqual([e["message"] for e in tail["events"]], ["m8", "m9", "new"])
        before = self.get(nextToken=tail["nextBackwardToken"], limit=2)
        self.assertEqual([e["message"] for e in before["events"]], ["m6", "m7"])
        self.fails("InvalidParameterException", self.get, nextToken="invalid", message="The specified nextToken is invalid.")

    def test_following_a_stream(self):
        now = int(time.time() * 1000)
        self.put("a", first=now - 10)
        token = self.get(startFromHead=True)["nextForwardToken"]
        self.put("b", first=now - 5)
        answer = self.get(nextToken=token)
        self.assertEqual([e["message"] for e in answer["events"]], ["b"])

    def test_times_that_are_refused(self):
        now = int(time.time() * 1000)
        answer = self.put("old", first=now - 15 * 86400000)
        self.assertEqual(answer["rejectedLogEventsInfo"]["tooOldLogEventEndIndex"], 1)
        answer = self.put("new", first=now + 3 * 3600000)
        self.assertEqual(answer["rejectedLogEventsInfo"]["tooNewLogEventStartIndex"], 0)
        self.assertEqual(self.messages(), [])

    def test_filters(self):
        self.put("ERROR no gloves", "WARN few gloves", '{"level": "ERROR", "ms": 120, "ids": ["a", "b"]}', '{"level": "INFO", "ms": 3, "ok": true}')
        self.assertEqual(len(self.messages()), 4)
        self.assertEqual(self.messages(filterPattern="ERROR gloves"), ["ERROR no gloves"])
        self.assertEqual(self.messages(filterPattern='"few gloves"'), ["WARN few gloves"])
        self.assertEqual(self.messages(filterPattern="gloves -ERROR"), ["WARN few gloves"])
        self.assertEqual(self.messages(filterPattern="?WARN ?ERROR")[:2], ["ERROR no gloves", "WARN few gloves"])
        self.assertEqual(len(self.messages(filterPattern='{ $.level = "ERROR" && $.ms > 100 }')), 1)
        self.assertEqual(len(self.messages(filterPattern="{ $.ok IS TRUE || $.ids[1] = \"b\" }")), 2)
        self.assertEqual(len(self.messages(filterPattern="{ $.ok NOT EXISTS }")), 1)
        self.fails("InvalidParameterException", self.messages, filterPattern="{ $.level = ")

    def test_pages_of_filtered_events(self):
        self.put(*[f"x {i}" for i in range(7)])
        pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName=self.group, filterPattern="x", PaginationConfig={"PageSize": 3})
        events = [e for page in pages for e in page["events"]]
        self.assertEqual([e["message"] for e in events], [f"x {i}" for i in range(7)])
        self.assertEqual(len({e["eventId"] for e in events}), 7)
        self.assertEqual({e["logStreamName"] for e in events}, {"one"})

    def test_tags(self):
        arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{self.group}"
        self.logs.tag_resource(resourceArn=arn, tags={"one": "1", "two": "2"})
        self.logs.untag_resource(resourceArn=arn, tagKeys=["one"])
        self.assertEqual(self.logs.list_tags_for_resource(resourceArn=arn)["tags"], {"two": "2"})
        found = self.practice.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "two"}], ResourceTypeFilters=["logs:log-group"])
        self.assertIn(arn, [r["ResourceARN"] for r in found["ResourceTagMappingList"]])

    def test_permission(self):
        iam = self.practice.client("iam")
        user = f"user-{uuid.uuid4().hex[:8]}"
        iam.create_user(UserName=user)
        theirs = self.practice.client_of("logs", iam.create_access_key(UserName=user)["AccessKey"])
        error = self.fails("AccessDeniedException", theirs.put_log_events, logGroupName=self.group, logStreamName="one",
                           logEvents=[{"timestamp": 1, "message": "x"}], status=400)
        self.assertIn(f"logs:PutLogEvents on resource: arn:aws:logs:us-east-1:000000000000:log-group:{self.group}:log-stream:one", error["Message"])


if __name__ == "__main__":
    practice.main()
