/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-preflight-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-data.h"
#include "mill-endpoint.h"
#include "mill-handler.h"
#include "mill-permission.h"

#define DATA "preflight.json"
#define LAB_ROLE "LabRole"
/* Of AWS Academy's learner labs: the role that its credentials are of. */
#define LAB_CALLER ":assumed-role/voclabs/"
#define MOST_SUFFIXES 20
#define MOST_ROLES 20

typedef enum {
  FREE,
  TAKEN,
  NOBODY_KNOWS,
} Taken;

static AwsClient *
get_client (MillPreflight *self)
{
  return mill_target_get_client (self->target);
}

static JsonObject *
call (MillPreflight  *self,
      const char     *operation,
      JsonObject     *parameters,
      GCancellable   *cancellable,
      GError        **error)
{
  g_autoptr(JsonObject) kept = parameters;

  return aws_client_call (get_client (self), operation, kept, cancellable, error);
}

/* Whether there is a thing of this type and name. */
static Taken
is_taken (MillPreflight               *self,
          const MillTemplateResource  *resource,
          const char                  *name,
          GCancellable                *cancellable,
          GError                     **error)
{
  JsonObject *type = mill_preflight_find_type (resource->type);
  JsonObject *taken = type != NULL ? aws_json_get_object (type, "taken") : NULL;
  JsonObject *template = taken != NULL ? aws_json_get_object (taken, "parameters") : NULL;
  JsonObject *parameters;
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(GError) local = NULL;
  JsonObjectIter iter;
  const char *member;
  JsonNode *value;

  if (template == NULL)
    return FREE;
  parameters = json_object_new ();
  json_object_iter_init (&iter, template);
  while (json_object_iter_next (&iter, &member, &value))
    {
      g_autofree char *text = mill_preflight_fill (self, json_node_get_string (value), name);

      json_object_set_string_member (parameters, member, text);
    }
  answer = call (self, aws_json_get_string (taken, "operation"), parameters, cancellable, &local);
  if (answer != NULL)
    return TAKEN;
  if (mill_error_is_gone (local))
    return FREE;
  g_propagate_error (error, g_steal_pointer (&local));
  return NOBODY_KNOWS;
}

/* A suffix with which every name is free; NULL where none is found. */
static char *
find_suffix (MillPreflight *self,
             GCancellable  *cancellable)
{
  const char *name = mill_preflight_get_suffix_parameter (self);
  const MillParameter *parameter = name != NULL ? mill_template_get_parameter (mill_tutorial_get_template (self->tutorial), name) : NULL;
  const char *before = parameter != NULL ? g_hash_table_lookup (self->parameters, name) : NULL;

  for (guint n = 2; parameter != NULL && n < 2 + MOST_SUFFIXES && !g_cancellable_is_cancelled (cancellable); n++)
    {
      g_autofree char *suffix = g_strdup_printf ("%s-%u", before != NULL ? before : "", n);
      g_autoptr(GHashTable) parameters = g_hash_table_new (g_str_hash, g_str_equal);
      GHashTableIter iter;
      gpointer key, value;
      gboolean all_free = TRUE;

      if (!mill_parameter_check (parameter, suffix, NULL))
        return NULL;
      g_hash_table_iter_init (&iter, self->parameters);
      while (g_hash_table_iter_next (&iter, &key, &value))
        g_hash_table_insert (parameters, key, value);
      g_hash_table_insert (parameters, (gpointer) name, suffix);
      for (guint i = 0; i < self->planned->len && all_free; i++)
        {
          MillPlanned *planned = self->planned->pdata[i];
          g_autofree char *other = mill_preflight_dup_name (self, planned->resource, parameters);

          all_free = other == NULL || is_taken (self, planned->resource, other, cancellable, NULL) != TAKEN;
        }
      if (all_free)
        return g_steal_pointer (&suffix);
    }
  return NULL;
}

gboolean
mill_preflight_ask_names (MillPreflight  *self,
                          GCancellable   *cancellable,
                          GError        **error)
{
  guint taken = 0;
  guint unknown = 0;

  for (guint i = 0; i < self->planned->len; i++)
    {
      MillPlanned *planned = self->planned->pdata[i];
      JsonObject *type = mill_preflight_find_type (planned->resource->type);
      g_autoptr(GError) trouble = NULL;
      g_autofree char *text = NULL;

      if (planned->name == NULL || type == NULL || !json_object_has_member (type, "taken"))
        continue;
      switch (is_taken (self, planned->resource, planned->name, cancellable, &trouble))
        {
        case FREE:
          break;
        case TAKEN:
          taken++;
          text = g_strdup_printf (_("There is one %s of this name already. It is left as it is: choose another name."),
                                  g_dgettext (GETTEXT_PACKAGE, aws_json_get_string (type, "title")));
          mill_preflight_add (self, MILL_PREFLIGHT_NAMES, MILL_VERDICT_STOP, planned->resource->logical_id, planned->name, text);
          break;
        default:
          if (g_cancellable_set_error_if_cancelled (cancellable, error))
            return FALSE;
          unknown++;
          text = g_strdup_printf (_("Whether the name is taken is not known: %s"), trouble->message);
          mill_preflight_add (self, MILL_PREFLIGHT_NAMES, MILL_VERDICT_UNKNOWN, planned->resource->logical_id, planned->name, text);
        }
    }
  if (taken > 0)
    {
      self->suffix = find_suffix (self, cancellable);
      mill_preflight_conclude (self, MILL_PREFLIGHT_NAMES,
                               g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u name is taken.", "%u names are taken.", taken), taken));
    }
  else if (unknown > 0)
    mill_preflight_conclude (self, MILL_PREFLIGHT_NAMES, g_strdup (_("Not all names could be looked up.")));
  else
    mill_preflight_conclude (self, MILL_PREFLIGHT_NAMES, g_strdup (_("All names are free.")));
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

/* How many there are and may be; FALSE with an error where that cannot be asked. @used: -1 where it is not counted. */
static gboolean
ask_quota (MillPreflight  *self,
           JsonObject     *item,
           gint64         *used,
           gint64         *limit,
           GCancellable   *cancellable,
           GError        **error)
{
  const char *list = aws_json_get_string (item, "list");
  g_autoptr(JsonObject) answer = NULL;

  *used = -1;
  if (list != NULL)
    {
      g_autoptr(JsonArray) all = aws_client_collect (get_client (self), list, NULL, cancellable, error);

      if (all == NULL)
        return FALSE;
      *used = json_array_get_length (all);
      *limit = aws_json_get_int (item, "limitOf", 0);
      return TRUE;
    }
  answer = call (self, aws_json_get_string (item, "operation"), NULL, cancellable, error);
  if (answer == NULL)
    return FALSE;
  if (aws_json_get_string (item, "used") != NULL)
    *used = aws_json_get_int (answer, aws_json_get_string (item, "used"), 0);
  *limit = aws_json_get_int (answer, aws_json_get_string (item, "limit"), G_MAXINT64);
  return TRUE;
}

static char *
describe_quota (JsonObject *item,
                gint64      used,
                gint64      limit,
                gint64      needed)
{
  gboolean bytes = aws_json_get_boolean (item, "bytes", FALSE);
  g_autofree char *there = bytes ? g_format_size (used) : g_strdup_printf ("%" G_GINT64_FORMAT, used);
  g_autofree char *most = bytes ? g_format_size (limit) : g_strdup_printf ("%" G_GINT64_FORMAT, limit);
  g_autofree char *more = bytes ? g_format_size (needed) : g_strdup_printf ("%" G_GINT64_FORMAT, needed);

  return g_strdup_printf (_("%s of %s used, %s more needed."), there, most, more);
}

gboolean
mill_preflight_ask_quotas (MillPreflight  *self,
                           GCancellable   *cancellable,
                           GError        **error)
{
  JsonArray *items = aws_json_get_array (mill_data_get (DATA), "quotas.items");
  guint stops = 0;
  guint unknown = 0;

  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      JsonObject *item = mill_array_get_object (items, i);
      const char *title = g_dgettext (GETTEXT_PACKAGE, aws_json_get_string (item, "title"));
      const char *low = aws_json_get_string (item, "low");
      gint64 needed = mill_preflight_count (self, aws_json_get_string (item, "type"));
      g_autoptr(GError) trouble = NULL;
      g_autofree char *text = NULL;
      gint64 used;
      gint64 limit = 0;

      if (needed == 0)
        continue;
      if (!ask_quota (self, item, &used, &limit, cancellable, &trouble))
        {
          if (g_cancellable_set_error_if_cancelled (cancellable, error))
            return FALSE;
          unknown++;
          text = g_strdup_printf (_("Not known: %s"), trouble->message);
          mill_preflight_add (self, MILL_PREFLIGHT_QUOTAS, MILL_VERDICT_UNKNOWN, aws_json_get_string (item, "id"), title, text);
          continue;
        }
      if (used < 0)
        {
          gboolean is_low = limit < aws_json_get_int (item, "enough", 0);
          g_auto(GStrv) parts = low != NULL ? g_strsplit (g_dgettext (GETTEXT_PACKAGE, low), "%d", 2) : NULL;
          g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, limit);

          text = is_low && parts != NULL ? g_strjoinv (number, parts) : g_strdup (number);
          mill_preflight_add (self, MILL_PREFLIGHT_QUOTAS, is_low ? MILL_VERDICT_CARE : MILL_VERDICT_GOOD, aws_json_get_string (item, "id"), title, text);
          continue;
        }
      needed *= aws_json_get_int (item, "units", 1);
      text = describe_quota (item, used, limit, needed);
      if (used + needed > limit)
        stops++;
      mill_preflight_add (self, MILL_PREFLIGHT_QUOTAS, used + needed > limit ? MILL_VERDICT_STOP : MILL_VERDICT_GOOD,
                          aws_json_get_string (item, "id"), title, text);
    }
  if (stops > 0)
    mill_preflight_conclude (self, MILL_PREFLIGHT_QUOTAS, g_strdup (_("There is not room for all of it. Delete what is not needed, or ask AWS for more.")));
  else if (unknown > 0)
    mill_preflight_conclude (self, MILL_PREFLIGHT_QUOTAS, g_strdup (_("Not all of the account’s limits could be asked.")));
  else
    mill_preflight_conclude (self, MILL_PREFLIGHT_QUOTAS, g_strdup (_("It fits into the account’s limits.")));
  return TRUE;
}

/* Roles that Lambda may assume, LabRole first. */
static char **
find_roles (MillPreflight *self,
            GCancellable  *cancellable)
{
  g_autoptr(JsonArray) all = aws_client_collect (get_client (self), "iam:ListRoles", NULL, cancellable, NULL);
  g_autoptr(JsonObject) lab = call (self, "iam:GetRole", mill_properties_build ("RoleName:s", LAB_ROLE, NULL), cancellable, NULL);
  GPtrArray *names = g_ptr_array_new ();

  if (lab != NULL)
    g_ptr_array_add (names, g_strdup (LAB_ROLE));
  for (guint i = 0; all != NULL && i < json_array_get_length (all) && names->len < MOST_ROLES; i++)
    {
      JsonObject *role = mill_array_get_object (all, i);
      const char *name = role != NULL ? aws_json_get_string (role, "RoleName") : NULL;
      JsonObject *trust = role != NULL ? aws_json_get_object (role, "AssumeRolePolicyDocument") : NULL;

      if (name != NULL && trust != NULL && strcmp (name, LAB_ROLE) != 0 && mill_permission_trusts (trust, "lambda.amazonaws.com"))
        g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

/* (transfer full) (nullable): whose policies are to be looked at: a user, or the role behind a session. */
static char *
dup_policy_source (MillPreflight *self,
                   GCancellable  *cancellable)
{
  const char *arn = mill_target_get_arn (self->target);
  const char *session = arn != NULL ? strstr (arn, ":assumed-role/") : NULL;
  g_autofree char *name = NULL;
  g_autoptr(JsonObject) answer = NULL;

  if (arn == NULL)
    return NULL;
  if (session == NULL)
    return strstr (arn, ":iam::") != NULL && strstr (arn, ":user/") != NULL ? g_strdup (arn) : NULL;
  session += strlen (":assumed-role/");
  name = g_strndup (session, strcspn (session, "/"));
  /* A role may have a path, which its sessions do not tell. */
  answer = call (self, "iam:GetRole", mill_properties_build ("RoleName:s", name, NULL), cancellable, NULL);
  if (answer != NULL && aws_json_get_string (answer, "Role.Arn") != NULL)
    return g_strdup (aws_json_get_string (answer, "Role.Arn"));
  return mill_preflight_fill (self, "arn:{partition}:iam::{account}:role/{name}", name);
}

static JsonObject *
context_entry (const char *name,
               const char *value)
{
  return mill_properties_build ("ContextKeyName:s", name, "ContextKeyType:s", "string", "ContextKeyValues:a", mill_array_new (value, NULL), NULL);
}

/* Its own: the data is shared by all threads, and no reference to it may be taken. */
static JsonArray *
copy_texts (JsonArray *texts)
{
  JsonArray *copy = json_array_new ();

  for (guint i = 0; i < json_array_get_length (texts); i++)
    json_array_add_string_element (copy, mill_array_get (texts, i));
  return copy;
}

/* What IAM says to @actions on @arns: those that are not allowed go into @denied (action → ARN). */
static gboolean
simulate (MillPreflight  *self,
          const char     *source,
          JsonArray      *actions,
          JsonArray      *arns,
          GHashTable     *denied,
          GCancellable   *cancellable,
          GError        **error)
{
  g_autoptr(JsonObject) parameters = json_object_new ();
  g_autoptr(JsonArray) results = NULL;
  JsonArray *context = json_array_new ();

  json_array_add_object_element (context, context_entry ("aws:RequestedRegion", mill_target_get_region (self->target)));
  json_array_add_object_element (context, context_entry ("iam:PassedToService", "lambda.amazonaws.com"));
  json_object_set_string_member (parameters, "PolicySourceArn", source);
  json_object_set_array_member (parameters, "ActionNames", copy_texts (actions));
  json_object_set_array_member (parameters, "ResourceArns", copy_texts (arns));
  json_object_set_array_member (parameters, "ContextEntries", context);
  results = aws_client_collect (get_client (self), "iam:SimulatePrincipalPolicy", parameters, cancellable, error);
  if (results == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (results); i++)
    {
      JsonObject *result = mill_array_get_object (results, i);
      const char *action = result != NULL ? aws_json_get_string (result, "EvalActionName") : NULL;
      const char *resource = result != NULL ? aws_json_get_string (result, "EvalResourceName") : NULL;

      if (action != NULL && (g_strcmp0 (aws_json_get_string (result, "EvalDecision"), "allowed") != 0 ||
                             !aws_json_get_boolean (result, "OrganizationsDecisionDetail.AllowedByOrganizations", TRUE)))
        g_hash_table_insert (denied, g_strdup (action), g_strdup (resource != NULL ? resource : "*"));
    }
  return TRUE;
}

/* type → JsonArray of the ARNs that its resources would have. */
static GHashTable *
group_arns (MillPreflight *self)
{
  GHashTable *groups = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) json_array_unref);

  for (guint i = 0; i < self->planned->len; i++)
    {
      MillPlanned *planned = self->planned->pdata[i];
      JsonObject *type = mill_preflight_find_type (planned->resource->type);
      const char *form = type != NULL ? aws_json_get_string (type, "arn") : NULL;
      g_autofree char *arn = NULL;
      JsonArray *arns;

      if (form == NULL)
        continue;
      arn = mill_preflight_fill (self, form, planned->name != NULL ? planned->name : "*");
      arns = g_hash_table_lookup (groups, planned->resource->type);
      if (arns == NULL)
        {
          arns = json_array_new ();
          g_hash_table_insert (groups, (gpointer) planned->resource->type, arns);
        }
      else if (strcmp (form, "*") == 0 || strstr (form, "{name}") == NULL)
        continue;
      json_array_add_string_element (arns, arn);
    }
  return groups;
}

static gboolean
simulate_all (MillPreflight  *self,
              const char     *source,
              GHashTable     *denied,
              GCancellable   *cancellable,
              GError        **error)
{
  g_autoptr(GHashTable) groups = group_arns (self);
  JsonObject *always = aws_json_get_object (mill_data_get (DATA), "always");
  g_autoptr(JsonArray) everything = mill_array_new (aws_json_get_string (always, "arn"), NULL);
  GHashTableIter iter;
  gpointer type, arns;

  g_hash_table_iter_init (&iter, groups);
  while (g_hash_table_iter_next (&iter, &type, &arns))
    if (!simulate (self, source, aws_json_get_array (mill_preflight_find_type (type), "actions"), arns, denied, cancellable, error))
      return FALSE;
  if (self->role != NULL)
    {
      g_autofree char *arn = mill_preflight_fill (self, "arn:{partition}:iam::{account}:role/{name}", self->role);
      g_autoptr(JsonArray) actions = mill_array_new ("iam:PassRole", "iam:GetRole", NULL);
      g_autoptr(JsonArray) roles = mill_array_new (arn, NULL);

      if (!simulate (self, source, actions, roles, denied, cancellable, error))
        return FALSE;
    }
  return simulate (self, source, aws_json_get_array (always, "actions"), everything, denied, cancellable, error);
}

static gboolean
cannot_make_roles (GHashTable *denied)
{
  static const char *const needed[] = { "iam:CreateRole", "iam:CreatePolicy", "iam:AttachRolePolicy" };

  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    if (g_hash_table_contains (denied, needed[i]))
      return TRUE;
  return FALSE;
}

gboolean
mill_preflight_ask_permissions (MillPreflight  *self,
                                GCancellable   *cancellable,
                                GError        **error)
{
  const char *arn = mill_target_get_arn (self->target);
  gboolean lab = arn != NULL && strstr (arn, LAB_CALLER) != NULL;
  g_autofree char *source = NULL;
  g_autoptr(GHashTable) denied = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GList) actions = NULL;
  g_autoptr(GError) trouble = NULL;
  guint n;

  if (arn != NULL && g_str_has_suffix (arn, ":root"))
    {
      mill_preflight_conclude (self, MILL_PREFLIGHT_PERMISSIONS, g_strdup (_("The root user may do all of it.")));
      return TRUE;
    }
  source = dup_policy_source (self, cancellable);
  if (source == NULL || !simulate_all (self, source, denied, cancellable, &trouble))
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      mill_preflight_add (self, MILL_PREFLIGHT_PERMISSIONS, MILL_VERDICT_UNKNOWN, "iam:SimulatePrincipalPolicy", "iam:SimulatePrincipalPolicy",
                          trouble != NULL ? trouble->message : _("There is no user or role here whose policies could be looked at."));
      mill_preflight_conclude (self, MILL_PREFLIGHT_PERMISSIONS, g_strdup (_("Whether the permissions suffice is not known: it shows while building.")));
    }
  /* The order of a hash table is no order. */
  actions = g_list_sort (g_hash_table_get_keys (denied), (GCompareFunc) strcmp);
  for (GList *l = actions; l != NULL; l = l->next)
    {
      g_autofree char *text = g_strdup_printf (_("Not allowed on %s."), (const char *) g_hash_table_lookup (denied, l->data));

      mill_preflight_add (self, MILL_PREFLIGHT_PERMISSIONS, MILL_VERDICT_STOP, l->data, l->data, text);
    }
  n = g_hash_table_size (denied);
  if (n > 0)
    mill_preflight_conclude (self, MILL_PREFLIGHT_PERMISSIONS,
                             g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u permission is missing.", "%u permissions are missing.", n), n));
  else if (source != NULL && trouble == NULL)
    mill_preflight_conclude (self, MILL_PREFLIGHT_PERMISSIONS, g_strdup (_("The permissions suffice.")));
  if (self->role == NULL && (lab || cannot_make_roles (denied)))
    self->roles = find_roles (self, cancellable);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

gboolean
mill_preflight_ask_endpoint (MillPreflight  *self,
                             GCancellable   *cancellable,
                             GError        **error)
{
  const MillEndpointKind *kind = mill_target_get_endpoint_kind (self->target);
  JsonArray *checks = kind != NULL ? mill_endpoint_kind_get_checks (kind) : NULL;

  for (guint i = 0; checks != NULL && i < json_array_get_length (checks); i++)
    {
      JsonObject *check = mill_array_get_object (checks, i);
      g_autoptr(JsonObject) answer = NULL;

      if (mill_preflight_count (self, aws_json_get_string (check, "type")) == 0)
        continue;
      answer = call (self, aws_json_get_string (check, "operation"), aws_json_copy_object (aws_json_get_object (check, "parameters")), cancellable, NULL);
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (answer == NULL)
        mill_preflight_add (self, MILL_PREFLIGHT_PLACE, MILL_VERDICT_STOP, kind->id, kind->title,
                            g_dgettext (GETTEXT_PACKAGE, aws_json_get_string (check, "text")));
    }
  return TRUE;
}
