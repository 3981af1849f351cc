/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * Typed looks into a request or an object inside it. Each returns FALSE with a SerializationException where the member has another
 * type; where it is missing (or null) the out argument keeps its value.
 */
gboolean practice_dynamodb_params_get_string  (JsonObject         *object,
                                               const char         *name,
                                               const char        **value,
                                               GError            **error);
gboolean practice_dynamodb_params_get_int     (JsonObject         *object,
                                               const char         *name,
                                               gint64             *value,
                                               GError            **error);
gboolean practice_dynamodb_params_get_boolean (JsonObject         *object,
                                               const char         *name,
                                               gboolean           *value,
                                               GError            **error);
gboolean practice_dynamodb_params_get_array   (JsonObject         *object,
                                               const char         *name,
                                               JsonArray         **value,
                                               GError            **error);
gboolean practice_dynamodb_params_get_object  (JsonObject         *object,
                                               const char         *name,
                                               JsonObject        **value,
                                               GError            **error);
/* The same for a member that has to be there. */
gboolean practice_dynamodb_params_need_string (JsonObject         *object,
                                               const char         *name,
                                               const char        **value,
                                               GError            **error);
gboolean practice_dynamodb_params_need_array  (JsonObject         *object,
                                               const char         *name,
                                               JsonArray         **value,
                                               GError            **error);
gboolean practice_dynamodb_params_need_object (JsonObject         *object,
                                               const char         *name,
                                               JsonObject        **value,
                                               GError            **error);
/* @allowed: NULL-terminated; @value becomes an index into it. ValidationException where the text is none of them. */
gboolean practice_dynamodb_params_get_choice  (JsonObject         *object,
                                               const char         *name,
                                               const char *const  *allowed,
                                               int                *value,
                                               GError            **error);
/* Element @n of @array as an object. */
gboolean practice_dynamodb_params_get_element (JsonArray          *array,
                                               guint               n,
                                               JsonObject        **value,
                                               GError            **error);
/* An integer that has to be @low … @high where it is given. */
gboolean practice_dynamodb_params_get_limit   (JsonObject         *object,
                                               const char         *name,
                                               gint64              low,
                                               gint64              high,
                                               gint64             *value,
                                               GError            **error);
/* The member TableName: a table's name, also where its ARN is given. @table: (out) (transfer full) */
gboolean practice_dynamodb_params_need_table  (JsonObject         *object,
                                               char              **table,
                                               GError            **error);
/* Whether @name can name a table: [a-zA-Z0-9_.-]+ */
gboolean practice_dynamodb_params_is_name     (const char         *name);

/* ValidationException about a member of the request: "1 validation error detected: Value '…' at '…' failed to satisfy constraint: …". @value: (nullable) */
gboolean practice_dynamodb_params_refuse      (GError            **error,
                                               const char         *value,
                                               const char         *name,
                                               const char         *constraint);

G_END_DECLS
