/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-sso.h"

#include <glib/gi18n-lib.h>
#include <libsecret/secret.h>
#include <string.h>

#include "aws-credentials-text.h"
#include "aws-error.h"
#include "aws-http.h"
#include "aws-json.h"
#include "mill-keyring.h"
#include "mill-question.h"

#define SECONDS 30
#define SCOPE "sso:account:access"
#define DEVICE_GRANT "urn:ietf:params:oauth:grant-type:device_code"
/* IAM Identity Center OIDC API reference, StartDeviceAuthorization: where no interval is given; and what SlowDownException adds (RFC 8628). */
#define INTERVAL_SECONDS 5
#define SLOWER_SECONDS 5
/* A sign-in that ends while a call is under way is none. */
#define SPARE_SECONDS 60

/* One sign-in, as it is kept: accessToken, expires, and where AWS gave them refreshToken, clientId, clientSecret. */
static GMutex mutex;
static GHashTable *sign_ins;   /* start URL → JsonObject */

static gint64
now_seconds (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static char *
endpoint (const char *variable,
          const char *host,
          const char *region)
{
  const char *forced = g_getenv (variable);

  if (forced != NULL && *forced != '\0')
    return g_strdup (forced);
  return g_strdup_printf ("https://%s.%s.%s", host, region, g_str_has_prefix (region, "cn-") ? "amazonaws.com.cn" : "amazonaws.com");
}

static GError *
sso_error (const char *code,
           const char *message,
           guint       status)
{
  return aws_error_new (AWS_ERROR_CREDENTIALS, code, message, NULL, status, FALSE);
}

/* The answer's object. An HTTP error is a GError with OAuth's own code ("authorization_pending"), or the status. */
static JsonObject *
exchange (const char    *base,
          AwsRequest    *request,
          GCancellable  *cancellable,
          GError       **error)
{
  g_autofree char *host = aws_http_host (base);
  g_autoptr(AwsHttpAnswer) answer = NULL;
  g_autoptr(JsonObject) object = NULL;
  gsize length;
  const char *text;

  if (host == NULL)
    {
      g_propagate_error (error, sso_error ("InvalidEndpoint", _("The region of the sign-in is no region. Look at sso_region in ~/.aws/config."), 0));
      return NULL;
    }
  aws_request_add_header (request, "Host", host);
  answer = aws_http_exchange (base, request, SECONDS, cancellable, error);
  if (answer == NULL)
    return NULL;
  text = g_bytes_get_data (answer->body, &length);
  object = length > 0 ? aws_json_parse_object (text, (gssize) length, NULL) : NULL;
  if (answer->status >= 200 && answer->status < 300 && object != NULL)
    return g_steal_pointer (&object);
  {
    const char *code = object != NULL ? aws_json_get_string (object, "error") : NULL;
    const char *why = object != NULL ? aws_json_get_string (object, "error_description") : NULL;
    g_autofree char *message = NULL;

    if (why == NULL && object != NULL)
      why = aws_json_get_string (object, "message");
    message = g_strdup_printf (_("IAM Identity Center refused: %s"), why != NULL ? why : _("it did not say why."));
    g_propagate_error (error, sso_error (code != NULL ? code : "", message, answer->status));
  }
  return NULL;
}

static JsonObject *
post (const MillSso  *sso,
      const char     *path,
      JsonObject     *parameters,
      GCancellable   *cancellable,
      GError        **error)
{
  g_autofree char *base = endpoint ("AWS_ENDPOINT_URL_SSO_OIDC", "oidc", sso->region);
  g_autoptr(AwsRequest) request = aws_request_new ("POST", path, NULL);
  g_autoptr(JsonNode) node = json_node_init_object (json_node_alloc (), parameters);
  char *text = json_to_string (node, FALSE);

  g_bytes_unref (request->body);
  request->body = g_bytes_new_take (text, strlen (text));
  aws_request_add_header (request, "Content-Type", "application/json");
  return exchange (base, request, cancellable, error);
}

static JsonObject *
members (const char *first,
         ...)
{
  JsonObject *object = json_object_new ();
  va_list args;

  va_start (args, first);
  for (const char *name = first; name != NULL; name = va_arg (args, const char *))
    json_object_set_string_member (object, name, va_arg (args, const char *));
  va_end (args);
  return object;
}

static gint64
get_int (JsonObject *object,
         const char *name,
         gint64      otherwise)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : otherwise;
}

/* What CreateToken answered, with what is needed to refresh it. NULL where there is no token in it. */
static JsonObject *
take_token (JsonObject *answer,
            const char *client_id,
            const char *client_secret)
{
  const char *token = aws_json_get_string (answer, "accessToken");
  const char *refresh = aws_json_get_string (answer, "refreshToken");
  JsonObject *sign_in;

  if (token == NULL)
    return NULL;
  sign_in = members ("accessToken", token, "clientId", client_id, "clientSecret", client_secret, NULL);
  if (refresh != NULL)
    json_object_set_string_member (sign_in, "refreshToken", refresh);
  json_object_set_int_member (sign_in, "expires", now_seconds () + CLAMP (get_int (answer, "expiresIn", 0), 0, G_MAXINT32));
  return sign_in;
}

static gboolean
is_good (JsonObject *sign_in)
{
  return sign_in != NULL && aws_json_get_string (sign_in, "accessToken") != NULL && get_int (sign_in, "expires", 0) > now_seconds () + SPARE_SECONDS;
}

/* (transfer full): the sign-in that was kept; NULL where there is none. */
static JsonObject *
recall (const MillSso *sso,
        GCancellable  *cancellable)
{
  JsonObject *sign_in = NULL;
  char *text;

  g_mutex_lock (&mutex);
  if (sign_ins != NULL && g_hash_table_contains (sign_ins, sso->start_url))
    sign_in = json_object_ref (g_hash_table_lookup (sign_ins, sso->start_url));
  g_mutex_unlock (&mutex);
  if (sign_in != NULL)
    return sign_in;
  text = mill_keyring_load_sign_in (sso->start_url, cancellable);
  if (text == NULL)
    return NULL;
  sign_in = aws_json_parse_object (text, -1, NULL);
  secret_password_free (text);
  return sign_in;
}

static void
keep (const MillSso *sso,
      JsonObject    *sign_in,
      GCancellable  *cancellable)
{
  g_autoptr(JsonNode) node = json_node_init_object (json_node_alloc (), sign_in);
  char *text = json_to_string (node, FALSE);

  g_mutex_lock (&mutex);
  if (sign_ins == NULL)
    sign_ins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_object_unref);
  g_hash_table_replace (sign_ins, g_strdup (sso->start_url), json_object_ref (sign_in));
  g_mutex_unlock (&mutex);
  mill_keyring_save_sign_in (sso->start_url, text, cancellable);
  explicit_bzero (text, strlen (text));
  g_free (text);
}

/* (transfer full): the sign-in with a new token; NULL where AWS wants the user again. */
static JsonObject *
refresh (const MillSso *sso,
         JsonObject    *old,
         GCancellable  *cancellable)
{
  const char *token = aws_json_get_string (old, "refreshToken");
  const char *id = aws_json_get_string (old, "clientId");
  const char *secret = aws_json_get_string (old, "clientSecret");
  g_autoptr(JsonObject) parameters = NULL;
  g_autoptr(JsonObject) answer = NULL;

  if (token == NULL || id == NULL || secret == NULL)
    return NULL;
  parameters = members ("clientId", id, "clientSecret", secret, "grantType", "refresh_token", "refreshToken", token, NULL);
  answer = post (sso, "/token", parameters, cancellable, NULL);
  return answer != NULL ? take_token (answer, id, secret) : NULL;
}

/* Until the user has said yes at the page. */
static JsonObject *
poll_token (const MillSso  *sso,
            JsonObject     *parameters,
            MillQuestion   *question,
            gint64          interval,
            gint64          deadline,
            GCancellable   *cancellable,
            GError        **error)
{
  while (TRUE)
    {
      g_autoptr(GError) trouble = NULL;
      JsonObject *answer;

      if (!mill_question_wait_for (question, (guint) interval * 1000, cancellable, error))
        return NULL;
      answer = post (sso, "/token", parameters, cancellable, &trouble);
      if (answer != NULL)
        return answer;
      if (aws_error_has_code (trouble, "slow_down"))
        interval += SLOWER_SECONDS;
      else if (aws_error_has_code (trouble, "expired_token") || now_seconds () >= deadline)
        {
          g_propagate_error (error, sso_error ("SignInExpired", _("Nobody confirmed the sign-in in time. Try again, and confirm the code in the browser."), 0));
          return NULL;
        }
      else if (aws_error_has_code (trouble, "access_denied"))
        {
          g_propagate_error (error, sso_error ("SignInDenied", _("The sign-in was refused in the browser. Try again, and allow the access there."), 0));
          return NULL;
        }
      /* A network that went away for a moment does not end it. */
      else if (!aws_error_has_code (trouble, "authorization_pending") && !aws_error_is_retryable (trouble))
        {
          g_propagate_error (error, g_steal_pointer (&trouble));
          return NULL;
        }
    }
}

static JsonObject *
sign_in_anew (const MillSso  *sso,
              GCancellable   *cancellable,
              GError        **error)
{
  g_autoptr(JsonObject) registration = members ("clientName", "millrace", "clientType", "public", NULL);
  JsonArray *scopes = json_array_new ();
  g_autoptr(JsonObject) client = NULL;
  g_autoptr(JsonObject) device = NULL;
  g_autoptr(JsonObject) parameters = NULL;
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(MillQuestion) question = NULL;
  g_autofree char *text = NULL;
  const char *id, *secret, *url, *code, *device_code;
  JsonObject *sign_in;

  json_array_add_string_element (scopes, SCOPE);
  json_object_set_array_member (registration, "scopes", scopes);
  client = post (sso, "/client/register", registration, cancellable, error);
  if (client == NULL)
    return NULL;
  id = aws_json_get_string (client, "clientId");
  secret = aws_json_get_string (client, "clientSecret");
  if (id != NULL && secret != NULL)
    {
      parameters = members ("clientId", id, "clientSecret", secret, "startUrl", sso->start_url, NULL);
      device = post (sso, "/device_authorization", parameters, cancellable, error);
      if (device == NULL)
        return NULL;
    }
  url = device != NULL ? aws_json_get_string (device, "verificationUriComplete") : NULL;
  if (url == NULL && device != NULL)
    url = aws_json_get_string (device, "verificationUri");
  code = device != NULL ? aws_json_get_string (device, "userCode") : NULL;
  device_code = device != NULL ? aws_json_get_string (device, "deviceCode") : NULL;
  /* It is handed to the browser: nothing but a page. */
  if (url == NULL || code == NULL || device_code == NULL || !(g_str_has_prefix (url, "https://") || aws_http_is_loopback (url)))
    {
      g_propagate_error (error, sso_error ("InvalidAnswer", _("IAM Identity Center answered in a way that is not understood. Look at sso_start_url and sso_region "
                                                              "in ~/.aws/config."), 0));
      return NULL;
    }

  text = g_strdup_printf (_("Sign in for “%s”: open %s and confirm the code %s there."), sso->title, url, code);
  question = mill_question_ask (MILL_QUESTION_SIGN_IN, text, url, code,
                                _("This profile needs a sign-in in the browser. Do it in a window or a terminal of Millrace first."), error);
  if (question == NULL)
    return NULL;
  json_object_unref (parameters);
  parameters = members ("clientId", id, "clientSecret", secret, "grantType", DEVICE_GRANT, "deviceCode", device_code, NULL);
  answer = poll_token (sso, parameters, question, CLAMP (get_int (device, "interval", INTERVAL_SECONDS), 1, 60),
                       now_seconds () + CLAMP (get_int (device, "expiresIn", 600), 0, 3600), cancellable, error);
  mill_question_end (question);
  if (answer == NULL)
    return NULL;
  sign_in = take_token (answer, id, secret);
  if (sign_in == NULL)
    g_propagate_error (error, sso_error ("InvalidAnswer", _("IAM Identity Center gave no token. Try again."), 0));
  return sign_in;
}

static AwsCredentials *
get_role (const MillSso  *sso,
          JsonObject     *sign_in,
          GCancellable   *cancellable,
          GError        **error)
{
  g_autofree char *base = endpoint ("AWS_ENDPOINT_URL_SSO", "portal.sso", sso->region);
  g_autofree char *role = g_uri_escape_string (sso->role_name, NULL, FALSE);
  g_autofree char *account = g_uri_escape_string (sso->account_id, NULL, FALSE);
  g_autofree char *query = g_strdup_printf ("role_name=%s&account_id=%s", role, account);
  g_autoptr(AwsRequest) request = aws_request_new ("GET", "/federation/credentials", query);
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(JsonNode) node = NULL;
  g_autofree char *text = NULL;
  AwsCredentials *credentials;

  aws_request_add_header (request, "x-amz-sso_bearer_token", aws_json_get_string (sign_in, "accessToken"));
  answer = exchange (base, request, cancellable, error);
  if (answer == NULL)
    return NULL;
  node = json_node_init_object (json_node_alloc (), answer);
  text = json_to_string (node, FALSE);
  credentials = aws_credentials_parse (text, -1, now_seconds (), NULL, NULL, error);
  explicit_bzero (text, strlen (text));
  return credentials;
}

AwsCredentials *
mill_sso_get_credentials (const MillSso  *sso,
                          GCancellable   *cancellable,
                          GError        **error)
{
  g_autoptr(JsonObject) sign_in = recall (sso, cancellable);
  g_autoptr(GError) trouble = NULL;
  AwsCredentials *credentials;

  if (sign_in != NULL && !is_good (sign_in))
    {
      JsonObject *fresh = refresh (sso, sign_in, cancellable);

      json_object_unref (sign_in);
      sign_in = fresh;
      if (sign_in != NULL)
        keep (sso, sign_in, cancellable);
    }
  if (sign_in != NULL)
    {
      credentials = get_role (sso, sign_in, cancellable, &trouble);
      /* UnauthorizedException: signed out meanwhile. Anything else is no matter of the sign-in. */
      if (credentials != NULL || aws_error_get_status (trouble) != 401)
        {
          if (trouble != NULL)
            g_propagate_error (error, g_steal_pointer (&trouble));
          return credentials;
        }
      g_clear_pointer (&sign_in, json_object_unref);
    }
  sign_in = sign_in_anew (sso, cancellable, error);
  if (sign_in == NULL)
    return NULL;
  keep (sso, sign_in, cancellable);
  return get_role (sso, sign_in, cancellable, error);
}
