/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-engine-private.h"

/* A queue takes a minute, a table some; longer than this nothing takes. */
#define GONE_SECONDS (5 * 60)
#define FIRST_PAUSE_MS 5
#define MOST_PAUSE_MS 2000

static void
put_text (char       **field,
          const char  *text)
{
  g_free (*field);
  *field = g_strdup (text);
}

gboolean
mill_look (MillJob  *job,
           GError  **error)
{
  g_autoptr(JsonObject) actual = NULL;
  g_autoptr(GError) local = NULL;
  gboolean ours;

  /* It may have been made without our knowing. Only what can be proved to be ours is taken up. */
  if (*job->record->physical_id == '\0')
    {
      ours = job->handler->find (job, &local);
      if (ours)
        mill_job_publish (job, "");
    }
  else
    {
      /* What is known only by its name may be another's by now. */
      actual = job->handler->by_name ? job->handler->read (job, &local) : NULL;
      ours = actual != NULL || !job->handler->by_name;
    }
  if (!ours && !mill_error_is_gone (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (ours && job->handler->strip != NULL && !job->handler->strip (job, error))
    return FALSE;
  job->looked = ours ? MILL_LOOK_OURS : MILL_LOOK_GONE;
  return TRUE;
}

/* Where the answer to the first call got lost, not every cloud has a good answer to the second. */
static gboolean
is_gone_anyway (MillJob      *job,
                const GError *trouble)
{
  g_autoptr(JsonObject) actual = NULL;
  g_autoptr(GError) local = NULL;

  if (!g_error_matches (trouble, AWS_ERROR, AWS_ERROR_SERVER) || *job->record->physical_id == '\0')
    return FALSE;
  actual = job->handler->read (job, &local);
  return actual == NULL && mill_error_is_gone (local);
}

gboolean
mill_remove (MillJob  *job,
             GError  **error)
{
  MillRecord *record = job->record;
  g_autoptr(GError) local = NULL;
  gboolean ok = job->looked != MILL_LOOK_NOT_YET || mill_look (job, &local);

  record->state = MILL_RESOURCE_DELETING;
  record->deleted_at = 0;
  put_text (&record->wait_reason, "");
  mill_record_set_error (record, NULL);
  mill_job_publish (job, "");
  /* A power cut that takes this leaves the word that it is there, and it is asked for again. */
  if (!mill_ledger_write (mill_deployment_get_ledger (job->deployment), error))
    return FALSE;

  if (ok && (job->looked == MILL_LOOK_GONE || job->handler->remove (job, &local) || is_gone_anyway (job, local)))
    {
      if (job->looked == MILL_LOOK_OURS)
        put_text (&record->request_id, aws_call_log_get_request_id ());
      mill_job_publish (job, "");
      return TRUE;
    }
  mill_record_set_error (record, local);
  put_text (&record->wait_reason, "");
  mill_job_publish (job, local->message);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/*
 * A subscription that waits for its confirmation stays until its topic goes, or for some days: where only it is taken back, there is nothing to wait for.
 */
static gboolean
is_pending (MillJob    *job,
            JsonObject *proof)
{
  return proof == NULL && aws_json_get_string (job->record->notes, MILL_NOTE_PENDING) != NULL;
}

static void
tell (JsonObject *proof,
      const char *answer)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *when = g_date_time_format_iso8601 (now);

  if (proof == NULL)
    return;
  json_object_set_string_member (proof, "answer", answer);
  json_object_set_string_member (proof, "at", when);
  json_object_set_string_member (proof, "requestId", aws_call_log_get_request_id ());
}

gboolean
mill_prove_gone (MillJob     *job,
                 JsonObject  *proof,
                 GError     **error)
{
  MillRecord *record = job->record;
  gint64 deadline = g_get_monotonic_time () + (gint64) GONE_SECONDS * G_USEC_PER_SEC;
  guint pause = FIRST_PAUSE_MS;

  if (job->replaced || job->handler->borrowed)
    tell (proof, job->replaced ? "Replaced" : "NotOurs");
  while (!job->replaced && !job->handler->borrowed && *record->physical_id != '\0' && !is_pending (job, proof))
    {
      g_autoptr(GError) local = NULL;
      g_autoptr(JsonObject) actual = job->handler->read (job, &local);

      if (actual == NULL && mill_error_is_gone (local))
        {
          const char *code = aws_error_get_code (local);

          tell (proof, job->replaced ? "Replaced" : code != NULL && *code != '\0' ? code : "NotFound");
          break;
        }
      if (actual == NULL || g_get_monotonic_time () > deadline)
        {
          if (local == NULL)
            local = g_error_new (MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_LEFT, _("%s is still there after five minutes."), record->logical_id);
          tell (proof, local->message);
          mill_record_set_error (record, local);
          put_text (&record->wait_reason, "");
          mill_job_publish (job, local->message);
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      job->slow = TRUE;
      mill_job_set_waiting (job, _("It was deleted, but AWS still shows it: that can take a minute."));
      if (!mill_job_sleep (job, pause, error))
        return FALSE;
      pause = MIN (pause * 2, MOST_PAUSE_MS);
    }
  if (!job->replaced && !job->handler->borrowed && *record->physical_id == '\0')
    tell (proof, "NeverMade");

  record->state = MILL_RESOURCE_DELETED;
  if (record->deleted_at == 0)
    record->deleted_at = g_get_real_time ();
  put_text (&record->wait_reason, "");
  mill_record_set_error (record, NULL);
  mill_job_publish (job, "");
  return TRUE;
}
