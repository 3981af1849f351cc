/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-target-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-keyring.h"
#include "mill-profile.h"
#include "mill-question.h"

static gboolean
are_same (AwsCredentials *a,
          AwsCredentials *b)
{
  return a != NULL && b != NULL && strcmp (aws_credentials_get_access_key_id (a), aws_credentials_get_access_key_id (b)) == 0 &&
         g_strcmp0 (aws_credentials_get_session_token (a), aws_credentials_get_session_token (b)) == 0;
}

static gboolean
are_over (AwsCredentials *credentials)
{
  gint64 expires = aws_credentials_get_expires (credentials);

  return expires != 0 && expires <= g_get_real_time () / G_USEC_PER_SEC;
}

/* Who @credentials are, in the target's own account where that is known. A client of its own: the target's waits for them. */
static gboolean
check_credentials (MillTarget      *self,
                   AwsClient       *client,
                   AwsCredentials  *credentials,
                   char           **arn,
                   GCancellable    *cancellable,
                   GError         **error)
{
  g_autoptr(AwsClient) asking = aws_client_new (self->region, aws_client_get_endpoint (client), credentials);
  g_autoptr(JsonObject) identity = aws_client_call (asking, "sts:GetCallerIdentity", NULL, cancellable, error);
  const char *before = mill_target_get_account (self);
  const char *now = identity != NULL ? aws_json_get_string (identity, "Account") : NULL;

  if (identity == NULL)
    return FALSE;
  if (before != NULL && g_strcmp0 (before, now) != 0)
    {
      g_autofree char *message = g_strdup_printf (_("These are credentials of the account %s. Those of the account %s are needed, in which the work began."),
                                                  now != NULL ? now : "?", before);

      g_propagate_error (error, aws_error_new (AWS_ERROR_CREDENTIALS, "OtherAccount", message, NULL, 0, FALSE));
      return FALSE;
    }
  *arn = g_strdup (aws_json_get_string (identity, "Arn"));
  return TRUE;
}

/* What the keyring or the profile has now. */
static AwsCredentials *
read_again (MillTarget    *self,
            GCancellable  *cancellable,
            GError       **error)
{
  g_autoptr(MillProfile) profile = NULL;

  if (mill_target_get_stored_name (self) != NULL)
    return mill_keyring_load (mill_target_get_stored_name (self), cancellable, error);
  if (self->kind == MILL_TARGET_ENDPOINT)
    return aws_credentials_new_from_environment ();
  profile = mill_profile_load (self->spec, error);
  return profile != NULL ? mill_profile_get_credentials (profile, cancellable, error) : NULL;
}

static AwsCredentials *
ask_for_credentials (MillTarget    *self,
                     AwsClient     *client,
                     GCancellable  *cancellable,
                     GError       **error)
{
  const char *name = mill_target_get_stored_name (self);
  g_autofree char *text = g_strdup_printf (_("The credentials of “%s” have expired. Enter new ones: the work goes on where it is."), mill_target_get_title (self));
  g_autofree char *without = NULL;

  if (name != NULL)
    without = g_strdup_printf (_("The credentials of “%s” have expired. Enter new ones with “millrace-cli credentials add %s”, and do the same again: what is "
                                 "made already is not made twice."), name, name);
  else
    without = g_strdup_printf (_("The credentials of “%s” have expired. Get new ones and do the same again: what is made already is not made twice."),
                               mill_target_get_title (self));
  while (TRUE)
    {
      g_autoptr(GError) trouble = NULL;
      g_autofree char *arn = NULL;
      g_autoptr(MillQuestion) question = mill_question_ask (MILL_QUESTION_CREDENTIALS, text, NULL, NULL, without, error);
      AwsCredentials *fresh;

      if (question == NULL || !mill_question_wait (question, cancellable, error))
        return NULL;
      fresh = mill_question_peek_credentials (question);
      if (fresh != NULL && check_credentials (self, client, fresh, &arn, cancellable, &trouble))
        {
          MillStored stored = { .name = (char *) name, .region = self->region, .account = (char *) mill_target_get_account (self), .arn = arn };

          if (name != NULL)
            mill_keyring_save (&stored, fresh, NULL, cancellable, NULL);
          return aws_credentials_ref (fresh);
        }
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      if (trouble != NULL)
        {
          g_free (text);
          text = g_strdup_printf (_("These credentials are not taken: %s Enter others for “%s”: the work goes on where it is."), trouble->message,
                                  mill_target_get_title (self));
        }
    }
}

/* The practice cloud's own keys are good as long as it runs, whatever it pretends. */
static AwsCredentials *
renew_practice (AwsCredentials *old)
{
  return old != NULL ? aws_credentials_new (aws_credentials_get_access_key_id (old), aws_credentials_get_secret (old), aws_credentials_get_session_token (old)) : NULL;
}

/* An AwsRefreshFunc: the same as below without the user, who is asked when he does something himself. */
static AwsCredentials *
on_expired_behind (AwsClient       *client,
                   AwsCredentials  *old,
                   const GError    *trouble,
                   GCancellable    *cancellable,
                   GError         **error,
                   gpointer         data)
{
  MillTarget *self = data;
  AwsClient *own = mill_target_get_client (self);
  AwsCredentials *now = own != NULL ? aws_client_get_credentials (own) : NULL;
  gboolean practice = self->kind == MILL_TARGET_PRACTICE;
  g_autoptr(AwsCredentials) fresh = NULL;
  g_autofree char *message = NULL;

  if (now != NULL && now != old && !are_same (now, old))
    return aws_credentials_ref (now);
  fresh = practice ? renew_practice (old) : read_again (self, cancellable, NULL);
  if (fresh != NULL && own != NULL && !are_over (fresh) && (practice || !are_same (fresh, old)))
    {
      aws_client_set_credentials (own, fresh);
      return g_steal_pointer (&fresh);
    }
  message = g_strdup_printf (_("The credentials of “%s” have expired. Get new ones: it goes on by itself then."), mill_target_get_title (self));
  g_propagate_error (error, aws_error_new (AWS_ERROR_CREDENTIALS, "NobodyToAsk", message, NULL, 0, FALSE));
  return NULL;
}

AwsCredentials *
mill_target_on_expired (AwsClient       *client,
                        AwsCredentials  *old,
                        const GError    *trouble,
                        GCancellable    *cancellable,
                        GError         **error,
                        gpointer         data)
{
  MillTarget *self = data;
  g_autoptr(GError) local = NULL;
  AwsCredentials *fresh;

  if (self->kind == MILL_TARGET_PRACTICE && old != NULL)
    return renew_practice (old);
  fresh = read_again (self, cancellable, &local);
  if (fresh != NULL && !are_over (fresh) && !are_same (fresh, old))
    return fresh;
  if (fresh == NULL && local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  g_clear_pointer (&fresh, aws_credentials_unref);
  return ask_for_credentials (self, client, cancellable, error);
}

gboolean
mill_target_store (MillTarget    *self,
                   char         **notice,
                   GCancellable  *cancellable,
                   GError       **error)
{
  AwsClient *client = mill_target_get_client (self);
  AwsCredentials *credentials = client != NULL ? aws_client_get_credentials (client) : NULL;
  MillStored stored = { .name = (char *) mill_target_get_stored_name (self), .region = self->region, .account = (char *) mill_target_get_account (self),
                        .arn = (char *) mill_target_get_arn (self) };

  g_return_val_if_fail (stored.name != NULL && credentials != NULL, FALSE);
  if (!mill_keyring_save (&stored, credentials, notice, cancellable, error))
    return FALSE;
  aws_client_set_refresh (client, mill_target_on_expired, self);
  return TRUE;
}

AwsClient *
mill_target_make_client (MillTarget *self)
{
  AwsClient *own, *client;

  g_return_val_if_fail (MILL_IS_TARGET (self), NULL);
  own = mill_target_get_client (self);
  if (own == NULL)
    return NULL;
  client = aws_client_new (aws_client_get_region (own), aws_client_get_endpoint (own), aws_client_get_credentials (own));
  /* It may live as long as a call that nobody waits for any more. */
  g_object_set_data_full (G_OBJECT (client), "mill-target", g_object_ref (self), g_object_unref);
  aws_client_set_refresh (client, on_expired_behind, self);
  return client;
}
