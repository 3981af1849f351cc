/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * practice_json_parse:
 * @length: in bytes, or -1 where @text ends with a NUL
 *
 * Parses JSON that came from outside. Text that is not UTF-8, is not JSON as RFC 8259 has it (the parser alone would take comments,
 * single quotes and more), holds a NUL or nests deeper than 100 levels (the parser recurses) is refused.
 *
 * Returns: (transfer full): the root, immutable, or NULL with @error set
 */
JsonNode   *practice_json_parse          (const char  *text,
                                          gssize       length,
                                          GError     **error);
/* The same, where only an object will do. */
JsonObject *practice_json_parse_object   (const char  *text,
                                          gssize       length,
                                          GError     **error);
/* (transfer full): the text of @node, without blanks. */
char       *practice_json_to_text        (JsonNode    *node);
/* (transfer full): the text of @object, without blanks. */
char       *practice_json_object_to_text (JsonObject  *object);
/* The same, put behind @text: some twenty events are written for each message that passes. */
void        practice_json_append         (GString     *text,
                                          JsonNode    *node);
void        practice_json_append_object  (GString     *text,
                                          JsonObject  *object);
/* @string (UTF-8) in quotes. */
void        practice_json_append_string  (GString     *text,
                                          const char  *string);
/* What a value is; @node may be NULL. A number need not be whole. */
gboolean    practice_json_is_string      (JsonNode    *node);
gboolean    practice_json_is_number      (JsonNode    *node);
gboolean    practice_json_is_boolean     (JsonNode    *node);
/* The text of @node, or NULL where that is missing or no string. */
const char *practice_json_node_get_string (JsonNode   *node);
/* (transfer full) (nullable): the text of @node, or its number or boolean as text: "1.5", "true"; NULL where it is none of them. */
char       *practice_json_node_dup_text  (JsonNode    *node);
/* A member of @object that is a string, or NULL where it is missing or of another type. Here and below @object and @name may be NULL. */
const char *practice_json_get_string     (JsonObject  *object,
                                          const char  *name);
/* A member of @object that is an object, or NULL where it is missing or of another type. */
JsonObject *practice_json_get_object     (JsonObject  *object,
                                          const char  *name);
/* A member of @object that is an array, or NULL where it is missing or of another type. */
JsonArray  *practice_json_get_array      (JsonObject  *object,
                                          const char  *name);

G_END_DECLS
