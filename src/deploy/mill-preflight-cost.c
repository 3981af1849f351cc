/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-preflight-private.h"

#include <glib/gi18n-lib.h>

#include "aws-json.h"
#include "mill-cost.h"
#include "mill-data.h"
#include "mill-properties.h"

#define DATA "preflight.json"
/* What the summary counts: a class that tries it out, and leaves it there for a day. */
#define MESSAGES 1000
#define HOURS 24

static JsonArray *
get_items (void)
{
  return aws_json_get_array (mill_data_get (DATA), "prices.items");
}

static double
get_number (JsonObject *object,
            const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_double (node) : 0;
}

double
mill_preflight_get_cost (MillPreflight *self,
                         guint          messages,
                         double         hours)
{
  JsonArray *items = get_items ();
  double dollars = 0;

  g_return_val_if_fail (MILL_IS_PREFLIGHT (self), 0);
  if (!mill_preflight_is_aws (self))
    return 0;
  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      JsonObject *item = mill_array_get_object (items, i);
      guint n = mill_preflight_count (self, aws_json_get_string (item, "type"));
      const char *with = aws_json_get_string (item, "perHourWith");
      double idle = get_number (item, "perHour") * (with != NULL ? MIN (n, mill_preflight_count (self, with)) : n);

      dollars += get_number (item, "dollars") * (get_number (item, "perMessage") * n * messages + idle * hours);
    }
  return dollars;
}

const char *
mill_preflight_get_price_date (MillPreflight *self)
{
  return aws_json_get_string (mill_data_get (DATA), "prices.date");
}

void
mill_preflight_count_costs (MillPreflight *self)
{
  JsonArray *items = get_items ();
  g_autofree char *messages = NULL;
  g_autofree char *day = NULL;

  if (!mill_preflight_is_aws (self))
    {
      mill_preflight_conclude (self, MILL_PREFLIGHT_COSTS, g_strdup (_("It costs nothing: this is not AWS.")));
      return;
    }
  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      JsonObject *item = mill_array_get_object (items, i);
      const char *price = aws_json_get_string (item, "text");
      const char *free_of_charge = aws_json_get_string (item, "free");
      g_autofree char *text = NULL;

      if (price == NULL || mill_preflight_count (self, aws_json_get_string (item, "type")) == 0)
        continue;
      price = g_dgettext (GETTEXT_PACKAGE, price);
      text = free_of_charge != NULL ? g_strdup_printf (_("%s Free: %s"), price, g_dgettext (GETTEXT_PACKAGE, free_of_charge)) : g_strdup (price);
      mill_preflight_add (self, MILL_PREFLIGHT_COSTS, MILL_VERDICT_GOOD, aws_json_get_string (item, "service"),
                          aws_json_get_string (item, "service"), text);
    }
  messages = mill_cost_format (mill_preflight_get_cost (self, MESSAGES, 0));
  day = mill_cost_format (mill_preflight_get_cost (self, 0, HOURS));
  mill_preflight_conclude (self, MILL_PREFLIGHT_COSTS,
                           g_strdup_printf (_("Estimated, free amounts not counted: 1,000 messages cost %s, each day that it stays costs %s. Prices of %s of %s. %s"),
                                            messages, day, aws_json_get_string (mill_data_get (DATA), "prices.region"),
                                            mill_preflight_get_price_date (self),
                                            g_dgettext (GETTEXT_PACKAGE, aws_json_get_string (mill_data_get (DATA), "prices.credits"))));
}
