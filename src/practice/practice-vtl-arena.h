/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PracticeVtlArena:
 *
 * Holds every value of one request and frees them together, so that a template may build cycles. Once its bytes are used up
 * it is exhausted: small allocations still succeed, the evaluator looks and stops.
 */
typedef struct _PracticeVtlArena PracticeVtlArena;

/* @limit: bytes */
PracticeVtlArena *practice_vtl_arena_new          (gsize              limit);
void              practice_vtl_arena_free         (PracticeVtlArena  *self);
/* Zeroed, aligned for pointers and numbers. */
gpointer          practice_vtl_arena_alloc        (PracticeVtlArena  *self,
                                                   gsize              size);
gboolean          practice_vtl_arena_is_exhausted (PracticeVtlArena  *self);
/* @table: (transfer full): goes with the arena. */
void              practice_vtl_arena_keep_table   (PracticeVtlArena  *self,
                                                   GHashTable        *table);
/* Whether @size more bytes fit; where not, the arena is exhausted from now on. */
gboolean          practice_vtl_arena_has_room     (PracticeVtlArena  *self,
                                                   gsize              size);
/* The first failure of an object's method (a body that is no JSON), or NULL. */
void              practice_vtl_arena_fail         (PracticeVtlArena  *self,
                                                   const char        *format,
                                                   ...) G_GNUC_PRINTF (2, 3);
const char       *practice_vtl_arena_get_failure  (PracticeVtlArena  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeVtlArena, practice_vtl_arena_free)

G_END_DECLS
