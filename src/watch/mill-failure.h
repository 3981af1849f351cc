/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-hop.h"

G_BEGIN_DECLS

/* Where the way out of a failure begins. */
typedef enum {
  MILL_LEAD_DETAILS,        /* the component */
  MILL_LEAD_STEP,           /* the step that makes the component */
  MILL_LEAD_CODE,           /* the step that shows the function's code */
  MILL_LEAD_PERMISSION,     /* the step that gives the role its permission */
  MILL_LEAD_INTEGRATION,    /* the step that connects the gateway with what stands behind it */
  MILL_LEAD_SUBSCRIPTION,   /* the step that subscribes to the topic */
  MILL_LEAD_INBOX,
  MILL_LEAD_TRIGGER,        /* the step that connects the component with the function, or the function with what calls it */
  MILL_LEAD_CONSUMER,       /* the function that takes from the component */
} MillLead;

/**
 * MillFailure:
 * @id: the rule's name in data/failures.json
 * @title, @what, @look, @fix: what happened, where, what to look at, how to put it right; translated, never empty
 * @button: the label of what leads there
 * @role, @action: the role that lacks a permission, and the permission ("sqs:ReceiveMessage"); "" where that is not the matter
 *
 * Why a message did not go on, said so that one can learn from it.
 */
typedef struct
{
  const char *id;
  char       *title;
  char       *what;
  char       *look;
  char       *fix;
  const char *button;
  MillLead    lead;
  char       *role;
  char       *action;
} MillFailure;

/**
 * mill_failure_explain:
 * @component: what the hop's component is called
 *
 * Reads the hop's status, error, advice and log against the rules of data/failures.json; the first that fits speaks.
 *
 * Returns: (transfer full) (nullable): NULL where nothing went wrong
 */
MillFailure *mill_failure_explain (MillHop     *hop,
                                   const char  *component);
void         mill_failure_free    (MillFailure *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MillFailure, mill_failure_free)

G_END_DECLS
