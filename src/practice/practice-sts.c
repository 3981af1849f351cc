/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-iam-private.h"
#include "practice-services.h"

#include <string.h>

#define MIN_DURATION 900
#define MAX_DURATION 43200
#define DEFAULT_DURATION 3600

static gboolean
is_arn (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 6);

  return g_strv_length (parts) == 6 && strcmp (parts[0], "arn") == 0 && *parts[1] != '\0' && *parts[2] != '\0' && *parts[5] != '\0';
}

static gboolean
fail_constraint (PracticeCall *call,
                 const char   *name,
                 const char   *value,
                 const char   *constraint)
{
  g_autofree char *quoted = value != NULL ? g_strdup_printf ("'%s'", value) : g_strdup ("null");

  practice_call_fail (call, 400, "ValidationError", "1 validation error detected: Value %s at '%s' failed to satisfy constraint: Member must %s",
                      quoted, name, constraint);
  return FALSE;
}

static gboolean
check_session_name (PracticeCall *call,
                    const char   *name)
{
  if (name == NULL)
    return fail_constraint (call, "roleSessionName", NULL, "not be null");
  for (const char *c = name; *c != '\0'; c++) {
    if (!g_ascii_isalnum (*c) && strchr ("_+=,.@-", *c) == NULL)
      return fail_constraint (call, "roleSessionName", name, "satisfy regular expression pattern: [\\w+=,.@-]*");
  }
  if (strlen (name) < 2)
    return fail_constraint (call, "roleSessionName", name, "have length greater than or equal to 2");
  if (strlen (name) > 64)
    return fail_constraint (call, "roleSessionName", name, "have length less than or equal to 64");
  return TRUE;
}

static gboolean
check_duration (PracticeCall *call,
                gint64        duration)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, duration);

  if (duration < MIN_DURATION)
    return fail_constraint (call, "durationSeconds", text, "have value greater than or equal to 900");
  if (duration > MAX_DURATION)
    return fail_constraint (call, "durationSeconds", text, "have value less than or equal to 43200");
  return TRUE;
}

/* Whoever the trust policy names may; where it names the account, the account's own policies decide. */
static gboolean
may_assume (PracticeCall *call,
            const char   *role_arn,
            JsonObject   *context)
{
  PracticeIam *iam = practice_server_get_iam (practice_call_get_server (call));
  PracticePrincipal *principal = practice_call_get_principal (call);
  gboolean account = FALSE;
  PracticeVerdict trust = practice_iam_evaluate_trust (iam, role_arn, principal, context, &account);
  PracticeVerdict identity = PRACTICE_VERDICT_ALLOW;

  if (principal->kind != PRACTICE_PRINCIPAL_ROOT)
    identity = practice_iam_evaluate_identity (iam, principal, "sts:AssumeRole", role_arn, context);
  if (trust == PRACTICE_VERDICT_DENY || identity == PRACTICE_VERDICT_DENY)
    return FALSE;
  return trust == PRACTICE_VERDICT_ALLOW || (account && identity == PRACTICE_VERDICT_ALLOW);
}

static void
deny (PracticeCall *call,
      const char   *role_arn)
{
  PracticePrincipal *principal = practice_call_get_principal (call);
  g_autofree char *message = g_strdup_printf ("User: %s is not authorized to perform: sts:AssumeRole on resource: %s", principal->arn, role_arn);

  practice_events_emit_strings (practice_server_get_events (practice_call_get_server (call)), "denied",
                                "principal", principal->arn, "roleArn", principal->role_arn, "action", "sts:AssumeRole",
                                "resource", role_arn, "message", message, "invocationId", principal->invocation_id, "service", "sts",
                                "requestId", practice_call_get_request_id (call), NULL);
  practice_call_fail (call, 403, "AccessDenied", "%s", message);
}

static void
assume_role (PracticeCall *call,
             gpointer      service)
{
  static const char *const not_there[] = { "Policy", "PolicyArns", "Tags", "TransitiveTagKeys", "SerialNumber", "TokenCode" };
  PracticeIam *iam = practice_server_get_iam (practice_call_get_server (call));
  const char *role_arn = practice_call_get_string (call, "RoleArn");
  const char *name = practice_call_get_string (call, "RoleSessionName");
  const char *external_id = practice_call_get_string (call, "ExternalId");
  g_autoptr (JsonObject) context = json_object_new ();
  g_autoptr (PracticePrincipal) principal = NULL;
  g_autoptr (AwsCredentials) credentials = NULL;
  g_autoptr (GDateTime) expires = NULL;
  g_autofree char *expiration = NULL;
  gint64 duration = DEFAULT_DURATION;
  JsonObject *result = NULL;
  JsonObject *keys = NULL;
  JsonObject *user = NULL;

  practice_call_get_int (call, "DurationSeconds", &duration);
  if (practice_call_is_answered (call) || !check_session_name (call, name) || !check_duration (call, duration))
    return;
  if (role_arn == NULL) {
    fail_constraint (call, "roleArn", NULL, "not be null");
    return;
  }
  if (!is_arn (role_arn)) {
    practice_call_fail (call, 400, "ValidationError", "%s is invalid", role_arn);
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (not_there); i++) {
    if (json_object_has_member (practice_call_get_params (call), not_there[i])) {
      practice_call_fail (call, 400, "ValidationError", "The practice cloud does not have the parameter %s of AssumeRole.", not_there[i]);
      return;
    }
  }

  if (external_id != NULL)
    json_object_set_string_member (context, "sts:ExternalId", external_id);
  json_object_set_string_member (context, "sts:RoleSessionName", name);
  if (!may_assume (call, role_arn, context)) {
    deny (call, role_arn);
    return;
  }
  if (duration > practice_iam_get_max_session (iam, role_arn)) {
    practice_call_fail (call, 400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
    return;
  }
  if (practice_call_get_principal (call)->kind == PRACTICE_PRINCIPAL_ROLE && duration > DEFAULT_DURATION) {
    practice_call_fail (call, 400, "ValidationError",
                        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining");
    return;
  }

  principal = practice_iam_open_session (iam, role_arn, name, (guint) duration, &credentials);
  expires = g_date_time_new_from_unix_utc (g_get_real_time () / G_USEC_PER_SEC + duration);
  expiration = g_date_time_format (expires, "%Y-%m-%dT%H:%M:%SZ");
  keys = json_object_new ();
  json_object_set_string_member (keys, "AccessKeyId", aws_credentials_get_access_key_id (credentials));
  json_object_set_string_member (keys, "SecretAccessKey", aws_credentials_get_secret (credentials));
  json_object_set_string_member (keys, "SessionToken", aws_credentials_get_session_token (credentials));
  json_object_set_string_member (keys, "Expiration", expiration);
  user = json_object_new ();
  json_object_set_string_member (user, "AssumedRoleId", principal->id);
  json_object_set_string_member (user, "Arn", principal->arn);
  result = json_object_new ();
  json_object_set_object_member (result, "Credentials", keys);
  json_object_set_object_member (result, "AssumedRoleUser", user);
  practice_call_return (call, result);
}

static void
get_caller_identity (PracticeCall *call,
                     gpointer      service)
{
  PracticePrincipal *principal = practice_call_get_principal (call);
  JsonObject *result = json_object_new ();

  /* Needs no permission (STS API reference, GetCallerIdentity). */
  json_object_set_string_member (result, "Arn", principal->arn);
  json_object_set_string_member (result, "UserId", principal->id != NULL ? principal->id : principal->account);
  json_object_set_string_member (result, "Account", principal->account);
  practice_call_return (call, result);
}

static const PracticeOperation operations[] = {
  { "AssumeRole", NULL, assume_role },
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
