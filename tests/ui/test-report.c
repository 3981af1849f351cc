/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <glib/gstdio.h>

#include "aws-json.h"
#include "mill-report-text.h"

static JsonObject *
new_report (guint resources,
            guint left)
{
  g_autoptr(GString) text = g_string_new ("{\"deployment\":\"order-pipeline-abcd\",\"account\":\"000000000000\",\"deleted\":3,\"verified\":3,\"resources\":[");
  g_autoptr(JsonNode) node = NULL;

  for (guint i = 0; i < resources; i++)
    g_string_append_printf (text, "%s{\"logicalId\":\"Queue%u\",\"type\":\"AWS::SQS::Queue\",\"name\":\"a <b> & c\",\"physicalId\":\"http://127.0.0.1/q%u\","
                            "\"made\":\"2026-11-21T13:42:12.85Z\",\"madeRequestId\":\"made-%u\",\"deleted\":\"2026-11-21T13:42:13Z\",\"requestId\":\"gone-%u\","
                            "\"proof\":{\"answer\":\"NonExistentQueue\",\"at\":\"2026-11-21T13:42:14Z\",\"requestId\":\"asked-%u\"}}",
                            i > 0 ? "," : "", i, i, i, i, i);
  g_string_append (text, "],\"left\":[");
  for (guint i = 0; i < left; i++)
    g_string_append_printf (text, "%s{\"logicalId\":\"Left%u\",\"why\":\"It is in use.\"}", i > 0 ? "," : "", i);
  g_string_append (text, "],\"tagSearch\":{\"empty\":true}}");
  node = aws_json_parse (text->str, text->len, NULL);
  g_assert_nonnull (node);
  return json_object_ref (json_node_get_object (node));
}

static void
test_plain (void)
{
  g_autoptr(JsonObject) report = new_report (2, 1);
  g_autofree char *plain = mill_report_text_plain (report);

  g_assert_nonnull (strstr (plain, "order-pipeline-abcd"));
  g_assert_nonnull (strstr (plain, "a <b> & c"));
  for (const char *const *each = (const char *const[]) { "Queue0", "Queue1", "made-1", "gone-1", "asked-1", "NonExistentQueue", "Left0", "It is in use.", "Something is left.", NULL }; *each != NULL; each++)
    g_assert_nonnull (strstr (plain, *each));
}

/* What stands in the ledger may be of another version: nothing of it is taken for granted. */
static void
test_odd (void)
{
  static const char *const odd[] = { "{}", "{\"resources\":7,\"left\":{},\"tagSearch\":[],\"logGroups\":\"x\"}",
    "{\"resources\":[null,3,{\"logicalId\":4,\"proof\":[],\"made\":\"never\"}],\"logGroups\":[1,{}],\"left\":[null,{}],\"started\":5}" };

  for (guint i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      g_autoptr(JsonNode) node = aws_json_parse (odd[i], strlen (odd[i]), NULL);
      g_autofree char *plain = mill_report_text_plain (json_node_get_object (node));

      g_assert_cmpuint (strlen (plain), >, 0);
    }
}

static guint
count_pages (guint resources)
{
  g_autoptr(JsonObject) report = new_report (resources, 0);
  g_autofree char *folder = g_dir_make_tmp ("millrace-report-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "report.pdf", NULL);
  g_autofree char *pdf = NULL;
  g_autoptr(GError) error = NULL;
  gsize length;
  guint pages = 0;

  g_assert_true (mill_report_text_print (report, NULL, file, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (file, &pdf, &length, NULL));
  for (gsize i = 0; i + 12 < length; i++)
    if (memcmp (pdf + i, "/Type /Page", 11) == 0 && pdf[i + 11] != 's')
      pages++;
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  return pages;
}

static void
test_print (void)
{
  g_assert_cmpuint (count_pages (1), ==, 1);
  g_assert_cmpuint (count_pages (60), >, 3);
}

int
main (int   argc,
      char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/report/plain", test_plain);
  g_test_add_func ("/ui/report/odd", test_odd);
  g_test_add_func ("/ui/report/print", test_print);
  return g_test_run ();
}
