/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "mill-failure.h"
#include "mill-hop-private.h"

typedef struct
{
  const char    *kind;
  MillHopStatus  status;
  const char    *error;
  const char    *advice;
  const char    *log;
  const char    *id;      /* the rule that speaks; NULL: nothing went wrong */
  MillLead       lead;
} Case;

#define DENIED "ClientError: An error occurred (AccessDeniedException) when calling the PutItem operation: User: " \
  "arn:aws:sts::000000000000:assumed-role/Reader/POC-1 is not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:us-east-1:000000000000:table/orders"

static const Case cases[] = {
  { "function", MILL_HOP_OK, NULL, NULL, NULL, NULL, 0 },
  { "queue", MILL_HOP_UNDER_WAY, NULL, NULL, NULL, NULL, 0 },
  { "function", MILL_HOP_RETRYING, DENIED, NULL, NULL, "permission", MILL_LEAD_PERMISSION },
  { "function", MILL_HOP_RETRYING, "The function reported this message as failed.", NULL, "[ERROR] " DENIED, "permission", MILL_LEAD_PERMISSION },
  { "queue", MILL_HOP_UNDER_WAY, "It cannot be read.", "The role “Reader” lacks the permission dynamodb:PutItem on *. Attach a policy that allows it.", NULL,
    "permission", MILL_LEAD_PERMISSION },
  { "gateway", MILL_HOP_FAILED, "AccessDenied: Access to the resource is denied.", NULL, NULL, "resource-policy", MILL_LEAD_STEP },
  { "function", MILL_HOP_RETRYING, "2026-01-01T00:00:00Z 1 Task timed out after 3.00 seconds", NULL, NULL, "time-out", MILL_LEAD_CODE },
  { "function", MILL_HOP_FAILED, "Runtime.OutOfMemory: signal: killed", NULL, NULL, "memory", MILL_LEAD_CODE },
  { "function", MILL_HOP_RETRYING, "Runtime.UserCodeSyntaxError: invalid syntax", NULL, NULL, "start", MILL_LEAD_CODE },
  { "function", MILL_HOP_RETRYING, "ProvisionedThroughputExceededException: too fast", NULL, NULL, "throttle", MILL_LEAD_DETAILS },
  { "gateway", MILL_HOP_FAILED, "Invalid mapping expression specified", NULL, NULL, "mapping-template", MILL_LEAD_INTEGRATION },
  { "gateway", MILL_HOP_FAILED, "The gateway answered 403: Missing Authentication Token", NULL, NULL, "no-route", MILL_LEAD_STEP },
  { "gateway", MILL_HOP_FAILED, "The integration refused the request with the status 403.", NULL, NULL, "integration", MILL_LEAD_INTEGRATION },
  { "queue", MILL_HOP_UNDER_WAY, "The function’s trigger is switched off, so nobody takes the message.", NULL, NULL, "trigger-off", MILL_LEAD_TRIGGER },
  { "queue", MILL_HOP_UNDER_WAY, "Nobody takes the messages: the function’s role may not read the queue.",
    "The role “Reader” lacks the permission dynamodb:PutItem on arn:q. Attach a policy that allows it.", NULL, "permission", MILL_LEAD_PERMISSION },
  { "gateway", MILL_HOP_FAILED, "The gateway answered 500: Internal server error", NULL, NULL, "integration", MILL_LEAD_INTEGRATION },
  { "function", MILL_HOP_FILTERED, "The mapping’s filter does not match this message.", NULL, NULL, "filter", MILL_LEAD_TRIGGER },
  { "gateway", MILL_HOP_FAILED, "The gateway answered 429: Too Many Requests", NULL, NULL, "throttle", MILL_LEAD_DETAILS },
  { "queue", MILL_HOP_UNDER_WAY, "The message has been waiting in the queue for 90 seconds, and nobody takes it.", "Look at the function’s trigger.", NULL,
    "not-taken", MILL_LEAD_TRIGGER },
  { "stream", MILL_HOP_UNDER_WAY, "The function’s trigger was deleted, and nobody takes the message.", NULL, NULL, "not-taken", MILL_LEAD_TRIGGER },
  { "queue", MILL_HOP_RETRYING, NULL, NULL, NULL, "came-back", MILL_LEAD_CONSUMER },
  { "mail", MILL_HOP_FAILED, "The subscription of a@example.com is not confirmed, so no mail was sent.", NULL, NULL, "unconfirmed", MILL_LEAD_INBOX },
  { "topic", MILL_HOP_FAILED, "Nobody subscribed to this topic, so the message went nowhere.", NULL, NULL, "nobody-subscribed", MILL_LEAD_SUBSCRIPTION },
  { "sms", MILL_HOP_FAILED, "The number is not verified in the SMS sandbox.", NULL, NULL, "sandbox", MILL_LEAD_SUBSCRIPTION },
  { "queue", MILL_HOP_FAILED, "The message was tried too often and lies in the dead-letter queue.", NULL, NULL, "dead-letter", MILL_LEAD_DETAILS },
  { "function", MILL_HOP_RETRYING, "KeyError: 'item'", NULL, "Traceback (most recent call last)", "handler", MILL_LEAD_CODE },
  { "mail", MILL_HOP_FAILED, "The delivery failed.", NULL, NULL, "delivery", MILL_LEAD_SUBSCRIPTION },
  { "table", MILL_HOP_FAILED, "Something else", NULL, NULL, "other", MILL_LEAD_DETAILS },
};

static void
check_text (const char *text)
{
  g_assert_nonnull (text);
  g_assert_cmpint (strlen (text), >, 3);
  g_assert_null (strchr (text, '{'));
}

static void
test_case (gconstpointer data)
{
  const Case *one = data;
  g_autoptr(MillHop) hop = mill_hop_new (one->kind, "Component", "id", 1);
  g_autoptr(MillFailure) failure = NULL;

  hop->status = one->status;
  mill_hop_set_error (hop, one->error, one->advice);
  if (one->log != NULL)
    {
      MillLog *log = mill_log_new ();

      mill_log_append (log, one->log, NULL);
      mill_hop_set_log (hop, log);
      mill_log_unref (log);
    }
  failure = mill_failure_explain (hop, "Store order");
  if (one->id == NULL)
    {
      g_assert_null (failure);
      return;
    }
  g_assert_nonnull (failure);
  g_assert_cmpstr (failure->id, ==, one->id);
  g_assert_cmpint (failure->lead, ==, one->lead);
  check_text (failure->title);
  check_text (failure->what);
  check_text (failure->look);
  check_text (failure->fix);
  check_text (failure->button);
  if (g_str_equal (one->id, "permission"))
    {
      g_assert_cmpstr (failure->role, ==, "Reader");
      g_assert_cmpstr (failure->action, ==, "dynamodb:PutItem");
      g_assert_nonnull (strstr (failure->title, "dynamodb:PutItem"));
      g_assert_nonnull (strstr (failure->fix, "Reader"));
    }
}

/* Of a log only the end is read, wherever the cut falls. */
static void
test_long_log (void)
{
  g_autoptr(MillHop) hop = mill_hop_new ("function", "Component", "id", 1);
  g_autoptr(MillFailure) failure = NULL;
  MillLog *log = mill_log_new ();

  hop->status = MILL_HOP_RETRYING;
  mill_hop_set_error (hop, "The function failed.", NULL);
  for (guint i = 0; i < 4000; i++)
    mill_log_append (log, "€€€€€€€", NULL);
  mill_log_append (log, DENIED, NULL);
  mill_hop_set_log (hop, log);
  mill_log_unref (log);
  failure = mill_failure_explain (hop, "Store order");
  g_assert_cmpstr (failure->id, ==, "permission");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/watch/failure/%u-%s", i, cases[i].id != NULL ? cases[i].id : "none");
      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/watch/failure/long-log", test_long_log);
  return g_test_run ();
}
