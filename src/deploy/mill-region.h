/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * MillRegion:
 *
 * A region of AWS (data/regions.json). Never freed.
 */
typedef struct {
  const char *id;          /* "eu-west-1" */
  const char *name;        /* "Europe (Ireland)": AWS's own name, not translated */
  const char *partition;   /* "aws", "aws-cn", "aws-us-gov" */
  gboolean    opt_in;      /* an account has to switch it on first */
} MillRegion;

#define MILL_REGION_DEFAULT "us-east-1"

/* (transfer none) (element-type MillRegion): in the order in which AWS's console lists them. Any thread. */
GPtrArray        *mill_region_get_all   (void);
/* NULL where @id is not in the list: it may be newer than the list. Any thread. */
const MillRegion *mill_region_find      (const char *id);
/* When the list was made, "2026-09-20". */
const char       *mill_region_get_date  (void);
/* NULL, or a sentence on what is wrong with @id, which cannot be a region's ("eu west 1"). One that is only unknown is no error. */
char             *mill_region_check     (const char *id);

G_END_DECLS
