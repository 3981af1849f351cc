/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-handler.h"

#include <glib/gi18n-lib.h>

#include "aws-json.h"
#include "mill-engine.h"

/* SQS API reference: SetQueueAttributes, GetQueueAttributes; the policy is an attribute of the queues that it is for. */

static gboolean
set_policy (MillJob     *job,
            const char  *policy,
            GError     **error)
{
  JsonArray *queues = aws_json_get_array (job->properties, "Queues");

  for (guint i = 0; queues != NULL && i < json_array_get_length (queues); i++)
    {
      const char *url = mill_array_get (queues, i);
      JsonObject *parameters;

      /* A queue that we did not make is not ours to change. */
      if (mill_deployment_find_by_id (job->deployment, url) == NULL)
        {
          g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_TAKEN,
                       _("The queue %s is not this deployment’s, so its policy is left as it is."), url != NULL ? url : "");
          return FALSE;
        }
      parameters = mill_properties_build ("QueueUrl:s", url, "Attributes:o", mill_properties_build ("Policy:s", policy, NULL), NULL);
      if (!mill_job_do (job, "sqs:SetQueueAttributes", parameters, error))
        return FALSE;
    }
  return TRUE;
}

static JsonObject *
read_back (MillJob  *job,
           GError  **error)
{
  JsonArray *queues = aws_json_get_array (job->properties, "Queues");
  g_autoptr(JsonNode) document = NULL;

  for (guint i = 0; queues != NULL && i < json_array_get_length (queues); i++)
    {
      g_autoptr(JsonObject) answer = NULL;
      const char *policy;

      answer = mill_job_call (job, "sqs:GetQueueAttributes",
                              mill_properties_build ("QueueUrl:s", mill_array_get (queues, i), "AttributeNames:a", mill_array_new ("Policy", NULL), NULL),
                              error);
      if (answer == NULL)
        return NULL;
      policy = aws_json_get_string (answer, "Attributes.Policy");
      g_clear_pointer (&document, json_node_unref);
      if (policy == NULL || *policy == '\0' || (document = aws_json_parse (policy, -1, NULL)) == NULL)
        {
          mill_job_set_gone (job, error);
          return NULL;
        }
      if (!mill_properties_same (document, json_object_get_member (job->properties, "PolicyDocument")))
        break;
    }
  return mill_properties_build ("Queues:n", json_object_get_member (job->properties, "Queues"), "PolicyDocument:n", document, NULL);
}

static gboolean
create (MillJob  *job,
        GError  **error)
{
  g_autofree char *policy = mill_properties_dup_text (job->properties, "PolicyDocument");
  g_autofree char *id = g_strdup_printf ("%s-%s", mill_deployment_get_id (job->deployment), job->record->logical_id);

  if (!set_policy (job, policy, error))
    return FALSE;
  mill_job_set_id (job, id, NULL);
  mill_job_set_attribute (job, "Id", id);
  return TRUE;
}

/* An attribute of a queue of ours: where there is a policy, it is this one. */
static gboolean
find (MillJob  *job,
      GError  **error)
{
  g_autofree char *id = g_strdup_printf ("%s-%s", mill_deployment_get_id (job->deployment), job->record->logical_id);
  g_autoptr(JsonObject) actual = read_back (job, error);

  if (actual == NULL)
    return FALSE;
  mill_job_set_id (job, id, NULL);
  mill_job_set_attribute (job, "Id", id);
  return TRUE;
}

static gboolean
update (MillJob     *job,
        JsonObject  *before,
        GError     **error)
{
  return create (job, error);
}

static gboolean
remove_policy (MillJob  *job,
               GError  **error)
{
  return mill_error_forgive_gone (set_policy (job, "", error), error);
}

const MillHandler mill_handler_queue_policy = {
  "AWS::SQS::QueuePolicy", NULL, "Queues", create, find, read_back, update, remove_policy,
};
