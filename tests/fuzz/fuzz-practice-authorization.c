/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <stdint.h>

#include "practice-auth.h"

int LLVMFuzzerTestOneInput (const uint8_t *data,
                            size_t         size);

/* The Authorization header, and the check of a request that bears it. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  static PracticeServer *server = NULL;
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *message = NULL;
  g_autoptr (PracticeSignature) signature = practice_signature_parse (text, &message);
  const char *headers[] = { "Host", "127.0.0.1", "X-Amz-Date", text, "X-Amz-Security-Token", text, NULL };
  AwsSigningRequest request = { .method = "POST", .path = text, .query = text, .headers = headers, .payload_sha256 = "UNSIGNED-PAYLOAD" };
  PracticeAuthFailure failure = { 0 };
  PracticePrincipal *principal = NULL;

  if (signature == NULL) {
    g_assert_nonnull (message);
    return 0;
  }
  if (server == NULL) {
    g_autoptr (PracticeStore) store = practice_store_new (NULL, NULL);

    server = practice_server_new (store);
  }
  /* A known key, so that date and signature are looked at too; nobody guesses its secret. */
  g_free (signature->access_key_id);
  signature->access_key_id = g_strdup (aws_credentials_get_access_key_id (practice_iam_get_root (practice_server_get_iam (server))));
  principal = practice_auth_check (practice_server_get_iam (server), signature, &request, 1700000000, &failure);
  g_assert_null (principal);
  g_assert_nonnull (failure.message);
  g_free (failure.message);
  return 0;
}
