/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-target-chooser.h"

#include <glib/gi18n.h>

#include "mill-credentials-dialog.h"
#include "mill-endpoint.h"
#include "mill-fit.h"
#include "mill-keyring-dialog.h"
#include "mill-keyring.h"
#include "mill-profile.h"
#include "mill-region-row.h"
#include "mill-stored-row.h"

struct _MillTargetChooser
{
  AdwBin parent_instance;

  GtkWidget *practice;
  GtkWidget *account;
  GtkWidget *endpoint;
  GtkWidget *practice_group;
  GtkWidget *like_aws;
  GtkWidget *account_group;
  GtkWidget *manage;
  GtkWidget *add;
  GtkWidget *source;
  GtkWidget *no_source;
  GtkWidget *region;
  GtkWidget *endpoint_group;
  GtkWidget *forget;
  GtkWidget *known;
  GtkWidget *name;
  GtkWidget *url;
  GtkWidget *endpoint_region;

  MillEngine *engine;           /* or NULL */
  GPtrArray *endpoints;         /* of MillEndpoint, beside the list in the row, which has one more: a new one */
  GPtrArray *sources;           /* of Source, beside the list in the row */
  char *wanted;                 /* what is to be selected once it is in the list */
  guint load;                   /* counts loads: an older one that ends late is of no interest */
};

enum {
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillTargetChooser, mill_target_chooser, ADW_TYPE_BIN)

/* Where the credentials of an account may come from. */
typedef struct {
  char *spec;
  char *title;
  char *description;
  char *region;
} Source;

static Source *
source_new (char       *spec,
            const char *title,
            char       *description,
            const char *region)
{
  Source *self = g_new0 (Source, 1);

  self->spec = spec;
  self->title = g_strdup (title);
  self->description = description;
  self->region = g_strdup (region);
  return self;
}

static void
source_free (gpointer data)
{
  Source *self = data;

  g_free (self->spec);
  g_free (self->title);
  g_free (self->description);
  g_free (self->region);
  g_free (self);
}

static gboolean
is_active (GtkWidget *check)
{
  return gtk_check_button_get_active (GTK_CHECK_BUTTON (check));
}

static const Source *
get_source (MillTargetChooser *self)
{
  guint selected = adw_combo_row_get_selected (ADW_COMBO_ROW (self->source));

  return self->sources != NULL && selected < self->sources->len ? self->sources->pdata[selected] : NULL;
}

static void
update (MillTargetChooser *self)
{
  gtk_widget_set_visible (self->practice_group, is_active (self->practice));
  gtk_widget_set_visible (self->account_group, is_active (self->account));
  gtk_widget_set_visible (self->endpoint_group, is_active (self->endpoint));
  mill_fit (GTK_WIDGET (self));
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
on_source (MillTargetChooser *self)
{
  const Source *source = get_source (self);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->source), source != NULL ? source->description : "");
  if (source != NULL)
    mill_region_row_set_region (MILL_REGION_ROW (self->region), source->region);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* The remembered endpoint that is chosen; NULL: a new one. */
static const MillEndpoint *
get_known (MillTargetChooser *self)
{
  guint selected = adw_combo_row_get_selected (ADW_COMBO_ROW (self->known));

  return self->endpoints != NULL && selected < self->endpoints->len ? self->endpoints->pdata[selected] : NULL;
}

static void
on_known (MillTargetChooser *self)
{
  const MillEndpoint *known = get_known (self);
  g_autofree char *subtitle = NULL;

  if (self->endpoints == NULL)
    return;
  if (known != NULL && *known->kind != '\0')
    subtitle = g_strdup_printf ("%s · %s", known->url, mill_endpoint_find_kind (known->kind)->title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->known), subtitle != NULL ? subtitle : known != NULL ? known->url : "");
  gtk_widget_set_visible (self->known, self->endpoints->len > 0);
  gtk_widget_set_visible (self->forget, known != NULL);
  gtk_widget_set_visible (self->name, known == NULL);
  gtk_widget_set_visible (self->url, known == NULL);
  if (known != NULL)
    mill_region_row_set_region (MILL_REGION_ROW (self->endpoint_region), known->region);
  update (self);
}

static void
load_endpoints (MillTargetChooser *self)
{
  g_autoptr(GtkStringList) names = gtk_string_list_new (NULL);

  g_clear_pointer (&self->endpoints, g_ptr_array_unref);
  self->endpoints = mill_endpoint_list ();
  for (guint i = 0; i < self->endpoints->len; i++)
    gtk_string_list_append (names, ((const MillEndpoint *) self->endpoints->pdata[i])->name);
  gtk_string_list_append (names, _("A new one"));
  adw_combo_row_set_model (ADW_COMBO_ROW (self->known), G_LIST_MODEL (names));
  on_known (self);
}

static void
on_forget (MillTargetChooser *self)
{
  const MillEndpoint *known = get_known (self);

  /* What was built there keeps its URL. */
  if (known != NULL && mill_endpoint_remove (known->name, NULL))
    load_endpoints (self);
}

/* The endpoint that was entered, remembered where it was given a name. */
static MillTarget *
make_endpoint (MillTargetChooser  *self,
               GError            **error)
{
  const char *region = mill_region_row_get_region (MILL_REGION_ROW (self->endpoint_region));
  const MillEndpoint *known = get_known (self);
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name))));
  g_autofree char *url = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->url))));
  g_autofree char *good = NULL;

  if (known != NULL)
    return mill_target_new (known->url, region, error);
  good = mill_endpoint_check_url (url, error);
  if (good == NULL)
    return NULL;
  if (*name != '\0')
    {
      g_autoptr(MillEndpoint) endpoint = mill_endpoint_new (name, good, region, NULL);

      if (!mill_endpoint_save (endpoint, error))
        return NULL;
    }
  return mill_target_new (good, region, error);
}

static void
add_profile (GPtrArray  *sources,
             const char *name)
{
  g_autoptr(MillProfile) profile = mill_profile_load (name, NULL);

  if (profile != NULL)
    g_ptr_array_add (sources, source_new (g_strdup (name), name, g_strdup (_("Profile of the AWS CLI")), profile->region));
}

/* In a thread: the keyring may take its time. */
static void
load_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  GPtrArray *sources = g_ptr_array_new_with_free_func (source_free);
  g_autoptr(GPtrArray) stored = mill_keyring_list (cancellable, NULL);
  g_autoptr(AwsCredentials) environment = aws_credentials_new_from_environment ();
  g_auto(GStrv) profiles = mill_profile_list ();

  for (guint i = 0; stored != NULL && i < stored->len; i++)
    {
      const MillStored *one = stored->pdata[i];

      g_ptr_array_add (sources, source_new (g_strconcat ("account:", one->name, NULL), one->name, mill_stored_describe (one), one->region));
    }
  /* The environment's keys stand for the profile "default", also where there is no such profile. */
  if (environment != NULL && !g_strv_contains ((const char *const *) profiles, "default"))
    add_profile (sources, "default");
  for (guint i = 0; profiles[i] != NULL; i++)
    add_profile (sources, profiles[i]);
  g_task_return_pointer (task, sources, (GDestroyNotify) g_ptr_array_unref);
}

static void
on_loaded (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(MillTargetChooser) self = data;
  g_autoptr(GPtrArray) sources = g_task_propagate_pointer (G_TASK (result), NULL);
  g_autoptr(GtkStringList) titles = gtk_string_list_new (NULL);
  guint selected = 0;

  if (sources == NULL || GPOINTER_TO_UINT (g_task_get_task_data (G_TASK (result))) != self->load || self->source == NULL)
    return;
  for (guint i = 0; i < sources->len; i++)
    {
      const Source *source = sources->pdata[i];

      gtk_string_list_append (titles, source->title);
      if (g_strcmp0 (source->spec, self->wanted) == 0)
        selected = i;
    }
  g_clear_pointer (&self->sources, g_ptr_array_unref);
  self->sources = g_steal_pointer (&sources);
  adw_combo_row_set_model (ADW_COMBO_ROW (self->source), G_LIST_MODEL (titles));
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->source), selected);
  gtk_widget_set_visible (self->source, self->sources->len > 0);
  gtk_widget_set_visible (self->no_source, self->sources->len == 0);
  on_source (self);
  mill_fit (GTK_WIDGET (self));
}

static void
load (MillTargetChooser *self)
{
  g_autoptr(GTask) task = g_task_new (NULL, NULL, on_loaded, g_object_ref (self));

  g_task_set_source_tag (task, load);
  g_task_set_task_data (task, GUINT_TO_POINTER (++self->load), NULL);
  g_task_run_in_thread (task, load_in_thread);
}

static void
on_stored (MillTargetChooser *self,
           const char        *name)
{
  g_free (self->wanted);
  self->wanted = g_strconcat ("account:", name, NULL);
  load (self);
}

static GtkWindow *
get_window (MillTargetChooser *self)
{
  return GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
}

static void
on_add (MillTargetChooser *self)
{
  GtkWidget *dialog = mill_credentials_dialog_new (get_window (self), NULL, NULL);

  g_signal_connect_object (dialog, "stored", G_CALLBACK (on_stored), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_manage (MillTargetChooser *self)
{
  GtkWidget *dialog = mill_keyring_dialog_new (get_window (self), self->engine);

  g_signal_connect_object (dialog, "changed", G_CALLBACK (load), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
mill_target_chooser_finalize (GObject *object)
{
  MillTargetChooser *self = MILL_TARGET_CHOOSER (object);

  g_clear_pointer (&self->endpoints, g_ptr_array_unref);
  g_clear_pointer (&self->sources, g_ptr_array_unref);
  g_free (self->wanted);
  G_OBJECT_CLASS (mill_target_chooser_parent_class)->finalize (object);
}

static void
mill_target_chooser_dispose (GObject *object)
{
  MillTargetChooser *self = MILL_TARGET_CHOOSER (object);

  self->load++;
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (mill_target_chooser_parent_class)->dispose (object);
}

static void
mill_target_chooser_class_init (MillTargetChooserClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_target_chooser_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_target_chooser_finalize;
  g_type_ensure (MILL_TYPE_REGION_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/millrace/Millrace/ui/mill-target-chooser.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, MillTargetChooser, name)
  BIND (practice);
  BIND (account);
  BIND (endpoint);
  BIND (practice_group);
  BIND (like_aws);
  BIND (account_group);
  BIND (manage);
  BIND (add);
  BIND (source);
  BIND (no_source);
  BIND (region);
  BIND (endpoint_group);
  BIND (forget);
  BIND (known);
  BIND (name);
  BIND (url);
  BIND (endpoint_region);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, on_source);
  gtk_widget_class_bind_template_callback (widget_class, on_known);
  gtk_widget_class_bind_template_callback (widget_class, on_forget);
  gtk_widget_class_bind_template_callback (widget_class, on_add);
  gtk_widget_class_bind_template_callback (widget_class, on_manage);
  signals[CHANGED] = g_signal_new ("changed", MILL_TYPE_TARGET_CHOOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
mill_target_chooser_init (MillTargetChooser *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_visible (self->source, FALSE);
  load_endpoints (self);
  load (self);
}

GtkWidget *
mill_target_chooser_new (void)
{
  return g_object_new (MILL_TYPE_TARGET_CHOOSER, NULL);
}

void
mill_target_chooser_set_engine (MillTargetChooser *self,
                                MillEngine        *engine)
{
  g_set_object (&self->engine, engine);
}

MillTargetKind
mill_target_chooser_get_kind (MillTargetChooser *self)
{
  return is_active (self->practice) ? MILL_TARGET_PRACTICE : is_active (self->account) ? MILL_TARGET_ACCOUNT : MILL_TARGET_ENDPOINT;
}

gboolean
mill_target_chooser_is_complete (MillTargetChooser *self)
{
  switch (mill_target_chooser_get_kind (self))
    {
    case MILL_TARGET_PRACTICE: return TRUE;
    case MILL_TARGET_ACCOUNT: return get_source (self) != NULL;
    case MILL_TARGET_ENDPOINT:
    default: return get_known (self) != NULL || *gtk_editable_get_text (GTK_EDITABLE (self->url)) != '\0';
    }
}

MillTarget *
mill_target_chooser_make_target (MillTargetChooser  *self,
                                 GError            **error)
{
  switch (mill_target_chooser_get_kind (self))
    {
    case MILL_TARGET_PRACTICE:
      return mill_target_new (gtk_switch_get_active (GTK_SWITCH (self->like_aws)) ? "practice:aws" : "practice", NULL, error);
    case MILL_TARGET_ACCOUNT:
      return mill_target_new (get_source (self)->spec, mill_region_row_get_region (MILL_REGION_ROW (self->region)), error);
    case MILL_TARGET_ENDPOINT:
    default:
      return make_endpoint (self, error);
    }
}
