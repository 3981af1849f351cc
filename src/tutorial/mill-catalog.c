/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-tutorial.h"

struct _MillCatalog
{
  GObject    parent_instance;

  GPtrArray *tutorials;
  GPtrArray *errors;
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MillCatalog, mill_catalog, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static int
by_title (gconstpointer a,
          gconstpointer b)
{
  return g_utf8_collate (mill_tutorial_get_title (*(MillTutorial **) a), mill_tutorial_get_title (*(MillTutorial **) b));
}

static void
load_folder (MillCatalog *self,
             const char  *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *file = g_build_filename (path, "tutorial.json", NULL);
      g_autoptr (MillTutorial) tutorial = NULL;
      g_autoptr (GError) error = NULL;

      if (!g_file_test (file, G_FILE_TEST_EXISTS))
        continue;
      tutorial = mill_tutorial_load (path, &error);
      if (tutorial == NULL)
        g_ptr_array_add (self->errors, g_strdup (error->message));
      /* The first folder that has an id wins: the user's own before the installed. */
      else if (mill_catalog_find (self, mill_tutorial_get_id (tutorial)) == NULL)
        g_ptr_array_add (self->tutorials, g_steal_pointer (&tutorial));
    }
}

static GType
get_item_type (GListModel *model)
{
  return MILL_TYPE_TUTORIAL;
}

static guint
get_n_items (GListModel *model)
{
  return MILL_CATALOG (model)->tutorials->len;
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  MillCatalog *self = MILL_CATALOG (model);

  return position < self->tutorials->len ? g_object_ref (self->tutorials->pdata[position]) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
mill_catalog_finalize (GObject *object)
{
  MillCatalog *self = MILL_CATALOG (object);

  g_ptr_array_unref (self->tutorials);
  g_ptr_array_unref (self->errors);
  G_OBJECT_CLASS (mill_catalog_parent_class)->finalize (object);
}

static void
mill_catalog_class_init (MillCatalogClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_catalog_finalize;
}

static void
mill_catalog_init (MillCatalog *self)
{
  self->tutorials = g_ptr_array_new_with_free_func (g_object_unref);
  self->errors = g_ptr_array_new_with_free_func (g_free);
}

MillCatalog *
mill_catalog_new (void)
{
  MillCatalog *self = g_object_new (MILL_TYPE_CATALOG, NULL);
  const char *override = g_getenv ("MILLRACE_DATA_DIR");
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "millrace", "tutorials", NULL);

  load_folder (self, own);
  if (override != NULL)
    {
      g_autofree char *folder = g_build_filename (override, "tutorials", NULL);
      load_folder (self, folder);
    }
  else
    load_folder (self, MILLRACE_PKGDATADIR G_DIR_SEPARATOR_S "tutorials");
  g_ptr_array_sort (self->tutorials, by_title);
  return self;
}

MillTutorial *
mill_catalog_find (MillCatalog *self,
                   const char  *id)
{
  g_return_val_if_fail (MILL_IS_CATALOG (self), NULL);
  for (guint i = 0; i < self->tutorials->len; i++)
    if (g_str_equal (mill_tutorial_get_id (self->tutorials->pdata[i]), id))
      return self->tutorials->pdata[i];
  return NULL;
}

GPtrArray *
mill_catalog_get_errors (MillCatalog *self)
{
  g_return_val_if_fail (MILL_IS_CATALOG (self), NULL);
  return self->errors;
}
