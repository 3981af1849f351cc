/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-lambda-function.h"
#include "practice-runtime.h"

G_BEGIN_DECLS

/* Where a function's zip can be fetched, followed by a token (GetFunction's Code.Location). */
#define PRACTICE_LAMBDA_DOWNLOADS "/_aws/lambda-code/"

typedef struct _PracticeMappings PracticeMappings;

/* What the files of lambda share. One for a server, freed with it. */
typedef struct {
  PracticeServer  *server;
  PracticeRuntime *runtime;
  GHashTable      *timers;       /* sources that end Pending and InProgress */
  GHashTable      *downloads;    /* token → function ARN */
  GHashTable      *retries;      /* asynchronous invocations that wait */
  PracticeMappings *mappings;
} PracticeLambda;

/* A failure with Lambda's "Type": "User". */
void              practice_lambda_fail          (PracticeCall *call,
                                                 guint         status,
                                                 const char   *code,
                                                 const char   *format,
                                                 ...) G_GNUC_PRINTF (4, 5);
/* "1 validation error detected: Value '…' at 'name' failed to satisfy constraint: …" */
void              practice_lambda_fail_constraint (PracticeCall *call,
                                                 const char   *value,
                                                 const char   *name,
                                                 const char   *constraint);
/*
 * (transfer full) (nullable): the ARN that a function's name, partial or full ARN stands for; NULL after failing the call, as for a qualifier other than
 * $LATEST.
 */
char             *practice_lambda_resolve       (PracticeCall *call,
                                                 const char   *name);
/* The same for the call's FunctionName and Qualifier, asked IAM for @action, and loaded; NULL after failing the call. */
PracticeFunction *practice_lambda_find          (PracticeCall *call,
                                                 const char   *action);
/* Fails the call where an update is in progress. */
gboolean          practice_lambda_is_settled    (PracticeCall     *call,
                                                 PracticeFunction *function);
/* Ends Pending, or an update in progress, that much later. */
void              practice_lambda_settle_later  (PracticeLambda   *self,
                                                 const char       *arn,
                                                 guint             milliseconds);
/* Tells the events of a function: "resource-created" and the like. */
void              practice_lambda_emit          (PracticeLambda   *self,
                                                 const char       *kind,
                                                 PracticeFunction *function);
/* Saves a changed function: a new revision, update in progress, done a moment later. */
void              practice_lambda_change        (PracticeLambda   *self,
                                                 PracticeFunction *function);

/*
 * The parameters of CreateFunction and UpdateFunctionConfiguration: checked and set in @function. @creating: which must be there and which defaults hold.
 * FALSE after failing the call.
 */
gboolean          practice_lambda_apply_settings (PracticeCall     *call,
                                                 PracticeFunction *function,
                                                 gboolean          creating);
/* (transfer full) (nullable): the zip of a call: checked; @sha: (out): base64 of its SHA-256. NULL after failing the call. */
GBytes           *practice_lambda_get_zip       (PracticeCall *call,
                                                 JsonObject   *params,
                                                 char        **sha);
/* Whether the names and values of a tag map are as they must be; fails the call otherwise. */
gboolean          practice_lambda_check_tags    (PracticeCall *call,
                                                 JsonObject   *tags);

/* In practice-lambda-functions.c */
void              practice_lambda_create_function (PracticeCall *call, gpointer service);
void              practice_lambda_get_function (PracticeCall *call, gpointer service);
void              practice_lambda_get_function_configuration (PracticeCall *call, gpointer service);
void              practice_lambda_update_function_code (PracticeCall *call, gpointer service);
void              practice_lambda_update_function_configuration (PracticeCall *call, gpointer service);
void              practice_lambda_delete_function (PracticeCall *call, gpointer service);
void              practice_lambda_list_functions (PracticeCall *call, gpointer service);
/* In practice-lambda-concurrency.c */
void              practice_lambda_put_function_concurrency (PracticeCall *call, gpointer service);
void              practice_lambda_delete_function_concurrency (PracticeCall *call, gpointer service);
void              practice_lambda_get_function_concurrency (PracticeCall *call, gpointer service);
void              practice_lambda_get_account_settings (PracticeCall *call, gpointer service);
/* In practice-lambda-tags.c */
void              practice_lambda_tag_resource  (PracticeCall *call, gpointer service);
void              practice_lambda_untag_resource (PracticeCall *call, gpointer service);
void              practice_lambda_list_tags     (PracticeCall *call, gpointer service);
void              practice_lambda_list_tagged   (JsonArray *resources, const char *region, gpointer lambda);
/* In practice-lambda-invoke.c, practice-lambda-policy.c, practice-lambda-layer.c */
void              practice_lambda_invoke_call   (PracticeCall *call, gpointer service);
void              practice_lambda_add_permission (PracticeCall *call, gpointer service);
void              practice_lambda_remove_permission (PracticeCall *call, gpointer service);
void              practice_lambda_get_policy    (PracticeCall *call, gpointer service);
void              practice_lambda_publish_layer_version (PracticeCall *call, gpointer service);
void              practice_lambda_get_layer_version (PracticeCall *call, gpointer service);
void              practice_lambda_list_layers   (PracticeCall *call, gpointer service);
void              practice_lambda_list_layer_versions (PracticeCall *call, gpointer service);
void              practice_lambda_delete_layer_version (PracticeCall *call, gpointer service);
/* (transfer full) (nullable): the call's Layers as [{Arn, CodeSize}] text; NULL after failing the call. */
char             *practice_lambda_resolve_layers (PracticeCall *call, JsonArray *layers);
/* Layer versions that are deleted and no function has any more. */
void              practice_lambda_drop_layers   (PracticeStore *store);

/* Forgets the asynchronous invocations that wait to be tried again. */
void              practice_lambda_drop_retries  (PracticeLambda *self);
/* (nullable) */
PracticeLambda   *practice_lambda_get           (PracticeServer *server);

G_END_DECLS
