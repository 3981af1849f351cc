/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define PRACTICE_TYPE_PRINCIPAL (practice_principal_get_type ())

typedef enum {
  PRACTICE_PRINCIPAL_ANONYMOUS,  /* nobody: unsigned */
  PRACTICE_PRINCIPAL_ROOT,       /* the account itself: may do everything */
  PRACTICE_PRINCIPAL_USER,       /* an IAM user */
  PRACTICE_PRINCIPAL_ROLE,       /* a session of a role */
  PRACTICE_PRINCIPAL_SERVICE,    /* a service, e.g. sns.amazonaws.com, that acts for @source_arn */
} PracticePrincipalKind;

/**
 * PracticePrincipal:
 * @arn: what messages call it: "arn:aws:iam::123456789012:root", "arn:aws:sts::123456789012:assumed-role/R/session"
 * @role_arn: the role behind a session ("arn:aws:iam::…:role/R"), or NULL
 * @service: the service's name for SERVICE, or NULL
 * @source_arn: what the service acts for (aws:SourceArn), or NULL
 * @invocation_id: the request id of the function invocation the session works for, or NULL: set by lambda while
 *   a worker handles an invocation, so that events say which invocation made a call
 * @gateway_request_id: the id of the API Gateway request that an integration's session works for, or NULL; "queue-sent" has it
 *   as source with sourceType "gateway"
 * @held_by: the ARN of the API whose messages step mode holds, so that the queue holds what this session sends, or NULL
 *
 * Who makes a call. Reference counted (g_atomic_rc_box); main thread only.
 */
typedef struct {
  PracticePrincipalKind  kind;
  char                  *arn;
  char                  *account;
  char                  *id;       /* "AROA…:session", the account for root */
  char                  *role_arn;
  char                  *service;
  char                  *source_arn;
  char                  *invocation_id;
  char                  *gateway_request_id;
  char                  *held_by;
} PracticePrincipal;

GType              practice_principal_get_type      (void);
PracticePrincipal *practice_principal_new           (PracticePrincipalKind  kind,
                                                     const char            *arn,
                                                     const char            *account);
/* A service, e.g. "sns.amazonaws.com", that acts for @source_arn (nullable). */
PracticePrincipal *practice_principal_new_service   (const char            *service,
                                                     const char            *source_arn,
                                                     const char            *account);
PracticePrincipal *practice_principal_ref           (PracticePrincipal     *self);
void               practice_principal_unref         (PracticePrincipal     *self);
/* NULL takes it away; so with the two below. */
void               practice_principal_set_invocation (PracticePrincipal    *self,
                                                     const char            *invocation_id);
void               practice_principal_set_gateway_request (PracticePrincipal *self,
                                                     const char            *gateway_request_id);
void               practice_principal_set_held_by   (PracticePrincipal     *self,
                                                     const char            *api_arn);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticePrincipal, practice_principal_unref)

G_END_DECLS
