/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-signer.h"

#include <string.h>

#define SHA256_LENGTH 32

static gboolean
is_unreserved (char c)
{
  return g_ascii_isalnum (c) || c == '-' || c == '_' || c == '.' || c == '~';
}

static void
append_encoded (GString    *out,
                const char *text,
                gsize       length,
                gboolean    keep_slash)
{
  static const char digits[] = "0123456789ABCDEF";

  for (gsize i = 0; i < length; i++) {
    guchar c = (guchar) text[i];

    if (is_unreserved ((char) c) || (keep_slash && c == '/')) {
      g_string_append_c (out, (char) c);
    } else {
      g_string_append_c (out, '%');
      g_string_append_c (out, digits[c >> 4]);
      g_string_append_c (out, digits[c & 15]);
    }
  }
}

/* RFC 3986, 5.2.4, and empty segments are removed as well: AWS does both for every service but S3. */
static char *
normalize_path (const char *path)
{
  g_auto (GStrv) segments = NULL;
  g_autoptr (GPtrArray) kept = NULL;
  GString *out = NULL;

  if (*path == '\0')
    return g_strdup ("/");

  segments = g_strsplit (path, "/", -1);
  kept = g_ptr_array_new ();
  for (guint i = 0; segments[i] != NULL; i++) {
    if (*segments[i] == '\0' || strcmp (segments[i], ".") == 0)
      continue;
    if (strcmp (segments[i], "..") != 0)
      g_ptr_array_add (kept, segments[i]);
    else if (kept->len > 0)
      g_ptr_array_set_size (kept, (int) kept->len - 1);
  }

  out = g_string_new (NULL);
  if (path[0] == '/')
    g_string_append_c (out, '/');
  for (guint i = 0; i < kept->len; i++) {
    if (i > 0)
      g_string_append_c (out, '/');
    g_string_append (out, g_ptr_array_index (kept, i));
  }
  if (kept->len > 0 && g_str_has_suffix (path, "/"))
    g_string_append_c (out, '/');
  return g_string_free (out, FALSE);
}

static void
append_path (GString    *out,
             const char *path,
             const char *service)
{
  g_autofree char *normal = NULL;

  if (strcmp (service, "s3") == 0) {
    g_string_append (out, *path != '\0' ? path : "/");
    return;
  }
  normal = normalize_path (path);
  append_encoded (out, normal, strlen (normal), TRUE);
}

/* Orders "name=value" by name, then by value; a plain strcmp would sort "a-=1" before "a=1". */
static int
compare_parameters (gconstpointer a,
                    gconstpointer b)
{
  const char *const *first = *(const char *const *const *) a;
  const char *const *second = *(const char *const *const *) b;
  int order = strcmp (first[0], second[0]);

  if (order != 0)
    return order;
  return strcmp (first[1] != NULL ? first[1] : "", second[1] != NULL ? second[1] : "");
}

static void
append_query (GString    *out,
              const char *query)
{
  g_auto (GStrv) parts = NULL;
  g_autoptr (GPtrArray) pairs = NULL;

  if (query == NULL || *query == '\0')
    return;

  parts = g_strsplit (query, "&", -1);
  pairs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  for (guint i = 0; parts[i] != NULL; i++)
    g_ptr_array_add (pairs, g_strsplit (parts[i], "=", 2));
  g_ptr_array_sort (pairs, compare_parameters);

  for (guint i = 0; i < pairs->len; i++) {
    const char *const *pair = g_ptr_array_index (pairs, i);

    if (i > 0)
      g_string_append_c (out, '&');
    g_string_append_printf (out, "%s=%s", pair[0], pair[1] != NULL ? pair[1] : "");
  }
}

/* Without the blanks around it, and with one blank where there were several. */
static void
append_header_value (GString    *out,
                     const char *value)
{
  gboolean pending = FALSE;
  gboolean begun = FALSE;

  for (; *value != '\0'; value++) {
    if (g_ascii_isspace (*value)) {
      pending = begun;
      continue;
    }
    if (pending)
      g_string_append_c (out, ' ');
    pending = FALSE;
    begun = TRUE;
    g_string_append_c (out, *value);
  }
}

static void
append_headers (GString            *out,
                const char *const  *headers,
                const char *const  *signed_headers)
{
  for (guint i = 0; signed_headers[i] != NULL; i++) {
    gboolean first = TRUE;

    g_string_append_printf (out, "%s:", signed_headers[i]);
    for (guint j = 0; headers != NULL && headers[j] != NULL; j += 2) {
      if (g_ascii_strcasecmp (headers[j], signed_headers[i]) != 0)
        continue;
      if (!first)
        g_string_append_c (out, ',');
      first = FALSE;
      append_header_value (out, headers[j + 1]);
    }
    g_string_append_c (out, '\n');
  }
}

static void
hmac (const guint8 *key,
      gsize         key_length,
      const char   *data,
      gsize         data_length,
      guint8        digest[SHA256_LENGTH])
{
  g_autoptr (GHmac) mac = g_hmac_new (G_CHECKSUM_SHA256, key, key_length);
  gsize length = SHA256_LENGTH;

  g_hmac_update (mac, (const guchar *) data, (gssize) data_length);
  g_hmac_get_digest (mac, digest, &length);
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
header_names (const char *const *headers)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; headers != NULL && headers[i] != NULL; i += 2) {
    g_autofree char *name = g_ascii_strdown (headers[i], -1);

    if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
      g_ptr_array_add (names, g_steal_pointer (&name));
  }
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return names;
}

char *
aws_signer_sha256 (const void *data,
                   gssize      length)
{
  gsize size = length >= 0 ? (gsize) length : strlen (data);

  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, size > 0 ? data : (const void *) "", size);
}

char *
aws_signer_uri_encode (const char *text,
                       gboolean    keep_slash)
{
  GString *out = g_string_new (NULL);

  append_encoded (out, text, strlen (text), keep_slash);
  return g_string_free (out, FALSE);
}

char *
aws_signer_canonical_request (const AwsSigningRequest *request,
                              const char *const       *signed_headers,
                              const char              *service)
{
  GString *out = g_string_sized_new (512);
  g_autofree char *names = g_strjoinv (";", (char **) signed_headers);

  g_string_append (out, request->method);
  g_string_append_c (out, '\n');
  append_path (out, request->path, service);
  g_string_append_c (out, '\n');
  append_query (out, request->query);
  g_string_append_c (out, '\n');
  append_headers (out, request->headers, signed_headers);
  g_string_append_printf (out, "\n%s\n%s", names, request->payload_sha256);
  return g_string_free (out, FALSE);
}

char *
aws_signer_string_to_sign (const char *amz_date,
                           const char *scope,
                           const char *canonical_request)
{
  g_autofree char *digest = aws_signer_sha256 (canonical_request, -1);

  return g_strdup_printf ("AWS4-HMAC-SHA256\n%s\n%s\n%s", amz_date, scope, digest);
}

void
aws_signer_derive_key (const char *secret,
                       const char *scope,
                       guint8     *key)
{
  g_autofree char *first = g_strconcat ("AWS4", secret, NULL);
  gsize first_length = strlen (first);
  const char *part = scope;
  gboolean begun = FALSE;

  /* date, region, service and "aws4_request", each the key of the next */
  while (part != NULL) {
    const char *end = strchr (part, '/');
    gsize length = end != NULL ? (gsize) (end - part) : strlen (part);

    if (!begun)
      hmac ((const guint8 *) first, first_length, part, length, key);
    else
      hmac (key, AWS_SIGNING_KEY_LENGTH, part, length, key);
    begun = TRUE;
    part = end != NULL ? end + 1 : NULL;
  }
  explicit_bzero (first, first_length);
}

char *
aws_signer_sign (const guint8 *key,
                 const char   *string_to_sign)
{
  static const char digits[] = "0123456789abcdef";
  guint8 signature[AWS_SIGNING_KEY_LENGTH];
  char *hex = g_malloc (2 * sizeof signature + 1);

  hmac (key, AWS_SIGNING_KEY_LENGTH, string_to_sign, strlen (string_to_sign), signature);
  for (guint i = 0; i < sizeof signature; i++) {
    hex[2 * i] = digits[signature[i] >> 4];
    hex[2 * i + 1] = digits[signature[i] & 15];
  }
  hex[2 * sizeof signature] = '\0';
  return hex;
}

char *
aws_signer_signature (const char *secret,
                      const char *scope,
                      const char *string_to_sign)
{
  guint8 key[AWS_SIGNING_KEY_LENGTH];
  char *signature = NULL;

  aws_signer_derive_key (secret, scope, key);
  signature = aws_signer_sign (key, string_to_sign);
  explicit_bzero (key, sizeof key);
  return signature;
}

char *
aws_signer_authorization (const AwsSigningRequest *request,
                          AwsCredentials          *credentials,
                          const char              *region,
                          const char              *service,
                          const char              *amz_date)
{
  g_autoptr (GPtrArray) names = header_names (request->headers);
  const char *const *signed_headers = (const char *const *) names->pdata;
  g_autofree char *list = g_strjoinv (";", (char **) names->pdata);
  g_autofree char *scope = g_strdup_printf ("%.8s/%s/%s/aws4_request", amz_date, region, service);
  g_autofree char *canonical = aws_signer_canonical_request (request, signed_headers, service);
  g_autofree char *to_sign = aws_signer_string_to_sign (amz_date, scope, canonical);
  g_autofree char *signature = aws_signer_signature (aws_credentials_get_secret (credentials), scope, to_sign);

  return g_strdup_printf ("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s",
                          aws_credentials_get_access_key_id (credentials), scope, list, signature);
}

gboolean
aws_signer_equal (const char *a,
                  const char *b)
{
  gsize length = strlen (a);
  guint8 difference = 0;

  /* The lengths are no secret: a signature has always 64 digits. */
  if (strlen (b) != length)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    difference |= (guint8) (a[i] ^ b[i]);
  return difference == 0;
}
