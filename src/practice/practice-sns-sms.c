/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text messages and their sandbox: a new account reaches only numbers that proved theirs with a code (SNS Developer Guide, "SMS sandbox"). */
#include <string.h>

#include "practice-json.h"
#include "practice-services.h"
#include "practice-sns-private.h"

#define MAX_NUMBERS 10

static const char *const sms_attributes[] = {
  "DefaultSMSType", "DefaultSenderID", "DeliveryStatusIAMRole", "DeliveryStatusSuccessSamplingRate", "MonthlySpendLimit",
  "UsageReportS3Bucket", NULL
};

/* E.164: a plus sign and up to fifteen digits. */
static gboolean
is_e164 (const char *text)
{
  gsize length = strlen (text);

  return *text == '+' && length >= 5 && length <= 16 && text[1] != '0' && strspn (text + 1, "0123456789") == length - 1;
}

/* The sandbox number of the call, where the caller may do @action; else NULL and the call is failed. */
static const char *
get_number (PracticeCall *call,
            const char   *action)
{
  const char *number = practice_call_get_string (call, "PhoneNumber");

  if (practice_call_is_answered (call) || !practice_call_allow (call, action, "*", NULL, NULL))
    return NULL;
  if (number == NULL || !is_e164 (number)) {
    practice_sns_fail_parameter (call, "PhoneNumber Reason: %s is not a valid phone number: it has to be in E.164 format, such as "
                                       "+14255550100", number != NULL ? number : "");
    return NULL;
  }
  return number;
}

/* 1: verified, 0: known, -1: neither. */
static int
get_state (PracticeSns *self,
           const char  *region,
           const char  *number)
{
  sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT verified FROM sns_phone_number WHERE region = ? AND number = ?", "ss",
                                              region, number);
  int state = sqlite3_step (row) == SQLITE_ROW ? sqlite3_column_int (row, 0) : -1;

  sqlite3_reset (row);
  return state;
}

gboolean
practice_sns_is_phone_number (const char *text)
{
  const char *at = text + (*text == '+');
  guint digits = 0;

  /* Single separators between digits are let through, as SNS does. */
  for (; *at != '\0'; at++) {
    if (g_ascii_isdigit (*at))
      digits++;
    else if (strchr (" -./()", *at) == NULL || !(g_ascii_isdigit (at[1]) || (at > text && *at == ')')) || digits == 0)
      return FALSE;
  }
  return digits >= 4 && digits <= 15;
}

char *
practice_sns_send_sms (PracticeSns *self,
                       const char  *region,
                       const char  *number,
                       const char  *text,
                       const char  *message_id,
                       const char **error)
{
  if (get_state (self, region, number) == 1)
    return practice_inbox_add_sms (self->server, number, text, message_id);

  *error = "The number is not among the verified ones of the SMS sandbox.";
  practice_events_emit_strings (self->events, "sms", "region", region, "to", number, "body", text, "messageId", message_id,
                                "status", "failed", "error", *error, NULL);
  return NULL;
}

void
practice_sns_get_sms_sandbox_account_status (PracticeCall *call,
                                             gpointer      data)
{
  JsonObject *result;

  if (!practice_call_allow (call, "sns:GetSMSSandboxAccountStatus", "*", NULL, NULL))
    return;
  result = json_object_new ();
  json_object_set_boolean_member (result, "IsInSandbox", TRUE);
  practice_call_return (call, result);
}

void
practice_sns_create_sms_sandbox_phone_number (PracticeCall *call,
                                              gpointer      data)
{
  PracticeSns *self = data;
  const char *region = practice_call_get_region (call);
  const char *number = get_number (call, "sns:CreateSMSSandboxPhoneNumber");
  g_autofree char *code = g_strdup_printf ("%06d", g_random_int_range (0, 1000000));
  g_autofree char *text = NULL;
  g_autofree char *id = NULL;
  sqlite3_stmt *row;
  gint64 count;
  int state;

  if (number == NULL)
    return;

  state = get_state (self, region, number);
  if (state == 1) {
    practice_call_fail (call, 400, "UserError", "The phone number %s is already verified.", number);
    return;
  }
  row = practice_store_prepare (self->store, "SELECT count(*) FROM sns_phone_number WHERE region = ?", "s", region);
  sqlite3_step (row);
  count = sqlite3_column_int64 (row, 0);
  sqlite3_reset (row);
  if (state < 0 && count >= MAX_NUMBERS) {
    practice_call_fail (call, 400, "UserError", "The SMS sandbox holds %d phone numbers at most. Delete one first.", MAX_NUMBERS);
    return;
  }

  /* Asked again, there is a new code. */
  practice_store_run (self->store, "INSERT OR REPLACE INTO sns_phone_number (region, number, code, verified) VALUES (?, ?, ?, 0)", "sss",
                      region, number, code);
  text = g_strdup_printf ("Your AWS verification code is %s.", code);
  id = practice_inbox_add_sms (self->server, number, text, NULL);
  practice_call_return (call, json_object_new ());
}

void
practice_sns_verify_sms_sandbox_phone_number (PracticeCall *call,
                                              gpointer      data)
{
  PracticeSns *self = data;
  const char *region = practice_call_get_region (call);
  const char *number = get_number (call, "sns:VerifySMSSandboxPhoneNumber");
  const char *code = number != NULL ? practice_call_get_string (call, "OneTimePassword") : NULL;
  int state;

  if (number == NULL || practice_call_is_answered (call))
    return;

  state = get_state (self, region, number);
  if (state < 0) {
    practice_call_fail (call, 404, "ResourceNotFound", "The phone number %s is not in the SMS sandbox.", number);
    return;
  }
  if (code == NULL || strlen (code) < 5 || strlen (code) > 8 || strspn (code, "0123456789") != strlen (code)) {
    practice_sns_fail_parameter (call, "OneTimePassword");
    return;
  }
  if (state == 0 &&
      practice_store_run (self->store, "UPDATE sns_phone_number SET verified = 1 WHERE region = ? AND number = ? AND code = ?", "sss",
                          region, number, code) == 0) {
    practice_call_fail (call, 400, "VerificationException", "The code is not the one that was sent to the phone number.");
    return;
  }
  practice_call_return (call, json_object_new ());
}

void
practice_sns_delete_sms_sandbox_phone_number (PracticeCall *call,
                                              gpointer      data)
{
  PracticeSns *self = data;
  const char *number = get_number (call, "sns:DeleteSMSSandboxPhoneNumber");

  if (number == NULL)
    return;
  if (practice_store_run (self->store, "DELETE FROM sns_phone_number WHERE region = ? AND number = ?", "ss",
                          practice_call_get_region (call), number) == 0)
    practice_call_fail (call, 404, "ResourceNotFound", "The phone number %s is not in the SMS sandbox.", number);
  else
    practice_call_return (call, json_object_new ());
}

void
practice_sns_list_sms_sandbox_phone_numbers (PracticeCall *call,
                                             gpointer      data)
{
  PracticeSns *self = data;
  JsonObject *result;
  JsonArray *numbers;
  sqlite3_stmt *row;

  if (!practice_call_allow (call, "sns:ListSMSSandboxPhoneNumbers", "*", NULL, NULL))
    return;

  numbers = json_array_new ();
  row = practice_store_prepare (self->store, "SELECT number, verified FROM sns_phone_number WHERE region = ? ORDER BY number", "s",
                                practice_call_get_region (call));
  while (sqlite3_step (row) == SQLITE_ROW) {
    JsonObject *number = json_object_new ();

    json_object_set_string_member (number, "PhoneNumber", (const char *) sqlite3_column_text (row, 0));
    json_object_set_string_member (number, "Status", sqlite3_column_int (row, 1) ? "Verified" : "Pending");
    json_array_add_object_element (numbers, number);
  }
  sqlite3_reset (row);
  result = json_object_new ();
  json_object_set_array_member (result, "PhoneNumbers", numbers);
  practice_call_return (call, result);
}

void
practice_sns_get_sms_attributes (PracticeCall *call,
                                 gpointer      data)
{
  PracticeSns *self = data;
  JsonArray *names = practice_call_get_array (call, "attributes");
  JsonObject *attributes;
  JsonObject *result;
  sqlite3_stmt *row;

  if (practice_call_is_answered (call) || !practice_call_allow (call, "sns:GetSMSAttributes", "*", NULL, NULL))
    return;

  attributes = json_object_new ();
  json_object_set_string_member (attributes, "MonthlySpendLimit", "1");
  row = practice_store_prepare (self->store, "SELECT name, value FROM sns_sms_attribute WHERE region = ? ORDER BY name", "s",
                                practice_call_get_region (call));
  while (sqlite3_step (row) == SQLITE_ROW)
    json_object_set_string_member (attributes, (const char *) sqlite3_column_text (row, 0), (const char *) sqlite3_column_text (row, 1));
  sqlite3_reset (row);

  if (names != NULL && json_array_get_length (names) > 0) {
    JsonObject *chosen = json_object_new ();

    for (guint i = 0; i < json_array_get_length (names); i++) {
      JsonNode *node = json_array_get_element (names, i);
      const char *name = json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : "";

      if (json_object_has_member (attributes, name))
        json_object_set_string_member (chosen, name, json_object_get_string_member (attributes, name));
    }
    json_object_unref (attributes);
    attributes = chosen;
  }

  result = json_object_new ();
  json_object_set_object_member (result, "attributes", attributes);
  practice_call_return (call, result);
}

static gboolean
check_sms_attribute (PracticeCall *call,
                     const char   *name,
                     const char   *value)
{
  gboolean has_letter = FALSE;

  if (!g_strv_contains (sms_attributes, name)) {
    practice_call_fail (call, 400, "InvalidParameter", "%s is not a valid attribute", name);
    return FALSE;
  }
  if (strcmp (name, "DefaultSMSType") == 0 && strcmp (value, "Promotional") != 0 && strcmp (value, "Transactional") != 0) {
    practice_call_fail (call, 400, "InvalidParameter", "DefaultSMSType is invalid");
    return FALSE;
  }
  for (const char *c = value; *c != '\0'; c++)
    has_letter |= g_ascii_isalpha (*c);
  if (strcmp (name, "DefaultSenderID") == 0 && (strlen (value) > 11 || !has_letter)) {
    practice_call_fail (call, 400, "InvalidParameter", "DefaultSenderID is not a valid attribute");
    return FALSE;
  }
  return TRUE;
}

void
practice_sns_set_sms_attributes (PracticeCall *call,
                                 gpointer      data)
{
  PracticeSns *self = data;
  JsonObject *attributes = practice_call_get_object (call, "attributes");
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (practice_call_is_answered (call) || !practice_call_allow (call, "sns:SetSMSAttributes", "*", NULL, NULL))
    return;
  if (attributes == NULL) {
    practice_call_fail (call, 400, "ValidationError",
                        "1 validation error detected: Value null at 'attributes' failed to satisfy constraint: Member must not be null");
    return;
  }
  if (!practice_sns_check_texts (call, attributes, "attributes"))
    return;

  json_object_iter_init_ordered (&iter, attributes);
  while (json_object_iter_next_ordered (&iter, &name, &value)) {
    if (!check_sms_attribute (call, name, json_node_get_string (value)))
      return;
    practice_store_run (self->store, "INSERT OR REPLACE INTO sns_sms_attribute (region, name, value) VALUES (?, ?, ?)", "sss",
                        practice_call_get_region (call), name, json_node_get_string (value));
  }
  practice_call_return (call, json_object_new ());
}

void
practice_sns_check_if_phone_number_is_opted_out (PracticeCall *call,
                                                 gpointer      data)
{
  const char *number = practice_call_get_string (call, "phoneNumber");
  JsonObject *result;

  if (practice_call_is_answered (call) || !practice_call_allow (call, "sns:CheckIfPhoneNumberIsOptedOut", "*", NULL, NULL))
    return;
  if (number == NULL || !practice_sns_is_phone_number (number)) {
    practice_sns_fail_parameter (call, "PhoneNumber Reason: input incorrectly formatted");
    return;
  }
  result = json_object_new ();
  json_object_set_boolean_member (result, "isOptedOut", FALSE);
  practice_call_return (call, result);
}
