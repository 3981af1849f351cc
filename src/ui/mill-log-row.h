/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "mill-session.h"

G_BEGIN_DECLS

#define MILL_TYPE_LOG_ROW (mill_log_row_get_type ())

/**
 * MillLogRow:
 *
 * How a resource logs, as it says itself: whether an API's stage writes an access log (apigateway:GetStage), and where it does not, how to switch it
 * on, and what it costs; whether a function's log tells of its runs (lambda:GetFunctionConfiguration), and where it does not, how to change that.
 */
G_DECLARE_FINAL_TYPE (MillLogRow, mill_log_row, MILL, LOG_ROW, AdwActionRow)

/* Returns: (nullable): NULL where @resource is neither an API with a stage nor a function */
GtkWidget    *mill_log_row_new          (MillSession  *session,
                                         MillResource *resource);
MillResource *mill_log_row_get_resource (MillLogRow   *self);

G_END_DECLS
