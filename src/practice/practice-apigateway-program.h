/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-apigateway-private.h"
#include "practice-vtl.h"

G_BEGIN_DECLS

/* A mapping template for one content type. A template that cannot be parsed fails when it is used, as on AWS. */
typedef struct {
  char        *content_type;
  PracticeVtl *vtl;
  char        *error;
} ApigwTemplate;

typedef struct {
  const char *status;
  GRegex     *pattern;      /* NULL: the default mapping */
  JsonObject *parameters;   /* borrowed, or NULL */
  GPtrArray  *templates;    /* ApigwTemplate */
} ApigwMapping;

typedef enum { APIGW_MOCK, APIGW_AWS, APIGW_AWS_PROXY, APIGW_HTTP, APIGW_HTTP_PROXY } ApigwType;

/* One method of one resource, ready to run. Texts are borrowed from the program's document. */
typedef struct {
  const char *verb;           /* "POST", "ANY" */
  const char *resource_id;
  const char *resource_path;
  JsonObject *document;       /* the method's */
  JsonObject *integration;    /* or NULL */
  ApigwType   type;
  const char *uri;
  const char *credentials;
  const char *passthrough;
  GPtrArray  *templates;      /* ApigwTemplate */
  GPtrArray  *mappings;       /* ApigwMapping, by status */
  gboolean    log_info;
  gboolean    log_errors;
  gboolean    log_data;
  double      rate;           /* of the method's settings; below 0: no limit of its own */
  double      burst;
} ApigwMethod;

typedef struct _ApigwRoute ApigwRoute;

/**
 * ApigwProgram:
 *
 * What an invoke URL runs: a deployment's snapshot with its stage, its paths as a tree and its templates parsed.
 */
typedef struct {
  char       *region;
  char       *api_id;
  char       *stage;
  char       *deployment_id;
  JsonObject *document;
  JsonObject *settings;      /* the Stage, or NULL in a test */
  ApigwRoute *root;
  GPtrArray  *methods;       /* ApigwMethod */
} ApigwProgram;

/* @settings: (nullable): the Stage. */
ApigwProgram *apigw_program_new    (const char   *region,
                                    const char   *stage,
                                    JsonObject   *document,
                                    JsonObject   *settings);
ApigwProgram *apigw_program_ref    (ApigwProgram *self);
void          apigw_program_unref  (ApigwProgram *self);
/* @params: (out) (transfer full): the path's variables, decoded. */
ApigwMethod  *apigw_program_find   (ApigwProgram *self,
                                    const char   *verb,
                                    const char   *path,
                                    JsonObject  **params);
/* The very method of the very resource, without looking at paths; NULL where there is none. */
ApigwMethod  *apigw_program_get    (ApigwProgram *self,
                                    const char   *resource_id,
                                    const char   *verb);
/* The stage's program, (transfer none), or NULL where there is no such API or stage. */
ApigwProgram *apigw_find_program   (PracticeApiGateway *self,
                                    const char         *api_id,
                                    const char         *stage);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ApigwProgram, apigw_program_unref)

G_END_DECLS
