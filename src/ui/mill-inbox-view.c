/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-inbox-view.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "mill-empty.h"
#include "mill-follow-top.h"
#include "mill-format.h"
#include "mill-hidden.h"
#include "mill-list.h"
#include "mill-wrap.h"

struct _MillInboxView
{
  GtkWidget parent_instance;

  GtkWidget *stack;
  GtkWidget *list;
  GtkWidget *mail;
  GtkWidget *mail_scroller;
  GtkWidget *icon;
  GtkWidget *subject;
  GtkWidget *to;
  GtkWidget *body;
  GtkWidget *confirm;

  MillMailbox *mailbox;
  GtkSingleSelection *selection;
};

G_DEFINE_FINAL_TYPE (MillInboxView, mill_inbox_view, GTK_TYPE_WIDGET)

static const char *
title_of (MillMail *mail)
{
  if (*mill_mail_get_subject (mail) != '\0')
    return mill_mail_get_subject (mail);
  return mill_mail_is_sms (mail) ? _("Text message") : _("No subject");
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
  gtk_box_append (GTK_BOX (box), gtk_image_new ());
  gtk_box_append (GTK_BOX (box), texts);
  gtk_list_item_set_child (item, box);
}

static void
on_bind (GtkSignalListItemFactory *factory,
         GtkListItem              *item)
{
  MillMail *mail = gtk_list_item_get_item (item);
  GtkWidget *box = gtk_list_item_get_child (item);
  GtkWidget *texts = gtk_widget_get_last_child (box);
  g_autofree char *when = mill_format_clock (mill_mail_get_time (mail));
  g_autofree char *subtitle = g_strdup_printf (_("To %s · %s"), mill_mail_get_to (mail), when);
  g_autofree char *name = g_strdup_printf ("%s, %s", title_of (mail), subtitle);

  gtk_image_set_from_icon_name (GTK_IMAGE (gtk_widget_get_first_child (box)), mill_mail_is_sms (mail) ? "mill-phone-symbolic" : "mill-mail-symbolic");
  gtk_label_set_label (GTK_LABEL (gtk_widget_get_first_child (texts)), title_of (mail));
  gtk_label_set_label (GTK_LABEL (gtk_widget_get_last_child (texts)), subtitle);
  mill_list_name_row (box, name);
}

static void
on_selected (MillInboxView *self)
{
  MillMail *mail = gtk_single_selection_get_selected_item (self->selection);
  g_autofree char *to = NULL;
  g_autofree char *when = NULL;

  gtk_widget_set_visible (self->mail_scroller, mail != NULL);
  if (mail == NULL)
    return;
  when = mill_format_clock (mill_mail_get_time (mail));
  to = g_strdup_printf (_("To %s · %s"), mill_mail_get_to (mail), when);
  gtk_label_set_label (GTK_LABEL (self->subject), title_of (mail));
  gtk_label_set_label (GTK_LABEL (self->to), to);
  gtk_label_set_label (GTK_LABEL (self->body), mill_mail_get_body (mail));
  gtk_widget_set_visible (self->confirm, *mill_mail_get_link (mail) != '\0');
  gtk_widget_set_sensitive (self->confirm, !mill_mailbox_is_confirmed (self->mailbox, mail));
  gtk_button_set_label (GTK_BUTTON (self->confirm), mill_mailbox_is_confirmed (self->mailbox, mail) ? _("Confirmed") : _("_Confirm Subscription"));
}

static void
on_confirm (MillInboxView *self)
{
  MillMail *mail = gtk_single_selection_get_selected_item (self->selection);

  if (mail != NULL)
    mill_mailbox_confirm (self->mailbox, mail);
}

static void
on_items_changed (MillInboxView *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));

  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), n > 0 ? "list" : "empty");
  if (n > 0 && gtk_single_selection_get_selected (self->selection) == GTK_INVALID_LIST_POSITION)
    gtk_single_selection_set_selected (self->selection, 0);
}

static void
mill_inbox_view_dispose (GObject *object)
{
  MillInboxView *self = MILL_INBOX_VIEW (object);

  g_clear_pointer (&self->stack, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->mailbox);
  G_OBJECT_CLASS (mill_inbox_view_parent_class)->dispose (object);
}

static gboolean
mill_inbox_view_grab_focus (GtkWidget *widget)
{
  return mill_list_focus (MILL_INBOX_VIEW (widget)->list);
}

static void
mill_inbox_view_class_init (MillInboxViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_inbox_view_dispose;
  GTK_WIDGET_CLASS (klass)->grab_focus = mill_inbox_view_grab_focus;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
mill_inbox_view_init (MillInboxView *self)
{
}

static GtkWidget *
new_text (const char *style)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  mill_wrap (label);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  return label;
}

static void
build_mail (MillInboxView *self)
{
  self->mail = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  gtk_widget_add_css_class (self->mail, "mill-detail");
  self->subject = new_text ("title-4");
  self->to = new_text ("caption");
  gtk_widget_add_css_class (self->to, "dim-label");
  self->body = new_text (NULL);
  self->confirm = gtk_button_new_with_mnemonic (_("_Confirm Subscription"));
  gtk_widget_set_halign (self->confirm, GTK_ALIGN_START);
  gtk_widget_add_css_class (self->confirm, "suggested-action");
  gtk_widget_set_tooltip_text (self->confirm, _("Open the link in this mail, as you would in your mailbox"));
  g_signal_connect_object (self->confirm, "clicked", G_CALLBACK (on_confirm), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->mail), self->subject);
  gtk_box_append (GTK_BOX (self->mail), self->to);
  gtk_box_append (GTK_BOX (self->mail), self->confirm);
  gtk_box_append (GTK_BOX (self->mail), self->body);
}

GtkWidget *
mill_inbox_view_new (MillSession *session)
{
  MillInboxView *self = g_object_new (MILL_TYPE_INBOX_VIEW, NULL);
  gboolean practice = mill_target_get_kind (mill_session_get_target (session)) == MILL_TARGET_PRACTICE;
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *paned = gtk_paned_new (GTK_ORIENTATION_VERTICAL);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *empty = mill_empty_new ("mill-mail-symbolic", practice ? _("No Mail Yet") : _("Mail Goes to the Real Address"),
                                     practice ? _("E-mails and text messages of the practice cloud arrive here.")
                                              : _("This deployment sends to real mailboxes and phones. Look there, and in the spam folder."));

  self->mailbox = g_object_ref (mill_session_get_mailbox (session));
  /* The model comes last: with it a selection would choose its first item at once. */
  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  {
    g_autoptr(GListModel) model = g_object_ref (mill_mailbox_get_mails (self->mailbox));

    gtk_single_selection_set_model (self->selection, model);
  }
  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  self->list = gtk_list_view_new (GTK_SELECTION_MODEL (g_object_ref (self->selection)), factory);
  gtk_widget_add_css_class (self->list, "mill-messages");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Inbox"), -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->list);
  mill_follow_top (self->list);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (scroller, -1, 96);
  build_mail (self);
  self->mail_scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->mail_scroller), self->mail);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->mail_scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (self->mail_scroller, -1, 140);
  gtk_widget_set_visible (self->mail_scroller, FALSE);
  gtk_paned_set_start_child (GTK_PANED (paned), scroller);
  gtk_paned_set_end_child (GTK_PANED (paned), self->mail_scroller);
  gtk_paned_set_shrink_start_child (GTK_PANED (paned), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (paned), FALSE);
  gtk_paned_set_position (GTK_PANED (paned), 150);
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), empty, "empty");
  gtk_stack_add_named (GTK_STACK (self->stack), paned, "list");
  mill_hidden_follow (self->stack, gtk_stack_get_pages (GTK_STACK (self->stack)));
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
  g_signal_connect_object (self->mailbox, "confirmed", G_CALLBACK (on_selected), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (on_selected), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->selection, "items-changed", G_CALLBACK (on_items_changed), self, G_CONNECT_SWAPPED);
  on_items_changed (self);
  return GTK_WIDGET (self);
}
