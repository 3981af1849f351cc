/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-lambda-private.h"

G_BEGIN_DECLS

typedef struct _PracticeMapping PracticeMapping;
typedef struct _PracticeMappingQueue PracticeMappingQueue;
typedef struct _PracticeMappingStream PracticeMappingStream;

/**
 * PracticeMapping:
 * @config: the settings under their API names, complete with defaults
 * @patterns: (element-type PracticeEventPattern): of its filters; one that matches is enough; empty: all records match
 * @batches: batches that are being handled
 *
 * A mapping that works. Reference counted: batches under way hold it when it has been stopped.
 */
struct _PracticeMapping {
  PracticeServer        *server;
  char                  *uuid;
  char                  *region;
  char                  *source_arn;
  char                  *function_arn;
  JsonObject            *config;
  GPtrArray             *patterns;
  gint64                 created;       /* seconds since 1970 */
  gint64                 batch_size;
  gint64                 window;        /* seconds */
  gboolean               partial;       /* ReportBatchItemFailures */
  gboolean               fresh;         /* polls for the first time */
  gboolean               stopped;
  GCancellable          *cancellable;   /* cancelled when it stops */
  guint                  batches;

  PracticePrincipal     *principal;     /* of the function's role */
  AwsCredentials        *credentials;
  char                  *role;
  gint64                 session_since; /* monotonic µs */
  char                  *problem;       /* the failure told last */

  PracticeMappingQueue  *queue;
  PracticeMappingStream *stream;
};

gboolean         practice_mapping_is_stream    (const char      *source_arn);
/* (nullable): polls from now on; NULL where it is not enabled. @fresh: for the first time */
PracticeMapping *practice_mapping_new          (PracticeServer  *server,
                                                const char      *uuid,
                                                gboolean         fresh);
/* Polls no longer; batches under way are finished. */
void             practice_mapping_end          (PracticeMapping *self);
PracticeMapping *practice_mapping_ref          (PracticeMapping *self);
void             practice_mapping_unref        (PracticeMapping *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeMapping, practice_mapping_unref)
/* (transfer none) (nullable): a session of the function's role, or NULL after telling why there is none. */
PracticePrincipal *practice_mapping_get_principal (PracticeMapping *self);
/* Emits "mapping-failed" where this is news, and keeps @result (nullable) as LastProcessingResult. */
void             practice_mapping_fail         (PracticeMapping *self,
                                                JsonArray       *records,
                                                const char      *code,
                                                const char      *message,
                                                const char      *result);
void             practice_mapping_set_result   (PracticeMapping *self,
                                                const char      *result);
/* It works again after a failure. */
void             practice_mapping_recover      (PracticeMapping *self);
/* Whether the filters let @record through. */
gboolean         practice_mapping_matches      (PracticeMapping *self,
                                                JsonObject      *record);
/* @records: (transfer full): "mapping-polled" (with @invocation_id), "mapping-filtered" */
void             practice_mapping_emit         (PracticeMapping *self,
                                                const char      *kind,
                                                JsonArray       *records,
                                                const char      *invocation_id);
/* Invokes the function with {"Records": @records} (transfer none) and emits "mapping-polled"; @ids: (transfer full). */
void             practice_mapping_invoke       (PracticeMapping *self,
                                                JsonArray       *records,
                                                JsonArray       *ids,
                                                PracticeInvocationDone done,
                                                gpointer         user_data);
/**
 * practice_mapping_get_failures:
 * @failed: (out) (transfer full) (nullable): the identifiers in batchItemFailures of an invocation that went well; NULL where none are
 *
 * Returns: FALSE where the answer has the wrong shape: then all of the batch has failed
 */
gboolean         practice_mapping_get_failures (PracticeMapping    *self,
                                                PracticeInvocation *invocation,
                                                GHashTable        **failed);
/* A number of the settings. */
gint64           practice_mapping_get_int      (PracticeMapping *self,
                                                const char      *name,
                                                gint64           fallback);

/* The pollers. They stop when the mapping's cancellable is cancelled, and are freed with the mapping. */
PracticeMappingQueue  *practice_mapping_queue_new   (PracticeMapping       *mapping);
void                   practice_mapping_queue_free  (PracticeMappingQueue  *self);
PracticeMappingStream *practice_mapping_stream_new  (PracticeMapping       *mapping);
void                   practice_mapping_stream_free (PracticeMappingStream *self);
/* The mapping has stopped: what step mode holds for it is held no longer. */
void                   practice_mapping_stream_end_hold (PracticeMappingStream *self);

/* practice-mappings.c: the mapping polls as its row says, as soon as the batches of the mapping as it was are done; one that is Deleting ends. */
void             practice_mappings_settle      (PracticeServer  *server,
                                                const char      *uuid);
/* @kind: "resource-created", … */
void             practice_mappings_emit        (PracticeServer  *server,
                                                const char      *kind,
                                                const char      *region,
                                                const char      *uuid);

/*
 * practice-mapping-config.c: the settings of a call, checked, on top of @old (nullable); NULL after failing the call.
 * @function: (nullable): NULL where it does not exist: the mistakes that Lambda finds before that are still told first
 */
JsonObject      *practice_mapping_read_config  (PracticeCall     *call,
                                                const char       *source_arn,
                                                PracticeFunction *function,
                                                JsonObject       *old);
/* Whether source and role are there and fit; fails the call otherwise. */
gboolean         practice_mapping_check_source (PracticeCall     *call,
                                                const char       *source_arn,
                                                PracticeFunction *function,
                                                JsonObject       *config);
/* "queue" and "topic" URLs and the like: the name at the end of an ARN. */
char            *practice_mapping_queue_url    (PracticeServer   *server,
                                                const char       *queue_arn);

G_END_DECLS
