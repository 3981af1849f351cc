/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether @name, in any case, may stand in an expression only behind a "#name". */
gboolean practice_dynamodb_words_reserve (const char *name);

G_END_DECLS
