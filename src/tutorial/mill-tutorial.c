/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-tutorial.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-diagram-model.h"
#include "mill-step-private.h"

#define MAX_CODE_BYTES (10 * 1024 * 1024)

struct _MillTutorial
{
  GObject       parent_instance;

  char         *directory;
  char         *id;
  char         *title;
  char         *summary;
  guint         minutes;
  MillTemplate *template;
  GPtrArray    *steps;
  GPtrArray    *nodes;
  GPtrArray    *edges;
  GPtrArray    *samples;
};

G_DEFINE_FINAL_TYPE (MillTutorial, mill_tutorial, G_TYPE_OBJECT)

static guint
step_index (MillTutorial *self,
            MillStep     *step)
{
  guint index = G_MAXUINT;

  if (step != NULL)
    g_ptr_array_find (self->steps, step, &index);
  return index;
}

/* The step that sets "LogicalId.Property"; G_MAXUINT where none does. */
static guint
setter_index (MillTutorial *self,
              const char   *logical_id,
              const char   *property)
{
  g_autofree char *name = g_strdup_printf ("%s.%s", logical_id, property);

  for (guint i = 0; i < self->steps->len; i++)
    if (g_strv_contains (mill_step_get_properties (self->steps->pdata[i]), name))
      return i;
  return G_MAXUINT;
}

static JsonNode *
starting_value (MillTutorial *self,
                const char   *logical_id,
                const char   *property)
{
  g_autofree char *name = g_strdup_printf ("%s.%s", logical_id, property);

  for (guint i = 0; i < self->steps->len; i++)
    {
      JsonObject *starts = mill_step_get_starting_values (self->steps->pdata[i]);

      if (json_object_has_member (starts, name))
        return json_object_get_member (starts, name);
    }
  return NULL;
}

/* Every resource is made by one step, and not before what it needs. */
static gboolean
check_steps (MillTutorial    *self,
             MillJsonSource  *source,
             GError         **error)
{
  g_autoptr (GHashTable) made = g_hash_table_new (g_str_hash, g_str_equal);   /* logical id → step number + 1 */
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *resources = mill_template_get_resources (self->template);

  for (guint i = 0; i < self->steps->len; i++)
    {
      MillStep *step = self->steps->pdata[i];
      const char *const *names = mill_step_get_resources (step);
      g_autofree char *path = g_strdup_printf ("$.steps[%u]", i);

      if (!g_hash_table_add (ids, (char *) mill_step_get_id (step)))
        {
          return mill_json_source_fail (source, error, path,
                                        "There are two steps “%s”.", mill_step_get_id (step));
        }
      for (guint k = 0; names[k] != NULL; k++)
        if (!g_hash_table_insert (made, (char *) names[k], GUINT_TO_POINTER (i + 1)))
          {
            return mill_json_source_fail (source, error, path,
                                          "“%s” is made by two steps.", names[k]);
          }
    }
  for (guint i = 0; i < resources->len; i++)
    {
      const MillTemplateResource *resource = resources->pdata[i];
      guint step = GPOINTER_TO_UINT (g_hash_table_lookup (made, resource->logical_id));
      g_autofree char *path = g_strdup_printf ("$.steps[%u]", step > 0 ? step - 1 : 0);

      if (step == 0)
        {
          return mill_json_source_fail (source, error, "$.steps",
                                        "No step makes “%s”.", resource->logical_id);
        }
      for (guint k = 0; resource->depends_on[k] != NULL; k++)
        if (GPOINTER_TO_UINT (g_hash_table_lookup (made, resource->depends_on[k])) > step)
          {
            return mill_json_source_fail (source, error, path,
                                          "“%s” needs “%s”, which only a later step makes.",
                                          resource->logical_id, resource->depends_on[k]);
          }
    }
  return TRUE;
}

static gboolean
load_steps (MillTutorial    *self,
            MillJsonSource  *source,
            JsonObject      *root,
            GError         **error)
{
  JsonArray *steps = mill_json_source_array (source, root, "$", "steps", TRUE, error);

  if (steps == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      g_autofree char *path = g_strdup_printf ("$.steps[%u]", i);
      JsonNode *node = json_array_get_element (steps, i);
      MillStep *step;

      if (!JSON_NODE_HOLDS_OBJECT (node))
        {
          return mill_json_source_fail (source, error, path, "A step is an object.");
        }
      step = mill_step_load (source, self->template, json_node_get_object (node), path, error);
      if (step == NULL)
        return FALSE;
      g_ptr_array_add (self->steps, step);
    }
  return check_steps (self, source, error);
}

/* Every folder that the template's functions name must be there and hold something. */
static gboolean
check_code (MillTutorial  *self,
            GError       **error)
{
  GPtrArray *resources = mill_template_get_resources (self->template);

  for (guint i = 0; i < resources->len; i++)
    {
      const MillTemplateResource *resource = resources->pdata[i];
      const char *folder;
      g_autoptr (GHashTable) files = NULL;

      if (!g_str_equal (resource->type, "AWS::Lambda::Function"))
        continue;
      folder = json_object_get_string_member_with_default (resource->properties, "Code", NULL);
      if (folder == NULL)
        {
          g_set_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_CONTENT,
                       "%s/template.json: $.Resources.%s.Properties.Code: This must be a folder of the tutorial.",
                       self->directory, resource->logical_id);
          return FALSE;
        }
      files = mill_tutorial_read_code (self, folder, error);
      if (files == NULL)
        return FALSE;
    }
  return TRUE;
}

static void
mill_tutorial_finalize (GObject *object)
{
  MillTutorial *self = MILL_TUTORIAL (object);

  g_free (self->directory);
  g_free (self->id);
  g_free (self->title);
  g_free (self->summary);
  g_clear_object (&self->template);
  g_clear_pointer (&self->steps, g_ptr_array_unref);
  g_clear_pointer (&self->nodes, g_ptr_array_unref);
  g_clear_pointer (&self->edges, g_ptr_array_unref);
  g_clear_pointer (&self->samples, g_ptr_array_unref);
  G_OBJECT_CLASS (mill_tutorial_parent_class)->finalize (object);
}

static void
mill_tutorial_class_init (MillTutorialClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_tutorial_finalize;
}

static void
mill_tutorial_init (MillTutorial *self)
{
  self->steps = g_ptr_array_new_with_free_func (g_object_unref);
}

MillTutorial *
mill_tutorial_load (const char  *directory,
                    GError     **error)
{
  static const char *const members[] = { "id", "title", "summary", "minutes", "steps", "diagram", "samples", NULL };
  g_autoptr (MillTutorial) self = g_object_new (MILL_TYPE_TUTORIAL, NULL);
  g_autofree char *template_path = g_build_filename (directory, "template.json", NULL);
  g_autofree char *tutorial_path = g_build_filename (directory, "tutorial.json", NULL);
  g_autoptr (MillJsonSource) source = NULL;
  const char *id, *title, *summary;
  JsonObject *root;

  self->directory = g_strdup (directory);
  self->template = mill_template_load (template_path, error);
  if (self->template == NULL)
    return NULL;
  source = mill_json_source_load (tutorial_path, error);
  if (source == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (mill_json_source_get_root (source)))
    {
      mill_json_source_fail (source, error, "$", "A tutorial is an object.");
      return NULL;
    }
  root = json_node_get_object (mill_json_source_get_root (source));
  if (!mill_json_source_only (source, root, "$", members, error)
      || (id = mill_json_source_string (source, root, "$", "id", TRUE, error)) == NULL
      || (title = mill_json_source_string (source, root, "$", "title", TRUE, error)) == NULL
      || (summary = mill_json_source_string (source, root, "$", "summary", TRUE, error)) == NULL)
    return NULL;
  if (!g_regex_match_simple ("^[a-z][a-z0-9-]{0,63}$", id, G_REGEX_DOLLAR_ENDONLY, 0))
    {
      mill_json_source_fail (source, error, "$.id",
                             "An id has small letters, digits and hyphens and begins with a letter.");
      return NULL;
    }
  self->id = g_strdup (id);
  self->title = g_strdup (g_dgettext (GETTEXT_PACKAGE, title));
  self->summary = g_strdup (g_dgettext (GETTEXT_PACKAGE, summary));
  self->minutes = CLAMP (json_object_get_int_member_with_default (root, "minutes", 30), 1, 600);
  if (!load_steps (self, source, root, error)
      || !mill_diagram_model_load (source, self->template, root, &self->nodes, &self->edges, error)
      || !mill_samples_load (source, self->template, root, &self->samples, error)
      || !check_code (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

const char *
mill_tutorial_get_id (MillTutorial *self)
{
  g_return_val_if_fail (MILL_IS_TUTORIAL (self), NULL);
  return self->id;
}

const char *
mill_tutorial_get_title (MillTutorial *self)
{
  g_return_val_if_fail (MILL_IS_TUTORIAL (self), NULL);
  return self->title;
}

const char *
mill_tutorial_get_summary (MillTutorial *self)
{
  g_return_val_if_fail (MILL_IS_TUTORIAL (self), NULL);
  return self->summary;
}

guint
mill_tutorial_get_minutes (MillTutorial *self)
{
  g_return_val_if_fail (MILL_IS_TUTORIAL (self), 0);
  return self->minutes;
}

MillTemplate *
mill_tutorial_get_template (MillTutorial *self)
{
  g_return_val_if_fail (MILL_IS_TUTORIAL (self), NULL);
  return self->template;
}

GPtrArray *
mill_tutorial_get_steps (MillTutorial *self)
{
  g_return_val_if_fail (MILL_IS_TUTORIAL (self), NULL);
  return self->steps;
}

MillStep *
mill_tutorial_find_step (MillTutorial *self,
                         const char   *id)
{
  g_return_val_if_fail (MILL_IS_TUTORIAL (self), NULL);
  for (guint i = 0; i < self->steps->len; i++)
    if (g_str_equal (mill_step_get_id (self->steps->pdata[i]), id))
      return self->steps->pdata[i];
  return NULL;
}

MillStep *
mill_tutorial_find_maker (MillTutorial *self,
                          const char   *logical_id)
{
  g_return_val_if_fail (MILL_IS_TUTORIAL (self), NULL);
  for (guint i = 0; i < self->steps->len; i++)
    if (g_strv_contains (mill_step_get_resources (self->steps->pdata[i]), logical_id))
      return self->steps->pdata[i];
  return NULL;
}

GPtrArray *
mill_tutorial_get_nodes (MillTutorial *self)
{
  g_return_val_if_fail (MILL_IS_TUTORIAL (self), NULL);
  return self->nodes;
}

GPtrArray *
mill_tutorial_get_edges (MillTutorial *self)
{
  g_return_val_if_fail (MILL_IS_TUTORIAL (self), NULL);
  return self->edges;
}

GPtrArray *
mill_tutorial_get_samples (MillTutorial *self)
{
  g_return_val_if_fail (MILL_IS_TUTORIAL (self), NULL);
  return self->samples;
}

JsonObject *
mill_tutorial_get_properties_at (MillTutorial *self,
                                 const char   *logical_id,
                                 MillStep     *last_step)
{
  const MillTemplateResource *resource;
  JsonObject *properties = json_object_new ();
  guint last = step_index (self, last_step);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  g_return_val_if_fail (MILL_IS_TUTORIAL (self), properties);
  resource = mill_template_get_resource (self->template, logical_id);
  g_return_val_if_fail (resource != NULL, properties);
  json_object_iter_init_ordered (&iter, resource->properties);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      guint setter = setter_index (self, logical_id, name);

      /* Not yet set: as the resource was made. */
      if (setter != G_MAXUINT && last != G_MAXUINT && setter > last)
        node = starting_value (self, logical_id, name);
      if (node != NULL)
        json_object_set_member (properties, name, aws_json_copy_node (node));
    }
  return properties;
}

GHashTable *
mill_tutorial_read_code (MillTutorial  *self,
                         const char    *folder,
                         GError       **error)
{
  g_autoptr (GHashTable) files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  g_autofree char *path = NULL;
  g_auto (GStrv) parts = g_strsplit (folder, "/", -1);
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) local = NULL;
  gsize total = 0;
  const char *name;

  g_return_val_if_fail (MILL_IS_TUTORIAL (self), NULL);
  if (g_path_is_absolute (folder) || g_strv_contains ((const char *const *) parts, ".."))
    {
      g_set_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_CONTENT,
                   "%s: The code folder “%s” lies outside of the tutorial.", self->directory, folder);
      return NULL;
    }
  path = g_build_filename (self->directory, folder, NULL);
  dir = g_dir_open (path, 0, &local);
  if (dir == NULL)
    {
      g_set_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_FILE, "The code folder cannot be read: %s", local->message);
      return NULL;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      char *text = NULL;
      gsize length;

      /* Symbolic links could lead anywhere; folders such as __pycache__ are no code. */
      if (g_file_test (file, G_FILE_TEST_IS_SYMLINK) || !g_file_test (file, G_FILE_TEST_IS_REGULAR))
        continue;
      if (!g_file_get_contents (file, &text, &length, &local))
        {
          g_set_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_FILE, "The code cannot be read: %s", local->message);
          return NULL;
        }
      total += length;
      g_hash_table_insert (files, g_strdup (name), g_bytes_new_take (text, length));
      if (total > MAX_CODE_BYTES)
        {
          g_set_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_FILE,
                       "%s: The code is larger than %d MiB.", path, MAX_CODE_BYTES >> 20);
          return NULL;
        }
    }
  if (g_hash_table_size (files) == 0)
    {
      g_set_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_FILE, "%s: The code folder is empty.", path);
      return NULL;
    }
  return g_steal_pointer (&files);
}
