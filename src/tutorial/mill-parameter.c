/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-template.h"

#include <math.h>

static gboolean
refuse (const MillParameter  *parameter,
        GError              **error,
        const char           *format,
        ...) G_GNUC_PRINTF (3, 4);

static gboolean
refuse (const MillParameter  *parameter,
        GError              **error,
        const char           *format,
        ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_PARAMETER, "%s: %s", parameter->name,
               parameter->constraint_description != NULL ? parameter->constraint_description : message);
  return FALSE;
}

gboolean
mill_parameter_check (const MillParameter  *parameter,
                      const char           *value,
                      GError              **error)
{
  glong length;

  if (!g_utf8_validate (value, -1, NULL))
    return refuse (parameter, error, "The value is not UTF-8 text.");
  length = g_utf8_strlen (value, -1);
  if (parameter->allowed_values != NULL && !g_strv_contains ((const char *const *) parameter->allowed_values, value))
    {
      g_autofree char *values = g_strjoinv (", ", parameter->allowed_values);
      return refuse (parameter, error, "“%s” is not one of: %s.", value, values);
    }
  if (parameter->min_length >= 0 && length < parameter->min_length)
    return refuse (parameter, error, "The value must have at least %" G_GINT64_FORMAT " characters.", parameter->min_length);
  if (parameter->max_length >= 0 && length > parameter->max_length)
    return refuse (parameter, error, "The value must have at most %" G_GINT64_FORMAT " characters.", parameter->max_length);
  if (g_str_equal (parameter->type, "Number"))
    {
      char *end = NULL;
      double number = g_ascii_strtod (value, &end);

      if (end == value || *end != '\0')
        return refuse (parameter, error, "“%s” is not a number.", value);
      if (!isnan (parameter->min_value) && number < parameter->min_value)
        return refuse (parameter, error, "The number must be %g or more.", parameter->min_value);
      if (!isnan (parameter->max_value) && number > parameter->max_value)
        return refuse (parameter, error, "The number must be %g or less.", parameter->max_value);
    }
  if (parameter->allowed_pattern != NULL)
    {
      /* CloudFormation's patterns match the whole value. */
      g_autofree char *pattern = g_strdup_printf ("^(?:%s)$", parameter->allowed_pattern);

      if (!g_regex_match_simple (pattern, value, G_REGEX_DOLLAR_ENDONLY, 0))
        return refuse (parameter, error, "“%s” does not match the pattern %s.", value, parameter->allowed_pattern);
    }
  return TRUE;
}
