/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-event-matcher.h"

G_BEGIN_DECLS

/* What practice-event-matcher-parse.c makes and practice-event-matcher.c goes by. */

typedef enum {
  MATCH_NULL,
  MATCH_BOOLEAN,
  MATCH_STRING,
  MATCH_NUMBER,
  MATCH_EXISTS,
  MATCH_ABSENT,
  MATCH_PREFIX,
  MATCH_SUFFIX,
  MATCH_WILDCARD,
  MATCH_RANGE,
  MATCH_CIDR,
  MATCH_ANYTHING_BUT,
} MatchKind;

typedef struct {
  guchar bytes[16];
  guint  length;
} PracticeEventAddress;

struct _PracticeEventMatcher {
  MatchKind kind;
  gboolean ignore_case;

  gboolean boolean;
  char *text;          /* folded where @ignore_case */
  double number;

  /* MATCH_RANGE */
  double low, high;
  gboolean low_open, high_open;

  PracticeEventAddress address;
  guint bits;

  GPtrArray *excluded; /* MATCH_ANYTHING_BUT: matchers */
};

/* Whether @text is an address as one is written in full: no shortened IPv4 forms, as AWS knows none. */
gboolean practice_event_address_parse (const char           *text,
                                       PracticeEventAddress *address);

G_END_DECLS
