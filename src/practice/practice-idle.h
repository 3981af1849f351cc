/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/**
 * practice_idle_watch:
 *
 * Makes @soup let go of connections that their clients close between two requests. libsoup before 3.3 keeps them for ever, until no
 * file descriptor is left (fixed there by its commit d20c6601). Does nothing with a newer libsoup.
 */
void practice_idle_watch (SoupServer *soup);

G_END_DECLS
