/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-access-log.h"
#include "mill-group-probe.h"

G_BEGIN_DECLS

#define MILL_TYPE_ACCESS_LOG_PROBE (mill_access_log_probe_get_type ())

/**
 * MillAccessLogProbe:
 *
 * The requests that a stage of an API answered, whoever sent them, by its access log.
 */
G_DECLARE_FINAL_TYPE (MillAccessLogProbe, mill_access_log_probe, MILL, ACCESS_LOG_PROBE, MillGroupProbe)

MillProbe  *mill_access_log_probe_new  (AwsClient     *client,
                                        const char    *component,
                                        double         since,
                                        const char    *api_id,
                                        const char    *stage_name,
                                        const char    *log_group,
                                        const char    *format,
                                        double         late);
/**
 * mill_access_log_probe_read:
 * @time: when the line was written, in seconds since 1970
 *
 * Returns: (transfer full) (nullable): what the line says, in the words of "gateway-logged" (see MillTracer); NULL where it cannot be read, or does not
 *   name the request
 */
JsonObject *mill_access_log_probe_read (MillAccessLog *log,
                                        const char    *api_id,
                                        const char    *stage_name,
                                        const char    *line,
                                        double         time);

G_END_DECLS
