/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define MILL_TYPE_REGION_ROW (mill_region_row_get_type ())

/**
 * MillRegionRow:
 *
 * A choice of AWS regions. "notify::selected" tells of another one.
 */
G_DECLARE_FINAL_TYPE (MillRegionRow, mill_region_row, MILL, REGION_ROW, AdwComboRow)

/* "eu-west-1" */
const char *mill_region_row_get_region (MillRegionRow *self);
/* One that is not in the list, a newer one or an emulator's own, is added to it. NULL or "": the first. */
void        mill_region_row_set_region (MillRegionRow *self,
                                        const char    *region);

G_END_DECLS
