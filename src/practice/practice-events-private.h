/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "practice-events.h"

G_BEGIN_DECLS

PracticeEvents *practice_events_new    (const char        *account,
                                        const char        *region);
/* For practice_events_stream(): only what happens from now on. */
#define PRACTICE_EVENTS_NOW G_MAXUINT64

/* Answers @message with the events after @after, and those to come, until the client hangs up. */
void            practice_events_stream (PracticeEvents    *self,
                                        SoupServerMessage *message,
                                        guint64            after);

G_END_DECLS
