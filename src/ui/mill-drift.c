/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-drift.h"

#include <glib/gi18n.h>

#include "mill-bar.h"
#include "mill-look.h"
#include "mill-permissions.h"

static gboolean
is_node (MillTutorial *tutorial,
         const char   *logical_id)
{
  GPtrArray *nodes = mill_tutorial_get_nodes (tutorial);

  for (guint i = 0; i < nodes->len; i++)
    if (g_strcmp0 (((const MillDiagramNode *) nodes->pdata[i])->resource, logical_id) == 0)
      return TRUE;
  return FALSE;
}

/* Whether @other is there for @resource alone: the role that it acts as, or what refers to it and is no component of its own. */
static gboolean
serves (MillSession  *session,
        MillResource *other,
        MillResource *resource,
        const char   *role)
{
  MillTutorial *tutorial = mill_session_get_tutorial (session);
  const char *id = mill_resource_get_logical_id (other);
  const MillTemplateResource *declared;

  if (other == resource || (role != NULL && g_strcmp0 (mill_resource_get_arn (other), role) == 0))
    return TRUE;
  if (tutorial == NULL || is_node (tutorial, id))
    return FALSE;
  declared = mill_template_get_resource (mill_tutorial_get_template (tutorial), id);
  return declared != NULL && g_strv_contains ((const char *const *) declared->depends_on, mill_resource_get_logical_id (resource));
}

static void
on_clicked (GtkWidget   *bar,
            MillSession *session)
{
  mill_session_build (session, g_object_get_data (G_OBJECT (bar), "mill-step"));
}

static GtkWidget *
new_bar (MillSession  *session,
         MillResource *resource)
{
  MillResourceState state = mill_resource_get_state (resource);
  MillTutorial *tutorial = mill_session_get_tutorial (session);
  MillStep *step = tutorial != NULL ? mill_tutorial_find_maker (tutorial, mill_resource_get_logical_id (resource)) : NULL;
  const char *error = mill_resource_get_error (resource);
  const char *advice = mill_resource_get_advice (resource);
  GtkWidget *bar = mill_bar_new ();

  if (state == MILL_RESOURCE_CHANGED || state == MILL_RESOURCE_MISSING)
    {
      g_autofree char *text = *advice != '\0' ? g_strdup_printf ("%s\n%s", error, advice) : g_strdup (error);

      mill_bar_say (MILL_BAR (bar), mill_look_of_resource (state).label, text, step != NULL ? _("Put Right") : NULL);
    }
  else
    mill_bar_say (MILL_BAR (bar), error, advice, step != NULL ? _("Try Again") : NULL);
  if (step != NULL)
    g_object_set_data_full (G_OBJECT (bar), "mill-step", g_strdup (mill_step_get_id (step)), g_free);
  g_signal_connect_object (bar, "clicked", G_CALLBACK (on_clicked), session, 0);
  return bar;
}

GtkWidget *
mill_drift_new (MillSession  *session,
                MillResource *resource)
{
  GListModel *resources = G_LIST_MODEL (mill_session_get_deployment (session));
  g_autofree char *role = mill_permissions_dup_role (session, resource);
  GtkWidget *box = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (resources); i++)
    {
      g_autoptr(MillResource) other = g_list_model_get_item (resources, i);

      if (*mill_resource_get_error (other) == '\0' || !serves (session, other, resource, role))
        continue;
      if (box == NULL)
        box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
      gtk_box_append (GTK_BOX (box), new_bar (session, other));
    }
  return box;
}
