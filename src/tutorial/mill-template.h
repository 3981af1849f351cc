/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define MILL_TUTORIAL_ERROR (mill_tutorial_error_quark ())

/**
 * MillTutorialError:
 * @MILL_TUTORIAL_ERROR_FILE: a file is missing, too large or cannot be read
 * @MILL_TUTORIAL_ERROR_SYNTAX: not JSON, or cut off
 * @MILL_TUTORIAL_ERROR_CONTENT: an unknown type, property, function or reference, a cycle, a wrong type
 * @MILL_TUTORIAL_ERROR_PARAMETER: a parameter's value is not what the template allows
 *
 * Messages are whole sentences: "FILE:LINE: $.Resources.Queue.Properties.Colour: AWS::SQS::Queue has no property …".
 */
typedef enum {
  MILL_TUTORIAL_ERROR_FILE,
  MILL_TUTORIAL_ERROR_SYNTAX,
  MILL_TUTORIAL_ERROR_CONTENT,
  MILL_TUTORIAL_ERROR_PARAMETER,
} MillTutorialError;

GQuark mill_tutorial_error_quark (void);

/**
 * MillParameter:
 *
 * A template parameter (CloudFormation User Guide, "Parameters"). Owned by its template.
 */
typedef struct {
  const char  *name;
  const char  *type;                   /* "String", "Number", "CommaDelimitedList" */
  const char  *default_value;          /* NULL where the user must give one */
  const char  *description;            /* never NULL */
  const char  *allowed_pattern;        /* or NULL */
  const char  *constraint_description; /* or NULL */
  char       **allowed_values;         /* or NULL */
  gint64       min_length;             /* -1: no limit */
  gint64       max_length;
  double       min_value;              /* NAN: no limit */
  double       max_value;
  gboolean     no_echo;
} MillParameter;

/**
 * MillTemplateResource:
 *
 * A resource as the template has it: nothing in @properties is resolved. Owned by its template.
 */
typedef struct {
  const char  *logical_id;
  const char  *type;                   /* "AWS::SQS::Queue" */
  JsonObject  *properties;             /* never NULL */
  char       **depends_on;             /* every logical id it needs: DependsOn and references; never NULL */
} MillTemplateResource;

#define MILL_TYPE_TEMPLATE (mill_template_get_type ())

/**
 * MillTemplate:
 *
 * A CloudFormation-style template, checked when loaded: known types, properties, attributes, functions and references, no cycles.
 * Immutable; may be read from any thread.
 */
G_DECLARE_FINAL_TYPE (MillTemplate, mill_template, MILL, TEMPLATE, GObject)

MillTemplate               *mill_template_load            (const char    *path,
                                                           GError       **error);
/* @name: what errors call the file. */
MillTemplate               *mill_template_parse           (const char    *text,
                                                           gssize         length,
                                                           const char    *name,
                                                           GError       **error);
/* In the order of the file; elements owned by the template. */
GPtrArray                  *mill_template_get_parameters  (MillTemplate  *self);
GPtrArray                  *mill_template_get_resources   (MillTemplate  *self);
const MillParameter        *mill_template_get_parameter   (MillTemplate  *self,
                                                           const char    *name);
const MillTemplateResource *mill_template_get_resource    (MillTemplate  *self,
                                                           const char    *logical_id);

/* Whether @value is allowed; @error is a sentence for the user (ConstraintDescription where there is one). */
gboolean                    mill_parameter_check          (const MillParameter  *parameter,
                                                           const char           *value,
                                                           GError              **error);

/**
 * MillLookup:
 * @logical_id: a resource
 * @attribute: NULL for Ref, else the attribute of Fn::GetAtt
 *
 * Returns: (transfer full) (nullable): the physical value of a resource that was made; NULL where it is not made yet
 */
typedef char *(*MillLookup) (const char *logical_id,
                             const char *attribute,
                             gpointer    user_data);

/**
 * MillScope:
 *
 * What references are resolved with. Nothing is owned.
 */
typedef struct {
  GHashTable *parameters;   /* name → value, every parameter of the template */
  const char *account_id;   /* AWS::AccountId */
  const char *region;       /* AWS::Region */
  const char *partition;    /* AWS::Partition, "aws" */
  const char *url_suffix;   /* AWS::URLSuffix, "amazonaws.com" */
  const char *stack_name;   /* AWS::StackName: the deployment's id */
  MillLookup  lookup;
  gpointer    lookup_data;
} MillScope;

/**
 * mill_template_resolve:
 *
 * Evaluates Ref, Fn::GetAtt, Fn::Sub, Fn::Join, Fn::Select, Fn::Split in @value; AWS::NoValue members are left out.
 *
 * Returns: (transfer full): a new tree without functions; NULL where a reference has no value yet
 */
JsonNode                   *mill_template_resolve         (MillTemplate    *self,
                                                           JsonNode        *value,
                                                           const MillScope *scope,
                                                           GError         **error);

/* What is known of a resource type (data/resource-types.json): its properties and what Ref and Fn::GetAtt answer. NULL for an unknown type. */
JsonObject                 *mill_resource_type_lookup     (const char      *type);

G_END_DECLS
