/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-cli.h"

#include <string.h>

#include "mill-tap.h"

/* "There is no topic …", with those that there are. */
static void
say_topics (MillDeployment  *deployment,
            const char      *topic,
            GError         **error)
{
  g_autoptr (GString) topics = g_string_new (NULL);
  GListModel *model = G_LIST_MODEL (deployment);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (MillResource) resource = g_list_model_get_item (model, i);

      if (g_str_equal (mill_resource_get_type_name (resource), "AWS::SNS::Topic"))
        g_string_append_printf (topics, "%s%s", topics->len > 0 ? ", " : "", mill_resource_get_logical_id (resource));
    }
  g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, "%s has no topic “%s”. %s%s.", mill_deployment_get_id (deployment), topic,
               topics->len > 0 ? "Its topics: " : "It has none", topics->str);
}

static void
print_tap (MillCli        *self,
           MillDeployment *deployment,
           const char     *topic,
           gboolean        on)
{
  g_autofree char *url = mill_tap_dup_queue_url (deployment, topic);
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *line = on ? g_strdup_printf ("What is published at %s can be read now, in “watch”, “send” and the window, where public APIs are asked.\n"
                                                "On AWS the first messages may be missed for a minute. “millrace-cli tap %s %s --off” takes the tap away; so does “cleanup”.",
                                                topic, mill_deployment_get_id (deployment), topic)
                             : g_strdup_printf ("There is no tap on %s any more.", topic);

  json_object_set_string_member (object, "topic", topic);
  json_object_set_boolean_member (object, "on", on);
  json_object_set_string_member (object, "queue", url != NULL ? url : "");
  mill_cli_print_object (self, "tap", object, line);
}

int
mill_cli_tap (MillCli  *self,
              int       argc,
              char    **argv)
{
  gboolean off = FALSE;
  GOptionEntry entries[] = {
    { "off", 0, 0, G_OPTION_ARG_NONE, &off, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  MillDeployment *deployment;
  MillResource *resource;
  gboolean ok;

  if (!mill_cli_parse (self, &argc, &argv, entries, 2))
    return MILL_CLI_USAGE;
  deployment = mill_cli_open_deployment (self, argv[1], &error);
  if (deployment == NULL)
    return mill_cli_fail (self, error);
  resource = mill_deployment_find_resource (deployment, argv[2]);
  if (resource == NULL || !g_str_equal (mill_resource_get_type_name (resource), "AWS::SNS::Topic"))
    {
      say_topics (deployment, argv[2], &error);
      return mill_cli_fail (self, error);
    }
  mill_engine_tap_async (self->engine, deployment, argv[2], !off, self->cancellable, mill_cli_done, self);
  mill_cli_print_changes (self, deployment, TRUE);
  result = mill_cli_wait (self);
  ok = mill_engine_tap_finish (self->engine, result, &error);
  mill_cli_print_changes (self, deployment, FALSE);
  if (!ok)
    return mill_cli_fail (self, error);
  print_tap (self, deployment, argv[2], !off);
  return MILL_CLI_DONE;
}
