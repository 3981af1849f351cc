/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Tags as most services keep them: a JSON object of texts, {key: value}. */

/* Whether keys have 1 to 128 characters and values are texts of at most 256 ("Tagging AWS resources": limits). */
gboolean    practice_tags_are_valid (JsonObject *tags);
/* (transfer full): @tags and @added, which replaces the values of those that there were. */
JsonObject *practice_tags_merge     (JsonObject *tags,
                                     JsonObject *added);
/* (transfer full): @tags without those whose keys are among the texts of @keys (nullable). */
JsonObject *practice_tags_without   (JsonObject *tags,
                                     JsonArray  *keys);
/* Appends {"ResourceARN": @arn, "Tags": [{"Key", "Value"}]} to @resources, as PracticeTagsFunc does; nothing where @tags is NULL or empty. */
void        practice_tags_tell      (JsonObject *tags,
                                     const char *arn,
                                     JsonArray  *resources);

G_END_DECLS
