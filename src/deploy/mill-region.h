/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An AWS region; data: data/regions.json. */
typedef struct {
  const char *id;      /* "eu-west-1" */
  const char *name;    /* "Europe (Ireland)": AWS's own name, which is not translated */
} MillRegion;

/* (transfer none) (element-type MillRegion): those that are known, in the order in which they are shown. There may be newer ones. */
GPtrArray *mill_region_get_all (void);

G_END_DECLS
