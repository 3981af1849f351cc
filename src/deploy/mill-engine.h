/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-deployment.h"

G_BEGIN_DECLS

#define MILL_DEPLOY_ERROR (mill_deploy_error_quark ())

/**
 * MillDeployError:
 *
 * Errors of this floor. What the cloud answered stays an AWS_ERROR; mill_error_get_advice() says what to do about either.
 */
typedef enum {
  MILL_DEPLOY_ERROR_LEDGER,       /* the ledger cannot be read or written */
  MILL_DEPLOY_ERROR_TAKEN,        /* a resource of that name is there and not ours */
  MILL_DEPLOY_ERROR_UNKNOWN,      /* no such deployment, step, resource */
  MILL_DEPLOY_ERROR_BUSY,         /* something else is under way on this deployment */
  MILL_DEPLOY_ERROR_NOT_READY,    /* an earlier step is needed first */
  MILL_DEPLOY_ERROR_LEFT,         /* clean-up ended, but something is left */
  MILL_DEPLOY_ERROR_PRACTICE,     /* the practice cloud does not start */
} MillDeployError;

GQuark      mill_deploy_error_quark (void);
/* (transfer none): one plain sentence on what to do, "" where nothing is known. Data: data/advice.json. */
const char *mill_error_get_advice   (const GError *error);

/* The outcome of one check of a step. */
typedef struct {
  char     *step;
  char     *id;
  gboolean  ok;
  char     *text;      /* what was checked and, where not ok, what was found */
} MillCheckResult;
void mill_check_result_free (MillCheckResult *self);

/* What clean-up did. Everything by logical id; "left" are those that could not be proved gone, with why. */
typedef struct {
  guint       deleted;
  guint       verified;
  guint       left;
  JsonObject *report;  /* every resource with ids, times, request ids and both proofs */
} MillCleanup;
void mill_cleanup_free (MillCleanup *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MillCleanup, mill_cleanup_free)

#define MILL_TYPE_ENGINE (mill_engine_get_type ())

/**
 * MillEngine:
 *
 * Builds, checks, changes and takes down deployments, and keeps the ledger: a GListModel of MillDeployment, newest first. One engine a
 * process; its objects change in the main context in which it was made.
 */
G_DECLARE_FINAL_TYPE (MillEngine, mill_engine, MILL, ENGINE, GObject)

/* @ledger_path: NULL for the user's (XDG_DATA_HOME/millrace/ledger.db). */
MillEngine     *mill_engine_new             (MillCatalog           *catalog,
                                             const char            *ledger_path,
                                             GError               **error);
/* NULL, or a sentence that the user should read once: the ledger was damaged and where it is now. */
const char     *mill_engine_get_notice      (MillEngine            *self);
MillDeployment *mill_engine_find            (MillEngine            *self,
                                             const char            *id);
/* (transfer full): @parameters: name → value for those that differ from the template's defaults; all are checked. Nothing is made yet. */
MillDeployment *mill_engine_create          (MillEngine            *self,
                                             MillTutorial          *tutorial,
                                             MillTarget            *target,
                                             GHashTable            *parameters,
                                             GError               **error);
/* Changes a parameter that no made resource uses yet. */
gboolean        mill_engine_set_parameter   (MillEngine            *self,
                                             MillDeployment        *deployment,
                                             const char            *name,
                                             const char            *value,
                                             GError               **error);

/**
 * mill_engine_build_async:
 * @last_step: the last step to do, or NULL for all. Everything up to it that is not made is made, independent things at the same time.
 */
void            mill_engine_build_async     (MillEngine            *self,
                                             MillDeployment        *deployment,
                                             const char            *last_step,
                                             GCancellable          *cancellable,
                                             GAsyncReadyCallback    callback,
                                             gpointer               user_data);
gboolean        mill_engine_build_finish    (MillEngine            *self,
                                             GAsyncResult          *result,
                                             GError               **error);

/* Reads back from the cloud. Returns (transfer full) (element-type MillCheckResult). @step: NULL for all that are done: then only what is built, not what messages did. */
void            mill_engine_check_async     (MillEngine            *self,
                                             MillDeployment        *deployment,
                                             const char            *step,
                                             GCancellable          *cancellable,
                                             GAsyncReadyCallback    callback,
                                             gpointer               user_data);
GPtrArray      *mill_engine_check_finish    (MillEngine            *self,
                                             GAsyncResult          *result,
                                             GError               **error);

/* Takes back what @step made or set, and every later step that needs it. */
void            mill_engine_undo_async      (MillEngine            *self,
                                             MillDeployment        *deployment,
                                             const char            *step,
                                             GCancellable          *cancellable,
                                             GAsyncReadyCallback    callback,
                                             gpointer               user_data);
gboolean        mill_engine_undo_finish     (MillEngine            *self,
                                             GAsyncResult          *result,
                                             GError               **error);

/* Replaces the code of a function by the student's own. @files: file name → GBytes, kept in the ledger for the next time. */
void            mill_engine_set_code_async  (MillEngine            *self,
                                             MillDeployment        *deployment,
                                             const char            *function,
                                             GHashTable            *files,
                                             GCancellable          *cancellable,
                                             GAsyncReadyCallback    callback,
                                             gpointer               user_data);
gboolean        mill_engine_set_code_finish (MillEngine            *self,
                                             GAsyncResult          *result,
                                             GError               **error);
/* (transfer full): the code as it is deployed: the student's own or the tutorial's. */
GHashTable     *mill_engine_dup_code        (MillEngine            *self,
                                             MillDeployment        *deployment,
                                             const char            *function,
                                             GError               **error);

/**
 * mill_engine_act_async:
 * @payload: what to send instead of the action's own, or NULL
 *
 * Runs an action of a step. The result: INVOKE {status, payload, error, log}; SEND {status, headers, body};
 * TEST_METHOD {status, body, log}; CONFIRM {subscriptionArn}.
 */
void            mill_engine_act_async       (MillEngine            *self,
                                             MillDeployment        *deployment,
                                             const MillAction      *action,
                                             const char            *payload,
                                             GCancellable          *cancellable,
                                             GAsyncReadyCallback    callback,
                                             gpointer               user_data);
JsonObject     *mill_engine_act_finish      (MillEngine            *self,
                                             GAsyncResult          *result,
                                             GError               **error);

/* Sends @body to the sample's stage; the result is {status, headers, body, requestId}. */
void            mill_engine_send_async      (MillEngine            *self,
                                             MillDeployment        *deployment,
                                             const MillSample      *sample,
                                             const char            *body,
                                             GCancellable          *cancellable,
                                             GAsyncReadyCallback    callback,
                                             gpointer               user_data);
JsonObject     *mill_engine_send_finish     (MillEngine            *self,
                                             GAsyncResult          *result,
                                             GError               **error);

/*
 * Deletes what the ledger says is ours, in the right order, then proves it. Progress shows in the resources' states. On one that is cleaned up already
 * everything is asked for once more: for what AWS makes again, and for a report that tells of a later time.
 */
void            mill_engine_clean_up_async  (MillEngine            *self,
                                             MillDeployment        *deployment,
                                             GCancellable          *cancellable,
                                             GAsyncReadyCallback    callback,
                                             gpointer               user_data);
/* (transfer full): set also where something is left (then with an error besides). */
MillCleanup    *mill_engine_clean_up_finish (MillEngine            *self,
                                             GAsyncResult          *result,
                                             GError               **error);

/**
 * MillOrphan:
 * @id: of the deployment, by its tags
 * @tutorial: what it was built from; "" where the tags do not tell
 * @target: where it is
 * @arns: (element-type utf8): what there is of it, by ARN
 *
 * What bears our tags in a cloud and stands in no ledger here: it was made from another computer, or the ledger was lost. @account and @records are the engine's.
 */
typedef struct {
  char       *id;
  char       *tutorial;
  MillTarget *target;
  GPtrArray  *arns;
  char       *account;
  GPtrArray  *records;
} MillOrphan;
void mill_orphan_free (MillOrphan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MillOrphan, mill_orphan_free)

/**
 * mill_engine_find_orphans_async:
 * @target: (nullable): where to look; NULL for every target and region that something in the ledger was ever built in (the practice cloud where the ledger
 *   is empty). Of those, one that cannot be reached is passed over; a @target that is given is an error then
 *
 * Searches by our tags. Only what is proved to be there counts: AWS's tag index shows deleted things for a while. Opens the targets, which may start the
 * practice cloud or ask for credentials.
 */
void            mill_engine_find_orphans_async (MillEngine       *self,
                                             MillTarget            *target,
                                             GCancellable          *cancellable,
                                             GAsyncReadyCallback    callback,
                                             gpointer               user_data);
/* (transfer full) (element-type MillOrphan): empty where nothing was forgotten; NULL with an error. */
GPtrArray      *mill_engine_find_orphans_finish (MillEngine      *self,
                                             GAsyncResult          *result,
                                             GError               **error);
/*
 * (transfer full): takes @orphan into the ledger, as a deployment that mill_engine_clean_up_async() takes down like any other. It cannot be built on: how
 * its parameters were set is not known. NULL with MILL_DEPLOY_ERROR_BUSY where the ledger knows it meanwhile.
 */
MillDeployment *mill_engine_adopt           (MillEngine            *self,
                                             const MillOrphan      *orphan,
                                             GError               **error);

/*
 * (transfer full) (nullable): the report of the newest clean-up, MillCleanup's; NULL where there was none, or with an error where the ledger cannot be read.
 * mill-report.h makes a page of it.
 */
JsonObject     *mill_engine_dup_report      (MillEngine            *self,
                                             MillDeployment        *deployment,
                                             GError               **error);
/*
 * Takes a deployment out of the ledger, with its reports. FALSE with MILL_DEPLOY_ERROR_NOT_READY where something of it may still be in the cloud, or
 * MILL_DEPLOY_ERROR_BUSY.
 */
gboolean        mill_engine_forget          (MillEngine            *self,
                                             MillDeployment        *deployment,
                                             GError               **error);

/* The messages of the practice cloud's inbox: {"messages": […]} (see practice-inbox), those after the id @after (NULL: all); an empty list on other targets. */
void            mill_engine_inbox_async     (MillEngine            *self,
                                             MillTarget            *target,
                                             const char            *after,
                                             GCancellable          *cancellable,
                                             GAsyncReadyCallback    callback,
                                             gpointer               user_data);
JsonObject     *mill_engine_inbox_finish    (MillEngine            *self,
                                             GAsyncResult          *result,
                                             GError               **error);

G_END_DECLS
