/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-private.h"

void
apigw_part_clear (ApigwPart *self)
{
  g_clear_pointer (&self->document, json_object_unref);
}

gboolean
apigw_part_enter (ApigwPart    *self,
                  PracticeCall *call,
                  JsonObject   *holder,
                  const char   *name,
                  const char   *message)
{
  self->holder = holder;
  self->name = name;
  self->object = practice_json_get_object (holder, name);
  if (self->object == NULL)
    apigw_not_found (call, message);
  return self->object != NULL;
}

void
apigw_part_remove (ApigwPart          *self,
                   PracticeApiGateway *gateway,
                   PracticeCall       *call,
                   guint               status)
{
  json_object_remove_member (self->holder, self->name);
  apigw_save_api (gateway, call, self->document);
  apigw_return (call, status, NULL);
}

void
apigw_get_part (PracticeApiGateway *self,
                PracticeCall       *call,
                ApigwFindFunc       find)
{
  g_auto (ApigwPart) part = { 0 };

  if (find (self, call, &part))
    apigw_return (call, 200, part.object);
}

void
apigw_update_part (PracticeApiGateway *self,
                   PracticeCall       *call,
                   ApigwFindFunc       find,
                   const char         *input,
                   ApigwPatchFunc      apply,
                   guint               status)
{
  g_auto (ApigwPart) part = { 0 };

  if (!find (self, call, &part) || !apigw_patch (self, call, input, part.object, apply))
    return;
  apigw_save_api (self, call, part.document);
  apigw_return (call, status, part.object);
}

void
apigw_delete_part (PracticeApiGateway *self,
                   PracticeCall       *call,
                   ApigwFindFunc       find,
                   guint               status)
{
  g_auto (ApigwPart) part = { 0 };

  if (find (self, call, &part))
    apigw_part_remove (&part, self, call, status);
}
