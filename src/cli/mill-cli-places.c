/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where things are built: what building there comes to, named endpoints, regions. */
#include "mill-cli.h"

#include <string.h>

#include "mill-endpoint.h"
#include "mill-region.h"

static void
print_finding (MillCli           *self,
               const MillFinding *finding)
{
  static const char *const marks[] = { " ", "?", "!", "✗" };
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *line = g_strdup_printf ("  %s %s%s%s", marks[finding->verdict], finding->title, *finding->text != '\0' ? ": " : "", finding->text);

  json_object_set_string_member (object, "section", mill_preflight_section_to_string (finding->section));
  json_object_set_string_member (object, "verdict", mill_verdict_to_string (finding->verdict));
  json_object_set_string_member (object, "subject", finding->subject);
  json_object_set_string_member (object, "title", finding->title);
  json_object_set_string_member (object, "text", finding->text);
  mill_cli_print_object (self, "finding", object, line);
}

static void
print_section (MillCli              *self,
               MillPreflight        *preflight,
               MillPreflightSection  section)
{
  g_autoptr (JsonObject) object = json_object_new ();
  const char *summary = mill_preflight_get_summary (preflight, section);
  g_autofree char *line = g_strdup_printf ("%s: %s", mill_preflight_section_get_title (section), summary != NULL ? summary : "");

  json_object_set_string_member (object, "section", mill_preflight_section_to_string (section));
  json_object_set_string_member (object, "verdict", mill_verdict_to_string (mill_preflight_get_verdict (preflight, section)));
  json_object_set_string_member (object, "summary", summary != NULL ? summary : "");
  mill_cli_print_object (self, "preflight", object, line);
}

static void
print_preflight (MillCli       *self,
                 MillPreflight *preflight)
{
  GPtrArray *findings = mill_preflight_get_findings (preflight);
  const char *suffix = mill_preflight_get_suffix (preflight);
  const char *const *roles = mill_preflight_get_roles (preflight);

  for (guint i = 0; i < MILL_PREFLIGHT_N_SECTIONS; i++)
    {
      print_section (self, preflight, i);
      for (guint j = 0; j < findings->len; j++)
        if (((MillFinding *) findings->pdata[j])->section == i)
          print_finding (self, findings->pdata[j]);
    }
  if (suffix != NULL && !self->json)
    g_print ("With --suffix, “%s” is put behind every name; all are free then.\n", suffix);
  if (roles != NULL && roles[0] != NULL && !self->json)
    g_print ("With --role %s, that role is used instead of new ones.\n", roles[0]);
}

MillPreflight *
mill_cli_preflight (MillCli       *self,
                    MillTutorial  *tutorial,
                    MillTarget    *target,
                    GHashTable    *parameters,
                    GError       **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (MillPreflight) preflight = NULL;

  mill_preflight_run_async (tutorial, target, parameters, NULL, self->cancellable, mill_cli_done, self);
  result = mill_cli_wait (self);
  preflight = mill_preflight_run_finish (result, error);
  if (preflight != NULL)
    print_preflight (self, preflight);
  return g_steal_pointer (&preflight);
}

static int
list_endpoints (MillCli *self)
{
  g_autoptr (GPtrArray) all = mill_endpoint_list ();

  for (guint i = 0; i < all->len; i++)
    {
      const MillEndpoint *endpoint = all->pdata[i];
      g_autoptr (JsonObject) object = json_object_new ();
      const char *kind = *endpoint->kind != '\0' ? mill_endpoint_find_kind (endpoint->kind)->title : "";
      g_autofree char *line = g_strdup_printf ("endpoint:%-16s %-32s %s %s", endpoint->name, endpoint->url, kind, endpoint->region);

      json_object_set_string_member (object, "name", endpoint->name);
      json_object_set_string_member (object, "url", endpoint->url);
      json_object_set_string_member (object, "region", endpoint->region);
      json_object_set_string_member (object, "kind", endpoint->kind);
      mill_cli_print_object (self, "endpoint", object, line);
    }
  return MILL_CLI_DONE;
}

/* Kept also where nothing answers yet: it may be started later. */
static int
add_endpoint (MillCli    *self,
              const char *name,
              const char *url,
              const char *region)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) silent = NULL;
  g_autofree char *good = mill_endpoint_check_url (url, &error);
  g_autofree char *wrong = region != NULL ? mill_region_check (region) : NULL;
  g_autofree char *version = NULL;
  g_autoptr (MillEndpoint) endpoint = NULL;
  const MillEndpointKind *kind;

  if (wrong != NULL)
    return mill_cli_usage (self, "%s", wrong);
  if (good == NULL)
    return mill_cli_fail (self, error);
  kind = mill_endpoint_recognise (good, &version, self->cancellable, &silent);
  endpoint = mill_endpoint_new (name, good, region, kind != NULL ? kind->id : NULL);
  if (!mill_endpoint_save (endpoint, &error))
    return mill_cli_fail (self, error);
  if (kind == NULL)
    g_printerr ("millrace-cli: It is kept, but nothing answers there now. %s\n", silent->message);
  else
    {
      g_autoptr (JsonObject) object = json_object_new ();
      g_autofree char *line = g_strdup_printf ("endpoint:%s is %s%s%s", name, kind->title, version != NULL ? " " : "", version != NULL ? version : "");

      json_object_set_string_member (object, "name", name);
      json_object_set_string_member (object, "url", good);
      json_object_set_string_member (object, "region", endpoint->region);
      json_object_set_string_member (object, "kind", kind->id);
      json_object_set_string_member (object, "version", version != NULL ? version : "");
      mill_cli_print_object (self, "endpoint", object, line);
    }
  return MILL_CLI_DONE;
}

int
mill_cli_endpoints (MillCli  *self,
                    int       argc,
                    char    **argv)
{
  g_autofree char *region = NULL;
  GOptionEntry entries[] = { { "region", 0, 0, G_OPTION_ARG_STRING, &region, NULL, NULL }, G_OPTION_ENTRY_NULL };
  g_autoptr (GError) error = NULL;

  if (!mill_cli_parse (self, &argc, &argv, entries, -1))
    return MILL_CLI_USAGE;
  if (argc == 2 && g_str_equal (argv[1], "list"))
    return list_endpoints (self);
  if (argc == 4 && g_str_equal (argv[1], "add"))
    return add_endpoint (self, argv[2], argv[3], region);
  if (argc == 3 && g_str_equal (argv[1], "remove"))
    return mill_endpoint_remove (argv[2], &error) ? MILL_CLI_DONE : mill_cli_fail (self, error);
  return mill_cli_usage (self, "endpoints: say “list”, “add NAME URL” or “remove NAME”.");
}

int
mill_cli_regions (MillCli  *self,
                  int       argc,
                  char    **argv)
{
  GOptionEntry none[] = { G_OPTION_ENTRY_NULL };
  GPtrArray *all = mill_region_get_all ();

  if (!mill_cli_parse (self, &argc, &argv, none, 0))
    return MILL_CLI_USAGE;
  for (guint i = 0; i < all->len; i++)
    {
      const MillRegion *region = all->pdata[i];
      g_autoptr (JsonObject) object = json_object_new ();
      g_autofree char *line = g_strdup_printf ("%-16s %s%s", region->id, region->name, region->opt_in ? " (to be switched on first)" : "");

      json_object_set_string_member (object, "id", region->id);
      json_object_set_string_member (object, "name", region->name);
      json_object_set_string_member (object, "partition", region->partition);
      json_object_set_boolean_member (object, "optIn", region->opt_in);
      mill_cli_print_object (self, "region", object, line);
    }
  return MILL_CLI_DONE;
}
