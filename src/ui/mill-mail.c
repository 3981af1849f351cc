/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-mail.h"

struct _MillMail
{
  GObject parent_instance;

  char *id;
  gboolean sms;
  char *to;
  char *subject;
  char *body;
  char *link;
  double time;
};

G_DEFINE_FINAL_TYPE (MillMail, mill_mail, G_TYPE_OBJECT)

static char *
dup_member (JsonObject *object,
            const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  if (node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64)
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  return g_strdup ("");
}

static void
mill_mail_finalize (GObject *object)
{
  MillMail *self = MILL_MAIL (object);

  g_free (self->id);
  g_free (self->to);
  g_free (self->subject);
  g_free (self->body);
  g_free (self->link);
  G_OBJECT_CLASS (mill_mail_parent_class)->finalize (object);
}

static void
mill_mail_class_init (MillMailClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_mail_finalize;
}

static void
mill_mail_init (MillMail *self)
{
}

MillMail *
mill_mail_new_from_json (JsonObject *message)
{
  MillMail *self = g_object_new (MILL_TYPE_MAIL, NULL);
  JsonNode *time = json_object_get_member (message, "time");
  g_autofree char *kind = dup_member (message, "kind");

  self->id = dup_member (message, "id");
  self->sms = g_str_equal (kind, "sms");
  self->to = dup_member (message, "to");
  self->subject = dup_member (message, "subject");
  self->body = dup_member (message, "body");
  self->link = dup_member (message, "confirmation");
  if (time != NULL && JSON_NODE_HOLDS_VALUE (time))
    self->time = json_node_get_double (time);
  return self;
}

const char *
mill_mail_get_id (MillMail *self)
{
  return self->id;
}

gboolean
mill_mail_is_sms (MillMail *self)
{
  return self->sms;
}

const char *
mill_mail_get_to (MillMail *self)
{
  return self->to;
}

const char *
mill_mail_get_subject (MillMail *self)
{
  return self->subject;
}

const char *
mill_mail_get_body (MillMail *self)
{
  return self->body;
}

const char *
mill_mail_get_link (MillMail *self)
{
  return self->link;
}

double
mill_mail_get_time (MillMail *self)
{
  return self->time;
}
