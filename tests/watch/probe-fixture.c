/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe-fixture.h"

#include <string.h>

#include "aws-json.h"

#define WAIT_SECONDS 30

void
probe_fixture_init (int    *argc,
                    char ***argv)
{
  client_fixture_init (argc, argv);
}

void
probe_fixture_set_up (ProbeFixture  *self,
                      gconstpointer  data)
{
  client_fixture_set_up (&self->client, data);
  aws_client_set_attempts (self->client.client, 1);
}

static void
drop_probe (ProbeFixture *self)
{
  if (self->probe == NULL)
    return;
  mill_probe_stop (self->probe);
  g_signal_handlers_disconnect_by_data (self->probe, self);
  g_clear_object (&self->probe);
}

void
probe_fixture_tear_down (ProbeFixture  *self,
                         gconstpointer  data)
{
  drop_probe (self);
  g_queue_clear_full (&self->told, (GDestroyNotify) json_object_unref);
  g_clear_error (&self->error);
  client_fixture_tear_down (&self->client, data);
}

static void
on_observation (ProbeFixture *self,
                JsonObject   *event)
{
  g_queue_push_tail (&self->told, json_object_ref (event));
}

static void
on_done (ProbeFixture *self,
         const GError *error)
{
  g_assert_false (self->done);
  self->done = TRUE;
  g_clear_error (&self->error);
  self->error = error != NULL ? g_error_copy (error) : NULL;
}

void
probe_fixture_watch (ProbeFixture *self,
                     MillProbe    *probe)
{
  drop_probe (self);
  self->probe = probe;
  g_signal_connect_swapped (probe, "observation", G_CALLBACK (on_observation), self);
  g_signal_connect_swapped (probe, "done", G_CALLBACK (on_done), self);
}

char *
probe_fixture_quote (const char *text)
{
  return g_strdelimit (g_strdup (text), "'", '"');
}

void
probe_fixture_answer (ProbeFixture *self,
                      const char   *operation,
                      const char   *json)
{
  g_autofree char *body = probe_fixture_quote (json);

  test_server_push_to (self->client.server, operation, 200, NULL, body);
}

void
probe_fixture_fail (ProbeFixture *self,
                    const char   *operation,
                    guint         status,
                    const char   *code)
{
  g_autofree char *headers = g_strdup_printf ("x-amzn-ErrorType: %s\r\n", code);
  g_autofree char *body = g_strdup_printf ("{\"__type\": \"com.amazonaws#%s\", \"message\": \"%s of the test\"}", code, code);

  test_server_push_to (self->client.server, operation, status, headers, body);
}

static gboolean
on_timeout (gpointer data)
{
  g_error ("the probe does not end");
  return G_SOURCE_REMOVE;
}

void
probe_fixture_poll (ProbeFixture *self)
{
  guint id = g_timeout_add_seconds (WAIT_SECONDS, on_timeout, NULL);

  self->done = FALSE;
  mill_probe_poll (self->probe);
  while (!self->done)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
}

void
probe_fixture_poll_well (ProbeFixture *self)
{
  probe_fixture_poll (self);
  g_assert_no_error (self->error);
}

static char *
member_text (JsonObject *event,
             const char *name)
{
  JsonNode *node = aws_json_get_node (event, name);

  if (node == NULL)
    return NULL;
  return json_node_get_value_type (node) == G_TYPE_STRING ? json_node_dup_string (node) : aws_json_to_text (node);
}

void
probe_fixture_expect (ProbeFixture *self,
                      const char   *kind,
                      ...)
{
  g_autoptr (JsonObject) event = g_queue_pop_head (&self->told);
  g_autofree char *text = event != NULL ? aws_json_object_to_text (event) : NULL;
  const char *name;
  va_list args;

  g_test_message ("%s: %.300s", kind, text != NULL ? text : "nothing");
  g_assert_nonnull (event);
  g_assert_cmpstr (aws_json_get_string (event, "kind"), ==, kind);
  va_start (args, kind);
  while ((name = va_arg (args, const char *)) != NULL)
    {
      const char *value = va_arg (args, const char *);
      g_autofree char *found = member_text (event, name);

      g_assert_cmpstr (found, ==, value);
    }
  va_end (args);
}

void
probe_fixture_expect_nothing (ProbeFixture *self)
{
  JsonObject *event = g_queue_peek_head (&self->told);
  g_autofree char *text = event != NULL ? aws_json_object_to_text (event) : NULL;

  g_assert_cmpstr (text, ==, NULL);
}

guint
probe_fixture_count (ProbeFixture *self,
                     const char   *part)
{
  guint n = 0;

  for (guint i = 0; i < test_server_count (self->client.server); i++)
    {
      g_autofree char *request = test_server_get_request (self->client.server, i);

      n += strstr (request, part) != NULL;
    }
  return n;
}

char *
probe_fixture_last (ProbeFixture *self,
                    const char   *part)
{
  for (guint i = test_server_count (self->client.server); i > 0; i--)
    {
      g_autofree char *request = test_server_get_request (self->client.server, i - 1);

      if (strstr (request, part) != NULL)
        return g_steal_pointer (&request);
    }
  return NULL;
}
