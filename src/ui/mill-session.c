/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-session.h"

#include <glib/gi18n.h>

#include "mill-tap.h"

struct _MillSession
{
  GObject parent_instance;

  MillEngine *engine;
  MillDeployment *deployment;
  MillWatch *watch;
  MillTimeline *timeline;
  MillStepMode *step_mode;
  MillMailbox *mailbox;
  GCancellable *cancellable;

  GHashTable *checks;        /* step → GPtrArray of MillCheckResult */
  GHashTable *errors;        /* step → GError */
  char *step;
  char *busy_step;
  char *problem;
  char *problem_advice;
  gboolean opening;
  gboolean ready;
};

enum {
  PROP_0,
  PROP_BUSY,
  PROP_PROBLEM,
  PROP_STEP,
  PROP_READY,
  N_PROPS,
};

enum {
  FAILED,
  CHECKED,
  SAID,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillSession, mill_session, G_TYPE_OBJECT)

/* A call that is under way: the session outlives it. */
typedef struct {
  MillSession *session;
  char *step;
} Call;

static Call *
call_new (MillSession *session,
          const char  *step)
{
  Call *call = g_new0 (Call, 1);

  call->session = g_object_ref (session);
  call->step = g_strdup (step);
  return call;
}

static void
call_free (Call *call)
{
  g_object_unref (call->session);
  g_free (call->step);
  g_free (call);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

/* An error of "cancelled" alone does not mean it: a question that was not answered ends with that, too. */
static gboolean
is_closed (MillSession *self)
{
  return g_cancellable_is_cancelled (self->cancellable);
}

static void
set_busy (MillSession *self,
          const char  *step)
{
  g_free (self->busy_step);
  self->busy_step = g_strdup (step);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

static void
set_problem (MillSession *self,
             const char  *problem,
             const char  *advice)
{
  if (g_strcmp0 (self->problem, problem) == 0)
    return;
  g_free (self->problem);
  self->problem = g_strdup (problem);
  g_free (self->problem_advice);
  self->problem_advice = g_strdup (advice);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
}

static void
fail (MillSession  *self,
      const char   *step,
      const GError *error)
{
  if (is_closed (self))
    return;
  g_hash_table_insert (self->errors, g_strdup (step != NULL ? step : ""), g_error_copy (error));
  g_signal_emit (self, signals[FAILED], 0, step != NULL ? step : "", error);
}

static void
on_checked (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(Call) call = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) results = mill_engine_check_finish (MILL_ENGINE (source), result, &error);
  MillSession *self = call->session;
  g_autoptr(GHashTable) steps = NULL;
  GHashTableIter iter;
  gpointer step;

  if (is_closed (self))
    return;
  set_busy (self, NULL);
  if (results == NULL)
    {
      fail (self, call->step, error);
      return;
    }
  steps = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  if (call->step != NULL)
    g_hash_table_insert (steps, g_strdup (call->step), g_ptr_array_new_with_free_func ((GDestroyNotify) mill_check_result_free));
  g_ptr_array_set_free_func (results, NULL);
  for (guint i = 0; i < results->len; i++)
    {
      MillCheckResult *one = g_ptr_array_index (results, i);
      GPtrArray *of_step = g_hash_table_lookup (steps, one->step);

      if (of_step == NULL)
        {
          of_step = g_ptr_array_new_with_free_func ((GDestroyNotify) mill_check_result_free);
          g_hash_table_insert (steps, g_strdup (one->step), of_step);
        }
      g_ptr_array_add (of_step, one);
    }
  g_hash_table_iter_init (&iter, steps);
  while (g_hash_table_iter_next (&iter, &step, NULL))
    {
      g_hash_table_insert (self->checks, g_strdup (step), g_ptr_array_ref (g_hash_table_lookup (steps, step)));
      g_signal_emit (self, signals[CHECKED], 0, step);
    }
}

static void
on_built (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr(Call) call = data;
  g_autoptr(GError) error = NULL;
  gboolean ok = mill_engine_build_finish (MILL_ENGINE (source), result, &error);
  MillSession *self = call->session;

  if (is_closed (self))
    return;
  if (!ok)
    {
      set_busy (self, NULL);
      fail (self, call->step, error);
      return;
    }
  mill_engine_check_async (self->engine, self->deployment, call->step, self->cancellable, on_checked,
                           call_new (self, call->step));
}

static void
on_undone (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(Call) call = data;
  g_autoptr(GError) error = NULL;
  gboolean ok = mill_engine_undo_finish (MILL_ENGINE (source), result, &error);
  MillSession *self = call->session;

  if (is_closed (self))
    return;
  set_busy (self, NULL);
  if (!ok)
    fail (self, call->step, error);
  /* Later steps may have gone with it. */
  g_hash_table_remove_all (self->checks);
  g_signal_emit (self, signals[CHECKED], 0, call->step);
}

static void
on_tapped (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(Call) call = data;
  GError *error = NULL;
  MillSession *self = call->session;

  if (mill_engine_tap_finish (MILL_ENGINE (source), result, &error) || is_closed (self))
    g_clear_error (&error);
  else
    g_hash_table_insert (self->errors, g_strdup (call->step), error);
  if (!is_closed (self))
    set_busy (self, NULL);
}

static void
on_hop (MillSession *self,
        MillTrace   *trace,
        MillHop     *hop)
{
  mill_timeline_update (self->timeline, hop);
}

static void
on_watch_failed (MillSession *self,
                 const char  *sentence)
{
  g_signal_emit (self, signals[SAID], 0, sentence);
}

static void
on_lost (MillSession *self,
         const char  *sentence)
{
  self->ready = FALSE;
  mill_watch_stop (self->watch);
  set_problem (self, sentence, "");
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READY]);
}

static void
on_opened (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(MillSession) self = data;
  g_autoptr(GError) error = NULL;
  gboolean ok = mill_target_open_finish (MILL_TARGET (source), result, &error);
  const char *arn = mill_target_get_arn (MILL_TARGET (source));
  g_autofree char *warning = NULL;

  self->opening = FALSE;
  if (is_closed (self))
    return;
  if (!ok)
    {
      set_problem (self, error->message, mill_error_get_advice (error));
      return;
    }
  set_problem (self, NULL, NULL);
  self->ready = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READY]);
  /* The root user's keys were pointed out before anything was made. */
  warning = mill_target_dup_warning (MILL_TARGET (source));
  if (warning != NULL && !(arn != NULL && g_str_has_suffix (arn, ":root")))
    g_signal_emit (self, signals[SAID], 0, warning);
  mill_watch_start (self->watch, TRUE);
  mill_mailbox_refresh (self->mailbox);
}

static void
on_confirmed (MillSession *self)
{
  g_signal_emit (self, signals[SAID], 0, _("The subscription is confirmed"));
  if (self->step != NULL && !mill_session_get_busy (self))
    mill_session_check (self, self->step);
}

static void
on_link_failed (MillSession  *self,
                const GError *error)
{
  fail (self, NULL, error);
}

static void
mill_session_get_property (GObject    *object,
                           guint       id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  MillSession *self = MILL_SESSION (object);

  switch (id)
    {
    case PROP_BUSY: g_value_set_boolean (value, mill_session_get_busy (self)); break;
    case PROP_PROBLEM: g_value_set_string (value, self->problem); break;
    case PROP_STEP: g_value_set_string (value, self->step); break;
    case PROP_READY: g_value_set_boolean (value, self->ready); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mill_session_dispose (GObject *object)
{
  MillSession *self = MILL_SESSION (object);

  mill_session_close (self);
  G_OBJECT_CLASS (mill_session_parent_class)->dispose (object);
}

static void
mill_session_finalize (GObject *object)
{
  MillSession *self = MILL_SESSION (object);

  g_clear_object (&self->timeline);
  g_clear_object (&self->step_mode);
  g_clear_object (&self->watch);
  g_clear_object (&self->deployment);
  g_clear_object (&self->engine);
  g_clear_object (&self->mailbox);
  g_object_unref (self->cancellable);
  g_hash_table_unref (self->checks);
  g_hash_table_unref (self->errors);
  g_free (self->step);
  g_free (self->busy_step);
  g_free (self->problem);
  g_free (self->problem_advice);
  G_OBJECT_CLASS (mill_session_parent_class)->finalize (object);
}

static void
mill_session_class_init (MillSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = mill_session_get_property;
  object_class->dispose = mill_session_dispose;
  object_class->finalize = mill_session_finalize;

  properties[PROP_BUSY] = g_param_spec_boolean ("busy", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_STEP] = g_param_spec_string ("step", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_READY] = g_param_spec_boolean ("ready", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[FAILED] = g_signal_new ("failed", MILL_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_ERROR);
  signals[CHECKED] = g_signal_new ("checked", MILL_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SAID] = g_signal_new ("said", MILL_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
mill_session_init (MillSession *self)
{
  self->cancellable = g_cancellable_new ();
  self->checks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->errors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_error_free);
}

MillSession *
mill_session_new (MillEngine     *engine,
                  MillDeployment *deployment)
{
  MillSession *self = g_object_new (MILL_TYPE_SESSION, NULL);

  self->engine = g_object_ref (engine);
  self->deployment = g_object_ref (deployment);
  self->watch = mill_watch_new (deployment);
  self->timeline = mill_timeline_new (G_LIST_MODEL (self->watch));
  self->step_mode = mill_step_mode_new (deployment, self->watch);
  self->step = g_strdup (mill_session_find_next_step (self));
  self->mailbox = mill_mailbox_new (engine, mill_deployment_get_target (deployment), self->cancellable);
  g_signal_connect_object (self->watch, "mail", G_CALLBACK (mill_mailbox_ring), self->mailbox, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->mailbox, "confirmed", G_CALLBACK (on_confirmed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->mailbox, "failed", G_CALLBACK (on_link_failed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->watch, "hop", G_CALLBACK (on_hop), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->watch, "failed", G_CALLBACK (on_watch_failed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (mill_deployment_get_target (deployment), "lost", G_CALLBACK (on_lost), self, G_CONNECT_SWAPPED);
  return self;
}

MillEngine *
mill_session_get_engine (MillSession *self)
{
  return self->engine;
}

MillDeployment *
mill_session_get_deployment (MillSession *self)
{
  return self->deployment;
}

MillTutorial *
mill_session_get_tutorial (MillSession *self)
{
  return mill_deployment_get_tutorial (self->deployment);
}

MillTarget *
mill_session_get_target (MillSession *self)
{
  return mill_deployment_get_target (self->deployment);
}

MillStepMode *
mill_session_get_step_mode (MillSession *self)
{
  return self->step_mode;
}

MillWatch *
mill_session_get_watch (MillSession *self)
{
  return self->watch;
}

MillTimeline *
mill_session_get_timeline (MillSession *self)
{
  return self->timeline;
}

MillMailbox *
mill_session_get_mailbox (MillSession *self)
{
  return self->mailbox;
}

void
mill_session_open (MillSession *self)
{
  if (self->opening || self->ready)
    return;
  self->opening = TRUE;
  mill_target_open_async (mill_session_get_target (self), self->cancellable, on_opened, g_object_ref (self));
}

void
mill_session_close (MillSession *self)
{
  g_cancellable_cancel (self->cancellable);
  if (self->watch != NULL)
    mill_watch_stop (self->watch);
}

gboolean
mill_session_get_busy (MillSession *self)
{
  return self->busy_step != NULL;
}

const char *
mill_session_get_busy_step (MillSession *self)
{
  return self->busy_step;
}

const char *
mill_session_get_problem (MillSession *self)
{
  return self->problem;
}

const char *
mill_session_get_problem_advice (MillSession *self)
{
  return self->problem_advice;
}

const char *
mill_session_get_step (MillSession *self)
{
  return self->step;
}

void
mill_session_set_step (MillSession *self,
                       const char  *step)
{
  if (g_strcmp0 (self->step, step) == 0)
    return;
  g_free (self->step);
  self->step = g_strdup (step);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STEP]);
}

const char *
mill_session_find_next_step (MillSession *self)
{
  MillTutorial *tutorial = mill_session_get_tutorial (self);
  GPtrArray *steps = tutorial != NULL ? mill_tutorial_get_steps (tutorial) : NULL;

  if (steps == NULL || steps->len == 0)
    return NULL;
  for (guint i = 0; i < steps->len; i++)
    {
      const char *id = mill_step_get_id (steps->pdata[i]);

      if (mill_deployment_get_step_state (self->deployment, id) != MILL_STEP_DONE)
        return id;
    }
  return mill_step_get_id (steps->pdata[steps->len - 1]);
}

void
mill_session_build (MillSession *self,
                    const char  *step)
{
  if (mill_session_get_busy (self))
    return;
  g_hash_table_remove (self->errors, step != NULL ? step : "");
  set_busy (self, step != NULL ? step : "");
  mill_engine_build_async (self->engine, self->deployment, step, self->cancellable, on_built, call_new (self, step));
}

void
mill_session_undo (MillSession *self,
                   const char  *step)
{
  if (mill_session_get_busy (self))
    return;
  g_hash_table_remove (self->errors, step);
  set_busy (self, step);
  mill_engine_undo_async (self->engine, self->deployment, step, self->cancellable, on_undone, call_new (self, step));
}

char *
mill_session_dup_tap_step (const char *topic)
{
  return g_strconcat ("tap ", topic, NULL);
}

void
mill_session_tap (MillSession *self,
                  const char  *topic,
                  gboolean     on)
{
  g_autofree char *step = mill_session_dup_tap_step (topic);

  if (mill_session_get_busy (self))
    return;
  g_hash_table_remove (self->errors, step);
  set_busy (self, step);
  mill_engine_tap_async (self->engine, self->deployment, topic, on, self->cancellable, on_tapped, call_new (self, step));
}

void
mill_session_check (MillSession *self,
                    const char  *step)
{
  if (mill_session_get_busy (self))
    return;
  g_hash_table_remove (self->errors, step != NULL ? step : "");
  set_busy (self, step != NULL ? step : "");
  mill_engine_check_async (self->engine, self->deployment, step, self->cancellable, on_checked, call_new (self, step));
}

GPtrArray *
mill_session_get_checks (MillSession *self,
                         const char  *step)
{
  return g_hash_table_lookup (self->checks, step);
}

const GError *
mill_session_get_error (MillSession *self,
                        const char  *step)
{
  return g_hash_table_lookup (self->errors, step);
}
