/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-program.h"

#include <string.h>

#include "practice-form.h"

#define MAX_PATH_DEPTH 64

/* One segment of the paths. Exact names come before a variable, a variable before a greedy one. */
struct _ApigwRoute {
  GHashTable *children;   /* segment -> ApigwRoute */
  ApigwRoute *variable;
  char       *name;       /* of the variable that leads here */
  ApigwRoute *greedy;
  GPtrArray  *methods;    /* ApigwMethod, borrowed; NULL: none here */
};

static void
route_free (ApigwRoute *self)
{
  g_hash_table_unref (self->children);
  g_clear_pointer (&self->variable, route_free);
  g_clear_pointer (&self->greedy, route_free);
  g_clear_pointer (&self->methods, g_ptr_array_unref);
  g_free (self->name);
  g_free (self);
}

static ApigwRoute *
route_new (const char *name,
           gsize       length)
{
  ApigwRoute *self = g_new0 (ApigwRoute, 1);

  self->children = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) route_free);
  self->name = name != NULL ? g_strndup (name, length) : NULL;
  return self;
}

static ApigwRoute *
route_ensure (ApigwRoute *self,
              const char *part)
{
  gsize length = strlen (part);
  ApigwRoute *child = NULL;

  if (*part == '{' && g_str_has_suffix (part, "+}")) {
    if (self->greedy == NULL)
      self->greedy = route_new (part + 1, length - 3);
    return self->greedy;
  }
  if (*part == '{') {
    if (self->variable == NULL)
      self->variable = route_new (part + 1, length - 2);
    return self->variable;
  }
  child = g_hash_table_lookup (self->children, part);
  if (child == NULL) {
    child = route_new (NULL, 0);
    g_hash_table_insert (self->children, g_strdup (part), child);
  }
  return child;
}

static void
take_param (JsonObject *params,
            const char *name,
            const char *text)
{
  g_autofree char *decoded = practice_form_decode (text, strlen (text), FALSE);

  json_object_set_string_member (params, name, decoded != NULL ? decoded : text);
}

static ApigwRoute *
route_find (ApigwRoute  *self,
            char       **parts,
            JsonObject  *params)
{
  ApigwRoute *found = NULL;
  ApigwRoute *child = NULL;

  if (*parts == NULL)
    return self->methods != NULL ? self : NULL;
  child = g_hash_table_lookup (self->children, *parts);
  if (child != NULL && (found = route_find (child, parts + 1, params)) != NULL)
    return found;
  if (self->variable != NULL && **parts != '\0' && (found = route_find (self->variable, parts + 1, params)) != NULL) {
    take_param (params, self->variable->name, *parts);
    return found;
  }
  if (self->greedy != NULL && self->greedy->methods != NULL) {
    g_autofree char *rest = g_strjoinv ("/", parts);

    take_param (params, self->greedy->name, rest);
    return self->greedy;
  }
  return NULL;
}

static void
template_free (gpointer data)
{
  ApigwTemplate *self = data;

  g_free (self->content_type);
  g_free (self->error);
  g_clear_pointer (&self->vtl, practice_vtl_free);
  g_free (self);
}

static GPtrArray *
compile_templates (JsonObject *templates)
{
  GPtrArray *compiled = g_ptr_array_new_with_free_func (template_free);
  JsonObjectIter iter;
  const char *type = NULL;
  JsonNode *node = NULL;

  if (templates == NULL)
    return compiled;
  json_object_iter_init_ordered (&iter, templates);
  while (apigw_next (&iter, &type, &node)) {
    ApigwTemplate *template = g_new0 (ApigwTemplate, 1);
    const char *text = practice_json_node_get_string (node);
    g_autoptr (GError) error = NULL;

    template->content_type = g_strdup (type);
    /* An empty template hands the body through. */
    if (text != NULL && *text != '\0')
      template->vtl = practice_vtl_new (text, -1, &error);
    if (error != NULL)
      template->error = g_strdup (error->message);
    g_ptr_array_add (compiled, template);
  }
  return compiled;
}

static void
mapping_free (gpointer data)
{
  ApigwMapping *self = data;

  g_clear_pointer (&self->pattern, g_regex_unref);
  g_ptr_array_unref (self->templates);
  g_free (self);
}

static int
compare_mappings (gconstpointer a,
                  gconstpointer b)
{
  return strcmp ((*(ApigwMapping *const *) a)->status, (*(ApigwMapping *const *) b)->status);
}

static GPtrArray *
compile_mappings (JsonObject *responses)
{
  GPtrArray *mappings = g_ptr_array_new_with_free_func (mapping_free);
  JsonObjectIter iter;
  JsonNode *node = NULL;

  if (responses == NULL)
    return mappings;
  json_object_iter_init_ordered (&iter, responses);
  while (apigw_next (&iter, NULL, &node)) {
    JsonObject *response = json_node_get_object (node);
    ApigwMapping *mapping = g_new0 (ApigwMapping, 1);
    const char *pattern = practice_json_get_string (response, "selectionPattern");

    mapping->status = practice_json_get_string (response, "statusCode");
    mapping->parameters = practice_json_get_object (response, "responseParameters");
    mapping->templates = compile_templates (practice_json_get_object (response, "responseTemplates"));
    if (pattern != NULL && *pattern != '\0') {
      g_autofree char *whole = g_strdup_printf ("^(?:%s)\\z", pattern);

      mapping->pattern = g_regex_new (whole, 0, 0, NULL);
    }
    g_ptr_array_add (mappings, mapping);
  }
  g_ptr_array_sort (mappings, compare_mappings);
  return mappings;
}

static void
method_free (gpointer data)
{
  ApigwMethod *self = data;

  g_ptr_array_unref (self->templates);
  g_ptr_array_unref (self->mappings);
  g_free (self);
}

/* The settings for all methods, and on top of them those of this one. */
static void
apply_settings (ApigwMethod *self,
                JsonObject  *stage)
{
  JsonObject *all = practice_json_get_object (stage, "methodSettings");
  const char *path = self->resource_path[1] != '\0' ? self->resource_path + 1 : self->resource_path;
  g_autofree char *own = g_strdup_printf ("%s/%s", path, self->verb);
  const char *const keys[] = { "*/*", own };

  self->rate = -1;
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    JsonObject *setting = practice_json_get_object (all, keys[i]);
    const char *level = practice_json_get_string (setting, "loggingLevel");

    if (setting == NULL)
      continue;
    self->log_info = g_strcmp0 (level, "INFO") == 0;
    self->log_errors = self->log_info || g_strcmp0 (level, "ERROR") == 0;
    self->log_data = apigw_get_boolean (setting, "dataTraceEnabled");
    self->rate = apigw_get_number (setting, "throttlingRateLimit", -1);
    self->burst = apigw_get_number (setting, "throttlingBurstLimit", 5000);
  }
}

static ApigwMethod *
method_new (JsonObject *resource,
            const char *verb,
            JsonObject *document,
            JsonObject *stage)
{
  static const char *const types[] = { "MOCK", "AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY" };
  ApigwMethod *self = g_new0 (ApigwMethod, 1);
  const char *type = NULL;

  self->verb = verb;
  self->document = document;
  self->resource_id = practice_json_get_string (resource, "id");
  self->resource_path = practice_json_get_string (resource, "path");
  self->integration = practice_json_get_object (document, "methodIntegration");
  self->uri = practice_json_get_string (self->integration, "uri");
  self->credentials = practice_json_get_string (self->integration, "credentials");
  self->passthrough = practice_json_get_string (self->integration, "passthroughBehavior");
  type = practice_json_get_string (self->integration, "type");
  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    if (g_strcmp0 (type, types[i]) == 0)
      self->type = (ApigwType) i;
  }
  self->templates = compile_templates (practice_json_get_object (self->integration, "requestTemplates"));
  self->mappings = compile_mappings (practice_json_get_object (self->integration, "integrationResponses"));
  apply_settings (self, stage);
  return self;
}

ApigwProgram *
apigw_program_new (const char *region,
                   const char *stage,
                   JsonObject *document,
                   JsonObject *settings)
{
  ApigwProgram *self = g_rc_box_new0 (ApigwProgram);
  JsonObjectIter resources;
  JsonNode *node = NULL;

  self->region = g_strdup (region);
  self->stage = g_strdup (stage);
  self->api_id = g_strdup (practice_json_get_string (practice_json_get_object (document, "api"), "id"));
  self->deployment_id = g_strdup (practice_json_get_string (settings, "deploymentId"));
  self->document = json_object_ref (document);
  self->settings = settings != NULL ? json_object_ref (settings) : NULL;
  self->root = route_new (NULL, 0);
  self->methods = g_ptr_array_new_with_free_func (method_free);

  json_object_iter_init_ordered (&resources, practice_json_get_object (document, "resources"));
  while (apigw_next (&resources, NULL, &node)) {
    JsonObject *resource = json_node_get_object (node);
    JsonObject *methods = practice_json_get_object (resource, "resourceMethods");
    g_auto (GStrv) parts = g_strsplit (practice_json_get_string (resource, "path"), "/", -1);
    ApigwRoute *route = self->root;
    JsonObjectIter iter;
    const char *verb = NULL;
    JsonNode *method = NULL;

    if (methods == NULL)
      continue;
    for (guint i = 0; parts[i] != NULL; i++) {
      if (*parts[i] != '\0')
        route = route_ensure (route, parts[i]);
    }
    route->methods = g_ptr_array_new ();
    json_object_iter_init_ordered (&iter, methods);
    while (apigw_next (&iter, &verb, &method)) {
      ApigwMethod *ready = method_new (resource, verb, json_node_get_object (method), settings);

      g_ptr_array_add (self->methods, ready);
      g_ptr_array_add (route->methods, ready);
    }
  }
  return self;
}

ApigwProgram *
apigw_program_ref (ApigwProgram *self)
{
  return g_rc_box_acquire (self);
}

static void
program_clear (gpointer data)
{
  ApigwProgram *self = data;

  route_free (self->root);
  g_ptr_array_unref (self->methods);
  json_object_unref (self->document);
  g_clear_pointer (&self->settings, json_object_unref);
  g_free (self->region);
  g_free (self->api_id);
  g_free (self->stage);
  g_free (self->deployment_id);
}

void
apigw_program_unref (ApigwProgram *self)
{
  g_rc_box_release_full (self, program_clear);
}

static ApigwMethod *
pick (GPtrArray  *methods,
      const char *verb)
{
  ApigwMethod *any = NULL;

  for (guint i = 0; i < methods->len; i++) {
    ApigwMethod *method = methods->pdata[i];

    if (strcmp (method->verb, verb) == 0)
      return method;
    if (strcmp (method->verb, "ANY") == 0)
      any = method;
  }
  return any;
}

ApigwMethod *
apigw_program_find (ApigwProgram  *self,
                    const char    *verb,
                    const char    *path,
                    JsonObject   **params)
{
  g_autoptr (JsonObject) found = json_object_new ();
  g_auto (GStrv) parts = NULL;
  ApigwRoute *route = NULL;
  guint n = 0;

  while (*path == '/')
    path++;
  parts = g_strsplit (path, "/", MAX_PATH_DEPTH);
  n = g_strv_length (parts);
  /* A slash at the end means nothing. */
  if (n > 0 && *parts[n - 1] == '\0')
    g_clear_pointer (&parts[n - 1], g_free);
  route = route_find (self->root, parts, found);
  if (route == NULL)
    return NULL;
  *params = g_steal_pointer (&found);
  return pick (route->methods, verb);
}

ApigwMethod *
apigw_program_get (ApigwProgram *self,
                   const char   *resource_id,
                   const char   *verb)
{
  for (guint i = 0; i < self->methods->len; i++) {
    ApigwMethod *method = self->methods->pdata[i];

    if (strcmp (method->resource_id, resource_id) == 0 && strcmp (method->verb, verb) == 0)
      return method;
  }
  return NULL;
}

ApigwProgram *
apigw_find_program (PracticeApiGateway *self,
                    const char         *api_id,
                    const char         *stage)
{
  g_autofree char *key = g_strdup_printf ("/%s/%s", api_id, stage);
  ApigwProgram *program = g_hash_table_lookup (self->programs, key);
  g_autoptr (JsonObject) settings = NULL;
  g_autoptr (JsonObject) deployment = NULL;
  g_autofree char *region = NULL;
  sqlite3_stmt *statement = NULL;
  const char *deployment_id = NULL;

  if (program != NULL)
    return program;
  /* Ids are unique over the regions, and the invoke URL names none. */
  statement = practice_store_prepare (self->store, "SELECT region FROM apigateway_document WHERE kind = 'api' AND id = ?", "s", api_id);
  if (sqlite3_step (statement) == SQLITE_ROW)
    region = g_strdup ((const char *) sqlite3_column_text (statement, 0));
  sqlite3_reset (statement);
  if (region == NULL)
    return NULL;
  settings = apigw_load (self, region, "stage", api_id, stage);
  deployment_id = practice_json_get_string (settings, "deploymentId");
  deployment = deployment_id != NULL ? apigw_load (self, region, "deployment", api_id, deployment_id) : NULL;
  if (practice_json_get_object (deployment, "snapshot") == NULL)
    return NULL;
  program = apigw_program_new (region, stage, practice_json_get_object (deployment, "snapshot"), settings);
  g_hash_table_insert (self->programs, g_steal_pointer (&key), program);
  return program;
}
