/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-server.h"
#include "practice-services.h"

G_BEGIN_DECLS

/* What the files of CloudWatch Logs share. */

/* Characters of a group's or stream's name. */
#define PRACTICE_LOGS_MAX_NAME 512

/* In practice-logs.c: who is asked for, and the rows of groups and streams. */

/* A failure with status 400. */
void     practice_logs_fail              (PracticeCall   *call,
                                          const char     *code,
                                          const char     *message);
/* The value of a number parameter between @least and @most, @fallback where it is missing; FALSE after failing the call. */
gboolean practice_logs_get_limit         (PracticeCall   *call,
                                          const char     *name,
                                          gint64          least,
                                          gint64          most,
                                          gint64          fallback,
                                          gint64         *value);
/* Whether @name is a group's as it must be; fails the call otherwise. */
gboolean practice_logs_check_group_name  (PracticeCall   *call,
                                          const char     *name);
/* (transfer full) (nullable): the name that the call gives for its group (logGroupName or logGroupIdentifier); NULL where there is none, or after failing the call. */
char    *practice_logs_get_group_name    (PracticeCall   *call);
/* (transfer full): the name in "arn:aws:logs:region:account:log-group:NAME[:*]", or the text itself where it is no ARN. */
char    *practice_logs_read_identifier   (const char     *identifier);
/* (transfer full): the group's ARN, without ":*". */
char    *practice_logs_make_arn          (PracticeServer *server,
                                          const char     *region,
                                          const char     *group);
/*
 * Asks IAM; FALSE after failing the call. Group actions (@stream NULL), too, are asked for on a stream's ARN, with an empty name: a policy for a group
 * needs its ":*".
 */
gboolean practice_logs_allow             (PracticeCall   *call,
                                          const char     *action,
                                          const char     *group,
                                          const char     *stream);
/* The id of the call's group, or 0 after failing the call. Asks IAM for @action on it, and on @stream in it where given. */
gint64   practice_logs_find_group        (PracticeCall   *call,
                                          const char     *action,
                                          const char     *stream);
/* The id of the group, or 0 where there is none. */
gint64   practice_logs_lookup_group      (PracticeStore  *store,
                                          const char     *region,
                                          const char     *name);
/* The id of the stream, or 0 where there is none. */
gint64   practice_logs_find_stream       (PracticeStore  *store,
                                          gint64          group,
                                          const char     *stream);
/* The id of a new group. @tags: (nullable) */
gint64   practice_logs_insert_group      (PracticeServer *server,
                                          const char     *region,
                                          const char     *name,
                                          JsonObject     *tags);
/* The id of a new stream. */
gint64   practice_logs_insert_stream     (PracticeStore  *store,
                                          gint64          group,
                                          const char     *name);

/* In practice-logs-groups.c */
void     practice_logs_create_log_group  (PracticeCall   *call,
                                          gpointer        service);
void     practice_logs_delete_log_group  (PracticeCall   *call,
                                          gpointer        service);
void     practice_logs_describe_log_groups (PracticeCall *call,
                                          gpointer        service);
void     practice_logs_put_retention_policy (PracticeCall *call,
                                          gpointer        service);
void     practice_logs_delete_retention_policy (PracticeCall *call,
                                          gpointer        service);

/* In practice-logs-streams.c */
void     practice_logs_create_log_stream (PracticeCall   *call,
                                          gpointer        service);
void     practice_logs_delete_log_stream (PracticeCall   *call,
                                          gpointer        service);
void     practice_logs_describe_log_streams (PracticeCall *call,
                                          gpointer        service);

/* In practice-logs-tags.c */

/* Whether the tags of a group are as they must be; fails the call otherwise. @tags: (nullable) */
gboolean practice_logs_check_tags        (PracticeCall   *call,
                                          JsonObject     *tags);
void     practice_logs_tag_resource      (PracticeCall   *call,
                                          gpointer        service);
void     practice_logs_untag_resource    (PracticeCall   *call,
                                          gpointer        service);
void     practice_logs_list_tags         (PracticeCall   *call,
                                          gpointer        service);
void     practice_logs_list_tagged_groups (JsonArray     *resources,
                                          const char     *region,
                                          gpointer        server);

/* In practice-logs-events.c */
void     practice_logs_put_log_events      (PracticeCall   *call,
                                          gpointer        service);
void     practice_logs_get_log_events      (PracticeCall   *call,
                                          gpointer        service);
void     practice_logs_filter_log_events   (PracticeCall   *call,
                                          gpointer        service);
/* Writes events and keeps the group within bounds. The texts need not be UTF-8. */
void     practice_logs_insert_events     (PracticeStore         *store,
                                          gint64                 group,
                                          gint64                 stream,
                                          const PracticeLogLine *lines,
                                          guint                  n_lines);

G_END_DECLS
