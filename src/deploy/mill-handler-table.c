/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-handler.h"

#include <glib/gi18n-lib.h>

#include "aws-json.h"

/* DynamoDB API reference: CreateTable, DescribeTable, UpdateTable, DeleteTable. */

static const MillMember members[] = {
  { "AttributeDefinitions", "AttributeDefinitions", 'n' },
  { "KeySchema", "KeySchema", 'n' },
  { "BillingMode", "BillingMode", 'n' },
  { "ProvisionedThroughput", "ProvisionedThroughput", 'n' },
  { "GlobalSecondaryIndexes", "GlobalSecondaryIndexes", 'n' },
  { "LocalSecondaryIndexes", "LocalSecondaryIndexes", 'n' },
  { NULL }
};

static JsonObject *
name_parameters (MillJob *job)
{
  return mill_properties_build ("TableName:s", job->record->name, NULL);
}

/* CloudFormation's StreamSpecification lacks what the service wants besides: that the stream is on. */
static JsonObject *
stream_specification (JsonObject *properties)
{
  JsonObject *stream = aws_json_get_object (properties, "StreamSpecification");

  if (stream == NULL)
    return NULL;
  return mill_properties_build ("StreamEnabled:b", TRUE, "StreamViewType:s", aws_json_get_string (stream, "StreamViewType"), NULL);
}

static void
set_ids (MillJob    *job,
         JsonObject *table)
{
  const char *arn = aws_json_get_string (table, "TableArn");

  mill_job_set_id (job, job->record->name, arn);
  mill_job_set_attribute (job, "Arn", arn);
  mill_job_set_attribute (job, "StreamArn", aws_json_get_boolean (table, "StreamSpecification.StreamEnabled", FALSE)
                                            ? aws_json_get_string (table, "LatestStreamArn") : NULL);
}

/* An index as the template has it, without what the service says of its state. */
static void
add_indexes (JsonObject *table,
             JsonObject *actual,
             const char *name,
             gboolean    on_demand)
{
  static const MillMember index_members[] = {
    { "IndexName", "IndexName", 'n' }, { "KeySchema", "KeySchema", 'n' }, { "Projection", "Projection", 'n' }, { NULL }
  };
  JsonArray *list = aws_json_get_array (table, name);
  JsonArray *indexes = json_array_new ();

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *from = mill_array_get_object (list, i);
      JsonObject *throughput = from != NULL ? aws_json_get_object (from, "ProvisionedThroughput") : NULL;
      JsonObject *index = json_object_new ();

      if (from != NULL)
        mill_properties_from_answer (from, index_members, index);
      if (throughput != NULL && !on_demand)
        json_object_set_object_member (index, "ProvisionedThroughput",
                                       mill_properties_build ("ReadCapacityUnits:n", json_object_get_member (throughput, "ReadCapacityUnits"),
                                                              "WriteCapacityUnits:n", json_object_get_member (throughput, "WriteCapacityUnits"), NULL));
      json_array_add_object_element (indexes, index);
    }
  json_object_set_array_member (actual, name, indexes);
}

static JsonObject *
describe (MillJob    *job,
          JsonObject *table)
{
  JsonObject *actual = json_object_new ();
  const char *mode = aws_json_get_string (table, "BillingModeSummary.BillingMode");
  gboolean on_demand = g_strcmp0 (mode, "PAY_PER_REQUEST") == 0;
  JsonObject *throughput = aws_json_get_object (table, "ProvisionedThroughput");

  mill_properties_from_answer (table, members, actual);
  json_object_set_string_member (actual, "TableName", job->record->name);
  json_object_set_string_member (actual, "BillingMode", mode != NULL ? mode : "PROVISIONED");
  json_object_remove_member (actual, "ProvisionedThroughput");
  if (throughput != NULL && !on_demand)
    json_object_set_object_member (actual, "ProvisionedThroughput",
                                   mill_properties_build ("ReadCapacityUnits:n", json_object_get_member (throughput, "ReadCapacityUnits"),
                                                          "WriteCapacityUnits:n", json_object_get_member (throughput, "WriteCapacityUnits"), NULL));
  if (aws_json_get_boolean (table, "StreamSpecification.StreamEnabled", FALSE))
    json_object_set_object_member (actual, "StreamSpecification",
                                   mill_properties_build ("StreamViewType:s", aws_json_get_string (table, "StreamSpecification.StreamViewType"), NULL));
  add_indexes (table, actual, "GlobalSecondaryIndexes", on_demand);
  add_indexes (table, actual, "LocalSecondaryIndexes", TRUE);
  if (json_object_has_member (job->properties, "Tags"))
    json_object_set_member (actual, "Tags", aws_json_copy_node (json_object_get_member (job->properties, "Tags")));
  set_ids (job, table);
  return actual;
}

static AwsWait
check_active (MillJob       *job,
              JsonObject    *result,
              const GError  *error,
              GError       **failure)
{
  const char *status = result != NULL ? aws_json_get_string (result, "Table.TableStatus") : NULL;

  /* A table that was just made may not be known everywhere yet. */
  if (result == NULL)
    return mill_error_is_gone (error) && job->record->verified_at == 0 ? AWS_WAIT_AGAIN : AWS_WAIT_FAILED;
  if (g_strcmp0 (status, "ACTIVE") == 0)
    return AWS_WAIT_DONE;
  if (g_strcmp0 (status, "CREATING") == 0 || g_strcmp0 (status, "UPDATING") == 0)
    return AWS_WAIT_AGAIN;
  g_set_error (failure, AWS_ERROR, AWS_ERROR_CLIENT, _("The table %s is %s."), job->record->name, status != NULL ? status : "?");
  return AWS_WAIT_FAILED;
}

static gboolean
wait_active (MillJob  *job,
             GError  **error)
{
  g_autoptr(JsonObject) answer = mill_job_wait (job, FALSE, _("DynamoDB is preparing the table: usually 5 to 15 seconds."), "dynamodb:DescribeTable", name_parameters (job),
                                                check_active, error);

  if (answer == NULL)
    return FALSE;
  g_clear_pointer (&job->actual, json_object_unref);
  job->actual = describe (job, aws_json_get_object (answer, "Table"));
  return mill_job_recognize (job, aws_json_get_string (answer, "Table.TableId"), NULL, error);
}

static gboolean
find (MillJob  *job,
      GError  **error)
{
  g_autoptr(JsonObject) answer = mill_job_call (job, "dynamodb:DescribeTable", name_parameters (job), error);
  g_autoptr(JsonObject) tags = NULL;
  JsonObject *table;

  if (answer == NULL)
    return FALSE;
  table = aws_json_get_object (answer, "Table");
  if (table == NULL)
    return mill_job_set_gone (job, error);
  tags = mill_job_call (job, "dynamodb:ListTagsOfResource",
                        mill_properties_build ("ResourceArn:s", aws_json_get_string (table, "TableArn"), NULL), error);
  if (tags == NULL)
    return FALSE;
  if (!mill_job_owns (job, json_object_get_member (tags, "Tags")))
    return mill_job_set_gone (job, error);
  set_ids (job, table);
  return TRUE;
}

static gboolean
create (MillJob  *job,
        GError  **error)
{
  JsonObject *parameters = mill_properties_build ("TableName:s", job->record->name, "Tags:a", mill_job_dup_tag_list (job),
                                                  "StreamSpecification:o", stream_specification (job->properties), NULL);
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(GError) local = NULL;

  mill_properties_to_parameters (job->properties, members, parameters);
  answer = mill_job_call (job, "dynamodb:CreateTable", parameters, &local);
  if (answer != NULL && aws_json_get_object (answer, "TableDescription") != NULL)
    set_ids (job, aws_json_get_object (answer, "TableDescription"));
  else if (local == NULL || !mill_error_is_there (local))
    {
      g_propagate_error (error, local != NULL ? g_steal_pointer (&local)
                                              : aws_error_new (AWS_ERROR_ANSWER, "", "CreateTable answered no table", NULL, 0, FALSE));
      return FALSE;
    }
  else if (!find (job, NULL))
    return mill_job_set_taken (job, error);
  mill_job_set_made (job);
  return wait_active (job, error);
}

static JsonObject *
read_back (MillJob  *job,
           GError  **error)
{
  g_autoptr(JsonObject) answer = mill_job_call (job, "dynamodb:DescribeTable", name_parameters (job), error);

  if (answer == NULL)
    return NULL;
  if (aws_json_get_object (answer, "Table") == NULL)
    {
      mill_job_set_gone (job, error);
      return NULL;
    }
  if (!mill_job_recognize (job, aws_json_get_string (answer, "Table.TableId"), NULL, error))
    return NULL;
  return describe (job, aws_json_get_object (answer, "Table"));
}

static gboolean
update_with (MillJob     *job,
             JsonObject  *parameters,
             GError     **error)
{
  json_object_set_string_member (parameters, "TableName", job->record->name);
  return mill_job_do (job, "dynamodb:UpdateTable", parameters, error) && wait_active (job, error);
}

static gboolean
update (MillJob     *job,
        JsonObject  *before,
        GError     **error)
{
  static const MillMember throughput[] = {
    { "BillingMode", "BillingMode", 'n' }, { "ProvisionedThroughput", "ProvisionedThroughput", 'n' },
    { "AttributeDefinitions", "AttributeDefinitions", 'n' }, { NULL }
  };
  JsonNode *old_stream = json_object_get_member (before, "StreamSpecification");
  JsonNode *new_stream = json_object_get_member (job->properties, "StreamSpecification");

  /* A stream that is on cannot be changed: off, then on again as another. */
  if (!mill_properties_same (old_stream, new_stream))
    {
      if (old_stream != NULL &&
          !update_with (job, mill_properties_build ("StreamSpecification:o", mill_properties_build ("StreamEnabled:b", FALSE, NULL), NULL), error))
        return FALSE;
      if (new_stream != NULL &&
          !update_with (job, mill_properties_build ("StreamSpecification:o", stream_specification (job->properties), NULL), error))
        return FALSE;
    }
  if (!mill_properties_same (json_object_get_member (before, "BillingMode"), json_object_get_member (job->properties, "BillingMode")) ||
      !mill_properties_same (json_object_get_member (before, "ProvisionedThroughput"), json_object_get_member (job->properties, "ProvisionedThroughput")))
    {
      JsonObject *parameters = json_object_new ();

      mill_properties_to_parameters (job->properties, throughput, parameters);
      if (!update_with (job, parameters, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
remove_table (MillJob  *job,
              GError  **error)
{
  return mill_error_forgive_gone (mill_job_do (job, "dynamodb:DeleteTable", name_parameters (job), error), error);
}

const MillHandler mill_handler_table = {
  "AWS::DynamoDB::Table", "TableName", NULL, create, find, read_back, update, remove_table, TRUE,
};
