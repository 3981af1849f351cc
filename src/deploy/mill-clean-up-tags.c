/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-clean-up-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "aws-retry.h"
#include "mill-tagged.h"

/* The tag index lags behind; on AWS by up to some minutes. */
#define TAG_SECONDS 120
#define FIRST_PAUSE_MS 10
#define MOST_PAUSE_MS 5000

static gboolean
is_known (MillClean        *clean,
          const MillTagged *tagged,
          const MillRecord *record)
{
  for (guint i = 0; i < clean->pieces->len; i++)
    {
      MillRecord *known = ((MillCleanPiece *) clean->pieces->pdata[i])->job->record;

      if (strcmp (known->arn, tagged->arn) == 0)
        return TRUE;
      /* Under one name there is one thing. */
      if (*record->physical_id == '\0' && strcmp (known->type, record->type) == 0 && strcmp (known->name, record->name) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
put_own_id (MillClean  *clean,
            MillRecord *record)
{
  g_autofree char *stem = g_strdup (record->logical_id);

  for (guint n = 2; mill_clean_find_piece (clean, record->logical_id) != NULL; n++)
    {
      g_free (record->logical_id);
      record->logical_id = g_strdup_printf ("%s-%u", stem, n);
    }
}

static gboolean
delete_stray (MillClean   *clean,
              MillRecord  *record,
              GError     **error)
{
  MillCleanPiece *piece;

  put_own_id (clean, record);
  piece = mill_clean_add_piece (clean, record);
  if (mill_remove (piece->job, &piece->error) && mill_prove_gone (piece->job, piece->proof, &piece->error))
    return TRUE;
  g_propagate_error (error, g_error_copy (piece->error));
  return FALSE;
}

/* Goes through what the search found; what is in the ledger has been proved to be gone. */
static gboolean
delete_strays (MillClean  *clean,
               GPtrArray  *found,
               GError    **error)
{
  for (guint i = 0; i < found->len; i++)
    {
      g_autoptr(MillRecord) record = mill_tagged_to_record (found->pdata[i]);

      if (record != NULL && !is_known (clean, found->pdata[i], record) && !delete_stray (clean, g_steal_pointer (&record), error))
        return FALSE;
    }
  return TRUE;
}

gboolean
mill_clean_search_tags (MillTask      *task,
                        gpointer       data,
                        GCancellable  *cancellable,
                        GError       **error)
{
  MillClean *clean = data;
  AwsClient *client = mill_target_get_client (mill_deployment_get_target (clean->deployment));
  gint64 deadline = g_get_monotonic_time () + (gint64) TAG_SECONDS * G_USEC_PER_SEC;
  guint pause = FIRST_PAUSE_MS;

  while (TRUE)
    {
      g_autoptr(GError) local = NULL;
      g_autoptr(GPtrArray) found = NULL;
      JsonArray *shown;

      aws_call_log_set_subject (NULL);
      found = mill_tagged_collect (client, mill_deployment_get_id (clean->deployment), cancellable, &local);
      g_clear_pointer (&clean->tag_search, json_object_unref);
      if (found != NULL && found->len == 0)
        {
          clean->tag_search = mill_properties_build ("empty:b", TRUE, "requestId:s", aws_call_log_get_request_id (), NULL);
          return TRUE;
        }
      if (found != NULL && !delete_strays (clean, found, error))
        return FALSE;
      if (found == NULL || g_get_monotonic_time () > deadline || !aws_retry_sleep (pause, cancellable, &local))
        {
          shown = json_array_new ();
          for (guint i = 0; found != NULL && i < found->len; i++)
            json_array_add_object_element (shown, mill_properties_build ("ResourceARN:s", ((MillTagged *) found->pdata[i])->arn, NULL));
          clean->tag_search = mill_properties_build ("empty:b", FALSE, "error:s", local != NULL ? local->message : _("It takes longer than two minutes."),
                                                     "found:a", shown, NULL);
          return TRUE;
        }
      pause = MIN (pause * 2, MOST_PAUSE_MS);
    }
}
