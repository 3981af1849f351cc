/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-handler.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "aws-operation.h"
#include "mill-engine.h"
#include "mill-habit.h"
#include "mill-tagged.h"

#define NOTE_IDENTITY "Identity"
#define FIRST_PAUSE_MS 5
#define MOST_PAUSE_MS 1000
#define WAIT_TIMEOUT_SECONDS (10 * 60)
#define COUNTDOWN_STEP_MS 1000
/* So long a network may be away. */
#define NETWORK_SECONDS (10 * 60)

static const MillHandler *const handlers[] = {
  &mill_handler_iam_policy,
  &mill_handler_iam_role,
  &mill_handler_table,
  &mill_handler_queue,
  &mill_handler_queue_policy,
  &mill_handler_function,
  &mill_handler_mapping,
  &mill_handler_permission,
  &mill_handler_topic,
  &mill_handler_subscription,
  &mill_handler_rest_api,
  &mill_handler_api_resource,
  &mill_handler_method,
  &mill_handler_api_deployment,
  &mill_handler_stage,
  &mill_handler_log_group,
};

const MillHandler *
mill_handler_find (const char *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    if (strcmp (handlers[i]->type, type) == 0)
      return handlers[i];
  return NULL;
}

gboolean
mill_handler_is_of_role (const char *type)
{
  return strcmp (type, mill_handler_iam_role.type) == 0 || strcmp (type, mill_handler_iam_policy.type) == 0;
}

const MillHandler *
mill_handler_find_for (MillDeployment *deployment,
                       const char     *type)
{
  if (mill_deployment_get_role (deployment) == NULL || !mill_handler_is_of_role (type))
    return mill_handler_find (type);
  return strcmp (type, mill_handler_iam_role.type) == 0 ? &mill_handler_borrowed_role : &mill_handler_borrowed_policy;
}

MillJob *
mill_job_new (MillDeployment *deployment,
              MillRecord     *record,
              JsonObject     *properties,
              GCancellable   *cancellable)
{
  MillJob *self = g_new0 (MillJob, 1);

  self->deployment = g_object_ref (deployment);
  self->handler = mill_handler_find_for (deployment, record->type);
  self->client = g_object_ref (mill_target_get_client (mill_deployment_get_target (deployment)));
  self->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  self->record = record;
  self->properties = json_object_ref (properties != NULL ? properties : record->properties);
  return self;
}

void
mill_job_free (MillJob *self)
{
  g_object_unref (self->deployment);
  g_object_unref (self->client);
  g_clear_object (&self->cancellable);
  mill_record_free (self->record);
  json_object_unref (self->properties);
  g_clear_pointer (&self->actual, json_object_unref);
  g_clear_pointer (&self->answer, json_object_unref);
  g_free (self);
}

gboolean
mill_job_sleep (MillJob  *self,
                guint     milliseconds,
                GError  **error)
{
  GPollFD fd;

  if (self->cancellable == NULL || !g_cancellable_make_pollfd (self->cancellable, &fd))
    {
      g_usleep (milliseconds * 1000);
      return TRUE;
    }
  g_poll (&fd, 1, milliseconds);
  g_cancellable_release_fd (self->cancellable);
  return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}

void
mill_job_publish (MillJob    *self,
                  const char *detail)
{
  mill_deployment_publish (self->deployment, self->record, detail);
}

void
mill_job_set_waiting (MillJob    *self,
                      const char *reason)
{
  MillRecord *record = self->record;
  gboolean waits = reason != NULL && *reason != '\0';

  if (g_strcmp0 (record->wait_reason, waits ? reason : "") == 0)
    return;
  g_free (record->wait_reason);
  record->wait_reason = g_strdup (waits ? reason : "");
  /* What waits before it is made, or while it goes, stays what it is. */
  if (waits && record->state == MILL_RESOURCE_MADE)
    record->state = MILL_RESOURCE_WAITING;
  else if (!waits && record->state == MILL_RESOURCE_WAITING)
    record->state = MILL_RESOURCE_MADE;
  mill_job_publish (self, record->wait_reason);
}

void
mill_job_set_made (MillJob *self)
{
  self->record->state = MILL_RESOURCE_MADE;
  self->record->made_at = g_get_real_time ();
  mill_job_publish (self, "");
}

static guint
next_pause (guint pause)
{
  return MIN (pause * 2, MOST_PAUSE_MS);
}

/* A call that waits for its turn in the client says so meanwhile. */
static void
tell_pause (MillJob    *self,
            const char *operation)
{
  guint seconds = (aws_client_get_pause (self->client, operation) + 999) / 1000;
  g_autofree char *reason = NULL;

  if (seconds <= 1)
    return;
  reason = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "AWS lets an account do this only so often: its turn is in %u second.",
                                         "AWS lets an account do this only so often: its turn is in %u seconds.", seconds), seconds);
  mill_job_set_waiting (self, reason);
}

/* What is on its way to AWS and does not get there waits; an endpoint nearby that does not answer has ended. */
static gboolean
waits_for_network (MillJob      *self,
                   const char   *operation,
                   const GError *error,
                   gint64        began)
{
  const AwsOperation *known = aws_operation_find (operation);

  if (!aws_error_has_code (error, "NetworkError") || mill_target_get_kind (mill_deployment_get_target (self->deployment)) != MILL_TARGET_ACCOUNT ||
      (known != NULL && known->once) || g_get_monotonic_time () - began > (gint64) NETWORK_SECONDS * G_USEC_PER_SEC)
    return FALSE;
  mill_job_set_waiting (self, _("The network is gone. The work goes on when it is back, within ten minutes."));
  return TRUE;
}

/* A call in the resource's name; the ledger keeps it where it changes something. */
static JsonObject *
call (MillJob       *self,
      const char    *operation,
      JsonObject    *parameters,
      GCancellable  *cancellable,
      GError       **error)
{
  AwsCall *before = aws_call_log_get_last ();
  JsonObject *result;
  AwsCall *last;

  aws_call_log_set_subject (self->record->logical_id);
  result = aws_client_call (self->client, operation, parameters, cancellable, error);
  last = aws_call_log_get_last ();
  if (last != before && !aws_operation_only_looks (operation))
    mill_deployment_put_call (self->deployment, self->record->logical_id, last);
  return result;
}

JsonObject *
mill_job_call (MillJob     *self,
               const char  *operation,
               JsonObject  *parameters,
               GError     **error)
{
  g_autoptr(JsonObject) kept = parameters != NULL ? parameters : json_object_new ();
  gint64 began = g_get_monotonic_time ();
  guint pause = FIRST_PAUSE_MS;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return NULL;
  while (TRUE)
    {
      g_autoptr(GError) local = NULL;
      g_autofree char *reason = NULL;
      JsonObject *result;
      const MillHabit *habit;
      guint waited;

      tell_pause (self, operation);
      /* Never abandoned: a call that is stopped halfway may still be answered by the cloud, with a thing that nobody knows of. */
      result = call (self, operation, kept, NULL, &local);
      if (result != NULL)
        {
          mill_job_set_waiting (self, NULL);
          return result;
        }

      if (waits_for_network (self, operation, local, began))
        {
          if (!mill_job_sleep (self, MOST_PAUSE_MS, error))
            {
              mill_job_set_waiting (self, NULL);
              return NULL;
            }
          continue;
        }
      waited = (g_get_monotonic_time () - began) / G_USEC_PER_SEC;
      habit = mill_habit_find (operation, local);
      if (habit == NULL || waited >= habit->seconds || !mill_habit_is_worth_waiting (habit, self, kept, &local))
        {
          mill_job_set_waiting (self, NULL);
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }

      reason = mill_habit_dup_reason (habit, habit->seconds - waited);
      mill_job_set_waiting (self, reason);
      if (!mill_job_sleep (self, habit->countdown ? COUNTDOWN_STEP_MS : pause, error))
        {
          mill_job_set_waiting (self, NULL);
          return NULL;
        }
      pause = next_pause (pause);
    }
}

JsonObject *
mill_job_look (MillJob     *self,
               const char  *operation,
               JsonObject  *parameters,
               GError     **error)
{
  if (self->answer == NULL)
    return mill_job_call (self, operation, parameters, error);
  json_object_unref (parameters);
  return g_steal_pointer (&self->answer);
}

gboolean
mill_job_do (MillJob     *self,
             const char  *operation,
             JsonObject  *parameters,
             GError     **error)
{
  g_autoptr(JsonObject) result = mill_job_call (self, operation, parameters, error);

  return result != NULL;
}

JsonObject *
mill_job_wait (MillJob       *self,
               gboolean       known,
               const char    *reason,
               const char    *operation,
               JsonObject    *parameters,
               MillJobCheck   check,
               GError       **error)
{
  g_autoptr(JsonObject) kept = parameters;
  gint64 began = g_get_monotonic_time ();
  guint pause = FIRST_PAUSE_MS;

  while (TRUE)
    {
      g_autoptr(JsonObject) result = NULL;
      g_autoptr(GError) local = NULL;
      g_autoptr(GError) failure = NULL;
      AwsWait wait;

      if (known)
        {
          mill_job_set_waiting (self, reason);
          if (!mill_job_sleep (self, pause, error))
            {
              mill_job_set_waiting (self, NULL);
              return NULL;
            }
          pause = next_pause (pause);
        }
      known = TRUE;

      result = call (self, operation, kept, self->cancellable, &local);
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        {
          mill_job_set_waiting (self, NULL);
          return NULL;
        }
      if (result == NULL && waits_for_network (self, operation, local, began))
        continue;
      wait = check (self, result, local, &failure);
      if (wait == AWS_WAIT_AGAIN && g_get_monotonic_time () - began > (gint64) WAIT_TIMEOUT_SECONDS * G_USEC_PER_SEC)
        {
          wait = AWS_WAIT_FAILED;
          failure = aws_error_new (AWS_ERROR_TIMEOUT, "", _("It takes longer than ten minutes."), NULL, 0, FALSE);
        }
      if (wait != AWS_WAIT_AGAIN)
        {
          mill_job_set_waiting (self, NULL);
          if (wait == AWS_WAIT_DONE)
            return result != NULL ? g_steal_pointer (&result) : json_object_new ();
          if (failure == NULL)
            failure = local != NULL ? g_steal_pointer (&local)
                                    : aws_error_new (AWS_ERROR_ANSWER, "", _("The answer cannot be understood."), NULL, 0, FALSE);
          g_propagate_error (error, g_steal_pointer (&failure));
          return NULL;
        }
    }
}

AwsWait
mill_job_check_gone (MillJob       *job,
                     JsonObject    *result,
                     const GError  *error,
                     GError       **failure)
{
  if (result != NULL)
    return AWS_WAIT_AGAIN;
  return mill_error_is_gone (error) ? AWS_WAIT_DONE : AWS_WAIT_FAILED;
}

const char *
mill_job_get (MillJob    *self,
              const char *property)
{
  JsonNode *node = json_object_get_member (self->properties, property);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
         ? json_node_get_string (node) : NULL;
}

void
mill_job_set_id (MillJob    *self,
                 const char *physical_id,
                 const char *arn)
{
  g_free (self->record->physical_id);
  self->record->physical_id = g_strdup (physical_id != NULL ? physical_id : "");
  g_free (self->record->arn);
  self->record->arn = g_strdup (arn != NULL ? arn : "");
}

void
mill_job_set_attribute (MillJob    *self,
                        const char *name,
                        const char *value)
{
  mill_record_set_attribute (self->record, name, value);
}

char *
mill_job_dup_arn (MillJob    *self,
                  const char *service,
                  const char *resource)
{
  MillScope scope;

  mill_deployment_get_scope (self->deployment, &scope);
  return g_strdup_printf ("arn:%s:%s:%s:%s:%s", scope.partition, service, strcmp (service, "iam") == 0 ? "" : scope.region,
                          scope.account_id, resource);
}

JsonObject *
mill_job_dup_tag_map (MillJob *self)
{
  JsonObject *tags = json_object_new ();
  JsonArray *own = aws_json_get_array (self->properties, "Tags");

  for (guint i = 0; own != NULL && i < json_array_get_length (own); i++)
    {
      JsonObject *tag = mill_array_get_object (own, i);
      const char *key = tag != NULL ? aws_json_get_string (tag, "Key") : NULL;
      const char *value = tag != NULL ? aws_json_get_string (tag, "Value") : NULL;

      if (key != NULL && value != NULL)
        json_object_set_string_member (tags, key, value);
    }
  json_object_set_string_member (tags, MILL_TAG_DEPLOYMENT, mill_deployment_get_id (self->deployment));
  json_object_set_string_member (tags, MILL_TAG_TUTORIAL, mill_deployment_get_tutorial_id (self->deployment));
  json_object_set_string_member (tags, MILL_TAG_RESOURCE, self->record->logical_id);
  return tags;
}

JsonArray *
mill_job_dup_tag_list (MillJob *self)
{
  g_autoptr(JsonObject) tags = mill_job_dup_tag_map (self);
  JsonArray *list = json_array_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, tags);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    json_array_add_object_element (list, mill_properties_build ("Key:s", name, "Value:s", json_node_get_string (value), NULL));
  return list;
}

gboolean
mill_job_owns (MillJob  *self,
               JsonNode *tags)
{
  const char *id = mill_deployment_get_id (self->deployment);

  if (tags == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_OBJECT (tags))
    {
      JsonNode *value = json_object_get_member (json_node_get_object (tags), MILL_TAG_DEPLOYMENT);

      return value != NULL && JSON_NODE_HOLDS_VALUE (value) && g_strcmp0 (json_node_get_string (value), id) == 0;
    }
  if (JSON_NODE_HOLDS_ARRAY (tags))
    {
      JsonArray *list = json_node_get_array (tags);

      for (guint i = 0; i < json_array_get_length (list); i++)
        {
          JsonObject *tag = mill_array_get_object (list, i);

          if (tag != NULL && g_strcmp0 (aws_json_get_string (tag, "Key"), MILL_TAG_DEPLOYMENT) == 0 &&
              g_strcmp0 (aws_json_get_string (tag, "Value"), id) == 0)
            return TRUE;
        }
    }
  return FALSE;
}

gboolean
mill_job_set_taken (MillJob  *self,
                    GError  **error)
{
  g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_TAKEN,
               _("There is already an %s named “%s”, and it is not this deployment’s. It is left as it is: choose another name."),
               self->record->type, self->record->name);
  return FALSE;
}

gboolean
mill_job_set_gone (MillJob  *self,
                   GError  **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("%s is not there."), self->record->logical_id);
  return FALSE;
}

gboolean
mill_job_recognize (MillJob     *self,
                    const char  *identity,
                    JsonNode    *tags,
                    GError     **error)
{
  const char *before = aws_json_get_string (self->record->notes, NOTE_IDENTITY);

  /* Not every cloud has such ids: then there is nothing to tell two things apart by. */
  if (identity == NULL && tags == NULL)
    return TRUE;
  if (identity != NULL && before != NULL && strcmp (before, identity) == 0)
    return TRUE;
  if (tags != NULL ? mill_job_owns (self, tags) : identity != NULL && before == NULL)
    {
      mill_record_set_note (self->record, NOTE_IDENTITY, identity);
      return TRUE;
    }
  self->replaced = TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("%s is gone: somebody deleted it and made another of the same name, which is not this deployment’s."),
               self->record->logical_id);
  return FALSE;
}

void
mill_job_forget (MillJob *self)
{
  mill_record_set_note (self->record, NOTE_IDENTITY, NULL);
}

gboolean
mill_error_is_gone (const GError *error)
{
  static const char *const codes[] = {
    "NoSuchEntity", "ResourceNotFoundException", "NotFoundException", "NotFound", "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist", "ResourceNotFound", "NoSuchEntityException", "TableNotFoundException",
  };

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (aws_error_has_code (error, codes[i]))
      return TRUE;
  return FALSE;
}

gboolean
mill_error_is_there (const GError *error)
{
  static const char *const codes[] = {
    "EntityAlreadyExists", "ResourceInUseException", "ResourceConflictException", "ConflictException", "ResourceAlreadyExistsException",
    "QueueAlreadyExists", "QueueNameExists",
  };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (aws_error_has_code (error, codes[i]))
      return TRUE;
  return FALSE;
}

gboolean
mill_error_forgive_gone (gboolean   ok,
                         GError   **error)
{
  if (!ok && error != NULL && mill_error_is_gone (*error))
    {
      g_clear_error (error);
      return TRUE;
    }
  return ok;
}
