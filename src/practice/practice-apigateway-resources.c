/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-private.h"

#include <string.h>

static gboolean
is_variable (const char *part)
{
  return *part == '{';
}

static gboolean
is_greedy (const char *part)
{
  return is_variable (part) && g_str_has_suffix (part, "+}");
}

/* "pets", "{petId}", "{proxy+}" (API Gateway API reference, CreateResource). */
static gboolean
is_valid_part (const char *part)
{
  gsize length = strlen (part);
  const char *end = part + length;

  if (length == 0)
    return FALSE;
  if (is_variable (part)) {
    if (length < 3 || part[length - 1] != '}')
      return FALSE;
    end = is_greedy (part) ? end - 2 : end - 1;
    part++;
    if (part == end)
      return FALSE;
  }
  for (; part < end; part++) {
    if (!g_ascii_isalnum (*part) && strchr ("._-:,", *part) == NULL)
      return FALSE;
  }
  return TRUE;
}

static char *
join_path (JsonObject *parent,
           const char *part)
{
  const char *path = practice_json_get_string (parent, "path");

  return g_strconcat (strcmp (path, "/") == 0 ? "" : path, "/", part, NULL);
}

JsonObject *
apigw_add_resource (JsonObject *document,
                    JsonObject *parent,
                    const char *part)
{
  JsonObject *resource = json_object_new ();
  /* A root's id has ten characters, the others' six. */
  g_autofree char *id = apigw_new_id (parent == NULL ? 10 : 6);

  json_object_set_string_member (resource, "id", id);
  if (parent != NULL) {
    g_autofree char *path = join_path (parent, part);

    json_object_set_string_member (resource, "parentId", practice_json_get_string (parent, "id"));
    json_object_set_string_member (resource, "pathPart", part);
    json_object_set_string_member (resource, "path", path);
  } else {
    json_object_set_string_member (resource, "path", "/");
    json_object_set_string_member (practice_json_get_object (document, "api"), "rootResourceId", id);
  }
  json_object_set_object_member (practice_json_get_object (document, "resources"), id, resource);
  return resource;
}

static JsonObject *
find_child (JsonObject *document,
            JsonObject *parent,
            const char *part)
{
  JsonObjectIter iter;
  JsonNode *node = NULL;

  json_object_iter_init_ordered (&iter, practice_json_get_object (document, "resources"));
  while (apigw_next (&iter, NULL, &node)) {
    JsonObject *resource = json_node_get_object (node);

    if (g_strcmp0 (practice_json_get_string (resource, "parentId"), practice_json_get_string (parent, "id")) == 0 &&
        g_strcmp0 (practice_json_get_string (resource, "pathPart"), part) == 0)
      return resource;
  }
  return NULL;
}

JsonObject *
apigw_ensure_path (JsonObject *document,
                   const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  const char *root = practice_json_get_string (practice_json_get_object (document, "api"), "rootResourceId");
  JsonObject *resource = practice_json_get_object (practice_json_get_object (document, "resources"), root);

  for (guint i = 0; parts[i] != NULL; i++) {
    JsonObject *child = NULL;

    if (*parts[i] == '\0')
      continue;
    if (!is_valid_part (parts[i]))
      return NULL;
    child = find_child (document, resource, parts[i]);
    resource = child != NULL ? child : apigw_add_resource (document, resource, parts[i]);
  }
  return resource;
}

/* As it is answered: methods only by name unless they are asked for. */
static JsonObject *
show (JsonObject *resource,
      gboolean    with_methods)
{
  JsonObject *methods = practice_json_get_object (resource, "resourceMethods");
  JsonObject *shown = NULL;
  JsonObject *names = NULL;
  JsonObjectIter iter;
  const char *name = NULL;

  if (methods == NULL || with_methods)
    return json_object_ref (resource);
  shown = json_object_new ();
  for (guint i = 0; i < 4; i++) {
    static const char *const members[] = { "id", "parentId", "pathPart", "path" };

    if (practice_json_get_string (resource, members[i]) != NULL)
      json_object_set_string_member (shown, members[i], practice_json_get_string (resource, members[i]));
  }
  names = apigw_ensure (shown, "resourceMethods");
  json_object_iter_init_ordered (&iter, methods);
  while (apigw_next (&iter, &name, NULL))
    json_object_set_object_member (names, name, json_object_new ());
  return shown;
}

/* "embed=methods". */
static gboolean
embeds_methods (PracticeCall *call)
{
  JsonArray *embed = practice_call_get_array (call, "embed");

  for (guint i = 0; embed != NULL && i < json_array_get_length (embed); i++) {
    JsonNode *node = json_array_get_element (embed, i);

    if (g_strcmp0 (practice_json_node_get_string (node), "methods") == 0)
      return TRUE;
  }
  return FALSE;
}

void
apigw_get_resources (PracticeApiGateway *self,
                     PracticeCall       *call)
{
  g_autoptr (JsonObject) document = apigw_load_api (self, call);
  gboolean with_methods = embeds_methods (call);
  JsonArray *items = NULL;
  JsonObjectIter iter;
  JsonNode *node = NULL;

  if (document == NULL || practice_call_is_answered (call))
    return;
  items = json_array_new ();
  json_object_iter_init_ordered (&iter, practice_json_get_object (document, "resources"));
  while (apigw_next (&iter, NULL, &node))
    json_array_add_object_element (items, show (json_node_get_object (node), with_methods));
  apigw_return_items (call, "item", items);
}

void
apigw_get_resource (PracticeApiGateway *self,
                    PracticeCall       *call)
{
  g_autoptr (JsonObject) document = NULL;
  JsonObject *resource = apigw_load_resource (self, call, &document);
  g_autoptr (JsonObject) shown = NULL;

  if (resource == NULL)
    return;
  shown = show (resource, embeds_methods (call));
  apigw_return (call, 200, shown);
}

/* Whether @part may stand below @parent; @itself is the resource that is being renamed, or NULL. */
static gboolean
check_part (PracticeCall *call,
            JsonObject   *document,
            JsonObject   *parent,
            const char   *part,
            JsonObject   *itself)
{
  const char *parent_part = practice_json_get_string (parent, "pathPart");
  JsonObjectIter iter;
  JsonNode *node = NULL;

  if (part == NULL || !is_valid_part (part)) {
    apigw_bad_request (call, "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the "
                             "beginning and the end.");
    return FALSE;
  }
  if (parent_part != NULL && is_greedy (parent_part)) {
    apigw_bad_request (call, "Cannot create a child of a resource with a greedy path variable: %s", parent_part);
    return FALSE;
  }
  json_object_iter_init_ordered (&iter, practice_json_get_object (document, "resources"));
  while (apigw_next (&iter, NULL, &node)) {
    JsonObject *resource = json_node_get_object (node);
    const char *other = practice_json_get_string (resource, "pathPart");

    if (resource == itself || other == NULL ||
        g_strcmp0 (practice_json_get_string (resource, "parentId"), practice_json_get_string (parent, "id")) != 0)
      continue;
    if (strcmp (other, part) == 0) {
      practice_call_fail (call, 409, "ConflictException", "Another resource with the same parent already has this name: %s", part);
      return FALSE;
    }
    if (is_variable (other) && is_variable (part)) {
      apigw_bad_request (call, "A sibling (%s) of this resource already has a variable path part -- only one is allowed", other);
      return FALSE;
    }
  }
  return TRUE;
}

void
apigw_create_resource (PracticeApiGateway *self,
                       PracticeCall       *call)
{
  g_autoptr (JsonObject) document = apigw_load (self, practice_call_get_region (call), "api", "", apigw_label (call, "restapi_id"));
  const char *part = practice_call_get_string (call, "pathPart");
  JsonObject *parent = NULL;
  JsonObject *resource = NULL;
  g_autofree char *path = NULL;

  if (practice_call_is_answered (call))
    return;
  parent = document == NULL ? NULL : practice_json_get_object (practice_json_get_object (document, "resources"), apigw_label (call, "parent_id"));
  if (parent == NULL) {
    apigw_not_found (call, "Invalid Resource identifier specified");
    return;
  }
  if (!check_part (call, document, parent, part, NULL))
    return;
  resource = apigw_add_resource (document, parent, part);
  apigw_save_api (self, call, document);
  path = g_strdup_printf ("/restapis/%s/resources/%s", apigw_label (call, "restapi_id"), practice_json_get_string (resource, "id"));
  apigw_emit (self, call, "resource-created", "AWS::ApiGateway::Resource", path, practice_json_get_string (resource, "path"));
  apigw_return (call, 201, resource);
}

/* Writes the paths of all resources anew. */
static void
renew_paths (JsonObject *document)
{
  JsonObject *resources = practice_json_get_object (document, "resources");
  JsonObjectIter iter;
  JsonNode *node = NULL;

  json_object_iter_init_ordered (&iter, resources);
  while (apigw_next (&iter, NULL, &node)) {
    JsonObject *resource = json_node_get_object (node);
    g_autofree char *path = g_strdup ("");

    for (JsonObject *r = resource; r != NULL && practice_json_get_string (r, "pathPart") != NULL;
         r = practice_json_get_object (resources, practice_json_get_string (r, "parentId"))) {
      char *longer = g_strconcat ("/", practice_json_get_string (r, "pathPart"), path, NULL);

      g_free (path);
      path = longer;
    }
    json_object_set_string_member (resource, "path", *path != '\0' ? path : "/");
  }
}

static gboolean
patch_resource (PracticeApiGateway *self,
                PracticeCall       *call,
                JsonObject         *document,
                const ApigwPatch   *patch)
{
  JsonObject *resources = practice_json_get_object (document, "resources");
  JsonObject *resource = practice_json_get_object (resources, apigw_label (call, "resource_id"));
  JsonObject *parent = NULL;
  gboolean is_part = strcmp (patch->path, "/pathPart") == 0;

  if (strcmp (patch->op, "replace") != 0) {
    apigw_bad_request (call, "Invalid patch path  '%s' specified for op '%s'. Please choose supported operations", patch->path, patch->op);
    return FALSE;
  }
  if (!is_part && strcmp (patch->path, "/parentId") != 0) {
    apigw_bad_request (call, "Invalid patch path  '%s' specified for op '%s'. Must be one of: [/parentId, /pathPart]", patch->path, patch->op);
    return FALSE;
  }
  if (practice_json_get_string (resource, "pathPart") == NULL) {
    apigw_bad_request (call, "Root resource cannot update its %s.", is_part ? "pathPart" : "parentId");
    return FALSE;
  }
  if (is_part) {
    parent = practice_json_get_object (resources, practice_json_get_string (resource, "parentId"));
    if (!check_part (call, document, parent, patch->value, resource))
      return FALSE;
    json_object_set_string_member (resource, "pathPart", patch->value);
  } else {
    parent = patch->value != NULL ? practice_json_get_object (resources, patch->value) : NULL;
    if (parent == NULL) {
      apigw_not_found (call, "Invalid Resource identifier specified");
      return FALSE;
    }
    for (JsonObject *r = parent; r != NULL;) {
      const char *next = practice_json_get_string (r, "parentId");

      if (r == resource) {
        apigw_bad_request (call, "Resources cannot be cyclical.");
        return FALSE;
      }
      r = next != NULL ? practice_json_get_object (resources, next) : NULL;
    }
    if (!check_part (call, document, parent, practice_json_get_string (resource, "pathPart"), resource))
      return FALSE;
    json_object_set_string_member (resource, "parentId", patch->value);
  }
  renew_paths (document);
  return TRUE;
}

void
apigw_update_resource (PracticeApiGateway *self,
                       PracticeCall       *call)
{
  g_autoptr (JsonObject) document = NULL;
  JsonObject *resource = apigw_load_resource (self, call, &document);
  g_autoptr (JsonObject) shown = NULL;

  if (resource == NULL || !apigw_patch (self, call, "updateResourceInput", document, patch_resource))
    return;
  apigw_save_api (self, call, document);
  shown = show (resource, FALSE);
  apigw_return (call, 200, shown);
}

static void
remove_with_children (JsonObject *resources,
                      const char *id)
{
  g_autoptr (GPtrArray) children = g_ptr_array_new_with_free_func (g_free);
  JsonObjectIter iter;
  const char *child = NULL;
  JsonNode *node = NULL;

  json_object_iter_init_ordered (&iter, resources);
  while (apigw_next (&iter, &child, &node)) {
    if (g_strcmp0 (practice_json_get_string (json_node_get_object (node), "parentId"), id) == 0)
      g_ptr_array_add (children, g_strdup (child));
  }
  for (guint i = 0; i < children->len; i++)
    remove_with_children (resources, children->pdata[i]);
  json_object_remove_member (resources, id);
}

void
apigw_delete_resource (PracticeApiGateway *self,
                       PracticeCall       *call)
{
  g_autoptr (JsonObject) document = NULL;
  JsonObject *resource = apigw_load_resource (self, call, &document);
  g_autofree char *id = g_strdup (apigw_label (call, "resource_id"));
  g_autofree char *path = NULL;
  g_autofree char *name = NULL;

  if (resource == NULL)
    return;
  if (practice_json_get_string (resource, "parentId") == NULL) {
    apigw_bad_request (call, "Root resource cannot be deleted");
    return;
  }
  name = g_strdup (practice_json_get_string (resource, "path"));
  remove_with_children (practice_json_get_object (document, "resources"), id);
  apigw_save_api (self, call, document);
  path = g_strdup_printf ("/restapis/%s/resources/%s", apigw_label (call, "restapi_id"), id);
  apigw_emit (self, call, "resource-deleted", "AWS::ApiGateway::Resource", path, name);
  apigw_return (call, 202, NULL);
}
