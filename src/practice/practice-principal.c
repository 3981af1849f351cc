/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-principal.h"

static void
practice_principal_clear (PracticePrincipal *self)
{
  g_free (self->arn);
  g_free (self->account);
  g_free (self->id);
  g_free (self->role_arn);
  g_free (self->service);
  g_free (self->source_arn);
  g_free (self->invocation_id);
  g_free (self->gateway_request_id);
  g_free (self->held_by);
}

G_DEFINE_BOXED_TYPE (PracticePrincipal, practice_principal, practice_principal_ref, practice_principal_unref)

PracticePrincipal *
practice_principal_new (PracticePrincipalKind  kind,
                        const char            *arn,
                        const char            *account)
{
  PracticePrincipal *self = g_atomic_rc_box_new0 (PracticePrincipal);

  self->kind = kind;
  self->arn = g_strdup (arn);
  self->account = g_strdup (account);
  return self;
}

PracticePrincipal *
practice_principal_new_service (const char *service,
                                const char *source_arn,
                                const char *account)
{
  PracticePrincipal *self = practice_principal_new (PRACTICE_PRINCIPAL_SERVICE, service, account);

  self->service = g_strdup (service);
  self->id = g_strdup (service);
  self->source_arn = g_strdup (source_arn);
  return self;
}

PracticePrincipal *
practice_principal_ref (PracticePrincipal *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
practice_principal_unref (PracticePrincipal *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) practice_principal_clear);
}

void
practice_principal_set_invocation (PracticePrincipal *self,
                                   const char        *invocation_id)
{
  char *copy = g_strdup (invocation_id);

  g_free (self->invocation_id);
  self->invocation_id = copy;
}

void
practice_principal_set_gateway_request (PracticePrincipal *self,
                                        const char        *gateway_request_id)
{
  char *copy = g_strdup (gateway_request_id);

  g_free (self->gateway_request_id);
  self->gateway_request_id = copy;
}

void
practice_principal_set_held_by (PracticePrincipal *self,
                                const char        *api_arn)
{
  char *copy = g_strdup (api_arn);

  g_free (self->held_by);
  self->held_by = copy;
}
