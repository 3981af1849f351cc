/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-form.h"

#include <gio/gio.h>
#include <string.h>

#define MAX_NAMES 10000
#define MAX_DEPTH 16

/* A name of the query protocol, cut at its dots. */
typedef struct _Node {
  char       *name;
  char       *value;      /* NULL where none was given */
  GHashTable *by_name;    /* NULL for a leaf; borrows from @children */
  GPtrArray  *children;   /* Node, in the order they came */
} Node;

typedef gboolean (*PairFunc) (const char  *name,
                              const char  *value,
                              gpointer     data,
                              GError     **error);

static JsonNode *node_to_json (Node    *node,
                               GError **error);

static void
node_free (Node *node)
{
  g_free (node->name);
  g_free (node->value);
  g_clear_pointer (&node->by_name, g_hash_table_unref);
  g_clear_pointer (&node->children, g_ptr_array_unref);
  g_free (node);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Node, node_free)

static Node *
node_get_child (Node       *node,
                const char *name)
{
  Node *child = NULL;

  if (node->children == NULL) {
    node->children = g_ptr_array_new_with_free_func ((GDestroyNotify) node_free);
    node->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  }
  child = g_hash_table_lookup (node->by_name, name);
  if (child == NULL) {
    child = g_new0 (Node, 1);
    child->name = g_strdup (name);
    g_ptr_array_add (node->children, child);
    g_hash_table_insert (node->by_name, child->name, child);
  }
  return child;
}

static gboolean
is_number (const char *text)
{
  gsize length = strlen (text);

  return length > 0 && length <= 6 && strspn (text, "0123456789") == length;
}

static gboolean
has_numbers_only (Node *node)
{
  for (guint i = 0; node->children != NULL && i < node->children->len; i++) {
    Node *child = g_ptr_array_index (node->children, i);

    if (!is_number (child->name))
      return FALSE;
  }
  return node->children != NULL;
}

static int
compare_numbers (gconstpointer a,
                 gconstpointer b)
{
  const Node *first = *(const Node *const *) a;
  const Node *second = *(const Node *const *) b;

  return atoi (first->name) - atoi (second->name);
}

static JsonNode *
list_to_json (Node    *list,
              GError **error)
{
  g_autoptr (JsonArray) array = json_array_new ();
  JsonNode *result = NULL;

  g_ptr_array_sort (list->children, compare_numbers);
  for (guint i = 0; i < list->children->len; i++) {
    JsonNode *element = node_to_json (g_ptr_array_index (list->children, i), error);

    if (element == NULL)
      return NULL;
    json_array_add_element (array, element);
  }
  result = json_node_new (JSON_NODE_ARRAY);
  json_node_set_array (result, array);
  return result;
}

/* "entry.1.key" and "entry.1.value"; SNS calls them "Name" and "Value" in its message attributes. */
static JsonNode *
map_to_json (Node    *entries,
             GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonNode *result = NULL;

  g_ptr_array_sort (entries->children, compare_numbers);
  for (guint i = 0; i < entries->children->len; i++) {
    Node *entry = g_ptr_array_index (entries->children, i);
    Node *key = NULL;
    Node *value = NULL;
    JsonNode *member = NULL;

    if (entry->by_name != NULL) {
      key = g_hash_table_lookup (entry->by_name, "key");
      value = g_hash_table_lookup (entry->by_name, "value");
      if (key == NULL)
        key = g_hash_table_lookup (entry->by_name, "Name");
      if (value == NULL)
        value = g_hash_table_lookup (entry->by_name, "Value");
    }
    if (key == NULL || key->value == NULL) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "Entry %s of a map has no key", entry->name);
      return NULL;
    }
    member = value != NULL ? node_to_json (value, error) : json_node_init_string (json_node_alloc (), "");
    if (member == NULL)
      return NULL;
    json_object_set_member (object, key->value, member);
  }
  result = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (result, object);
  return result;
}

static JsonNode *
node_to_json (Node    *node,
              GError **error)
{
  g_autoptr (JsonObject) object = NULL;
  JsonNode *result = NULL;

  /* A list that is empty comes as "A=" beside nothing. */
  if (node->children == NULL)
    return json_node_init_string (json_node_alloc (), node->value != NULL ? node->value : "");
  if (node->value != NULL && *node->value != '\0') {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s is a text and a structure at once", node->name);
    return NULL;
  }
  if (has_numbers_only (node))
    return list_to_json (node, error);
  if (node->children->len == 1) {
    Node *child = g_ptr_array_index (node->children, 0);

    if (strcmp (child->name, "member") == 0 && has_numbers_only (child))
      return list_to_json (child, error);
    if (strcmp (child->name, "entry") == 0 && has_numbers_only (child))
      return map_to_json (child, error);
  }

  object = json_object_new ();
  for (guint i = 0; i < node->children->len; i++) {
    Node *child = g_ptr_array_index (node->children, i);
    JsonNode *member = node_to_json (child, error);

    if (member == NULL)
      return NULL;
    json_object_set_member (object, child->name, member);
  }
  result = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (result, object);
  return result;
}

static gboolean
for_each_pair (const char  *text,
               gsize        length,
               PairFunc     func,
               gpointer     data,
               GError     **error)
{
  const char *end = text + length;
  guint names = 0;

  while (text < end) {
    const char *stop = memchr (text, '&', end - text);
    const char *equals = NULL;
    g_autofree char *name = NULL;
    g_autofree char *value = NULL;

    if (stop == NULL)
      stop = end;
    equals = memchr (text, '=', stop - text);
    if (equals == NULL)
      equals = stop;
    if (stop > text) {
      name = practice_form_decode (text, equals - text, TRUE);
      value = equals < stop ? practice_form_decode (equals + 1, stop - equals - 1, TRUE) : g_strdup ("");
      if (name == NULL || value == NULL) {
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The query string is not percent-encoded UTF-8");
        return FALSE;
      }
      if (++names > MAX_NAMES) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The query string has more than %d parameters", MAX_NAMES);
        return FALSE;
      }
      if (!func (name, value, data, error))
        return FALSE;
    }
    text = stop + 1;
  }
  return TRUE;
}

static gboolean
add_flat (const char  *name,
          const char  *value,
          gpointer     data,
          GError     **error)
{
  JsonObject *object = data;
  JsonNode *node = json_object_get_member (object, name);
  JsonArray *array = NULL;

  if (node == NULL) {
    json_object_set_string_member (object, name, value);
    return TRUE;
  }
  if (JSON_NODE_HOLDS_ARRAY (node)) {
    json_array_add_string_element (json_node_get_array (node), value);
    return TRUE;
  }
  array = json_array_new ();
  json_array_add_string_element (array, json_node_get_string (node));
  json_array_add_string_element (array, value);
  json_object_set_array_member (object, name, array);
  return TRUE;
}

static gboolean
add_nested (const char  *name,
            const char  *value,
            gpointer     data,
            GError     **error)
{
  Node *node = data;
  g_auto (GStrv) parts = g_strsplit (name, ".", MAX_DEPTH + 1);

  if (g_strv_length (parts) > MAX_DEPTH) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "A parameter nests deeper than %d levels", MAX_DEPTH);
    return FALSE;
  }
  for (guint i = 0; parts[i] != NULL; i++)
    node = node_get_child (node, parts[i]);
  /* As with AWS, the last of several values counts. */
  g_free (node->value);
  node->value = g_strdup (value);
  return TRUE;
}

JsonObject *
practice_form_parse (const char  *text,
                     gsize        length,
                     GError     **error)
{
  g_autoptr (JsonObject) object = json_object_new ();

  if (!for_each_pair (text, length, add_flat, object, error))
    return NULL;
  return g_steal_pointer (&object);
}

JsonObject *
practice_form_unflatten (const char  *text,
                         gsize        length,
                         GError     **error)
{
  g_autoptr (Node) root = g_new0 (Node, 1);
  g_autoptr (JsonObject) object = json_object_new ();

  if (!for_each_pair (text, length, add_nested, root, error))
    return NULL;
  /* The outermost level is always an object, whatever its names are. */
  for (guint i = 0; root->children != NULL && i < root->children->len; i++) {
    Node *child = g_ptr_array_index (root->children, i);
    JsonNode *member = node_to_json (child, error);

    if (member == NULL)
      return NULL;
    json_object_set_member (object, child->name, member);
  }
  return g_steal_pointer (&object);
}

char *
practice_form_decode (const char *text,
                      gsize       length,
                      gboolean    plus)
{
  g_autofree char *out = g_malloc (length + 1);
  gsize n = 0;

  for (gsize i = 0; i < length; i++) {
    char c = text[i];

    if (c == '%') {
      if (length - i < 3 || !g_ascii_isxdigit (text[i + 1]) || !g_ascii_isxdigit (text[i + 2]))
        return NULL;
      c = (char) (g_ascii_xdigit_value (text[i + 1]) << 4 | g_ascii_xdigit_value (text[i + 2]));
      i += 2;
    } else if (c == '+' && plus) {
      c = ' ';
    }
    if (c == '\0')
      return NULL;
    out[n++] = c;
  }
  out[n] = '\0';
  return g_utf8_validate (out, (gssize) n, NULL) ? g_steal_pointer (&out) : NULL;
}
