/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-resource.h"

G_BEGIN_DECLS

/**
 * MillRecord:
 * @physical_id: what Ref answers; "" until known. @token: a client token, where the service has such
 * @properties: as they were sent; shared with the job that works on the record, and so replaced, never changed
 * @notes: what a handler must remember besides (a policy's stable id, a log group that was there before)
 * @times: microseconds since 1970, 0 where it did not happen
 *
 * One row of the ledger: what is known of a resource. Texts are never NULL. Copies share nothing: worker threads
 * change their own.
 */
typedef struct {
  char              *logical_id;
  char              *type;
  MillResourceState  state;
  char              *name;
  char              *physical_id;
  char              *arn;
  char              *token;
  char              *region;
  char              *account;
  char              *wait_reason;
  char              *error_code;
  char              *error;
  char              *advice;
  char              *request_id;
  JsonObject        *properties;
  JsonObject        *attributes;
  JsonObject        *notes;
  gint64             intended_at;
  gint64             made_at;
  gint64             verified_at;
  gint64             deleted_at;
} MillRecord;

/* In the notes of a subscription that could not be taken back, because it waits for its confirmation. */
#define MILL_NOTE_PENDING "PendingConfirmation"

MillRecord *mill_record_new           (const char       *logical_id,
                                       const char       *type);
MillRecord *mill_record_copy          (const MillRecord *self);
void        mill_record_free          (MillRecord       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MillRecord, mill_record_free)

/* Back to PLANNED: nothing is known of it but what it is. */
void        mill_record_reset         (MillRecord       *self);
/* Whether the cloud may have it. */
gboolean    mill_record_may_exist     (const MillRecord *self);
/* NULL takes it away. */
void        mill_record_set_attribute (MillRecord       *self,
                                       const char       *name,
                                       const char       *value);
void        mill_record_set_note      (MillRecord       *self,
                                       const char       *name,
                                       const char       *value);
/* Sets error, its code and the advice; NULL clears them. */
void        mill_record_set_error     (MillRecord       *self,
                                       const GError     *error);
/* From the intent to made; 0 where it is not made. */
guint       mill_record_get_milliseconds (const MillRecord *self);
/* INTENDED for a name that is unknown: something may be there. */
MillResourceState mill_resource_state_from_string (const char *text);

G_END_DECLS
