/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-hop-private.h"
#include "mill-trace.h"

G_BEGIN_DECLS

MillTrace *mill_trace_new      (const char *id);
/* Takes @hop; @previous may be NULL. */
void       mill_trace_add_hop  (MillTrace  *self,
                                MillHop    *hop,
                                MillHop    *previous);
/* Moves every hop of @other to the end of @self; its first one then follows @previous. */
void       mill_trace_absorb   (MillTrace  *self,
                                MillTrace  *other,
                                MillHop    *previous);
/* (transfer full): @hop and all that comes after it, which leave @self. */
MillTrace *mill_trace_split    (MillTrace  *self,
                                MillHop    *hop);
/* Those that followed it follow what it followed. */
void       mill_trace_remove_hop (MillTrace *self,
                                MillHop    *hop);
/* (transfer full): with copies of the hops. */
MillTrace *mill_trace_copy     (MillTrace  *self);
/* Tells listeners that @hop gained facts, and works out the state anew. Returns: whether the state is another one now. */
gboolean   mill_trace_changed  (MillTrace  *self,
                                MillHop    *hop);
GPtrArray *mill_trace_get_hops (MillTrace  *self);

/* It goes because there are too many, and not because it is part of another: what it did was done. */
void       mill_trace_set_dropped (MillTrace *self);
gboolean   mill_trace_get_dropped (MillTrace *self);

G_END_DECLS
