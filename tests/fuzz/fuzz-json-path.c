/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSONPath and JSON: "path NUL document". */
#include <stdint.h>
#include <string.h>

#include "practice-vtl-path.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  const uint8_t *split = size > 0 ? memchr (data, 0, size) : NULL;
  gsize length = split != NULL ? (gsize) (split - data) : size;
  const char *document = split != NULL ? (const char *) split + 1 : "{\"a\":[1,{\"b\":\"c\"},null],\"d\":true}";
  gsize document_length = split != NULL ? size - length - 1 : strlen (document);
  g_autofree char *path = g_strndup ((const char *) data, length);
  g_autoptr (PracticeVtlArena) arena = practice_vtl_arena_new (4 * 1024 * 1024);
  PracticeVtlValue *root, *value;
  gboolean found;

  if (practice_vtl_parse_json (arena, document, document_length, &root, NULL) &&
      practice_vtl_path_find (arena, root, path, &found, &value, NULL) && found)
    {
      g_autoptr (GString) out = g_string_new (NULL);

      practice_vtl_print_json (value, out);
    }
  return 0;
}
