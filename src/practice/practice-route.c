/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-route.h"

#include <string.h>

#include "practice-form.h"

/* Room for segments of one kind; routes and paths with more segments than this do not match. */
#define MAX_SEGMENTS 32
#define LITERAL_WEIGHT 64

static gboolean
take_label (const char *label,
            gsize       label_length,
            const char *value,
            gsize       value_length,
            JsonObject *labels)
{
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  if (labels == NULL)
    return TRUE;
  name = g_strndup (label, label_length);
  text = practice_form_decode (value, value_length, FALSE);
  if (text == NULL)
    return FALSE;
  json_object_set_string_member (labels, name, text);
  return TRUE;
}

static gsize
segment_length (const char *text)
{
  return strcspn (text, "/");
}

guint
practice_route_match (const char *route,
                      const char *method,
                      const char *path,
                      JsonObject *labels)
{
  gsize method_length = strlen (method);
  guint weight = 1;

  if (strncmp (route, method, method_length) != 0 || route[method_length] != ' ')
    return 0;
  route += method_length + 1;

  for (guint i = 0; i < MAX_SEGMENTS; i++) {
    gsize wanted = 0;
    gsize given = 0;

    if (*route == '/')
      route++;
    if (*path == '/')
      path++;
    if (*route == '\0' || *path == '\0')
      return *route == *path ? weight : 0;

    wanted = segment_length (route);
    given = segment_length (path);
    if (*route == '{') {
      gboolean rest = route[wanted - 2] == '+';

      if (rest)
        given = strlen (path);
      if (given == 0 || !take_label (route + 1, wanted - (rest ? 3 : 2), path, given, labels))
        return 0;
      weight += rest ? 0 : 1;
    } else if (wanted == given && strncmp (route, path, wanted) == 0) {
      weight += LITERAL_WEIGHT;
    } else {
      return 0;
    }
    route += wanted;
    path += given;
  }
  return 0;
}
