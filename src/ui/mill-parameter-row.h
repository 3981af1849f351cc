/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "mill-template.h"

G_BEGIN_DECLS

/* A parameter has another value. Comes with every change; @valid tells whether the template allows it. */
typedef void (*MillParameterNotify) (const MillParameter *parameter,
                                     const char          *value,
                                     gboolean             valid,
                                     gpointer             user_data);

/**
 * mill_parameter_row_new:
 * @parameter: must live as long as the row
 * @value: (nullable): NULL for the default
 *
 * A row that asks for a parameter: a choice where the template lists the values, else an entry that says at once what is wrong
 * with what is typed.
 */
GtkWidget  *mill_parameter_row_new       (const MillParameter *parameter,
                                          const char          *value,
                                          MillParameterNotify  notify,
                                          gpointer             user_data);
/* (transfer full) */
char       *mill_parameter_row_dup_value (GtkWidget           *row);
gboolean    mill_parameter_row_is_valid  (GtkWidget           *row);

G_END_DECLS
