/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-home-page.h"

#include <glib/gi18n.h>

#include "mill-bar.h"
#include "mill-deployment-row.h"
#include "mill-orphans-view.h"
#include "mill-style-switch.h"
#include "mill-tutorial-card.h"

struct _MillHomePage
{
  GtkWidget parent_instance;

  GtkWidget *root;
  GtkWidget *menu_button;
  GtkWidget *bar;
  GtkWidget *cards;
  GtkWidget *no_tutorials;
  GtkWidget *show_cleaned;
  GtkWidget *deployments;
  GtkWidget *nothing;
  GtkWidget *orphans;

  MillCatalog *catalog;
  MillEngine *engine;
  GPtrArray *watched;       /* of MillDeployment whose state is listened to */
  GtkFilterListModel *shown;
  guint age_timer;
};

G_DEFINE_FINAL_TYPE (MillHomePage, mill_home_page, GTK_TYPE_WIDGET)

static gboolean
is_shown (gpointer item,
          gpointer data)
{
  MillHomePage *self = data;

  return mill_deployment_get_state (item) != MILL_DEPLOYMENT_CLEANED ||
         gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->show_cleaned));
}

static void
on_filter (MillHomePage *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->engine));
  gboolean cleaned = FALSE;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(MillDeployment) deployment = g_list_model_get_item (G_LIST_MODEL (self->engine), i);
      cleaned |= mill_deployment_get_state (deployment) == MILL_DEPLOYMENT_CLEANED;
    }
  gtk_filter_changed (gtk_filter_list_model_get_filter (self->shown), GTK_FILTER_CHANGE_DIFFERENT);
  n = g_list_model_get_n_items (G_LIST_MODEL (self->shown));
  gtk_widget_set_visible (self->show_cleaned, cleaned);
  gtk_widget_set_visible (self->deployments, n > 0);
  /* Only a ledger that is whole can say so. */
  gtk_widget_set_visible (self->nothing, n == 0 && mill_engine_get_notice (self->engine) == NULL);
}

static void
stop_watching (MillHomePage *self)
{
  for (guint i = 0; i < self->watched->len; i++)
    g_signal_handlers_disconnect_by_func (self->watched->pdata[i], on_filter, self);
  g_ptr_array_set_size (self->watched, 0);
}

static void
on_deployments_changed (MillHomePage *self)
{
  stop_watching (self);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->engine)); i++)
    {
      MillDeployment *deployment = g_list_model_get_item (G_LIST_MODEL (self->engine), i);

      g_signal_connect_swapped (deployment, "notify::state", G_CALLBACK (on_filter), self);
      g_ptr_array_add (self->watched, deployment);
    }
  on_filter (self);
}

static GtkWidget *
create_row (gpointer item,
            gpointer data)
{
  return mill_deployment_row_new (item);
}

static gboolean
update_ages (gpointer data)
{
  MillHomePage *self = data;

  for (GtkWidget *row = gtk_widget_get_first_child (self->deployments); row != NULL; row = gtk_widget_get_next_sibling (row))
    if (MILL_IS_DEPLOYMENT_ROW (row))
      mill_deployment_row_update_age (MILL_DEPLOYMENT_ROW (row));
  return G_SOURCE_CONTINUE;
}

/* Ages grow only while somebody looks. */
static void
mill_home_page_map (GtkWidget *widget)
{
  MillHomePage *self = MILL_HOME_PAGE (widget);

  GTK_WIDGET_CLASS (mill_home_page_parent_class)->map (widget);
  update_ages (self);
  self->age_timer = g_timeout_add_seconds (60, update_ages, self);
}

static void
mill_home_page_unmap (GtkWidget *widget)
{
  g_clear_handle_id (&MILL_HOME_PAGE (widget)->age_timer, g_source_remove);
  GTK_WIDGET_CLASS (mill_home_page_parent_class)->unmap (widget);
}

static void
mill_home_page_dispose (GObject *object)
{
  MillHomePage *self = MILL_HOME_PAGE (object);

  g_clear_handle_id (&self->age_timer, g_source_remove);
  stop_watching (self);
  g_clear_pointer (&self->root, gtk_widget_unparent);
  g_clear_object (&self->shown);
  g_clear_object (&self->engine);
  g_clear_object (&self->catalog);
  G_OBJECT_CLASS (mill_home_page_parent_class)->dispose (object);
}

static void
mill_home_page_finalize (GObject *object)
{
  g_ptr_array_unref (MILL_HOME_PAGE (object)->watched);
  G_OBJECT_CLASS (mill_home_page_parent_class)->finalize (object);
}

static void
mill_home_page_class_init (MillHomePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_home_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_home_page_finalize;
  widget_class->map = mill_home_page_map;
  widget_class->unmap = mill_home_page_unmap;
  g_type_ensure (MILL_TYPE_BAR);
  g_type_ensure (MILL_TYPE_ORPHANS_VIEW);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/millrace/Millrace/ui/mill-home-page.ui");
  gtk_widget_class_bind_template_child (widget_class, MillHomePage, root);
  gtk_widget_class_bind_template_child (widget_class, MillHomePage, menu_button);
  gtk_widget_class_bind_template_child (widget_class, MillHomePage, bar);
  gtk_widget_class_bind_template_child (widget_class, MillHomePage, cards);
  gtk_widget_class_bind_template_child (widget_class, MillHomePage, no_tutorials);
  gtk_widget_class_bind_template_child (widget_class, MillHomePage, show_cleaned);
  gtk_widget_class_bind_template_child (widget_class, MillHomePage, deployments);
  gtk_widget_class_bind_template_child (widget_class, MillHomePage, nothing);
  gtk_widget_class_bind_template_child (widget_class, MillHomePage, orphans);
  gtk_widget_class_bind_template_callback (widget_class, on_filter);
}

static void
mill_home_page_init (MillHomePage *self)
{
  self->watched = g_ptr_array_new_with_free_func (g_object_unref);
  gtk_widget_init_template (GTK_WIDGET (self));
  mill_style_switch_add_to (GTK_MENU_BUTTON (self->menu_button));
  gtk_widget_set_visible (self->deployments, FALSE);
  gtk_widget_set_visible (self->nothing, FALSE);
}

GtkWidget *
mill_home_page_new (void)
{
  return g_object_new (MILL_TYPE_HOME_PAGE, NULL);
}

/* One thing at a time, the gravest first. */
static void
show_errors (MillHomePage *self,
             MillEngine   *engine,
             const GError *error)
{
  GPtrArray *errors = mill_catalog_get_errors (self->catalog);
  const char *notice = engine != NULL ? mill_engine_get_notice (engine) : NULL;
  g_autoptr(GString) lines = g_string_new (NULL);

  if (error != NULL)
    {
      mill_bar_fail (MILL_BAR (self->bar), error, NULL);
      return;
    }
  if (notice != NULL)
    {
      mill_bar_say (MILL_BAR (self->bar), _("The list of deployments was damaged."), notice, NULL);
      return;
    }
  for (guint i = 0; errors != NULL && i < errors->len; i++)
    g_string_append_printf (lines, "%s%s", lines->len > 0 ? "\n" : "", (char *) errors->pdata[i]);
  if (errors != NULL && errors->len > 0)
    mill_bar_say (MILL_BAR (self->bar), ngettext ("A tutorial could not be loaded.", "Some tutorials could not be loaded.", errors->len), lines->str, NULL);
}

void
mill_home_page_set_models (MillHomePage *self,
                           MillCatalog  *catalog,
                           MillEngine   *engine,
                           const GError *error)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (catalog));

  g_set_object (&self->catalog, catalog);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr(MillTutorial) tutorial = g_list_model_get_item (G_LIST_MODEL (catalog), i);
      GtkWidget *card = mill_tutorial_card_new (tutorial);
      GtkWidget *child = gtk_flow_box_child_new ();

      gtk_widget_set_sensitive (card, engine != NULL);
      gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), card);
      /* The card is what takes the focus. */
      gtk_widget_set_focusable (child, FALSE);
      gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, mill_tutorial_get_title (tutorial), -1);
      gtk_flow_box_insert (GTK_FLOW_BOX (self->cards), child, -1);
    }
  gtk_widget_set_visible (self->cards, n > 0);
  gtk_widget_set_visible (self->no_tutorials, n == 0);
  show_errors (self, engine, error);
  mill_orphans_view_set_engine (MILL_ORPHANS_VIEW (self->orphans), engine);
  if (engine == NULL || !g_set_object (&self->engine, engine))
    return;
  self->shown = gtk_filter_list_model_new (G_LIST_MODEL (g_object_ref (engine)), GTK_FILTER (gtk_custom_filter_new (is_shown, self, NULL)));
  gtk_list_box_bind_model (GTK_LIST_BOX (self->deployments), G_LIST_MODEL (self->shown), create_row, NULL, NULL);
  g_signal_connect_object (engine, "items-changed", G_CALLBACK (on_deployments_changed), self, G_CONNECT_SWAPPED);
  on_deployments_changed (self);
}

void
mill_home_page_focus (MillHomePage *self)
{
  GtkFlowBoxChild *first = gtk_flow_box_get_child_at_index (GTK_FLOW_BOX (self->cards), 0);

  if (first != NULL)
    gtk_widget_grab_focus (gtk_flow_box_child_get_child (first));
}
