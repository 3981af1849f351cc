/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define PRACTICE_TYPE_SHARE (practice_share_get_type ())

/**
 * PracticeShare:
 *
 * One practice cloud for all programs of a user: whoever connects to its socket is told the ready lines, ended by an empty line, and keeps the
 * cloud alive as long as the connection is open. Signal "idle": the last one is gone, or nobody came within ten seconds.
 */
G_DECLARE_FINAL_TYPE (PracticeShare, practice_share, PRACTICE, SHARE, GObject)

/* @state: the state folder, whose lock the caller holds: a socket that is there already is a dead one's. @lines: the ready lines. */
PracticeShare *practice_share_new           (const char     *state,
                                             const char     *lines,
                                             GError        **error);

/*
 * The port of last time, so that queue URLs and invoke URLs that programs and students wrote down stay good; 0 where there is none or it
 * is taken. Remembering fails silently: another port does as well.
 */
guint          practice_share_recall_port   (const char     *state);
void           practice_share_remember_port (const char     *state,
                                             guint           port);

G_END_DECLS
