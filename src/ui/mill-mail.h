/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define MILL_TYPE_MAIL (mill_mail_get_type ())

/**
 * MillMail:
 *
 * One e-mail or text message that the practice cloud delivered. Immutable.
 */
G_DECLARE_FINAL_TYPE (MillMail, mill_mail, MILL, MAIL, GObject)

/* (transfer full): from a message of mill_engine_inbox_finish(); members that are missing or of another type are empty. */
MillMail   *mill_mail_new_from_json   (JsonObject *message);
const char *mill_mail_get_id          (MillMail   *self);
gboolean    mill_mail_is_sms          (MillMail   *self);
const char *mill_mail_get_to          (MillMail   *self);
const char *mill_mail_get_subject     (MillMail   *self);
const char *mill_mail_get_body        (MillMail   *self);
/* The link that confirms a subscription, "" in any other mail. */
const char *mill_mail_get_link        (MillMail   *self);
double      mill_mail_get_time        (MillMail   *self);   /* seconds since 1970, 0 where unknown */

G_END_DECLS
