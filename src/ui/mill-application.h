/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "mill-engine.h"

G_BEGIN_DECLS

#define MILL_TYPE_APPLICATION (mill_application_get_type ())

/**
 * MillApplication:
 *
 * The program: one instance, its tutorials, its engine, its settings.
 */
G_DECLARE_FINAL_TYPE (MillApplication, mill_application, MILL, APPLICATION, AdwApplication)

MillApplication *mill_application_new              (void);
MillCatalog     *mill_application_get_catalog      (MillApplication *self);
/* NULL where the ledger cannot be read: then the error says why. */
MillEngine      *mill_application_get_engine       (MillApplication *self);
const GError    *mill_application_get_engine_error (MillApplication *self);
/* NULL where the schema is not installed. */
GSettings       *mill_application_get_settings     (MillApplication *self);

G_END_DECLS
