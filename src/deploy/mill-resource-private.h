/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-record.h"

G_BEGIN_DECLS

/* @record: (transfer full). */
MillResource *mill_resource_new        (MillRecord   *record);
/* Shows @record (transfer full) from now on and notifies what is different. Main context only. */
void          mill_resource_set_record (MillResource *self,
                                        MillRecord   *record);

G_END_DECLS
