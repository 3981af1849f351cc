/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * MillStill:
 *
 * The children of a widget that is drawn sixty times a second while they themselves stay as they are. Without a graphics card a renderer works
 * out their outlines, icons and texts anew for each frame, as far as something moves over them: what two frames in a row show alike is
 * kept as pixels.
 */
typedef struct _MillStill MillStill;

/* @widget: the parent; it must live as long. */
MillStill     *mill_still_new            (GtkWidget     *widget);
void           mill_still_free           (MillStill     *self);
/* Children come or go. */
void           mill_still_forget         (MillStill     *self);
/* Does what gtk_widget_snapshot_child() does. */
void           mill_still_snapshot_child (MillStill     *self,
                                          GtkWidget     *child,
                                          GtkSnapshot   *snapshot);

/* (transfer full): what @node draws, as pixels, for what @widget draws often. Takes @node. */
GskRenderNode *mill_still_bake           (GtkWidget     *widget,
                                          GskRenderNode *node);

G_END_DECLS
