/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-tally.h"

typedef struct {
  gint64 calls;
  gint64 milliseconds;
} Count;

struct _PracticeTally {
  GHashTable *counts;   /* operation → Count */
};

PracticeTally *
practice_tally_new (void)
{
  PracticeTally *self = g_new0 (PracticeTally, 1);

  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
practice_tally_free (PracticeTally *self)
{
  g_hash_table_unref (self->counts);
  g_free (self);
}

void
practice_tally_add (PracticeTally *self,
                    const char    *operation,
                    guint          milliseconds)
{
  Count *count = g_hash_table_lookup (self->counts, operation);

  if (count == NULL) {
    count = g_new0 (Count, 1);
    g_hash_table_insert (self->counts, g_strdup (operation), count);
  }
  count->calls++;
  count->milliseconds += milliseconds;
}

JsonObject *
practice_tally_to_json (PracticeTally *self)
{
  JsonObject *all = json_object_new ();
  GHashTableIter iter;
  gpointer operation, value;

  g_hash_table_iter_init (&iter, self->counts);
  while (g_hash_table_iter_next (&iter, &operation, &value)) {
    const Count *count = value;
    JsonObject *object = json_object_new ();

    json_object_set_int_member (object, "calls", count->calls);
    json_object_set_int_member (object, "milliseconds", count->milliseconds);
    json_object_set_object_member (all, operation, object);
  }
  return all;
}
