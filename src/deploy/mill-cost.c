/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-cost.h"

#include <glib/gi18n-lib.h>

#include "aws-json.h"
#include "mill-data.h"
#include "mill-properties.h"
#include "mill-tap.h"

/* Less is not worth a figure. */
#define CENT 0.01

static guint
count (MillDeployment *deployment,
       const char     *type)
{
  GListModel *resources = G_LIST_MODEL (deployment);
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (resources); i++)
    {
      g_autoptr(MillResource) resource = g_list_model_get_item (resources, i);
      MillResourceState state = mill_resource_get_state (resource);

      /* What a tap is made of, no trigger asks. */
      if (g_strcmp0 (mill_resource_get_type_name (resource), type) == 0 && !mill_tap_is_part (mill_resource_get_logical_id (resource)) && state != MILL_RESOURCE_PLANNED && state != MILL_RESOURCE_DELETED)
        n++;
    }
  return n;
}

static double
get_number (JsonObject *object,
            const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_double (node) : 0;
}

double
mill_cost_per_day (MillDeployment *deployment)
{
  JsonArray *items = aws_json_get_array (mill_data_get ("preflight.json"), "prices.items");
  double dollars = 0;

  g_return_val_if_fail (MILL_IS_DEPLOYMENT (deployment), 0);
  if (mill_target_get_kind (mill_deployment_get_target (deployment)) != MILL_TARGET_ACCOUNT)
    return 0;
  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      JsonObject *item = mill_array_get_object (items, i);
      guint n = count (deployment, aws_json_get_string (item, "type"));
      const char *with = aws_json_get_string (item, "perHourWith");

      dollars += get_number (item, "dollars") * get_number (item, "perHour") * 24 * (with != NULL ? MIN (n, count (deployment, with)) : n);
    }
  return dollars;
}

double
mill_cost_per_message (const char *type)
{
  JsonArray *items = aws_json_get_array (mill_data_get ("preflight.json"), "prices.items");
  double dollars = 0;

  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      JsonObject *item = mill_array_get_object (items, i);

      if (g_strcmp0 (aws_json_get_string (item, "type"), type) == 0)
        dollars += get_number (item, "dollars") * get_number (item, "perMessage");
    }
  return dollars;
}

char *
mill_cost_format (double dollars)
{
  return dollars < CENT ? g_strdup (_("less than a cent")) : g_strdup_printf ("$%.2f", dollars);
}
