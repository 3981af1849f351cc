/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-probe.h"

G_BEGIN_DECLS

#define MILL_TYPE_STAGE_PROBE (mill_stage_probe_get_type ())

/**
 * MillStageProbe:
 *
 * A stage of an API, by its settings (apigateway:GetStage).
 *
 * Signals: "access-log" (the log group's name, the lines' format; NULL both where none is written): when that changed.
 */
G_DECLARE_FINAL_TYPE (MillStageProbe, mill_stage_probe, MILL, STAGE_PROBE, MillProbe)

MillProbe *mill_stage_probe_new       (AwsClient  *client,
                                       const char *component,
                                       const char *api_id,
                                       const char *stage_name);
/* (transfer full) (nullable): "arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*" → NAME; NULL for what is no log group, such as a Firehose stream */
char      *mill_stage_probe_get_group (const char *arn);

G_END_DECLS
