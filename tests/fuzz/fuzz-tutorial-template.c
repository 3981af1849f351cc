/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-template.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (MillTemplate) template = mill_template_parse (text, -1, "fuzz", NULL);

  if (template != NULL)
    {
      GPtrArray *resources = mill_template_get_resources (template);
      MillScope scope = { .account_id = "1", .region = "r" };

      for (guint i = 0; i < resources->len; i++)
        {
          const MillTemplateResource *resource = resources->pdata[i];
          g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
          g_autoptr (JsonNode) resolved = NULL;

          json_node_set_object (node, resource->properties);
          resolved = mill_template_resolve (template, node, &scope, NULL);
        }
    }
  return 0;
}
