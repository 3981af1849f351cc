/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-tap.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-engine-private.h"

#define PREFIX "Tap."
#define IN_NAME "-tap-"
/* SQS API reference, CreateQueue. */
#define QUEUE_NAME_MAX 80
#define SUFFIX 6

enum { QUEUE, POLICY, SUBSCRIPTION, N_PARTS };

static const struct { const char *name, *type; } parts[N_PARTS] = {
  [QUEUE] = { "Queue", "AWS::SQS::Queue" },
  [POLICY] = { "QueuePolicy", "AWS::SQS::QueuePolicy" },
  [SUBSCRIPTION] = { "Subscription", "AWS::SNS::Subscription" },
};

typedef struct {
  char     *topic;
  gboolean  on;
} Tap;

static void
tap_free (gpointer data)
{
  g_free (((Tap *) data)->topic);
  g_free (data);
}

static char *
dup_id (const char *topic,
        guint       part)
{
  return g_strconcat (PREFIX, topic, ".", parts[part].name, NULL);
}

static MillRecord *
dup_record (MillDeployment *deployment,
            const char     *topic,
            guint           part)
{
  g_autofree char *id = dup_id (topic, part);
  MillRecord *record = mill_deployment_dup_record (deployment, id);

  return record != NULL ? record : mill_record_new (id, parts[part].type);
}

static MillResource *
find_resource (MillDeployment *deployment,
               const char     *topic,
               guint           part)
{
  g_autofree char *id = dup_id (topic, part);

  return mill_deployment_find_resource (deployment, id);
}

/*
 * As of a queue without a name, but another one each time: the name of a queue that was deleted cannot be used for a minute.
 */
static char *
make_queue_name (MillDeployment *deployment,
                 const char     *topic)
{
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *stem = g_strconcat (mill_deployment_get_id (deployment), IN_NAME, topic, NULL);

  return g_strdup_printf ("%.*s-%.*s", QUEUE_NAME_MAX - SUFFIX - 1, stem, SUFFIX, uuid);
}

static JsonObject *
make_policy (const char *topic_arn,
             const char *queue_arn)
{
  JsonObject *statement = mill_properties_build ("Effect:s", "Allow",
                                                 "Principal:o", mill_properties_build ("Service:s", "sns.amazonaws.com", NULL),
                                                 "Action:s", "sqs:SendMessage", "Resource:s", queue_arn,
                                                 "Condition:o", mill_properties_build ("ArnEquals:o", mill_properties_build ("aws:SourceArn:s", topic_arn, NULL), NULL),
                                                 NULL);
  JsonArray *statements = json_array_new ();

  json_array_add_object_element (statements, statement);
  return mill_properties_build ("Version:s", "2012-10-17", "Statement:a", statements, NULL);
}

/* What a part shall be; those before it are made. @record: as it is in the ledger. */
static JsonObject *
make_properties (MillDeployment *deployment,
                 const char     *topic,
                 guint           part,
                 MillRecord     *record)
{
  g_autoptr(MillRecord) queue = dup_record (deployment, topic, QUEUE);
  g_autofree char *topic_arn = mill_deployment_lookup (deployment, topic, NULL);
  g_autofree char *name = NULL;

  switch (part)
    {
    case QUEUE:
      /* One that may be there is the one. */
      name = mill_record_may_exist (record) && *record->name != '\0' ? g_strdup (record->name) : make_queue_name (deployment, topic);
      return mill_properties_build ("QueueName:s", name, "MessageRetentionPeriod:i", MILL_TAP_RETENTION, NULL);
    case POLICY:
      return mill_properties_build ("Queues:a", mill_array_new (queue->physical_id, NULL),
                                    "PolicyDocument:o", make_policy (topic_arn, queue->arn), NULL);
    default:
      return mill_properties_build ("TopicArn:s", topic_arn, "Protocol:s", "sqs", "Endpoint:s", queue->arn, NULL);
    }
}

static gboolean
make_part (MillDeployment  *deployment,
           const char      *topic,
           guint            part,
           GCancellable    *cancellable,
           GError         **error)
{
  MillRecord *record = dup_record (deployment, topic, part);
  g_autoptr(JsonObject) properties = make_properties (deployment, topic, part, record);
  gboolean resumed = mill_record_may_exist (record);
  g_autoptr(MillJob) job = mill_job_new (deployment, record, properties, cancellable);

  job->resumed = resumed;
  if (mill_make (job, NULL, FALSE, error))
    return TRUE;
  /* Who may not even ask has made nothing. */
  if (error != NULL && (aws_error_has_code (*error, "AccessDenied") || aws_error_has_code (*error, "AccessDeniedException") ||
                        aws_error_has_code (*error, "AuthorizationError")) &&
      *job->record->physical_id == '\0')
    {
      mill_record_reset (job->record);
      mill_job_publish (job, (*error)->message);
    }
  return FALSE;
}

static gboolean
remove_part (MillDeployment  *deployment,
             const char      *topic,
             guint            part,
             GCancellable    *cancellable,
             GError         **error)
{
  MillRecord *record = dup_record (deployment, topic, part);
  g_autoptr(MillJob) job = NULL;

  if (!mill_record_may_exist (record))
    {
      mill_record_free (record);
      return TRUE;
    }
  job = mill_job_new (deployment, record, NULL, cancellable);
  /* The policy is an attribute of the queue, and gone with it. */
  return (part == POLICY || mill_remove (job, error)) && mill_prove_gone (job, NULL, error);
}

gboolean
mill_tap_remove (MillDeployment  *deployment,
                 const char      *topic,
                 GCancellable    *cancellable,
                 GError         **error)
{
  g_autoptr(GError) first = NULL;

  /* Each goes, whatever became of the one before; the queue before its policy. */
  if (!remove_part (deployment, topic, SUBSCRIPTION, cancellable, &first))
    remove_part (deployment, topic, QUEUE, cancellable, NULL);
  else if (remove_part (deployment, topic, QUEUE, cancellable, &first))
    remove_part (deployment, topic, POLICY, cancellable, &first);
  if (first == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&first));
  return FALSE;
}

static gpointer
tap_work (MillDeployment  *deployment,
          gpointer         data,
          GCancellable    *cancellable,
          GError         **error)
{
  Tap *tap = data;
  g_autoptr(GError) local = NULL;

  if (!tap->on)
    return mill_tap_remove (deployment, tap->topic, cancellable, error) ? deployment : NULL;
  for (guint part = 0; part < N_PARTS; part++)
    if (!make_part (deployment, tap->topic, part, cancellable, &local))
      {
        /* Half a tap helps nobody. What cannot be taken back now stays in the ledger, for clean-up. */
        if (!g_error_matches (local, AWS_ERROR, AWS_ERROR_NETWORK))
          mill_tap_remove (deployment, tap->topic, NULL, NULL);
        g_propagate_error (error, g_steal_pointer (&local));
        return NULL;
      }
  return deployment;
}

gboolean
mill_tap_is_part (const char *logical_id)
{
  return g_str_has_prefix (logical_id, PREFIX);
}

gboolean
mill_tap_is_queue (MillDeployment *deployment,
                   const char     *arn)
{
  const char *name = strrchr (arn, ':');
  const char *id = mill_deployment_get_id (deployment);
  const char *known = mill_deployment_find_by_id (deployment, arn);

  if (known != NULL)
    return mill_tap_is_part (known);
  return name != NULL && strstr (arn, ":sqs:") != NULL && g_str_has_prefix (name + 1, id) && g_str_has_prefix (name + 1 + strlen (id), IN_NAME);
}

gboolean
mill_tap_is_there (MillDeployment *deployment,
                   const char     *topic)
{
  for (guint part = 0; part < N_PARTS; part++)
    {
      MillResource *resource = find_resource (deployment, topic, part);
      MillResourceState state = resource != NULL ? mill_resource_get_state (resource) : MILL_RESOURCE_PLANNED;

      if (state != MILL_RESOURCE_PLANNED && state != MILL_RESOURCE_DELETED)
        return TRUE;
    }
  return FALSE;
}

char *
mill_tap_dup_queue_url (MillDeployment *deployment,
                        const char     *topic)
{
  for (guint part = 0; part < N_PARTS; part++)
    {
      MillResource *resource = find_resource (deployment, topic, part);

      if (resource == NULL || !mill_resource_is_made (resource))
        return NULL;
    }
  return g_strdup (mill_resource_get_physical_id (find_resource (deployment, topic, QUEUE)));
}

const char *
mill_tap_get_trouble (MillDeployment *deployment,
                      const char     *topic)
{
  for (guint part = 0; part < N_PARTS; part++)
    {
      MillResource *resource = find_resource (deployment, topic, part);

      if (resource != NULL && *mill_resource_get_wait_reason (resource) != '\0')
        return mill_resource_get_wait_reason (resource);
      if (resource != NULL && *mill_resource_get_error (resource) != '\0')
        return mill_resource_get_error (resource);
    }
  return "";
}

void
mill_engine_tap_async (MillEngine          *self,
                       MillDeployment      *deployment,
                       const char          *topic,
                       gboolean             on,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  MillResource *resource = mill_deployment_find_resource (deployment, topic);
  GError *error = NULL;
  Tap *tap;

  if (resource == NULL || strcmp (mill_resource_get_type_name (resource), "AWS::SNS::Topic") != 0)
    error = g_error_new (MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, _("%s has no topic “%s”."), mill_deployment_get_id (deployment), topic);
  else if (on && !mill_resource_is_made (resource))
    error = g_error_new (MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_NOT_READY, _("%s is not made yet: do its step first."), topic);
  if (error != NULL)
    {
      mill_engine_fail (self, error, mill_engine_tap_async, cancellable, callback, user_data);
      return;
    }
  for (guint part = 0; on && part < N_PARTS; part++)
    {
      g_autofree char *id = dup_id (topic, part);

      mill_deployment_add_record (deployment, id, parts[part].type);
    }
  tap = g_new0 (Tap, 1);
  tap->topic = g_strdup (topic);
  tap->on = on;
  mill_engine_run (self, deployment, TRUE, tap_work, tap, tap_free, NULL, mill_engine_tap_async, cancellable, callback, user_data);
}

gboolean
mill_engine_tap_finish (MillEngine    *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  return mill_engine_run_finish (self, result, mill_engine_tap_async, error) != NULL;
}
