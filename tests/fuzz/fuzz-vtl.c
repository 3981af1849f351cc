/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mapping templates, with a body for $input: "template NUL body". */
#include <stdint.h>
#include <string.h>

#include "practice-vtl-objects.h"
#include "practice-vtl.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  const uint8_t *split = size > 0 ? memchr (data, 0, size) : NULL;
  gsize length = split != NULL ? (gsize) (split - data) : size;
  const char *body = split != NULL ? (const char *) split + 1 : "{}";
  gsize body_length = split != NULL ? size - length - 1 : 2;
  g_autofree char *text = g_strndup ((const char *) data, length);
  g_autoptr (PracticeVtl) vtl = practice_vtl_new (text, -1, NULL);
  g_autoptr (PracticeVtlArena) arena = practice_vtl_arena_new (4 * 1024 * 1024);
  g_autofree char *result = NULL;
  PracticeVtlValue *variables;

  if (vtl == NULL)
    return 0;
  variables = practice_vtl_map (arena, FALSE);
  practice_vtl_map_put (arena, variables, "util", practice_vtl_util_new (arena));
  practice_vtl_map_put (arena, variables, "input", practice_vtl_input_new (arena, body, body_length, practice_vtl_map (arena, FALSE)));
  result = practice_vtl_render (vtl, arena, variables, NULL, NULL);
  return 0;
}
