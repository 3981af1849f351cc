/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-probe.h"
#include "mill-tracer.h"

G_BEGIN_DECLS

#define MILL_TYPE_MAPPING_PROBE (mill_mapping_probe_get_type ())

/**
 * MillMappingProbe:
 *
 * The event source mappings of a function (lambda:ListEventSourceMappings): where its records come from, whether they are filtered, and what
 * Lambda says of the last attempt.
 */
G_DECLARE_FINAL_TYPE (MillMappingProbe, mill_mapping_probe, MILL, MAPPING_PROBE, MillProbe)

/* @component: the function; @resolve: for the sources' components */
MillProbe *mill_mapping_probe_new (AwsClient         *client,
                                   const char        *component,
                                   const char        *function_name,
                                   MillTracerResolve  resolve,
                                   gpointer           user_data);

G_END_DECLS
