/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-handler.h"

#include "aws-json.h"

/* Lambda API reference: AddPermission, GetPolicy, RemovePermission. */

static const MillMember members[] = {
  { "FunctionName", "FunctionName", 'n' },
  { "Action", "Action", 'n' },
  { "Principal", "Principal", 'n' },
  { "SourceArn", "SourceArn", 'n' },
  { "SourceAccount", "SourceAccount", 'n' },
  { NULL }
};

static char *
statement_id (MillJob *job)
{
  return g_strdup_printf ("%s-%s", mill_deployment_get_id (job->deployment), job->record->logical_id);
}

static void
set_ids (MillJob *job)
{
  g_autofree char *id = statement_id (job);

  mill_job_set_id (job, id, NULL);
  mill_job_set_attribute (job, "Id", id);
}

/* Our statement in the function's policy; NULL where it is not in it. */
static JsonObject *
find_statement (MillJob    *job,
                JsonObject *policy)
{
  g_autofree char *id = statement_id (job);
  JsonArray *statements = aws_json_get_array (policy, "Statement");

  for (guint i = 0; statements != NULL && i < json_array_get_length (statements); i++)
    {
      JsonObject *statement = mill_array_get_object (statements, i);

      if (statement != NULL && g_strcmp0 (aws_json_get_string (statement, "Sid"), id) == 0)
        return statement;
    }
  return NULL;
}

static JsonObject *
read_back (MillJob  *job,
           GError  **error)
{
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(JsonObject) policy = NULL;
  JsonObject *statement;
  JsonObject *condition;
  JsonObject *actual;
  const char *principal;

  answer = mill_job_call (job, "lambda:GetPolicy", mill_properties_build ("FunctionName:s", mill_job_get (job, "FunctionName"), NULL), error);
  if (answer == NULL)
    return NULL;
  policy = aws_json_get_string (answer, "Policy") != NULL ? aws_json_parse_object (aws_json_get_string (answer, "Policy"), -1, NULL) : NULL;
  statement = policy != NULL ? find_statement (job, policy) : NULL;
  if (statement == NULL)
    {
      mill_job_set_gone (job, error);
      return NULL;
    }
  principal = aws_json_get_string (statement, "Principal.Service");
  if (principal == NULL)
    principal = aws_json_get_string (statement, "Principal.AWS");
  if (principal == NULL)
    principal = aws_json_get_string (statement, "Principal");
  actual = mill_properties_build ("FunctionName:s", mill_job_get (job, "FunctionName"), "Action:s", aws_json_get_string (statement, "Action"),
                                  "Principal:s", principal, NULL);
  condition = aws_json_get_object (statement, "Condition");
  if (condition != NULL)
    {
      JsonNode *arn = aws_json_get_node (condition, "ArnLike.AWS:SourceArn");
      JsonNode *account = aws_json_get_node (condition, "StringEquals.AWS:SourceAccount");

      if (arn != NULL)
        json_object_set_member (actual, "SourceArn", aws_json_copy_node (arn));
      if (account != NULL)
        json_object_set_member (actual, "SourceAccount", aws_json_copy_node (account));
    }
  return actual;
}

static gboolean
find (MillJob  *job,
      GError  **error)
{
  g_autoptr(JsonObject) actual = read_back (job, error);

  if (actual == NULL)
    return FALSE;
  set_ids (job);
  return TRUE;
}

static gboolean
create (MillJob  *job,
        GError  **error)
{
  g_autofree char *id = statement_id (job);
  JsonObject *parameters = mill_properties_build ("StatementId:s", id, NULL);
  g_autoptr(GError) local = NULL;

  mill_properties_to_parameters (job->properties, members, parameters);
  /* The statement's id holds the deployment's: one that is there already is ours. */
  if (!mill_job_do (job, "lambda:AddPermission", parameters, &local) && !mill_error_is_there (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  set_ids (job);
  return TRUE;
}

static gboolean
remove_permission (MillJob  *job,
                   GError  **error)
{
  g_autofree char *id = statement_id (job);

  return mill_error_forgive_gone (mill_job_do (job, "lambda:RemovePermission",
                                               mill_properties_build ("FunctionName:s", mill_job_get (job, "FunctionName"), "StatementId:s", id, NULL),
                                               error), error);
}

const MillHandler mill_handler_permission = {
  "AWS::Lambda::Permission", NULL, "FunctionName", create, find, read_back, NULL, remove_permission,
};
