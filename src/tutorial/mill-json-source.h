/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * MillJsonSource:
 *
 * A JSON document that knows on which line each of its values stands, so that an error can name the place. Strict
 * JSON: no comments, no member twice, at most 64 levels and 4 MiB.
 */
typedef struct _MillJsonSource MillJsonSource;

/* Errors are MILL_TUTORIAL_ERROR; @name is what they call the file. */
MillJsonSource *mill_json_source_parse (const char      *text,
                                        gssize           length,
                                        const char      *name,
                                        GError         **error);
MillJsonSource *mill_json_source_load  (const char      *path,
                                        GError         **error);
void            mill_json_source_free  (MillJsonSource  *self);

JsonNode       *mill_json_source_get_root (MillJsonSource *self);

/* @path: "$.Resources.Queue.Properties"; the line of the nearest value that is there, from 1. */
guint           mill_json_source_get_line (MillJsonSource *self,
                                           const char     *path);

/* Sets a MILL_TUTORIAL_ERROR_CONTENT about the value at @path: "name:line: path: message". Always FALSE. */
gboolean        mill_json_source_fail     (MillJsonSource  *self,
                                           GError         **error,
                                           const char      *path,
                                           const char      *format,
                                           ...) G_GNUC_PRINTF (4, 5);

/*
 * Typed looks at a member; @path is the object's own. A wrong type, or a missing member where @required, sets the error
 * and answers NULL; a missing member that may be missing answers NULL without one.
 */
const char     *mill_json_source_string   (MillJsonSource  *self,
                                           JsonObject      *object,
                                           const char      *path,
                                           const char      *member,
                                           gboolean         required,
                                           GError         **error);
JsonArray      *mill_json_source_array    (MillJsonSource  *self,
                                           JsonObject      *object,
                                           const char      *path,
                                           const char      *member,
                                           gboolean         required,
                                           GError         **error);
JsonObject     *mill_json_source_object   (MillJsonSource  *self,
                                           JsonObject      *object,
                                           const char      *path,
                                           const char      *member,
                                           gboolean         required,
                                           GError         **error);
/* Fails where @object has a member that is not in @allowed (NULL-terminated). */
gboolean        mill_json_source_only     (MillJsonSource      *self,
                                           JsonObject          *object,
                                           const char          *path,
                                           const char *const   *allowed,
                                           GError             **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MillJsonSource, mill_json_source_free)

G_END_DECLS
