/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Confirming and ending subscriptions, by calls and by the links in mails. */
#include <string.h>

#include "practice-form.h"
#include "practice-json.h"
#include "practice-services.h"
#include "practice-sns-message.h"

static char *
make_link (PracticeSns *self,
           const char  *page,
           const char  *first_name,
           const char  *first,
           const char  *second_name,
           const char  *second)
{
  g_autofree char *first_encoded = g_uri_escape_string (first, NULL, FALSE);
  g_autofree char *second_encoded = g_uri_escape_string (second, NULL, FALSE);

  return g_strdup_printf ("%s/%s?%s=%s&%s=%s", practice_server_get_url (self->server), page, first_name, first_encoded, second_name,
                          second_encoded);
}

static void
confirm (PracticeSns             *self,
         PracticeSnsSubscription *subscription,
         gboolean                 authenticated)
{
  if (subscription->confirmed)
    return;
  practice_store_run (self->store, "UPDATE sns_subscription SET confirmed = 1, authenticated = ? WHERE arn = ?", "is",
                      (gint64) authenticated, subscription->arn);
  if (g_str_has_prefix (subscription->protocol, "email"))
    practice_events_emit_strings (self->events, "mail-confirmed", "subscriptionArn", subscription->arn, "topicArn", subscription->topic_arn,
                                  "endpoint", subscription->endpoint, NULL);
}

static void
end_subscription (PracticeSns             *self,
                  PracticeSnsSubscription *subscription)
{
  g_auto (GStrv) parts = g_strsplit (subscription->arn, ":", -1);

  practice_store_run (self->store, "DELETE FROM sns_subscription WHERE arn = ?", "s", subscription->arn);
  practice_sns_hold_forget (self, subscription->arn);
  practice_store_run (self->store, "UPDATE sns_topic SET n_deleted = n_deleted + 1 WHERE arn = ?", "s", subscription->topic_arn);
  practice_events_emit_strings (self->events, "resource-deleted", "region", parts[3], "arn", subscription->arn,
                                "type", "AWS::SNS::Subscription", "name", subscription->arn, NULL);
}

/* (transfer full): the subscription that waits for @token, or had been confirmed with it. */
static PracticeSnsSubscription *
find_by_token (PracticeSns *self,
               const char  *topic_arn,
               const char  *token)
{
  sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT arn FROM sns_subscription WHERE topic = ? AND token = ?", "ss",
                                              topic_arn, token);
  g_autofree char *arn = NULL;

  if (sqlite3_step (row) == SQLITE_ROW)
    arn = g_strdup ((const char *) sqlite3_column_text (row, 0));
  sqlite3_reset (row);
  return arn != NULL ? practice_sns_load_subscription (self, arn) : NULL;
}

static void
return_page (PracticeCall *call,
             guint         status,
             const char   *title,
             const char   *text,
             const char   *detail)
{
  static const char *const headers[] = {
    "Cache-Control", "no-store", "Referrer-Policy", "no-referrer", "X-Content-Type-Options", "nosniff",
    "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'", NULL
  };
  g_autofree char *page =
    g_markup_printf_escaped ("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>%s</title>"
                             "<meta name=\"viewport\" content=\"width=device-width\">"
                             "<style>body{font:16px/1.5 sans-serif;max-width:40em;margin:4em auto;padding:0 1em}code{word-break:break-all}"
                             "</style></head><body><h1>%s</h1><p>%s</p><p><code>%s</code></p></body></html>\n",
                             title, title, text, detail);
  g_autoptr (GBytes) body = g_bytes_new (page, strlen (page));

  practice_call_return_full (call, status, NULL, body, "text/html; charset=utf-8", headers);
}

/* What a link does, in a transaction of its own; where that fails the page says so. */
static gboolean
commit (PracticeSns  *self,
        PracticeCall *call)
{
  g_autoptr (GError) error = NULL;

  if (practice_store_commit (self->store, &error))
    return TRUE;
  return_page (call, 500, "That did not work", "The practice cloud could not store the change.", error->message);
  return FALSE;
}

/* (transfer full): a value of the link's query, or NULL */
static char *
get_argument (const char *query,
              const char *name)
{
  g_autoptr (JsonObject) arguments = query != NULL ? practice_form_parse (query, strlen (query), NULL) : NULL;

  return arguments != NULL ? g_strdup (practice_json_get_string (arguments, name)) : NULL;
}

void
practice_sns_ask_for_confirmation (PracticeSns             *self,
                                   PracticeSnsSubscription *subscription)
{
  g_autofree char *link = make_link (self, "confirmation.html", "TopicArn", subscription->topic_arn, "Token", subscription->token);
  g_autofree char *body = NULL;
  g_autofree char *id = NULL;

  /* Nothing is sent to web servers: those subscriptions wait for ConfirmSubscription. */
  if (!g_str_has_prefix (subscription->protocol, "email"))
    return;

  body = g_strdup_printf ("You were subscribed to the topic\n%s\n\nIf that is what you want, confirm it by opening this link:\n%s\n\n"
                          "If it is not, do nothing: without the confirmation no mail will come from this topic.\n",
                          subscription->topic_arn, link);
  id = practice_inbox_add_mail (self->server, subscription->endpoint, "AWS Notification - Subscription Confirmation", body,
                                subscription->topic_arn, NULL, link);
}

char *
practice_sns_get_unsubscribe_link (PracticeSns             *self,
                                   PracticeSnsSubscription *subscription)
{
  return make_link (self, "unsubscribe.html", "SubscriptionArn", subscription->arn, "Endpoint", subscription->endpoint);
}

void
practice_sns_serve_confirmation (PracticeCall *call,
                                 const char   *method,
                                 const char   *path,
                                 const char   *query,
                                 gpointer      data)
{
  PracticeSns *self = data;
  g_autofree char *topic_arn = get_argument (query, "TopicArn");
  g_autofree char *token = get_argument (query, "Token");
  g_autoptr (PracticeSnsSubscription) subscription = NULL;

  if (topic_arn != NULL && token != NULL)
    subscription = find_by_token (self, topic_arn, token);
  if (subscription == NULL) {
    return_page (call, 404, "This link leads nowhere",
                 "The subscription is not there any more, or the link was not copied as a whole. Subscribe again to get a new mail.",
                 topic_arn != NULL ? topic_arn : "");
    return;
  }

  practice_store_begin (self->store);
  confirm (self, subscription, FALSE);
  if (commit (self, call))
    return_page (call, 200, "Subscription confirmed", "From now on what is published to the topic comes to you by mail. Your subscription is",
                 subscription->arn);
}

void
practice_sns_serve_unsubscription (PracticeCall *call,
                                   const char   *method,
                                   const char   *path,
                                   const char   *query,
                                   gpointer      data)
{
  PracticeSns *self = data;
  g_autofree char *arn = get_argument (query, "SubscriptionArn");
  g_autofree char *endpoint = get_argument (query, "Endpoint");
  g_autoptr (PracticeSnsSubscription) subscription = arn != NULL ? practice_sns_load_subscription (self, arn) : NULL;

  if (arn == NULL) {
    return_page (call, 404, "This link leads nowhere", "The link was not copied as a whole.", "");
    return;
  }
  /* Only a mail has the link, and a mail is sent to confirmed subscribers. */
  if (subscription != NULL && (!subscription->confirmed || g_strcmp0 (endpoint, subscription->endpoint) != 0)) {
    return_page (call, 403, "This link leads nowhere", "The link does not belong to this subscription.", arn);
    return;
  }

  if (subscription != NULL) {
    practice_store_begin (self->store);
    end_subscription (self, subscription);
    if (!commit (self, call))
      return;
  }
  return_page (call, 200, "Subscription ended", "No more mail will come from this subscription:", arn);
}

void
practice_sns_confirm_subscription (PracticeCall *call,
                                   gpointer      data)
{
  PracticeSns *self = data;
  const char *topic_arn = practice_call_get_string (call, "TopicArn");
  const char *token = practice_call_get_string (call, "Token");
  g_autoptr (PracticeSnsTopic) topic = NULL;
  g_autoptr (PracticeSnsSubscription) subscription = NULL;
  JsonObject *result;

  if (!practice_sns_check_arn (call, "TopicArn", topic_arn))
    return;
  topic = practice_sns_load_topic (self, topic_arn);
  if (!practice_call_allow (call, "sns:ConfirmSubscription", topic_arn, topic != NULL ? topic->policy : NULL, NULL))
    return;
  if (token == NULL || strlen (token) != 256 || strspn (token, "0123456789abcdef") != 256) {
    practice_call_fail (call, 400, "InvalidParameter", "Invalid token");
    return;
  }
  subscription = topic != NULL ? find_by_token (self, topic_arn, token) : NULL;
  if (subscription == NULL) {
    practice_sns_fail_parameter (call, "Token");
    return;
  }

  confirm (self, subscription, TRUE);
  result = json_object_new ();
  json_object_set_string_member (result, "SubscriptionArn", subscription->arn);
  practice_call_return (call, result);
}

void
practice_sns_unsubscribe (PracticeCall *call,
                          gpointer      data)
{
  PracticeSns *self = data;
  const char *arn = practice_call_get_string (call, "SubscriptionArn");
  g_autoptr (PracticeSnsSubscription) subscription = NULL;
  g_autoptr (PracticeSnsTopic) topic = NULL;
  const char *id;

  if (practice_call_is_answered (call))
    return;
  if (arn != NULL && *arn == '\0')
    arn = NULL;
  if (!practice_sns_check_arn (call, "SubscriptionArn", arn))
    return;
  id = strrchr (arn, ':') + 1;
  if (!g_uuid_string_is_valid (id)) {
    practice_sns_fail_parameter (call, "SubscriptionId");
    return;
  }

  subscription = practice_sns_load_subscription (self, arn);
  topic = subscription != NULL ? practice_sns_load_topic (self, subscription->topic_arn) : NULL;
  if (!practice_call_allow (call, "sns:Unsubscribe", topic != NULL ? topic->arn : arn, topic != NULL ? topic->policy : NULL, NULL))
    return;
  if (subscription != NULL && !subscription->confirmed) {
    practice_sns_fail_parameter (call, "SubscriptionArn Reason: the subscription is pending confirmation; it goes with its topic or when "
                                       "its confirmation has not come for some days");
    return;
  }
  /* Twice is no error. */
  if (subscription != NULL)
    end_subscription (self, subscription);
  practice_call_return (call, NULL);
}
