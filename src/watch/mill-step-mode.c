/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-step-mode.h"

#include <string.h>

#include "aws-json.h"
#include "mill-hop-private.h"

#define PATH "/_millrace/hold"
/* How often the list of what is held is asked for where it changes meanwhile. */
#define MAX_TRIES 5

struct _MillStepMode
{
  GObject         parent_instance;

  MillDeployment *deployment;
  MillWatch      *watch;
  GCancellable   *cancellable;
  guint           changes;      /* events about what is held so far */
  guint           changes_asked;   /* those when the list was asked for */
  guint           tries;
  gboolean        on;
  gboolean        available;
};

enum { PROP_0, PROP_ON, PROP_AVAILABLE, N_PROPERTIES };
static GParamSpec *properties[N_PROPERTIES];

enum { CHANGED, FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillStepMode, mill_step_mode, G_TYPE_OBJECT)

/* One question to the practice cloud. */
typedef struct
{
  AwsClient  *client;
  const char *method;
  char       *url;
  char       *body;
} Ask;

static void
ask_free (gpointer data)
{
  Ask *ask = data;

  g_object_unref (ask->client);
  g_free (ask->url);
  g_free (ask->body);
  g_free (ask);
}

static void
ask_in_thread (GTask        *task,
               gpointer      source,
               gpointer      data,
               GCancellable *cancellable)
{
  const char *const headers[] = { "Content-Type", "application/json", NULL };
  Ask *ask = data;
  GError *error = NULL;
  g_autoptr (JsonObject) answer = aws_client_http (ask->client, "millrace", ask->method, ask->url, headers, ask->body, cancellable, &error);
  g_autoptr (JsonObject) body = answer != NULL ? aws_json_parse_object (aws_json_get_string (answer, "body"), -1, NULL) : NULL;

  if (answer == NULL)
    g_task_return_error (task, error);
  else if (aws_json_get_int (answer, "status", 0) != 200 || body == NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", body != NULL && aws_json_get_string (body, "message") != NULL
                                                                         ? aws_json_get_string (body, "message")
                                                                         : "The practice cloud did not answer as expected.");
  else
    g_task_return_pointer (task, g_steal_pointer (&body), (GDestroyNotify) json_object_unref);
}

static void
set_on (MillStepMode *self,
        gboolean      on)
{
  if (self->on == on)
    return;
  self->on = on;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ON]);
}

static void ask_for_state (MillStepMode *self);

/* The state of everything: {"everything", "deployments", "held"}. */
static void
take_state (MillStepMode *self,
            JsonObject   *state)
{
  const char *id = mill_deployment_get_id (self->deployment);
  JsonArray *deployments = aws_json_get_array (state, "deployments");
  JsonArray *held = aws_json_get_array (state, "held");
  gboolean on = aws_json_get_boolean (state, "everything", FALSE);

  for (guint i = 0; deployments != NULL && i < json_array_get_length (deployments); i++)
    {
      JsonNode *node = json_array_get_element (deployments, i);

      on |= json_node_get_value_type (node) == G_TYPE_STRING && g_strcmp0 (json_node_get_string (node), id) == 0;
    }
  set_on (self, on);
  if (self->tries == 0)
    return;
  /* The list and the events go different ways: it counts only where nothing changed meanwhile. */
  if (self->changes != self->changes_asked && self->tries < MAX_TRIES)
    {
      ask_for_state (self);
      return;
    }
  self->tries = 0;
  mill_watch_set_held (self->watch, held);
}

static void
on_answered (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  MillStepMode *self = MILL_STEP_MODE (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (answer == NULL)
    g_signal_emit (self, signals[FAILED], 0, error);
  else if (json_object_has_member (answer, "deployments"))
    take_state (self, answer);
}

/* @body: (transfer full) (nullable) */
static void
ask_practice (MillStepMode *self,
              const char   *method,
              const char   *rest,
              JsonObject   *body)
{
  AwsClient *client = mill_target_get_client (mill_deployment_get_target (self->deployment));
  g_autoptr (JsonObject) owned = body;
  g_autoptr (GTask) task = NULL;
  Ask *ask;

  if (!self->available || client == NULL)
    return;
  ask = g_new0 (Ask, 1);
  ask->client = g_object_ref (client);
  ask->method = method;
  ask->url = g_strconcat (aws_client_get_endpoint (client), PATH, rest, NULL);
  ask->body = owned != NULL ? aws_json_object_to_text (owned) : NULL;
  task = g_task_new (self, self->cancellable, on_answered, NULL);
  g_task_set_source_tag (task, ask_practice);
  g_task_set_task_data (task, ask, ask_free);
  g_task_run_in_thread (task, ask_in_thread);
}

static void
ask_for_state (MillStepMode *self)
{
  g_autofree char *query = g_strconcat ("?deployment=", mill_deployment_get_id (self->deployment), NULL);

  self->tries++;
  self->changes_asked = self->changes;
  ask_practice (self, "GET", query, NULL);
}

static JsonObject *
new_body (MillStepMode *self)
{
  JsonObject *body = json_object_new ();

  json_object_set_string_member (body, "deployment", mill_deployment_get_id (self->deployment));
  return body;
}

static void
on_ready (MillStepMode *self)
{
  MillTarget *target = mill_deployment_get_target (self->deployment);

  if (mill_target_get_kind (target) != MILL_TARGET_PRACTICE)
    return;
  if (!self->available)
    {
      self->available = TRUE;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_AVAILABLE]);
    }
  ask_for_state (self);
}

static void
on_switched (MillStepMode *self,
             const char   *deployment,
             gboolean      on)
{
  if (*deployment != '\0' && !g_str_equal (deployment, mill_deployment_get_id (self->deployment)))
    return;
  /* Off for one may still be on for all. */
  ask_for_state (self);
}

/* Nothing is left that could be held. */
static void
on_state (MillStepMode *self)
{
  if (self->on && mill_deployment_get_state (self->deployment) == MILL_DEPLOYMENT_CLEANED)
    mill_step_mode_set_on (self, FALSE);
}

static void
on_held_changed (MillStepMode *self)
{
  self->changes++;
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
mill_step_mode_dispose (GObject *object)
{
  MillStepMode *self = MILL_STEP_MODE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->watch);
  g_clear_object (&self->deployment);
  G_OBJECT_CLASS (mill_step_mode_parent_class)->dispose (object);
}

static void
mill_step_mode_finalize (GObject *object)
{
  g_object_unref (MILL_STEP_MODE (object)->cancellable);
  G_OBJECT_CLASS (mill_step_mode_parent_class)->finalize (object);
}

static void
mill_step_mode_get_property (GObject    *object,
                             guint       property,
                             GValue     *value,
                             GParamSpec *pspec)
{
  MillStepMode *self = MILL_STEP_MODE (object);

  switch (property)
    {
    case PROP_ON:
      g_value_set_boolean (value, self->on);
      break;
    case PROP_AVAILABLE:
      g_value_set_boolean (value, self->available);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
mill_step_mode_class_init (MillStepModeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = mill_step_mode_dispose;
  object_class->finalize = mill_step_mode_finalize;
  object_class->get_property = mill_step_mode_get_property;

  properties[PROP_ON] = g_param_spec_boolean ("on", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_AVAILABLE] = g_param_spec_boolean ("available", NULL, NULL, FALSE,
                                                     G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  signals[CHANGED] = g_signal_new ("changed", MILL_TYPE_STEP_MODE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FAILED] = g_signal_new ("failed", MILL_TYPE_STEP_MODE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
mill_step_mode_init (MillStepMode *self)
{
  self->cancellable = g_cancellable_new ();
}

MillStepMode *
mill_step_mode_new (MillDeployment *deployment,
                    MillWatch      *watch)
{
  MillStepMode *self = g_object_new (MILL_TYPE_STEP_MODE, NULL);

  self->deployment = g_object_ref (deployment);
  self->watch = g_object_ref (watch);
  g_signal_connect_object (watch, "ready", G_CALLBACK (on_ready), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (watch, "hold-switched", G_CALLBACK (on_switched), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (deployment, "notify::state", G_CALLBACK (on_state), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (watch, "held-changed", G_CALLBACK (on_held_changed), self, G_CONNECT_SWAPPED);
  return self;
}

gboolean
mill_step_mode_get_available (MillStepMode *self)
{
  g_return_val_if_fail (MILL_IS_STEP_MODE (self), FALSE);
  return self->available;
}

gboolean
mill_step_mode_get_on (MillStepMode *self)
{
  g_return_val_if_fail (MILL_IS_STEP_MODE (self), FALSE);
  return self->on;
}

void
mill_step_mode_set_on (MillStepMode *self,
                       gboolean      on)
{
  JsonObject *body;

  g_return_if_fail (MILL_IS_STEP_MODE (self));
  body = new_body (self);
  json_object_set_boolean_member (body, "on", on);
  ask_practice (self, "PUT", NULL, body);
}

typedef struct
{
  MillTrace *trace;
  JsonArray *ids;
} Choice;

static void
choose (const char *id,
        const char *component,
        const char *kind,
        MillHop    *hop,
        gpointer    data)
{
  Choice *choice = data;

  if (hop != NULL && hop->trace == choice->trace)
    json_array_add_string_element (choice->ids, id);
}

void
mill_step_mode_next (MillStepMode *self,
                     MillTrace    *trace)
{
  g_autoptr (JsonArray) ids = json_array_new ();
  Choice choice = { trace, ids };
  JsonObject *body;

  g_return_if_fail (MILL_IS_STEP_MODE (self));
  if (trace != NULL)
    mill_watch_foreach_held (self->watch, choose, &choice);
  body = new_body (self);
  if (json_array_get_length (ids) > 0)
    json_object_set_array_member (body, "ids", g_steal_pointer (&ids));
  else
    json_object_set_boolean_member (body, "next", TRUE);
  ask_practice (self, "POST", "/release", body);
}

void
mill_step_mode_release_all (MillStepMode *self)
{
  JsonObject *body;

  g_return_if_fail (MILL_IS_STEP_MODE (self));
  body = new_body (self);
  json_object_set_boolean_member (body, "all", TRUE);
  ask_practice (self, "POST", "/release", body);
}
