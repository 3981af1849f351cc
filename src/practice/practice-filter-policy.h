/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * PracticeFilterPolicy:
 *
 * The filter policy of an SNS subscription: an event pattern in SNS's smaller dialect, held against a message's attributes or
 * its body (SNS Developer Guide, "Amazon SNS message filtering").
 */
typedef struct _PracticeFilterPolicy PracticeFilterPolicy;

typedef enum {
  PRACTICE_FILTER_SCOPE_ATTRIBUTES,
  PRACTICE_FILTER_SCOPE_BODY,
} PracticeFilterScope;

/* Returns: (transfer full): the policy, or NULL with AWS's sentence ("FilterPolicy: Empty arrays are not allowed") in @error */
PracticeFilterPolicy *practice_filter_policy_new     (const char            *text,
                                                      PracticeFilterScope    scope,
                                                      GError               **error);
void                  practice_filter_policy_free    (PracticeFilterPolicy  *self);

/* @attributes: (nullable): the message's attributes as Publish has them: {name: {DataType, StringValue}}; @body: the message. */
gboolean              practice_filter_policy_matches (PracticeFilterPolicy  *self,
                                                      JsonObject            *attributes,
                                                      const char            *body);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeFilterPolicy, practice_filter_policy_free)

G_END_DECLS
