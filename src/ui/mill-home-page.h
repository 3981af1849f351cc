/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-engine.h"

G_BEGIN_DECLS

#define MILL_TYPE_HOME_PAGE (mill_home_page_get_type ())

/**
 * MillHomePage:
 *
 * The tutorials there are, and below them the deployments with what they may still cost.
 */
G_DECLARE_FINAL_TYPE (MillHomePage, mill_home_page, MILL, HOME_PAGE, GtkWidget)

GtkWidget *mill_home_page_new        (void);
/* @engine: NULL where the ledger cannot be read, with @error saying why. */
void       mill_home_page_set_models (MillHomePage *self,
                                      MillCatalog  *catalog,
                                      MillEngine   *engine,
                                      const GError *error);
/* To the first tutorial, where most visits go. */
void       mill_home_page_focus      (MillHomePage *self);

G_END_DECLS
