/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-probe.h"

G_BEGIN_DECLS

#define MILL_TYPE_GROUP_PROBE (mill_group_probe_get_type ())

/**
 * MillGroupProbe:
 *
 * Reads a log group of CloudWatch Logs, each line once; lines that come late are read too. A poll that fails between two pages is no loss: the
 * next one begins where the last whole one ended.
 */
G_DECLARE_DERIVABLE_TYPE (MillGroupProbe, mill_group_probe, MILL, GROUP_PROBE, MillProbe)

struct _MillGroupProbeClass
{
  MillProbeClass  parent_class;

  /* @time: seconds since 1970 */
  void          (*take)  (MillGroupProbe *self,
                          const char     *stream,
                          const char     *line,
                          double          time);
  /* (optional): what was there until @until has been taken */
  void          (*ended) (MillGroupProbe *self,
                          double          until);
};

/* @late: how many seconds a line may come late */
gpointer mill_group_probe_new (GType       type,
                               AwsClient  *client,
                               const char *component,
                               double      since,
                               const char *log_group,
                               double      late);

/* Milliseconds since 1970: no line that is older will be taken any more. */
gint64   mill_group_probe_get_limit (MillGroupProbe *self);

G_END_DECLS
