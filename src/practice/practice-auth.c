/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-auth.h"

#include <string.h>

#define ALGORITHM "AWS4-HMAC-SHA256"
/* IAM User Guide: a request that is older, or newer, than this is refused. */
#define SKEW_SECONDS (15 * 60)
#define MAX_SIGNED_HEADERS 100

static void
set_failure (PracticeAuthFailure *failure,
             const char          *query_code,
             const char          *code,
             char                *message)
{
  failure->query_code = query_code;
  failure->code = code;
  failure->message = message;
}

static void
set_mismatch (PracticeAuthFailure *failure,
              char                *message)
{
  set_failure (failure, "SignatureDoesNotMatch", "InvalidSignatureException", message);
}

static void
set_unknown (PracticeAuthFailure *failure)
{
  set_failure (failure, "InvalidClientTokenId", "UnrecognizedClientException",
               g_strdup ("The security token included in the request is invalid."));
}

static const char *
get_header (const AwsSigningRequest *request,
            const char              *name)
{
  for (guint i = 0; request->headers[i] != NULL; i += 2) {
    if (g_ascii_strcasecmp (request->headers[i], name) == 0)
      return request->headers[i + 1];
  }
  return NULL;
}

/* "20150830T123600Z", in seconds since 1970; -1 where it is none. */
static gint64
parse_amz_date (const char *text)
{
  g_autoptr (GDateTime) time = NULL;
  int part[6] = { 0 };
  static const int lengths[] = { 4, 2, 2, 2, 2, 2 };

  if (strlen (text) != 16 || text[8] != 'T' || text[15] != 'Z')
    return -1;
  for (guint i = 0, at = 0; i < G_N_ELEMENTS (part); i++) {
    if (i == 3)
      at++;
    for (int j = 0; j < lengths[i]; j++, at++) {
      if (!g_ascii_isdigit (text[at]))
        return -1;
      part[i] = part[i] * 10 + (text[at] - '0');
    }
  }
  time = g_date_time_new_utc (part[0], part[1], part[2], part[3], part[4], part[5]);
  return time != NULL ? g_date_time_to_unix (time) : -1;
}

static char *
format_amz_date (gint64 time)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (time);

  return g_date_time_format (date, "%Y%m%dT%H%M%SZ");
}

static gboolean
check_date (const PracticeSignature *signature,
            const char              *amz_date,
            gint64                   now,
            PracticeAuthFailure     *failure)
{
  gint64 signed_at = parse_amz_date (amz_date);
  g_autofree char *now_text = format_amz_date (now);

  if (signed_at < 0) {
    practice_auth_incomplete (failure, g_strdup_printf ("Date must be in ISO-8601 'basic format'. Got '%s'. "
                                                        "See http://en.wikipedia.org/wiki/ISO_8601", amz_date));
    return FALSE;
  }
  if (strncmp (signature->date, amz_date, 8) != 0 || strlen (signature->date) != 8) {
    set_mismatch (failure, g_strdup_printf ("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                                            "'%s' != '%.8s', from '%s'.", signature->date, amz_date, amz_date));
    return FALSE;
  }
  if (signed_at < now - SKEW_SECONDS) {
    g_autofree char *earliest = format_amz_date (now - SKEW_SECONDS);

    set_mismatch (failure, g_strdup_printf ("Signature expired: %s is now earlier than %s (%s - %d min.)",
                                            amz_date, earliest, now_text, SKEW_SECONDS / 60));
    return FALSE;
  }
  if (signed_at > now + SKEW_SECONDS) {
    g_autofree char *latest = format_amz_date (now + SKEW_SECONDS);

    set_mismatch (failure, g_strdup_printf ("Signature not yet current: %s is still later than %s (%s + %d min.)",
                                            amz_date, latest, now_text, SKEW_SECONDS / 60));
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_token (const PracticeKey       *key,
             const AwsSigningRequest *request,
             gint64                   now,
             PracticeAuthFailure     *failure)
{
  const char *token = get_header (request, "X-Amz-Security-Token");
  const char *wanted = aws_credentials_get_session_token (key->credentials);

  if (wanted == NULL ? token != NULL : (token == NULL || !aws_signer_equal (token, wanted))) {
    set_unknown (failure);
    return FALSE;
  }
  if (key->expires != 0 && key->expires <= now) {
    set_failure (failure, "ExpiredToken", "ExpiredTokenException",
                 g_strdup ("The security token included in the request is expired"));
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_signature (const PracticeKey       *key,
                 const PracticeSignature *signature,
                 const AwsSigningRequest *request,
                 const char              *amz_date,
                 PracticeAuthFailure     *failure)
{
  g_autofree char *canonical = aws_signer_canonical_request (request, (const char *const *) signature->signed_headers,
                                                             signature->service);
  g_autofree char *to_sign = aws_signer_string_to_sign (amz_date, signature->scope, canonical);
  PracticeSigningKey *signing = key->signing;
  g_autofree char *computed = NULL;

  if (g_strcmp0 (signing->scope, signature->scope) != 0) {
    g_free (signing->scope);
    signing->scope = g_strdup (signature->scope);
    aws_signer_derive_key (aws_credentials_get_secret (key->credentials), signature->scope, signing->key);
  }
  computed = aws_signer_sign (signing->key, to_sign);
  if (aws_signer_equal (computed, signature->signature))
    return TRUE;
  set_mismatch (failure, g_strdup ("The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                                   "Access Key and signing method. Consult the service documentation for details."));
  return FALSE;
}

/* The next "Name=value" of a list separated by commas or blanks. */
static gboolean
next_parameter (const char **text,
                char       **name,
                char       **value)
{
  const char *begin = *text + strspn (*text, ", \t");
  gsize length = strcspn (begin, ", \t");
  const char *equals = memchr (begin, '=', length);

  if (length == 0)
    return FALSE;
  *text = begin + length;
  *name = g_strndup (begin, equals != NULL ? (gsize) (equals - begin) : length);
  *value = equals != NULL ? g_strndup (equals + 1, length - (gsize) (equals - begin) - 1) : g_strdup ("");
  return TRUE;
}

static gboolean
take_credential (PracticeSignature *self,
                 const char        *credential)
{
  g_auto (GStrv) parts = g_strsplit (credential, "/", 6);

  if (g_strv_length (parts) != 5 || strcmp (parts[4], "aws4_request") != 0)
    return FALSE;
  for (guint i = 0; i < 5; i++) {
    if (*parts[i] == '\0')
      return FALSE;
  }
  self->access_key_id = g_strdup (parts[0]);
  self->date = g_strdup (parts[1]);
  self->region = g_strdup (parts[2]);
  self->service = g_strdup (parts[3]);
  self->scope = g_strdup (strchr (credential, '/') + 1);
  return TRUE;
}

PracticeSignature *
practice_signature_parse (const char  *authorization,
                          char       **message)
{
  g_autoptr (PracticeSignature) self = g_new0 (PracticeSignature, 1);
  g_autofree char *credential = NULL;
  g_autofree char *headers = NULL;
  char *name = NULL;
  char *value = NULL;

  if (!g_str_has_prefix (authorization, ALGORITHM) || strchr (" \t", authorization[strlen (ALGORITHM)]) == NULL ||
      !g_utf8_validate (authorization, -1, NULL)) {
    *message = g_strdup ("Unsupported AWS 'algorithm': this service takes '" ALGORITHM "'.");
    return NULL;
  }

  authorization += strlen (ALGORITHM);
  while (next_parameter (&authorization, &name, &value)) {
    char **target = NULL;

    if (strcmp (name, "Credential") == 0)
      target = &credential;
    else if (strcmp (name, "SignedHeaders") == 0)
      target = &headers;
    else if (strcmp (name, "Signature") == 0)
      target = &self->signature;
    g_free (name);
    if (target != NULL) {
      g_free (*target);
      *target = value;
    } else {
      g_free (value);
    }
  }

  if (credential == NULL || headers == NULL || self->signature == NULL) {
    *message = g_strdup_printf ("Authorization header requires '%s' parameter.",
                                credential == NULL ? "Credential" : self->signature == NULL ? "Signature" : "SignedHeaders");
    return NULL;
  }
  if (!take_credential (self, credential)) {
    *message = g_strdup_printf ("Credential must have exactly 5 slash-delimited elements, e.g. "
                                "keyid/date/region/service/term, got '%s'", credential);
    return NULL;
  }
  self->signed_headers = g_strsplit (headers, ";", MAX_SIGNED_HEADERS + 1);
  if (!g_strv_contains ((const char *const *) self->signed_headers, "host") ||
      g_strv_length (self->signed_headers) > MAX_SIGNED_HEADERS) {
    *message = g_strdup ("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
    return NULL;
  }
  return g_steal_pointer (&self);
}

void
practice_signature_free (PracticeSignature *self)
{
  g_free (self->access_key_id);
  g_free (self->scope);
  g_free (self->date);
  g_free (self->region);
  g_free (self->service);
  g_strfreev (self->signed_headers);
  g_free (self->signature);
  g_free (self);
}

PracticePrincipal *
practice_auth_check (PracticeIam             *iam,
                     const PracticeSignature *signature,
                     const AwsSigningRequest *request,
                     gint64                   now,
                     PracticeAuthFailure     *failure)
{
  const PracticeKey *key = practice_iam_lookup_key (iam, signature->access_key_id);
  const char *amz_date = get_header (request, "X-Amz-Date");

  if (key == NULL) {
    set_unknown (failure);
    return NULL;
  }
  if (amz_date == NULL) {
    practice_auth_incomplete (failure, g_strdup ("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."));
    return NULL;
  }
  if (!check_date (signature, amz_date, now, failure) ||
      !check_token (key, request, now, failure) ||
      !check_signature (key, signature, request, amz_date, failure))
    return NULL;
  return practice_principal_ref (key->principal);
}

void
practice_auth_missing (PracticeAuthFailure *failure)
{
  set_failure (failure, "MissingAuthenticationToken", "MissingAuthenticationTokenException",
               g_strdup ("Missing Authentication Token"));
}

void
practice_auth_incomplete (PracticeAuthFailure *failure,
                          char                *message)
{
  set_failure (failure, "IncompleteSignature", "IncompleteSignatureException", message);
}
