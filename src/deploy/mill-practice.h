/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define MILL_TYPE_PRACTICE (mill_practice_get_type ())

/**
 * MillPractice:
 *
 * A hold on the practice cloud that all programs of a user share: it runs at least as long as this object lives. Immutable.
 */
G_DECLARE_FINAL_TYPE (MillPractice, mill_practice, MILL, PRACTICE, GObject)

/* (transfer full): MILLRACE_PRACTICE_DIR, or the user's (XDG_DATA_HOME/millrace/practice). */
char         *mill_practice_dup_default_state (void);

/**
 * mill_practice_join:
 * @state: the state folder; made where it is missing
 *
 * Joins the practice cloud of @state, or starts it. Two programs that start it at once get the same one. Blocks for some ten milliseconds.
 *
 * Returns: (transfer full): NULL with MILL_DEPLOY_ERROR_PRACTICE or G_IO_ERROR_CANCELLED
 */
MillPractice *mill_practice_join          (const char    *state,
                                           GCancellable  *cancellable,
                                           GError       **error);
/*
 * The same with a practice cloud that is as slow, late and strict as AWS (--latency aws). One that runs in @state already is joined as it is, so this
 * wants a folder of its own.
 */
MillPractice *mill_practice_join_like_aws (const char    *state,
                                           GCancellable  *cancellable,
                                           GError       **error);
/* "AWS_ENDPOINT_URL", "MILLRACE_INVOKE_URL", …: what it said when it was ready; NULL where it did not. */
const char   *mill_practice_get           (MillPractice  *self,
                                           const char    *name);
/* FALSE once the process has ended. */
gboolean      mill_practice_is_alive      (MillPractice  *self);
/* Readable when the process has ended. */
GSocket      *mill_practice_get_socket    (MillPractice  *self);

G_END_DECLS
