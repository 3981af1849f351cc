/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-engine.h"
#include "mill-mail.h"

G_BEGIN_DECLS

#define MILL_TYPE_MAILBOX (mill_mailbox_get_type ())

/**
 * MillMailbox:
 *
 * The mails and text messages that the practice cloud delivered, and the links in them.
 *
 * Signals: "confirmed" (a link was opened), "failed" (a GError: a link could not be opened).
 */
G_DECLARE_FINAL_TYPE (MillMailbox, mill_mailbox, MILL, MAILBOX, GObject)

/* @cancellable: ends what is under way. */
MillMailbox *mill_mailbox_new          (MillEngine   *engine,
                                        MillTarget   *target,
                                        GCancellable *cancellable);
/* Of MillMail, newest first. */
GListModel  *mill_mailbox_get_mails    (MillMailbox  *self);
/* Something came: it is asked for, soon and not too often. */
void         mill_mailbox_ring         (MillMailbox  *self);
/* Reads everything anew. */
void         mill_mailbox_refresh      (MillMailbox  *self);
/* Opens the link in a confirmation mail, as a mail reader would. */
void         mill_mailbox_confirm      (MillMailbox  *self,
                                        MillMail     *mail);
/* Whether the link in @mail was opened here. */
gboolean     mill_mailbox_is_confirmed (MillMailbox  *self,
                                        MillMail     *mail);

G_END_DECLS
