/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-preflight.h"

G_BEGIN_DECLS

/* One resource that would be made. */
typedef struct {
  const MillTemplateResource *resource;
  char                       *name;      /* NULL where it has none, or gets one when it is made */
} MillPlanned;

struct _MillPreflight
{
  GObject       parent_instance;

  MillTutorial *tutorial;
  MillTarget   *target;
  GHashTable   *parameters;      /* every parameter of the template */
  char         *role;            /* or NULL */
  char         *account;
  GPtrArray    *planned;         /* MillPlanned; without what @role stands for */

  GMutex        mutex;
  GPtrArray    *findings;
  char         *summaries[MILL_PREFLIGHT_N_SECTIONS];
  char         *suffix;
  char        **roles;
};

/* data/preflight.json: the entry of @type; NULL where it has none. */
JsonObject *mill_preflight_find_type  (const char           *type);
/* (transfer full): @text with {name}, {account}, {region} and {partition} filled in. */
char       *mill_preflight_fill       (MillPreflight        *self,
                                       const char           *text,
                                       const char           *name);
/* (transfer full) (nullable): what the resource would be called with @parameters. */
char       *mill_preflight_dup_name   (MillPreflight        *self,
                                       const MillTemplateResource *resource,
                                       GHashTable           *parameters);
/* Any thread. @subject, @title, @text: NULL for "". */
void        mill_preflight_add        (MillPreflight        *self,
                                       MillPreflightSection  section,
                                       MillVerdict           verdict,
                                       const char           *subject,
                                       const char           *title,
                                       const char           *text);
/* Takes @text. */
void        mill_preflight_conclude   (MillPreflight        *self,
                                       MillPreflightSection  section,
                                       char                 *text);
/* How many resources of @type would be made. */
guint       mill_preflight_count      (MillPreflight        *self,
                                       const char           *type);
/* TRUE where what is made is made on AWS, and costs money. */
gboolean    mill_preflight_is_aws     (MillPreflight        *self);

/* mill-preflight-describe.c: where it is built, and what; one finding a type, in the order of the template. */
void        mill_preflight_describe_place     (MillPreflight  *self);
void        mill_preflight_describe_resources (MillPreflight  *self);
/* An existing role that was named is looked at. FALSE only where @cancellable was cancelled. */
gboolean    mill_preflight_describe_role      (MillPreflight  *self,
                                               GCancellable   *cancellable,
                                               GError        **error);
/* Roles that could be used where none can be made. */
void        mill_preflight_offer_roles        (MillPreflight  *self);

/* What each section asks; they block and may run at the same time. FALSE only where @cancellable was cancelled. */
gboolean    mill_preflight_ask_names       (MillPreflight  *self,
                                            GCancellable   *cancellable,
                                            GError        **error);
gboolean    mill_preflight_ask_quotas      (MillPreflight  *self,
                                            GCancellable   *cancellable,
                                            GError        **error);
gboolean    mill_preflight_ask_permissions (MillPreflight  *self,
                                            GCancellable   *cancellable,
                                            GError        **error);
gboolean    mill_preflight_ask_endpoint    (MillPreflight  *self,
                                            GCancellable   *cancellable,
                                            GError        **error);
void        mill_preflight_count_costs     (MillPreflight  *self);

G_END_DECLS
