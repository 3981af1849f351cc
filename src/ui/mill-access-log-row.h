/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "mill-session.h"

G_BEGIN_DECLS

#define MILL_TYPE_ACCESS_LOG_ROW (mill_access_log_row_get_type ())

/**
 * MillAccessLogRow:
 *
 * Whether an API's stage writes an access log, as it says itself (apigateway:GetStage); where it does not, how to switch it on, and what it costs.
 */
G_DECLARE_FINAL_TYPE (MillAccessLogRow, mill_access_log_row, MILL, ACCESS_LOG_ROW, AdwActionRow)

/* @api: of the type AWS::ApiGateway::RestApi. Returns: (nullable): NULL where it has no stage */
GtkWidget    *mill_access_log_row_new     (MillSession      *session,
                                           MillResource     *api);
MillResource *mill_access_log_row_get_api (MillAccessLogRow *self);

G_END_DECLS
