/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MillGatewayAnswer:
 * @message_id: (nullable): the id that the queue gave the message
 * @code, @message: (nullable): why the queue refused it
 *
 * What a gateway's integration with a queue answers, in XML or in JSON, where the stage hands it through.
 */
typedef struct {
  char *message_id;
  char *code;
  char *message;
} MillGatewayAnswer;

/* (transfer full): never NULL. @body: anything */
MillGatewayAnswer *mill_gateway_answer_parse (const char        *body);
void               mill_gateway_answer_free  (MillGatewayAnswer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MillGatewayAnswer, mill_gateway_answer_free)

G_END_DECLS
