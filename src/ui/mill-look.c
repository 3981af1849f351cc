/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-look.h"

#include <glib/gi18n.h>

#define TO_DO   "mill-to-do-symbolic"
#define RUNNING "mill-running-symbolic"
#define DONE    "mill-done-symbolic"
#define WARNING "mill-warning-symbolic"
#define FAILED  "mill-failed-symbolic"
#define WAITING "mill-waiting-symbolic"
#define GONE    "mill-gone-symbolic"

static const struct {
  const char *kind;
  const char *label;
} kinds[] = {
  { "bucket", N_("Bucket") },
  { "client", N_("Client") },
  { "device", N_("Device") },
  { "function", N_("Function") },
  { "gateway", N_("Gateway") },
  { "mail", N_("E-mail") },
  { "phone", N_("Phone") },
  { "pipe", N_("Pipe") },
  { "queue", N_("Queue") },
  { "role", N_("Role") },
  { "sms", N_("Text message") },
  { "stream", N_("Stream") },
  { "table", N_("Table") },
  { "topic", N_("Topic") },
};

MillLook
mill_look_of_resource (MillResourceState state)
{
  switch (state)
    {
    case MILL_RESOURCE_PLANNED: return (MillLook) { _("Not made yet"), TO_DO, "dim-label" };
    case MILL_RESOURCE_INTENDED: return (MillLook) { _("Being made"), RUNNING, "accent" };
    case MILL_RESOURCE_MADE: return (MillLook) { _("Made"), DONE, "success" };
    case MILL_RESOURCE_WAITING: return (MillLook) { _("Waiting"), WAITING, "warning" };
    case MILL_RESOURCE_VERIFIED: return (MillLook) { _("Made and verified"), DONE, "success" };
    case MILL_RESOURCE_CHANGED: return (MillLook) { _("Changed outside"), WARNING, "warning" };
    case MILL_RESOURCE_MISSING: return (MillLook) { _("Missing"), WARNING, "error" };
    case MILL_RESOURCE_FAILED: return (MillLook) { _("Failed"), FAILED, "error" };
    case MILL_RESOURCE_DELETING: return (MillLook) { _("Being deleted"), RUNNING, "accent" };
    case MILL_RESOURCE_DELETED: return (MillLook) { _("Deleted, proved gone"), GONE, "dim-label" };
    default: return (MillLook) { _("Unknown"), WARNING, "warning" };
    }
}

MillLook
mill_look_of_step (MillStepState state)
{
  switch (state)
    {
    case MILL_STEP_TO_DO: return (MillLook) { _("To do"), TO_DO, "dim-label" };
    case MILL_STEP_RUNNING: return (MillLook) { _("Under way"), RUNNING, "accent" };
    case MILL_STEP_DONE: return (MillLook) { _("Done"), DONE, "success" };
    case MILL_STEP_FAILED: return (MillLook) { _("Failed"), FAILED, "error" };
    default: return (MillLook) { _("Unknown"), WARNING, "warning" };
    }
}

MillLook
mill_look_of_deployment (MillDeploymentState state)
{
  switch (state)
    {
    case MILL_DEPLOYMENT_NEW: return (MillLook) { _("Nothing made yet"), TO_DO, "dim-label" };
    case MILL_DEPLOYMENT_BUILDING: return (MillLook) { _("Being built"), RUNNING, "accent" };
    case MILL_DEPLOYMENT_PARTIAL: return (MillLook) { _("Partly built"), WAITING, "accent" };
    case MILL_DEPLOYMENT_BUILT: return (MillLook) { _("Built"), DONE, "success" };
    case MILL_DEPLOYMENT_FAILED: return (MillLook) { _("Needs attention"), FAILED, "error" };
    case MILL_DEPLOYMENT_CLEANING: return (MillLook) { _("Being cleaned up"), RUNNING, "accent" };
    case MILL_DEPLOYMENT_CLEANED: return (MillLook) { _("Cleaned up, nothing left"), GONE, "dim-label" };
    default: return (MillLook) { _("Unknown"), WARNING, "warning" };
    }
}

MillLook
mill_look_of_hop_status (MillHopStatus status)
{
  switch (status)
    {
    case MILL_HOP_UNDER_WAY: return (MillLook) { _("Under way"), RUNNING, "accent" };
    case MILL_HOP_OK: return (MillLook) { _("OK"), DONE, "success" };
    case MILL_HOP_RETRYING: return (MillLook) { _("Failed, comes back"), WARNING, "warning" };
    case MILL_HOP_FAILED: return (MillLook) { _("Failed"), FAILED, "error" };
    case MILL_HOP_FILTERED: return (MillLook) { _("Filtered out"), GONE, "dim-label" };
    default: return (MillLook) { _("Unknown"), WARNING, "warning" };
    }
}

MillLook
mill_look_of_hop (MillHop *hop)
{
  if (mill_hop_get_held (hop))
    return (MillLook) { _("Held"), WAITING, "accent" };
  /* Nothing has failed, but it will not go on by itself. */
  if (mill_hop_get_status (hop) == MILL_HOP_UNDER_WAY && *mill_hop_get_error (hop) != '\0')
    return mill_look_of_trace (MILL_TRACE_STUCK);
  return mill_look_of_hop_status (mill_hop_get_status (hop));
}

MillLook
mill_look_of_trace (MillTraceState state)
{
  switch (state)
    {
    case MILL_TRACE_UNDER_WAY: return (MillLook) { _("Under way"), RUNNING, "accent" };
    case MILL_TRACE_DELIVERED: return (MillLook) { _("Delivered"), DONE, "success" };
    case MILL_TRACE_FAILED: return (MillLook) { _("Failed"), FAILED, "error" };
    case MILL_TRACE_STUCK: return (MillLook) { _("Stuck"), WARNING, "warning" };
    case MILL_TRACE_FILTERED: return (MillLook) { _("Filtered out"), GONE, "dim-label" };
    default: return (MillLook) { _("Unknown"), WARNING, "warning" };
    }
}

MillLook
mill_look_of_verdict (MillVerdict verdict)
{
  switch (verdict)
    {
    case MILL_VERDICT_GOOD: return (MillLook) { _("Good"), DONE, "success" };
    case MILL_VERDICT_CARE: return (MillLook) { _("Take care"), WARNING, "warning" };
    case MILL_VERDICT_STOP: return (MillLook) { _("Will fail"), FAILED, "error" };
    case MILL_VERDICT_UNKNOWN:
    default: return (MillLook) { _("Not known"), TO_DO, "dim-label" };
    }
}

MillLook
mill_look_of_check (gboolean ok)
{
  return ok ? (MillLook) { _("Right"), DONE, "success" }
            : (MillLook) { _("Not right"), FAILED, "error" };
}

const char *
mill_kind_get_icon (const char *kind)
{
  if (g_strcmp0 (kind, "sms") == 0)
    return "mill-phone-symbolic";
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (kinds[i].kind, kind) == 0)
      {
        static const char *names[G_N_ELEMENTS (kinds)];

        if (names[i] == NULL)
          {
            g_autofree char *name = g_strdup_printf ("mill-%s-symbolic", kind);
            names[i] = g_intern_string (name);
          }
        return names[i];
      }
  return "mill-box-symbolic";
}

const char *
mill_kind_get_label (const char *kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (kinds[i].kind, kind) == 0)
      return _(kinds[i].label);
  return _("Component");
}
