/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The life of a resource; the ledger keeps these by name ("intended", …). */
typedef enum {
  MILL_RESOURCE_PLANNED,      /* nothing done yet */
  MILL_RESOURCE_INTENDED,     /* the intent is in the ledger; the cloud may or may not have it */
  MILL_RESOURCE_MADE,         /* the cloud said yes */
  MILL_RESOURCE_WAITING,      /* made, but AWS makes us wait: see wait-reason */
  MILL_RESOURCE_VERIFIED,     /* read back and as it should be */
  MILL_RESOURCE_CHANGED,      /* read back and different: somebody changed it */
  MILL_RESOURCE_MISSING,      /* read back and not there */
  MILL_RESOURCE_FAILED,       /* could not be made: see error */
  MILL_RESOURCE_DELETING,
  MILL_RESOURCE_DELETED,      /* asked again and gone */
} MillResourceState;

/* "verified": for programs and the ledger. */
const char *mill_resource_state_to_string (MillResourceState state);

#define MILL_TYPE_RESOURCE (mill_resource_get_type ())

/**
 * MillResource:
 *
 * One resource of a deployment, as the ledger knows it. Properties ("state", "name", "physical-id", "arn", "wait-reason", "error-message", "milliseconds") change in
 * the main context of the deployment and are notified.
 */
G_DECLARE_FINAL_TYPE (MillResource, mill_resource, MILL, RESOURCE, GObject)

const char        *mill_resource_get_logical_id   (MillResource *self);
const char        *mill_resource_get_type_name    (MillResource *self);   /* "AWS::SQS::Queue" */
MillResourceState  mill_resource_get_state        (MillResource *self);
/* Whether the cloud has it, as far as is known: made, and with an id. */
gboolean           mill_resource_is_made          (MillResource *self);
const char        *mill_resource_get_name         (MillResource *self);   /* "" until known */
const char        *mill_resource_get_physical_id  (MillResource *self);   /* what Ref answers; "" until known */
const char        *mill_resource_get_arn          (MillResource *self);   /* "" where the type has none */
const char        *mill_resource_get_wait_reason  (MillResource *self);   /* a sentence, "" where it does not wait */
const char        *mill_resource_get_error        (MillResource *self);   /* a sentence, "" where there is none */
const char        *mill_resource_get_advice       (MillResource *self);   /* what to do about it, "" */
guint              mill_resource_get_milliseconds (MillResource *self);   /* from the intent to made */
/* (transfer full): the properties that were sent, resolved; what Fn::GetAtt answers. */
JsonObject        *mill_resource_dup_properties   (MillResource *self);
JsonObject        *mill_resource_dup_attributes   (MillResource *self);

G_END_DECLS
