/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-json-source.h"
#include "mill-template.h"

G_BEGIN_DECLS

/*
 * Looks through @object for DependsOn, Ref, Fn::GetAtt, Fn::Sub and the other functions, and checks each one.
 * Returns: (transfer full): every logical id that it needs, once; NULL with an error
 */
char **mill_template_find_dependencies (MillTemplate    *self,
                                        MillJsonSource  *source,
                                        JsonObject      *object,
                                        const char      *path,
                                        GError         **error);

G_END_DECLS
