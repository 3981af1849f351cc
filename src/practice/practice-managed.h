/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * practice_managed_lookup:
 * @arn: "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
 *
 * One of AWS's own managed policies: {"Arn", "PolicyName", "Path", "PolicyId", "DefaultVersionId", "CreateDate", "UpdateDate", "Description",
 * "Document"}. Those that tutorials name are there (AWS Managed Policy Reference).
 *
 * Returns: (transfer none) (nullable): the policy
 */
JsonObject *practice_managed_lookup (const char *arn);
/* (transfer none): all of them, by name. */
JsonArray  *practice_managed_list   (void);

G_END_DECLS
