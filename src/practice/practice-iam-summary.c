/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-iam-ops.h"

/* IAM API reference, GetAccountSummary; the quotas are those that the operations here keep to. */
static const struct {
  const char *name;
  gint64      quota;      /* where it is no count */
  const char *count;      /* SQL, or NULL */
} entries[] = {
  { "AccessKeysPerUserQuota", 2, NULL },
  { "AttachedPoliciesPerRoleQuota", 10, NULL },
  { "AttachedPoliciesPerUserQuota", 10, NULL },
  { "Policies", 0, "SELECT count (*) FROM iam_policy" },
  { "PoliciesQuota", 1500, NULL },
  { "Roles", 0, "SELECT count (*) FROM iam_role" },
  { "RolesQuota", 1000, NULL },
  { "Users", 0, "SELECT count (*) FROM iam_user" },
  { "UsersQuota", 5000, NULL },
  { "VersionsPerPolicyQuota", 5, NULL },
};

void
practice_iam_get_account_summary (PracticeCall *call,
                                  gpointer      service)
{
  PracticeIam *self = service;
  JsonObject *result = NULL;
  JsonObject *summary = NULL;

  if (!practice_iam_allow (call, "*"))
    return;
  result = json_object_new ();
  summary = json_object_new ();
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++) {
    gint64 value = entries[i].quota;

    if (entries[i].count != NULL) {
      sqlite3_stmt *row = practice_store_prepare (practice_iam_get_store (self), entries[i].count, "");

      value = sqlite3_step (row) == SQLITE_ROW ? sqlite3_column_int64 (row, 0) : 0;
      sqlite3_reset (row);
    }
    json_object_set_int_member (summary, entries[i].name, value);
  }
  json_object_set_object_member (result, "SummaryMap", summary);
  practice_call_return (call, result);
}
