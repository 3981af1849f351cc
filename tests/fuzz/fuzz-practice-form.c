/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <stdint.h>

#include "practice-form.h"
#include "practice-json.h"
#include "practice-route.h"
#include "practice-xml.h"

int LLVMFuzzerTestOneInput (const uint8_t *data,
                            size_t         size);

/* Forms and query strings, and what is read from them written as an answer. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (JsonObject) nested = practice_form_unflatten ((const char *) data, size, NULL);
  g_autoptr (JsonObject) flat = practice_form_parse ((const char *) data, size, NULL);
  g_autoptr (JsonObject) labels = json_object_new ();
  g_autofree char *path = g_strndup ((const char *) data, size);

  if (nested != NULL) {
    static const char *const maps[] = { "M", NULL };
    g_autofree char *xml = practice_xml_answer ("Op", "urn:x", nested, maps, size % 2 == 0, "id");
    g_autofree char *json = practice_json_object_to_text (nested);

    g_assert_nonnull (xml);
    g_assert_nonnull (json);
  }
  if (flat != NULL) {
    g_autofree char *json = practice_json_object_to_text (flat);

    g_assert_nonnull (json);
  }
  practice_route_match ("GET /a/{b}/c/{d+}", "GET", path, labels);
  return 0;
}
