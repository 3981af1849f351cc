/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "mill-engine.h"

G_BEGIN_DECLS

#define MILL_TYPE_TARGET_CHOOSER (mill_target_chooser_get_type ())

/**
 * MillTargetChooser:
 *
 * Where to build: the practice cloud, an AWS account with credentials of the keyring or a profile, another endpoint.
 *
 * Signal "changed": something else is chosen, or it is complete now or no longer.
 */
G_DECLARE_FINAL_TYPE (MillTargetChooser, mill_target_chooser, MILL, TARGET_CHOOSER, AdwBin)

GtkWidget      *mill_target_chooser_new         (void);
/* Whose deployments may need credentials that are about to be deleted. */
void            mill_target_chooser_set_engine  (MillTargetChooser  *self,
                                                 MillEngine         *engine);
MillTargetKind  mill_target_chooser_get_kind    (MillTargetChooser  *self);
gboolean        mill_target_chooser_is_complete (MillTargetChooser  *self);
/* (transfer full): what was chosen, not opened yet. */
MillTarget     *mill_target_chooser_make_target (MillTargetChooser  *self,
                                                 GError            **error);

G_END_DECLS
