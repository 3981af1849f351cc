/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-vtl-value.h"

G_BEGIN_DECLS

/* What the parser makes of a template and the evaluator walks. Everything lies in the template's arena. */

typedef struct _VtlExpression VtlExpression;
typedef struct _VtlStep VtlStep;
typedef struct _VtlReference VtlReference;
typedef struct _VtlNode VtlNode;
typedef struct _VtlBranch VtlBranch;
typedef struct _VtlMacro VtlMacro;

typedef enum {
  VTL_STEP_PROPERTY,  /* .name */
  VTL_STEP_METHOD,    /* .name(…) */
  VTL_STEP_INDEX,     /* […] */
} VtlStepKind;

struct _VtlStep {
  VtlStepKind     kind;
  const char     *name;
  VtlExpression **args;
  guint           n_args;
  VtlStep        *next;
};

struct _VtlReference {
  const char *name;
  VtlStep    *steps;
};

typedef enum {
  VTL_LITERAL,
  VTL_TEMPLATE,   /* a text in double quotes that holds references */
  VTL_REFERENCE,
  VTL_LIST,
  VTL_MAP,        /* items: key, value, key, value … */
  VTL_RANGE,      /* items: from, to */
  VTL_NOT,
  VTL_NEGATE,
  VTL_AND,
  VTL_OR,
  VTL_EQ,
  VTL_NE,
  VTL_LT,
  VTL_LE,
  VTL_GT,
  VTL_GE,
  VTL_ADD,
  VTL_SUB,
  VTL_MUL,
  VTL_DIV,
  VTL_MOD,
} VtlExpressionKind;

struct _VtlExpression {
  VtlExpressionKind kind;
  PracticeVtlValue *literal;
  VtlNode          *block;
  VtlReference     *reference;
  VtlExpression   **items;  /* operands, members */
  guint             n_items;
};

typedef enum {
  VTL_NODE_TEXT,
  VTL_NODE_REFERENCE,
  VTL_NODE_SET,
  VTL_NODE_IF,
  VTL_NODE_FOREACH,
  VTL_NODE_BREAK,
  VTL_NODE_STOP,
  VTL_NODE_DEFINE,
  VTL_NODE_CALL,
} VtlNodeKind;

/* One arm of an #if; without condition it is the #else. */
struct _VtlBranch {
  VtlExpression *condition;
  VtlNode       *block;
  VtlBranch     *next;
};

struct _VtlMacro {
  const char  *name;
  const char **parameters;
  guint        n_parameters;
  VtlNode     *block;
};

struct _VtlNode {
  VtlNodeKind     kind;
  const char     *text;
  gsize           length;
  VtlReference   *reference;   /* what #set writes, #foreach's variable, #define's name */
  VtlExpression  *expression;
  VtlBranch      *branches;    /* #if; #foreach: the body, then its #else */
  VtlMacro       *macro;
  VtlExpression **args;
  guint           n_args;
  VtlNode        *next;
};

/**
 * vtl_parse:
 * @error: (out) (transfer full) (nullable): a sentence with line and column
 *
 * Returns: (transfer none): the first node, or NULL for an empty template and on error
 */
VtlNode *vtl_parse (PracticeVtlArena  *arena,
                    const char        *text,
                    gsize              length,
                    char             **error);

G_END_DECLS
