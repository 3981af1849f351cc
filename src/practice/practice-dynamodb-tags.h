/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-dynamodb-private.h"

G_BEGIN_DECLS

/* Reads the member Tags ([{Key, Value}]) into (key, value) pairs: NULL-terminated, or NULL with @error. */
char **practice_dynamodb_tags_read     (JsonObject        *params,
                                        GError           **error);
/* Sets the tags of a table; ValidationException where there would be too many. */
gboolean practice_dynamodb_tags_set    (PracticeDynamodb  *self,
                                        gint64             table_id,
                                        char             **tags,
                                        GError           **error);
/* For the tagging API. */
void   practice_dynamodb_tags_list_all (JsonArray         *resources,
                                        const char        *region,
                                        gpointer           service);

G_END_DECLS
