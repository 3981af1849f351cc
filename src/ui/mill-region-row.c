/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-region-row.h"

#include <glib/gi18n.h>

#include "mill-region.h"

struct _MillRegionRow
{
  AdwComboRow parent_instance;

  GPtrArray *ids;           /* of those in the list, beside it */
  GtkStringList *names;
};

G_DEFINE_FINAL_TYPE (MillRegionRow, mill_region_row, ADW_TYPE_COMBO_ROW)

static void
add (MillRegionRow *self,
     const char    *id,
     const char    *name)
{
  g_autofree char *label = name != NULL ? g_strdup_printf ("%s · %s", id, name) : g_strdup (id);

  g_ptr_array_add (self->ids, g_strdup (id));
  gtk_string_list_append (self->names, label);
}

static void
mill_region_row_dispose (GObject *object)
{
  g_clear_object (&MILL_REGION_ROW (object)->names);
  G_OBJECT_CLASS (mill_region_row_parent_class)->dispose (object);
}

static void
mill_region_row_finalize (GObject *object)
{
  g_ptr_array_unref (MILL_REGION_ROW (object)->ids);
  G_OBJECT_CLASS (mill_region_row_parent_class)->finalize (object);
}

static void
mill_region_row_class_init (MillRegionRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_region_row_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_region_row_finalize;
}

static void
mill_region_row_init (MillRegionRow *self)
{
  GPtrArray *regions = mill_region_get_all ();

  self->ids = g_ptr_array_new_with_free_func (g_free);
  self->names = gtk_string_list_new (NULL);
  for (guint i = 0; i < regions->len; i++)
    add (self, ((const MillRegion *) regions->pdata[i])->id, ((const MillRegion *) regions->pdata[i])->name);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _("Region"));
  adw_combo_row_set_use_subtitle (ADW_COMBO_ROW (self), TRUE);
  adw_combo_row_set_model (ADW_COMBO_ROW (self), G_LIST_MODEL (self->names));
}

const char *
mill_region_row_get_region (MillRegionRow *self)
{
  guint selected = adw_combo_row_get_selected (ADW_COMBO_ROW (self));

  return self->ids->pdata[selected < self->ids->len ? selected : 0];
}

void
mill_region_row_set_region (MillRegionRow *self,
                            const char    *region)
{
  guint index = 0;

  if (region != NULL && *region != '\0' && !g_ptr_array_find_with_equal_func (self->ids, region, g_str_equal, &index))
    {
      index = self->ids->len;
      add (self, region, NULL);
    }
  adw_combo_row_set_selected (ADW_COMBO_ROW (self), index);
}
