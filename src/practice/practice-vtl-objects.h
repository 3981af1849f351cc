/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-vtl-value.h"

G_BEGIN_DECLS

/**
 * practice_vtl_input_new:
 * @body: not copied; stays as long as @arena
 * @params: a map with the maps "path", "querystring" and "header"
 *
 * $input: body, json(path), path(path), params(), params(name) (API Gateway Developer Guide, "Mapping template and access logging
 * variable reference"). The body is parsed when it is first asked for; a body that is no JSON fails the rendering then.
 */
PracticeVtlValue *practice_vtl_input_new (PracticeVtlArena *arena,
                                          const char       *body,
                                          gsize             length,
                                          PracticeVtlValue *params);

/* $util: escapeJavaScript, parseJson, urlEncode, urlDecode, base64Encode, base64Decode. */
PracticeVtlValue *practice_vtl_util_new  (PracticeVtlArena *arena);

/* As Java's URLEncoder: blanks become "+". */
char             *practice_vtl_url_encode (const char      *text);

G_END_DECLS
