/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The parameters from before there were expressions (Developer Guide, "Legacy conditional parameters"). FALSE where @params has one. */
gboolean practice_dynamodb_legacy_refuse (JsonObject  *params,
                                          GError     **error);

G_END_DECLS
