/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-faults.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "practice-json.h"

/* One call in so many goes wrong. */
#define ODDS 30
#define SKEW_SECONDS (20 * 60)

static const char *const names[] = { "none", "error", "reset", "lost", "silence", "truncate", "skew", "expired" };

typedef struct {
  char          *operation;
  guint          call;
  PracticeFault  fault;
} Rule;

struct _PracticeFaults {
  GRand      *random;   /* NULL where there are rules */
  GArray     *rules;
  GHashTable *counts;   /* operation → calls so far */
  gint64      skew;
};

static void
rule_clear (gpointer data)
{
  g_free (((Rule *) data)->operation);
}

static gboolean
add_rule (PracticeFaults  *self,
          JsonNode        *node,
          GError         **error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *operation = object != NULL ? practice_json_get_string (object, "operation") : NULL;
  const char *fault = object != NULL ? practice_json_get_string (object, "fault") : NULL;
  JsonNode *call = object != NULL ? json_object_get_member (object, "call") : NULL;
  gint64 number = call != NULL && JSON_NODE_HOLDS_VALUE (call) && json_node_get_value_type (call) == G_TYPE_INT64 ? json_node_get_int (call) : 1;

  for (guint i = 1; operation != NULL && fault != NULL && number > 0 && number < G_MAXINT32 && i < G_N_ELEMENTS (names); i++) {
    if (strcmp (names[i], fault) == 0) {
      Rule rule = { g_strdup (operation), (guint) number, (PracticeFault) i };

      g_array_append_val (self->rules, rule);
      return TRUE;
    }
  }
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       "A fault is written {\"operation\": \"sqs:CreateQueue\", \"call\": 1, \"fault\": F}, and F is one of error, reset, lost, silence, "
                       "truncate, skew, expired.");
  return FALSE;
}

static guint
count (PracticeFaults *self,
       const char     *operation)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, operation)) + 1;

  g_hash_table_replace (self->counts, g_strdup (operation), GUINT_TO_POINTER (n));
  return n;
}

static PracticeFault
draw (PracticeFaults *self)
{
  if (g_rand_int_range (self->random, 0, ODDS) != 0)
    return PRACTICE_FAULT_NONE;
  return (PracticeFault) g_rand_int_range (self->random, PRACTICE_FAULT_ERROR, PRACTICE_FAULT_EXPIRED + 1);
}

PracticeFaults *
practice_faults_new (const char  *spec,
                     GError     **error)
{
  g_autoptr (PracticeFaults) self = g_new0 (PracticeFaults, 1);
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  guint64 seed = 0;

  self->rules = g_array_new (FALSE, FALSE, sizeof (Rule));
  g_array_set_clear_func (self->rules, rule_clear);
  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (g_ascii_string_to_unsigned (spec, 10, 0, G_MAXUINT32, &seed, NULL)) {
    self->random = g_rand_new_with_seed ((guint32) seed);
    return g_steal_pointer (&self);
  }
  if (!g_file_get_contents (spec, &text, NULL, error))
    return NULL;
  node = json_from_string (text, error);
  if (error != NULL && *error != NULL)
    return NULL;
  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s is no list of faults.", spec);
    return NULL;
  }
  for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++) {
    if (!add_rule (self, json_array_get_element (json_node_get_array (node), i), error))
      return NULL;
  }
  return g_steal_pointer (&self);
}

void
practice_faults_free (PracticeFaults *self)
{
  g_clear_pointer (&self->random, g_rand_free);
  g_array_unref (self->rules);
  g_hash_table_unref (self->counts);
  g_free (self);
}

PracticeFault
practice_faults_next (PracticeFaults *self,
                      PracticeCall   *call)
{
  g_autofree char *operation = g_strdup_printf ("%s:%s", practice_call_get_service (call), practice_call_get_operation (call));
  guint own = count (self, operation);
  guint all = count (self, "*");
  PracticeFault fault = self->random != NULL ? draw (self) : PRACTICE_FAULT_NONE;

  for (guint i = 0; i < self->rules->len; i++) {
    const Rule *rule = &g_array_index (self->rules, Rule, i);

    if ((strcmp (rule->operation, operation) == 0 && rule->call == own) || (strcmp (rule->operation, "*") == 0 && rule->call == all))
      fault = rule->fault;
  }
  if (fault == PRACTICE_FAULT_SKEW)
    self->skew = self->skew == 0 ? SKEW_SECONDS : 0;
  return fault;
}

gint64
practice_faults_get_skew (PracticeFaults *self)
{
  return self->skew;
}
