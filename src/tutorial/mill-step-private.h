/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-json-source.h"
#include "mill-step.h"
#include "mill-template.h"

G_BEGIN_DECLS

/* Reads one element of "steps"; everything that it names must be in @template. */
MillStep   *mill_step_load              (MillJsonSource  *source,
                                         MillTemplate    *template,
                                         JsonObject      *object,
                                         const char      *path,
                                         GError         **error);
/* "LogicalId.Property" → the value that the property has until a later step sets it; an empty object where none. */
JsonObject *mill_step_get_starting_values (MillStep *self);

G_END_DECLS
