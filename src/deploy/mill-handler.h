/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-deployment-private.h"
#include "mill-properties.h"

G_BEGIN_DECLS

typedef struct _MillHandler MillHandler;

/**
 * MillJob:
 * @record: the worker's own copy; mill_job_publish() makes it known
 * @properties: what the resource shall be, resolved: (transfer none)
 * @resumed: an earlier attempt may have made it already: look for it before making it again
 * @actual: what a handler read anyway while it waited, so that nobody asks again; or NULL
 * @replaced: ours is gone, and something else has its name
 * @looked: what mill_look() found
 * @slow: it was still shown for a while after it was deleted
 * @answer: what the creating call answered, where that is the thing itself as it is kept (a role, what API Gateway makes): the first
 *   look at it is taken from here
 *
 * One piece of work on one resource, in a worker thread. Calls block.
 */
typedef struct {
  MillDeployment    *deployment;
  const MillHandler *handler;
  AwsClient         *client;
  GCancellable      *cancellable;
  MillRecord        *record;
  JsonObject        *properties;
  gboolean           resumed;
  JsonObject        *actual;
  JsonObject        *answer;
  gboolean           replaced;
  gboolean           slow;
  enum { MILL_LOOK_NOT_YET, MILL_LOOK_OURS, MILL_LOOK_GONE } looked;
} MillJob;

/**
 * MillHandler:
 * @name_property: the property that is the resource's name in the cloud, or NULL
 * @parent_property: the property that names what it is part of and goes with; or NULL
 * @create: makes it and waits until others can use it. Must bear that part of it is there already where @resumed. Sets physical id, ARN and attributes.
 * @find: sets physical id, ARN and attributes of what an earlier attempt of this deployment made. FALSE with an error for which mill_error_is_gone() holds
 *   where there is nothing, or nothing of ours
 * @read: (transfer full): what it is, under CloudFormation's names: at least those that were asked for. NULL with an error
 * @update: makes it what @properties say. @before: as they were. NULL where the type cannot be changed
 * @remove: deletes it, and waits until it is gone where others can only be deleted then. What is gone already is no error
 * @by_name: the cloud knows it by a name, which another thing may come to have: it is looked at before it is deleted. Its @read says of such a thing
 *   that ours is gone: see mill_job_recognize()
 * @strip: takes away, before anything is deleted, what somebody else made of it by hand and what would outlive it; or NULL
 * @unset: a property that it has only where somebody sets it once it is made; or NULL. Where it is there at the first look, that was somebody else
 * @borrowed: it is somebody else's and used only; nothing is made, changed or deleted, and no proof is needed that it is gone
 *
 * How one resource type is made, looked at, changed and taken away.
 */
struct _MillHandler {
  const char  *type;
  const char  *name_property;
  const char  *parent_property;
  gboolean    (*create) (MillJob     *job,
                         GError     **error);
  gboolean    (*find)   (MillJob     *job,
                         GError     **error);
  JsonObject *(*read)   (MillJob     *job,
                         GError     **error);
  gboolean    (*update) (MillJob     *job,
                         JsonObject  *before,
                         GError     **error);
  gboolean    (*remove) (MillJob     *job,
                         GError     **error);
  gboolean    by_name;
  gboolean    borrowed;
  gboolean    (*strip)  (MillJob     *job,
                         GError     **error);
  const char  *unset;
};

/* NULL for a type that nobody handles. */
const MillHandler *mill_handler_find (const char *type);
/* The same for a deployment: with a role that is there, its roles and policies are borrowed. */
const MillHandler *mill_handler_find_for (MillDeployment *deployment,
                                          const char     *type);
/* What an existing role stands for. */
gboolean           mill_handler_is_of_role (const char *type);

extern const MillHandler mill_handler_iam_policy;
extern const MillHandler mill_handler_iam_role;
extern const MillHandler mill_handler_borrowed_policy;
extern const MillHandler mill_handler_borrowed_role;
extern const MillHandler mill_handler_table;
extern const MillHandler mill_handler_queue;
extern const MillHandler mill_handler_queue_policy;
extern const MillHandler mill_handler_function;
extern const MillHandler mill_handler_mapping;
extern const MillHandler mill_handler_permission;
extern const MillHandler mill_handler_topic;
extern const MillHandler mill_handler_subscription;
extern const MillHandler mill_handler_rest_api;
extern const MillHandler mill_handler_api_resource;
extern const MillHandler mill_handler_method;
extern const MillHandler mill_handler_api_deployment;
extern const MillHandler mill_handler_stage;
extern const MillHandler mill_handler_log_group;

/* @record: (transfer full). @properties: NULL for those in the record. */
MillJob    *mill_job_new           (MillDeployment *deployment,
                                    MillRecord     *record,
                                    JsonObject     *properties,
                                    GCancellable   *cancellable);
void        mill_job_free          (MillJob        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MillJob, mill_job_free)

/**
 * mill_job_call:
 * @parameters: (transfer full) (nullable)
 *
 * Calls, and lives with AWS's habits: a role that cannot be assumed yet, an update in progress, a name that is locked for a minute… are tried
 * again as long as it makes sense, with the reason in the record.
 */
JsonObject *mill_job_call          (MillJob        *self,
                                    const char     *operation,
                                    JsonObject     *parameters,
                                    GError        **error);
/* The same for reading what @answer may hold: that is taken, once, instead of asking. */
JsonObject *mill_job_look          (MillJob        *self,
                                    const char     *operation,
                                    JsonObject     *parameters,
                                    GError        **error);
/* The same for calls whose result says nothing. */
gboolean    mill_job_do            (MillJob        *self,
                                    const char     *operation,
                                    JsonObject     *parameters,
                                    GError        **error);

typedef AwsWait (*MillJobCheck) (MillJob       *job,
                                 JsonObject    *result,
                                 const GError  *error,
                                 GError       **failure);
/*
 * Asks until @check is content, at once or, where it is known that there is something to wait for (@known), after 5 ms, then ever more slowly.
 * @reason: a sentence, shown while it waits.
 */
JsonObject *mill_job_wait          (MillJob        *self,
                                    gboolean        known,
                                    const char     *reason,
                                    const char     *operation,
                                    JsonObject     *parameters,
                                    MillJobCheck    check,
                                    GError        **error);
/* An AwsWait for things that are deleted: done when they are gone. */
AwsWait     mill_job_check_gone    (MillJob        *job,
                                    JsonObject     *result,
                                    const GError   *error,
                                    GError        **failure);
/* FALSE with an error where the work was cancelled meanwhile. */
gboolean    mill_job_sleep         (MillJob        *self,
                                    guint           milliseconds,
                                    GError        **error);
/* NULL or "" ends the waiting. */
void        mill_job_set_waiting   (MillJob        *self,
                                    const char     *reason);
/* The cloud said yes: from now on it is known by its id, whatever else there is to wait for. */
void        mill_job_set_made      (MillJob        *self);
/* Makes the record known: to the ledger, to its history (@detail, "" for nothing) and to the main context. */
void        mill_job_publish       (MillJob        *self,
                                    const char     *detail);

/* A property's text; NULL where it is not there. */
const char *mill_job_get           (MillJob        *self,
                                    const char     *property);
/* In the record. NULL where there is none. */
void        mill_job_set_id        (MillJob        *self,
                                    const char     *physical_id,
                                    const char     *arn);
/* What Fn::GetAtt answers; in the record. NULL takes it away. */
void        mill_job_set_attribute (MillJob        *self,
                                    const char     *name,
                                    const char     *value);
/* (transfer full): "arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE"; for iam without a region. */
char       *mill_job_dup_arn       (MillJob        *self,
                                    const char     *service,
                                    const char     *resource);

/* (transfer full): the tags of every resource, with those of the template: [{Key, Value}] or {key: value}. */
JsonArray  *mill_job_dup_tag_list  (MillJob        *self);
JsonObject *mill_job_dup_tag_map   (MillJob        *self);
/* Whether tags, in either form, say that it is this deployment's. */
gboolean    mill_job_owns          (MillJob        *self,
                                    JsonNode       *tags);
/* Sets MILL_DEPLOY_ERROR_TAKEN: there is such a thing, and it is not ours. Always FALSE. */
gboolean    mill_job_set_taken     (MillJob        *self,
                                    GError        **error);
/* Sets an error for which mill_error_is_gone() holds. Always FALSE. */
gboolean    mill_job_set_gone      (MillJob        *self,
                                    GError        **error);

/*
 * Whether what was read is still the very thing that was made. @identity: (nullable): what another of its name would have otherwise: an id, the time when it
 * was made; remembered the first time. @tags: (nullable): where they are known, they may say that it is ours although its identity is another.
 * FALSE with an error for which mill_error_is_gone() holds, and @job is marked.
 */
gboolean    mill_job_recognize     (MillJob        *self,
                                    const char     *identity,
                                    JsonNode       *tags,
                                    GError        **error);
/* From now on it may be another: it is made anew. */
void        mill_job_forget        (MillJob        *self);

/* Whether the cloud said that there is no such thing. */
gboolean    mill_error_is_gone     (const GError   *error);
/* Whether it said that there is one already. */
gboolean    mill_error_is_there    (const GError   *error);
/* Takes an error away if the thing is gone. Returns whether all is well. For deleting. */
gboolean    mill_error_forgive_gone (gboolean       ok,
                                     GError       **error);

G_END_DECLS
