/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-json-source.h"
#include "mill-tutorial.h"

G_BEGIN_DECLS

/* Reads "diagram" and "samples" of tutorial.json; what they name must be in @template. Arrays own their elements. */
gboolean mill_diagram_model_load (MillJsonSource  *source,
                                  MillTemplate    *template,
                                  JsonObject      *root,
                                  GPtrArray      **nodes,
                                  GPtrArray      **edges,
                                  GError         **error);
gboolean mill_samples_load       (MillJsonSource  *source,
                                  MillTemplate    *template,
                                  JsonObject      *root,
                                  GPtrArray      **samples,
                                  GError         **error);

G_END_DECLS
