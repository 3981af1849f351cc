/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever somebody pastes: credentials or a sentence, and no part of the text in the sentence. */
#include <stdint.h>
#include <string.h>

#include "aws/aws-credentials-text.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autofree char *region = NULL;
  g_autofree char *profile = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AwsCredentials) credentials = aws_credentials_parse ((const char *) data, (gssize) size, 1000, &region, &profile, &error);

  g_assert ((credentials == NULL) == (error != NULL));
  if (credentials != NULL) {
    g_assert (strlen (aws_credentials_get_access_key_id (credentials)) >= 16);
    g_assert (strlen (aws_credentials_get_secret (credentials)) >= 16);
    g_assert (aws_credentials_get_expires (credentials) == 0 || aws_credentials_get_expires (credentials) > 1000);
  } else {
    g_assert (g_str_has_suffix (error->message, "."));
  }
  return 0;
}
