/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-failure.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws-json.h"
#include "watch-resources.h"

#define FAILURES_PATH "/io/github/millrace/watch/failures.json"

/* Of a log, only its end is looked at: that is where a failure shows. */
#define LOG_TAIL 8192

typedef struct
{
  char       *id;
  char       *kinds;     /* "|function|queue|", or NULL: any */
  char       *status;    /* or NULL: whatever went wrong */
  GRegex     *match;     /* or NULL: any error */
  const char *texts[5];  /* title, what, look, fix, button: as they are in the file */
  MillLead    lead;
} Rule;

static const char *const text_names[] = { "title", "what", "look", "fix", "button" };

static gboolean
read_lead (const char *name,
           MillLead   *lead)
{
  static const char *const names[] = { "details", "step", "code", "permission", "integration", "subscription", "inbox", "trigger", "consumer" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (name, names[i]) == 0)
      {
        *lead = (MillLead) i;
        return TRUE;
      }
  return FALSE;
}

static Rule *
read_rule (JsonObject *object)
{
  Rule *rule = g_new0 (Rule, 1);
  JsonArray *kinds = aws_json_get_array (object, "kinds");
  const char *match = aws_json_get_string (object, "match");
  g_autoptr(GString) joined = g_string_new ("|");

  rule->id = g_strdup (aws_json_get_string (object, "id"));
  rule->status = g_strdup (aws_json_get_string (object, "status"));
  for (guint i = 0; kinds != NULL && i < json_array_get_length (kinds); i++)
    g_string_append_printf (joined, "%s|", json_array_get_string_element (kinds, i));
  rule->kinds = kinds != NULL ? g_strdup (joined->str) : NULL;
  rule->match = match != NULL ? g_regex_new (match, G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL) : NULL;
  for (guint i = 0; i < G_N_ELEMENTS (text_names); i++)
    rule->texts[i] = g_intern_string (aws_json_get_string (object, text_names[i]));
  if (!read_lead (aws_json_get_string (object, "leads"), &rule->lead) || (match != NULL && rule->match == NULL) || rule->id == NULL)
    g_error ("data/failures.json: the rule “%s” is wrong", rule->id != NULL ? rule->id : "?");
  return rule;
}

/* The file is ours and compiled in: what is wrong in it is a programmer's error. */
static gpointer
load (gpointer data)
{
  GPtrArray *rules = g_ptr_array_new ();
  g_autoptr(GBytes) bytes = g_resource_lookup_data (mill_watch_get_resource (), FAILURES_PATH, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autoptr(JsonNode) root = bytes != NULL ? aws_json_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL) : NULL;
  JsonArray *array;

  if (root == NULL || !JSON_NODE_HOLDS_ARRAY (root))
    g_error ("data/failures.json is no list");
  array = json_node_get_array (root);
  for (guint i = 0; i < json_array_get_length (array); i++)
    g_ptr_array_add (rules, read_rule (json_array_get_object_element (array, i)));
  return rules;
}

static gboolean
fits (const Rule  *rule,
      MillHop     *hop,
      const char  *said,
      GMatchInfo **found)
{
  if (rule->kinds != NULL)
    {
      g_autofree char *kind = g_strdup_printf ("|%s|", mill_hop_get_kind (hop));

      if (strstr (rule->kinds, kind) == NULL)
        return FALSE;
    }
  if (rule->status != NULL && g_strcmp0 (rule->status, mill_hop_get_status_name (hop)) != 0)
    return FALSE;
  return rule->match == NULL || g_regex_match (rule->match, said, 0, found);
}

static char *
fill (const char *text,
      const char *component,
      const char *role,
      const char *action)
{
  GString *filled = g_string_new (text != NULL ? g_dgettext (GETTEXT_PACKAGE, text) : "");

  g_string_replace (filled, "{component}", component, 0);
  g_string_replace (filled, "{role}", role, 0);
  g_string_replace (filled, "{action}", action, 0);
  return g_string_free (filled, FALSE);
}

static char *
fetch (GMatchInfo *found,
       const char *name)
{
  char *text = found != NULL ? g_match_info_fetch_named (found, name) : NULL;

  return text != NULL ? text : g_strdup ("");
}

MillFailure *
mill_failure_explain (MillHop    *hop,
                      const char *component)
{
  static GOnce once = G_ONCE_INIT;
  GPtrArray *rules = g_once (&once, load, NULL);
  const char *log = mill_hop_get_log (hop);
  gsize length = strlen (log);
  g_autofree char *raw = NULL;
  g_autofree char *said = NULL;

  if (mill_hop_get_status (hop) == MILL_HOP_OK || (*mill_hop_get_error (hop) == '\0' && mill_hop_get_status (hop) == MILL_HOP_UNDER_WAY))
    return NULL;
  raw = g_strdup_printf ("%s\n%s\n%s", mill_hop_get_error (hop), mill_hop_get_advice (hop), log + (length > LOG_TAIL ? length - LOG_TAIL : 0));
  /* The cut may have gone through a character. */
  said = g_utf8_make_valid (raw, -1);
  for (guint i = 0; i < rules->len; i++)
    {
      Rule *rule = rules->pdata[i];
      g_autoptr(GMatchInfo) found = NULL;
      MillFailure *self;

      if (!fits (rule, hop, said, &found))
        continue;
      self = g_new0 (MillFailure, 1);
      self->id = rule->id;
      self->lead = rule->lead;
      self->role = fetch (found, "role");
      if (*self->role == '\0')
        {
          g_free (self->role);
          self->role = fetch (found, "name");
        }
      self->action = fetch (found, "action");
      self->title = fill (rule->texts[0], component, self->role, self->action);
      self->what = fill (rule->texts[1], component, self->role, self->action);
      self->look = fill (rule->texts[2], component, self->role, self->action);
      self->fix = fill (rule->texts[3], component, self->role, self->action);
      self->button = g_dgettext (GETTEXT_PACKAGE, rule->texts[4]);
      return self;
    }
  return NULL;
}

void
mill_failure_free (MillFailure *self)
{
  g_free (self->title);
  g_free (self->what);
  g_free (self->look);
  g_free (self->fix);
  g_free (self->role);
  g_free (self->action);
  g_free (self);
}
