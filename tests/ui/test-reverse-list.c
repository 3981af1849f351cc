/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-reverse-list.h"

#include <gtk/gtk.h>

static void
on_items_changed (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  g_string_append_printf (data, "%u-%u+%u ", position, removed, added);
}

static void
wait_for_changes (GString *changes)
{
  g_string_truncate (changes, 0);
  while (changes->len == 0)
    g_main_context_iteration (NULL, TRUE);
}

/* What changes is told soon after, what goes before what comes; what goes in the middle is told at once. */
static void
test_reverse_list (void)
{
  g_autoptr(GtkStringList) list = gtk_string_list_new ((const char *const[]) { "a", "b", NULL });
  g_autoptr(MillReverseList) reverse = mill_reverse_list_new (G_LIST_MODEL (list));
  g_autoptr(GString) changes = g_string_new (NULL);
  g_autoptr(GtkStringObject) first = NULL;

  g_signal_connect (reverse, "items-changed", G_CALLBACK (on_items_changed), changes);
  gtk_string_list_append (list, "c");
  gtk_string_list_remove (list, 0);
  gtk_string_list_append (list, "d");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (reverse)), ==, 2);
  wait_for_changes (changes);
  g_assert_cmpstr (changes->str, ==, "1-1+0 ");
  wait_for_changes (changes);
  g_assert_cmpstr (changes->str, ==, "0-0+2 ");
  first = g_list_model_get_item (G_LIST_MODEL (reverse), 0);
  g_assert_cmpstr (gtk_string_object_get_string (first), ==, "d");
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (reverse), 3));

  /* Gone before it was told of, and something in the middle. */
  gtk_string_list_append (list, "e");
  gtk_string_list_splice (list, 0, 4, NULL);
  wait_for_changes (changes);
  g_assert_cmpstr (changes->str, ==, "0-3+0 ");
  gtk_string_list_splice (list, 0, 0, (const char *const[]) { "x", "y", "z", NULL });
  wait_for_changes (changes);
  g_assert_cmpstr (changes->str, ==, "0-0+3 ");
  g_string_truncate (changes, 0);
  gtk_string_list_remove (list, 1);
  g_assert_cmpstr (changes->str, ==, "1-1+0 ");
}

/* Whoever follows what the list tells has what the list has, which is the other one from its end, once it is at rest. */
static void
follow_changes (GListModel *model,
                guint       position,
                guint       removed,
                guint       added,
                GListStore *copy)
{
  g_list_store_splice (copy, position, removed, NULL, 0);
  for (guint i = 0; i < added; i++)
    {
      g_autoptr(GObject) item = g_list_model_get_item (model, position + i);

      g_list_store_insert (copy, position + i, item);
    }
}

static void
test_reverse_list_random (void)
{
  g_autoptr(GtkStringList) list = gtk_string_list_new (NULL);
  g_autoptr(MillReverseList) reverse = mill_reverse_list_new (G_LIST_MODEL (list));
  g_autoptr(GListStore) copy = g_list_store_new (GTK_TYPE_STRING_OBJECT);
  gint64 end;

  g_signal_connect (reverse, "items-changed", G_CALLBACK (follow_changes), copy);
  for (guint i = 0; i < 3000; i++)
    {
      guint n = g_list_model_get_n_items (G_LIST_MODEL (list));
      guint at = n > 0 ? g_test_rand_int_range (0, n) : 0;
      g_autofree char *text = g_strdup_printf ("%u", i);

      switch (g_test_rand_int_range (0, 12))
        {
        case 0: gtk_string_list_splice (list, 0, MIN (n, 5), NULL); break;
        case 1: gtk_string_list_splice (list, at, MIN (n - at, 3), NULL); break;
        case 2: gtk_string_list_splice (list, at, 0, (const char *const[]) { text, NULL }); break;
        case 3: g_main_context_iteration (NULL, FALSE); break;
        case 4: g_usleep (i % 50 == 0 ? 110000 : 0); break;
        default: gtk_string_list_append (list, text); break;
        }
    }
  /* Two pulses and some. */
  end = g_get_monotonic_time () + 400000;
  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (5000);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (copy)), ==, g_list_model_get_n_items (G_LIST_MODEL (list)));
  for (guint i = 0, n = g_list_model_get_n_items (G_LIST_MODEL (list)); i < n; i++)
    {
      g_autoptr(GtkStringObject) one = g_list_model_get_item (G_LIST_MODEL (copy), i);
      g_autoptr(GtkStringObject) other = g_list_model_get_item (G_LIST_MODEL (list), n - 1 - i);

      g_assert_true (one == other);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/reverse-list", test_reverse_list);
  g_test_add_func ("/ui/reverse-list-random", test_reverse_list_random);
  return g_test_run ();
}
