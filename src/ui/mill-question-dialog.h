/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "mill-question.h"

G_BEGIN_DECLS

#define MILL_TYPE_QUESTION_DIALOG (mill_question_dialog_get_type ())

/**
 * MillQuestionDialog:
 *
 * Puts a MillQuestion to the user: new credentials, a code, a sign-in. Work waits meanwhile. Closed without an answer it refuses; it closes by itself
 * when the question has ended.
 */
G_DECLARE_FINAL_TYPE (MillQuestionDialog, mill_question_dialog, MILL, QUESTION_DIALOG, AdwWindow)

GtkWidget *mill_question_dialog_new (GtkWindow    *parent,
                                     MillQuestion *question);

G_END_DECLS
