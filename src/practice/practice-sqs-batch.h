/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-sqs-private.h"

G_BEGIN_DECLS

/**
 * PracticeSqsEntryFunc:
 * @entry: one entry of the batch
 *
 * Does for one entry what the operation does for one call.
 *
 * Returns: (transfer full) (nullable): what stands beside the id in "Successful" (may be empty), or NULL with @fault set
 */
typedef JsonObject *(*PracticeSqsEntryFunc) (PracticeSqs      *self,
                                             PracticeCall     *call,
                                             PracticeSqsQueue *queue,
                                             JsonObject       *entry,
                                             PracticeSqsFault *fault);

/* The entries of a batch whose number, ids and shape are right; else NULL and the call is failed. */
JsonArray *practice_sqs_batch_get_entries (PracticeCall         *call,
                                           const char           *entry_name);
void       practice_sqs_batch_run         (PracticeSqs          *self,
                                           PracticeCall         *call,
                                           PracticeSqsQueue     *queue,
                                           JsonArray            *entries,
                                           PracticeSqsEntryFunc  func);

/* A number of a call's parameters or a batch's entry; it is a text in the query protocol. FALSE with @fault where it is neither; @value
 * stays as it was where it is missing. */
gboolean   practice_sqs_entry_get_int     (JsonObject           *entry,
                                           const char           *name,
                                           gint64               *value,
                                           PracticeSqsFault     *fault);

G_END_DECLS
