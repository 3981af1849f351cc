/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-vtl-arena.h"

G_BEGIN_DECLS

typedef struct _PracticeVtlValue PracticeVtlValue;

typedef enum {
  PRACTICE_VTL_BOOLEAN,
  PRACTICE_VTL_INTEGER,
  PRACTICE_VTL_NUMBER,
  PRACTICE_VTL_STRING,
  PRACTICE_VTL_LIST,
  PRACTICE_VTL_MAP,
  PRACTICE_VTL_OBJECT,
} PracticeVtlType;

typedef struct {
  const char       *key;
  PracticeVtlValue *value;
} PracticeVtlEntry;

/**
 * PracticeVtlClass:
 * @get: (nullable): a property's value
 * @call: a method's result; sets @known to FALSE where there is no such method
 *
 * What an object made of C code can do in a template ($input, $util).
 */
typedef struct {
  const char        *name;
  PracticeVtlValue *(*get)  (PracticeVtlArena *arena, gpointer data, const char *name);
  PracticeVtlValue *(*call) (PracticeVtlArena *arena, gpointer data, const char *name, PracticeVtlValue **args, guint n_args, gboolean *known);
} PracticeVtlClass;

/**
 * PracticeVtlValue:
 * @json: a list or map that was read from JSON. API Gateway writes such a list as JSON, but a list that the template made as
 *   Java does ("[a, b]")
 *
 * A value in a template; Java's null is a NULL pointer. It belongs to its arena.
 */
struct _PracticeVtlValue {
  PracticeVtlType type;
  gboolean        json;
  union {
    gboolean boolean;
    gint64   integer;
    struct { double value; const char *text; } number;  /* text: as written in JSON, or NULL */
    struct { const char *data; gsize length; } string;  /* UTF-8, ends with NUL */
    struct { PracticeVtlValue **items; guint n; guint size; } list;
    struct { PracticeVtlEntry *entries; guint n; guint size; GHashTable *index; } map;
    struct { const PracticeVtlClass *klass; gpointer data; } object;
  };
};

PracticeVtlValue *practice_vtl_boolean      (PracticeVtlArena *arena, gboolean value);
PracticeVtlValue *practice_vtl_integer      (PracticeVtlArena *arena, gint64 value);
PracticeVtlValue *practice_vtl_number       (PracticeVtlArena *arena, double value);
/* Copies; NULL gives null. @length < 0: up to NUL. What is not UTF-8 is replaced. */
PracticeVtlValue *practice_vtl_string       (PracticeVtlArena *arena, const char *text, gssize length);
PracticeVtlValue *practice_vtl_list         (PracticeVtlArena *arena, gboolean json);
PracticeVtlValue *practice_vtl_map          (PracticeVtlArena *arena, gboolean json);
PracticeVtlValue *practice_vtl_object       (PracticeVtlArena *arena, const PracticeVtlClass *klass, gpointer data);

void              practice_vtl_list_add     (PracticeVtlArena *arena, PracticeVtlValue *list, PracticeVtlValue *item);
/* NULL where it is missing, and where it is null: practice_vtl_map_has() tells which. */
PracticeVtlValue *practice_vtl_map_get      (PracticeVtlValue *map, const char *key);
gboolean          practice_vtl_map_has      (PracticeVtlValue *map, const char *key);
/* @key is copied; what was there is replaced in its place. */
void              practice_vtl_map_put      (PracticeVtlArena *arena, PracticeVtlValue *map, const char *key, PracticeVtlValue *value);
void              practice_vtl_map_put_text (PracticeVtlArena *arena, PracticeVtlValue *map, const char *key, const char *text);
void              practice_vtl_map_remove   (PracticeVtlValue *map, const char *key);

/* As a template prints it: null as nothing, maps as {a=b}, JSON's lists as JSON. FALSE where it is nested too deeply. */
gboolean          practice_vtl_print        (PracticeVtlValue *value, GString *out);
/* The text of a value, in the arena. */
const char       *practice_vtl_text         (PracticeVtlArena *arena, PracticeVtlValue *value);
/* As JSON without blanks. */
gboolean          practice_vtl_print_json   (PracticeVtlValue *value, GString *out);
/* Velocity's equality: numbers by value, texts by text, null also equals the empty text. */
gboolean          practice_vtl_equal        (PracticeVtlValue *a, PracticeVtlValue *b);
/* As #if sees it: all but null, false and the empty text. */
gboolean          practice_vtl_is_true      (PracticeVtlValue *value);
gboolean          practice_vtl_is_numeric   (PracticeVtlValue *value);
/* Of an INTEGER or NUMBER. */
double            practice_vtl_as_double    (PracticeVtlValue *value);

/**
 * practice_vtl_parse_json:
 * @value: (out) (nullable): JSON's null is NULL
 * @error: (out) (transfer full) (nullable): a sentence with the place
 *
 * Strict JSON, nested at most 500 deep; the order of members is kept.
 */
gboolean          practice_vtl_parse_json   (PracticeVtlArena  *arena,
                                             const char        *text,
                                             gsize              length,
                                             PracticeVtlValue **value,
                                             char             **error);

G_END_DECLS
