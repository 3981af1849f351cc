/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-habit.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-permission.h"

static const MillHabit habits[] = {
  { "lambda:", "InvalidParameterValueException", "cannot be assumed by Lambda", 300, FALSE,
    N_("The role is new: it usually takes 7 to 12 seconds until Lambda may assume it.") },
  { "lambda:", "InvalidParameterValueException", "does not have permissions to call", 300, FALSE,
    N_("The role’s policies are new: it usually takes 2 to 10 seconds until they count.") },
  { "lambda:", "InvalidParameterValueException", "Cannot access stream", 300, FALSE,
    N_("The role’s policies are new: it usually takes 2 to 10 seconds until they count.") },
  { "lambda:", "InvalidParameterValueException", "is not authorized to perform", 300, FALSE,
    N_("The role’s policies are new: it usually takes 2 to 10 seconds until they count.") },
  { "lambda:", "ResourceConflictException", "in progress", 300, FALSE,
    N_("Lambda is still busy with the last change of this function: usually some seconds.") },
  { "lambda:", "ResourceConflictException", "is currently in the following state: Pending", 300, FALSE,
    N_("Lambda is still making this function: usually 1 to 5 seconds.") },
  { "EventSourceMapping", "ResourceInUseException", NULL, 300, FALSE,
    N_("The event source mapping is still being changed: usually some seconds, at most a minute or two.") },
  { "sqs:CreateQueue", "AWS.SimpleQueueService.QueueDeletedRecently", NULL, 65, TRUE,
    N_("A queue of this name was deleted a moment ago: AWS locks the name for 60 seconds. %u seconds left.") },
  { "sqs:CreateQueue", "QueueDeletedRecently", NULL, 65, TRUE,
    N_("A queue of this name was deleted a moment ago: AWS locks the name for 60 seconds. %u seconds left.") },
  { "sqs:SetQueueAttributes", "InvalidAttributeValue", "Policy", 120, FALSE,
    N_("The policy names a role that is new: it usually takes 5 to 15 seconds until it is known everywhere.") },
  { "sqs:SetQueueAttributes", "InvalidParameterValue", "Policy", 120, FALSE,
    N_("The policy names a role that is new: it usually takes 5 to 15 seconds until it is known everywhere.") },
  { "iam:", "MalformedPolicyDocument", "Invalid principal", 120, FALSE,
    N_("The policy names a role that is new: it usually takes 5 to 15 seconds until it is known everywhere.") },
  { "iam:", "MalformedPolicyDocumentException", "Invalid principal", 120, FALSE,
    N_("The policy names a role that is new: it usually takes 5 to 15 seconds until it is known everywhere.") },
  { "iam:AttachRolePolicy", "NoSuchEntity", NULL, 30, FALSE,
    N_("The policy or the role is new: it usually takes some seconds until it is known everywhere.") },
  { "iam:Delete", "DeleteConflict", NULL, 15, FALSE,
    N_("It usually takes some seconds until what was detached counts as detached.") },
  { "dynamodb:UpdateTable", "ResourceInUseException", "being", 300, FALSE,
    N_("The table is still being changed: usually 5 to 15 seconds.") },
  { "dynamodb:DeleteTable", "ResourceInUseException", "being", 300, FALSE,
    N_("The table is still being changed: usually 5 to 15 seconds.") },
  { "dynamodb:", "LimitExceededException", NULL, 300, FALSE,
    N_("AWS makes or changes only so many tables at once: it goes on when the others are done, usually within a minute.") },
  { "apigateway:", "ConflictException", "concurrent", 60, FALSE,
    N_("API Gateway is still busy with another change of this API: usually some seconds.") },
  { NULL, "TooManyRequestsException", NULL, 300, FALSE,
    N_("AWS answers only so many requests of an account: it goes on by itself, usually within half a minute.") },
  { NULL, "ThrottlingException", NULL, 300, FALSE,
    N_("AWS answers only so many requests of an account: it goes on by itself, usually within half a minute.") },
  { NULL, "Throttling", NULL, 300, FALSE,
    N_("AWS answers only so many requests of an account: it goes on by itself, usually within half a minute.") },
  { "apigateway:DeleteDeployment", "BadRequestException", "Active stages pointing to this deployment", 30, FALSE,
    N_("API Gateway takes a moment until the stage is gone: usually a second or two.") },
};

const MillHabit *
mill_habit_find (const char   *operation,
                 const GError *error)
{
  for (guint i = 0; i < G_N_ELEMENTS (habits); i++)
    if ((habits[i].operations == NULL || strstr (operation, habits[i].operations) != NULL) &&
        aws_error_has_code (error, habits[i].code) &&
        (habits[i].message == NULL || strstr (error->message, habits[i].message) != NULL))
      return &habits[i];
  return NULL;
}

gboolean
mill_habit_is_worth_waiting (const MillHabit  *habit,
                             MillJob          *job,
                             JsonObject       *parameters,
                             GError          **error)
{
  const char *policy = aws_json_get_string (parameters, "PolicyArn");

  /* AWS's own policies are never new. */
  if (policy != NULL && strstr (policy, ":iam::aws:") != NULL)
    return FALSE;
  if (strstr (habit->code, "InvalidParameterValueException") == NULL)
    return TRUE;
  if (strstr (habit->message, "assumed") != NULL)
    return mill_permission_check_trust (job, aws_json_get_string (parameters, "Role"), "lambda.amazonaws.com", error);
  return mill_permission_check_mapping (job, aws_json_get_string (parameters, "FunctionName"), error);
}

char *
mill_habit_dup_reason (const MillHabit *habit,
                       guint            seconds_left)
{
  const char *reason = _(habit->reason);
  const char *number = strstr (reason, "%u");
  g_autofree char *left = NULL;

  if (number == NULL)
    return g_strdup (reason);
  left = g_strdup_printf ("%u", seconds_left);
  return g_strdup_printf ("%.*s%s%s", (int) (number - reason), reason, left, number + 2);
}
