/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Step mode: requests that are held before their integration. */
#include <string.h>

#include "practice-apigateway-execution.h"
#include "practice-hold.h"

static char *
make_arn (const char *region,
          const char *api_id)
{
  return g_strdup_printf ("arn:aws:apigateway:%s::/restapis/%s", region, api_id);
}

static char *
make_id (ApigwExecution *execution)
{
  return g_strconcat (PRACTICE_HOP_GATEWAY_INTEGRATION "/", execution->request_id, NULL);
}

/* "queue" of "arn:aws:apigateway:us-east-1:sqs:path/…/queue": the service that an integration asks, "" for HTTP. */
static gboolean
asks (ApigwExecution *self,
      const char     *service)
{
  g_auto (GStrv) parts = g_strsplit (self->endpoint != NULL ? self->endpoint : "", ":", 6);

  return g_strv_length (parts) == 6 && (self->method->type == APIGW_AWS || self->method->type == APIGW_AWS_PROXY) &&
         strcmp (parts[4], service) == 0;
}

static void
on_let_go (const char *id,
           gboolean    go,
           gpointer    data)
{
  ApigwExecution *execution = data;

  g_hash_table_steal (execution->gateway->held, execution);
  execution->sent = g_get_monotonic_time ();
  if (go)
    apigw_execution_send (execution);
  else
    apigw_execution_fail (execution, "INTEGRATION_FAILURE", 504, "InternalServerErrorException", "Endpoint request timed out");
}

gboolean
apigw_execution_hold (ApigwExecution *self)
{
  g_autofree char *arn = NULL;
  g_autofree char *id = NULL;
  g_autofree char *body = NULL;
  JsonObject *facts = NULL;

  /* A queue and a topic hold what they have accepted. */
  if (self->test || self->method->type == APIGW_MOCK || !practice_hold_is_on (self->gateway->server) || asks (self, "sqs") || asks (self, "sns"))
    return FALSE;
  arn = make_arn (self->program->region, self->program->api_id);
  if (!practice_hold_covers (self->gateway->server, arn))
    return FALSE;
  id = make_id (self);
  facts = json_object_new ();
  json_object_set_string_member (facts, "apiId", self->program->api_id);
  json_object_set_string_member (facts, "requestId", self->request_id);
  json_object_set_string_member (facts, "uri", self->endpoint);
  body = apigw_event_text (self->body);
  practice_hold_set_body (facts, body);
  g_hash_table_add (self->gateway->held, self);
  practice_hold_add (self->gateway->server, PRACTICE_HOP_GATEWAY_INTEGRATION, id, arn, NULL, facts, on_let_go, self);
  return TRUE;
}

void
apigw_execution_hold_behind (ApigwExecution    *self,
                             PracticePrincipal *principal)
{
  g_autofree char *arn = NULL;

  if (self->test || !practice_hold_is_on (self->gateway->server) || !asks (self, "sqs"))
    return;
  arn = make_arn (self->program->region, self->program->api_id);
  if (practice_hold_covers (self->gateway->server, arn))
    practice_principal_set_held_by (principal, arn);
}

void
apigw_end_hold (PracticeApiGateway *self,
                const char         *region,
                const char         *api_id)
{
  g_autofree char *arn = make_arn (region, api_id);

  practice_hold_end (self->server, PRACTICE_HOP_GATEWAY_INTEGRATION, arn, TRUE);
}
