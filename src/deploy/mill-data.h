/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * (transfer none): the object in data/@name ("regions.json"), which is compiled in. Immutable, never freed, any thread. That it is
 * there and well formed is checked by the test that reads it.
 */
JsonObject *mill_data_get (const char *name);

G_END_DECLS
