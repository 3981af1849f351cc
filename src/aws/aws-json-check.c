/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-json-check.h"

#include <string.h>

typedef struct {
  const char *at;
  const char *end;
  guint       depth;
  guint       max_depth;
  gboolean    refuses_nul;
} Scan;

static gboolean scan_value (Scan *scan);

static void
skip_blanks (Scan *scan)
{
  while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' || *scan->at == '\r'))
    scan->at++;
}

static gboolean
scan_char (Scan *scan,
           char  c)
{
  skip_blanks (scan);
  if (scan->at >= scan->end || *scan->at != c)
    return FALSE;
  scan->at++;
  return TRUE;
}

static gboolean
scan_word (Scan       *scan,
           const char *word)
{
  gsize length = strlen (word);

  if ((gsize) (scan->end - scan->at) < length || memcmp (scan->at, word, length) != 0)
    return FALSE;
  scan->at += length;
  return TRUE;
}

static gboolean
scan_escape (Scan *scan)
{
  if (scan->at >= scan->end)
    return FALSE;
  if (*scan->at == 'u') {
    scan->at++;
    if (scan->refuses_nul && scan->end - scan->at >= 4 && memcmp (scan->at, "0000", 4) == 0)
      return FALSE;
    for (guint i = 0; i < 4; i++, scan->at++) {
      if (scan->at >= scan->end || !g_ascii_isxdigit (*scan->at))
        return FALSE;
    }
    return TRUE;
  }
  if (strchr ("\"\\/bfnrt", *scan->at) == NULL || *scan->at == '\0')
    return FALSE;
  scan->at++;
  return TRUE;
}

static gboolean
scan_string (Scan *scan)
{
  if (!scan_char (scan, '"'))
    return FALSE;
  while (scan->at < scan->end) {
    guchar c = (guchar) *scan->at++;

    if (c == '"')
      return TRUE;
    if (c < 0x20 || (c == '\\' && !scan_escape (scan)))
      return FALSE;
  }
  return FALSE;
}

static gboolean
scan_digits (Scan *scan)
{
  const char *begin = scan->at;

  while (scan->at < scan->end && g_ascii_isdigit (*scan->at))
    scan->at++;
  return scan->at > begin;
}

static gboolean
scan_number (Scan *scan)
{
  if (*scan->at == '-')
    scan->at++;
  if (scan->at < scan->end && *scan->at == '0')
    scan->at++;
  else if (!scan_digits (scan))
    return FALSE;
  if (scan->at < scan->end && *scan->at == '.') {
    scan->at++;
    if (!scan_digits (scan))
      return FALSE;
  }
  if (scan->at < scan->end && (*scan->at == 'e' || *scan->at == 'E')) {
    scan->at++;
    if (scan->at < scan->end && (*scan->at == '+' || *scan->at == '-'))
      scan->at++;
    if (!scan_digits (scan))
      return FALSE;
  }
  return TRUE;
}

static gboolean
scan_members (Scan     *scan,
              char      closing,
              gboolean  named)
{
  if (++scan->depth > scan->max_depth)
    return FALSE;
  scan->at++;
  if (!scan_char (scan, closing)) {
    do {
      if (named && (!scan_string (scan) || !scan_char (scan, ':')))
        return FALSE;
      if (!scan_value (scan))
        return FALSE;
    } while (scan_char (scan, ','));
    if (!scan_char (scan, closing))
      return FALSE;
  }
  scan->depth--;
  return TRUE;
}

static gboolean
scan_value (Scan *scan)
{
  skip_blanks (scan);
  if (scan->at >= scan->end)
    return FALSE;
  switch (*scan->at) {
  case '{':
    return scan_members (scan, '}', TRUE);
  case '[':
    return scan_members (scan, ']', FALSE);
  case '"':
    return scan_string (scan);
  case 't':
    return scan_word (scan, "true");
  case 'f':
    return scan_word (scan, "false");
  case 'n':
    return scan_word (scan, "null");
  default:
    return (*scan->at == '-' || g_ascii_isdigit (*scan->at)) && scan_number (scan);
  }
}

AwsJsonFlaw
aws_json_check (const char *text,
                gsize       length,
                guint       max_depth,
                gboolean    refuses_nul,
                gsize      *at)
{
  Scan scan = { .at = text, .end = text + length, .max_depth = max_depth, .refuses_nul = refuses_nul };
  gboolean valid = scan_value (&scan);

  skip_blanks (&scan);
  *at = (gsize) (scan.at - text);
  if (scan.depth > max_depth)
    return AWS_JSON_FLAW_DEPTH;
  return valid && scan.at == scan.end ? AWS_JSON_FLAW_NONE : AWS_JSON_FLAW_SYNTAX;
}
