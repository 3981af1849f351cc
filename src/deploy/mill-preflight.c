/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-preflight-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-data.h"
#include "mill-engine.h"
#include "mill-handler.h"
#include "mill-schedule.h"

#define DATA "preflight.json"
#define SUFFIX_PARAMETER "NameSuffix"
/* Stands for what is only known once it is made; no name has it. */
#define LATER "\001"

G_DEFINE_FINAL_TYPE (MillPreflight, mill_preflight, G_TYPE_OBJECT)

/* Questions that are asked at the same time. */
typedef struct {
  MillPreflight *self;
  gboolean     (*ask) (MillPreflight  *self,
                       GCancellable   *cancellable,
                       GError        **error);
} Question;

static const struct {
  const char *name;
  const char *title;
} sections[] = {
  { "place", N_("Where") },
  { "resources", N_("What will be created") },
  { "costs", N_("What it can cost") },
  { "names", N_("Names") },
  { "quotas", N_("Limits of the account") },
  { "permissions", N_("Permissions") },
};
G_STATIC_ASSERT (G_N_ELEMENTS (sections) == MILL_PREFLIGHT_N_SECTIONS);

static void
finding_free (gpointer data)
{
  MillFinding *finding = data;

  g_free (finding->subject);
  g_free (finding->title);
  g_free (finding->text);
  g_free (finding);
}

static void
planned_free (gpointer data)
{
  g_free (((MillPlanned *) data)->name);
  g_free (data);
}

JsonObject *
mill_preflight_find_type (const char *type)
{
  JsonNode *node = json_object_get_member (aws_json_get_object (mill_data_get (DATA), "types"), type);

  return node != NULL ? json_node_get_object (node) : NULL;
}

static const char *
get_partition (MillPreflight *self)
{
  const char *region = mill_target_get_region (self->target);

  return g_str_has_prefix (region, "cn-") ? "aws-cn" : g_str_has_prefix (region, "us-gov-") ? "aws-us-gov" : "aws";
}

char *
mill_preflight_fill (MillPreflight *self,
                     const char    *text,
                     const char    *name)
{
  GString *filled = g_string_new (text);

  g_string_replace (filled, "{name}", name, 0);
  g_string_replace (filled, "{account}", self->account, 0);
  g_string_replace (filled, "{region}", mill_target_get_region (self->target), 0);
  g_string_replace (filled, "{partition}", get_partition (self), 0);
  return g_string_free (filled, FALSE);
}

gboolean
mill_preflight_is_aws (MillPreflight *self)
{
  return mill_target_get_kind (self->target) == MILL_TARGET_ACCOUNT;
}

guint
mill_preflight_count (MillPreflight *self,
                      const char    *type)
{
  guint n = 0;

  for (guint i = 0; i < self->planned->len; i++)
    if (strcmp (((MillPlanned *) self->planned->pdata[i])->resource->type, type) == 0)
      n++;
  return n;
}

void
mill_preflight_add (MillPreflight        *self,
                    MillPreflightSection  section,
                    MillVerdict           verdict,
                    const char           *subject,
                    const char           *title,
                    const char           *text)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  MillFinding *finding = g_new0 (MillFinding, 1);

  finding->section = section;
  finding->verdict = verdict;
  finding->subject = g_strdup (subject != NULL ? subject : "");
  finding->title = g_strdup (title != NULL ? title : "");
  finding->text = g_strdup (text != NULL ? text : "");
  g_ptr_array_add (self->findings, finding);
}

void
mill_preflight_conclude (MillPreflight        *self,
                         MillPreflightSection  section,
                         char                 *text)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_free (self->summaries[section]);
  self->summaries[section] = text;
}

static char *
lookup_later (const char *logical_id,
              const char *attribute,
              gpointer    data)
{
  return g_strdup (LATER);
}

char *
mill_preflight_dup_name (MillPreflight              *self,
                         const MillTemplateResource *resource,
                         GHashTable                 *parameters)
{
  const MillHandler *handler = mill_handler_find (resource->type);
  const char *property = handler != NULL ? handler->name_property : NULL;
  JsonNode *value = property != NULL ? json_object_get_member (resource->properties, property) : NULL;
  g_autoptr(JsonNode) copy = value != NULL ? aws_json_copy_node (value) : NULL;
  g_autoptr(JsonNode) resolved = NULL;
  const char *partition = get_partition (self);
  MillScope scope = {
    .parameters = parameters,
    .account_id = self->account,
    .region = mill_target_get_region (self->target),
    .partition = partition,
    .url_suffix = strcmp (partition, "aws-cn") == 0 ? "amazonaws.com.cn" : "amazonaws.com",
    .stack_name = LATER,
    .lookup = lookup_later,
  };

  if (copy == NULL)
    return NULL;
  resolved = mill_template_resolve (mill_tutorial_get_template (self->tutorial), copy, &scope, NULL);
  if (resolved == NULL || !JSON_NODE_HOLDS_VALUE (resolved) || json_node_get_value_type (resolved) != G_TYPE_STRING ||
      strstr (json_node_get_string (resolved), LATER) != NULL)
    return NULL;
  return json_node_dup_string (resolved);
}

static void
plan (MillPreflight *self)
{
  GPtrArray *resources = mill_template_get_resources (mill_tutorial_get_template (self->tutorial));

  for (guint i = 0; i < resources->len; i++)
    {
      const MillTemplateResource *resource = resources->pdata[i];
      MillPlanned *planned;

      /* What an existing role stands for is not made. */
      if (self->role != NULL && mill_handler_is_of_role (resource->type))
        continue;
      planned = g_new0 (MillPlanned, 1);
      planned->resource = resource;
      planned->name = mill_preflight_dup_name (self, resource, self->parameters);
      g_ptr_array_add (self->planned, planned);
    }
}

static gboolean
ask_in_task (MillTask      *task,
             gpointer       data,
             GCancellable  *cancellable,
             GError       **error)
{
  Question *question = data;

  return question->ask (question->self, cancellable, error);
}

static gboolean
ask (MillPreflight  *self,
     GCancellable   *cancellable,
     GError        **error)
{
  Question questions[] = {
    { self, mill_preflight_ask_names }, { self, mill_preflight_ask_quotas }, { self, mill_preflight_ask_permissions }, { self, mill_preflight_ask_endpoint },
    { self, mill_preflight_describe_role },
  };
  g_autoptr(MillSchedule) schedule = mill_schedule_new ();

  for (guint i = 0; i < G_N_ELEMENTS (questions); i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);

      mill_schedule_add (schedule, id, ask_in_task, &questions[i], NULL);
    }
  return mill_schedule_run (schedule, cancellable, error);
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  const MillFinding *first = *(MillFinding *const *) a;
  const MillFinding *second = *(MillFinding *const *) b;

  if (first->section != second->section)
    return (int) first->section - (int) second->section;
  return (int) second->verdict - (int) first->verdict;
}

/* g_ptr_array_sort() is not stable in every GLib: equals keep their order by their number. */
static void
sort (GPtrArray *findings)
{
  for (guint i = 1; i < findings->len; i++)
    for (guint j = i; j > 0 && compare (&findings->pdata[j - 1], &findings->pdata[j]) > 0; j--)
      {
        gpointer other = findings->pdata[j];

        findings->pdata[j] = findings->pdata[j - 1];
        findings->pdata[j - 1] = other;
      }
}

static void
run_in_thread (GTask        *task,
               gpointer      source,
               gpointer      data,
               GCancellable *cancellable)
{
  MillPreflight *self = data;
  GError *error = NULL;

  if (!mill_target_open (self->target, cancellable, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  self->account = g_strdup (mill_target_get_account (self->target));
  plan (self);
  mill_preflight_describe_place (self);
  mill_preflight_describe_resources (self);
  mill_preflight_count_costs (self);
  if (!ask (self, cancellable, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  mill_preflight_offer_roles (self);
  sort (self->findings);
  g_task_return_pointer (task, g_object_ref (self), g_object_unref);
}

static void
mill_preflight_finalize (GObject *object)
{
  MillPreflight *self = MILL_PREFLIGHT (object);

  g_clear_object (&self->tutorial);
  g_clear_object (&self->target);
  g_clear_pointer (&self->parameters, g_hash_table_unref);
  g_free (self->role);
  g_free (self->account);
  g_ptr_array_unref (self->planned);
  g_ptr_array_unref (self->findings);
  for (guint i = 0; i < G_N_ELEMENTS (self->summaries); i++)
    g_free (self->summaries[i]);
  g_free (self->suffix);
  g_strfreev (self->roles);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (mill_preflight_parent_class)->finalize (object);
}

static void
mill_preflight_class_init (MillPreflightClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_preflight_finalize;
}

static void
mill_preflight_init (MillPreflight *self)
{
  g_mutex_init (&self->mutex);
  self->planned = g_ptr_array_new_with_free_func (planned_free);
  self->findings = g_ptr_array_new_with_free_func (finding_free);
}

/* The template's defaults, and over them what was given. */
static GHashTable *
join_parameters (MillTutorial  *tutorial,
                 GHashTable    *given,
                 GError       **error)
{
  MillTemplate *template = mill_tutorial_get_template (tutorial);
  GPtrArray *known = mill_template_get_parameters (template);
  g_autoptr(GHashTable) all = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer name, value;

  for (guint i = 0; i < known->len; i++)
    {
      const MillParameter *parameter = known->pdata[i];

      if (parameter->default_value != NULL)
        g_hash_table_insert (all, g_strdup (parameter->name), g_strdup (parameter->default_value));
    }
  if (given != NULL)
    g_hash_table_iter_init (&iter, given);
  while (given != NULL && g_hash_table_iter_next (&iter, &name, &value))
    {
      const MillParameter *parameter = mill_template_get_parameter (template, name);

      if (strcmp (name, MILL_PARAMETER_ROLE) == 0)
        continue;
      if (parameter == NULL)
        {
          g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, _("%s has no parameter “%s”."), mill_tutorial_get_id (tutorial),
                       (const char *) name);
          return NULL;
        }
      if (!mill_parameter_check (parameter, value, error))
        return NULL;
      g_hash_table_insert (all, g_strdup (name), g_strdup (value));
    }
  return g_steal_pointer (&all);
}

const char *
mill_preflight_section_to_string (MillPreflightSection section)
{
  g_return_val_if_fail ((guint) section < G_N_ELEMENTS (sections), NULL);
  return sections[section].name;
}

const char *
mill_preflight_section_get_title (MillPreflightSection section)
{
  g_return_val_if_fail ((guint) section < G_N_ELEMENTS (sections), NULL);
  return _(sections[section].title);
}

const char *
mill_verdict_to_string (MillVerdict verdict)
{
  static const char *const names[] = { "good", "unknown", "care", "stop" };

  g_return_val_if_fail ((guint) verdict < G_N_ELEMENTS (names), NULL);
  return names[verdict];
}

void
mill_preflight_run_async (MillTutorial         *tutorial,
                          MillTarget           *target,
                          GHashTable           *parameters,
                          const char           *role,
                          GCancellable         *cancellable,
                          GAsyncReadyCallback   callback,
                          gpointer              user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr(MillPreflight) self = g_object_new (MILL_TYPE_PREFLIGHT, NULL);
  GError *error = NULL;

  g_task_set_source_tag (task, mill_preflight_run_async);
  self->tutorial = g_object_ref (tutorial);
  self->target = g_object_ref (target);
  if (role == NULL && parameters != NULL)
    role = g_hash_table_lookup (parameters, MILL_PARAMETER_ROLE);
  self->role = role != NULL && *role != '\0' ? g_strdup (role) : NULL;
  self->parameters = join_parameters (tutorial, parameters, &error);
  if (self->parameters == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_set_task_data (task, g_steal_pointer (&self), g_object_unref);
  g_task_run_in_thread (task, run_in_thread);
}

MillPreflight *
mill_preflight_run_finish (GAsyncResult  *result,
                           GError       **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, mill_preflight_run_async), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

GPtrArray *
mill_preflight_get_findings (MillPreflight *self)
{
  g_return_val_if_fail (MILL_IS_PREFLIGHT (self), NULL);
  return self->findings;
}

MillVerdict
mill_preflight_get_verdict (MillPreflight        *self,
                            MillPreflightSection  section)
{
  MillVerdict worst = MILL_VERDICT_GOOD;

  g_return_val_if_fail (MILL_IS_PREFLIGHT (self), MILL_VERDICT_UNKNOWN);
  for (guint i = 0; i < self->findings->len; i++)
    {
      const MillFinding *finding = self->findings->pdata[i];

      if (finding->section == section)
        worst = MAX (worst, finding->verdict);
    }
  return worst;
}

MillVerdict
mill_preflight_get_worst (MillPreflight *self)
{
  MillVerdict worst = MILL_VERDICT_GOOD;

  for (guint i = 0; i < MILL_PREFLIGHT_N_SECTIONS; i++)
    worst = MAX (worst, mill_preflight_get_verdict (self, i));
  return worst;
}

const char *
mill_preflight_get_summary (MillPreflight        *self,
                            MillPreflightSection  section)
{
  g_return_val_if_fail (MILL_IS_PREFLIGHT (self) && (guint) section < MILL_PREFLIGHT_N_SECTIONS, NULL);
  return self->summaries[section];
}

MillTarget *
mill_preflight_get_target (MillPreflight *self)
{
  g_return_val_if_fail (MILL_IS_PREFLIGHT (self), NULL);
  return self->target;
}

const char *
mill_preflight_get_suffix (MillPreflight *self)
{
  g_return_val_if_fail (MILL_IS_PREFLIGHT (self), NULL);
  return self->suffix;
}

const char *
mill_preflight_get_suffix_parameter (MillPreflight *self)
{
  g_return_val_if_fail (MILL_IS_PREFLIGHT (self), NULL);
  return mill_template_get_parameter (mill_tutorial_get_template (self->tutorial), SUFFIX_PARAMETER) != NULL ? SUFFIX_PARAMETER : NULL;
}

const char *const *
mill_preflight_get_roles (MillPreflight *self)
{
  g_return_val_if_fail (MILL_IS_PREFLIGHT (self), NULL);
  return (const char *const *) self->roles;
}
