/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-deployment.h"
#include "mill-preflight.h"
#include "mill-trace.h"

G_BEGIN_DECLS

/**
 * MillLook:
 * @label: translated, never NULL
 * @icon: an icon's name
 * @style: a CSS class for the colour ("success", "warning", "error", "accent", "dim-label")
 *
 * How a state is shown: always with a word and a shape, never by colour alone. Static.
 */
typedef struct {
  const char *label;
  const char *icon;
  const char *style;
} MillLook;

MillLook    mill_look_of_resource   (MillResourceState    state);
MillLook    mill_look_of_step       (MillStepState        state);
MillLook    mill_look_of_deployment (MillDeploymentState  state);
MillLook    mill_look_of_hop        (MillHop             *hop);
MillLook    mill_look_of_hop_status (MillHopStatus        status);
MillLook    mill_look_of_trace      (MillTraceState       state);
MillLook    mill_look_of_verdict    (MillVerdict          verdict);
MillLook    mill_look_of_check      (gboolean             ok);
/* The icon and the word for a kind of component ("queue", "function", …); a plain box for an unknown one. */
const char *mill_kind_get_icon      (const char          *kind);
const char *mill_kind_get_label     (const char          *kind);

G_END_DECLS
