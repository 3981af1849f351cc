/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-deployment-private.h"

#include <glib/gi18n-lib.h>

#include "aws-json.h"
#include "mill-engine.h"
#include "mill-properties.h"
#include "mill-resource-private.h"
#include "mill-tagged.h"

typedef struct {
  MillRecord          *record;     /* or NULL */
  char                *step;       /* or NULL */
  MillStepState        step_state;
  MillDeploymentState  state;      /* where neither is set */
} Update;

struct _MillDeployment
{
  GObject              parent_instance;

  char                *id;
  char                *tutorial_id;
  MillTutorial        *tutorial;
  MillTarget          *target;
  MillLedger          *ledger;
  GMainContext        *context;
  GHashTable          *parameters;
  gint64               created;

  /* Main context. */
  GPtrArray           *resources;    /* of MillResource, template order */
  GHashTable          *by_id;        /* logical id → MillResource */
  GHashTable          *step_states;  /* step id → MillStepState */
  MillDeploymentState  state;
  gboolean             busy;
  gboolean             pending;      /* what the ledger knows is not read yet */

  /* Any thread, under the lock. */
  GMutex               mutex;
  const char          *account;      /* interned */
  GPtrArray           *records;      /* of MillRecord, template order */
  GHashTable          *new_step_states;
  MillDeploymentState  new_state;
  GQueue               updates;      /* of Update */
  GSource             *source;
};

static void mill_deployment_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MillDeployment, mill_deployment, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, mill_deployment_list_model_init))

enum {
  PROP_0,
  PROP_STATE,
  N_PROPS
};

enum {
  STEP_CHANGED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static const char *const state_names[] = { "new", "building", "partial", "built", "failed", "cleaning", "cleaned" };
static const char *const step_state_names[] = { "to-do", "running", "done", "failed" };

const char *
mill_deployment_state_to_string (MillDeploymentState state)
{
  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (state_names), "new");
  return state_names[state];
}

static void
update_free (Update *update)
{
  g_clear_pointer (&update->record, mill_record_free);
  g_free (update->step);
  g_free (update);
}

static MillRecord *
find_record (MillDeployment *self,
             const char     *logical_id)
{
  for (guint i = 0; i < self->records->len; i++)
    {
      MillRecord *record = self->records->pdata[i];

      if (g_strcmp0 (record->logical_id, logical_id) == 0)
        return record;
    }
  return NULL;
}

static void
apply_update (MillDeployment *self,
              Update         *update)
{
  if (update->record != NULL)
    {
      MillResource *resource = g_hash_table_lookup (self->by_id, update->record->logical_id);

      if (resource != NULL)
        mill_resource_set_record (resource, g_steal_pointer (&update->record));
    }
  else if (update->step != NULL)
    {
      g_hash_table_insert (self->step_states, g_strdup (update->step), GINT_TO_POINTER (update->step_state));
      g_signal_emit (self, signals[STEP_CHANGED], 0, update->step);
    }
  else if (self->state != update->state)
    {
      self->state = update->state;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
    }
}

static gboolean
on_updates (gpointer data)
{
  MillDeployment *self = data;
  GQueue updates;

  g_mutex_lock (&self->mutex);
  updates = self->updates;
  g_queue_init (&self->updates);
  g_clear_pointer (&self->source, g_source_unref);
  g_mutex_unlock (&self->mutex);

  while (updates.head != NULL)
    {
      Update *update = g_queue_pop_head (&updates);

      apply_update (self, update);
      update_free (update);
    }
  return G_SOURCE_REMOVE;
}

/* Under the lock. @update: (transfer full). */
static void
post (MillDeployment *self,
      Update         *update)
{
  g_queue_push_tail (&self->updates, update);
  if (self->source != NULL)
    return;
  self->source = g_idle_source_new ();
  g_source_set_priority (self->source, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->source, on_updates, g_object_ref (self), g_object_unref);
  g_source_attach (self->source, self->context);
}

/* Work begins with all that is known; what is only looked at shows what could be read. */
static void
ensure (MillDeployment *self)
{
  if (self->pending)
    mill_deployment_load (self, NULL);
}

static GMutexLocker *
lock (MillDeployment *self)
{
  ensure (self);
  return g_mutex_locker_new (&self->mutex);
}

static char *
lookup (const char *logical_id,
        const char *attribute,
        gpointer    data)
{
  return mill_deployment_lookup (data, logical_id, attribute);
}

static GType
mill_deployment_get_item_type (GListModel *model)
{
  return MILL_TYPE_RESOURCE;
}

static guint
mill_deployment_get_n_items (GListModel *model)
{
  MillDeployment *self = MILL_DEPLOYMENT (model);

  ensure (self);
  return self->resources->len;
}

static gpointer
mill_deployment_get_item (GListModel *model,
                          guint       position)
{
  MillDeployment *self = MILL_DEPLOYMENT (model);

  ensure (self);
  return position < self->resources->len ? g_object_ref (self->resources->pdata[position]) : NULL;
}

static void
mill_deployment_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = mill_deployment_get_item_type;
  iface->get_n_items = mill_deployment_get_n_items;
  iface->get_item = mill_deployment_get_item;
}

static void
mill_deployment_get_property (GObject    *object,
                              guint       id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  MillDeployment *self = MILL_DEPLOYMENT (object);

  switch (id)
    {
    case PROP_STATE:
      g_value_set_uint (value, self->state);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mill_deployment_finalize (GObject *object)
{
  MillDeployment *self = MILL_DEPLOYMENT (object);

  g_queue_clear_full (&self->updates, (GDestroyNotify) update_free);
  g_clear_pointer (&self->source, g_source_unref);
  g_ptr_array_unref (self->resources);
  g_ptr_array_unref (self->records);
  g_hash_table_unref (self->by_id);
  g_hash_table_unref (self->step_states);
  g_hash_table_unref (self->new_step_states);
  g_hash_table_unref (self->parameters);
  g_clear_object (&self->tutorial);
  g_clear_object (&self->target);
  g_clear_object (&self->ledger);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->mutex);
  g_free (self->id);
  g_free (self->tutorial_id);
  G_OBJECT_CLASS (mill_deployment_parent_class)->finalize (object);
}

static void
mill_deployment_class_init (MillDeploymentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = mill_deployment_get_property;
  object_class->finalize = mill_deployment_finalize;

  properties[PROP_STATE] = g_param_spec_uint ("state", NULL, NULL, 0, MILL_DEPLOYMENT_CLEANED, 0,
                                              G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[STEP_CHANGED] = g_signal_new ("step-changed", MILL_TYPE_DEPLOYMENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
mill_deployment_init (MillDeployment *self)
{
  g_mutex_init (&self->mutex);
  g_queue_init (&self->updates);
  self->context = g_main_context_ref_thread_default ();
  self->resources = g_ptr_array_new_with_free_func (g_object_unref);
  self->records = g_ptr_array_new_with_free_func ((GDestroyNotify) mill_record_free);
  self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->step_states = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->new_step_states = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->account = "";
}

MillDeployment *
mill_deployment_new (const char   *id,
                     const char   *tutorial_id,
                     MillTutorial *tutorial,
                     MillTarget   *target,
                     GHashTable   *parameters,
                     gint64        created,
                     MillLedger   *ledger)
{
  MillDeployment *self = g_object_new (MILL_TYPE_DEPLOYMENT, NULL);

  self->id = g_strdup (id);
  self->tutorial_id = g_strdup (tutorial_id);
  g_set_object (&self->tutorial, tutorial);
  self->target = g_object_ref (target);
  self->parameters = parameters;
  self->created = created;
  self->ledger = g_object_ref (ledger);

  if (tutorial != NULL)
    {
      GPtrArray *resources = mill_template_get_resources (mill_tutorial_get_template (tutorial));

      for (guint i = 0; i < resources->len; i++)
        {
          const MillTemplateResource *resource = resources->pdata[i];

          mill_deployment_restore_record (self, mill_record_new (resource->logical_id, resource->type));
        }
    }
  return self;
}

void
mill_deployment_restore_record (MillDeployment *self,
                                MillRecord     *record)
{
  MillResource *resource = g_hash_table_lookup (self->by_id, record->logical_id);
  guint index = 0;

  if (resource == NULL)
    {
      resource = mill_resource_new (mill_record_copy (record));
      g_ptr_array_add (self->resources, resource);
      g_hash_table_insert (self->by_id, g_strdup (record->logical_id), resource);
      g_ptr_array_add (self->records, record);
      return;
    }
  mill_resource_set_record (resource, mill_record_copy (record));
  g_ptr_array_find (self->records, find_record (self, record->logical_id), &index);
  mill_record_free (self->records->pdata[index]);
  self->records->pdata[index] = record;
}

void
mill_deployment_adopt_record (MillDeployment   *self,
                              const MillRecord *record)
{
  g_autofree char *logical_id = g_strdup (record->logical_id);
  MillRecord *adopted = mill_record_copy (record);
  MillRecord *before;

  ensure (self);
  g_mutex_lock (&self->mutex);
  for (guint n = 2; (before = find_record (self, logical_id)) != NULL && mill_record_may_exist (before); n++)
    {
      g_free (logical_id);
      logical_id = g_strdup_printf ("%s-%u", record->logical_id, n);
    }
  g_free (adopted->logical_id);
  adopted->logical_id = g_steal_pointer (&logical_id);
  g_mutex_unlock (&self->mutex);
  mill_deployment_restore_record (self, mill_record_copy (adopted));
  if (before == NULL)
    g_list_model_items_changed (G_LIST_MODEL (self), self->resources->len - 1, 0, 1);
  mill_deployment_publish (self, adopted, MILL_NOTE_FOUND);
  mill_record_free (adopted);
}

void
mill_deployment_restore_step (MillDeployment *self,
                              const char     *step,
                              const char     *state)
{
  for (guint i = 0; i < G_N_ELEMENTS (step_state_names); i++)
    if (g_strcmp0 (state, step_state_names[i]) == 0)
      {
        g_hash_table_insert (self->step_states, g_strdup (step), GUINT_TO_POINTER (i));
        g_hash_table_insert (self->new_step_states, g_strdup (step), GUINT_TO_POINTER (i));
      }
}

void
mill_deployment_restore_state (MillDeployment *self,
                               const char     *state,
                               const char     *account)
{
  for (guint i = 0; i < G_N_ELEMENTS (state_names); i++)
    if (g_strcmp0 (state, state_names[i]) == 0)
      self->state = self->new_state = i;
  self->account = g_intern_string (account);
}

/* What is marked NoEcho in the template is kept in memory alone. */
static char *
parameters_to_text (MillDeployment *self)
{
  g_autoptr(JsonObject) object = json_object_new ();
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, self->parameters);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      const MillParameter *parameter = self->tutorial == NULL ? NULL
        : mill_template_get_parameter (mill_tutorial_get_template (self->tutorial), name);

      if (parameter == NULL || !parameter->no_echo)
        json_object_set_string_member (object, name, value);
    }
  return aws_json_object_to_text (object);
}

void
mill_deployment_save (MillDeployment *self)
{
  g_autofree char *parameters = parameters_to_text (self);
  MillDeploymentState state;
  const char *account;

  g_mutex_lock (&self->mutex);
  account = self->account;
  state = self->new_state;
  g_mutex_unlock (&self->mutex);

  mill_ledger_queue (self->ledger,
                     "INSERT INTO deployment (id, tutorial, target, region, account, state, created, parameters)"
                     " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                     " ON CONFLICT (id) DO UPDATE SET region = excluded.region, account = excluded.account,"
                     " state = excluded.state, parameters = excluded.parameters", "ssssssis",
                     self->id, self->tutorial_id, mill_target_get_spec (self->target), mill_target_get_region (self->target),
                     account, state_names[state], self->created, parameters);
}

/* The ledger holds no secret: values of NoEcho parameters are blanked in what was sent. */
static char *
blank_secrets (MillDeployment *self,
               char           *text)
{
  GPtrArray *parameters;

  if (self->tutorial == NULL)
    return text;
  parameters = mill_template_get_parameters (mill_tutorial_get_template (self->tutorial));
  for (guint i = 0; i < parameters->len; i++)
    {
      const MillParameter *parameter = parameters->pdata[i];
      const char *value = g_hash_table_lookup (self->parameters, parameter->name);

      if (parameter->no_echo && value != NULL && *value != '\0')
        {
          g_autoptr(JsonNode) node = json_node_init_string (json_node_alloc (), value);
          g_autofree char *quoted = aws_json_to_text (node);
          g_auto(GStrv) parts = NULL;

          /* As it stands inside a JSON text, without the quotes. */
          quoted[strlen (quoted) - 1] = '\0';
          parts = g_strsplit (text, quoted + 1, -1);
          g_free (text);
          text = g_strjoinv ("****", parts);
        }
    }
  return text;
}

void
mill_deployment_put_record (MillDeployment   *self,
                            const MillRecord *record)
{
  g_autofree char *sent = blank_secrets (self, aws_json_object_to_text (record->properties));
  g_autofree char *attributes = aws_json_object_to_text (record->attributes);
  g_autofree char *notes = aws_json_object_to_text (record->notes);

  mill_ledger_queue (self->ledger,
                     "INSERT OR REPLACE INTO resource (deployment, logical_id, type, state, name, physical_id, arn, token, region,"
                     " account, wait_reason, error_code, error, advice, request_id, properties, attributes, notes,"
                     " intended_at, made_at, verified_at, deleted_at)"
                     " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "ssssssssssssssssssiiii",
                     self->id, record->logical_id, record->type, mill_resource_state_to_string (record->state), record->name,
                     record->physical_id, record->arn, record->token, record->region, record->account, record->wait_reason,
                     record->error_code, record->error, record->advice, record->request_id, sent, attributes, notes,
                     record->intended_at, record->made_at, record->verified_at, record->deleted_at);
}

void
mill_deployment_publish (MillDeployment   *self,
                         const MillRecord *record,
                         const char       *detail)
{
  Update *update = g_new0 (Update, 1);
  guint index;

  mill_deployment_put_record (self, record);
  mill_ledger_queue (self->ledger,
                     "INSERT INTO history (deployment, logical_id, time, state, physical_id, detail, request_id)"
                     " VALUES (?, ?, ?, ?, ?, ?, ?)", "ssissss",
                     self->id, record->logical_id, g_get_real_time (), mill_resource_state_to_string (record->state),
                     record->physical_id, detail, record->request_id);

  update->record = mill_record_copy (record);
  g_mutex_lock (&self->mutex);
  if (g_ptr_array_find (self->records, find_record (self, record->logical_id), &index))
    {
      mill_record_free (self->records->pdata[index]);
      self->records->pdata[index] = mill_record_copy (record);
    }
  post (self, update);
  g_mutex_unlock (&self->mutex);
}

MillRecord *
mill_deployment_dup_record (MillDeployment *self,
                            const char     *logical_id)
{
  g_autoptr(GMutexLocker) locker = lock (self);
  MillRecord *record = find_record (self, logical_id);

  return record != NULL ? mill_record_copy (record) : NULL;
}

GPtrArray *
mill_deployment_dup_records (MillDeployment *self)
{
  g_autoptr(GMutexLocker) locker = lock (self);
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) mill_record_free);

  for (guint i = 0; i < self->records->len; i++)
    g_ptr_array_add (records, mill_record_copy (self->records->pdata[i]));
  return records;
}

void
mill_deployment_set_state (MillDeployment      *self,
                           MillDeploymentState  state)
{
  Update *update = g_new0 (Update, 1);

  update->state = state;
  g_mutex_lock (&self->mutex);
  self->new_state = state;
  post (self, update);
  g_mutex_unlock (&self->mutex);
  mill_deployment_save (self);
}

MillDeploymentState
mill_deployment_peek_state (MillDeployment *self)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return self->new_state;
}

void
mill_deployment_set_account (MillDeployment *self,
                             const char     *account)
{
  g_mutex_lock (&self->mutex);
  self->account = g_intern_string (account);
  g_mutex_unlock (&self->mutex);
}

void
mill_deployment_set_step_state (MillDeployment *self,
                                const char     *step,
                                MillStepState   state)
{
  Update *update = g_new0 (Update, 1);

  update->step = g_strdup (step);
  update->step_state = state;
  g_mutex_lock (&self->mutex);
  g_hash_table_insert (self->new_step_states, g_strdup (step), GINT_TO_POINTER (state));
  post (self, update);
  g_mutex_unlock (&self->mutex);
  mill_ledger_queue (self->ledger, "INSERT OR REPLACE INTO step (deployment, step, state, time) VALUES (?, ?, ?, ?)", "sssi",
                     self->id, step, step_state_names[state], g_get_real_time ());
}

MillStepState
mill_deployment_peek_step_state (MillDeployment *self,
                                 const char     *step)
{
  g_autoptr(GMutexLocker) locker = lock (self);

  return GPOINTER_TO_INT (g_hash_table_lookup (self->new_step_states, step));
}

void
mill_deployment_get_scope (MillDeployment *self,
                           MillScope      *scope)
{
  const char *region = mill_target_get_region (self->target);
  gboolean china = g_str_has_prefix (region, "cn-");

  *scope = (MillScope) {
    .parameters = self->parameters,
    .account_id = self->account,
    .region = region,
    .partition = china ? "aws-cn" : g_str_has_prefix (region, "us-gov-") ? "aws-us-gov" : "aws",
    .url_suffix = china ? "amazonaws.com.cn" : "amazonaws.com",
    .stack_name = self->id,
    .lookup = lookup,
    .lookup_data = self,
  };
}

MillLedger *
mill_deployment_get_ledger (MillDeployment *self)
{
  return self->ledger;
}

void
mill_deployment_set_pending (MillDeployment *self)
{
  self->pending = TRUE;
}

gboolean
mill_deployment_load (MillDeployment  *self,
                      GError         **error)
{
  if (!self->pending)
    return TRUE;
  /* What is restored looks at what is there. */
  self->pending = FALSE;
  self->pending = !mill_deployment_restore (self, error);
  return !self->pending;
}

gboolean
mill_deployment_begin (MillDeployment  *self,
                       GError         **error)
{
  if (!mill_deployment_load (self, error))
    return FALSE;
  if (self->busy)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_BUSY,
                   _("Something is already under way on %s. Wait for its end, or stop it."), self->id);
      return FALSE;
    }
  self->busy = TRUE;
  return TRUE;
}

void
mill_deployment_end (MillDeployment *self)
{
  self->busy = FALSE;
}

void
mill_deployment_put_parameter (MillDeployment *self,
                               const char     *name,
                               const char     *value)
{
  g_hash_table_insert (self->parameters, g_strdup (name), g_strdup (value));
  mill_deployment_save (self);
}

const char *
mill_deployment_get_id (MillDeployment *self)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), NULL);
  return self->id;
}

MillTutorial *
mill_deployment_get_tutorial (MillDeployment *self)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), NULL);
  return self->tutorial;
}

const char *
mill_deployment_get_tutorial_id (MillDeployment *self)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), NULL);
  return self->tutorial_id;
}

MillTarget *
mill_deployment_get_target (MillDeployment *self)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), NULL);
  return self->target;
}

MillDeploymentState
mill_deployment_get_state (MillDeployment *self)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), MILL_DEPLOYMENT_NEW);
  return self->state;
}

gint64
mill_deployment_get_created (MillDeployment *self)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), 0);
  return self->created;
}

const char *
mill_deployment_get_account (MillDeployment *self)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), NULL);
  return self->account;
}

const char *
mill_deployment_get_parameter (MillDeployment *self,
                               const char     *name)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), NULL);
  return g_hash_table_lookup (self->parameters, name);
}

MillResource *
mill_deployment_find_resource (MillDeployment *self,
                               const char     *logical_id)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), NULL);
  ensure (self);
  return logical_id != NULL ? g_hash_table_lookup (self->by_id, logical_id) : NULL;
}

MillStepState
mill_deployment_get_step_state (MillDeployment *self,
                                const char     *step_id)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), MILL_STEP_TO_DO);
  ensure (self);
  return GPOINTER_TO_INT (g_hash_table_lookup (self->step_states, step_id));
}

char *
mill_deployment_lookup (MillDeployment *self,
                        const char     *logical_id,
                        const char     *attribute)
{
  g_autoptr(GMutexLocker) locker = lock (self);
  MillRecord *record = find_record (self, logical_id);

  if (record == NULL || !mill_record_may_exist (record) || *record->physical_id == '\0')
    return NULL;
  if (attribute == NULL)
    return g_strdup (record->physical_id);
  return g_strdup (aws_json_get_string (record->attributes, attribute));
}

const char *
mill_deployment_find_by_id (MillDeployment *self,
                            const char     *id)
{
  g_autoptr(GMutexLocker) locker = lock (self);

  if (id == NULL || *id == '\0')
    return NULL;
  for (guint i = 0; i < self->records->len; i++)
    {
      MillRecord *record = self->records->pdata[i];

      if (g_str_equal (record->physical_id, id) || g_str_equal (record->arn, id) || g_str_equal (record->name, id))
        return g_intern_string (record->logical_id);
    }
  return NULL;
}

char *
mill_deployment_dup_output (MillDeployment *self,
                            const char     *name)
{
  g_autoptr(JsonNode) value = NULL;
  MillTemplate *template;
  JsonObject *output;
  MillScope scope;

  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), NULL);
  if (self->tutorial == NULL)
    return NULL;
  template = mill_tutorial_get_template (self->tutorial);
  output = aws_json_get_object (mill_template_get_outputs (template), name);
  if (output == NULL || !json_object_has_member (output, "Value"))
    return NULL;
  mill_deployment_get_scope (self, &scope);
  value = mill_template_resolve (template, json_object_get_member (output, "Value"), &scope, NULL);
  if (value == NULL || !JSON_NODE_HOLDS_VALUE (value))
    return NULL;
  return json_node_dup_string (value);
}
