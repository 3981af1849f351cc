/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "practice-dynamodb-number.h"

G_BEGIN_DECLS

typedef enum {
  PRACTICE_DYNAMODB_TYPE_S,
  PRACTICE_DYNAMODB_TYPE_N,
  PRACTICE_DYNAMODB_TYPE_B,
  PRACTICE_DYNAMODB_TYPE_BOOL,
  PRACTICE_DYNAMODB_TYPE_NULL,
  PRACTICE_DYNAMODB_TYPE_SS,
  PRACTICE_DYNAMODB_TYPE_NS,
  PRACTICE_DYNAMODB_TYPE_BS,
  PRACTICE_DYNAMODB_TYPE_L,
  PRACTICE_DYNAMODB_TYPE_M,
} PracticeDynamodbType;

#define PRACTICE_DYNAMODB_N_TYPES (PRACTICE_DYNAMODB_TYPE_M + 1)
/* Lists and maps inside each other (Developer Guide, "Limits": nested attribute depth); the item itself is not counted. */
#define PRACTICE_DYNAMODB_DEPTH_MAX 32

typedef struct _PracticeDynamodbValue PracticeDynamodbValue;

/* A member of a map. */
typedef struct {
  char                  *name;
  PracticeDynamodbValue *value;
} PracticeDynamodbMember;

/**
 * PracticeDynamodbValue:
 *
 * An attribute value. Reference counted; only lists and maps change after they are made, and only those that their owner made
 * or copied. An item is a map. Maps are kept in the order of their names and sets in the order of their elements, so that
 * equal values have equal encodings.
 */
struct _PracticeDynamodbValue {
  guint                ref_count;
  PracticeDynamodbType type;
  union {
    gboolean               boolean;
    PracticeDynamodbNumber number;
    struct {
      char  *data;                 /* NUL-terminated too */
      gsize  length;
    } bytes;                       /* S, B */
    GPtrArray             *elements; /* SS, NS, BS, L: PracticeDynamodbValue */
    GPtrArray             *members;  /* M: PracticeDynamodbMember, by name */
  };
};

/* "S", "NS". */
const char            *practice_dynamodb_type_get_name     (PracticeDynamodbType         type);
gboolean               practice_dynamodb_type_from_name    (const char                  *name,
                                                            PracticeDynamodbType        *type);

PracticeDynamodbValue *practice_dynamodb_value_new_map     (void);
PracticeDynamodbValue *practice_dynamodb_value_new_string  (const char                  *text);
/* @data: (transfer full): @length bytes and a NUL */
PracticeDynamodbValue *practice_dynamodb_value_new_bytes   (PracticeDynamodbType         type,
                                                            char                        *data,
                                                            gsize                        length);
/* BOOL or NULL. */
PracticeDynamodbValue *practice_dynamodb_value_new_boolean (PracticeDynamodbType         type,
                                                            gboolean                     boolean);
PracticeDynamodbValue *practice_dynamodb_value_new_number  (const PracticeDynamodbNumber *number);
/* An empty list or set. */
PracticeDynamodbValue *practice_dynamodb_value_new_list    (PracticeDynamodbType         type);
PracticeDynamodbValue *practice_dynamodb_value_ref         (PracticeDynamodbValue       *self);
void                   practice_dynamodb_value_unref       (PracticeDynamodbValue       *self);
/* Maps and lists are copied, what they hold otherwise is shared. */
PracticeDynamodbValue *practice_dynamodb_value_copy        (PracticeDynamodbValue       *self);

/* Of SS, NS or BS. */
gboolean               practice_dynamodb_value_is_set      (const PracticeDynamodbValue *self);
/* Of the same type and the same value: 1 and 1.0 are, 1 and "1" are not. */
gboolean               practice_dynamodb_value_equal       (const PracticeDynamodbValue *a,
                                                            const PracticeDynamodbValue *b);
/* Order of two values of one of the types S, N, B. */
int                    practice_dynamodb_value_compare     (const PracticeDynamodbValue *a,
                                                            const PracticeDynamodbValue *b);
/* What it counts for in an item's size (Developer Guide, "Item sizes and formats"); for an item, with its names. */
gsize                  practice_dynamodb_value_get_size    (const PracticeDynamodbValue *self);
gsize                  practice_dynamodb_value_get_item_size (const PracticeDynamodbValue *self);

/* How many lists and maps are inside each other, itself counted. */
guint                  practice_dynamodb_value_get_depth   (const PracticeDynamodbValue *self);

/* Maps. Returns: (transfer none) (nullable) */
PracticeDynamodbValue *practice_dynamodb_value_get         (const PracticeDynamodbValue *self,
                                                            const char                  *name);
/* @value: (transfer full) */
void                   practice_dynamodb_value_set         (PracticeDynamodbValue       *self,
                                                            const char                  *name,
                                                            PracticeDynamodbValue       *value);
/* FALSE where it was not there. */
gboolean               practice_dynamodb_value_remove      (PracticeDynamodbValue       *self,
                                                            const char                  *name);
/* Sets. */
gboolean               practice_dynamodb_value_has_element (const PracticeDynamodbValue *self,
                                                            const PracticeDynamodbValue *element);
/* @element: (transfer full). FALSE where the set has it already. */
gboolean               practice_dynamodb_value_add_element (PracticeDynamodbValue       *self,
                                                            PracticeDynamodbValue       *element);

/* Reads {"S": "…"}. NULL with ValidationException or SerializationException. */
PracticeDynamodbValue *practice_dynamodb_value_from_json   (JsonNode                    *node,
                                                            GError                     **error);
/* Reads an item or a key: {"name": {"S": "…"}, …}. */
PracticeDynamodbValue *practice_dynamodb_value_item_from_json (JsonObject               *object,
                                                            GError                     **error);
/* Returns: (transfer full): {"S": "…"} */
JsonObject            *practice_dynamodb_value_to_json     (const PracticeDynamodbValue *self);
/* Returns: (transfer full): {"name": {"S": "…"}, …} */
JsonObject            *practice_dynamodb_value_item_to_json (const PracticeDynamodbValue *self);

/* The encoding in the store; equal bytes for equal values. */
GBytes                *practice_dynamodb_value_encode      (const PracticeDynamodbValue *self);
/* NULL where the bytes are no such encoding. */
PracticeDynamodbValue *practice_dynamodb_value_decode      (const guint8                *data,
                                                            gsize                        length);

/* How messages show it: "{S:abc}", "{N:1}". */
char                  *practice_dynamodb_value_describe    (const PracticeDynamodbValue *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeDynamodbValue, practice_dynamodb_value_unref)

G_END_DECLS
