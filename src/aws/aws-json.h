/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Arrays and objects may be nested this deep; json-glib itself knows no bound and would run out of stack. */
#define AWS_JSON_MAX_DEPTH 256

/*
 * Reads foreign JSON: RFC 8259 to the letter (no comments, no single quotes), UTF-8, at most
 * AWS_JSON_MAX_DEPTH deep. @length: -1 for a string.
 * Returns: (transfer full): the root; NULL with an error of JSON_PARSER_ERROR
 */
JsonNode   *aws_json_parse        (const char  *text,
                                   gssize       length,
                                   GError     **error);
/* The same where only an object will do. */
JsonObject *aws_json_parse_object (const char  *text,
                                   gssize       length,
                                   GError     **error);
/*
 * (transfer full): a copy that shares nothing with @object. A JsonObject and all in it may be used by one thread at a time
 * only, because json-glib counts their references without atomic operations; another thread gets a copy.
 */
JsonObject *aws_json_copy_object  (JsonObject  *object);
JsonNode   *aws_json_copy_node    (JsonNode    *node);
/* (transfer full): compact JSON text. */
char       *aws_json_to_text      (JsonNode    *node);
char       *aws_json_object_to_text (JsonObject *object);

/*
 * Members of foreign objects, checked for type. @path: names joined with dots ("StreamDescription.Shards").
 * (transfer none): NULL where a member is missing or of another type.
 */
JsonNode   *aws_json_get_node     (JsonObject  *object,
                                   const char  *path);
const char *aws_json_get_string   (JsonObject  *object,
                                   const char  *path);
JsonObject *aws_json_get_object   (JsonObject  *object,
                                   const char  *path);
JsonArray  *aws_json_get_array    (JsonObject  *object,
                                   const char  *path);
/* @fallback where it is missing or no number. A text is read as a number too: SQS and SNS attributes are texts. */
gint64      aws_json_get_int      (JsonObject  *object,
                                   const char  *path,
                                   gint64       fallback);
gboolean    aws_json_get_boolean  (JsonObject  *object,
                                   const char  *path,
                                   gboolean     fallback);

G_END_DECLS
