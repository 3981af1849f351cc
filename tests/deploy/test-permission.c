/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "aws-json.h"
#include "mill-engine.h"
#include "mill-habit.h"
#include "mill-permission.h"

static gboolean
allows (const char *document,
        const char *action)
{
  g_autoptr(JsonObject) object = aws_json_parse_object (document, -1, NULL);

  g_assert_nonnull (object);
  return mill_permission_allows (object, action);
}

static void
test_allows (void)
{
  g_assert_true (allows ("{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"sqs:*\"}}", "sqs:ReceiveMessage"));
  g_assert_true (allows ("{\"Statement\": [{\"Effect\": \"Deny\", \"Action\": \"*\"}, {\"Effect\": \"Allow\", \"Action\": [\"x:Y\", \"SQS:receive*\"]}]}",
                         "sqs:ReceiveMessage"));
  g_assert_true (allows ("{\"Statement\": [{\"Effect\": \"Allow\", \"NotAction\": \"iam:*\"}]}", "sqs:ReceiveMessage"));
  g_assert_false (allows ("{\"Statement\": [{\"Effect\": \"Allow\", \"NotAction\": \"sqs:*\"}]}", "sqs:ReceiveMessage"));
  g_assert_false (allows ("{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sqs:DeleteMessage\"}]}", "sqs:ReceiveMessage"));
  g_assert_false (allows ("{\"Statement\": [{\"Effect\": \"Deny\", \"Action\": \"sqs:*\"}]}", "sqs:ReceiveMessage"));
  g_assert_false (allows ("{\"Statement\": \"nonsense\"}", "sqs:ReceiveMessage"));
  g_assert_false (allows ("{}", "sqs:ReceiveMessage"));
}

static void
test_missing (void)
{
  g_autofree char *queue = mill_permission_parse_missing ("The provided execution role does not have permissions to call ReceiveMessage on SQS");
  g_autofree char *table = mill_permission_parse_missing ("does not have permissions to call GetRecords on DynamoDB");
  g_autofree char *other = mill_permission_parse_missing ("User: u is not authorized to perform: sns:Publish on resource: t");
  g_autofree char *nothing = mill_permission_parse_missing ("The role defined for the function cannot be assumed by Lambda.");

  g_assert_cmpstr (queue, ==, "sqs:ReceiveMessage");
  g_assert_cmpstr (table, ==, "dynamodb:GetRecords");
  g_assert_cmpstr (other, ==, "sns:Publish");
  g_assert_null (nothing);
}

static void
check_habit (const char *operation,
             const char *code,
             const char *message,
             gboolean    expected)
{
  g_autoptr(GError) error = aws_error_new (AWS_ERROR_CLIENT, code, message, NULL, 400, FALSE);

  g_assert_cmpint (mill_habit_find (operation, error) != NULL, ==, expected);
}

static void
test_habits (void)
{
  g_autoptr(GError) error = aws_error_new (AWS_ERROR_CLIENT, "AWS.SimpleQueueService.QueueDeletedRecently", "wait", NULL, 400, FALSE);
  g_autofree char *reason = mill_habit_dup_reason (mill_habit_find ("sqs:CreateQueue", error), 42);

  g_assert_nonnull (strstr (reason, "42 seconds left"));
  check_habit ("lambda:CreateFunction", "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.", TRUE);
  check_habit ("lambda:CreateFunction", "InvalidParameterValueException", "Value at 'timeout' failed", FALSE);
  check_habit ("lambda:UpdateFunctionCode", "ResourceConflictException",
               "The operation cannot be performed at this time. An update is in progress for resource: x", TRUE);
  check_habit ("lambda:CreateFunction", "ResourceConflictException", "Function already exist: x", FALSE);
  check_habit ("lambda:DeleteEventSourceMapping", "ResourceInUseException", "Cannot delete", TRUE);
  check_habit ("dynamodb:CreateTable", "ResourceInUseException", "Table already exists: x", FALSE);
  check_habit ("dynamodb:UpdateTable", "ResourceInUseException", "Attempt to change a resource which is still in use: Table is being created", TRUE);
}

static void
test_advice (void)
{
  g_autoptr(GError) expired = aws_error_new (AWS_ERROR_CREDENTIALS, "ExpiredToken", "The security token included in the request is expired", NULL, 403, FALSE);
  g_autoptr(GError) taken = g_error_new (MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_TAKEN, "There is already a queue, and it is not this deployment’s.");
  g_autoptr(GError) unknown = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "qwertz");

  g_assert_nonnull (strstr (mill_error_get_advice (expired), "new credentials"));
  g_assert_nonnull (strstr (mill_error_get_advice (taken), "another name"));
  g_assert_cmpstr (mill_error_get_advice (unknown), ==, "");
  g_assert_cmpstr (mill_error_get_advice (NULL), ==, "");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deploy/permission/allows", test_allows);
  g_test_add_func ("/deploy/permission/missing", test_missing);
  g_test_add_func ("/deploy/habits", test_habits);
  g_test_add_func ("/deploy/advice", test_advice);
  return g_test_run ();
}
