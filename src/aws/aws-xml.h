/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* No answer of AWS comes near these; without them a small text could take a lot of memory. */
#define AWS_XML_MAX_DEPTH 64
#define AWS_XML_MAX_ELEMENTS 500000

/**
 * AwsXml:
 * @name: without its namespace prefix
 * @text: what stands between the tags, all pieces joined
 * @children: (element-type AwsXml)
 *
 * One element of an XML answer. Attributes are of no use in AWS's query protocol and are dropped.
 */
typedef struct {
  char      *name;
  GString   *text;
  GPtrArray *children;
} AwsXml;

/* @length: -1 for a string. Returns: (transfer full): the root; NULL with an error of G_MARKUP_ERROR */
AwsXml     *aws_xml_parse     (const char    *text,
                               gssize         length,
                               GError       **error);
void        aws_xml_free      (AwsXml        *self);
/* (transfer none) (nullable): the first child of that name. */
AwsXml     *aws_xml_child     (const AwsXml  *self,
                               const char    *name);
/* (transfer none) (nullable): the text of the first element of that name, however deep. */
const char *aws_xml_find_text (const AwsXml  *self,
                               const char    *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AwsXml, aws_xml_free)

G_END_DECLS
