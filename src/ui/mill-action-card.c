/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-action-card.h"

#include <glib/gi18n.h>

#include "mill-bar.h"
#include "mill-format.h"
#include "mill-source.h"
#include "mill-wrap.h"

struct _MillActionCard
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *button;
  GtkWidget *spinner;
  GtkWidget *payload;
  GtkWidget *bar;
  GtkWidget *verdict;        /* a line with an icon */
  GtkWidget *verdict_icon;
  GtkWidget *verdict_label;
  GtkWidget *result;         /* made when there is one */
  GtkWidget *result_frame;

  MillSession *session;
  GCancellable *cancellable;
  const MillAction *action;
};

G_DEFINE_FINAL_TYPE (MillActionCard, mill_action_card, GTK_TYPE_WIDGET)

static const char *
get_text (JsonObject *object,
          const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : "";
}

/* What the cloud answered, as one readable text: body or payload first, then the log. */
static char *
format_result (JsonObject *result)
{
  GString *text = g_string_new (NULL);

  for (const char *const *name = (const char *const[]) { "body", "payload", "log", NULL }; *name != NULL; name++)
    {
      g_autofree char *pretty = NULL;
      JsonNode *node = json_object_get_member (result, *name);

      if (node == NULL || JSON_NODE_HOLDS_NULL (node))
        continue;
      pretty = *get_text (result, *name) != '\0' ? mill_format_json (get_text (result, *name))
               : JSON_NODE_HOLDS_VALUE (node) ? g_strdup ("") : json_to_string (node, TRUE);
      if (*pretty == '\0')
        continue;
      if (text->len > 0)
        g_string_append (text, "\n\n");
      g_string_append (text, g_strchomp (pretty));
    }
  return g_string_free (text, FALSE);
}

static void
show_verdict (MillActionCard *self,
              gboolean        ok,
              const char     *text)
{
  gtk_widget_set_visible (self->verdict, TRUE);
  gtk_image_set_from_icon_name (GTK_IMAGE (self->verdict_icon), ok ? "mill-done-symbolic" : "mill-failed-symbolic");
  gtk_widget_set_css_classes (self->verdict_icon, (const char *[]) { ok ? "success" : "error", NULL });
  gtk_label_set_label (GTK_LABEL (self->verdict_label), text);
}

static void
show_result (MillActionCard *self,
             JsonObject     *result)
{
  g_autofree char *text = format_result (result);
  g_autofree char *sentence = NULL;
  const char *error = get_text (result, "error");
  gint64 status = 0;
  JsonNode *node = json_object_get_member (result, "status");

  if (node != NULL && JSON_NODE_HOLDS_VALUE (node))
    status = json_node_get_value_type (node) == G_TYPE_STRING ? g_ascii_strtoll (json_node_get_string (node), NULL, 10) : json_node_get_int (node);
  switch (self->action->kind)
    {
    case MILL_ACTION_CONFIRM:
      show_verdict (self, TRUE, _("The subscription is confirmed."));
      break;
    case MILL_ACTION_INVOKE:
      if (*error != '\0')
        {
          sentence = g_strdup_printf (_("The function ended with an error: %s"), error);
          show_verdict (self, FALSE, sentence);
        }
      else
        show_verdict (self, TRUE, _("The function ran and returned."));
      break;
    case MILL_ACTION_SEND:
    case MILL_ACTION_TEST_METHOD:
    case MILL_ACTION_CLEAN_UP:
    default:
      sentence = g_strdup_printf (_("Answered with status %d."), (int) status);
      show_verdict (self, status / 100 == 2, sentence);
    }
  if (*text != '\0' && self->result == NULL)
    {
      self->result = mill_source_new ("json", _("Result"), FALSE);
      self->result_frame = mill_source_frame (self->result, 56, 240);
      gtk_box_append (GTK_BOX (self->box), self->result_frame);
    }
  if (self->result != NULL)
    {
      gtk_widget_set_visible (self->result_frame, *text != '\0');
      mill_source_set_text (self->result, text);
    }
}

static void
set_running (MillActionCard *self,
             gboolean        running)
{
  gtk_widget_set_sensitive (self->button, !running);
  gtk_widget_set_visible (self->spinner, running);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), running);
}

static void
on_done (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr(MillActionCard) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonObject) object = mill_engine_act_finish (MILL_ENGINE (source), result, &error);

  if (self->session == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  set_running (self, FALSE);
  mill_bar_fail (MILL_BAR (self->bar), error, NULL);
  if (object == NULL)
    {
      gtk_widget_set_visible (self->verdict, FALSE);
      return;
    }
  show_result (self, object);
  if (mill_session_get_step (self->session) != NULL)
    mill_session_check (self->session, mill_session_get_step (self->session));
}

static void
mill_action_card_dispose (GObject *object)
{
  MillActionCard *self = MILL_ACTION_CARD (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (mill_action_card_parent_class)->dispose (object);
}

static void
mill_action_card_finalize (GObject *object)
{
  g_object_unref (MILL_ACTION_CARD (object)->cancellable);
  G_OBJECT_CLASS (mill_action_card_parent_class)->finalize (object);
}

static void
mill_action_card_class_init (MillActionCardClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_action_card_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_action_card_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
mill_action_card_init (MillActionCard *self)
{
  self->cancellable = g_cancellable_new ();
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

GtkWidget *
mill_action_card_new (MillSession      *session,
                      const MillAction *action)
{
  MillActionCard *self = g_object_new (MILL_TYPE_ACTION_CARD, NULL);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->session = g_object_ref (session);
  self->action = action;
  if (action->payload != NULL && *action->payload != '\0')
    {
      g_autofree char *pretty = mill_format_json (action->payload);
      GtkWidget *label = gtk_label_new (action->kind == MILL_ACTION_INVOKE ? _("Test event") : _("What is sent"));

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_widget_add_css_class (label, "heading");
      self->payload = mill_source_new ("json", gtk_label_get_label (GTK_LABEL (label)), TRUE);
      mill_source_set_text (self->payload, pretty);
      gtk_box_append (GTK_BOX (self->box), label);
      gtk_box_append (GTK_BOX (self->box), mill_source_frame (self->payload, 56, 200));
    }
  self->button = gtk_button_new_with_label (action->label);
  gtk_widget_add_css_class (self->button, "mill-act");
  self->spinner = gtk_spinner_new ();
  gtk_widget_set_visible (self->spinner, FALSE);
  gtk_box_append (GTK_BOX (line), self->button);
  gtk_box_append (GTK_BOX (line), self->spinner);
  gtk_box_append (GTK_BOX (self->box), line);
  self->bar = mill_bar_new ();
  gtk_box_append (GTK_BOX (self->box), self->bar);
  self->verdict = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  self->verdict_icon = gtk_image_new ();
  self->verdict_label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->verdict_label), 0);
  mill_wrap (self->verdict_label);
  gtk_box_append (GTK_BOX (self->verdict), self->verdict_icon);
  gtk_box_append (GTK_BOX (self->verdict), self->verdict_label);
  gtk_widget_set_visible (self->verdict, FALSE);
  gtk_box_append (GTK_BOX (self->box), self->verdict);
  g_signal_connect_object (self->button, "clicked", G_CALLBACK (mill_action_card_run), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

void
mill_action_card_run (MillActionCard *self)
{
  g_autofree char *typed = self->payload != NULL ? mill_source_dup_text (self->payload) : NULL;
  g_autofree char *shown = self->payload != NULL ? mill_format_json (self->action->payload) : NULL;
  /* What was not changed goes out as the tutorial has it, not as it is indented here. */
  const char *payload = g_strcmp0 (typed, shown) != 0 ? typed : NULL;

  if (self->action->kind == MILL_ACTION_CLEAN_UP)
    {
      gtk_widget_activate_action (GTK_WIDGET (self), "win.clean-up", "s",
                                  mill_deployment_get_id (mill_session_get_deployment (self->session)));
      return;
    }
  set_running (self, TRUE);
  mill_engine_act_async (mill_session_get_engine (self->session), mill_session_get_deployment (self->session), self->action, payload,
                         self->cancellable, on_done, g_object_ref (self));
}
