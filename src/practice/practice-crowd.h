/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/**
 * practice_crowd_watch:
 *
 * Lets many connections come in at once and the process have as many as the system allows it, and has @soup refuse (503) what comes in
 * when few file descriptors are left. libsoup stops listening for ever when it finds none; the database and the functions need some too.
 */
void practice_crowd_watch (SoupServer *soup);

G_END_DECLS
