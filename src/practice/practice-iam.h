/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "aws-credentials.h"
#include "practice-principal.h"

G_BEGIN_DECLS

typedef struct _PracticeServer PracticeServer;

#define PRACTICE_TYPE_IAM (practice_iam_get_type ())

/**
 * PracticeIam:
 *
 * Users, roles and policies, who holds which key, and whether somebody may do something.
 */
G_DECLARE_FINAL_TYPE (PracticeIam, practice_iam, PRACTICE, IAM, GObject)

/**
 * practice_iam_is_allowed:
 * @resource_policy: (nullable): the resource's own policy as JSON text
 * @context: (nullable): condition keys and their values (strings or arrays of strings)
 * @message: (out) (nullable): where denied, AWS's sentence: "User: … is not authorized to perform: … on resource: … because no
 *   identity-based policy allows the … action"
 *
 * Identity policies of the caller and the resource's policy, evaluated as in the IAM User Guide, "Policy evaluation logic": an explicit deny wins; within
 * one account either kind may allow; services are allowed by resource policies only. ROOT may do everything that is not denied by a resource policy.
 */
gboolean           practice_iam_is_allowed      (PracticeIam        *self,
                                                 PracticePrincipal  *principal,
                                                 const char         *action,
                                                 const char         *resource,
                                                 const char         *resource_policy,
                                                 JsonObject         *context,
                                                 char              **message);

/* Whether @role_arn exists and its trust policy lets @service ("lambda.amazonaws.com") assume it. */
gboolean           practice_iam_can_assume      (PracticeIam        *self,
                                                 const char         *role_arn,
                                                 const char         *service);

/* Whether the role's identity policies allow @action: for checks when a mapping or pipe is made. */
gboolean           practice_iam_role_allows     (PracticeIam        *self,
                                                 const char         *role_arn,
                                                 const char         *action,
                                                 const char         *resource);

/**
 * practice_iam_open_session:
 * @credentials: (out) (transfer full) (nullable): temporary credentials that sign for the session; kept in memory only, gone with the session or after @seconds
 *
 * A session of @role_arn, without asking whether the trust policy lets anybody assume it.
 *
 * Returns: (transfer full) (nullable): the session's principal, or NULL where there is no such role
 */
PracticePrincipal *practice_iam_open_session    (PracticeIam        *self,
                                                 const char         *role_arn,
                                                 const char         *session_name,
                                                 guint               seconds,
                                                 AwsCredentials    **credentials);
/* What is signed with them is refused from now on. */
void               practice_iam_close_session   (PracticeIam        *self,
                                                 AwsCredentials     *credentials);

G_END_DECLS
