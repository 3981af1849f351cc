/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "practice-server.h"

G_BEGIN_DECLS

/**
 * practice_http_new:
 * @port: 0 for any
 *
 * Listens on loopback for @server: checks Host and size, who signed, and hands requests on as calls.
 *
 * Returns: (transfer full): the listener; NULL with a sentence in @error where the port is taken
 */
SoupServer *practice_http_new      (PracticeServer *server,
                                    guint           port,
                                    GError        **error);
guint       practice_http_get_port (SoupServer     *soup);

G_END_DECLS
