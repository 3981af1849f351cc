/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "practice-principal.h"

G_BEGIN_DECLS

typedef enum {
  PRACTICE_POLICY_IDENTITY,   /* of a user or role: no Principal */
  PRACTICE_POLICY_RESOURCE,   /* of a queue, topic or function */
  PRACTICE_POLICY_TRUST,      /* of a role: who may assume it; no Resource */
} PracticePolicyKind;

typedef enum {
  PRACTICE_VERDICT_NONE,      /* nothing applies: denied unless another policy allows */
  PRACTICE_VERDICT_ALLOW,
  PRACTICE_VERDICT_DENY,      /* an explicit deny: nothing else counts */
} PracticeVerdict;

/**
 * PracticePolicyRequest:
 * @context: (nullable): condition keys and their values (strings, numbers, booleans or arrays of them)
 * @tags: (nullable): the principal's tags: name → value
 *
 * What is asked of policies. Nothing is owned.
 */
typedef struct {
  PracticePrincipal *principal;
  const char        *action;
  const char        *resource;
  JsonObject        *context;
  JsonObject        *tags;
} PracticePolicyRequest;

/**
 * practice_policy_parse:
 *
 * Reads a policy document and checks it as IAM does when it is stored ("Grammar of the IAM JSON policy language").
 *
 * Returns: (transfer full): the document, for practice_policy_evaluate(); NULL with AWS's sentence in @error
 */
JsonObject      *practice_policy_parse        (const char                   *text,
                                               PracticePolicyKind            kind,
                                               GError                      **error);
/* What @policy says to @request (IAM User Guide, "Policy evaluation logic"). */
PracticeVerdict  practice_policy_evaluate     (JsonObject                   *policy,
                                               const PracticePolicyRequest  *request);
/*
 * (transfer full) (nullable): the values of the condition key @name, in any case: those of the context, then the global keys that
 * follow from the principal ("AWS global condition context keys").
 */
char           **practice_policy_lookup_key   (const PracticePolicyRequest  *request,
                                               const char                   *name);
/* Each principal of an "AWS" entry in @policy that is an ARN; func returns FALSE to stop. Returns FALSE where it did. */
typedef gboolean (*PracticePrincipalFunc) (const char *arn,
                                           gpointer    data);
gboolean         practice_policy_each_principal (JsonObject                 *policy,
                                               PracticePrincipalFunc         func,
                                               gpointer                      data);

G_END_DECLS
