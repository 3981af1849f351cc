/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-tracer-private.h"

#include <string.h>

/* Looking at events */

double
mill_tracer_number (JsonObject *event,
                    const char *member)
{
  JsonNode *node = json_object_get_member (event, member);
  GType type = node != NULL ? json_node_get_value_type (node) : G_TYPE_INVALID;

  return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE ? json_node_get_double (node) : 0;
}

char *
mill_tracer_text (JsonObject *value)
{
  return value != NULL ? aws_json_object_to_text (value) : NULL;
}

/* {"messageId": …}, {"eventID": …}, …: the id that a record is known by, and the kind of hop that it comes from. */
const char *
mill_tracer_record_id (JsonObject  *record,
                       const char **kind)
{
  static const struct { const char *member, *kind; } ids[] = {
    { "eventID", "stream" }, { "messageId", "queue" }, { "requestId", "gateway" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      const char *id = aws_json_get_string (record, ids[i].member);

      if (id != NULL)
        {
          *kind = ids[i].kind;
          return id;
        }
    }
  return NULL;
}

/* Advice and denials */

static const char *
last_part (const char *arn)
{
  const char *slash = strrchr (arn, '/');

  return slash != NULL ? slash + 1 : arn;
}

const char *
mill_tracer_find_denial (MillTracer *self,
                         const char *role)
{
  return role != NULL ? g_hash_table_lookup (self->denials, role) : NULL;
}

static char *
make_advice (const char *role,
             const char *action,
             const char *resource)
{
  return g_strdup_printf ("The role “%s” lacks the permission %s on %s. Attach a policy that allows it.", role, action, resource);
}

/* The word after @prefix, up to a blank; NULL where there is none. */
static char *
word_after (const char *text,
            const char *prefix)
{
  const char *found = strstr (text, prefix);
  gsize length;

  if (found == NULL)
    return NULL;
  found += strlen (prefix);
  length = strcspn (found, " \t\r\n\"<");
  return length > 0 ? g_strndup (found, length) : NULL;
}

/* "User: arn:…:assumed-role/ROLE/session is not authorized to perform: ACTION on resource: ARN because …" */
char *
mill_tracer_dup_denial_in (MillTracer *self,
                           const char *message)
{
  g_autofree char *session = message != NULL ? word_after (message, ":assumed-role/") : NULL;
  g_autofree char *action = NULL;
  g_autofree char *resource = NULL;
  GHashTableIter iter;
  gpointer arn, advice;

  if (session == NULL)
    return NULL;
  session[strcspn (session, "/")] = '\0';
  action = word_after (message, "not authorized to perform: ");
  if (action != NULL)
    {
      resource = word_after (message, " on resource: ");
      return make_advice (session, action, resource != NULL ? resource : "*");
    }
  g_hash_table_iter_init (&iter, self->denials);
  while (g_hash_table_iter_next (&iter, &arn, &advice))
    if (g_str_equal (last_part (arn), session))
      return g_strdup (advice);
  return NULL;
}

void
mill_tracer_on_denied (MillTracer *self,
                       JsonObject *event)
{
  const char *role = aws_json_get_string (event, "roleArn");
  const char *action = aws_json_get_string (event, "action");
  const char *invocation_id = aws_json_get_string (event, "invocationId");
  MillInvocation *invocation = invocation_id != NULL ? g_hash_table_lookup (self->invocations, invocation_id) : NULL;
  char *advice;

  if (role == NULL || action == NULL)
    return;
  advice = make_advice (last_part (role), action, aws_json_get_string (event, "resource") != NULL ? aws_json_get_string (event, "resource") : "*");
  if (invocation != NULL)
    {
      g_free (invocation->denial);
      invocation->denial = g_strdup (advice);
    }
  g_hash_table_replace (self->denials, g_strdup (role), advice);
}

char *
mill_tracer_error_text (JsonObject *event)
{
  JsonObject *error = aws_json_get_object (event, "error");
  const char *code, *message;

  if (error == NULL)
    return g_strdup (aws_json_get_string (event, "error"));
  code = aws_json_get_string (error, "code");
  message = aws_json_get_string (error, "message");
  return code != NULL && message != NULL ? g_strdup_printf ("%s: %s", code, message)
                                         : g_strdup (message != NULL ? message : code);
}
