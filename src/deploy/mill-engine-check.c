/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-engine-private.h"

/* Items and mails are on their way for a moment after an action; on AWS for seconds. */
#define ARRIVAL_SECONDS 10
#define FIRST_PAUSE_MS 10
#define MOST_PAUSE_MS 1000
/* The id of what is checked although no step asks for it. */
#define THERE "there"

/* One check of one step. */
typedef struct {
  MillDeployment   *deployment;
  const char       *step;
  const MillCheck  *check;
  gboolean          patient;
  MillCheckResult  *result;   /* NULL: cannot be checked on this target */
} Item;

void
mill_check_result_free (MillCheckResult *self)
{
  if (self == NULL)
    return;
  g_free (self->step);
  g_free (self->id);
  g_free (self->text);
  g_free (self);
}

/* @found: (nullable): what was found instead. */
static void
conclude (Item       *item,
          gboolean    ok,
          const char *found)
{
  MillCheckResult *result = g_new0 (MillCheckResult, 1);

  result->step = g_strdup (item->step);
  result->id = g_strdup (item->check->id);
  result->ok = ok;
  result->text = ok || found == NULL || *found == '\0' ? g_strdup (item->check->text)
                                                       : g_strdup_printf (_("%s — found: %s"), item->check->text, found);
  g_clear_pointer (&item->result, mill_check_result_free);
  item->result = result;
}

static MillJob *
job_for (Item         *item,
         GCancellable *cancellable)
{
  MillRecord *record = mill_deployment_dup_record (item->deployment, item->check->resource);

  if (record == NULL)
    return NULL;
  if (!mill_record_may_exist (record) || *record->physical_id == '\0' || mill_handler_find (record->type) == NULL)
    {
      mill_record_free (record);
      return NULL;
    }
  return mill_job_new (item->deployment, record, NULL, cancellable);
}

/* "KeySchema.0.AttributeName": names and places in lists. */
static JsonNode *
walk (JsonObject *object,
      const char *path)
{
  g_auto(GStrv) parts = g_strsplit (path, ".", -1);
  JsonNode *node = parts[0] != NULL ? json_object_get_member (object, parts[0]) : NULL;

  for (guint i = 1; node != NULL && parts[i] != NULL; i++)
    {
      guint64 index;

      if (JSON_NODE_HOLDS_OBJECT (node))
        node = json_object_get_member (json_node_get_object (node), parts[i]);
      else if (JSON_NODE_HOLDS_ARRAY (node) && g_ascii_string_to_unsigned (parts[i], 10, 0, G_MAXUINT, &index, NULL) &&
               index < json_array_get_length (json_node_get_array (node)))
        node = json_array_get_element (json_node_get_array (node), index);
      else
        node = NULL;
    }
  return node;
}

/* What is not ours is not looked into. */
static void
conclude_borrowed (Item    *item,
                   MillJob *job)
{
  conclude (item, TRUE, NULL);
  g_free (item->result->text);
  item->result->text = g_strdup_printf (_("The role %s is used instead"), job->record->physical_id);
}

static gboolean
check_exists (Item     *item,
              MillJob  *job,
              GError  **error)
{
  if (!mill_verify (job, error))
    return FALSE;
  if (job->handler->borrowed && job->record->state == MILL_RESOURCE_VERIFIED)
    conclude_borrowed (item, job);
  else
    conclude (item, job->record->state == MILL_RESOURCE_VERIFIED, job->record->error);
  return TRUE;
}

static gboolean
check_property (Item     *item,
                MillJob  *job,
                GError  **error)
{
  g_autoptr(JsonObject) actual = job->handler->read (job, error);
  g_autoptr(JsonNode) expected = NULL;
  g_autofree char *found = NULL;
  JsonNode *node;

  if (actual == NULL)
    return FALSE;
  if (job->handler->borrowed)
    {
      conclude_borrowed (item, job);
      return TRUE;
    }
  expected = json_node_init_string (json_node_alloc (), item->check->expected != NULL ? item->check->expected : "");
  node = walk (actual, item->check->property != NULL ? item->check->property : "");
  found = node != NULL ? aws_json_to_text (node) : g_strdup ("—");
  conclude (item, mill_properties_same (node, expected), found);
  return TRUE;
}

static gboolean
check_confirmed (Item     *item,
                 MillJob  *job,
                 GError  **error)
{
  g_autoptr(JsonObject) actual = job->handler->read (job, error);

  if (actual == NULL)
    return FALSE;
  conclude (item, g_strcmp0 (aws_json_get_string (actual, "PendingConfirmation"), "false") == 0,
            _("it still waits for its confirmation: open the link in the mail"));
  return TRUE;
}

/* Asks @ask until it says yes, for a while where the item is patient. */
static gboolean
ask_until (Item      *item,
           MillJob   *job,
           gboolean (*ask) (Item *item, MillJob *job, gboolean *yes, GError **error),
           gboolean  *yes,
           GError   **error)
{
  gint64 deadline = g_get_monotonic_time () + (item->patient ? ARRIVAL_SECONDS * G_USEC_PER_SEC : 0);
  guint pause = FIRST_PAUSE_MS;

  while (TRUE)
    {
      *yes = FALSE;
      if (!ask (item, job, yes, error))
        return FALSE;
      if (*yes || g_get_monotonic_time () >= deadline)
        return TRUE;
      if (!mill_job_sleep (job, pause, error))
        return FALSE;
      pause = MIN (pause * 2, MOST_PAUSE_MS);
    }
}

static gboolean
ask_item (Item      *item,
          MillJob   *job,
          gboolean  *yes,
          GError   **error)
{
  g_autoptr(JsonObject) parameters = mill_properties_build ("TableName:s", job->record->physical_id, NULL);
  g_autoptr(JsonArray) items = aws_client_collect (job->client, "dynamodb:Scan", parameters, job->cancellable, error);

  if (items == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (items) && !*yes; i++)
    {
      g_autofree char *text = aws_json_to_text (json_array_get_element (items, i));

      *yes = strstr (text, item->check->expected != NULL ? item->check->expected : "") != NULL;
    }
  return TRUE;
}

static gboolean
ask_mail (Item      *item,
          MillJob   *job,
          gboolean  *yes,
          GError   **error)
{
  g_autoptr(JsonObject) inbox = NULL;
  const char *to = aws_json_get_string (job->properties, "Endpoint");
  const char *topic = aws_json_get_string (job->properties, "TopicArn");
  JsonArray *messages;

  inbox = mill_inbox_read (mill_deployment_get_target (item->deployment), NULL, NULL, job->cancellable, error);
  if (inbox == NULL)
    return FALSE;
  messages = aws_json_get_array (inbox, "messages");
  for (guint i = 0; messages != NULL && i < json_array_get_length (messages) && !*yes; i++)
    {
      JsonObject *message = mill_array_get_object (messages, i);
      const char *body = message != NULL ? aws_json_get_string (message, "body") : NULL;

      *yes = body != NULL && strstr (body, item->check->expected != NULL ? item->check->expected : "") != NULL &&
             (to == NULL || g_strcmp0 (aws_json_get_string (message, "to"), to) == 0) &&
             (topic == NULL || aws_json_get_string (message, "topicArn") == NULL || g_strcmp0 (aws_json_get_string (message, "topicArn"), topic) == 0);
    }
  return TRUE;
}

static gboolean
check_item (Item     *item,
            MillJob  *job,
            GError  **error)
{
  gboolean yes;

  if (!ask_until (item, job, ask_item, &yes, error))
    return FALSE;
  conclude (item, yes, _("no such item"));
  return TRUE;
}

static gboolean
check_mail (Item     *item,
            MillJob  *job,
            GError  **error)
{
  g_autoptr(JsonObject) inbox = NULL;
  gboolean there;
  gboolean yes;

  /* Nobody but its owner can look into a real mailbox. */
  inbox = mill_inbox_read (mill_deployment_get_target (item->deployment), NULL, &there, job->cancellable, error);
  if (inbox == NULL)
    return FALSE;
  if (!there)
    return TRUE;
  if (!ask_until (item, job, ask_mail, &yes, error))
    return FALSE;
  conclude (item, yes, _("no such mail"));
  return TRUE;
}

static gboolean
do_check (MillTask      *task,
          gpointer       data,
          GCancellable  *cancellable,
          GError       **error)
{
  Item *item = data;
  g_autoptr(MillJob) job = job_for (item, cancellable);
  g_autoptr(GError) local = NULL;
  gboolean ok;

  if (job == NULL)
    {
      conclude (item, FALSE, _("it is not made"));
      return TRUE;
    }
  switch (item->check->kind)
    {
    case MILL_CHECK_EXISTS:
      ok = check_exists (item, job, &local);
      break;
    case MILL_CHECK_PROPERTY:
      ok = check_property (item, job, &local);
      break;
    case MILL_CHECK_CONFIRMED:
      ok = check_confirmed (item, job, &local);
      break;
    case MILL_CHECK_ITEM:
      ok = check_item (item, job, &local);
      break;
    default:
      ok = check_mail (item, job, &local);
    }
  if (ok)
    return TRUE;
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  conclude (item, FALSE, local->message);
  return TRUE;
}

static void
add_checks (GArray         *items,
            MillDeployment *deployment,
            MillStep       *step,
            gboolean        patient)
{
  GPtrArray *checks = mill_step_get_checks (step);

  for (guint i = 0; checks != NULL && i < checks->len; i++)
    {
      Item item = { deployment, mill_step_get_id (step), checks->pdata[i], patient, NULL };

      /* What messages did is asked on the page that sends one; all steps together are asked for what is built. */
      if (!patient && (item.check->kind == MILL_CHECK_ITEM || item.check->kind == MILL_CHECK_MAIL))
        continue;
      if (item.check->resource != NULL)
        g_array_append_val (items, item);
    }
}

/* What no check of a step looks at, is looked at all the same. @own: keeps these checks. */
static void
add_unchecked (GArray         *items,
               MillDeployment *deployment,
               GPtrArray      *own)
{
  MillTutorial *tutorial = mill_deployment_get_tutorial (deployment);
  g_autoptr(GPtrArray) records = mill_deployment_dup_records (deployment);
  guint n = items->len;

  for (guint i = 0; i < records->len; i++)
    {
      MillRecord *record = records->pdata[i];
      MillStep *maker = mill_tutorial_find_maker (tutorial, record->logical_id);
      gboolean covered = maker == NULL || mill_deployment_peek_step_state (deployment, mill_step_get_id (maker)) != MILL_STEP_DONE;
      MillCheck *check;
      Item item;

      for (guint j = 0; j < n && !covered; j++)
        {
          const MillCheck *other = g_array_index (items, Item, j).check;

          covered = other->kind == MILL_CHECK_EXISTS && strcmp (other->resource, record->logical_id) == 0;
        }
      if (covered)
        continue;
      check = g_new0 (MillCheck, 1);
      check->id = THERE;
      check->kind = MILL_CHECK_EXISTS;
      check->resource = g_intern_string (record->logical_id);
      check->text = g_strdup_printf (_("%s is there as it was made"), record->logical_id);
      g_ptr_array_add (own, check);
      item = (Item) { deployment, mill_step_get_id (maker), check, FALSE, NULL };
      g_array_append_val (items, item);
    }
}

static void
own_check_free (gpointer data)
{
  MillCheck *check = data;

  g_free ((char *) check->text);
  g_free (check);
}

static gpointer
check_work (MillDeployment  *deployment,
            gpointer         data,
            GCancellable    *cancellable,
            GError         **error)
{
  const char *only = data;
  GPtrArray *steps = mill_tutorial_get_steps (mill_deployment_get_tutorial (deployment));
  g_autoptr(GArray) items = g_array_new (FALSE, FALSE, sizeof (Item));
  g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func ((GDestroyNotify) mill_check_result_free);
  g_autoptr(MillSchedule) schedule = mill_schedule_new ();
  g_autoptr(GPtrArray) own = g_ptr_array_new_with_free_func (own_check_free);
  MillLedger *ledger = mill_deployment_get_ledger (deployment);
  gboolean ok;

  for (guint i = 0; i < steps->len; i++)
    {
      const char *id = mill_step_get_id (steps->pdata[i]);

      if (only != NULL ? strcmp (only, id) == 0 : mill_deployment_peek_step_state (deployment, id) == MILL_STEP_DONE)
        add_checks (items, deployment, steps->pdata[i], only != NULL);
    }
  if (only == NULL)
    add_unchecked (items, deployment, own);
  for (guint i = 0; i < items->len; i++)
    {
      Item *item = &g_array_index (items, Item, i);
      g_autofree char *id = g_strdup_printf ("%u", i);

      mill_schedule_add (schedule, id, do_check, item, NULL);
    }
  ok = mill_schedule_run (schedule, cancellable, error);
  for (guint i = 0; i < items->len; i++)
    {
      MillCheckResult *result = g_array_index (items, Item, i).result;

      if (result == NULL)
        continue;
      mill_ledger_queue (ledger, "INSERT OR REPLACE INTO check_result (deployment, step, id, ok, text, time) VALUES (?, ?, ?, ?, ?, ?)", "sssisi",
                         mill_deployment_get_id (deployment), result->step, result->id, (gint64) result->ok, result->text, g_get_real_time ());
      g_ptr_array_add (results, result);
    }
  return ok ? g_steal_pointer (&results) : NULL;
}

void
mill_engine_check_async (MillEngine          *self,
                         MillDeployment      *deployment,
                         const char          *step,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  MillTutorial *tutorial = mill_deployment_get_tutorial (deployment);

  if (tutorial == NULL || (step != NULL && mill_tutorial_find_step (tutorial, step) == NULL))
    {
      mill_engine_fail (self, g_error_new (MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, _("%s has no step “%s” that could be checked."),
                                           mill_deployment_get_tutorial_id (deployment), step != NULL ? step : ""),
                        mill_engine_check_async, cancellable, callback, user_data);
      return;
    }
  mill_engine_run (self, deployment, FALSE, check_work, g_strdup (step), g_free, (GDestroyNotify) g_ptr_array_unref, mill_engine_check_async,
                   cancellable, callback, user_data);
}

GPtrArray *
mill_engine_check_finish (MillEngine    *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  return mill_engine_run_finish (self, result, mill_engine_check_async, error);
}
