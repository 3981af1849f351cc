/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-gateway-answer.h"

#include <string.h>

#include "aws-json.h"

/* The markup in which an answer is read. */
typedef struct
{
  MillGatewayAnswer *answer;
  char             **text;    /* where the element's text goes */
} Reading;

static void
on_start (GMarkupParseContext  *context,
          const char           *element,
          const char          **names,
          const char          **values,
          gpointer              data,
          GError              **error)
{
  Reading *reading = data;
  const GSList *stack = g_markup_parse_context_get_element_stack (context);
  const char *parent = stack->next != NULL ? stack->next->data : "";

  reading->text = NULL;
  if (g_str_equal (element, "MessageId"))
    reading->text = &reading->answer->message_id;
  else if (g_str_equal (parent, "Error") && g_str_equal (element, "Code"))
    reading->text = &reading->answer->code;
  else if (g_str_equal (parent, "Error") && g_str_equal (element, "Message"))
    reading->text = &reading->answer->message;
}

static void
on_text (GMarkupParseContext  *context,
         const char           *text,
         gsize                 length,
         gpointer              data,
         GError              **error)
{
  Reading *reading = data;

  if (reading->text == NULL)
    return;
  g_free (*reading->text);
  *reading->text = g_strndup (text, length);
  reading->text = NULL;
}

static void
parse_xml (MillGatewayAnswer *self,
           const char        *body)
{
  static const GMarkupParser parser = { .start_element = on_start, .text = on_text };
  Reading reading = { .answer = self };
  GMarkupParseContext *context = g_markup_parse_context_new (&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &reading, NULL);

  g_markup_parse_context_parse (context, body, -1, NULL);
  g_markup_parse_context_free (context);
}

static void
parse_json (MillGatewayAnswer *self,
            const char        *body)
{
  static const char *const ids[] = { "SendMessageResponse.SendMessageResult.MessageId", "MessageId" };
  static const char *const codes[] = { "Error.Code", "__type" };
  static const char *const messages[] = { "Error.Message", "message" };
  g_autoptr (JsonObject) object = aws_json_parse_object (body, -1, NULL);

  if (object == NULL)
    return;
  for (guint i = 0; i < 2 && self->message_id == NULL; i++)
    self->message_id = g_strdup (aws_json_get_string (object, ids[i]));
  for (guint i = 0; i < 2 && self->code == NULL; i++)
    {
      self->code = g_strdup (aws_json_get_string (object, codes[i]));
      if (self->code != NULL)
        self->message = g_strdup (aws_json_get_string (object, messages[i]));
    }
}

MillGatewayAnswer *
mill_gateway_answer_parse (const char *body)
{
  MillGatewayAnswer *self = g_new0 (MillGatewayAnswer, 1);

  while (g_ascii_isspace (*body))
    body++;
  if (*body == '<')
    parse_xml (self, body);
  else if (*body == '{')
    parse_json (self, body);
  return self;
}

void
mill_gateway_answer_free (MillGatewayAnswer *self)
{
  g_free (self->message_id);
  g_free (self->code);
  g_free (self->message);
  g_free (self);
}
