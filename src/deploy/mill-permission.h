/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-handler.h"

G_BEGIN_DECLS

/*
 * "The role's policies are new" and "the policies do not allow it" look the same in AWS's answers. These look into the policies themselves and
 * so tell one from the other. What cannot be read counts as fine: then waiting is right.
 */

/* FALSE with *@error replaced where the trust policy of @role_arn does not name @service. */
gboolean mill_permission_check_trust   (MillJob     *job,
                                        const char  *role_arn,
                                        const char  *service,
                                        GError     **error);
/* FALSE with *@error replaced where no policy of the role of @function allows what *@error says is missing ("… to call ReceiveMessage on SQS"). */
gboolean mill_permission_check_mapping (MillJob     *job,
                                        const char  *function,
                                        GError     **error);
/* (transfer full) (nullable): "sqs:ReceiveMessage" from the message of a mapping's refusal. */
char    *mill_permission_parse_missing (const char  *message);
/* Whether a trust policy lets @service ("lambda.amazonaws.com") assume its role; conditions are not looked at. */
gboolean mill_permission_trusts        (JsonObject  *document,
                                        const char  *service);
/* Whether a policy document has an Allow statement whose Action covers @action; resources and conditions are not looked at. */
gboolean mill_permission_allows        (JsonObject  *document,
                                        const char  *action);

/* Whether a resource's own policy document lets the role @role_arn itself do @action; conditions are not looked at. */
gboolean mill_permission_grants        (JsonObject  *document,
                                        const char  *role_arn,
                                        const char  *action);

G_END_DECLS
