/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a fuzzer's target without libFuzzer, on the same inputs every time: so that it builds and ends wherever the tests run. */
#include <glib.h>
#include <stdint.h>

#define N_INPUTS 2000
#define LONGEST 400

/* What the parsers' inputs are made of. */
static const char *const pieces[] = {
  "{", "}", "[", "]", "\"", ":", ",", "\n", " ", "\\", "=", "&", "%", "<", ">", "/", "$", "#", "(", ")", ".", "*", "true", "null", "-1", "1e9", "{}", "[]", "\"S\"",
  "<a>", "</a>", "\"messageId\"", "\"Message\"", "\"Statement\"", "Action", "arn:aws:sqs:us-east-1:1:q", "START RequestId: ", "REPORT RequestId: ", "2020-01-01T00:00:00Z",
  "\"type\": \"platform.start\"", "$context.requestId", "#set($a = 1)", "\xc3\xa4", "\xff",
};

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
main (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (guint i = 0; i < N_INPUTS; i++) {
    g_autoptr (GString) input = g_string_new (NULL);
    guint length = g_rand_int_range (random, 0, LONGEST);

    while (input->len < length) {
      if (g_rand_int_range (random, 0, 8) == 0)
        g_string_append_c (input, (char) g_rand_int_range (random, 0, 256));
      else
        g_string_append (input, pieces[g_rand_int_range (random, 0, G_N_ELEMENTS (pieces))]);
    }
    LLVMFuzzerTestOneInput ((const uint8_t *) input->str, input->len);
  }
  return 0;
}
