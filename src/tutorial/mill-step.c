/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-step-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _MillStep
{
  GObject     parent_instance;

  char       *id;
  char       *title;
  char       *section;
  char       *why;
  char       *what;
  char       *by_hand;
  char       *look_for;
  char       *changed;
  char       *with_role;
  char      **resources;
  char      **properties;
  char      **parameters;
  char      **code;
  GPtrArray  *actions;
  GPtrArray  *checks;
  JsonObject *starting_values;
};

G_DEFINE_FINAL_TYPE (MillStep, mill_step, G_TYPE_OBJECT)

typedef struct
{
  MillJsonSource *source;
  MillTemplate   *template;
  const char     *path;     /* of the step */
  GError        **error;
} Reader;

static void
action_free (MillAction *action)
{
  g_free ((char *) action->id);
  g_free ((char *) action->resource);
  g_free ((char *) action->label);
  g_free ((char *) action->payload);
  g_free (action);
}

static void
check_free (MillCheck *check)
{
  g_free ((char *) check->id);
  g_free ((char *) check->resource);
  g_free ((char *) check->property);
  g_free ((char *) check->expected);
  g_free ((char *) check->text);
  g_free (check);
}

static char *
translated (const char *text)
{
  return g_strdup (*text != '\0' ? g_dgettext (GETTEXT_PACKAGE, text) : "");
}

/* A text: a string, or a list of lines (each translated by itself), for files that people read. */
static gboolean
read_text (Reader      *r,
           JsonObject  *object,
           const char  *member,
           gboolean     required,
           char       **text)
{
  g_autofree char *at = g_strdup_printf ("%s.%s", r->path, member);
  JsonNode *node = json_object_get_member (object, member);
  JsonArray *lines;
  g_autoptr (GString) joined = NULL;

  if (node == NULL)
    {
      *text = g_strdup ("");
      return required ? mill_json_source_fail (r->source, r->error, r->path, "“%s” is missing.", member) : TRUE;
    }
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    {
      *text = translated (json_node_get_string (node));
      return TRUE;
    }
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return mill_json_source_fail (r->source, r->error, at, "This must be a text or a list of lines.");
  joined = g_string_new (NULL);
  lines = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (lines); i++)
    {
      JsonNode *line = json_array_get_element (lines, i);
      g_autofree char *own = NULL;

      if (json_node_get_value_type (line) != G_TYPE_STRING)
        return mill_json_source_fail (r->source, r->error, at, "This must be a text or a list of lines.");
      own = translated (json_node_get_string (line));
      g_string_append_printf (joined, "%s%s", i > 0 ? "\n" : "", own);
    }
  *text = g_string_free (g_steal_pointer (&joined), FALSE);
  return TRUE;
}

typedef gboolean (*NameCheck) (Reader *r, const char *name, const char *path);

static gboolean
is_resource (Reader     *r,
             const char *name,
             const char *path)
{
  if (mill_template_get_resource (r->template, name) == NULL)
    return mill_json_source_fail (r->source, r->error, path, "The template has no resource “%s”.", name);
  return TRUE;
}

static gboolean
is_parameter (Reader     *r,
              const char *name,
              const char *path)
{
  if (mill_template_get_parameter (r->template, name) == NULL)
    return mill_json_source_fail (r->source, r->error, path, "The template has no parameter “%s”.", name);
  return TRUE;
}

static gboolean
is_function (Reader     *r,
             const char *name,
             const char *path)
{
  const MillTemplateResource *resource = mill_template_get_resource (r->template, name);

  if (resource == NULL || !g_str_equal (resource->type, "AWS::Lambda::Function"))
    return mill_json_source_fail (r->source, r->error, path, "The template has no function “%s”.", name);
  return TRUE;
}

static gboolean
is_property (Reader     *r,
             const char *name,
             const char *path)
{
  const char *dot = strchr (name, '.');
  g_autofree char *logical_id = dot != NULL ? g_strndup (name, dot - name) : NULL;
  const MillTemplateResource *resource = dot != NULL ? mill_template_get_resource (r->template, logical_id) : NULL;

  if (resource == NULL || !json_object_has_member (resource->properties, dot + 1))
    return mill_json_source_fail (r->source, r->error, path, "“%s” is not LogicalId.Property of a property in the template.", name);
  return TRUE;
}

static gboolean
read_names (Reader      *r,
            JsonObject  *object,
            const char  *member,
            NameCheck    check,
            char      ***names)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GError) local = NULL;
  JsonArray *array = mill_json_source_array (r->source, object, r->path, member, FALSE, &local);

  if (local != NULL)
    {
      g_propagate_error (r->error, g_steal_pointer (&local));
      return FALSE;
    }
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      g_autofree char *at = g_strdup_printf ("%s.%s[%u]", r->path, member, i);
      JsonNode *node = json_array_get_element (array, i);

      if (json_node_get_value_type (node) != G_TYPE_STRING)
        return mill_json_source_fail (r->source, r->error, at, "This must be a text.");
      if (!check (r, json_node_get_string (node), at))
        return FALSE;
      g_strv_builder_add (builder, json_node_get_string (node));
    }
  *names = g_strv_builder_end (builder);
  return TRUE;
}

static gboolean
read_kind (Reader            *r,
           JsonObject        *object,
           const char        *path,
           const char *const *kinds,
           int               *kind)
{
  const char *name = mill_json_source_string (r->source, object, path, "kind", TRUE, r->error);

  if (name == NULL)
    return FALSE;
  for (*kind = 0; kinds[*kind] != NULL; (*kind)++)
    if (g_str_equal (kinds[*kind], name))
      return TRUE;
  {
    g_autofree char *at = g_strdup_printf ("%s.kind", path);
    g_autofree char *known = g_strjoinv (", ", (char **) kinds);
    return mill_json_source_fail (r->source, r->error, at, "“%s” is not one of: %s.", name, known);
  }
}

/* An optional text member of @object at @path, copied. */
static gboolean
read_member (Reader       *r,
             JsonObject   *object,
             const char   *path,
             const char   *member,
             gboolean      required,
             const char  **text)
{
  g_autoptr (GError) local = NULL;

  *text = g_strdup (mill_json_source_string (r->source, object, path, member, required, &local));
  if (local == NULL)
    return TRUE;
  g_propagate_error (r->error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
read_action (Reader     *r,
             MillStep   *self,
             JsonObject *object,
             const char *path)
{
  static const char *const kinds[] = { "invoke", "send", "confirm", "test-method", "clean-up", NULL };
  static const char *const members[] = { "id", "kind", "resource", "label", "payload", NULL };
  MillAction *action = g_new0 (MillAction, 1);
  g_autofree char *label = NULL;
  JsonNode *payload;
  int kind;

  g_ptr_array_add (self->actions, action);
  if (!mill_json_source_only (r->source, object, path, members, r->error)
      || !read_member (r, object, path, "id", TRUE, &action->id)
      || !read_member (r, object, path, "resource", FALSE, &action->resource)
      || !read_member (r, object, path, "label", TRUE, (const char **) &label)
      || !read_kind (r, object, path, kinds, &kind))
    return FALSE;
  action->kind = kind;
  action->label = translated (label);
  if (action->resource == NULL && action->kind != MILL_ACTION_CLEAN_UP)
    return mill_json_source_fail (r->source, r->error, path, "“resource” is missing.");
  if (action->resource != NULL && !is_resource (r, action->resource, path))
    return FALSE;
  payload = json_object_get_member (object, "payload");
  if (payload != NULL && json_node_get_value_type (payload) == G_TYPE_STRING)
    action->payload = json_node_dup_string (payload);
  else if (payload != NULL)
    action->payload = json_to_string (payload, TRUE);
  return TRUE;
}

static gboolean
read_check (Reader     *r,
            MillStep   *self,
            JsonObject *object,
            const char *path)
{
  static const char *const kinds[] = { "exists", "property", "confirmed", "item", "mail", NULL };
  static const char *const members[] = { "id", "kind", "resource", "property", "expected", "text", NULL };
  MillCheck *check = g_new0 (MillCheck, 1);
  g_autofree char *text = NULL;
  int kind;

  g_ptr_array_add (self->checks, check);
  if (!mill_json_source_only (r->source, object, path, members, r->error)
      || !read_member (r, object, path, "id", TRUE, &check->id)
      || !read_member (r, object, path, "resource", TRUE, &check->resource)
      || !read_member (r, object, path, "property", FALSE, &check->property)
      || !read_member (r, object, path, "expected", FALSE, &check->expected)
      || !read_member (r, object, path, "text", TRUE, (const char **) &text)
      || !read_kind (r, object, path, kinds, &kind)
      || !is_resource (r, check->resource, path))
    return FALSE;
  check->kind = kind;
  check->text = translated (text);
  if (check->kind == MILL_CHECK_PROPERTY && (check->property == NULL || check->expected == NULL))
    return mill_json_source_fail (r->source, r->error, path, "A check of a property needs “property” and “expected”.");
  return TRUE;
}

static gboolean
each_object (Reader      *r,
             MillStep    *self,
             JsonObject  *object,
             const char  *member,
             gboolean   (*read) (Reader *, MillStep *, JsonObject *, const char *))
{
  g_autoptr (GError) local = NULL;
  JsonArray *array = mill_json_source_array (r->source, object, r->path, member, FALSE, &local);

  if (local != NULL)
    {
      g_propagate_error (r->error, g_steal_pointer (&local));
      return FALSE;
    }
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      g_autofree char *at = g_strdup_printf ("%s.%s[%u]", r->path, member, i);
      JsonNode *node = json_array_get_element (array, i);

      if (!JSON_NODE_HOLDS_OBJECT (node))
        return mill_json_source_fail (r->source, r->error, at, "This must be an object.");
      if (!read (r, self, json_node_get_object (node), at))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_starting_values (Reader     *r,
                      MillStep   *self,
                      JsonObject *object)
{
  g_autofree char *path = g_strdup_printf ("%s.starts", r->path);
  g_autoptr (GError) local = NULL;
  JsonObject *starts = mill_json_source_object (r->source, object, r->path, "starts", FALSE, &local);
  JsonObjectIter iter;
  const char *name;

  if (local != NULL)
    {
      g_propagate_error (r->error, g_steal_pointer (&local));
      return FALSE;
    }
  if (starts == NULL)
    {
      self->starting_values = json_object_new ();
      return TRUE;
    }
  json_object_iter_init_ordered (&iter, starts);
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    if (!is_property (r, name, path))
      return FALSE;
  self->starting_values = json_object_ref (starts);
  return TRUE;
}

static void
mill_step_finalize (GObject *object)
{
  MillStep *self = MILL_STEP (object);

  g_free (self->id);
  g_free (self->title);
  g_free (self->section);
  g_free (self->why);
  g_free (self->what);
  g_free (self->by_hand);
  g_free (self->look_for);
  g_free (self->with_role);
  g_free (self->changed);
  g_strfreev (self->resources);
  g_strfreev (self->properties);
  g_strfreev (self->parameters);
  g_strfreev (self->code);
  g_ptr_array_unref (self->actions);
  g_ptr_array_unref (self->checks);
  g_clear_pointer (&self->starting_values, json_object_unref);
  G_OBJECT_CLASS (mill_step_parent_class)->finalize (object);
}

static void
mill_step_class_init (MillStepClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_step_finalize;
}

static void
mill_step_init (MillStep *self)
{
  self->actions = g_ptr_array_new_with_free_func ((GDestroyNotify) action_free);
  self->checks = g_ptr_array_new_with_free_func ((GDestroyNotify) check_free);
}

MillStep *
mill_step_load (MillJsonSource  *source,
                MillTemplate    *template,
                JsonObject      *object,
                const char      *path,
                GError         **error)
{
  static const char *const members[] = {
    "id", "section", "title", "why", "what", "byHand", "lookFor", "changed", "withRole", "resources", "sets", "starts",
    "parameters", "code", "actions", "checks", NULL
  };
  g_autoptr (MillStep) self = g_object_new (MILL_TYPE_STEP, NULL);
  Reader r = { source, template, path, error };

  if (!mill_json_source_only (source, object, path, members, error)
      || !read_member (&r, object, path, "id", TRUE, (const char **) &self->id)
      || !read_text (&r, object, "title", TRUE, &self->title)
      || !read_text (&r, object, "section", TRUE, &self->section)
      || !read_text (&r, object, "why", TRUE, &self->why)
      || !read_text (&r, object, "what", TRUE, &self->what)
      || !read_text (&r, object, "byHand", FALSE, &self->by_hand)
      || !read_text (&r, object, "lookFor", FALSE, &self->look_for)
      || !read_text (&r, object, "changed", FALSE, &self->changed)
      || !read_text (&r, object, "withRole", FALSE, &self->with_role)
      || !read_names (&r, object, "resources", is_resource, &self->resources)
      || !read_names (&r, object, "sets", is_property, &self->properties)
      || !read_names (&r, object, "parameters", is_parameter, &self->parameters)
      || !read_names (&r, object, "code", is_function, &self->code)
      || !read_starting_values (&r, self, object)
      || !each_object (&r, self, object, "actions", read_action)
      || !each_object (&r, self, object, "checks", read_check))
    return NULL;
  return g_steal_pointer (&self);
}

JsonObject *
mill_step_get_starting_values (MillStep *self)
{
  return self->starting_values;
}

const char *
mill_step_get_id (MillStep *self)
{
  g_return_val_if_fail (MILL_IS_STEP (self), NULL);
  return self->id;
}

const char *
mill_step_get_title (MillStep *self)
{
  g_return_val_if_fail (MILL_IS_STEP (self), NULL);
  return self->title;
}

const char *
mill_step_get_section (MillStep *self)
{
  g_return_val_if_fail (MILL_IS_STEP (self), NULL);
  return self->section;
}

const char *
mill_step_get_why (MillStep *self)
{
  g_return_val_if_fail (MILL_IS_STEP (self), NULL);
  return self->why;
}

const char *
mill_step_get_what (MillStep *self)
{
  g_return_val_if_fail (MILL_IS_STEP (self), NULL);
  return self->what;
}

const char *
mill_step_get_by_hand (MillStep *self)
{
  g_return_val_if_fail (MILL_IS_STEP (self), NULL);
  return self->by_hand;
}

const char *
mill_step_get_with_role (MillStep *self)
{
  g_return_val_if_fail (MILL_IS_STEP (self), NULL);
  return self->with_role;
}

const char *
mill_step_get_look_for (MillStep *self)
{
  g_return_val_if_fail (MILL_IS_STEP (self), NULL);
  return self->look_for;
}

const char *
mill_step_get_changed (MillStep *self)
{
  g_return_val_if_fail (MILL_IS_STEP (self), NULL);
  return self->changed;
}

const char *const *
mill_step_get_resources (MillStep *self)
{
  g_return_val_if_fail (MILL_IS_STEP (self), NULL);
  return (const char *const *) self->resources;
}

const char *const *
mill_step_get_properties (MillStep *self)
{
  g_return_val_if_fail (MILL_IS_STEP (self), NULL);
  return (const char *const *) self->properties;
}

const char *const *
mill_step_get_parameters (MillStep *self)
{
  g_return_val_if_fail (MILL_IS_STEP (self), NULL);
  return (const char *const *) self->parameters;
}

const char *const *
mill_step_get_code (MillStep *self)
{
  g_return_val_if_fail (MILL_IS_STEP (self), NULL);
  return (const char *const *) self->code;
}

GPtrArray *
mill_step_get_actions (MillStep *self)
{
  g_return_val_if_fail (MILL_IS_STEP (self), NULL);
  return self->actions;
}

GPtrArray *
mill_step_get_checks (MillStep *self)
{
  g_return_val_if_fail (MILL_IS_STEP (self), NULL);
  return self->checks;
}
