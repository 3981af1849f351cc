/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-calls-view.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "aws-client.h"
#include "aws-json.h"
#include "mill-empty.h"
#include "mill-follow-top.h"
#include "mill-format.h"
#include "mill-hidden.h"
#include "mill-list.h"
#include "mill-reverse-list.h"
#include "mill-source.h"
#include "mill-wrap.h"

struct _MillCallsView
{
  GtkWidget parent_instance;

  GtkWidget *stack;
  GtkWidget *list;
  GtkWidget *detail;
  GtkWidget *title;
  GtkWidget *facts;
  GtkWidget *request;
  GtkWidget *answer;

  MillTarget *target;
  GtkSingleSelection *selection;
};

G_DEFINE_FINAL_TYPE (MillCallsView, mill_calls_view, GTK_TYPE_WIDGET)

static gboolean
went_well (AwsCall *call)
{
  return *aws_call_get_error_code (call) == '\0' && aws_call_get_status (call) > 0 && aws_call_get_status (call) < 400;
}

/* (transfer full): the operation; of a plain request, which has none, method and path. */
static char *
dup_title (AwsCall *call)
{
  const char *operation = aws_call_get_operation (call);
  const char *url = aws_json_get_string (aws_call_get_parameters (call), "url");
  g_autoptr(GUri) uri = url != NULL && g_str_has_prefix (operation, "http:") ? g_uri_parse (url, G_URI_FLAGS_NONE, NULL) : NULL;

  return uri != NULL ? g_strdup_printf ("%s %s", operation + strlen ("http:"), g_uri_get_path (uri)) : g_strdup (operation);
}

static char *
describe (AwsCall *call)
{
  g_autofree char *time = mill_format_duration (aws_call_get_duration (call) / 1e6);
  g_autoptr(GString) text = g_string_new (NULL);

  if (aws_call_get_status (call) > 0)
    g_string_append_printf (text, "%u", aws_call_get_status (call));
  else
    g_string_append (text, _("no answer"));
  if (*aws_call_get_error_code (call) != '\0')
    g_string_append_printf (text, " %s", aws_call_get_error_code (call));
  g_string_append_printf (text, " · %s", time);
  if (*aws_call_get_subject (call) != '\0')
    g_string_append_printf (text, " · %s", aws_call_get_subject (call));
  if (aws_call_get_attempts (call) > 1)
    {
      g_string_append (text, " · ");
      g_string_append_printf (text, ngettext ("%u attempt", "%u attempts", aws_call_get_attempts (call)), aws_call_get_attempts (call));
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
on_setup (GtkSignalListItemFactory *factory,
          GtkListItem              *item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1);
  GtkWidget *title = gtk_label_new (NULL);
  GtkWidget *subtitle = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (subtitle), 0);
  gtk_label_set_ellipsize (GTK_LABEL (subtitle), PANGO_ELLIPSIZE_END);
  gtk_widget_set_css_classes (subtitle, (const char *[]) { "caption", "dim-label", "numeric", NULL });
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (texts), title);
  gtk_box_append (GTK_BOX (texts), subtitle);
  gtk_box_append (GTK_BOX (box), texts);
  gtk_box_append (GTK_BOX (box), gtk_image_new ());
  gtk_list_item_set_child (item, box);
}

static void
on_bind (GtkSignalListItemFactory *factory,
         GtkListItem              *item)
{
  AwsCall *call = gtk_list_item_get_item (item);
  GtkWidget *box = gtk_list_item_get_child (item);
  GtkWidget *texts = gtk_widget_get_first_child (box);
  GtkWidget *icon = gtk_widget_get_last_child (box);
  g_autofree char *facts = describe (call);
  g_autofree char *title = dup_title (call);
  g_autofree char *name = g_strdup_printf ("%s, %s", title, facts);
  gboolean ok = went_well (call);

  gtk_label_set_label (GTK_LABEL (gtk_widget_get_first_child (texts)), title);
  gtk_label_set_label (GTK_LABEL (gtk_widget_get_last_child (texts)), facts);
  gtk_image_set_from_icon_name (GTK_IMAGE (icon), ok ? "mill-done-symbolic" : "mill-warning-symbolic");
  gtk_widget_set_css_classes (icon, (const char *[]) { ok ? "success" : "warning", NULL });
  mill_list_name_row (box, name);
}

static void
on_copy (MillCallsView *self)
{
  AwsCall *call = gtk_single_selection_get_selected_item (self->selection);
  AwsClient *client = mill_target_get_client (self->target);
  g_autofree char *command = NULL;

  if (call == NULL)
    return;
  command = aws_call_to_command_line (call, mill_target_get_region (self->target), client != NULL ? aws_client_get_endpoint (client) : NULL);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), command);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.say", "s", _("Copied as a command"));
}

static GtkWidget *
new_text (MillCallsView *self,
          const char    *title)
{
  GtkWidget *label = gtk_label_new (title);
  GtkWidget *source = mill_source_new ("json", title, FALSE);
  GtkWidget *scroller = mill_source_frame (source, 40, 260);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_css_classes (label, (const char *[]) { "caption-heading", "dim-label", NULL });
  gtk_box_append (GTK_BOX (self->detail), label);
  gtk_box_append (GTK_BOX (self->detail), scroller);
  return source;
}

static void
on_selected (MillCallsView *self)
{
  AwsCall *call = gtk_single_selection_get_selected_item (self->selection);
  g_autoptr(JsonNode) node = NULL;
  g_autofree char *request = NULL;
  g_autofree char *answer = NULL;
  g_autofree char *facts = NULL;
  g_autofree char *title = NULL;
  g_autoptr(GString) more = NULL;

  gtk_widget_set_visible (gtk_widget_get_ancestor (self->detail, GTK_TYPE_SCROLLED_WINDOW), call != NULL);
  if (call == NULL)
    return;
  if (self->request == NULL)
    {
      self->request = new_text (self, _("Request"));
      self->answer = new_text (self, _("Answer"));
    }
  facts = describe (call);
  more = g_string_new (facts);
  if (*aws_call_get_request_id (call) != '\0')
    g_string_append_printf (more, "\n%s %s", _("Request ID"), aws_call_get_request_id (call));
  node = json_node_init_object (json_node_alloc (), aws_call_get_parameters (call));
  request = json_to_string (node, TRUE);
  answer = mill_format_json (aws_call_get_answer (call));
  title = dup_title (call);
  gtk_label_set_label (GTK_LABEL (self->title), title);
  gtk_label_set_label (GTK_LABEL (self->facts), more->str);
  mill_source_set_text (self->request, request);
  mill_source_set_text (self->answer, answer);
}

static void
on_items_changed (MillCallsView *self)
{
  gboolean any = g_list_model_get_n_items (G_LIST_MODEL (self->selection)) > 0;

  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), any ? "list" : "empty");
}

static void
mill_calls_view_dispose (GObject *object)
{
  MillCallsView *self = MILL_CALLS_VIEW (object);

  g_clear_pointer (&self->stack, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->target);
  G_OBJECT_CLASS (mill_calls_view_parent_class)->dispose (object);
}

static gboolean
mill_calls_view_grab_focus (GtkWidget *widget)
{
  return mill_list_focus (MILL_CALLS_VIEW (widget)->list);
}

static void
mill_calls_view_class_init (MillCallsViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_calls_view_dispose;
  GTK_WIDGET_CLASS (klass)->grab_focus = mill_calls_view_grab_focus;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
mill_calls_view_init (MillCallsView *self)
{
}

static void
build_detail (MillCallsView *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *copy = gtk_button_new_with_mnemonic (_("Copy as _Command"));

  self->detail = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_add_css_class (self->detail, "mill-detail");
  self->title = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->title), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (self->title, "heading");
  self->facts = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->facts), 0);
  mill_wrap (self->facts);
  gtk_widget_set_css_classes (self->facts, (const char *[]) { "caption", "numeric", NULL });
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (copy, GTK_ALIGN_START);
  gtk_widget_set_tooltip_text (copy, _("Copy the same call as a command for the AWS CLI"));
  gtk_box_append (GTK_BOX (texts), self->title);
  gtk_box_append (GTK_BOX (texts), self->facts);
  gtk_box_append (GTK_BOX (head), texts);
  gtk_box_append (GTK_BOX (head), copy);
  gtk_box_append (GTK_BOX (self->detail), head);
  g_signal_connect_object (copy, "clicked", G_CALLBACK (on_copy), self, G_CONNECT_SWAPPED);
}

GtkWidget *
mill_calls_view_new (MillTarget *target)
{
  MillCallsView *self = g_object_new (MILL_TYPE_CALLS_VIEW, NULL);
  AwsClient *client = mill_target_get_client (target);
  AwsCallLog *log = client != NULL ? aws_client_get_call_log (client) : NULL;
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *paned = gtk_paned_new (GTK_ORIENTATION_VERTICAL);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *detail_scroller = gtk_scrolled_window_new ();
  GtkWidget *empty = mill_empty_new ("mill-calls-symbolic", _("No API Calls Yet"),
                                     _("Every call that a step makes shows here, with request, answer and time."));

  self->target = g_object_ref (target);
  /* The model comes last: with it a selection would choose its first item at once. */
  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  {
    g_autoptr(GListModel) model = log != NULL ? G_LIST_MODEL (mill_reverse_list_new (G_LIST_MODEL (log))) : NULL;

    gtk_single_selection_set_model (self->selection, model);
  }
  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  self->list = gtk_list_view_new (GTK_SELECTION_MODEL (g_object_ref (self->selection)), factory);
  gtk_widget_add_css_class (self->list, "mill-messages");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _("API calls"), -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->list);
  mill_follow_top (self->list);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (scroller, -1, 96);
  build_detail (self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (detail_scroller), self->detail);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (detail_scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (detail_scroller, -1, 140);
  gtk_widget_set_visible (detail_scroller, FALSE);
  gtk_paned_set_start_child (GTK_PANED (paned), scroller);
  gtk_paned_set_end_child (GTK_PANED (paned), detail_scroller);
  gtk_paned_set_shrink_start_child (GTK_PANED (paned), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (paned), FALSE);
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), empty, "empty");
  gtk_stack_add_named (GTK_STACK (self->stack), paned, "list");
  mill_hidden_follow (self->stack, gtk_stack_get_pages (GTK_STACK (self->stack)));
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (on_selected), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->selection, "items-changed", G_CALLBACK (on_items_changed), self, G_CONNECT_SWAPPED);
  on_items_changed (self);
  return GTK_WIDGET (self);
}
