/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * PracticeTally:
 *
 * Which operations were called from outside how often since the start, and how long each was made to take: what builds are measured by.
 */
typedef struct _PracticeTally PracticeTally;

PracticeTally *practice_tally_new     (void);
void           practice_tally_free    (PracticeTally *self);
/* @operation: "sqs:CreateQueue"; @milliseconds: the delay that it was given. */
void           practice_tally_add     (PracticeTally *self,
                                       const char    *operation,
                                       guint          milliseconds);
/* (transfer full): {"sqs:CreateQueue": {"calls": n, "milliseconds": n}}. */
JsonObject    *practice_tally_to_json (PracticeTally *self);

G_END_DECLS
