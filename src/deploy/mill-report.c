/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-report.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-properties.h"

#define TEMPLATE "/io/github/millrace/deploy/report.html"

/* What the page says, by the name that it has there. */
static const struct {
  const char *name;
  const char *text;
} labels[] = {
  { "language", N_("en") },
  { "title", N_("Clean-up report") },
  { "nothing-left", N_("Nothing is left.") },
  { "something-left", N_("Something is left.") },
  { "deployment", N_("Deployment") },
  { "tutorial", N_("Tutorial") },
  { "target", N_("Target") },
  { "account", N_("Account") },
  { "region", N_("Region") },
  { "started", N_("Begun") },
  { "ended", N_("Ended") },
  { "counts", N_("Resources") },
  { "deleted", N_("deleted") },
  { "verified", N_("asked for again and gone") },
  { "left", N_("left") },
  { "resources", N_("What there was") },
  { "resource", N_("Resource") },
  { "ids", N_("Name and id") },
  { "made", N_("Made") },
  { "gone", N_("Deleted") },
  { "proof", N_("Asked for again") },
  { "request", N_("Request") },
  { "with", N_("went with") },
  { "replaced", N_("Somebody had deleted it; what has its name now is not this deployment’s and was left as it is.") },
  { "borrowed", N_("It was there before, was only used, and was left as it is.") },
  { "pending", N_("It still waited for its confirmation, and is gone with its topic.") },
  { "logs", N_("Log groups that came along") },
  { "logs-found", N_("deleted") },
  { "logs-none", N_("was not there") },
  { "logs-older", N_("is older than the function and was left as it is") },
  { "tags", N_("Search by tags") },
  { "tags-empty", N_("Nothing in the region bears this deployment’s tag.") },
  { "tags-found", N_("AWS’s tag index still shows these; it may show for some hours what is deleted:") },
  { "why", N_("Why") },
  { "foot", N_("Made by Millrace. The request ids can be looked up in the account’s CloudTrail.") },
};

/* "#name", "^name" or "/name": a part of the page. */
typedef struct {
  const char *begin;
  const char *end;
  const char *after;
} Part;

static gboolean
is_empty (JsonNode *node)
{
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_array_get_length (json_node_get_array (node)) == 0;
  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_object_get_size (json_node_get_object (node)) == 0;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return *json_node_get_string (node) == '\0';
  return json_node_get_value_type (node) == G_TYPE_BOOLEAN ? !json_node_get_boolean (node) : json_node_get_int (node) == 0;
}

/* "a.b" in the innermost object, or in the outermost. @scopes: (element-type JsonObject). */
static JsonNode *
find (GPtrArray  *scopes,
      const char *path)
{
  g_auto(GStrv) names = g_strsplit (path, ".", -1);

  /* What stands in between is not looked at: a resource without a time has none, and not the report's. */
  for (guint i = 0; i < 2; i++)
    {
      JsonNode *node = json_object_get_member (scopes->pdata[i == 0 ? scopes->len - 1 : 0], names[0]);

      for (guint j = 1; node != NULL && names[j] != NULL; j++)
        node = JSON_NODE_HOLDS_OBJECT (node) ? json_object_get_member (json_node_get_object (node), names[j]) : NULL;
      if (node != NULL)
        return node;
    }
  return NULL;
}

/* From behind "{{#name}}" to its "{{/name}}". */
static Part
find_part (const char *begin,
           const char *end,
           const char *name)
{
  g_autofree char *close = g_strdup_printf ("{{/%s}}", name);
  const char *found = g_strstr_len (begin, end - begin, close);

  /* The page is our own: it is written well. */
  g_assert (found != NULL);
  return (Part) { begin, found, found + strlen (close) };
}

/* "2026-01-31T12:34:56.789012Z" to the second, for people; another text as it is. */
static char *
readable_time (const char *text)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_iso8601 (text, NULL);

  return time != NULL ? g_date_time_format (time, "%Y-%m-%d %H:%M:%S UTC") : g_strdup (text);
}

/* An id that is the name, or an ARN that is the id, is not said twice. (transfer full) */
static JsonObject *
without_repetition (JsonObject *report)
{
  JsonObject *copy = aws_json_copy_object (report);
  JsonArray *resources = aws_json_get_array (copy, "resources");

  for (guint i = 0; resources != NULL && i < json_array_get_length (resources); i++)
    {
      JsonObject *resource = mill_array_get_object (resources, i);

      if (resource == NULL)
        continue;
      if (g_strcmp0 (aws_json_get_string (resource, "arn"), aws_json_get_string (resource, "physicalId")) == 0)
        json_object_remove_member (resource, "arn");
      if (g_strcmp0 (aws_json_get_string (resource, "physicalId"), aws_json_get_string (resource, "name")) == 0)
        json_object_remove_member (resource, "physicalId");
    }
  return copy;
}

/* A small part of Mustache (mustache(5)): variables, sections and inverted sections; and "{{@name}}" for a time. */
static void
render (GString    *page,
        const char *begin,
        const char *end,
        GPtrArray  *scopes)
{
  while (begin < end)
    {
      const char *open = g_strstr_len (begin, end - begin, "{{");
      const char *close = open != NULL ? g_strstr_len (open, end - open, "}}") : NULL;
      g_autofree char *tag = NULL;
      JsonNode *node;
      Part part;

      if (close == NULL)
        {
          g_string_append_len (page, begin, end - begin);
          return;
        }
      g_string_append_len (page, begin, open - begin);
      begin = close + 2;
      tag = g_strndup (open + 2, close - open - 2);
      if (*tag != '#' && *tag != '^')
        {
          g_autofree char *text = NULL;
          g_autofree char *escaped = NULL;
          gboolean is_time = *tag == '@';

          node = find (scopes, is_time ? tag + 1 : tag);
          text = node == NULL ? g_strdup ("") : JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
                                                ? json_node_dup_string (node) : aws_json_to_text (node);
          if (is_time)
            {
              char *readable = readable_time (text);

              g_free (text);
              text = readable;
            }
          escaped = g_markup_escape_text (text, -1);
          g_string_append (page, escaped);
          continue;
        }
      part = find_part (begin, end, tag + 1);
      begin = part.after;
      node = find (scopes, tag + 1);
      if (*tag == '^' ? !is_empty (node) : is_empty (node))
        continue;
      if (*tag == '#' && JSON_NODE_HOLDS_ARRAY (node))
        {
          JsonArray *array = json_node_get_array (node);

          for (guint i = 0; i < json_array_get_length (array); i++)
            {
              JsonObject *object = mill_array_get_object (array, i);

              if (object != NULL)
                g_ptr_array_add (scopes, object);
              render (page, part.begin, part.end, scopes);
              if (object != NULL)
                g_ptr_array_set_size (scopes, scopes->len - 1);
            }
        }
      else
        render (page, part.begin, part.end, scopes);
    }
}

static guint
count (JsonObject *report,
       const char *name)
{
  JsonArray *array = aws_json_get_array (report, name);

  return array != NULL ? json_array_get_length (array) : 0;
}

char *
mill_report_to_html (JsonObject *report)
{
  g_autoptr(GBytes) bytes = g_resources_lookup_data (TEMPLATE, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autoptr(GPtrArray) scopes = g_ptr_array_new ();
  g_autoptr(JsonObject) root = json_object_new ();
  g_autoptr(JsonObject) shown = without_repetition (report);
  g_autoptr(GString) page = g_string_new (NULL);
  JsonObject *words = json_object_new ();
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    json_object_set_string_member (words, labels[i].name, _(labels[i].text));
  json_object_set_object_member (root, "t", words);
  json_object_set_int_member (root, "leftCount", count (report, "left"));
  json_object_set_boolean_member (root, "hasLogGroups", count (report, "logGroups") > 0);
  g_ptr_array_add (scopes, root);
  g_ptr_array_add (scopes, shown);
  render (page, text, text + size, scopes);
  return g_string_free (g_steal_pointer (&page), FALSE);
}

char *
mill_report_to_text (JsonObject *report,
                     const char *name)
{
  g_autoptr(JsonNode) node = NULL;
  g_autofree char *lower = g_ascii_strdown (name, -1);
  g_autofree char *json = NULL;

  if (g_str_has_suffix (lower, ".html") || g_str_has_suffix (lower, ".htm"))
    return mill_report_to_html (report);
  node = json_node_init_object (json_node_alloc (), report);
  json = json_to_string (node, TRUE);
  return g_strconcat (json, "\n", NULL);
}
