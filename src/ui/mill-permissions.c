/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-permissions.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#include "aws-json.h"
#include "mill-data.h"
#include "mill-wrap.h"

/* So many of the latest messages are asked whether the component wrote a log. */
#define LOG_TRACES 50

typedef struct {
  MillSession *session;
  const char *component;     /* "" where what it used is not the question */
} Look;

/* The resource with @arn that the deployment made; NULL where it is somebody else's. */
static MillResource *
find_by_arn (MillSession *session,
             const char  *arn)
{
  MillDeployment *deployment = mill_session_get_deployment (session);
  const char *id = arn != NULL ? mill_deployment_find_by_id (deployment, arn) : NULL;

  return id != NULL ? mill_deployment_find_resource (deployment, id) : NULL;
}

static gboolean
wrote_log (Look *look)
{
  GListModel *traces = mill_timeline_get_traces (mill_session_get_timeline (look->session));
  guint n = g_list_model_get_n_items (traces);

  for (guint i = n; i > 0 && i + LOG_TRACES > n; i--)
    {
      g_autoptr(GListModel) trace = g_list_model_get_item (traces, i - 1);

      for (guint j = 0; j < g_list_model_get_n_items (trace); j++)
        {
          g_autoptr(MillHop) hop = g_list_model_get_item (trace, j);

          if (g_str_equal (mill_hop_get_component (hop), look->component) && *mill_hop_get_log (hop) != '\0')
            return TRUE;
        }
    }
  return FALSE;
}

/* Whether messages were seen to go the way that an action is needed for: "from KIND" to the component, "to KIND" from it, or "log". */
static gboolean
was_seen (Look       *look,
          const char *way)
{
  MillTimeline *timeline = mill_session_get_timeline (look->session);

  if (g_str_equal (way, "log"))
    return wrote_log (look);
  for (guint i = 0; i < mill_timeline_get_n_places (timeline); i++)
    {
      const char *kind, *from, *from_kind;
      const char *component = mill_timeline_get_place (timeline, i, &kind, &from, &from_kind);

      if (g_str_has_prefix (way, "from ") ? g_strcmp0 (component, look->component) == 0 && g_strcmp0 (from_kind, way + strlen ("from ")) == 0
                                          : g_strcmp0 (from, look->component) == 0 && g_strcmp0 (kind, way + strlen ("to ")) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Policies name actions in any case; the explanations bear AWS's own spelling. */
static JsonObject *
find_action (const char *action)
{
  JsonObject *all = aws_json_get_object (mill_data_get ("explanations.json"), "actions");
  g_autoptr(GList) names = all != NULL ? json_object_get_members (all) : NULL;

  for (GList *name = names; name != NULL; name = name->next)
    if (g_ascii_strcasecmp (name->data, action) == 0)
      return aws_json_get_object (all, name->data);
  return NULL;
}

static void
add_action (Look       *look,
            GtkWidget  *policy,
            const char *action,
            const char *on)
{
  JsonObject *explanation = find_action (action);
  const char *what = explanation != NULL ? aws_json_get_string (explanation, "what") : NULL;
  const char *way = explanation != NULL ? aws_json_get_string (explanation, "seen") : NULL;
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *used;
  g_autoptr(GString) subtitle = g_string_new (what != NULL ? g_dgettext (GETTEXT_PACKAGE, what) : "");

  if (on != NULL)
    {
      g_string_append (subtitle, subtitle->len > 0 ? "\n" : "");
      if (g_str_equal (on, "*"))
        g_string_append (subtitle, _("On everything of that kind in the account."));
      else
        /* Translators: an ARN that a permission is limited to */
        g_string_append_printf (subtitle, _("On %s"), on);
    }
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), action);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle->str);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  if (way != NULL && *look->component != '\0')
    {
      gboolean seen = was_seen (look, way);

      used = gtk_label_new (seen ? _("Used") : _("Not used yet"));
      gtk_widget_set_css_classes (used, (const char *[]) { "caption", seen ? "success" : "dim-label", NULL });
      gtk_widget_set_tooltip_text (used, seen ? _("Messages were seen that cannot have come this far without it.")
                                              : _("No message was seen that needed it."));
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), used);
    }
  mill_wrap_all (row);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (policy), row);
}

static GtkWidget *
add_policy (GtkWidget  *group,
            const char *name,
            const char *whose)
{
  GtkWidget *row = adw_expander_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), whose);
  mill_wrap_all (row);
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (row), TRUE);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  return row;
}

/* (transfer full): a string, or the strings of an array one after the other. */
static char *
dup_strings (JsonObject *object,
             const char *name)
{
  JsonArray *array = aws_json_get_array (object, name);
  g_autoptr(GString) text = NULL;

  if (array == NULL)
    return g_strdup (aws_json_get_string (object, name));
  text = g_string_new (NULL);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (json_node_get_value_type (node) == G_TYPE_STRING)
        g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", json_node_get_string (node));
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
add_statement (Look       *look,
               GtkWidget  *policy,
               JsonObject *statement)
{
  g_autofree char *actions = dup_strings (statement, "Action");
  g_autofree char *on = dup_strings (statement, "Resource");
  g_auto(GStrv) each = g_strsplit (actions != NULL ? actions : "", ", ", -1);
  gboolean denies = g_strcmp0 (aws_json_get_string (statement, "Effect"), "Deny") == 0;

  for (guint i = 0; each[i] != NULL && *each[i] != '\0'; i++)
    {
      /* Translators: an action that a policy forbids */
      g_autofree char *denied = denies ? g_strdup_printf (_("%s is forbidden"), each[i]) : NULL;

      add_action (look, policy, denied != NULL ? denied : each[i], on);
    }
}

static void
add_document (Look       *look,
              GtkWidget  *policy,
              JsonObject *document)
{
  JsonArray *statements = document != NULL ? aws_json_get_array (document, "Statement") : NULL;
  JsonObject *only = document != NULL ? aws_json_get_object (document, "Statement") : NULL;

  if (only != NULL)
    add_statement (look, policy, only);
  for (guint i = 0; statements != NULL && i < json_array_get_length (statements); i++)
    {
      JsonNode *node = json_array_get_element (statements, i);

      if (JSON_NODE_HOLDS_OBJECT (node))
        add_statement (look, policy, json_node_get_object (node));
    }
}

/* A policy that the role bears by its ARN: the deployment's own, or one that AWS keeps. */
static void
add_attached (Look       *look,
              GtkWidget  *group,
              const char *arn)
{
  MillResource *own = find_by_arn (look->session, arn);
  const char *slash = strrchr (arn, '/');
  const char *name = slash != NULL ? slash + 1 : arn;
  JsonObject *managed = aws_json_get_object (mill_data_get ("explanations.json"), "managed");
  JsonArray *actions = managed != NULL ? aws_json_get_array (managed, name) : NULL;
  GtkWidget *policy;

  if (own != NULL)
    {
      g_autoptr(JsonObject) properties = mill_resource_dup_properties (own);
      const char *description = properties != NULL ? aws_json_get_string (properties, "Description") : NULL;

      policy = add_policy (group, name, description != NULL ? description : _("A policy of this deployment"));
      add_document (look, policy, properties != NULL ? aws_json_get_object (properties, "PolicyDocument") : NULL);
      return;
    }
  policy = add_policy (group, name, _("A policy that AWS keeps"));
  for (guint i = 0; actions != NULL && i < json_array_get_length (actions); i++)
    add_action (look, policy, json_array_get_string_element (actions, i), NULL);
  if (actions == NULL)
    adw_expander_row_set_enable_expansion (ADW_EXPANDER_ROW (policy), FALSE);
}

/* (transfer full): whom a statement is about: the end of each name. */
static char *
dup_principal (JsonObject *statement)
{
  JsonObject *principal = aws_json_get_object (statement, "Principal");
  g_autofree char *all = principal == NULL ? dup_strings (statement, "Principal")
                       : json_object_has_member (principal, "AWS") ? dup_strings (principal, "AWS") : dup_strings (principal, "Service");
  const char *slash = all != NULL ? strrchr (all, '/') : NULL;

  if (all == NULL || g_str_equal (all, "*"))
    return g_strdup (_("Everybody"));
  if (g_str_has_suffix (all, ":root"))
    return g_strdup (_("The account itself"));
  return g_strdup (slash != NULL ? slash + 1 : all);
}

/* A queue says itself who may use it. */
static GtkWidget *
new_resource_policy (MillSession  *session,
                     MillResource *resource)
{
  GListModel *resources = G_LIST_MODEL (mill_session_get_deployment (session));
  Look look = { session, "" };
  GtkWidget *group = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (resources); i++)
    {
      g_autoptr(MillResource) policy = g_list_model_get_item (resources, i);
      g_autoptr(JsonObject) properties = NULL;
      g_autofree char *queues = NULL;
      JsonArray *statements;

      if (!g_str_equal (mill_resource_get_type_name (policy), "AWS::SQS::QueuePolicy"))
        continue;
      properties = mill_resource_dup_properties (policy);
      queues = properties != NULL ? dup_strings (properties, "Queues") : NULL;
      statements = properties != NULL ? aws_json_get_array (properties, "PolicyDocument.Statement") : NULL;
      if (queues == NULL || strstr (queues, mill_resource_get_physical_id (resource)) == NULL || *mill_resource_get_physical_id (resource) == '\0')
        continue;
      group = adw_preferences_group_new ();
      adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _("Permissions"));
      adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), _("It has a policy of its own, which says who may use it."));
      for (guint j = 0; statements != NULL && j < json_array_get_length (statements); j++)
        {
          JsonNode *node = json_array_get_element (statements, j);
          g_autofree char *who = JSON_NODE_HOLDS_OBJECT (node) ? dup_principal (json_node_get_object (node)) : NULL;
          const char *id = who != NULL ? aws_json_get_string (json_node_get_object (node), "Sid") : NULL;

          if (who != NULL)
            add_statement (&look, add_policy (group, who, id != NULL ? id : ""), json_node_get_object (node));
        }
    }
  return group;
}

char *
mill_permissions_dup_role (MillSession  *session,
                           MillResource *resource)
{
  g_autoptr(JsonObject) own = mill_resource_dup_properties (resource);
  GListModel *resources = G_LIST_MODEL (mill_session_get_deployment (session));
  const char *role = own != NULL ? aws_json_get_string (own, "Role") : NULL;

  if (role == NULL && own != NULL)
    role = aws_json_get_string (own, "RoleArn");
  if (role != NULL)
    return g_strdup (role);
  /* An API acts in the name of the role that its methods give. */
  for (guint i = 0; i < g_list_model_get_n_items (resources); i++)
    {
      g_autoptr(MillResource) method = g_list_model_get_item (resources, i);
      g_autoptr(JsonObject) properties = NULL;
      JsonObject *integration;

      if (!g_str_equal (mill_resource_get_type_name (method), "AWS::ApiGateway::Method"))
        continue;
      properties = mill_resource_dup_properties (method);
      integration = properties != NULL ? aws_json_get_object (properties, "Integration") : NULL;
      if (integration != NULL && g_strcmp0 (aws_json_get_string (properties, "RestApiId"), mill_resource_get_physical_id (resource)) == 0 &&
          aws_json_get_string (integration, "Credentials") != NULL)
        return g_strdup (aws_json_get_string (integration, "Credentials"));
    }
  return NULL;
}

GtkWidget *
mill_permissions_new (MillSession  *session,
                      MillResource *resource)
{
  g_autofree char *arn = mill_permissions_dup_role (session, resource);
  MillResource *role = find_by_arn (session, arn);
  g_autoptr(JsonObject) properties = role != NULL ? mill_resource_dup_properties (role) : NULL;
  JsonArray *attached = properties != NULL ? aws_json_get_array (properties, "ManagedPolicyArns") : NULL;
  JsonArray *inline_policies = properties != NULL ? aws_json_get_array (properties, "Policies") : NULL;
  const char *slash = arn != NULL ? strrchr (arn, '/') : NULL;
  g_autofree char *says = NULL;
  Look look = { session, mill_resource_get_logical_id (resource) };
  GtkWidget *group;

  if (arn == NULL)
    return new_resource_policy (session, resource);
  says = g_strdup_printf (role != NULL ? _("It acts in the name of the role %s, and may do what that role’s policies allow.")
                                       : _("It acts in the name of the role %s, which this deployment did not make: its policies are not known here."),
                          slash != NULL ? slash + 1 : arn);
  group = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _("Permissions"));
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), says);
  for (guint i = 0; attached != NULL && i < json_array_get_length (attached); i++)
    {
      JsonNode *node = json_array_get_element (attached, i);

      if (json_node_get_value_type (node) == G_TYPE_STRING)
        add_attached (&look, group, json_node_get_string (node));
    }
  for (guint i = 0; inline_policies != NULL && i < json_array_get_length (inline_policies); i++)
    {
      JsonNode *node = json_array_get_element (inline_policies, i);
      JsonObject *policy = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *name = policy != NULL ? aws_json_get_string (policy, "PolicyName") : NULL;

      if (name != NULL)
        add_document (&look, add_policy (group, name, _("Part of the role")), aws_json_get_object (policy, "PolicyDocument"));
    }
  return group;
}
