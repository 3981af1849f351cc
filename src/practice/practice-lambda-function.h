/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-server.h"

G_BEGIN_DECLS

/**
 * PracticeFunction:
 * @environment: a JSON object of strings, as text; NULL where there is none
 * @layers: a JSON array of {Arn, CodeSize}, as text
 * @revision: another one after each change of code or configuration; workers of an older one end
 * @concurrency: reserved, or -1
 *
 * A Lambda function as it stands in the store: loaded anew for each use, so that the store is the only truth.
 */
typedef struct {
  char   *arn;
  char   *name;
  char   *region;
  char   *role;
  char   *runtime;
  char   *handler;
  char   *description;
  gint64  timeout;    /* seconds */
  gint64  memory;     /* MiB */
  gint64  storage;    /* MiB */
  char   *environment;
  char   *layers;
  char   *architecture;
  char   *tracing;
  char   *code_sha;   /* SHA-256, base64 */
  gint64  code_size;
  char   *state;           /* "Pending", "Active" */
  char   *update_status;   /* "Successful", "InProgress" */
  char   *last_modified;
  char   *revision;
  char   *policy;          /* JSON text, or NULL */
  char   *policy_revision;
  char   *tags;            /* JSON text */
  gint64  concurrency;
} PracticeFunction;

/* Makes the tables of functions and layers. */
void              practice_function_create_tables (PracticeStore    *store);
PracticeFunction *practice_function_new           (void);
/* (transfer full) (nullable): as it is in the store. */
PracticeFunction *practice_function_load          (PracticeStore    *store,
                                                   const char       *arn);
/* Writes all but the code. */
void              practice_function_save          (PracticeFunction *self,
                                                   PracticeStore    *store);
void              practice_function_free          (PracticeFunction *self);
/* A new revision and LastModified. */
void              practice_function_touch         (PracticeFunction *self);
/* (transfer full): FunctionConfiguration of the API. */
JsonObject       *practice_function_describe      (PracticeFunction *self);
/* (transfer full): the zip. */
GBytes           *practice_function_load_code     (PracticeStore    *store,
                                                   const char       *arn);
void              practice_function_save_code     (PracticeStore    *store,
                                                   const char       *arn,
                                                   GBytes           *code);
/* (transfer full) (element-type GBytes): the zips of its layers, in their order. */
GPtrArray        *practice_function_load_layers   (PracticeFunction *self,
                                                   PracticeStore    *store);
/* ISO 8601 as Lambda writes LastModified. */
char             *practice_function_now           (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeFunction, practice_function_free)

G_END_DECLS
