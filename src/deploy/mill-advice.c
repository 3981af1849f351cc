/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "aws-json.h"
#include "deploy-resources.h"
#include "mill-engine.h"
#include "mill-properties.h"

#define ADVICE_PATH "/io/github/millrace/deploy/advice.json"

typedef struct {
  char   *code;     /* or NULL: any */
  GRegex *message;  /* or NULL: any */
  char   *advice;
} Advice;

/* The file is ours and compiled in: what is wrong in it is a programmer's error, found by the test that reads it. */
static gpointer
load (gpointer data)
{
  GPtrArray *list = g_ptr_array_new ();
  g_autoptr(GBytes) bytes = g_resource_lookup_data (mill_deploy_get_resource (), ADVICE_PATH, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autoptr(JsonNode) root = bytes != NULL ? aws_json_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL) : NULL;
  JsonArray *array;

  if (root == NULL || !JSON_NODE_HOLDS_ARRAY (root))
    return list;
  array = json_node_get_array (root);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = mill_array_get_object (array, i);
      const char *message;
      Advice *advice;

      if (object == NULL || aws_json_get_string (object, "advice") == NULL)
        continue;
      message = aws_json_get_string (object, "message");
      advice = g_new0 (Advice, 1);
      advice->code = g_strdup (aws_json_get_string (object, "code"));
      advice->message = message != NULL ? g_regex_new (message, G_REGEX_CASELESS, 0, NULL) : NULL;
      advice->advice = g_strdup (aws_json_get_string (object, "advice"));
      g_ptr_array_add (list, advice);
    }
  return list;
}

const char *
mill_error_get_advice (const GError *error)
{
  static GOnce once = G_ONCE_INIT;
  GPtrArray *list = g_once (&once, load, NULL);

  if (error == NULL)
    return "";
  for (guint i = 0; i < list->len; i++)
    {
      Advice *advice = list->pdata[i];

      if ((advice->code == NULL || aws_error_has_code (error, advice->code)) &&
          (advice->message == NULL || g_regex_match (advice->message, error->message, 0, NULL)) &&
          (advice->code != NULL || advice->message != NULL))
        return g_dgettext (GETTEXT_PACKAGE, advice->advice);
    }
  return "";
}
