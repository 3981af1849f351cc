/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-target.h"

G_BEGIN_DECLS

#define MILL_TYPE_EXPIRY (mill_expiry_get_type ())

/**
 * MillExpiry:
 *
 * How long a target's credentials are still good, counted down; for those of the keyring a button that enters new ones. Hidden where they do not end.
 */
G_DECLARE_FINAL_TYPE (MillExpiry, mill_expiry, MILL, EXPIRY, GtkWidget)

/* From a template: then without a target, until it is set. */
void mill_expiry_set_target (MillExpiry *self,
                             MillTarget *target);
/* Looks again: the target is open now. */
void mill_expiry_update     (MillExpiry *self);

G_END_DECLS
