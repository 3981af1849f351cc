/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-vtl-value.h"

G_BEGIN_DECLS

/**
 * PracticeVtl:
 *
 * A template in the Velocity Template Language (VTL reference, Velocity 1.7) as API Gateway uses it for mapping: parsed once,
 * rendered any number of times. Where Velocity prints a reference that has no value as it is written, API Gateway prints nothing.
 */
typedef struct _PracticeVtl PracticeVtl;

#define PRACTICE_VTL_MAX_TEMPLATE (300 * 1024)        /* API Gateway quotas: mapping template size */
#define PRACTICE_VTL_MAX_ITERATIONS 1000              /* … and iterations of a #foreach */
#define PRACTICE_VTL_MAX_OUTPUT (10 * 1024 * 1024)    /* … and payload size */

#define PRACTICE_VTL_ERROR (practice_vtl_error_quark ())

typedef enum {
  PRACTICE_VTL_ERROR_SYNTAX,  /* the template cannot be parsed */
  PRACTICE_VTL_ERROR_LIMIT,   /* it does more than it may */
  PRACTICE_VTL_ERROR_INPUT,   /* an object's method failed on what came in, e.g. a body that is no JSON */
} PracticeVtlError;

GQuark        practice_vtl_error_quark (void);

PracticeVtl  *practice_vtl_new     (const char        *text,
                                    gssize             length,
                                    GError           **error);
void          practice_vtl_free    (PracticeVtl       *self);
/**
 * practice_vtl_render:
 * @variables: a map with what the template finds under its names; #set adds to it. It lies in @arena, as everything that
 *   the template makes; the template itself must outlive the arena's use.
 *
 * Returns: (transfer full) (nullable): the text, or NULL with an error
 */
char         *practice_vtl_render  (PracticeVtl       *self,
                                    PracticeVtlArena  *arena,
                                    PracticeVtlValue  *variables,
                                    gsize             *length,
                                    GError           **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeVtl, practice_vtl_free)

G_END_DECLS
