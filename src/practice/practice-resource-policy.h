/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * practice_resource_policy_is_valid:
 *
 * Whether @text is a policy that a queue or topic can have: statements with an effect, a principal and an action.
 */
gboolean    practice_resource_policy_is_valid        (const char   *text);

/**
 * practice_resource_policy_add_statement:
 * @policy: (nullable): JSON text, or NULL to begin one with the id @id
 * @accounts, @actions: arrays of strings, actions as the policy has them ("SQS:SendMessage")
 *
 * What AddPermission does: lets @accounts do @actions under the name @label.
 *
 * Returns: (transfer full) (nullable): the new policy; NULL where @label is taken
 */
char       *practice_resource_policy_add_statement   (const char   *policy,
                                                      const char   *id,
                                                      const char   *label,
                                                      JsonArray    *accounts,
                                                      JsonArray    *actions,
                                                      const char   *resource);
/* Returns: (transfer full) (nullable): the policy without the statement @label, "" where none is left; NULL where it has none of that name. */
char       *practice_resource_policy_remove_statement (const char  *policy,
                                                      const char   *label);

G_END_DECLS
