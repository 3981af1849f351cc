/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-tagged.h"

#include <string.h>

#include "aws-json.h"
#include "mill-properties.h"

/*
 * How the ARNs of the types begin behind "arn:PARTITION:SERVICE:REGION:ACCOUNT:" (Service Authorization Reference, "Resource types"), and which of
 * them have an id that cannot be found by a name.
 */
static const struct {
  const char *service;
  const char *prefix;
  const char *type;
  enum { BY_NAME, BY_ID, BY_ARN } known;
} arns[] = {
  { "sqs", "", "AWS::SQS::Queue", BY_NAME },
  { "sns", "", "AWS::SNS::Topic", BY_ARN },
  { "dynamodb", "table/", "AWS::DynamoDB::Table", BY_NAME },
  { "lambda", "function:", "AWS::Lambda::Function", BY_NAME },
  { "lambda", "event-source-mapping:", "AWS::Lambda::EventSourceMapping", BY_ID },
  { "iam", "role/", "AWS::IAM::Role", BY_NAME },
  { "iam", "policy/", "AWS::IAM::ManagedPolicy", BY_ARN },
  { "logs", "log-group:", "AWS::Logs::LogGroup", BY_NAME },
  { "apigateway", "/restapis/", "AWS::ApiGateway::RestApi", BY_ID },
};

void
mill_tagged_free (MillTagged *self)
{
  g_free (self->arn);
  g_free (self->deployment);
  g_free (self->tutorial);
  g_free (self->logical_id);
  g_free (self);
}

static const char *
find_tag (JsonArray  *tags,
          const char *key)
{
  for (guint i = 0; tags != NULL && i < json_array_get_length (tags); i++)
    {
      JsonObject *tag = mill_array_get_object (tags, i);

      if (tag != NULL && g_strcmp0 (aws_json_get_string (tag, "Key"), key) == 0)
        return aws_json_get_string (tag, "Value");
    }
  return NULL;
}

static void
add (GPtrArray  *found,
     const char *arn,
     JsonArray  *tags,
     const char *only)
{
  const char *deployment = find_tag (tags, MILL_TAG_DEPLOYMENT);
  const char *tutorial = find_tag (tags, MILL_TAG_TUTORIAL);
  const char *logical_id = find_tag (tags, MILL_TAG_RESOURCE);
  MillTagged *tagged;

  if (arn == NULL || deployment == NULL || *deployment == '\0' || (only != NULL && strcmp (deployment, only) != 0))
    return;
  for (guint i = 0; i < found->len; i++)
    if (strcmp (((MillTagged *) found->pdata[i])->arn, arn) == 0)
      return;
  tagged = g_new0 (MillTagged, 1);
  tagged->arn = g_strdup (arn);
  tagged->deployment = g_strdup (deployment);
  tagged->tutorial = g_strdup (tutorial != NULL ? tutorial : "");
  tagged->logical_id = g_strdup (logical_id != NULL ? logical_id : "");
  g_ptr_array_add (found, tagged);
}

/* Asks each of @list for its tags. What is gone meanwhile, and what we may not look at, is not ours. */
static gboolean
add_each (GPtrArray     *found,
          AwsClient     *client,
          JsonArray     *list,
          const char    *operation,
          const char    *parameter,
          const char    *member,
          GCancellable  *cancellable,
          GError       **error)
{
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *each = mill_array_get_object (list, i);
      const char *path = each != NULL ? aws_json_get_string (each, "Path") : NULL;
      g_autoptr(JsonObject) parameters = NULL;
      g_autoptr(JsonArray) tags = NULL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      /* Those that AWS made for itself are never ours. */
      if (each == NULL || aws_json_get_string (each, member) == NULL || (path != NULL && g_str_has_prefix (path, "/aws-")))
        continue;
      parameters = json_object_new ();
      json_object_set_string_member (parameters, parameter, aws_json_get_string (each, member));
      tags = aws_client_collect (client, operation, parameters, cancellable, NULL);
      if (tags != NULL)
        add (found, aws_json_get_string (each, "Arn"), tags, NULL);
    }
  return TRUE;
}

static gboolean
add_identities (GPtrArray     *found,
                AwsClient     *client,
                GCancellable  *cancellable,
                GError       **error)
{
  g_autoptr(JsonObject) local = mill_properties_build ("Scope:s", "Local", NULL);
  g_autoptr(JsonArray) roles = aws_client_collect (client, "iam:ListRoles", NULL, cancellable, error);
  g_autoptr(JsonArray) policies = NULL;

  if (roles == NULL)
    return FALSE;
  policies = aws_client_collect (client, "iam:ListPolicies", local, cancellable, error);
  if (policies == NULL)
    return FALSE;
  return add_each (found, client, roles, "iam:ListRoleTags", "RoleName", "RoleName", cancellable, error) &&
         add_each (found, client, policies, "iam:ListPolicyTags", "PolicyArn", "Arn", cancellable, error);
}

/* Not every tag index has mappings; the functions know theirs. */
static gboolean
add_mappings (GPtrArray     *found,
              AwsClient     *client,
              GCancellable  *cancellable,
              GError       **error)
{
  guint n = found->len;

  for (guint i = 0; i < n; i++)
    {
      MillTagged *function = found->pdata[i];
      g_autoptr(JsonObject) parameters = NULL;
      g_autoptr(JsonArray) mappings = NULL;

      if (strstr (function->arn, ":lambda:") == NULL || strstr (function->arn, ":function:") == NULL)
        continue;
      parameters = mill_properties_build ("FunctionName:s", function->arn, NULL);
      mappings = aws_client_collect (client, "lambda:ListEventSourceMappings", parameters, cancellable, error);
      if (mappings == NULL)
        return FALSE;
      for (guint j = 0; j < json_array_get_length (mappings); j++)
        {
          JsonObject *mapping = mill_array_get_object (mappings, j);
          const char *id = mapping != NULL ? aws_json_get_string (mapping, "UUID") : NULL;
          g_autofree char *stem = g_strndup (function->arn, strstr (function->arn, ":function:") - function->arn);
          g_autofree char *arn = g_strconcat (stem, ":event-source-mapping:", id, NULL);
          MillTagged *tagged;
          gboolean known = id == NULL;

          for (guint k = 0; k < found->len; k++)
            known = known || strcmp (((MillTagged *) found->pdata[k])->arn, arn) == 0;
          if (known)
            continue;
          tagged = g_new0 (MillTagged, 1);
          tagged->arn = g_steal_pointer (&arn);
          tagged->deployment = g_strdup (function->deployment);
          tagged->tutorial = g_strdup (function->tutorial);
          tagged->logical_id = g_strdup ("");
          g_ptr_array_add (found, tagged);
        }
    }
  return TRUE;
}

GPtrArray *
mill_tagged_collect (AwsClient     *client,
                     const char    *deployment,
                     GCancellable  *cancellable,
                     GError       **error)
{
  g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify) mill_tagged_free);
  g_autoptr(JsonObject) parameters = json_object_new ();
  g_autoptr(JsonArray) list = NULL;
  JsonArray *filters = json_array_new ();
  JsonObject *filter = mill_properties_build ("Key:s", MILL_TAG_DEPLOYMENT, NULL);

  if (deployment != NULL)
    json_object_set_array_member (filter, "Values", mill_array_new (deployment, NULL));
  json_array_add_object_element (filters, filter);
  json_object_set_array_member (parameters, "TagFilters", filters);
  list = aws_client_collect (client, "resourcegroupstaggingapi:GetResources", parameters, cancellable, error);
  if (list == NULL)
    return NULL;
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *each = mill_array_get_object (list, i);

      if (each != NULL)
        add (found, aws_json_get_string (each, "ResourceARN"), aws_json_get_array (each, "Tags"), deployment);
    }
  if (deployment == NULL && (!add_identities (found, client, cancellable, error) || !add_mappings (found, client, cancellable, error)))
    return NULL;
  return g_steal_pointer (&found);
}

/* The part of an ARN behind the fifth colon; NULL where it is none. */
static const char *
resource_of (const char *arn)
{
  for (guint i = 0; i < 5 && arn != NULL; i++)
    {
      arn = strchr (arn, ':');
      if (arn != NULL)
        arn++;
    }
  return arn;
}

static void
put_text (char       **field,
          const char  *text)
{
  g_free (*field);
  *field = g_strdup (text);
}

/* "/restapis/ID/stages/NAME" goes with its API, but its log group goes by itself. */
static MillRecord *
stage_to_record (const MillTagged *self,
                 const char       *resource)
{
  g_auto(GStrv) parts = g_strsplit (resource, "/", -1);
  MillRecord *record;

  if (g_strv_length (parts) != 5 || strcmp (parts[1], "restapis") != 0 || strcmp (parts[3], "stages") != 0)
    return NULL;
  record = mill_record_new (*self->logical_id != '\0' ? self->logical_id : parts[4], "AWS::ApiGateway::Stage");
  json_object_set_string_member (record->properties, "RestApiId", parts[2]);
  json_object_set_string_member (record->properties, "StageName", parts[4]);
  put_text (&record->name, parts[4]);
  put_text (&record->physical_id, parts[4]);
  return record;
}

static void
fill (MillRecord       *record,
      const MillTagged *self,
      char            **parts)
{
  record->state = MILL_RESOURCE_INTENDED;
  put_text (&record->token, self->deployment);
  put_text (&record->region, parts[3]);
  put_text (&record->account, parts[4]);
  put_text (&record->arn, self->arn);
  record->intended_at = g_get_real_time ();
  mill_record_set_note (record, MILL_NOTE_FOUND, "true");
}

MillRecord *
mill_tagged_to_record (const MillTagged *self)
{
  const char *resource = resource_of (self->arn);
  g_auto(GStrv) parts = g_strsplit (self->arn, ":", 6);
  MillRecord *record;

  if (resource == NULL || strcmp (parts[0], "arn") != 0)
    return NULL;
  record = strcmp (parts[2], "apigateway") == 0 ? stage_to_record (self, resource) : NULL;
  if (record != NULL)
    {
      fill (record, self, parts);
      return record;
    }
  for (guint i = 0; i < G_N_ELEMENTS (arns); i++)
    {
      const char *rest = resource + strlen (arns[i].prefix);
      g_autofree char *name = NULL;

      if (strcmp (parts[2], arns[i].service) != 0 || !g_str_has_prefix (resource, arns[i].prefix))
        continue;
      /* A role's or policy's path comes before its name, what a log group holds behind it. */
      if (strcmp (parts[2], "iam") == 0)
        name = g_strdup (strrchr (resource, '/') + 1);
      else
        name = g_strndup (rest, strcspn (rest, ":"));
      /* Stages and subscriptions go with what they are a part of. */
      if (*name == '\0' || (strcmp (parts[2], "iam") != 0 && strcmp (parts[2], "logs") != 0 && strchr (rest, '/') != NULL) ||
          (strcmp (parts[2], "sns") == 0 && strchr (rest, ':') != NULL))
        return NULL;
      record = mill_record_new (*self->logical_id != '\0' ? self->logical_id : name, arns[i].type);
      put_text (&record->name, name);
      if (arns[i].known != BY_NAME)
        put_text (&record->physical_id, arns[i].known == BY_ARN ? self->arn : name);
      fill (record, self, parts);
      return record;
    }
  return NULL;
}
