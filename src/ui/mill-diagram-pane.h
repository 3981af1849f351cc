/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-diagram.h"

G_BEGIN_DECLS

#define MILL_TYPE_DIAGRAM_PANE (mill_diagram_pane_get_type ())

/**
 * MillDiagramPane:
 *
 * The diagram and what belongs to looking at it: room to scroll and drag in, buttons, keys and a wheel to zoom, and the time line.
 */
G_DECLARE_FINAL_TYPE (MillDiagramPane, mill_diagram_pane, MILL, DIAGRAM_PANE, GtkWidget)

GtkWidget   *mill_diagram_pane_new         (MillSession     *session);
MillDiagram *mill_diagram_pane_get_diagram (MillDiagramPane *self);
/* Gives the focus to a node; where one has it, it stays there. */
void         mill_diagram_pane_focus       (MillDiagramPane *self);
/* The same for the time line. */
void         mill_diagram_pane_focus_timeline (MillDiagramPane *self);
/* Asks for a file and writes the diagram into it as a picture. */
void         mill_diagram_pane_export      (MillDiagramPane *self);

G_END_DECLS
