/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-diagram-keys.h"

static int
index_of_focus (GPtrArray *views)
{
  for (guint i = 0; i < views->len; i++)
    if (gtk_widget_is_focus (views->pdata[i]))
      return i;
  return -1;
}

gboolean
mill_diagram_keys_arrow (GPtrArray       *views,
                         MillDiagramMap  *map,
                         guint            key,
                         GdkModifierType  state)
{
  int at = index_of_focus (views);
  double x = 0, y = 0;

  if (state & (GDK_CONTROL_MASK | GDK_ALT_MASK))
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_Left: case GDK_KEY_KP_Left: x = -1; break;
    case GDK_KEY_Right: case GDK_KEY_KP_Right: x = 1; break;
    case GDK_KEY_Up: case GDK_KEY_KP_Up: y = -1; break;
    case GDK_KEY_Down: case GDK_KEY_KP_Down: y = 1; break;
    default: return GDK_EVENT_PROPAGATE;
    }
  if (at < 0)
    return GDK_EVENT_PROPAGATE;
  at = mill_diagram_map_find_in_direction (map, at, x, y);
  if (at >= 0)
    gtk_widget_grab_focus (views->pdata[at]);
  return GDK_EVENT_STOP;
}

gboolean
mill_diagram_keys_tab (GPtrArray        *views,
                       GtkDirectionType  direction)
{
  int at = index_of_focus (views), n = (int) views->len;

  if (direction == GTK_DIR_TAB_FORWARD)
    at++;
  else
    at = at < 0 ? n - 1 : at - 1;
  return at >= 0 && at < n && gtk_widget_grab_focus (views->pdata[at]);
}
