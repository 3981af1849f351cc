/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-format.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <time.h>

/* Longer texts are shown as they are: indenting them would hold up the window. */
#define JSON_LIMIT (512 * 1024)

char *
mill_format_age (gint64 when,
                 gint64 now)
{
  gint64 age = now - when;

  if (age < 60)
    return g_strdup (_("just now"));
  if (age < 60 * 60)
    return g_strdup_printf (ngettext ("%d minute ago", "%d minutes ago", age / 60), (int) (age / 60));
  if (age < 24 * 60 * 60)
    return g_strdup_printf (ngettext ("%d hour ago", "%d hours ago", age / 3600), (int) (age / 3600));
  if (age < 7 * 24 * 60 * 60)
    return g_strdup_printf (ngettext ("%d day ago", "%d days ago", age / 86400), (int) (age / 86400));

  g_autoptr(GDateTime) date = g_date_time_new_from_unix_local (when);
  return date != NULL ? g_date_time_format (date, "%x") : g_strdup ("");
}

char *
mill_format_left (gint64 seconds)
{
  int minutes = (int) CLAMP (seconds / 60, 0, G_MAXINT);

  if (seconds <= 0)
    return g_strdup (_("expired"));
  if (minutes < 1)
    return g_strdup (_("less than a minute left"));
  if (minutes < 120)
    return g_strdup_printf (ngettext ("%d minute left", "%d minutes left", minutes), minutes);
  if (minutes < 48 * 60)
    return g_strdup_printf (ngettext ("%d hour left", "%d hours left", minutes / 60), minutes / 60);
  if (minutes >= 365 * 1440)
    return g_strdup (_("more than a year left"));
  return g_strdup_printf (ngettext ("%d day left", "%d days left", minutes / 1440), minutes / 1440);
}

char *
mill_format_duration (double seconds)
{
  if (seconds < 0)
    seconds = 0;
  if (seconds < 0.00995)
    /* Translators: milliseconds */
    return g_strdup_printf (_("%.1f ms"), seconds * 1000);
  if (seconds < 0.9995)
    /* Translators: milliseconds */
    return g_strdup_printf (_("%.0f ms"), seconds * 1000);
  if (seconds < 59.95)
    /* Translators: seconds */
    return g_strdup_printf (_("%.1f s"), seconds);
  if (seconds > 365.0 * 86400)
    return g_strdup ("–");

  int whole = (int) (seconds + 0.5);
  if (whole < 3600)
    /* Translators: minutes and seconds */
    return g_strdup_printf (_("%d min %d s"), whole / 60, whole % 60);
  /* Translators: hours and minutes */
  return g_strdup_printf (_("%d h %d min"), whole / 3600, whole % 3600 / 60);
}

char *
mill_format_clock (double when)
{
  static gsize once = 0;
  time_t whole = (time_t) when;
  struct tm local;

  /* A GDateTime would look at the time zone's file each time, for each of hundreds of rows. */
  if (g_once_init_enter (&once))
    {
      tzset ();
      g_once_init_leave (&once, 1);
    }
  if (!(when > 0) || when > 253402300799.0 || localtime_r (&whole, &local) == NULL)
    return g_strdup ("–");
  return g_strdup_printf ("%02d:%02d:%02d.%03d", local.tm_hour, local.tm_min, local.tm_sec, (int) ((when - whole) * 1000));
}

char *
mill_format_json (const char *text)
{
  g_autoptr(JsonParser) parser = NULL;
  gsize length;
  char first;

  if (text == NULL)
    return g_strdup ("");
  length = strlen (text);
  first = text[strspn (text, " \t\r\n")];
  if ((first == '{' || first == '[') && length <= JSON_LIMIT && g_utf8_validate (text, length, NULL))
    {
      parser = json_parser_new_immutable ();
      if (json_parser_load_from_data (parser, text, length, NULL))
        return json_to_string (json_parser_get_root (parser), TRUE);
    }
  return g_utf8_make_valid (text, length);
}

char *
mill_format_line (const char *text)
{
  GString *line = g_string_new (NULL);

  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_isspace (*c))
      g_string_append_c (line, *c);
    else if (line->len > 0 && line->str[line->len - 1] != ' ')
      g_string_append_c (line, ' ');
  return g_strchomp (g_string_free (line, FALSE));
}
