/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-condition.h"

#include "practice-dynamodb-parser.h"

#define IN_MAX 100

static PracticeDynamodbNode *parse_or (PracticeDynamodbParser *parser);
static PracticeDynamodbNode *parse_operand (PracticeDynamodbParser *parser);

static gboolean
is_ordered_type (PracticeDynamodbType type)
{
  return type == PRACTICE_DYNAMODB_TYPE_S || type == PRACTICE_DYNAMODB_TYPE_N || type == PRACTICE_DYNAMODB_TYPE_B;
}

/* The value that is written at operand @n, or NULL where only the item can tell. */
static const PracticeDynamodbValue *
get_literal (const PracticeDynamodbNode *node,
             guint                       n)
{
  return practice_dynamodb_node_get_child (node, n)->value;
}

static void
refuse_function (PracticeDynamodbParser     *parser,
                 const PracticeDynamodbNode *node)
{
  practice_dynamodb_parser_note (parser, "The function is not allowed to be used this way in an expression; function: %s",
                                 practice_dynamodb_node_get_name (node));
}

static void
check_ordered (PracticeDynamodbParser     *parser,
               const PracticeDynamodbNode *node)
{
  for (guint i = 0; i < node->children->len; i++) {
    const PracticeDynamodbValue *value = get_literal (node, i);

    if (value != NULL && !is_ordered_type (value->type))
      practice_dynamodb_parser_note (parser, "Incorrect operand type for operator or function; operator: %s, operand type: %s",
                                     practice_dynamodb_node_get_name (node), practice_dynamodb_type_get_name (value->type));
  }
}

/* "a = a" cannot be meant. */
static void
check_distinct (PracticeDynamodbParser     *parser,
                const PracticeDynamodbNode *node,
                const char                 *word)
{
  const PracticeDynamodbPath *first = practice_dynamodb_node_get_child (node, 0)->path;

  if (first == NULL)
    return;
  for (guint i = 1; i < node->children->len; i++) {
    const PracticeDynamodbPath *path = practice_dynamodb_node_get_child (node, i)->path;
    g_autofree char *text = NULL;

    if (path == NULL || practice_dynamodb_path_compare (first, path) != 0)
      continue;
    text = practice_dynamodb_path_describe (first);
    practice_dynamodb_parser_note (parser,
                                   "The first operand must be distinct from the remaining operands for this operator or function; %s: %s, first operand: %s",
                                   word, practice_dynamodb_node_get_name (node), text);
  }
}

static void
check_between (PracticeDynamodbParser     *parser,
               const PracticeDynamodbNode *node)
{
  const PracticeDynamodbValue *low = get_literal (node, 1);
  const PracticeDynamodbValue *high = get_literal (node, 2);
  g_autofree char *lower = NULL;
  g_autofree char *upper = NULL;

  check_ordered (parser, node);
  if (low == NULL || high == NULL || !is_ordered_type (low->type) || !is_ordered_type (high->type))
    return;

  lower = practice_dynamodb_value_describe (low);
  upper = practice_dynamodb_value_describe (high);
  if (low->type != high->type)
    practice_dynamodb_parser_note (parser,
                                   "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: %s, upper bound operand: AttributeValue: %s",
                                   lower, upper);
  else if (practice_dynamodb_value_compare (low, high) > 0)
    practice_dynamodb_parser_note (parser,
                                   "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: %s, upper bound operand: AttributeValue: %s",
                                   lower, upper);
}

static void
check_function (PracticeDynamodbParser     *parser,
                const PracticeDynamodbNode *node)
{
  const char *name = practice_dynamodb_node_get_name (node);
  gboolean wants_path = node->kind == PRACTICE_DYNAMODB_NODE_ATTRIBUTE_EXISTS ||
                        node->kind == PRACTICE_DYNAMODB_NODE_ATTRIBUTE_NOT_EXISTS ||
                        node->kind == PRACTICE_DYNAMODB_NODE_ATTRIBUTE_TYPE;
  guint wanted = node->kind == PRACTICE_DYNAMODB_NODE_SIZE || node->kind == PRACTICE_DYNAMODB_NODE_ATTRIBUTE_EXISTS ||
                 node->kind == PRACTICE_DYNAMODB_NODE_ATTRIBUTE_NOT_EXISTS ? 1 : 2;
  const PracticeDynamodbValue *literal;
  PracticeDynamodbType type;

  if (node->kind == PRACTICE_DYNAMODB_NODE_IF_NOT_EXISTS || node->kind == PRACTICE_DYNAMODB_NODE_LIST_APPEND) {
    practice_dynamodb_parser_note (parser, "The function is not allowed in a condition expression; function: %s", name);
    return;
  }
  if (node->children->len != wanted) {
    practice_dynamodb_parser_note (parser, "Incorrect number of operands for operator or function; operator or function: %s, number of operands: %u",
                                   name, node->children->len);
    return;
  }
  if (wants_path && practice_dynamodb_node_get_child (node, 0)->path == NULL) {
    practice_dynamodb_parser_note (parser, "Operator or function requires a document path; operator or function: %s", name);
    return;
  }
  check_distinct (parser, node, "operator or function");

  literal = get_literal (node, wanted - 1);
  if (literal == NULL)
    return;
  if ((node->kind == PRACTICE_DYNAMODB_NODE_ATTRIBUTE_TYPE && literal->type != PRACTICE_DYNAMODB_TYPE_S) ||
      (node->kind == PRACTICE_DYNAMODB_NODE_BEGINS_WITH && literal->type != PRACTICE_DYNAMODB_TYPE_S && literal->type != PRACTICE_DYNAMODB_TYPE_B) ||
      (node->kind == PRACTICE_DYNAMODB_NODE_SIZE &&
       (literal->type == PRACTICE_DYNAMODB_TYPE_N || literal->type == PRACTICE_DYNAMODB_TYPE_BOOL || literal->type == PRACTICE_DYNAMODB_TYPE_NULL)))
    practice_dynamodb_parser_note (parser, "Incorrect operand type for operator or function; operator or function: %s, operand type: %s",
                                   name, practice_dynamodb_type_get_name (literal->type));
  else if (node->kind == PRACTICE_DYNAMODB_NODE_ATTRIBUTE_TYPE && !practice_dynamodb_type_from_name (literal->bytes.data, &type))
    practice_dynamodb_parser_note (parser, "Invalid attribute type name found; type: %s, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}", literal->bytes.data);
}

/* FALSE with a syntax error where @node is an operand, unless it is known to be wrong already. */
static gboolean
require_condition (PracticeDynamodbParser     *parser,
                   const PracticeDynamodbNode *node)
{
  if (practice_dynamodb_node_is_condition (node) || parser->meaning != NULL)
    return TRUE;
  practice_dynamodb_parser_fail (parser);
  return FALSE;
}

/* "( … )" around a condition or an operand. */
static PracticeDynamodbNode *
parse_parenthesis (PracticeDynamodbParser *parser)
{
  g_autoptr (PracticeDynamodbNode) node = NULL;

  if (!practice_dynamodb_parser_expect_symbol (parser, "(") || !practice_dynamodb_parser_enter (parser))
    return NULL;
  node = parse_or (parser);
  if (node == NULL || !practice_dynamodb_parser_expect_symbol (parser, ")"))
    return NULL;
  practice_dynamodb_parser_leave (parser);

  if (parser->wrapped == node)
    practice_dynamodb_parser_note (parser, "The expression has redundant parentheses;");
  parser->wrapped = node;
  return g_steal_pointer (&node);
}

static PracticeDynamodbNode *
parse_term (PracticeDynamodbParser *parser)
{
  PracticeDynamodbPath *path;

  if (practice_dynamodb_parser_is_symbol (parser, "("))
    return parse_parenthesis (parser);
  if (practice_dynamodb_parser_is_kind (parser, PRACTICE_DYNAMODB_TOKEN_VALUE_PLACEHOLDER))
    return practice_dynamodb_parser_read_value (parser);
  if (practice_dynamodb_parser_is_function (parser))
    return practice_dynamodb_parser_read_function (parser, PRACTICE_DYNAMODB_NODE_CONTAINS, parse_operand, check_function);
  path = practice_dynamodb_parser_read_path (parser);
  return path == NULL ? NULL : practice_dynamodb_node_new_path (path);
}

static PracticeDynamodbNode *
parse_operand (PracticeDynamodbParser *parser)
{
  gboolean function = practice_dynamodb_parser_is_function (parser);
  g_autoptr (PracticeDynamodbNode) node = parse_term (parser);

  if (node == NULL)
    return NULL;
  if (practice_dynamodb_node_is_condition (node)) {
    if (!function)
      return practice_dynamodb_parser_fail (parser);
    refuse_function (parser, node);
  }
  return g_steal_pointer (&node);
}

static gboolean
find_comparison (PracticeDynamodbParser   *parser,
                 PracticeDynamodbNodeKind *kind)
{
  static const struct {
    const char               *symbol;
    PracticeDynamodbNodeKind  kind;
  } comparisons[] = {
    { "=", PRACTICE_DYNAMODB_NODE_EQUAL },
    { "<>", PRACTICE_DYNAMODB_NODE_NOT_EQUAL },
    { "<", PRACTICE_DYNAMODB_NODE_LESS },
    { "<=", PRACTICE_DYNAMODB_NODE_LESS_OR_EQUAL },
    { ">", PRACTICE_DYNAMODB_NODE_GREATER },
    { ">=", PRACTICE_DYNAMODB_NODE_GREATER_OR_EQUAL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (comparisons); i++)
    if (practice_dynamodb_parser_accept_symbol (parser, comparisons[i].symbol)) {
      *kind = comparisons[i].kind;
      return TRUE;
    }
  return FALSE;
}

/* Takes the operand into @node, or fails. */
static gboolean
add_operand (PracticeDynamodbParser *parser,
             PracticeDynamodbNode   *node)
{
  PracticeDynamodbNode *operand = parse_operand (parser);

  if (operand == NULL)
    return FALSE;
  practice_dynamodb_node_add (node, operand);
  return TRUE;
}

static PracticeDynamodbNode *
parse_in (PracticeDynamodbParser *parser,
          PracticeDynamodbNode   *first)
{
  g_autoptr (PracticeDynamodbNode) node = practice_dynamodb_node_new (PRACTICE_DYNAMODB_NODE_IN);

  practice_dynamodb_node_add (node, first);
  if (!practice_dynamodb_parser_expect_symbol (parser, "("))
    return NULL;
  do
    if (!add_operand (parser, node))
      return NULL;
  while (practice_dynamodb_parser_accept_symbol (parser, ","));
  if (!practice_dynamodb_parser_expect_symbol (parser, ")"))
    return NULL;

  if (node->children->len - 1 > IN_MAX)
    practice_dynamodb_parser_note (parser, "Incorrect number of operands for operator or function; operator or function: IN, number of operands: %u",
                                   node->children->len);
  check_distinct (parser, node, "operator");
  return g_steal_pointer (&node);
}

/* A comparison, BETWEEN, IN, a function, or parentheses. */
static PracticeDynamodbNode *
parse_primary (PracticeDynamodbParser *parser)
{
  gboolean function = practice_dynamodb_parser_is_function (parser);
  g_autoptr (PracticeDynamodbNode) first = parse_term (parser);
  g_autoptr (PracticeDynamodbNode) node = NULL;
  PracticeDynamodbNodeKind kind;
  gboolean comparison, between, in;

  if (first == NULL)
    return NULL;

  comparison = find_comparison (parser, &kind);
  between = !comparison && practice_dynamodb_parser_accept_word (parser, "BETWEEN");
  in = !comparison && !between && practice_dynamodb_parser_accept_word (parser, "IN");

  if (!comparison && !between && !in) {
    if (function && !practice_dynamodb_node_is_condition (first) && !practice_dynamodb_parser_is_symbol (parser, ")"))
      refuse_function (parser, first);
    /* An operand in parentheses may go on behind them. */
    else if (!practice_dynamodb_node_is_condition (first) && !(parser->depth > 0 && practice_dynamodb_parser_is_symbol (parser, ")")))
      return practice_dynamodb_parser_fail (parser);
    return g_steal_pointer (&first);
  }

  if (practice_dynamodb_node_is_condition (first)) {
    if (!function) {
      parser->position--;
      return practice_dynamodb_parser_fail (parser);
    }
    refuse_function (parser, first);
  }
  practice_dynamodb_parser_count (parser);

  if (in)
    return parse_in (parser, g_steal_pointer (&first));

  node = practice_dynamodb_node_new (between ? PRACTICE_DYNAMODB_NODE_BETWEEN : kind);
  practice_dynamodb_node_add (node, g_steal_pointer (&first));
  if (!add_operand (parser, node))
    return NULL;
  if (between) {
    if (!practice_dynamodb_parser_accept_word (parser, "AND"))
      return practice_dynamodb_parser_fail (parser);
    if (!add_operand (parser, node))
      return NULL;
    check_between (parser, node);
  } else if (kind != PRACTICE_DYNAMODB_NODE_EQUAL && kind != PRACTICE_DYNAMODB_NODE_NOT_EQUAL) {
    check_ordered (parser, node);
  }
  check_distinct (parser, node, "operator");
  return g_steal_pointer (&node);
}

static PracticeDynamodbNode *
parse_not (PracticeDynamodbParser *parser)
{
  g_autoptr (PracticeDynamodbNode) node = NULL;
  PracticeDynamodbNode *child;

  if (!practice_dynamodb_parser_accept_word (parser, "NOT"))
    return parse_primary (parser);

  practice_dynamodb_parser_count (parser);
  if (!practice_dynamodb_parser_enter (parser))
    return NULL;
  child = parse_not (parser);
  if (child == NULL)
    return NULL;
  practice_dynamodb_parser_leave (parser);

  node = practice_dynamodb_node_new (PRACTICE_DYNAMODB_NODE_NOT);
  practice_dynamodb_node_add (node, child);
  if (!require_condition (parser, child))
    return NULL;
  return g_steal_pointer (&node);
}

/* "a AND b AND c", or the same with OR; @parse reads what stands between. */
static PracticeDynamodbNode *
parse_chain (PracticeDynamodbParser    *parser,
             const char                *word,
             PracticeDynamodbNodeKind   kind,
             PracticeDynamodbNode    *(*parse) (PracticeDynamodbParser *parser))
{
  g_autoptr (PracticeDynamodbNode) left = parse (parser);

  while (left != NULL && practice_dynamodb_parser_is_word (parser, word)) {
    g_autoptr (PracticeDynamodbNode) node = NULL;
    PracticeDynamodbNode *right;

    if (!require_condition (parser, left))
      return NULL;
    practice_dynamodb_parser_accept_word (parser, word);
    practice_dynamodb_parser_count (parser);
    right = parse (parser);
    if (right == NULL)
      return NULL;
    node = practice_dynamodb_node_new (kind);
    practice_dynamodb_node_add (node, g_steal_pointer (&left));
    practice_dynamodb_node_add (node, right);
    if (!require_condition (parser, right))
      return NULL;
    left = g_steal_pointer (&node);
  }
  return g_steal_pointer (&left);
}

static PracticeDynamodbNode *
parse_and (PracticeDynamodbParser *parser)
{
  return parse_chain (parser, "AND", PRACTICE_DYNAMODB_NODE_AND, parse_not);
}

static PracticeDynamodbNode *
parse_or (PracticeDynamodbParser *parser)
{
  return parse_chain (parser, "OR", PRACTICE_DYNAMODB_NODE_OR, parse_and);
}

PracticeDynamodbNode *
practice_dynamodb_condition_parse (const char                    *kind,
                                   const char                    *text,
                                   PracticeDynamodbPlaceholders  *placeholders,
                                   GError                       **error)
{
  g_auto (PracticeDynamodbParser) parser = { 0 };
  g_autoptr (PracticeDynamodbNode) node = NULL;

  if (!practice_dynamodb_parser_init (&parser, kind, text, placeholders, error))
    return NULL;
  node = parse_or (&parser);
  if (!practice_dynamodb_parser_finish (&parser, error))
    return NULL;
  return g_steal_pointer (&node);
}
