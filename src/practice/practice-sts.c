/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-iam-private.h"
#include "practice-services.h"

static void
get_caller_identity (PracticeCall *call,
                     gpointer      service)
{
  PracticePrincipal *principal = practice_call_get_principal (call);
  JsonObject *result = json_object_new ();

  /* Needs no permission (STS API reference, GetCallerIdentity). */
  json_object_set_string_member (result, "Arn", principal->arn);
  json_object_set_string_member (result, "UserId", principal->id);
  json_object_set_string_member (result, "Account", principal->account);
  practice_call_return (call, result);
}

static const PracticeOperation operations[] = {
  { "GetCallerIdentity", NULL, get_caller_identity },
  { NULL }
};

static const PracticeService sts = {
  .name = "sts",
  .protocol = PRACTICE_PROTOCOL_QUERY,
  .xml_namespace = "https://sts.amazonaws.com/doc/2011-06-15/",
  .denied_status = 403,
  .denied_code = "AccessDenied",
  .operations = operations,
};

void
practice_sts_start (PracticeServer *server)
{
  practice_server_add_service (server, &sts, NULL);
}
