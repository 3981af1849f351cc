/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * Small tools for the JSON that goes between CloudFormation's properties and the services' parameters. Every reader
 * checks the type first: what comes from the cloud or from a template is foreign.
 */

/**
 * mill_properties_build:
 * @first: "name:type" and a value, again and again, then NULL
 *
 * Types: s const char *, i int, b gboolean, o JsonObject * (taken), a JsonArray * (taken), n JsonNode * (copied). A value of NULL leaves the member out.
 *
 * Returns: (transfer full): an object with these members
 */
JsonObject  *mill_properties_build         (const char  *first,
                                            ...) G_GNUC_NULL_TERMINATED;

/**
 * MillMember:
 * @property: CloudFormation's name
 * @member: the service's name
 * @type: n as it is, s as text, j JSON as text (policies), l as it is, but every name inside begins with a small letter
 *
 * How a property becomes a parameter. A NULL @property ends a table.
 */
typedef struct {
  const char *property;
  const char *member;
  char        type;
} MillMember;

/*
 * (transfer full): @properties with the types of @schemas ("properties" of an entry of resource-types.json, or NULL): CloudFormation takes "5"
 * for 5 and "true" for true, as parameters give them; the services do not.
 */
JsonObject  *mill_properties_coerce        (JsonObject        *properties,
                                            JsonObject        *schemas);

/* Adds to @parameters what @properties has of @members. */
void         mill_properties_to_parameters (JsonObject        *properties,
                                            const MillMember  *members,
                                            JsonObject        *parameters);
/* The other way: what the service answered, under CloudFormation's names. Texts of type j are parsed. */
void         mill_properties_from_answer   (JsonObject        *answer,
                                            const MillMember  *members,
                                            JsonObject        *properties);

/* (transfer full) (nullable): a text as it is, anything else as JSON; NULL where missing. */
char        *mill_properties_dup_text      (JsonObject  *object,
                                            const char  *name);
/* An element of an array; NULL where it is not an object (or not a text). */
JsonObject  *mill_array_get_object         (JsonArray   *array,
                                            guint        index);
const char  *mill_array_get                (JsonArray   *array,
                                            guint        index);

/* (transfer full): a list of texts. */
JsonArray   *mill_array_new                (const char  *first,
                                            ...) G_GNUC_NULL_TERMINATED;

/*
 * Whether two values mean the same: 5 and "5", true and "true", a policy as text and as an object, one thing and a list of just it,
 * lists in any order. NULL is the same as null, "" and an empty list or object.
 */
gboolean     mill_properties_same          (JsonNode    *a,
                                            JsonNode    *b);
/* (transfer full) (nullable): the name of the first member of @wanted that @actual has differently; NULL where none. Members of @actual alone do not count. */
char        *mill_properties_differ        (JsonObject  *wanted,
                                            JsonObject  *actual);

G_END_DECLS
