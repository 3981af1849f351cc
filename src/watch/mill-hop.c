/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-hop-private.h"

#include <string.h>

#define MAX_LOG (64 * 1024)

G_DEFINE_FINAL_TYPE (MillHop, mill_hop, G_TYPE_OBJECT)

static void
mill_hop_finalize (GObject *object)
{
  MillHop *self = MILL_HOP (object);

  g_free (self->component);
  g_free (self->kind);
  g_free (self->payload);
  g_free (self->error);
  g_free (self->advice);
  g_free (self->message_id);
  if (self->log != NULL)
    g_string_free (self->log, TRUE);
  G_OBJECT_CLASS (mill_hop_parent_class)->finalize (object);
}

static void
mill_hop_class_init (MillHopClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_hop_finalize;
}

static void
mill_hop_init (MillHop *self)
{
  self->attempts = 1;
}

MillHop *
mill_hop_new (const char *kind,
              const char *component,
              const char *message_id,
              double      arrived)
{
  MillHop *self = g_object_new (MILL_TYPE_HOP, NULL);

  self->kind = g_strdup (kind);
  self->component = g_strdup (component);
  self->message_id = g_strdup (message_id != NULL ? message_id : "");
  self->arrived = arrived;
  return self;
}

void
mill_hop_set_error (MillHop    *self,
                    const char *error,
                    const char *advice)
{
  g_free (self->error);
  g_free (self->advice);
  self->error = g_strdup (error);
  self->advice = g_strdup (advice);
}

void
mill_hop_set_payload (MillHop    *self,
                      const char *payload)
{
  g_free (self->payload);
  self->payload = g_strdup (payload);
}

void
mill_hop_append_log (MillHop    *self,
                     const char *line)
{
  if (self->log == NULL)
    self->log = g_string_new (NULL);
  g_string_append (self->log, line);
  if (!g_str_has_suffix (line, "\n"))
    g_string_append_c (self->log, '\n');
  if (self->log->len > MAX_LOG)
    {
      const char *cut = strchr (self->log->str + self->log->len - MAX_LOG, '\n');

      g_string_erase (self->log, 0, cut != NULL ? cut + 1 - self->log->str : (gssize) (self->log->len - MAX_LOG));
    }
}

gboolean
mill_hop_is_over (MillHop *self)
{
  return self->status != MILL_HOP_UNDER_WAY && self->status != MILL_HOP_RETRYING;
}

const char *
mill_hop_get_component (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), NULL);
  return self->component;
}

const char *
mill_hop_get_kind (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), NULL);
  return self->kind;
}

double
mill_hop_get_arrived (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), 0);
  return self->arrived;
}

double
mill_hop_get_left (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), 0);
  return self->left;
}

const char *
mill_hop_get_payload (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), NULL);
  return self->payload != NULL ? self->payload : "";
}

MillHopStatus
mill_hop_get_status (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), MILL_HOP_FAILED);
  return self->status;
}

const char *
mill_hop_get_status_name (MillHop *self)
{
  static const char *const names[] = { "under-way", "ok", "retrying", "failed", "filtered" };

  g_return_val_if_fail (MILL_IS_HOP (self), NULL);
  return names[self->status];
}

const char *
mill_hop_get_error (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), NULL);
  return self->error != NULL ? self->error : "";
}

const char *
mill_hop_get_advice (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), NULL);
  return self->advice != NULL ? self->advice : "";
}

guint
mill_hop_get_attempts (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), 0);
  return self->attempts;
}

gboolean
mill_hop_get_inferred (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), FALSE);
  return self->inferred;
}

const char *
mill_hop_get_message_id (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), NULL);
  return self->message_id;
}

const char *
mill_hop_get_log (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), NULL);
  return self->log != NULL ? self->log->str : "";
}

MillHop *
mill_hop_get_previous (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), NULL);
  return self->previous;
}
