/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-event-matcher-private.h"

#include <arpa/inet.h>
#include <string.h>

#include "practice-json.h"

static gboolean
match_wildcard (const char *pattern,
                const char *text)
{
  const char *after_star = NULL;
  const char *resume = NULL;

  /* Where the text does not go on as the pattern does, the last star takes one character more. */
  while (*text != '\0') {
    if (*pattern == '*') {
      after_star = ++pattern;
      resume = text;
      continue;
    }

    if (*pattern != '\0' && (*pattern == '\\' ? pattern[1] : *pattern) == *text) {
      pattern += *pattern == '\\' ? 2 : 1;
      text++;
      continue;
    }

    if (after_star == NULL)
      return FALSE;
    pattern = after_star;
    text = ++resume;
  }

  while (*pattern == '*')
    pattern++;
  return *pattern == '\0';
}

static gboolean
match_cidr (PracticeEventMatcher *self,
            const char           *text)
{
  PracticeEventAddress address;

  if (!practice_event_address_parse (text, &address) || address.length != self->address.length)
    return FALSE;

  for (guint i = 0; i < self->bits; i++) {
    guint mask = 0x80 >> (i % 8);

    if ((address.bytes[i / 8] & mask) != (self->address.bytes[i / 8] & mask))
      return FALSE;
  }

  return TRUE;
}

static gboolean
match_text (PracticeEventMatcher *self,
            const char           *text)
{
  g_autofree char *folded = self->ignore_case ? g_utf8_casefold (text, -1) : NULL;

  if (folded != NULL)
    text = folded;

  switch (self->kind) {
  case MATCH_STRING:
    return g_str_equal (text, self->text);
  case MATCH_PREFIX:
    return g_str_has_prefix (text, self->text);
  case MATCH_SUFFIX:
    return g_str_has_suffix (text, self->text);
  case MATCH_WILDCARD:
    return match_wildcard (self->text, text);
  case MATCH_CIDR:
    return match_cidr (self, text);
  default:
    return FALSE;
  }
}

static gboolean
match_number (PracticeEventMatcher *self,
              double                number)
{
  if (self->kind == MATCH_NUMBER)
    return number == self->number;

  return self->kind == MATCH_RANGE &&
         (self->low_open ? number > self->low : number >= self->low) &&
         (self->high_open ? number < self->high : number <= self->high);
}

/* Where an address is written as one, in full: inet_pton() knows no shortened IPv4 forms, as AWS does not. */
gboolean
practice_event_address_parse (const char           *text,
                              PracticeEventAddress *address)
{
  memset (address, 0, sizeof *address);

  if (inet_pton (AF_INET, text, address->bytes) == 1)
    address->length = 4;
  else if (inet_pton (AF_INET6, text, address->bytes) == 1)
    address->length = 16;
  else
    return FALSE;

  return TRUE;
}

void
practice_event_matcher_free (PracticeEventMatcher *self)
{
  g_clear_pointer (&self->excluded, g_ptr_array_unref);
  g_free (self->text);
  g_free (self);
}

gboolean
practice_event_matcher_is_absent (PracticeEventMatcher *self)
{
  return self->kind == MATCH_ABSENT;
}

gboolean
practice_event_matcher_matches (PracticeEventMatcher *self,
                                JsonNode             *value)
{
  if (self->kind == MATCH_EXISTS)
    return TRUE;

  if (self->kind == MATCH_ANYTHING_BUT) {
    for (guint i = 0; i < self->excluded->len; i++)
      if (practice_event_matcher_matches (g_ptr_array_index (self->excluded, i), value))
        return FALSE;
    return TRUE;
  }

  if (practice_json_is_string (value))
    return match_text (self, json_node_get_string (value));
  if (practice_json_is_number (value))
    return match_number (self, json_node_get_double (value));
  if (practice_json_is_boolean (value))
    return self->kind == MATCH_BOOLEAN && json_node_get_boolean (value) == self->boolean;

  return self->kind == MATCH_NULL && JSON_NODE_HOLDS_NULL (value);
}
