/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-client-private.h"

#include <libsoup/soup.h>
#include <string.h>

#include "aws-request.h"

static JsonObject *
describe_http (const char        *method,
               const char        *url,
               const char *const *headers,
               const char        *body)
{
  JsonObject *parameters = json_object_new ();
  JsonObject *given = json_object_new ();

  for (guint i = 0; headers != NULL && headers[i] != NULL && headers[i + 1] != NULL; i += 2)
    json_object_set_string_member (given, headers[i], headers[i + 1]);
  json_object_set_string_member (parameters, "method", method);
  json_object_set_string_member (parameters, "url", url);
  json_object_set_object_member (parameters, "headers", given);
  if (body != NULL)
    json_object_set_string_member (parameters, "body", body);
  return parameters;
}

static AwsHttpAnswer *
exchange_http (AwsClient          *self,
               const char         *service,
               const char         *method,
               const char         *url,
               const char *const  *headers,
               const char         *body,
               GCancellable       *cancellable,
               GError            **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);
  g_autofree char *host = uri != NULL ? aws_http_host (url) : NULL;
  g_autofree char *base = NULL;
  g_autoptr (AwsRequest) request = NULL;
  const char *path;

  if (host == NULL) {
    g_propagate_error (error, aws_client_bad_endpoint (url));
    return NULL;
  }
  base = g_strdup_printf ("%s://%s", g_uri_get_scheme (uri), host);
  path = g_uri_get_path (uri);
  request = aws_request_new (method, *path != '\0' ? path : "/", g_uri_get_query (uri));
  for (guint i = 0; headers != NULL && headers[i] != NULL && headers[i + 1] != NULL; i += 2)
    aws_request_add_header (request, headers[i], headers[i + 1]);
  if (body != NULL) {
    g_bytes_unref (request->body);
    request->body = g_bytes_new (body, strlen (body));
  }

  if (service != NULL) {
    gint64 skew;
    g_autoptr (AwsCredentials) credentials = aws_client_ref_credentials (self, &skew);
    const AwsService *found = aws_service_find (service);

    if (credentials == NULL) {
      g_propagate_error (error, aws_client_no_credentials (url));
      return NULL;
    }
    aws_request_sign (request, credentials, host,
                      found != NULL ? aws_service_signing_region (found, self->region) : self->region,
                      found != NULL ? found->signed_as : service, aws_client_service_time (skew));
  }
  return aws_http_exchange (base, request, self->seconds, cancellable, error);
}

static JsonObject *
http_answer_to_json (const AwsHttpAnswer *answer)
{
  gsize size;
  const char *data = g_bytes_get_data (answer->body, &size);
  g_autofree char *body = g_utf8_make_valid (size > 0 ? data : "", (gssize) size);
  JsonObject *object = json_object_new ();
  JsonObject *headers = json_object_new ();
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, answer->headers);
  while (g_hash_table_iter_next (&iter, &name, &value)) {
    g_autofree char *valid = g_utf8_make_valid (value, -1);

    json_object_set_string_member (headers, name, valid);
  }
  json_object_set_int_member (object, "status", answer->status);
  json_object_set_object_member (object, "headers", headers);
  json_object_set_string_member (object, "body", body);
  return object;
}

JsonObject *
aws_client_http (AwsClient          *self,
                 const char         *service,
                 const char         *method,
                 const char         *url,
                 const char *const  *headers,
                 const char         *body,
                 GCancellable       *cancellable,
                 GError            **error)
{
  g_auto (AwsAttempts) attempts = { .started = g_get_real_time (), .begun = g_get_monotonic_time () };
  g_autofree char *name = NULL;
  g_autoptr (JsonObject) parameters = NULL;
  g_autoptr (GError) trouble = NULL;

  g_return_val_if_fail (AWS_IS_CLIENT (self), NULL);
  g_return_val_if_fail (method != NULL && url != NULL, NULL);

  name = g_strconcat ("http:", method, NULL);
  parameters = describe_http (method, url, headers, body);
  attempts.attempts = 1;
  attempts.answer = exchange_http (self, service, method, url, headers, body, cancellable, &trouble);
  aws_client_log_call (self, name, parameters, &attempts, trouble);
  if (attempts.answer != NULL)
    return http_answer_to_json (attempts.answer);
  g_propagate_error (error, g_steal_pointer (&trouble));
  return NULL;
}
