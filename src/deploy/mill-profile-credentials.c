/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-profile.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-client.h"
#include "aws-credentials-text.h"
#include "aws-json.h"
#include "mill-question.h"
#include "mill-sso.h"

/* Roles that assume roles: more of them are a circle. */
#define MAX_DEPTH 5
#define PROCESS_SECONDS 60
#define SESSION_NAME "millrace"

static AwsCredentials *get_at_depth (MillProfile *self, guint depth, GCancellable *cancellable, GError **error);

static AwsCredentials *
fail (GError     **error,
      const char  *code,
      char        *message)
{
  g_propagate_error (error, aws_error_new (AWS_ERROR_CREDENTIALS, code, message, NULL, 0, FALSE));
  g_free (message);
  return NULL;
}

static const char *
get (MillProfile *self,
     const char  *key)
{
  const char *value = g_hash_table_lookup (self->values, key);

  return value != NULL && *value != '\0' ? value : NULL;
}

static AwsCredentials *
get_source (MillProfile   *self,
            guint          depth,
            GCancellable  *cancellable,
            GError       **error)
{
  const char *name = get (self, "source_profile");
  const char *from = get (self, "credential_source");
  const char *key = get (self, "aws_access_key_id");
  const char *secret = get (self, "aws_secret_access_key");

  if (name != NULL && strcmp (name, self->name) != 0)
    {
      g_autoptr(MillProfile) source = mill_profile_load_beside (self, name, error);

      return source != NULL ? get_at_depth (source, depth + 1, cancellable, error) : NULL;
    }
  if (name != NULL && key != NULL && secret != NULL)
    return aws_credentials_new (key, secret, get (self, "aws_session_token"));
  if (from != NULL && strcmp (from, "Environment") == 0)
    {
      AwsCredentials *credentials = aws_credentials_new_from_environment ();

      return credentials != NULL ? credentials
             : fail (error, "NoCredentials", g_strdup_printf (_("The AWS profile “%s” takes its keys from the environment, and there are none: set "
                                                                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."), self->name));
    }
  return fail (error, "NoCredentials", g_strdup_printf (_("The AWS profile “%s” assumes a role, but does not say with which keys: it needs source_profile."),
                                                        self->name));
}

/* The code that the user's device shows now. (transfer full) */
static char *
ask_code (MillProfile   *self,
          const char    *serial,
          GCancellable  *cancellable,
          GError       **error)
{
  g_autofree char *text = g_strdup_printf (_("The profile “%s” wants the code that your MFA device %s shows."), self->name, serial);
  g_autoptr(MillQuestion) question = mill_question_ask (MILL_QUESTION_MFA_CODE, text, NULL, NULL,
                                                        _("This profile wants a code of an MFA device. Use it in a window or a terminal, where it can be asked for."),
                                                        error);

  if (question == NULL || !mill_question_wait (question, cancellable, error))
    return NULL;
  return g_strstrip (g_strdup (mill_question_peek_answer (question) != NULL ? mill_question_peek_answer (question) : ""));
}

static AwsCredentials *
assume_role (MillProfile   *self,
             guint          depth,
             GCancellable  *cancellable,
             GError       **error)
{
  g_autoptr(AwsCredentials) source = get_source (self, depth, cancellable, error);
  g_autoptr(AwsClient) client = NULL;
  g_autoptr(JsonObject) parameters = json_object_new ();
  g_autoptr(JsonObject) result = NULL;
  g_autofree char *code = NULL;
  const char *serial = get (self, "mfa_serial");
  const char *session = get (self, "role_session_name");
  const char *duration = get (self, "duration_seconds");
  const char *endpoint = g_getenv ("AWS_ENDPOINT_URL");
  JsonObject *keys;
  const char *key, *secret, *token;
  JsonNode *expires;
  guint64 seconds;

  if (source == NULL)
    return NULL;
  json_object_set_string_member (parameters, "RoleArn", get (self, "role_arn"));
  json_object_set_string_member (parameters, "RoleSessionName", session != NULL ? session : SESSION_NAME);
  if (get (self, "external_id") != NULL)
    json_object_set_string_member (parameters, "ExternalId", get (self, "external_id"));
  if (duration != NULL && g_ascii_string_to_unsigned (duration, 10, 900, 43200, &seconds, NULL))
    json_object_set_int_member (parameters, "DurationSeconds", (gint64) seconds);
  if (serial != NULL)
    {
      code = ask_code (self, serial, cancellable, error);
      if (code == NULL)
        return NULL;
      json_object_set_string_member (parameters, "SerialNumber", serial);
      json_object_set_string_member (parameters, "TokenCode", code);
    }

  if (endpoint == NULL || *endpoint == '\0')
    endpoint = get (self, "endpoint_url");
  client = aws_client_new (self->region != NULL ? self->region : "us-east-1", endpoint, source);
  result = aws_client_call (client, "sts:AssumeRole", parameters, cancellable, error);
  if (result == NULL)
    return NULL;
  keys = aws_json_get_object (result, "Credentials");
  key = keys != NULL ? aws_json_get_string (keys, "AccessKeyId") : NULL;
  secret = keys != NULL ? aws_json_get_string (keys, "SecretAccessKey") : NULL;
  token = keys != NULL ? aws_json_get_string (keys, "SessionToken") : NULL;
  expires = keys != NULL ? json_object_get_member (keys, "Expiration") : NULL;
  if (key == NULL || secret == NULL)
    return fail (error, "InvalidAnswer", g_strdup_printf (_("The role of the profile “%s” was assumed, but no keys came with it."), self->name));
  return aws_credentials_new_temporary (key, secret, token,
                                        expires != NULL && JSON_NODE_HOLDS_VALUE (expires) && json_node_get_value_type (expires) != G_TYPE_STRING
                                        ? json_node_get_int (expires) : 0);
}

static AwsCredentials *
sign_in (MillProfile   *self,
         GCancellable  *cancellable,
         GError       **error)
{
  const char *session = get (self, "sso_session");
  g_autoptr(GHashTable) values = session != NULL ? mill_profile_load_sso_session (self, session) : g_hash_table_ref (self->values);
  MillSso sso = { .title = self->name, .account_id = get (self, "sso_account_id"), .role_name = get (self, "sso_role_name") };

  if (values == NULL)
    return fail (error, "NoCredentials", g_strdup_printf (_("The AWS profile “%s” signs in at “%s”, but ~/.aws/config has no [sso-session %s]."),
                                                          self->name, session, session));
  sso.start_url = g_hash_table_lookup (values, "sso_start_url");
  sso.region = g_hash_table_lookup (values, "sso_region");
  if (sso.start_url == NULL || sso.region == NULL || sso.account_id == NULL || sso.role_name == NULL)
    return fail (error, "NoCredentials", g_strdup_printf (_("The sign-in of the AWS profile “%s” is not whole. It needs sso_start_url, sso_region, "
                                                            "sso_account_id and sso_role_name."), self->name));
  return mill_sso_get_credentials (&sso, cancellable, error);
}

typedef struct {
  GMainLoop    *loop;
  GAsyncResult *result;
  GCancellable *cancellable;
} Waiting;

static void
on_done (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Waiting *waiting = data;

  waiting->result = g_object_ref (result);
  g_main_loop_quit (waiting->loop);
}

static gboolean
on_time (gpointer data)
{
  g_cancellable_cancel (((Waiting *) data)->cancellable);
  return G_SOURCE_REMOVE;
}

static void
on_cancelled (GCancellable *cancellable,
              gpointer      data)
{
  g_cancellable_cancel (data);
}

/* AWS SDKs and Tools Reference Guide, "Process credential provider". */
static AwsCredentials *
run_process (MillProfile   *self,
             GCancellable  *cancellable,
             GError       **error)
{
  g_auto(GStrv) argv = NULL;
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GMainContext) context = NULL;
  g_autoptr(GMainLoop) loop = NULL;
  g_autoptr(GCancellable) over = g_cancellable_new ();
  g_autoptr(GSource) timer = g_timeout_source_new_seconds (PROCESS_SECONDS);
  g_autoptr(GBytes) output = NULL;
  g_autoptr(AwsCredentials) credentials = NULL;
  g_autoptr(GError) trouble = NULL;
  Waiting waiting = { .cancellable = over };
  gulong handler;
  gboolean done;

  if (!g_shell_parse_argv (get (self, "credential_process"), NULL, &argv, NULL))
    return fail (error, "CredentialProcess", g_strdup_printf (_("The credential_process of the AWS profile “%s” is no command."), self->name));
  process = g_subprocess_newv ((const char *const *) argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &trouble);
  if (process == NULL)
    return fail (error, "CredentialProcess", g_strdup_printf (_("The credential_process of the AWS profile “%s” cannot be started: %s"), self->name,
                                                              trouble->message));

  context = g_main_context_new ();
  g_main_context_push_thread_default (context);
  waiting.loop = loop = g_main_loop_new (context, FALSE);
  g_source_set_callback (timer, on_time, &waiting, NULL);
  g_source_attach (timer, context);
  handler = cancellable != NULL ? g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), over, NULL) : 0;
  g_subprocess_communicate_async (process, NULL, over, on_done, &waiting);
  g_main_loop_run (loop);
  done = g_subprocess_communicate_finish (process, waiting.result, &output, NULL, &trouble);
  g_object_unref (waiting.result);
  if (cancellable != NULL)
    g_cancellable_disconnect (cancellable, handler);
  g_source_destroy (timer);
  if (!done)
    {
      g_subprocess_force_exit (process);
      g_subprocess_wait (process, NULL, NULL);
    }
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (!done)
    return fail (error, "CredentialProcess", g_strdup_printf (_("The credential_process of the AWS profile “%s” did not end within a minute."), self->name));
  if (!g_subprocess_get_successful (process))
    return fail (error, "CredentialProcess", g_strdup_printf (_("The credential_process of the AWS profile “%s” failed. Run it in a terminal to see why."),
                                                              self->name));
  credentials = aws_credentials_parse (g_bytes_get_data (output, NULL) != NULL ? g_bytes_get_data (output, NULL) : "", (gssize) g_bytes_get_size (output),
                                       g_get_real_time () / G_USEC_PER_SEC, NULL, NULL, &trouble);
  if (credentials == NULL)
    return fail (error, aws_error_get_code (trouble), g_strdup_printf (_("The credential_process of the AWS profile “%s” printed no credentials. %s"), self->name,
                                                                       trouble->message));
  return g_steal_pointer (&credentials);
}

static AwsCredentials *
get_at_depth (MillProfile   *self,
              guint          depth,
              GCancellable  *cancellable,
              GError       **error)
{
  if (depth > MAX_DEPTH)
    return fail (error, "NoCredentials", g_strdup_printf (_("The AWS profile “%s” takes its credentials from itself, over others. Look at source_profile."),
                                                          self->name));
  if (self->credentials != NULL)
    return aws_credentials_ref (self->credentials);
  if (get (self, "role_arn") != NULL)
    return assume_role (self, depth, cancellable, error);
  if (get (self, "sso_session") != NULL || get (self, "sso_start_url") != NULL)
    return sign_in (self, cancellable, error);
  return run_process (self, cancellable, error);
}

AwsCredentials *
mill_profile_get_credentials (MillProfile   *self,
                              GCancellable  *cancellable,
                              GError       **error)
{
  return get_at_depth (self, 0, cancellable, error);
}
