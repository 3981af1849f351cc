/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-private.h"

#include <string.h>

/* What keys and usage plans mean when a request comes. */

typedef struct {
  double tokens;
  gint64 filled;   /* microseconds, monotonic */
} ApigwBucket;

gboolean
apigw_take_token (PracticeApiGateway *self,
                  const char         *name,
                  double              rate,
                  double              burst)
{
  ApigwBucket *bucket = g_hash_table_lookup (self->buckets, name);
  gint64 now = g_get_monotonic_time ();

  if (bucket == NULL) {
    bucket = g_new0 (ApigwBucket, 1);
    bucket->tokens = burst;
    bucket->filled = now;
    g_hash_table_insert (self->buckets, g_strdup (name), bucket);
  }
  bucket->tokens = MIN (burst, bucket->tokens + rate * (double) (now - bucket->filled) / G_USEC_PER_SEC);
  bucket->filled = now;
  if (bucket->tokens < 1)
    return FALSE;
  bucket->tokens -= 1;
  return TRUE;
}

/* The beginning of the quota's period that is running, in UTC. */
static gint64
period_start (const char *period)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) day = g_date_time_new_utc (g_date_time_get_year (now), g_date_time_get_month (now),
                                                   strcmp (period, "MONTH") == 0 ? 1 : g_date_time_get_day_of_month (now), 0, 0, 0);

  if (strcmp (period, "WEEK") == 0)
    return g_date_time_to_unix (day) - (gint64) (g_date_time_get_day_of_week (now) % 7) * 86400;
  return g_date_time_to_unix (day);
}

/* Counts one more use; FALSE where the quota is used up. */
static gboolean
take_quota (PracticeApiGateway *self,
            JsonObject         *quota,
            const char         *plan_id,
            const char         *key_id)
{
  const char *period = practice_json_get_string (quota, "period");
  gint64 since = period_start (period != NULL ? period : "DAY");
  sqlite3_stmt *statement = practice_store_prepare (self->store, "SELECT used FROM apigateway_usage WHERE plan = ? AND key = ? AND since = ?",
                                                    "ssi", plan_id, key_id, since);
  gint64 used = sqlite3_step (statement) == SQLITE_ROW ? sqlite3_column_int64 (statement, 0) : 0;

  sqlite3_reset (statement);
  if ((double) used >= apigw_get_number (quota, "limit", 0))
    return FALSE;
  practice_store_run (self->store, "INSERT INTO apigateway_usage (plan, key, since, used) VALUES (?, ?, ?, ?)"
                                   " ON CONFLICT (plan, key) DO UPDATE SET since = excluded.since, used = excluded.used",
                      "ssii", plan_id, key_id, since, used + 1);
  return TRUE;
}

gboolean
apigw_check_key (PracticeApiGateway  *self,
                 const char          *region,
                 const char          *api_id,
                 const char          *stage,
                 const char          *value,
                 char               **key_id,
                 const char         **throttled)
{
  g_autoptr (JsonArray) keys = apigw_list (self, region, "key", "");
  g_autoptr (JsonArray) plans = NULL;
  const char *id = NULL;

  *throttled = NULL;
  for (guint i = 0; value != NULL && i < json_array_get_length (keys); i++) {
    JsonObject *key = json_array_get_object_element (keys, i);

    if (apigw_get_boolean (key, "enabled") && g_strcmp0 (practice_json_get_string (key, "value"), value) == 0)
      id = practice_json_get_string (key, "id");
  }
  if (id == NULL)
    return FALSE;
  plans = apigw_list (self, region, "plan", "");
  for (guint i = 0; i < json_array_get_length (plans); i++) {
    JsonObject *plan = json_array_get_object_element (plans, i);
    const char *plan_id = practice_json_get_string (plan, "id");
    JsonArray *stages = practice_json_get_array (plan, "apiStages");
    JsonObject *throttle = practice_json_get_object (plan, "throttle");
    JsonObject *quota = practice_json_get_object (plan, "quota");
    g_autoptr (JsonObject) held = apigw_load (self, region, "plankey", plan_id, id);
    g_autofree char *bucket = g_strdup_printf ("%s/%s", plan_id, id);
    gboolean covered = FALSE;

    for (guint k = 0; stages != NULL && k < json_array_get_length (stages); k++) {
      JsonObject *s = json_array_get_object_element (stages, k);

      covered = covered || (g_strcmp0 (practice_json_get_string (s, "apiId"), api_id) == 0 && g_strcmp0 (practice_json_get_string (s, "stage"), stage) == 0);
    }
    if (held == NULL || !covered)
      continue;
    *key_id = g_strdup (id);
    if (throttle != NULL && !apigw_take_token (self, bucket, apigw_get_number (throttle, "rateLimit", 10000), apigw_get_number (throttle, "burstLimit", 5000)))
      *throttled = "Too Many Requests";
    else if (quota != NULL && !take_quota (self, quota, plan_id, id))
      *throttled = "Limit Exceeded";
    return TRUE;
  }
  return FALSE;
}
