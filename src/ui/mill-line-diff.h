/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The lines of @after with those that are new ("+ ") and those of @before that are gone ("- "), as a diff shows them; of what is the same, three
 * lines around each change. (transfer full) (nullable): NULL where both are the same.
 */
char *mill_line_diff (const char *before,
                      const char *after);

G_END_DECLS
