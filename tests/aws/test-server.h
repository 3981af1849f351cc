/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * TestServer:
 *
 * An HTTP server in a thread of this process that gives the answers put into it, in their order, and "{}" when they
 * are used up. Keeps what it was asked.
 */
typedef struct _TestServer TestServer;

TestServer *test_server_new          (void);
/* The same over TLS. */
TestServer *test_server_new_tls      (GTlsCertificate *certificate);
void        test_server_free         (TestServer *self);
/* (transfer none): "http://127.0.0.1:…" */
const char *test_server_get_url      (TestServer *self);

/* @headers: "Name: value\r\n…" or NULL. */
void        test_server_push         (TestServer *self,
                                      guint       status,
                                      const char *headers,
                                      const char *body);
/* The same for the next request that has @part in it (an operation's name, a path) and for which nothing else was put in before. */
void        test_server_push_to      (TestServer *self,
                                      const char *part,
                                      guint       status,
                                      const char *headers,
                                      const char *body);
/* From now on this is the answer where nothing is put in, in the place of "{}". */
void        test_server_set_default  (TestServer *self,
                                      guint       status,
                                      const char *headers,
                                      const char *body);
/* From now on connections end without an answer where nothing is put in. */
void        test_server_set_silent   (TestServer *self);
/* Whatever was put in and not asked for is forgotten. */
void        test_server_forget       (TestServer *self);
/* The connection ends without an answer. */
void        test_server_push_reset   (TestServer *self);
/* @text is all that comes before the connection ends; then @padding blanks, to make an answer of any size. */
void        test_server_push_raw     (TestServer *self,
                                      const char *text,
                                      gsize       padding);
/* No answer ever comes. */
void        test_server_push_silence (TestServer *self);

guint       test_server_count        (TestServer *self);
/* How many connections the requests came by. */
guint       test_server_count_connections (TestServer *self);
/* Waits until there were @count requests. */
void        test_server_wait         (TestServer *self,
                                      guint       count);
/* (transfer full): "METHOD /path?query\nname: value\n…\n\nbody" of request @index. */
char       *test_server_get_request  (TestServer *self,
                                      guint       index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestServer, test_server_free)

G_END_DECLS
