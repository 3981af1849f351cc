/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "mill-preflight.h"

G_BEGIN_DECLS

#define MILL_TYPE_PREFLIGHT_PAGE (mill_preflight_page_get_type ())

/**
 * MillPreflightPage:
 *
 * What building comes to, before anything is made: place, resources, costs, names, limits, permissions. What may go wrong is open, the rest can be opened.
 *
 * Signals: "suffix" (the user wants the names with the suffix), "role" (another role is to be used, see mill_preflight_page_get_role()).
 */
G_DECLARE_FINAL_TYPE (MillPreflightPage, mill_preflight_page, MILL, PREFLIGHT_PAGE, AdwBin)

GtkWidget  *mill_preflight_page_new      (void);
void        mill_preflight_page_show     (MillPreflightPage *self,
                                          MillPreflight     *preflight);
/* (nullable): the existing role that is to be used instead of the tutorial's own. */
const char *mill_preflight_page_get_role (MillPreflightPage *self);

G_END_DECLS
