/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-probe.h"
#include "mill-tracer.h"

G_BEGIN_DECLS

#define MILL_TYPE_MAPPING_PROBE (mill_mapping_probe_get_type ())

/**
 * MillMappingProbe:
 *
 * The event source mappings of a function (lambda:ListEventSourceMappings): where its records come from, whether they are filtered, whether they are
 * enabled, and what Lambda says of the last attempt. Of a queue that it may not read Lambda says nothing: where messages wait and nobody takes
 * them, IAM is asked whether the function's role may (iam:SimulatePrincipalPolicy).
 */
G_DECLARE_FINAL_TYPE (MillMappingProbe, mill_mapping_probe, MILL, MAPPING_PROBE, MillProbe)

/* @component: the function; @role_arn: (nullable): its role; @resolve: for the sources' components */
MillProbe *mill_mapping_probe_new (AwsClient         *client,
                                   const char        *component,
                                   const char        *function_name,
                                   const char        *role_arn,
                                   MillTracerResolve  resolve,
                                   gpointer           user_data);
/* @left_lying: messages wait in the queue @source, a component, and nobody has taken any; @policy: (nullable): the queue's own */
void       mill_mapping_probe_note (MillMappingProbe *self,
                                   const char        *source,
                                   gboolean           left_lying,
                                   const char        *policy);

G_END_DECLS
