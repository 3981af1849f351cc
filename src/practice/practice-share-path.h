/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Where programs that share a practice cloud find it: a Unix socket whose name follows from the state folder, in the user's
 * runtime folder, or where there is none in the state folder itself. Both sides compute it. (transfer full)
 */
char *practice_share_dup_socket_path (const char *state);

G_END_DECLS
