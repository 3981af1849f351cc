/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-iam-private.h"

G_BEGIN_DECLS

/* What the files of IAM's operations share. */

typedef struct {
  gint64     limit;
  char      *after;      /* only what comes after this is listed */
  char      *last;
  gboolean   truncated;
  JsonArray *items;
} PracticeIamPage;

/* Where policies hang: a role or a user. */
typedef struct {
  const char *kind;        /* "role", "user" */
  const char *title;       /* "Role", "User" */
  const char *parameter;   /* "RoleName" */
  const char *name;
  char       *arn;
} PracticeIamHolder;

PracticeStore *practice_iam_get_store     (PracticeIam       *self);
/* Policies or what hangs on them changed: nothing remembered counts any longer. */
void           practice_iam_changed       (PracticeIam       *self);
/* The access keys: id → PracticeKey. */
GHashTable    *practice_iam_get_keys      (PracticeIam       *self);
void           practice_iam_start_service (PracticeIam       *self,
                                           PracticeServer    *server);

/* (transfer full): "2024-01-31T09:00:00Z". */
char          *practice_iam_format_time   (gint64             seconds);
/* Seconds since 1970. */
gint64         practice_iam_now           (void);
/* Adds a time that is kept as seconds since 1970. */
void           practice_iam_set_time      (JsonObject        *object,
                                           const char        *name,
                                           gint64             seconds);
/* A parameter that must be there; NULL after failing @call. */
const char    *practice_iam_require       (PracticeCall      *call,
                                           const char        *name);
/* The same for a name of letters, digits and +=,.@_- */
const char    *practice_iam_require_name  (PracticeCall      *call,
                                           const char        *name,
                                           guint              max);
/* "/" or the path given; NULL after failing @call. */
const char    *practice_iam_get_path      (PracticeCall      *call);
/* Whether a call's Tags [{Key, Value}] (nullable) are as they must be; fails the call where not. */
gboolean       practice_iam_check_tags    (PracticeCall      *call,
                                           JsonArray         *tags);
/* Adds tags to those that there are, replacing the values of known keys. @tags: (nullable): checked. */
void           practice_iam_store_tags    (PracticeIam       *self,
                                           const char        *arn,
                                           JsonArray         *tags);
/* (transfer full): [{Key, Value}]. */
JsonArray     *practice_iam_load_tags     (PracticeIam       *self,
                                           const char        *arn);
/* What it was on is deleted. */
void           practice_iam_drop_tags     (PracticeIam       *self,
                                           const char        *arn);
/* Adds Tags where there are any. */
void           practice_iam_set_tags      (PracticeIam       *self,
                                           JsonObject        *object,
                                           const char        *arn);

/* Reads MaxItems and Marker; FALSE after failing @call. */
gboolean       practice_iam_page_begin    (PracticeIamPage   *page,
                                           PracticeCall      *call);
/* Takes @node. FALSE where the page is full. */
gboolean       practice_iam_page_add      (PracticeIamPage   *page,
                                           const char        *key,
                                           JsonNode          *node);
/* The same with an object, which it takes. */
gboolean       practice_iam_page_add_object (PracticeIamPage *page,
                                           const char        *key,
                                           JsonObject        *object);
/* Answers @call; takes @result (nullable). */
void           practice_iam_page_return   (PracticeIamPage   *page,
                                           PracticeCall      *call,
                                           const char        *member,
                                           JsonObject        *result);
void           practice_iam_page_clear    (PracticeIamPage   *page);
/* (transfer full): a row as an operation answers it. */
typedef JsonObject *(*PracticeIamRowFunc) (PracticeIam       *self,
                                           sqlite3_stmt      *row);
/* How the SQL of practice_iam_list_by_path() ends. */
#define PRACTICE_IAM_BY_PATH " WHERE name > ? AND substr(path, 1, length(?2)) = ?2 ORDER BY name"
/*
 * What ListRoles and ListUsers do: one page, of those below PathPrefix. @sql: a constant, "SELECT name, … FROM table" and PRACTICE_IAM_BY_PATH, where the table
 * has the columns "name" and "path".
 */
void           practice_iam_list_by_path  (PracticeIam       *self,
                                           PracticeCall      *call,
                                           const char        *sql,
                                           PracticeIamRowFunc to_json,
                                           const char        *member);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PracticeIamPage, practice_iam_page_clear)

/* (transfer full): the ARN of a role or user, or NULL. */
char          *practice_iam_find_holder   (PracticeIam       *self,
                                           const char        *kind,
                                           const char        *name);
/* Whether the caller may do what @call asks with @resource; fails @call where not. */
gboolean       practice_iam_allow         (PracticeCall      *call,
                                           const char        *resource);
/* The role or user that @call names, if the caller may do this with it; FALSE after failing @call. */
gboolean       practice_iam_get_holder    (PracticeIam       *self,
                                           PracticeCall      *call,
                                           PracticeIamHolder *holder);
void           practice_iam_holder_clear  (PracticeIamHolder *holder);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PracticeIamHolder, practice_iam_holder_clear)

/* Whether something hangs on the role or user; fails @call with DeleteConflict then. */
gboolean       practice_iam_is_in_use     (PracticeIam       *self,
                                           PracticeCall      *call,
                                           const char        *kind,
                                           const char        *name);
/* (transfer full) (nullable): the default version's document of a managed policy, AWS's own included. */
char          *practice_iam_get_document  (PracticeIam       *self,
                                           const char        *arn);
/* Tells the event of a role, user or policy. */
void           practice_iam_emit          (PracticeCall      *call,
                                           const char        *kind,
                                           const char        *arn,
                                           const char        *type,
                                           const char        *name);

/* The operations; @service is the PracticeIam. */
#define PRACTICE_IAM_OPERATION(name) void name (PracticeCall *call, gpointer service)

PRACTICE_IAM_OPERATION (practice_iam_create_role);
PRACTICE_IAM_OPERATION (practice_iam_get_role);
PRACTICE_IAM_OPERATION (practice_iam_delete_role);
PRACTICE_IAM_OPERATION (practice_iam_list_roles);
PRACTICE_IAM_OPERATION (practice_iam_update_role);
PRACTICE_IAM_OPERATION (practice_iam_update_role_description);
PRACTICE_IAM_OPERATION (practice_iam_update_assume_role_policy);
PRACTICE_IAM_OPERATION (practice_iam_put_inline);
PRACTICE_IAM_OPERATION (practice_iam_get_inline);
PRACTICE_IAM_OPERATION (practice_iam_delete_inline);
PRACTICE_IAM_OPERATION (practice_iam_list_inline);
PRACTICE_IAM_OPERATION (practice_iam_attach);
PRACTICE_IAM_OPERATION (practice_iam_detach);
PRACTICE_IAM_OPERATION (practice_iam_list_attached);
PRACTICE_IAM_OPERATION (practice_iam_list_entities);
PRACTICE_IAM_OPERATION (practice_iam_create_policy);
PRACTICE_IAM_OPERATION (practice_iam_get_policy);
PRACTICE_IAM_OPERATION (practice_iam_delete_policy);
PRACTICE_IAM_OPERATION (practice_iam_list_policies);
PRACTICE_IAM_OPERATION (practice_iam_create_policy_version);
PRACTICE_IAM_OPERATION (practice_iam_get_policy_version);
PRACTICE_IAM_OPERATION (practice_iam_list_policy_versions);
PRACTICE_IAM_OPERATION (practice_iam_delete_policy_version);
PRACTICE_IAM_OPERATION (practice_iam_set_default_policy_version);
PRACTICE_IAM_OPERATION (practice_iam_tag);
PRACTICE_IAM_OPERATION (practice_iam_untag);
PRACTICE_IAM_OPERATION (practice_iam_list_tags);
PRACTICE_IAM_OPERATION (practice_iam_create_user);
PRACTICE_IAM_OPERATION (practice_iam_get_user);
PRACTICE_IAM_OPERATION (practice_iam_delete_user);
PRACTICE_IAM_OPERATION (practice_iam_list_users);
PRACTICE_IAM_OPERATION (practice_iam_create_access_key);
PRACTICE_IAM_OPERATION (practice_iam_list_access_keys);
PRACTICE_IAM_OPERATION (practice_iam_delete_access_key);
PRACTICE_IAM_OPERATION (practice_iam_update_access_key);
PRACTICE_IAM_OPERATION (practice_iam_create_service_credential);
PRACTICE_IAM_OPERATION (practice_iam_delete_service_credential);
PRACTICE_IAM_OPERATION (practice_iam_simulate_principal);
PRACTICE_IAM_OPERATION (practice_iam_get_account_summary);

G_END_DECLS
