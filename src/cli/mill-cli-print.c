/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-cli.h"

#include <string.h>

#include "aws-json.h"

#define SHORT 140

/* Every line at once and in one piece: somebody may read it through a pipe. */
void
mill_cli_print_object (MillCli    *self,
                       const char *event,
                       JsonObject *members,
                       const char *line)
{
  if (self->json)
    {
      g_autoptr (JsonObject) object = json_object_new ();
      g_autofree char *text = NULL;
      JsonObjectIter iter;
      const char *name;
      JsonNode *value;

      json_object_set_string_member (object, "event", event);
      json_object_iter_init_ordered (&iter, members);
      while (json_object_iter_next_ordered (&iter, &name, &value))
        json_object_set_member (object, name, json_node_copy (value));
      text = aws_json_object_to_text (object);
      g_print ("%s\n", text);
    }
  else
    g_print ("%s\n", line);
}

static double
thousandths (double value)
{
  return (double) (gint64) (value * 1e6 + 0.5) / 1e6;
}

void
mill_cli_print_resource (MillCli      *self,
                         MillResource *resource)
{
  g_autoptr (JsonObject) object = json_object_new ();
  const char *state = mill_resource_state_to_string (mill_resource_get_state (resource));
  const char *reason = mill_resource_get_wait_reason (resource);
  g_autofree char *line = NULL;
  g_autofree char *ms = NULL;

  json_object_set_string_member (object, "id", mill_resource_get_logical_id (resource));
  json_object_set_string_member (object, "type", mill_resource_get_type_name (resource));
  json_object_set_string_member (object, "state", state);
  json_object_set_string_member (object, "name", mill_resource_get_name (resource));
  json_object_set_string_member (object, "arn", mill_resource_get_arn (resource));
  json_object_set_int_member (object, "ms", mill_resource_get_milliseconds (resource));
  if (*reason != '\0')
    json_object_set_string_member (object, "reason", reason);
  if (mill_resource_get_milliseconds (resource) > 0)
    ms = g_strdup_printf ("%u ms", mill_resource_get_milliseconds (resource));
  line = g_strdup_printf ("%-9s %-16s %-34s %-32s %s", state, mill_resource_get_logical_id (resource), mill_resource_get_type_name (resource),
                          mill_resource_get_name (resource), *reason != '\0' ? reason : ms != NULL ? ms : "");
  mill_cli_print_object (self, "resource", object, g_strchomp (line));
}

void
mill_cli_print_check (MillCli               *self,
                      const MillCheckResult *check)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *line = g_strdup_printf ("%-9s %s: %s", check->ok ? "checked" : "NOT SO", check->step, check->text);

  json_object_set_string_member (object, "step", check->step);
  json_object_set_string_member (object, "id", check->id);
  json_object_set_boolean_member (object, "ok", check->ok);
  json_object_set_string_member (object, "text", check->text);
  mill_cli_print_object (self, "check", object, line);
}

/* A terminal's line; --json has all of it. */
static void
append_shortened (GString    *line,
                  const char *payload)
{
  g_autofree char *first = g_strndup (payload, strcspn (payload, "\n"));
  g_autofree char *cut = g_utf8_strlen (first, -1) > SHORT ? g_utf8_substring (first, 0, SHORT) : g_strdup (first);

  g_string_append_printf (line, "\n            %s%s", cut, strlen (cut) < strlen (payload) ? "…" : "");
}

void
mill_cli_print_hop (MillCli   *self,
                    MillTrace *trace,
                    MillHop   *hop)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *request = NULL;
  double stay = mill_hop_get_left (hop) > 0 ? mill_hop_get_left (hop) - mill_hop_get_arrived (hop) : 0;

  json_object_set_string_member (object, "trace", mill_trace_get_id (trace));
  json_object_set_string_member (object, "component", mill_hop_get_component (hop));
  json_object_set_string_member (object, "type", mill_hop_get_kind (hop));
  json_object_set_double_member (object, "arrived", thousandths (mill_hop_get_arrived (hop)));
  json_object_set_double_member (object, "left", thousandths (mill_hop_get_left (hop)));
  json_object_set_string_member (object, "payload", mill_hop_get_payload (hop));
  json_object_set_string_member (object, "status", mill_hop_get_status_name (hop));
  json_object_set_string_member (object, "error", mill_hop_get_error (hop));
  json_object_set_string_member (object, "advice", mill_hop_get_advice (hop));
  json_object_set_int_member (object, "attempts", mill_hop_get_attempts (hop));
  json_object_set_boolean_member (object, "inferred", mill_hop_get_inferred (hop));
  if (g_str_equal (mill_hop_get_kind (hop), "gateway") && *mill_hop_get_log (hop) != '\0')
    {
      request = g_strchomp (g_strdelimit (g_strdup (mill_hop_get_log (hop)), "\n", ' '));
      json_object_set_string_member (object, "request", request);
    }
  g_string_append_printf (line, "  %-9s %-16s %-10s +%6.1f ms  %6.1f ms", mill_hop_get_status_name (hop), mill_hop_get_component (hop), mill_hop_get_kind (hop),
                          (mill_hop_get_arrived (hop) - mill_trace_get_started (trace)) * 1e3, stay * 1e3);
  if (mill_hop_get_attempts (hop) > 1)
    g_string_append_printf (line, "  attempt %u", mill_hop_get_attempts (hop));
  if (mill_hop_get_inferred (hop))
    g_string_append (line, "  inferred");
  if (*mill_hop_get_error (hop) != '\0')
    g_string_append_printf (line, "\n            %s", mill_hop_get_error (hop));
  if (*mill_hop_get_advice (hop) != '\0')
    g_string_append_printf (line, "\n            %s", mill_hop_get_advice (hop));
  if (*mill_hop_get_error (hop) == '\0' && *mill_hop_get_payload (hop) != '\0')
    append_shortened (line, mill_hop_get_payload (hop));
  else if (request != NULL && *mill_hop_get_payload (hop) == '\0')
    append_shortened (line, request);
  mill_cli_print_object (self, "hop", object, line->str);
}

void
mill_cli_print_ready (MillCli *self)
{
  g_autoptr (JsonObject) object = json_object_new ();

  mill_cli_print_object (self, "ready", object, "Watching: what happens from now on will be seen.");
}

void
mill_cli_print_count (MillCli    *self,
                      const char *component,
                      guint64     count,
                      guint64     errors)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *line = errors > 0 ? g_strdup_printf ("%s %" G_GUINT64_FORMAT ", errors %" G_GUINT64_FORMAT, component, count, errors)
                                     : g_strdup_printf ("%s %" G_GUINT64_FORMAT, component, count);

  json_object_set_string_member (object, "component", component);
  json_object_set_int_member (object, "count", count);
  json_object_set_int_member (object, "errors", errors);
  mill_cli_print_object (self, "count", object, line);
}

void
mill_cli_print_trace (MillCli   *self,
                      MillTrace *trace)
{
  g_autoptr (JsonObject) object = json_object_new ();
  double ms = mill_trace_get_ended (trace) > 0 ? (mill_trace_get_ended (trace) - mill_trace_get_started (trace)) * 1e3 : 0;
  g_autofree char *line = g_strdup_printf ("%s %s in %.1f ms", mill_trace_get_id (trace), mill_trace_get_state_name (trace), ms);

  json_object_set_string_member (object, "id", mill_trace_get_id (trace));
  json_object_set_string_member (object, "state", mill_trace_get_state_name (trace));
  json_object_set_double_member (object, "ms", thousandths (ms));
  mill_cli_print_object (self, "trace", object, line);
}

void
mill_cli_print_mail (MillCli    *self,
                     const char *to,
                     const char *subject,
                     const char *body)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_auto (GStrv) lines = g_strsplit (body, "\n", -1);
  g_autofree char *indented = g_strjoinv ("\n            ", lines);
  g_autofree char *line = g_strdup_printf ("  mail to   %s: %s\n            %s", to, subject, indented);

  json_object_set_string_member (object, "to", to);
  json_object_set_string_member (object, "subject", subject);
  json_object_set_string_member (object, "body", body);
  mill_cli_print_object (self, "mail", object, line);
}

void
mill_cli_print_sms (MillCli    *self,
                    const char *to,
                    const char *body)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *line = g_strdup_printf ("  SMS to    %s: %s", to, body);

  json_object_set_string_member (object, "to", to);
  json_object_set_string_member (object, "subject", "");
  json_object_set_string_member (object, "body", body);
  mill_cli_print_object (self, "sms", object, line);
}

void
mill_cli_print_clean_up (MillCli     *self,
                         MillCleanup *cleanup)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *resources;
  g_autofree char *line = g_strdup_printf ("%u deleted, %u proved gone, %u left.", cleanup->deleted, cleanup->verified, cleanup->left);

  resources = aws_json_get_array (cleanup->report, "resources");
  for (guint i = 0; !self->json && resources != NULL && i < json_array_get_length (resources); i++)
    {
      JsonObject *resource = json_array_get_object_element (resources, i);

      if (aws_json_get_boolean (resource, "replaced", FALSE))
        g_print ("%-9s %s: somebody had deleted it; what has its name now is not this deployment’s and was left as it is.\n", "replaced",
                 aws_json_get_string (resource, "logicalId"));
      if (aws_json_get_string (resource, "pendingConfirmation") != NULL)
        g_print ("%-9s %s still waited for its confirmation and is gone with its topic.\n", "pending", aws_json_get_string (resource, "logicalId"));
    }
  json_object_set_int_member (object, "deleted", cleanup->deleted);
  json_object_set_int_member (object, "verified", cleanup->verified);
  json_object_set_int_member (object, "left", cleanup->left);
  mill_cli_print_object (self, "cleanup", object, line);
}

void
mill_cli_print_deployment (MillCli        *self,
                           MillDeployment *deployment)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GDateTime) created = g_date_time_new_from_unix_local (mill_deployment_get_created (deployment));
  g_autofree char *when = g_date_time_format (created, "%Y-%m-%d %H:%M");
  MillTarget *target = mill_deployment_get_target (deployment);
  const char *state = mill_deployment_state_to_string (mill_deployment_get_state (deployment));
  g_autofree char *line = g_strdup_printf ("%-24s %-9s %-18s %-24s %-14s %s", mill_deployment_get_id (deployment), state,
                                           mill_deployment_get_tutorial_id (deployment), mill_target_get_title (target),
                                           mill_target_get_region (target), when);

  json_object_set_string_member (object, "id", mill_deployment_get_id (deployment));
  json_object_set_string_member (object, "tutorial", mill_deployment_get_tutorial_id (deployment));
  json_object_set_string_member (object, "state", state);
  json_object_set_string_member (object, "target", mill_target_get_spec (target));
  json_object_set_string_member (object, "region", mill_target_get_region (target));
  json_object_set_int_member (object, "created", mill_deployment_get_created (deployment));
  mill_cli_print_object (self, "deployment", object, line);
}

void
mill_cli_print_orphan (MillCli          *self,
                       const MillOrphan *orphan)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GString) line = g_string_new (NULL);
  JsonArray *arns = json_array_new ();

  g_string_append_printf (line, "%-24s %-9s %-18s %-24s %-14s %u resources", orphan->id, "orphan", orphan->tutorial, mill_target_get_title (orphan->target),
                          mill_target_get_region (orphan->target), orphan->arns->len);
  for (guint i = 0; i < orphan->arns->len; i++)
    {
      json_array_add_string_element (arns, orphan->arns->pdata[i]);
      g_string_append_printf (line, "\n            %s", (char *) orphan->arns->pdata[i]);
    }
  json_object_set_string_member (object, "id", orphan->id);
  json_object_set_string_member (object, "tutorial", orphan->tutorial);
  json_object_set_string_member (object, "target", mill_target_get_spec (orphan->target));
  json_object_set_string_member (object, "region", mill_target_get_region (orphan->target));
  json_object_set_array_member (object, "arns", arns);
  mill_cli_print_object (self, "orphan", object, line->str);
}
