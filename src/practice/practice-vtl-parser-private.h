/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-vtl-ast.h"

G_BEGIN_DECLS

/*
 * What the files of the parser share: practice-vtl-parser.c (text and blocks), practice-vtl-directive.c (what begins with "#") and
 * practice-vtl-expression.c (references, values, operators).
 */

typedef struct {
  PracticeVtlArena *arena;
  const char       *start;
  const char       *p;
  const char       *end;
  GHashTable       *macros;  /* name -> VtlMacro, shared with texts in double quotes */
  guint             depth;
  char             *error;
} VtlParser;

/* What ended a block. */
typedef enum {
  VTL_AT_END_OF_TEXT,
  VTL_AT_END,
  VTL_AT_ELSE,
  VTL_AT_ELSEIF,
} VtlBlockEnd;

/* Notes what is wrong, and where; the first such note stays. Always NULL. */
gpointer       vtl_parser_fail          (VtlParser       *self,
                                         const char      *what);
/* One level deeper; FALSE after failing where that is too deep. Leaving is self->depth--. */
gboolean       vtl_parser_enter         (VtlParser       *self);
/* A copy in the arena, which ends with NUL. */
char          *vtl_parser_copy_text     (VtlParser       *self,
                                         const char      *text,
                                         gsize            length);
VtlNode       *vtl_parser_new_node      (VtlParser       *self,
                                         VtlNodeKind      kind);

void           vtl_parser_skip_blanks   (VtlParser       *self);
/* A directive takes the rest of its line with it where that is blank. */
void           vtl_parser_skip_line_end (VtlParser       *self);
/* The character that far ahead, NUL behind the end. */
char           vtl_parser_peek          (VtlParser       *self,
                                         gsize            ahead);
/* Whether the text goes on with @token, which is behind us then. */
gboolean       vtl_parser_take          (VtlParser       *self,
                                         const char      *token);
/* The same for a word of letters, as "and": not the beginning of a longer one. */
gboolean       vtl_parser_take_word     (VtlParser       *self,
                                         const char      *word);
/* A name, NULL where there is none. */
const char    *vtl_parser_take_name     (VtlParser       *self);

/* The nodes up to the end of the block; only the whole template and texts in quotes are @top: they end with the text. */
VtlNode       *vtl_parse_block          (VtlParser       *self,
                                         gboolean         top,
                                         VtlBlockEnd     *end);
/* The directive's name at "#", or NULL where this is text. The place is after the name then. */
const char    *vtl_parse_directive_name (VtlParser       *self);
/* The directive of this name, after it; NULL after failing. */
VtlNode       *vtl_parse_directive      (VtlParser       *self,
                                         const char      *name);
/* NULL after failing. */
VtlExpression *vtl_parse_expression     (VtlParser       *self);
/* Expressions up to @close, with commas (or blanks alone, as in macro calls) between them; @pairs: "key: value". FALSE after failing. */
gboolean       vtl_parse_items          (VtlParser       *self,
                                         char             close,
                                         gboolean         pairs,
                                         gboolean         blanks,
                                         VtlExpression ***items,
                                         guint           *n_items);
/* A reference at "$"; NULL without an error where the text is none ("$5"), which leaves the place as it was. */
VtlReference  *vtl_parse_reference      (VtlParser       *self);

G_END_DECLS
