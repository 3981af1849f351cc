/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-deployment.h"
#include "mill-tutorial.h"

G_BEGIN_DECLS

/**
 * MillPreflightSection:
 * @MILL_PREFLIGHT_PLACE: which account and region, as whom, and what is special there
 * @MILL_PREFLIGHT_RESOURCES: what will be created: one finding a resource type
 * @MILL_PREFLIGHT_COSTS: what it can cost: one finding a service
 * @MILL_PREFLIGHT_NAMES: names that are taken
 * @MILL_PREFLIGHT_QUOTAS: limits of the account that may be hit
 * @MILL_PREFLIGHT_PERMISSIONS: what the caller may not do
 *
 * In the order in which they are shown.
 */
typedef enum {
  MILL_PREFLIGHT_PLACE,
  MILL_PREFLIGHT_RESOURCES,
  MILL_PREFLIGHT_COSTS,
  MILL_PREFLIGHT_NAMES,
  MILL_PREFLIGHT_QUOTAS,
  MILL_PREFLIGHT_PERMISSIONS,
  MILL_PREFLIGHT_N_SECTIONS,
} MillPreflightSection;

/**
 * MillVerdict:
 * @MILL_VERDICT_GOOD: nothing stands against it
 * @MILL_VERDICT_UNKNOWN: could not be found out
 * @MILL_VERDICT_CARE: it will work, but read this
 * @MILL_VERDICT_STOP: it will fail like this
 *
 * From the best to the worst.
 */
typedef enum {
  MILL_VERDICT_GOOD,
  MILL_VERDICT_UNKNOWN,
  MILL_VERDICT_CARE,
  MILL_VERDICT_STOP,
} MillVerdict;

const char *mill_preflight_section_to_string (MillPreflightSection section);   /* "place", "resources", …: for programs */
const char *mill_preflight_section_get_title (MillPreflightSection section);   /* "What will be created": for people */
const char *mill_verdict_to_string           (MillVerdict          verdict);   /* "good", "unknown", "care", "stop" */

/**
 * MillFinding:
 * @subject: what it is about: a logical id, a resource type, a service, an action, a quota; "" where there is nothing of the kind
 * @title: a few words
 * @text: a sentence or two; ""
 *
 * One line of a pre-flight. Texts are never NULL.
 */
typedef struct {
  MillPreflightSection  section;
  MillVerdict           verdict;
  char                 *subject;
  char                 *title;
  char                 *text;
} MillFinding;

#define MILL_TYPE_PREFLIGHT (mill_preflight_get_type ())

/**
 * MillPreflight:
 *
 * What would happen if a tutorial were built on a target: what is made, where and as whom, what it can cost, which names are taken, which
 * quotas may be hit, whether the caller may do all of it. Only asks; makes nothing. Immutable once finished.
 */
G_DECLARE_FINAL_TYPE (MillPreflight, mill_preflight, MILL, PREFLIGHT, GObject)

/**
 * mill_preflight_run_async:
 * @target: is opened first where it is not open
 * @parameters: (nullable): name → value where they differ from the template's defaults, as for mill_engine_create()
 * @role: (nullable): an existing role that is used instead of roles of the tutorial's own; the same as MILL_PARAMETER_ROLE in @parameters
 *
 * Asks the target. A question that is refused or not answered becomes a finding of MILL_VERDICT_UNKNOWN; only where the target cannot be opened at
 * all, or a parameter is not allowed, does the whole fail.
 */
void           mill_preflight_run_async  (MillTutorial         *tutorial,
                                          MillTarget           *target,
                                          GHashTable           *parameters,
                                          const char           *role,
                                          GCancellable         *cancellable,
                                          GAsyncReadyCallback   callback,
                                          gpointer              user_data);
/* (transfer full) */
MillPreflight *mill_preflight_run_finish (GAsyncResult         *result,
                                          GError              **error);

/* (transfer none) (element-type MillFinding): section after section; within one the worst first. */
GPtrArray     *mill_preflight_get_findings (MillPreflight        *self);
/* The worst verdict of @section, and the worst of all. */
MillVerdict    mill_preflight_get_verdict  (MillPreflight        *self,
                                            MillPreflightSection  section);
MillVerdict    mill_preflight_get_worst    (MillPreflight        *self);
/* One sentence: what @section comes to. */
const char    *mill_preflight_get_summary  (MillPreflight        *self,
                                            MillPreflightSection  section);
MillTarget    *mill_preflight_get_target   (MillPreflight        *self);
/*
 * NULL where no name is taken, or where the template has no parameter that goes behind every name. Else a suffix with which none is: it is for
 * the user to take it (name of the parameter: mill_preflight_get_suffix_parameter()); nothing takes it by itself.
 */
const char    *mill_preflight_get_suffix   (MillPreflight        *self);
const char    *mill_preflight_get_suffix_parameter (MillPreflight *self);
/*
 * NULL where the tutorial's own roles can be made, as far as is known. Else the names of roles that are there and might be used instead, the
 * best first: LabRole in a learner lab. Empty where none was found.
 */
const char *const *mill_preflight_get_roles (MillPreflight       *self);
/* When the prices and free tiers were looked up, "2026-09-20". */
const char    *mill_preflight_get_price_date (MillPreflight      *self);
/* US dollars without any free tier: for @messages messages through the whole pipeline, and for @hours of being there without any. */
double         mill_preflight_get_cost     (MillPreflight        *self,
                                            guint                 messages,
                                            double                hours);

G_END_DECLS
