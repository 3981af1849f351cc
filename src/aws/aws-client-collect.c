/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-client.h"

#include <string.h>

#include "aws-json.h"
#include "aws-operation.h"

/* A shallow copy: pages differ in their token only. */
static JsonObject *
copy_parameters (JsonObject *parameters)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (parameters == NULL)
    return copy;
  json_object_iter_init_ordered (&iter, parameters);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    json_object_set_member (copy, name, json_node_ref (node));
  return copy;
}

static void
append_items (JsonArray          *items,
              JsonObject         *result,
              const AwsOperation *operation)
{
  for (guint i = 2; operation->pages[i] != NULL; i++) {
    JsonArray *page = aws_json_get_array (result, operation->pages[i]);

    for (guint j = 0; page != NULL && j < json_array_get_length (page); j++)
      json_array_add_element (items, json_node_ref (json_array_get_element (page, j)));
  }
}

/* The token of the next page; NULL after the last one, where AWS gives none, null or "". */
static JsonNode *
next_token (JsonObject         *result,
            const AwsOperation *operation)
{
  JsonNode *token = aws_json_get_node (result, operation->pages[1]);

  if (token == NULL || JSON_NODE_HOLDS_NULL (token))
    return NULL;
  if (JSON_NODE_HOLDS_VALUE (token) && json_node_get_value_type (token) == G_TYPE_STRING &&
      *json_node_get_string (token) == '\0')
    return NULL;
  return token;
}

JsonArray *
aws_client_collect (AwsClient     *self,
                    const char    *operation,
                    JsonObject    *parameters,
                    GCancellable  *cancellable,
                    GError       **error)
{
  const AwsOperation *found;
  g_autoptr (JsonObject) page_parameters = NULL;
  g_autoptr (JsonArray) items = NULL;

  g_return_val_if_fail (AWS_IS_CLIENT (self), NULL);
  g_return_val_if_fail (operation != NULL, NULL);

  found = aws_operation_find (operation);
  if (found == NULL || found->pages == NULL) {
    g_autofree char *message = g_strdup_printf ("“%s” is not an operation with pages.", operation);

    g_propagate_error (error, aws_error_new (AWS_ERROR_PARAMETER, "NoPages", message, NULL, 0, FALSE));
    return NULL;
  }

  page_parameters = copy_parameters (parameters);
  items = json_array_new ();
  while (TRUE) {
    g_autoptr (JsonObject) result = aws_client_call (self, operation, page_parameters, cancellable, error);
    JsonNode *token;
    JsonNode *before;

    if (result == NULL)
      return NULL;
    append_items (items, result, found);
    token = next_token (result, found);
    if (token == NULL)
      return g_steal_pointer (&items);

    before = json_object_get_member (page_parameters, found->pages[0]);
    if (before != NULL && json_node_equal (before, token)) {
      g_autofree char *message = g_strdup_printf ("%s answered the same page twice.", operation);

      g_propagate_error (error, aws_error_new (AWS_ERROR_ANSWER, "SamePage", message, NULL, 0, FALSE));
      return NULL;
    }
    json_object_set_member (page_parameters, found->pages[0], json_node_ref (token));
  }
}
