/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-server.h"

G_BEGIN_DECLS

#define PRACTICE_SNS_MAX_BYTES 262144
#define PRACTICE_SNS_PAGE 100

/* The topic service; everything it knows is in the database. */
typedef struct {
  PracticeServer *server;   /* not owned */
  PracticeStore  *store;    /* not owned: the server's */
  PracticeEvents *events;   /* not owned: the server's */
} PracticeSns;

typedef struct {
  char       *arn;
  char       *region;
  char       *name;
  JsonObject *attributes;   /* those that were set, as text */
  JsonArray  *tags;         /* {Key, Value} */
  gboolean    fifo;
  gint64      n_deleted;    /* subscriptions */
  const char *policy;       /* in @attributes, or NULL: the default, which gives nobody more than their own policies do */
} PracticeSnsTopic;

typedef struct {
  char       *arn;
  char       *topic_arn;
  char       *protocol;
  char       *endpoint;
  char       *token;
  char       *principal;
  gboolean    confirmed;
  gboolean    authenticated;   /* confirmed by a signed call, or without need */
  JsonObject *attributes;      /* those that were set, as text */
} PracticeSnsSubscription;

void practice_sns_topic_free        (PracticeSnsTopic        *topic);
void practice_sns_subscription_free (PracticeSnsSubscription *subscription);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeSnsTopic, practice_sns_topic_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeSnsSubscription, practice_sns_subscription_free)

/* practice-sns.c. What fails @call says so and returns NULL or FALSE. */
PracticeSnsTopic        *practice_sns_load_topic         (PracticeSns   *self,
                                                          const char    *arn);
PracticeSnsSubscription *practice_sns_load_subscription  (PracticeSns   *self,
                                                          const char    *arn);
/* (element-type PracticeSnsSubscription): those of a topic, oldest first */
GPtrArray               *practice_sns_list_subscriptions (PracticeSns   *self,
                                                          const char    *topic_arn);
/* Whether the text is an ARN, in AWS's words: "An ARN must have at least 6 elements, not 1". */
gboolean                 practice_sns_check_arn          (PracticeCall  *call,
                                                          const char    *parameter,
                                                          const char    *arn);
/* The topic that the call names in @parameter, where the caller may do @action ("sns:Publish") with it. */
PracticeSnsTopic        *practice_sns_find_topic         (PracticeSns   *self,
                                                          PracticeCall  *call,
                                                          const char    *parameter,
                                                          const char    *action);
/* Fails with InvalidParameter, "Invalid parameter: " before the text. */
void                     practice_sns_fail_parameter     (PracticeCall  *call,
                                                          const char    *format,
                                                          ...) G_GNUC_PRINTF (2, 3);
/* Whether every value is a text (the form always gives texts, but also structures where names have dots). */
gboolean                 practice_sns_check_texts        (PracticeCall  *call,
                                                          JsonObject    *map,
                                                          const char    *name);
/* (transfer full): a copy that can be changed */
JsonObject              *practice_sns_copy_map           (JsonObject    *map);
/* What a list of the call begins after, and its answer's token. */
gboolean                 practice_sns_get_offset         (PracticeCall  *call,
                                                          gint64        *offset);
void                     practice_sns_set_next_offset    (JsonObject    *result,
                                                          gint64         offset);
/* (transfer full): "2026-11-21T09:30:00.000Z" */
char                    *practice_sns_timestamp          (void);

/* practice-sns-confirm.c */
/* Writes the mail that asks for a confirmation. */
void                     practice_sns_ask_for_confirmation (PracticeSns             *self,
                                                          PracticeSnsSubscription *subscription);
/* (transfer full): the link that ends the subscription */
char                    *practice_sns_get_unsubscribe_link (PracticeSns             *self,
                                                          PracticeSnsSubscription *subscription);
void                     practice_sns_serve_confirmation (PracticeCall  *call,
                                                          const char    *method,
                                                          const char    *path,
                                                          const char    *query,
                                                          gpointer       sns);
void                     practice_sns_serve_unsubscription (PracticeCall *call,
                                                          const char    *method,
                                                          const char    *path,
                                                          const char    *query,
                                                          gpointer       sns);

/* practice-sns-sms.c */
gboolean                 practice_sns_is_phone_number    (const char    *text);
/* Sends where the number can be reached. (transfer full): the text message's id, or NULL with @error (static) set. */
char                    *practice_sns_send_sms           (PracticeSns   *self,
                                                          const char    *region,
                                                          const char    *number,
                                                          const char    *text,
                                                          const char    *message_id,
                                                          const char   **error);

/* The operations. */
void practice_sns_create_topic                (PracticeCall *call, gpointer sns);
void practice_sns_delete_topic                (PracticeCall *call, gpointer sns);
void practice_sns_list_topics                 (PracticeCall *call, gpointer sns);
void practice_sns_get_topic_attributes        (PracticeCall *call, gpointer sns);
void practice_sns_set_topic_attributes        (PracticeCall *call, gpointer sns);
void practice_sns_tag_resource                (PracticeCall *call, gpointer sns);
void practice_sns_untag_resource              (PracticeCall *call, gpointer sns);
void practice_sns_list_tags_for_resource      (PracticeCall *call, gpointer sns);
void practice_sns_add_permission              (PracticeCall *call, gpointer sns);
void practice_sns_remove_permission           (PracticeCall *call, gpointer sns);
void practice_sns_subscribe                   (PracticeCall *call, gpointer sns);
void practice_sns_confirm_subscription        (PracticeCall *call, gpointer sns);
void practice_sns_unsubscribe                 (PracticeCall *call, gpointer sns);
void practice_sns_get_subscription_attributes (PracticeCall *call, gpointer sns);
void practice_sns_set_subscription_attributes (PracticeCall *call, gpointer sns);
void practice_sns_op_list_subscriptions       (PracticeCall *call, gpointer sns);
void practice_sns_list_subscriptions_by_topic (PracticeCall *call, gpointer sns);
void practice_sns_publish                     (PracticeCall *call, gpointer sns);
void practice_sns_publish_batch               (PracticeCall *call, gpointer sns);
void practice_sns_get_sms_sandbox_account_status (PracticeCall *call, gpointer sns);
void practice_sns_create_sms_sandbox_phone_number (PracticeCall *call, gpointer sns);
void practice_sns_verify_sms_sandbox_phone_number (PracticeCall *call, gpointer sns);
void practice_sns_delete_sms_sandbox_phone_number (PracticeCall *call, gpointer sns);
void practice_sns_list_sms_sandbox_phone_numbers (PracticeCall *call, gpointer sns);
void practice_sns_get_sms_attributes          (PracticeCall *call, gpointer sns);
void practice_sns_set_sms_attributes          (PracticeCall *call, gpointer sns);
void practice_sns_check_if_phone_number_is_opted_out (PracticeCall *call, gpointer sns);

G_END_DECLS
