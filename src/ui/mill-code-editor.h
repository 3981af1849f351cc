/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-session.h"

G_BEGIN_DECLS

#define MILL_TYPE_CODE_EDITOR (mill_code_editor_get_type ())

/**
 * MillCodeEditor:
 *
 * The code of a function, to read, change and deploy. What was typed stays until it is deployed or put back.
 */
G_DECLARE_FINAL_TYPE (MillCodeEditor, mill_code_editor, MILL, CODE_EDITOR, GtkWidget)

/* @function: a logical id. */
GtkWidget *mill_code_editor_new    (MillSession    *session,
                                    const char     *function);
void       mill_code_editor_deploy (MillCodeEditor *self);

G_END_DECLS
