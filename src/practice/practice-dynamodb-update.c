/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-update.h"

#include "practice-dynamodb-error.h"
#include "practice-dynamodb-parser.h"

static const char *const sections[] = { "SET", "REMOVE", "ADD", "DELETE" };

static PracticeDynamodbNode *parse_operand (PracticeDynamodbParser *parser);

static void
action_free (gpointer data)
{
  PracticeDynamodbAction *action = data;

  g_clear_pointer (&action->operand, practice_dynamodb_node_free);
  g_free (action);
}

static const char *
get_long_type_name (PracticeDynamodbType type)
{
  static const char *const names[PRACTICE_DYNAMODB_N_TYPES] = {
    "STRING", "NUMBER", "BINARY", "BOOLEAN", "NULL", "STRING_SET", "NUMBER_SET", "BINARY_SET", "LIST", "MAP",
  };

  return names[type];
}

/* Every operand that is written as a value has to be of @type. */
static void
check_literals (PracticeDynamodbParser     *parser,
                const PracticeDynamodbNode *node,
                PracticeDynamodbType        type)
{
  for (guint i = 0; i < node->children->len; i++) {
    const PracticeDynamodbValue *value = practice_dynamodb_node_get_child (node, i)->value;

    if (value != NULL && value->type != type)
      practice_dynamodb_parser_note (parser, "Incorrect operand type for operator or function; operator or function: %s, operand type: %s",
                                     practice_dynamodb_node_get_name (node), practice_dynamodb_type_get_name (value->type));
  }
}

static void
check_function (PracticeDynamodbParser     *parser,
                const PracticeDynamodbNode *node)
{
  const char *name = practice_dynamodb_node_get_name (node);

  if (node->kind != PRACTICE_DYNAMODB_NODE_IF_NOT_EXISTS && node->kind != PRACTICE_DYNAMODB_NODE_LIST_APPEND)
    practice_dynamodb_parser_note (parser, "The function is not allowed in an update expression; function: %s", name);
  else if (node->children->len != 2)
    practice_dynamodb_parser_note (parser, "Incorrect number of operands for operator or function; operator or function: %s, number of operands: %u",
                                   name, node->children->len);
  else if (node->kind == PRACTICE_DYNAMODB_NODE_LIST_APPEND)
    check_literals (parser, node, PRACTICE_DYNAMODB_TYPE_L);
  else if (practice_dynamodb_node_get_child (node, 0)->path == NULL)
    practice_dynamodb_parser_note (parser, "Operator or function requires a document path; operator or function: %s", name);
}

/* "operand" or "operand + operand". */
static PracticeDynamodbNode *
parse_sum (PracticeDynamodbParser *parser)
{
  g_autoptr (PracticeDynamodbNode) left = parse_operand (parser);
  g_autoptr (PracticeDynamodbNode) node = NULL;
  PracticeDynamodbNode *right;
  gboolean minus;

  if (left == NULL)
    return NULL;
  minus = practice_dynamodb_parser_accept_symbol (parser, "-");
  if (!minus && !practice_dynamodb_parser_accept_symbol (parser, "+"))
    return g_steal_pointer (&left);

  practice_dynamodb_parser_count (parser);
  right = parse_operand (parser);
  if (right == NULL)
    return NULL;
  node = practice_dynamodb_node_new (minus ? PRACTICE_DYNAMODB_NODE_MINUS : PRACTICE_DYNAMODB_NODE_PLUS);
  practice_dynamodb_node_add (node, g_steal_pointer (&left));
  practice_dynamodb_node_add (node, right);
  check_literals (parser, node, PRACTICE_DYNAMODB_TYPE_N);
  return g_steal_pointer (&node);
}

static PracticeDynamodbNode *
parse_operand (PracticeDynamodbParser *parser)
{
  g_autoptr (PracticeDynamodbNode) node = NULL;
  PracticeDynamodbPath *path;

  if (practice_dynamodb_parser_accept_symbol (parser, "(")) {
    if (!practice_dynamodb_parser_enter (parser))
      return NULL;
    node = parse_sum (parser);
    if (node == NULL || !practice_dynamodb_parser_expect_symbol (parser, ")"))
      return NULL;
    practice_dynamodb_parser_leave (parser);
    if (parser->wrapped == node)
      practice_dynamodb_parser_note (parser, "The expression has redundant parentheses;");
    parser->wrapped = node;
    return g_steal_pointer (&node);
  }
  if (practice_dynamodb_parser_is_kind (parser, PRACTICE_DYNAMODB_TOKEN_VALUE_PLACEHOLDER))
    return practice_dynamodb_parser_read_value (parser);
  if (practice_dynamodb_parser_is_function (parser))
    return practice_dynamodb_parser_read_function (parser, PRACTICE_DYNAMODB_NODE_LIST_APPEND, parse_operand, check_function);
  path = practice_dynamodb_parser_read_path (parser);
  return path == NULL ? NULL : practice_dynamodb_node_new_path (path);
}

/* The value of ADD and DELETE. */
static PracticeDynamodbNode *
parse_added (PracticeDynamodbParser     *parser,
             PracticeDynamodbActionKind  kind)
{
  PracticeDynamodbNode *node = practice_dynamodb_parser_read_value (parser);

  if (node == NULL)
    return NULL;
  if (!practice_dynamodb_value_is_set (node->value) &&
      !(kind == PRACTICE_DYNAMODB_ACTION_ADD && node->value->type == PRACTICE_DYNAMODB_TYPE_N))
    practice_dynamodb_parser_note (parser, "Incorrect operand type for operator or function; operator: %s, operand type: %s, typeSet: ALLOWED_FOR_%s_OPERAND",
                                   sections[kind], get_long_type_name (node->value->type), sections[kind]);
  return node;
}

static gboolean
parse_action (PracticeDynamodbParser     *parser,
              PracticeDynamodbUpdate     *self,
              PracticeDynamodbActionKind  kind)
{
  PracticeDynamodbPath *path = practice_dynamodb_parser_read_path (parser);
  PracticeDynamodbAction *action;

  if (path == NULL)
    return FALSE;
  action = g_new0 (PracticeDynamodbAction, 1);
  action->kind = kind;
  action->path = path;
  g_ptr_array_add (self->paths, path);
  g_ptr_array_add (self->actions, action);
  practice_dynamodb_parser_count (parser);

  switch (kind) {
  case PRACTICE_DYNAMODB_ACTION_REMOVE:
    return TRUE;
  case PRACTICE_DYNAMODB_ACTION_SET:
    if (!practice_dynamodb_parser_expect_symbol (parser, "="))
      return FALSE;
    action->operand = parse_sum (parser);
    return action->operand != NULL;
  case PRACTICE_DYNAMODB_ACTION_ADD:
  case PRACTICE_DYNAMODB_ACTION_DELETE:
  default:
    action->operand = parse_added (parser, kind);
    return action->operand != NULL;
  }
}

static void
parse_sections (PracticeDynamodbParser *parser,
                PracticeDynamodbUpdate *self)
{
  gboolean seen[G_N_ELEMENTS (sections)] = { FALSE };

  do {
    guint kind;

    for (kind = 0; kind < G_N_ELEMENTS (sections); kind++)
      if (practice_dynamodb_parser_accept_word (parser, sections[kind]))
        break;
    if (kind == G_N_ELEMENTS (sections)) {
      practice_dynamodb_parser_fail (parser);
      return;
    }
    if (seen[kind])
      practice_dynamodb_parser_note (parser, "The \"%s\" section can only be used once in an update expression;", sections[kind]);
    seen[kind] = TRUE;

    do
      if (!parse_action (parser, self, kind))
        return;
    while (practice_dynamodb_parser_accept_symbol (parser, ","));
  } while (!practice_dynamodb_parser_is_kind (parser, PRACTICE_DYNAMODB_TOKEN_END));
}

static gboolean
refuse_path (GError **error)
{
  return practice_dynamodb_invalid (error, "The document path provided in the update expression is invalid for update");
}

static gboolean
refuse_type (GError **error)
{
  return practice_dynamodb_invalid (error, "An operand in the update expression has an incorrect data type");
}

/* The map or list that the path's last step goes into; NULL where it is not there or of another type. */
static PracticeDynamodbValue *
find_parent (const PracticeDynamodbPath *path,
             PracticeDynamodbValue      *item)
{
  PracticeDynamodbValue *value = item;

  for (guint i = 0; i < path->steps->len; i++) {
    const PracticeDynamodbStep *step = practice_dynamodb_path_get_step (path, i);

    if (value->type != (step->name != NULL ? PRACTICE_DYNAMODB_TYPE_M : PRACTICE_DYNAMODB_TYPE_L))
      return NULL;
    if (i + 1 == path->steps->len)
      return value;
    if (step->name != NULL)
      value = practice_dynamodb_value_get (value, step->name);
    else
      value = step->index < value->elements->len ? g_ptr_array_index (value->elements, step->index) : NULL;
    if (value == NULL)
      return NULL;
  }
  return NULL;
}

/* @value: (transfer full) */
static gboolean
put_at (const PracticeDynamodbPath  *path,
        PracticeDynamodbValue       *item,
        PracticeDynamodbValue       *value,
        GError                     **error)
{
  const PracticeDynamodbStep *last = practice_dynamodb_path_get_step (path, path->steps->len - 1);
  PracticeDynamodbValue *parent = find_parent (path, item);

  if (parent == NULL) {
    practice_dynamodb_value_unref (value);
    return refuse_path (error);
  }
  if (last->name != NULL) {
    practice_dynamodb_value_set (parent, last->name, value);
  } else if (last->index < parent->elements->len) {
    practice_dynamodb_value_unref (g_ptr_array_index (parent->elements, last->index));
    g_ptr_array_index (parent->elements, last->index) = value;
  } else {
    g_ptr_array_add (parent->elements, value);
  }
  return TRUE;
}

static gboolean
remove_at (const PracticeDynamodbPath  *path,
           PracticeDynamodbValue       *item,
           GError                     **error)
{
  const PracticeDynamodbStep *last = practice_dynamodb_path_get_step (path, path->steps->len - 1);
  PracticeDynamodbValue *parent = find_parent (path, item);

  if (parent == NULL)
    return refuse_path (error);
  if (last->name != NULL)
    practice_dynamodb_value_remove (parent, last->name);
  else if (last->index < parent->elements->len)
    g_ptr_array_remove_index (parent->elements, last->index);
  return TRUE;
}

static gboolean
add_at (const PracticeDynamodbAction  *action,
        const PracticeDynamodbValue   *old_item,
        PracticeDynamodbValue         *new_item,
        GError                       **error)
{
  PracticeDynamodbValue *added = action->operand->value;
  PracticeDynamodbValue *old = practice_dynamodb_path_resolve (action->path, old_item);
  PracticeDynamodbValue *result;
  PracticeDynamodbNumber sum;

  if (old == NULL)
    return put_at (action->path, new_item, practice_dynamodb_value_copy (added), error);
  if (old->type != added->type)
    return refuse_type (error);

  if (added->type == PRACTICE_DYNAMODB_TYPE_N) {
    if (!practice_dynamodb_number_add (&sum, &old->number, &added->number, FALSE, error))
      return FALSE;
    return put_at (action->path, new_item, practice_dynamodb_value_new_number (&sum), error);
  }
  result = practice_dynamodb_value_copy (old);
  for (guint i = 0; i < added->elements->len; i++)
    practice_dynamodb_value_add_element (result, practice_dynamodb_value_ref (g_ptr_array_index (added->elements, i)));
  return put_at (action->path, new_item, result, error);
}

static gboolean
delete_at (const PracticeDynamodbAction  *action,
           const PracticeDynamodbValue   *old_item,
           PracticeDynamodbValue         *new_item,
           GError                       **error)
{
  PracticeDynamodbValue *removed = action->operand->value;
  PracticeDynamodbValue *old = practice_dynamodb_path_resolve (action->path, old_item);
  g_autoptr (PracticeDynamodbValue) result = NULL;

  if (old == NULL)
    return find_parent (action->path, new_item) != NULL || refuse_path (error);
  if (old->type != removed->type)
    return refuse_type (error);

  result = practice_dynamodb_value_new_list (old->type);
  for (guint i = 0; i < old->elements->len; i++) {
    PracticeDynamodbValue *element = g_ptr_array_index (old->elements, i);

    if (!practice_dynamodb_value_has_element (removed, element))
      g_ptr_array_add (result->elements, practice_dynamodb_value_ref (element));
  }
  /* There are no empty sets. */
  if (result->elements->len == 0)
    return remove_at (action->path, new_item, error);
  return put_at (action->path, new_item, g_steal_pointer (&result), error);
}

static int
compare_actions (gconstpointer a,
                 gconstpointer b)
{
  const PracticeDynamodbAction *one = *(PracticeDynamodbAction *const *) a;
  const PracticeDynamodbAction *other = *(PracticeDynamodbAction *const *) b;

  return practice_dynamodb_path_compare (one->path, other->path);
}

PracticeDynamodbUpdate *
practice_dynamodb_update_parse (const char                    *text,
                                PracticeDynamodbPlaceholders  *placeholders,
                                GError                       **error)
{
  g_auto (PracticeDynamodbParser) parser = { 0 };
  g_autoptr (PracticeDynamodbUpdate) self = g_new (PracticeDynamodbUpdate, 1);

  self->actions = g_ptr_array_new_with_free_func (action_free);
  self->paths = g_ptr_array_new_with_free_func ((GDestroyNotify) practice_dynamodb_path_free);

  if (!practice_dynamodb_parser_init (&parser, "UpdateExpression", text, placeholders, error))
    return NULL;
  parse_sections (&parser, self);
  if (!practice_dynamodb_parser_finish (&parser, error) ||
      !practice_dynamodb_path_check_all (self->paths, "UpdateExpression", error))
    return NULL;

  /* List elements are set and appended from the first to the last, and removed from the last to the first. */
  g_ptr_array_sort (self->actions, compare_actions);
  return g_steal_pointer (&self);
}

void
practice_dynamodb_update_free (PracticeDynamodbUpdate *self)
{
  g_ptr_array_unref (self->actions);
  g_ptr_array_unref (self->paths);
  g_free (self);
}

gboolean
practice_dynamodb_update_touches (const PracticeDynamodbUpdate *self,
                                  const char                   *name)
{
  for (guint i = 0; i < self->paths->len; i++)
    if (g_str_equal (practice_dynamodb_path_get_top (g_ptr_array_index (self->paths, i)), name))
      return TRUE;
  return FALSE;
}

gboolean
practice_dynamodb_update_creates (const PracticeDynamodbUpdate *self)
{
  for (guint i = 0; i < self->actions->len; i++) {
    const PracticeDynamodbAction *action = g_ptr_array_index (self->actions, i);

    if (action->kind == PRACTICE_DYNAMODB_ACTION_SET || action->kind == PRACTICE_DYNAMODB_ACTION_ADD)
      return TRUE;
  }
  return FALSE;
}

gboolean
practice_dynamodb_update_apply (const PracticeDynamodbUpdate  *self,
                                const PracticeDynamodbValue   *old_item,
                                PracticeDynamodbValue         *new_item,
                                GError                       **error)
{
  for (guint i = 0; i < self->actions->len; i++) {
    const PracticeDynamodbAction *action = g_ptr_array_index (self->actions, i);
    g_autoptr (PracticeDynamodbValue) value = NULL;
    g_autoptr (GError) inner = NULL;

    switch (action->kind) {
    case PRACTICE_DYNAMODB_ACTION_SET:
      value = practice_dynamodb_node_evaluate (action->operand, old_item, &inner);
      if (inner != NULL) {
        g_propagate_error (error, g_steal_pointer (&inner));
        return FALSE;
      }
      if (value == NULL)
        return practice_dynamodb_invalid (error, "The provided expression refers to an attribute that does not exist in the item");
      if (!put_at (action->path, new_item, practice_dynamodb_value_copy (value), error))
        return FALSE;
      break;
    case PRACTICE_DYNAMODB_ACTION_ADD:
      if (!add_at (action, old_item, new_item, error))
        return FALSE;
      break;
    case PRACTICE_DYNAMODB_ACTION_DELETE:
      if (!delete_at (action, old_item, new_item, error))
        return FALSE;
      break;
    case PRACTICE_DYNAMODB_ACTION_REMOVE:
    default:
      break;
    }
  }

  for (guint i = self->actions->len; i > 0; i--) {
    const PracticeDynamodbAction *action = g_ptr_array_index (self->actions, i - 1);

    if (action->kind == PRACTICE_DYNAMODB_ACTION_REMOVE && !remove_at (action->path, new_item, error))
      return FALSE;
  }

  if (practice_dynamodb_value_get_depth (new_item) > PRACTICE_DYNAMODB_DEPTH_MAX + 1)
    return practice_dynamodb_invalid (error, "Nesting Levels have exceeded supported limits");
  return TRUE;
}
