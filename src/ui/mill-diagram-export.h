/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-diagram.h"

G_BEGIN_DECLS

/*
 * Writes the diagram as it is shown, at the moment that is looked at, as a picture: PNG, twice as fine as on the screen, where the file's name ends in
 * ".png", else SVG. @title: what it is a picture of. Errors are sentences.
 */
gboolean mill_diagram_export (MillDiagram  *diagram,
                              const char   *title,
                              GFile        *file,
                              GError      **error);

G_END_DECLS
