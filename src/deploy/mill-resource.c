/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-resource-private.h"

#include "aws-json.h"

struct _MillResource
{
  GObject     parent_instance;

  MillRecord *record;
};

G_DEFINE_FINAL_TYPE (MillResource, mill_resource, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_LOGICAL_ID,
  PROP_STATE,
  PROP_NAME,
  PROP_PHYSICAL_ID,
  PROP_ARN,
  PROP_WAIT_REASON,
  PROP_ERROR_MESSAGE,
  PROP_MILLISECONDS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
mill_resource_get_property (GObject    *object,
                            guint       id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  MillResource *self = MILL_RESOURCE (object);

  switch (id)
    {
    case PROP_LOGICAL_ID:
      g_value_set_string (value, self->record->logical_id);
      break;
    case PROP_STATE:
      g_value_set_uint (value, self->record->state);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->record->name);
      break;
    case PROP_PHYSICAL_ID:
      g_value_set_string (value, self->record->physical_id);
      break;
    case PROP_ARN:
      g_value_set_string (value, self->record->arn);
      break;
    case PROP_WAIT_REASON:
      g_value_set_string (value, self->record->wait_reason);
      break;
    case PROP_ERROR_MESSAGE:
      g_value_set_string (value, self->record->error);
      break;
    case PROP_MILLISECONDS:
      g_value_set_uint (value, mill_record_get_milliseconds (self->record));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mill_resource_finalize (GObject *object)
{
  mill_record_free (MILL_RESOURCE (object)->record);
  G_OBJECT_CLASS (mill_resource_parent_class)->finalize (object);
}

static void
mill_resource_class_init (MillResourceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = mill_resource_get_property;
  object_class->finalize = mill_resource_finalize;

  properties[PROP_LOGICAL_ID] = g_param_spec_string ("logical-id", NULL, NULL, "", flags);
  properties[PROP_STATE] = g_param_spec_uint ("state", NULL, NULL, 0, MILL_RESOURCE_DELETED, 0, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, "", flags);
  properties[PROP_PHYSICAL_ID] = g_param_spec_string ("physical-id", NULL, NULL, "", flags);
  properties[PROP_ARN] = g_param_spec_string ("arn", NULL, NULL, "", flags);
  properties[PROP_WAIT_REASON] = g_param_spec_string ("wait-reason", NULL, NULL, "", flags);
  properties[PROP_ERROR_MESSAGE] = g_param_spec_string ("error-message", NULL, NULL, "", flags);
  properties[PROP_MILLISECONDS] = g_param_spec_uint ("milliseconds", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mill_resource_init (MillResource *self)
{
}

MillResource *
mill_resource_new (MillRecord *record)
{
  MillResource *self = g_object_new (MILL_TYPE_RESOURCE, NULL);

  self->record = record;
  return self;
}

void
mill_resource_set_record (MillResource *self,
                          MillRecord   *record)
{
  g_autoptr(MillRecord) old = g_steal_pointer (&self->record);
  GObject *object = G_OBJECT (self);

  self->record = record;
  if (g_strcmp0 (old->name, record->name) != 0)
    g_object_notify_by_pspec (object, properties[PROP_NAME]);
  if (g_strcmp0 (old->physical_id, record->physical_id) != 0)
    g_object_notify_by_pspec (object, properties[PROP_PHYSICAL_ID]);
  if (g_strcmp0 (old->arn, record->arn) != 0)
    g_object_notify_by_pspec (object, properties[PROP_ARN]);
  if (g_strcmp0 (old->wait_reason, record->wait_reason) != 0)
    g_object_notify_by_pspec (object, properties[PROP_WAIT_REASON]);
  if (g_strcmp0 (old->error, record->error) != 0)
    g_object_notify_by_pspec (object, properties[PROP_ERROR_MESSAGE]);
  if (mill_record_get_milliseconds (old) != mill_record_get_milliseconds (record))
    g_object_notify_by_pspec (object, properties[PROP_MILLISECONDS]);
  if (old->state != record->state)
    g_object_notify_by_pspec (object, properties[PROP_STATE]);
}

const char *
mill_resource_get_logical_id (MillResource *self)
{
  g_return_val_if_fail (MILL_IS_RESOURCE (self), NULL);
  return self->record->logical_id;
}

const char *
mill_resource_get_type_name (MillResource *self)
{
  g_return_val_if_fail (MILL_IS_RESOURCE (self), NULL);
  return self->record->type;
}

MillResourceState
mill_resource_get_state (MillResource *self)
{
  g_return_val_if_fail (MILL_IS_RESOURCE (self), MILL_RESOURCE_PLANNED);
  return self->record->state;
}

gboolean
mill_resource_is_made (MillResource *self)
{
  g_return_val_if_fail (MILL_IS_RESOURCE (self), FALSE);
  switch (self->record->state)
    {
    case MILL_RESOURCE_MADE:
    case MILL_RESOURCE_WAITING:
    case MILL_RESOURCE_VERIFIED:
    case MILL_RESOURCE_CHANGED:
      return *self->record->physical_id != '\0';
    default:
      return FALSE;
    }
}

const char *
mill_resource_get_name (MillResource *self)
{
  g_return_val_if_fail (MILL_IS_RESOURCE (self), NULL);
  return self->record->name;
}

const char *
mill_resource_get_physical_id (MillResource *self)
{
  g_return_val_if_fail (MILL_IS_RESOURCE (self), NULL);
  return self->record->physical_id;
}

const char *
mill_resource_get_arn (MillResource *self)
{
  g_return_val_if_fail (MILL_IS_RESOURCE (self), NULL);
  return self->record->arn;
}

const char *
mill_resource_get_wait_reason (MillResource *self)
{
  g_return_val_if_fail (MILL_IS_RESOURCE (self), NULL);
  return self->record->wait_reason;
}

const char *
mill_resource_get_error (MillResource *self)
{
  g_return_val_if_fail (MILL_IS_RESOURCE (self), NULL);
  return self->record->error;
}

const char *
mill_resource_get_advice (MillResource *self)
{
  g_return_val_if_fail (MILL_IS_RESOURCE (self), NULL);
  return self->record->advice;
}

guint
mill_resource_get_milliseconds (MillResource *self)
{
  g_return_val_if_fail (MILL_IS_RESOURCE (self), 0);
  return mill_record_get_milliseconds (self->record);
}

JsonObject *
mill_resource_dup_properties (MillResource *self)
{
  g_return_val_if_fail (MILL_IS_RESOURCE (self), NULL);
  return aws_json_copy_object (self->record->properties);
}

JsonObject *
mill_resource_dup_attributes (MillResource *self)
{
  g_return_val_if_fail (MILL_IS_RESOURCE (self), NULL);
  return aws_json_copy_object (self->record->attributes);
}
