/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-record.h"

#include "aws-error.h"
#include "aws-json.h"
#include "mill-engine.h"

static const char *const state_names[] = {
  "planned", "intended", "made", "waiting", "verified", "changed", "missing", "failed", "deleting", "deleted",
};

const char *
mill_resource_state_to_string (MillResourceState state)
{
  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (state_names), "planned");
  return state_names[state];
}

MillResourceState
mill_resource_state_from_string (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (state_names); i++)
    if (g_strcmp0 (text, state_names[i]) == 0)
      return i;
  /* A name that this version does not know: suppose that something is there. */
  return MILL_RESOURCE_INTENDED;
}

MillRecord *
mill_record_new (const char *logical_id,
                 const char *type)
{
  MillRecord *self = g_new0 (MillRecord, 1);

  self->logical_id = g_strdup (logical_id);
  self->type = g_strdup (type);
  mill_record_reset (self);
  return self;
}

static void
set_text (char       **field,
          const char  *text)
{
  g_free (*field);
  *field = g_strdup (text);
}

void
mill_record_reset (MillRecord *self)
{
  self->state = MILL_RESOURCE_PLANNED;
  set_text (&self->name, "");
  set_text (&self->physical_id, "");
  set_text (&self->arn, "");
  set_text (&self->token, "");
  set_text (&self->region, "");
  set_text (&self->account, "");
  set_text (&self->wait_reason, "");
  set_text (&self->error_code, "");
  set_text (&self->error, "");
  set_text (&self->advice, "");
  set_text (&self->request_id, "");
  g_clear_pointer (&self->properties, json_object_unref);
  g_clear_pointer (&self->attributes, json_object_unref);
  g_clear_pointer (&self->notes, json_object_unref);
  self->properties = json_object_new ();
  self->attributes = json_object_new ();
  self->notes = json_object_new ();
  self->intended_at = self->made_at = self->verified_at = self->deleted_at = 0;
}

MillRecord *
mill_record_copy (const MillRecord *self)
{
  MillRecord *copy = g_new (MillRecord, 1);

  *copy = *self;
  copy->logical_id = g_strdup (self->logical_id);
  copy->type = g_strdup (self->type);
  copy->name = g_strdup (self->name);
  copy->physical_id = g_strdup (self->physical_id);
  copy->arn = g_strdup (self->arn);
  copy->token = g_strdup (self->token);
  copy->region = g_strdup (self->region);
  copy->account = g_strdup (self->account);
  copy->wait_reason = g_strdup (self->wait_reason);
  copy->error_code = g_strdup (self->error_code);
  copy->error = g_strdup (self->error);
  copy->advice = g_strdup (self->advice);
  copy->request_id = g_strdup (self->request_id);
  copy->properties = aws_json_copy_object (self->properties);
  copy->attributes = aws_json_copy_object (self->attributes);
  copy->notes = aws_json_copy_object (self->notes);
  return copy;
}

void
mill_record_free (MillRecord *self)
{
  g_free (self->logical_id);
  g_free (self->type);
  g_free (self->name);
  g_free (self->physical_id);
  g_free (self->arn);
  g_free (self->token);
  g_free (self->region);
  g_free (self->account);
  g_free (self->wait_reason);
  g_free (self->error_code);
  g_free (self->error);
  g_free (self->advice);
  g_free (self->request_id);
  json_object_unref (self->properties);
  json_object_unref (self->attributes);
  json_object_unref (self->notes);
  g_free (self);
}

gboolean
mill_record_may_exist (const MillRecord *self)
{
  return self->state != MILL_RESOURCE_PLANNED && self->state != MILL_RESOURCE_DELETED;
}

static void
set_member (JsonObject *object,
            const char *name,
            const char *value)
{
  if (value != NULL)
    json_object_set_string_member (object, name, value);
  else
    json_object_remove_member (object, name);
}

void
mill_record_set_attribute (MillRecord *self,
                           const char *name,
                           const char *value)
{
  set_member (self->attributes, name, value);
}

void
mill_record_set_note (MillRecord *self,
                      const char *name,
                      const char *value)
{
  set_member (self->notes, name, value);
}

void
mill_record_set_error (MillRecord   *self,
                       const GError *error)
{
  set_text (&self->error_code, error != NULL ? aws_error_get_code (error) : "");
  set_text (&self->error, error != NULL ? error->message : "");
  set_text (&self->advice, error != NULL ? mill_error_get_advice (error) : "");
}

guint
mill_record_get_milliseconds (const MillRecord *self)
{
  if (self->made_at < self->intended_at)
    return 0;
  return (self->made_at - self->intended_at) / 1000;
}
