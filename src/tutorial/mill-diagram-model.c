/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-diagram-model.h"

#include <glib/gi18n-lib.h>
#include <math.h>

typedef struct
{
  MillJsonSource  *source;
  MillTemplate    *template;
  GPtrArray       *nodes;     /* while edges are read */
  GError         **error;
} Reader;

typedef gpointer (*ReadFunc) (Reader *r, JsonObject *object, const char *path);

static gboolean
member (Reader       *r,
        JsonObject   *object,
        const char   *path,
        const char   *name,
        gboolean      required,
        const char  **text)
{
  g_autoptr (GError) local = NULL;

  *text = g_strdup (mill_json_source_string (r->source, object, path, name, required, &local));
  if (local == NULL)
    return TRUE;
  g_propagate_error (r->error, g_steal_pointer (&local));
  return FALSE;
}

static void
translate (const char **text)
{
  char *own = g_strdup (*text != NULL && **text != '\0' ? g_dgettext (GETTEXT_PACKAGE, *text) : "");

  g_free ((char *) *text);
  *text = own;
}

static gboolean
known_resource (Reader     *r,
                const char *resource,
                const char *path)
{
  if (resource != NULL && mill_template_get_resource (r->template, resource) == NULL)
    return mill_json_source_fail (r->source, r->error, path, "The template has no resource “%s”.", resource);
  return TRUE;
}

static gboolean
known_node (Reader     *r,
            const char *id,
            const char *path)
{
  for (guint i = 0; i < r->nodes->len; i++)
    if (g_str_equal (((MillDiagramNode *) r->nodes->pdata[i])->id, id))
      return TRUE;
  return mill_json_source_fail (r->source, r->error, path, "The diagram has no node “%s”.", id);
}

static void
node_free (gpointer data)
{
  MillDiagramNode *node = data;

  g_free ((char *) node->id);
  g_free ((char *) node->resource);
  g_free ((char *) node->kind);
  g_free ((char *) node->label);
  g_free (node);
}

static void
edge_free (gpointer data)
{
  MillDiagramEdge *edge = data;

  g_free ((char *) edge->from);
  g_free ((char *) edge->to);
  g_free ((char *) edge->resource);
  g_free ((char *) edge->label);
  g_free (edge);
}

static void
sample_free (gpointer data)
{
  MillSample *sample = data;

  g_free ((char *) sample->id);
  g_free ((char *) sample->title);
  g_free ((char *) sample->body);
  g_free ((char *) sample->stage);
  g_free ((char *) sample->method);
  g_free ((char *) sample->path);
  g_free (sample);
}

static gpointer
read_node (Reader     *r,
           JsonObject *object,
           const char *path)
{
  static const char *const members[] = { "id", "resource", "kind", "label", "column", "row", NULL };
  MillDiagramNode *node = g_new0 (MillDiagramNode, 1);

  node->column = json_object_get_double_member_with_default (object, "column", NAN);
  node->row = json_object_get_double_member_with_default (object, "row", NAN);
  if (mill_json_source_only (r->source, object, path, members, r->error)
      && member (r, object, path, "id", TRUE, &node->id)
      && member (r, object, path, "resource", FALSE, &node->resource)
      && member (r, object, path, "kind", TRUE, &node->kind)
      && member (r, object, path, "label", TRUE, &node->label)
      && known_resource (r, node->resource, path))
    {
      translate (&node->label);
      return node;
    }
  node_free (node);
  return NULL;
}

static gpointer
read_edge (Reader     *r,
           JsonObject *object,
           const char *path)
{
  static const char *const members[] = { "from", "to", "resource", "label", NULL };
  MillDiagramEdge *edge = g_new0 (MillDiagramEdge, 1);

  if (mill_json_source_only (r->source, object, path, members, r->error)
      && member (r, object, path, "from", TRUE, &edge->from)
      && member (r, object, path, "to", TRUE, &edge->to)
      && member (r, object, path, "resource", FALSE, &edge->resource)
      && member (r, object, path, "label", FALSE, &edge->label)
      && known_resource (r, edge->resource, path)
      && known_node (r, edge->from, path)
      && known_node (r, edge->to, path))
    {
      translate (&edge->label);
      return edge;
    }
  edge_free (edge);
  return NULL;
}

static gpointer
read_sample (Reader     *r,
             JsonObject *object,
             const char *path)
{
  static const char *const members[] = { "id", "title", "body", "stage", "method", "path", NULL };
  MillSample *sample = g_new0 (MillSample, 1);

  if (mill_json_source_only (r->source, object, path, members, r->error)
      && member (r, object, path, "id", TRUE, &sample->id)
      && member (r, object, path, "title", TRUE, &sample->title)
      && member (r, object, path, "body", TRUE, &sample->body)
      && member (r, object, path, "stage", TRUE, &sample->stage)
      && member (r, object, path, "method", TRUE, &sample->method)
      && member (r, object, path, "path", TRUE, &sample->path)
      && known_resource (r, sample->stage, path))
    {
      translate (&sample->title);
      return sample;
    }
  sample_free (sample);
  return NULL;
}

static GPtrArray *
read_list (Reader        *r,
           JsonObject    *object,
           const char    *path,
           const char    *name,
           ReadFunc       read,
           GDestroyNotify item_free)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (item_free);
  JsonArray *array = mill_json_source_array (r->source, object, path, name, TRUE, r->error);

  if (array == NULL)
    return NULL;
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *at = g_strdup_printf ("%s.%s[%u]", path, name, i);
      JsonNode *element = json_array_get_element (array, i);
      gpointer item;

      if (!JSON_NODE_HOLDS_OBJECT (element))
        {
          mill_json_source_fail (r->source, r->error, at, "This must be an object.");
          return NULL;
        }
      item = read (r, json_node_get_object (element), at);
      if (item == NULL)
        return NULL;
      g_ptr_array_add (items, item);
    }
  return g_steal_pointer (&items);
}

gboolean
mill_diagram_model_load (MillJsonSource  *source,
                         MillTemplate    *template,
                         JsonObject      *root,
                         GPtrArray      **nodes,
                         GPtrArray      **edges,
                         GError         **error)
{
  static const char *const members[] = { "nodes", "edges", NULL };
  Reader r = { source, template, NULL, error };
  JsonObject *diagram = mill_json_source_object (source, root, "$", "diagram", TRUE, error);

  if (diagram == NULL || !mill_json_source_only (source, diagram, "$.diagram", members, error))
    return FALSE;
  *nodes = r.nodes = read_list (&r, diagram, "$.diagram", "nodes", read_node, node_free);
  if (*nodes == NULL)
    return FALSE;
  *edges = read_list (&r, diagram, "$.diagram", "edges", read_edge, edge_free);
  return *edges != NULL;
}

gboolean
mill_samples_load (MillJsonSource  *source,
                   MillTemplate    *template,
                   JsonObject      *root,
                   GPtrArray      **samples,
                   GError         **error)
{
  Reader r = { source, template, NULL, error };

  *samples = read_list (&r, root, "$", "samples", read_sample, sample_free);
  return *samples != NULL;
}
