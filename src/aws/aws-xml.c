/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-xml.h"

#include <string.h>

typedef struct {
  AwsXml    *root;
  GPtrArray *open;
  guint      n_elements;
} Parse;

static AwsXml *
aws_xml_new (const char *name)
{
  const char *colon = strchr (name, ':');
  AwsXml *self = g_new0 (AwsXml, 1);

  self->name = g_strdup (colon != NULL ? colon + 1 : name);
  self->text = g_string_new (NULL);
  self->children = g_ptr_array_new_with_free_func ((GDestroyNotify) aws_xml_free);
  return self;
}

static void
on_start_element (GMarkupParseContext  *context,
                  const char           *name,
                  const char          **attribute_names,
                  const char          **attribute_values,
                  gpointer              user_data,
                  GError              **error)
{
  Parse *parse = user_data;
  AwsXml *element;

  if (parse->open->len >= AWS_XML_MAX_DEPTH) {
    g_set_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT,
                 "nested deeper than %d levels", AWS_XML_MAX_DEPTH);
    return;
  }
  if (++parse->n_elements > AWS_XML_MAX_ELEMENTS) {
    g_set_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT,
                 "more than %d elements", AWS_XML_MAX_ELEMENTS);
    return;
  }

  element = aws_xml_new (name);
  if (parse->open->len > 0) {
    AwsXml *parent = g_ptr_array_index (parse->open, parse->open->len - 1);

    g_ptr_array_add (parent->children, element);
  } else {
    g_clear_pointer (&parse->root, aws_xml_free);
    parse->root = element;
  }
  g_ptr_array_add (parse->open, element);
}

static void
on_end_element (GMarkupParseContext  *context,
                const char           *name,
                gpointer              user_data,
                GError              **error)
{
  Parse *parse = user_data;

  g_ptr_array_set_size (parse->open, (int) parse->open->len - 1);
}

static void
on_text (GMarkupParseContext  *context,
         const char           *text,
         gsize                 length,
         gpointer              user_data,
         GError              **error)
{
  Parse *parse = user_data;

  if (parse->open->len > 0) {
    AwsXml *element = g_ptr_array_index (parse->open, parse->open->len - 1);

    g_string_append_len (element->text, text, (gssize) length);
  }
}

AwsXml *
aws_xml_parse (const char  *text,
               gssize       length,
               GError     **error)
{
  static const GMarkupParser callbacks = {
    .start_element = on_start_element,
    .end_element = on_end_element,
    .text = on_text,
  };
  Parse parse = { .open = g_ptr_array_new () };
  g_autoptr (GMarkupParseContext) context =
    g_markup_parse_context_new (&callbacks, G_MARKUP_TREAT_CDATA_AS_TEXT, &parse, NULL);
  gsize size = length >= 0 ? (gsize) length : strlen (text);
  gboolean parsed;

  parsed = g_markup_parse_context_parse (context, text, (gssize) size, error) &&
           g_markup_parse_context_end_parse (context, error);
  g_ptr_array_unref (parse.open);

  if (!parsed) {
    g_clear_pointer (&parse.root, aws_xml_free);
    return NULL;
  }
  if (parse.root == NULL)
    g_set_error_literal (error, G_MARKUP_ERROR, G_MARKUP_ERROR_EMPTY, "no element");
  return parse.root;
}

void
aws_xml_free (AwsXml *self)
{
  g_free (self->name);
  g_string_free (self->text, TRUE);
  g_ptr_array_unref (self->children);
  g_free (self);
}

AwsXml *
aws_xml_child (const AwsXml *self,
               const char   *name)
{
  for (guint i = 0; i < self->children->len; i++) {
    AwsXml *child = g_ptr_array_index (self->children, i);

    if (strcmp (child->name, name) == 0)
      return child;
  }
  return NULL;
}

const char *
aws_xml_find_text (const AwsXml *self,
                   const char   *name)
{
  if (strcmp (self->name, name) == 0)
    return self->text->str;
  for (guint i = 0; i < self->children->len; i++) {
    const char *text = aws_xml_find_text (g_ptr_array_index (self->children, i), name);

    if (text != NULL)
      return text;
  }
  return NULL;
}
