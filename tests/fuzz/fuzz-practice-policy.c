/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <stdint.h>

#include "practice-json.h"
#include "practice-policy.h"

int LLVMFuzzerTestOneInput (const uint8_t *data,
                            size_t         size);

/* Policy documents: checked as each kind, and evaluated whether they are good or not. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (JsonObject) any = practice_json_parse_object (text, -1, NULL);
  g_autoptr (JsonObject) context = practice_json_parse_object ("{\"a:b\": [\"x\", \"1\"], \"aws:SourceIp\": \"10.0.0.1\"}", -1, NULL);
  g_autoptr (PracticePrincipal) user = practice_principal_new (PRACTICE_PRINCIPAL_USER, "arn:aws:iam::000000000000:user/ada", "000000000000");
  g_autoptr (PracticePrincipal) topic = practice_principal_new_service ("sns.amazonaws.com", "arn:aws:sns:us-east-1:000000000000:t", "000000000000");
  PracticePolicyRequest request = { .action = "sqs:SendMessage", .resource = "arn:aws:sqs:us-east-1:000000000000:q", .context = context };

  for (int kind = PRACTICE_POLICY_IDENTITY; kind <= PRACTICE_POLICY_TRUST; kind++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) policy = practice_policy_parse (text, (PracticePolicyKind) kind, &error);

    g_assert ((policy != NULL) == (error == NULL));
  }
  if (any != NULL) {
    request.principal = user;
    practice_policy_evaluate (any, &request);
    request.principal = topic;
    practice_policy_evaluate (any, &request);
  }
  return 0;
}
