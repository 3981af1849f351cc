/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * MillAction:
 *
 * Something a step offers besides making resources. Owned by its step.
 */
typedef enum {
  MILL_ACTION_INVOKE,        /* invoke the function @resource with @payload */
  MILL_ACTION_SEND,          /* send @payload to the invoke URL of the stage @resource */
  MILL_ACTION_CONFIRM,       /* confirm the subscription @resource: open the link in the mail */
  MILL_ACTION_TEST_METHOD,   /* API Gateway's TestInvokeMethod on the method @resource with @payload */
  MILL_ACTION_CLEAN_UP,      /* take the deployment down */
} MillActionKind;

typedef struct {
  const char     *id;
  MillActionKind  kind;
  const char     *resource;  /* a logical id, or NULL for CLEAN_UP */
  const char     *label;     /* translated */
  const char     *payload;   /* text, or NULL */
} MillAction;

/**
 * MillCheck:
 *
 * What must be true after a step, asked of the cloud, not of memory. Owned by its step.
 */
typedef enum {
  MILL_CHECK_EXISTS,         /* @resource reads back as it was made */
  MILL_CHECK_PROPERTY,       /* @resource's @property (CloudFormation's name, dots between levels) reads back as @expected */
  MILL_CHECK_CONFIRMED,      /* the subscription @resource is confirmed */
  MILL_CHECK_ITEM,           /* the table @resource holds an item in which @expected occurs */
  MILL_CHECK_MAIL,           /* a mail in which @expected occurs was delivered (practice cloud only; elsewhere the user is asked) */
} MillCheckKind;

typedef struct {
  const char    *id;
  MillCheckKind  kind;
  const char    *resource;
  const char    *property;   /* or NULL */
  const char    *expected;   /* or NULL */
  const char    *text;       /* translated: what is checked */
} MillCheck;

#define MILL_TYPE_STEP (mill_step_get_type ())

/**
 * MillStep:
 *
 * One page of a tutorial. Immutable. Texts are translated plain text with Pango-free light markup: blank lines part
 * paragraphs, "- " begins a list item, `…` marks code.
 */
G_DECLARE_FINAL_TYPE (MillStep, mill_step, MILL, STEP, GObject)

const char        *mill_step_get_id         (MillStep   *self);
const char        *mill_step_get_title      (MillStep   *self);
const char        *mill_step_get_section    (MillStep   *self);   /* the document's task: "Permissions"; groups steps in the sidebar */
const char        *mill_step_get_why        (MillStep   *self);
const char        *mill_step_get_what       (MillStep   *self);
const char        *mill_step_get_by_hand    (MillStep   *self);   /* the way in the AWS console; "" where there is none */
const char        *mill_step_get_look_for   (MillStep   *self);
const char        *mill_step_get_changed    (MillStep   *self);   /* what differs from the source document and why; "" where nothing */
const char        *mill_step_get_with_role  (MillStep   *self);   /* what differs where an existing role is used instead of the tutorial's own; "" */
/* Logical ids that this step makes, in template order. */
const char *const *mill_step_get_resources  (MillStep   *self);
/* "LogicalId.Property": properties of earlier resources that this step sets. */
const char *const *mill_step_get_properties (MillStep   *self);
/* Parameters that this page asks for. */
const char *const *mill_step_get_parameters (MillStep   *self);
/* Functions (logical ids) whose code this page shows and lets edit. */
const char *const *mill_step_get_code       (MillStep   *self);
GPtrArray         *mill_step_get_actions    (MillStep   *self);   /* of MillAction */
GPtrArray         *mill_step_get_checks     (MillStep   *self);   /* of MillCheck */

G_END_DECLS
