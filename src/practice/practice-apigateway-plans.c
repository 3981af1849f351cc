/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-private.h"

#include <string.h>

/* API keys and usage plans. */

static JsonObject *
load_key (PracticeApiGateway *self,
          PracticeCall       *call,
          const char         *id)
{
  JsonObject *key = apigw_load (self, practice_call_get_region (call), "key", "", id);

  if (key == NULL)
    apigw_not_found (call, "Invalid API Key identifier specified");
  return key;
}

/* Without its value, as most answers have it. */
static JsonObject *
show_key (JsonObject *key,
          gboolean    with_value)
{
  JsonObject *shown = json_object_new ();
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *node = NULL;

  json_object_iter_init_ordered (&iter, key);
  while (apigw_next (&iter, &name, &node)) {
    if (with_value || strcmp (name, "value") != 0)
      json_object_set_member (shown, name, json_node_copy (node));
  }
  return shown;
}

static gboolean
wants_values (PracticeCall *call,
              const char   *name)
{
  return g_strcmp0 (practice_json_get_string (practice_call_get_params (call), name), "true") == 0;
}

void
apigw_create_api_key (PracticeApiGateway *self,
                      PracticeCall       *call)
{
  const char *region = practice_call_get_region (call);
  const char *name = practice_call_get_string (call, "name");
  const char *value = practice_call_get_string (call, "value");
  const char *description = practice_call_get_string (call, "description");
  JsonObject *tags = practice_call_get_object (call, "tags");
  g_autoptr (JsonArray) keys = NULL;
  g_autoptr (JsonObject) key = NULL;
  g_autofree char *id = apigw_new_id (10);
  g_autofree char *made = NULL;
  g_autofree char *path = NULL;
  gboolean enabled = FALSE;

  practice_call_get_boolean (call, "enabled", &enabled);
  if (practice_call_is_answered (call))
    return;
  if (name != NULL && g_utf8_strlen (name, -1) > 1024) {
    apigw_bad_request (call, "Invalid API Key name, can be at most 1024 characters.");
    return;
  }
  if (description != NULL && g_utf8_strlen (description, -1) > 125000) {
    apigw_bad_request (call, "Invalid API Key description specified.");
    return;
  }
  if (value != NULL && strlen (value) < 20) {
    apigw_bad_request (call, "API Key value should be at least 20 characters");
    return;
  }
  if (value != NULL && strlen (value) > 128) {
    apigw_bad_request (call, "API Key value exceeds maximum size of 128 characters");
    return;
  }
  if (value == NULL)
    value = made = apigw_new_id (40);
  keys = apigw_list (self, region, "key", "");
  for (guint i = 0; i < json_array_get_length (keys); i++) {
    if (g_strcmp0 (practice_json_get_string (json_array_get_object_element (keys, i), "value"), value) == 0) {
      practice_call_fail (call, 409, "ConflictException", "API Key already exists");
      return;
    }
  }
  key = json_object_new ();
  json_object_set_string_member (key, "id", id);
  json_object_set_string_member (key, "value", value);
  if (name != NULL && *name != '\0')
    json_object_set_string_member (key, "name", name);
  apigw_copy (call, key, "description", "customerId", NULL);
  json_object_set_boolean_member (key, "enabled", enabled);
  json_object_set_int_member (key, "createdDate", apigw_now ());
  json_object_set_int_member (key, "lastUpdatedDate", apigw_now ());
  json_object_set_array_member (key, "stageKeys", json_array_new ());
  json_object_set_object_member (key, "tags", tags != NULL ? json_object_ref (tags) : json_object_new ());
  apigw_save (self, region, "key", "", id, key);
  path = g_strconcat ("/apikeys/", id, NULL);
  apigw_emit (self, call, "resource-created", "AWS::ApiGateway::ApiKey", path, name);
  apigw_return (call, 201, key);
}

void
apigw_get_api_key (PracticeApiGateway *self,
                   PracticeCall       *call)
{
  g_autoptr (JsonObject) key = load_key (self, call, apigw_label (call, "api_key"));
  g_autoptr (JsonObject) shown = NULL;

  if (key == NULL)
    return;
  shown = show_key (key, wants_values (call, "includeValue"));
  apigw_return (call, 200, shown);
}

void
apigw_get_api_keys (PracticeApiGateway *self,
                    PracticeCall       *call)
{
  g_autoptr (JsonArray) keys = apigw_list (self, practice_call_get_region (call), "key", "");
  const char *name = practice_json_get_string (practice_call_get_params (call), "name");
  JsonArray *items = json_array_new ();

  for (guint i = 0; i < json_array_get_length (keys); i++) {
    JsonObject *key = json_array_get_object_element (keys, i);
    const char *key_name = practice_json_get_string (key, "name");

    if (name == NULL || (key_name != NULL && g_str_has_prefix (key_name, name)))
      json_array_add_object_element (items, show_key (key, wants_values (call, "includeValues")));
  }
  apigw_return_items (call, "item", items);
}

static gboolean
patch_key (PracticeApiGateway *self,
           PracticeCall       *call,
           JsonObject         *key,
           const ApigwPatch   *patch)
{
  const char *const texts[] = { "description", "name", "customerId", NULL };
  const char *const booleans[] = { "enabled", NULL };

  if (apigw_patch_text (key, patch, texts) || apigw_patch_boolean (key, patch, booleans))
    return TRUE;
  apigw_bad_request (call, "Invalid patch path  '%s' specified for op '%s'. Must be one of: [/description, /enabled, /name, /customerId]",
                     patch->path, patch->op);
  return FALSE;
}

void
apigw_update_api_key (PracticeApiGateway *self,
                      PracticeCall       *call)
{
  g_autoptr (JsonObject) key = load_key (self, call, apigw_label (call, "api_key"));
  g_autoptr (JsonObject) shown = NULL;

  if (key == NULL || !apigw_patch (self, call, "updateApiKeyInput", key, patch_key))
    return;
  json_object_set_int_member (key, "lastUpdatedDate", apigw_now ());
  apigw_save (self, practice_call_get_region (call), "key", "", apigw_label (call, "api_key"), key);
  shown = show_key (key, FALSE);
  apigw_return (call, 200, shown);
}

void
apigw_delete_api_key (PracticeApiGateway *self,
                      PracticeCall       *call)
{
  const char *region = practice_call_get_region (call);
  const char *id = apigw_label (call, "api_key");
  g_autoptr (JsonObject) key = load_key (self, call, id);
  g_autoptr (JsonArray) plans = NULL;
  g_autofree char *path = NULL;

  if (key == NULL)
    return;
  plans = apigw_list (self, region, "plan", "");
  for (guint i = 0; i < json_array_get_length (plans); i++)
    apigw_remove (self, region, "plankey", practice_json_get_string (json_array_get_object_element (plans, i), "id"), id);
  apigw_remove (self, region, "key", "", id);
  path = g_strconcat ("/apikeys/", id, NULL);
  apigw_emit (self, call, "resource-deleted", "AWS::ApiGateway::ApiKey", path, practice_json_get_string (key, "name"));
  apigw_return (call, 202, NULL);
}

/* ── usage plans ── */

static JsonObject *
load_plan (PracticeApiGateway *self,
           PracticeCall       *call)
{
  JsonObject *plan = apigw_load (self, practice_call_get_region (call), "plan", "", apigw_label (call, "plan_id"));

  if (plan == NULL)
    apigw_not_found (call, "Invalid Usage Plan ID specified");
  return plan;
}

static gboolean
check_stage_of_plan (PracticeApiGateway *self,
                     PracticeCall       *call,
                     const char         *plan_id,
                     const char         *api_id,
                     const char         *stage)
{
  g_autoptr (JsonObject) found = apigw_load (self, practice_call_get_region (call), "stage", api_id != NULL ? api_id : "",
                                             stage != NULL ? stage : "");
  g_autofree char *message = NULL;

  if (found != NULL)
    return TRUE;
  message = g_strdup_printf ("Invalid API Stage {api: %s, stage: %s} specified for usageplan %s", api_id, stage, plan_id);
  apigw_not_found (call, message);
  return FALSE;
}

static gboolean
check_quota (PracticeCall *call,
             JsonObject   *quota)
{
  const char *const periods[] = { "DAY", "WEEK", "MONTH", NULL };
  const char *period = practice_json_get_string (quota, "period");

  if (quota == NULL)
    return TRUE;
  if (period == NULL || !g_strv_contains (periods, period) || apigw_get_number (quota, "limit", 0) < 1) {
    apigw_bad_request (call, "Usage Plan quota needs a limit above 0 and a period: DAY, WEEK or MONTH");
    return FALSE;
  }
  return TRUE;
}

void
apigw_create_usage_plan (PracticeApiGateway *self,
                         PracticeCall       *call)
{
  const char *name = practice_call_get_string (call, "name");
  JsonArray *stages = practice_call_get_array (call, "apiStages");
  JsonObject *quota = practice_call_get_object (call, "quota");
  JsonObject *throttle = practice_call_get_object (call, "throttle");
  g_autoptr (JsonObject) plan = NULL;
  g_autofree char *id = apigw_new_id (6);
  g_autofree char *path = NULL;

  if (practice_call_is_answered (call))
    return;
  if (name == NULL || *name == '\0') {
    apigw_bad_request (call, "Usage Plan name cannot be blank");
    return;
  }
  if (!check_quota (call, quota))
    return;
  for (guint i = 0; stages != NULL && i < json_array_get_length (stages); i++) {
    JsonNode *node = json_array_get_element (stages, i);
    JsonObject *stage = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

    if (!check_stage_of_plan (self, call, id, practice_json_get_string (stage, "apiId"), practice_json_get_string (stage, "stage")))
      return;
  }
  plan = json_object_new ();
  json_object_set_string_member (plan, "id", id);
  json_object_set_string_member (plan, "name", name);
  json_object_set_array_member (plan, "apiStages", json_array_new ());
  apigw_copy (call, plan, "description", "apiStages", "quota", "tags", NULL);
  if (throttle != NULL) {
    JsonObject *own = apigw_ensure (plan, "throttle");

    json_object_set_int_member (own, "burstLimit", (gint64) apigw_get_number (throttle, "burstLimit", 0));
    json_object_set_double_member (own, "rateLimit", apigw_get_number (throttle, "rateLimit", 0));
  }
  apigw_save (self, practice_call_get_region (call), "plan", "", id, plan);
  path = g_strconcat ("/usageplans/", id, NULL);
  apigw_emit (self, call, "resource-created", "AWS::ApiGateway::UsagePlan", path, name);
  apigw_return (call, 201, plan);
}

void
apigw_get_usage_plan (PracticeApiGateway *self,
                      PracticeCall       *call)
{
  g_autoptr (JsonObject) plan = load_plan (self, call);

  if (plan != NULL)
    apigw_return (call, 200, plan);
}

void
apigw_get_usage_plans (PracticeApiGateway *self,
                       PracticeCall       *call)
{
  const char *region = practice_call_get_region (call);
  const char *key_id = practice_json_get_string (practice_call_get_params (call), "keyId");
  g_autoptr (JsonArray) plans = apigw_list (self, region, "plan", "");
  JsonArray *items = json_array_new ();

  for (guint i = 0; i < json_array_get_length (plans); i++) {
    JsonObject *plan = json_array_get_object_element (plans, i);
    g_autoptr (JsonObject) held = key_id == NULL ? NULL : apigw_load (self, region, "plankey", practice_json_get_string (plan, "id"), key_id);

    if (key_id == NULL || held != NULL)
      json_array_add_object_element (items, json_object_ref (plan));
  }
  apigw_return_items (call, "item", items);
}

static gboolean
patch_plan_stages (PracticeApiGateway *self,
                   PracticeCall       *call,
                   JsonObject         *plan,
                   const ApigwPatch   *patch)
{
  g_auto (GStrv) parts = patch->value != NULL ? g_strsplit (patch->value, ":", 2) : NULL;
  JsonArray *before = practice_json_get_array (plan, "apiStages");
  JsonArray *after = NULL;
  JsonObject *added = NULL;

  if (parts == NULL || g_strv_length (parts) != 2) {
    apigw_bad_request (call, "Invalid API Stage specified");
    return FALSE;
  }
  if (!check_stage_of_plan (self, call, practice_json_get_string (plan, "id"), parts[0], parts[1]))
    return FALSE;
  after = json_array_new ();
  for (guint i = 0; before != NULL && i < json_array_get_length (before); i++) {
    JsonObject *stage = json_array_get_object_element (before, i);

    if (g_strcmp0 (practice_json_get_string (stage, "apiId"), parts[0]) != 0 || g_strcmp0 (practice_json_get_string (stage, "stage"), parts[1]) != 0)
      json_array_add_object_element (after, json_object_ref (stage));
  }
  if (strcmp (patch->op, "add") == 0) {
    added = json_object_new ();
    json_object_set_string_member (added, "apiId", parts[0]);
    json_object_set_string_member (added, "stage", parts[1]);
    json_array_add_object_element (after, added);
  }
  json_object_set_array_member (plan, "apiStages", after);
  return TRUE;
}

static gboolean
patch_plan (PracticeApiGateway *self,
            PracticeCall       *call,
            JsonObject         *plan,
            const ApigwPatch   *patch)
{
  const char *const texts[] = { "name", "description", "productCode", NULL };
  gboolean removes = strcmp (patch->op, "remove") == 0;

  if (strcmp (patch->path, "/apiStages") == 0)
    return patch_plan_stages (self, call, plan, patch);
  if (patch->n_parts == 1 && removes && (strcmp (patch->parts[0], "throttle") == 0 || strcmp (patch->parts[0], "quota") == 0)) {
    json_object_remove_member (plan, patch->parts[0]);
    return TRUE;
  }
  if (strcmp (patch->path, "/quota/period") == 0 && patch->value != NULL) {
    json_object_set_string_member (apigw_ensure (plan, "quota"), "period", patch->value);
    return TRUE;
  }
  if (strcmp (patch->path, "/throttle/rateLimit") == 0 || strcmp (patch->path, "/throttle/burstLimit") == 0 ||
      strcmp (patch->path, "/quota/limit") == 0 || strcmp (patch->path, "/quota/offset") == 0) {
    char *end = NULL;
    double number = patch->value != NULL ? g_ascii_strtod (patch->value, &end) : 0;

    if (patch->value == NULL || end == patch->value || *end != '\0' || number < 0 || number > 1e12) {
      apigw_bad_request (call, "Invalid value for %s: it must be a number", patch->path);
      return FALSE;
    }
    if (strcmp (patch->parts[1], "rateLimit") == 0)
      json_object_set_double_member (apigw_ensure (plan, patch->parts[0]), patch->parts[1], number);
    else
      json_object_set_int_member (apigw_ensure (plan, patch->parts[0]), patch->parts[1], (gint64) number);
    return TRUE;
  }
  return apigw_patch_text (plan, patch, texts);
}

void
apigw_update_usage_plan (PracticeApiGateway *self,
                         PracticeCall       *call)
{
  g_autoptr (JsonObject) plan = load_plan (self, call);

  if (plan == NULL || !apigw_patch (self, call, "updateUsagePlanInput", plan, patch_plan) ||
      !check_quota (call, practice_json_get_object (plan, "quota")))
    return;
  apigw_save (self, practice_call_get_region (call), "plan", "", apigw_label (call, "plan_id"), plan);
  apigw_return (call, 200, plan);
}

void
apigw_delete_usage_plan (PracticeApiGateway *self,
                         PracticeCall       *call)
{
  const char *region = practice_call_get_region (call);
  const char *id = apigw_label (call, "plan_id");
  g_autoptr (JsonObject) plan = load_plan (self, call);
  JsonArray *stages = NULL;
  g_autofree char *path = NULL;

  if (plan == NULL)
    return;
  stages = practice_json_get_array (plan, "apiStages");
  if (stages != NULL && json_array_get_length (stages) > 0) {
    apigw_bad_request (call, "Cannot delete Usage Plan %s because API stages are associated to it. Please remove all API stages from the usage "
                             "plan and try again.", id);
    return;
  }
  apigw_remove (self, region, "plan", "", id);
  apigw_remove (self, region, "plankey", id, NULL);
  practice_store_run (self->store, "DELETE FROM apigateway_usage WHERE plan = ?", "s", id);
  path = g_strconcat ("/usageplans/", id, NULL);
  apigw_emit (self, call, "resource-deleted", "AWS::ApiGateway::UsagePlan", path, practice_json_get_string (plan, "name"));
  apigw_return (call, 202, NULL);
}

static JsonObject *
show_plan_key (JsonObject *key)
{
  JsonObject *shown = json_object_new ();

  json_object_set_string_member (shown, "id", practice_json_get_string (key, "id"));
  json_object_set_string_member (shown, "type", "API_KEY");
  json_object_set_string_member (shown, "value", practice_json_get_string (key, "value"));
  if (practice_json_get_string (key, "name") != NULL)
    json_object_set_string_member (shown, "name", practice_json_get_string (key, "name"));
  return shown;
}

void
apigw_create_usage_plan_key (PracticeApiGateway *self,
                             PracticeCall       *call)
{
  const char *region = practice_call_get_region (call);
  const char *plan_id = apigw_label (call, "plan_id");
  const char *key_id = practice_call_get_string (call, "keyId");
  g_autoptr (JsonObject) plan = load_plan (self, call);
  g_autoptr (JsonObject) key = NULL;
  g_autoptr (JsonObject) before = NULL;
  g_autoptr (JsonObject) shown = NULL;

  if (plan == NULL || practice_call_is_answered (call))
    return;
  if (g_strcmp0 (practice_call_get_string (call, "keyType"), "API_KEY") != 0) {
    apigw_bad_request (call, "Usage Plan Key type must be API_KEY");
    return;
  }
  key = load_key (self, call, key_id != NULL ? key_id : "");
  if (key == NULL)
    return;
  before = apigw_load (self, region, "plankey", plan_id, key_id);
  if (before != NULL) {
    practice_call_fail (call, 409, "ConflictException", "Usage plan %s already has the API key %s", plan_id, key_id);
    return;
  }
  shown = show_plan_key (key);
  apigw_save (self, region, "plankey", plan_id, key_id, shown);
  apigw_return (call, 201, shown);
}

void
apigw_get_usage_plan_key (PracticeApiGateway *self,
                          PracticeCall       *call)
{
  g_autoptr (JsonObject) key = apigw_load (self, practice_call_get_region (call), "plankey", apigw_label (call, "plan_id"),
                                           apigw_label (call, "key_id"));

  if (key == NULL)
    apigw_not_found (call, "Invalid Usage Plan Key identifier specified");
  else
    apigw_return (call, 200, key);
}

void
apigw_get_usage_plan_keys (PracticeApiGateway *self,
                           PracticeCall       *call)
{
  g_autoptr (JsonObject) plan = load_plan (self, call);

  if (plan != NULL)
    apigw_return_items (call, "item", apigw_list (self, practice_call_get_region (call), "plankey", apigw_label (call, "plan_id")));
}

void
apigw_delete_usage_plan_key (PracticeApiGateway *self,
                             PracticeCall       *call)
{
  g_autoptr (JsonObject) plan = load_plan (self, call);

  if (plan == NULL)
    return;
  if (!apigw_remove (self, practice_call_get_region (call), "plankey", apigw_label (call, "plan_id"), apigw_label (call, "key_id")))
    apigw_not_found (call, "Invalid Usage Plan Key identifier specified");
  else
    apigw_return (call, 202, NULL);
}
