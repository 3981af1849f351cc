/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-vtl.h"

#include <math.h>
#include <string.h>

#include "practice-vtl-ast.h"
#include "practice-vtl-methods.h"

#define MAX_STEPS 500000
#define MAX_CALLS 20
#define MAX_RANGE 10000

struct _PracticeVtl {
  PracticeVtlArena *arena;
  VtlNode          *root;
};

/* Why rendering goes on or ends. */
typedef enum { GO_ON, BREAK_LOOP, STOP_ALL } Flow;

typedef struct {
  PracticeVtlArena *arena;
  PracticeVtlValue *variables;
  GHashTable       *defines;   /* name -> VtlNode: blocks of #define */
  guint             steps;
  guint             calls;     /* of macros and #define blocks, nested */
  GError           *error;
} Eval;

static PracticeVtlValue *evaluate (Eval          *self,
                                   VtlExpression *expression);
static Flow render_block (Eval    *self,
                          VtlNode *block,
                          GString *out);

GQuark
practice_vtl_error_quark (void)
{
  return g_quark_from_static_string ("practice-vtl-error");
}

/* Counts a step; FALSE once the template has done too much or something failed. */
static gboolean
step (Eval *self)
{
  if (self->error != NULL)
    return FALSE;
  if (practice_vtl_arena_get_failure (self->arena) != NULL)
    g_set_error_literal (&self->error, PRACTICE_VTL_ERROR, PRACTICE_VTL_ERROR_INPUT, practice_vtl_arena_get_failure (self->arena));
  else if (++self->steps > MAX_STEPS)
    g_set_error (&self->error, PRACTICE_VTL_ERROR, PRACTICE_VTL_ERROR_LIMIT, "The template does more than %d steps", MAX_STEPS);
  else if (practice_vtl_arena_is_exhausted (self->arena))
    g_set_error_literal (&self->error, PRACTICE_VTL_ERROR, PRACTICE_VTL_ERROR_LIMIT, "The template needs too much memory");
  return self->error == NULL;
}

static gboolean
check_output (Eval    *self,
              GString *out)
{
  if (self->error == NULL && out->len > PRACTICE_VTL_MAX_OUTPUT)
    g_set_error (&self->error, PRACTICE_VTL_ERROR, PRACTICE_VTL_ERROR_LIMIT, "The template makes more than %d bytes", PRACTICE_VTL_MAX_OUTPUT);
  return self->error == NULL;
}

static PracticeVtlValue *
get_property (Eval             *self,
              PracticeVtlValue *value,
              const char       *name)
{
  if (value == NULL)
    return NULL;
  if (value->type == PRACTICE_VTL_MAP)
    {
      if (practice_vtl_map_has (value, name))
        return practice_vtl_map_get (value, name);
      return g_str_equal (name, "empty") ? vtl_call_method (self->arena, value, "isEmpty", NULL, 0) : NULL;
    }
  if (value->type == PRACTICE_VTL_OBJECT)
    return value->object.klass->get != NULL ? value->object.klass->get (self->arena, value->object.data, name) : NULL;
  return g_str_equal (name, "empty") ? vtl_call_method (self->arena, value, "isEmpty", NULL, 0) : NULL;
}

static PracticeVtlValue *
get_index (Eval             *self,
           PracticeVtlValue *value,
           PracticeVtlValue *index)
{
  if (value == NULL || index == NULL)
    return NULL;
  if (value->type == PRACTICE_VTL_LIST && index->type == PRACTICE_VTL_INTEGER)
    {
      gint64 at = index->integer < 0 ? index->integer + value->list.n : index->integer;

      return at >= 0 && at < value->list.n ? value->list.items[at] : NULL;
    }
  if (value->type == PRACTICE_VTL_MAP || value->type == PRACTICE_VTL_OBJECT)
    return get_property (self, value, practice_vtl_text (self->arena, index));
  return NULL;
}

static PracticeVtlValue **
evaluate_all (Eval           *self,
              VtlExpression **items,
              guint           n)
{
  PracticeVtlValue **values = practice_vtl_arena_alloc (self->arena, sizeof (PracticeVtlValue *) * MAX (1, n));

  for (guint i = 0; i < n; i++)
    values[i] = evaluate (self, items[i]);
  return values;
}

/* A #define block is rendered when its variable is asked for. */
static PracticeVtlValue *
get_variable (Eval       *self,
              const char *name)
{
  VtlNode *block = self->defines != NULL ? g_hash_table_lookup (self->defines, name) : NULL;
  g_autoptr (GString) out = NULL;

  if (block == NULL)
    return practice_vtl_map_get (self->variables, name);
  if (self->calls >= MAX_CALLS)
    {
      if (self->error == NULL)
        g_set_error (&self->error, PRACTICE_VTL_ERROR, PRACTICE_VTL_ERROR_LIMIT, "Macros call each other more than %d deep", MAX_CALLS);
      return NULL;
    }
  out = g_string_new (NULL);
  self->calls++;
  render_block (self, block->branches->block, out);
  self->calls--;
  return practice_vtl_string (self->arena, out->str, out->len);
}

/* The value of a reference up to @last (exclusive); NULL for all of it. */
static PracticeVtlValue *
evaluate_reference (Eval         *self,
                    VtlReference *reference,
                    VtlStep      *last)
{
  PracticeVtlValue *value = get_variable (self, reference->name);

  for (VtlStep *s = reference->steps; s != last && value != NULL && step (self); s = s->next)
    {
      PracticeVtlValue **args;

      switch (s->kind)
        {
        case VTL_STEP_METHOD:
          args = evaluate_all (self, s->args, s->n_args);
          value = vtl_call_method (self->arena, value, s->name, args, s->n_args);
          break;
        case VTL_STEP_INDEX:
          value = get_index (self, value, evaluate (self, s->args[0]));
          break;
        case VTL_STEP_PROPERTY:
        default:
          value = get_property (self, value, s->name);
          break;
        }
    }
  return value;
}

static PracticeVtlValue *
calculate (Eval              *self,
           VtlExpressionKind  kind,
           PracticeVtlValue  *a,
           PracticeVtlValue  *b)
{
  double x, y;
  gint64 result;

  if (kind == VTL_ADD && a != NULL && b != NULL && (a->type == PRACTICE_VTL_STRING || b->type == PRACTICE_VTL_STRING))
    {
      const char *left = practice_vtl_text (self->arena, a);
      const char *right = practice_vtl_text (self->arena, b);
      g_autofree char *joined = NULL;

      if (!practice_vtl_arena_has_room (self->arena, strlen (left) + strlen (right)))
        return NULL;
      joined = g_strconcat (left, right, NULL);
      return practice_vtl_string (self->arena, joined, -1);
    }
  if (!practice_vtl_is_numeric (a) || !practice_vtl_is_numeric (b))
    return NULL;
  if (a->type == PRACTICE_VTL_INTEGER && b->type == PRACTICE_VTL_INTEGER)
    {
      gint64 m = a->integer;
      gint64 n = b->integer;

      if ((kind == VTL_ADD && !__builtin_add_overflow (m, n, &result)) || (kind == VTL_SUB && !__builtin_sub_overflow (m, n, &result)) ||
          (kind == VTL_MUL && !__builtin_mul_overflow (m, n, &result)))
        return practice_vtl_integer (self->arena, result);
      if (kind == VTL_DIV || kind == VTL_MOD)
        {
          /* Velocity: division by zero has no value. */
          if (n == 0)
            return NULL;
          if (n == -1 && m == G_MININT64)
            return kind == VTL_MOD ? practice_vtl_integer (self->arena, 0) : practice_vtl_number (self->arena, -(double) m);
          return practice_vtl_integer (self->arena, kind == VTL_DIV ? m / n : m % n);
        }
    }
  x = practice_vtl_as_double (a);
  y = practice_vtl_as_double (b);
  switch (kind)
    {
    case VTL_ADD: return practice_vtl_number (self->arena, x + y);
    case VTL_SUB: return practice_vtl_number (self->arena, x - y);
    case VTL_MUL: return practice_vtl_number (self->arena, x * y);
    case VTL_DIV: return y == 0 ? NULL : practice_vtl_number (self->arena, x / y);
    default: return y == 0 ? NULL : practice_vtl_number (self->arena, fmod (x, y));
    }
}

static gboolean
compare (VtlExpressionKind  kind,
         PracticeVtlValue  *a,
         PracticeVtlValue  *b)
{
  double x, y;

  if (!practice_vtl_is_numeric (a) || !practice_vtl_is_numeric (b))
    return FALSE;
  x = practice_vtl_as_double (a);
  y = practice_vtl_as_double (b);
  return kind == VTL_LT ? x < y : kind == VTL_LE ? x <= y : kind == VTL_GT ? x > y : x >= y;
}

static PracticeVtlValue *
make_range (Eval             *self,
            PracticeVtlValue *from,
            PracticeVtlValue *to)
{
  PracticeVtlValue *list;
  gint64 direction;

  if (from == NULL || to == NULL || from->type != PRACTICE_VTL_INTEGER || to->type != PRACTICE_VTL_INTEGER)
    return NULL;
  direction = from->integer <= to->integer ? 1 : -1;
  if (fabs ((double) to->integer - (double) from->integer) >= MAX_RANGE)
    {
      g_set_error (&self->error, PRACTICE_VTL_ERROR, PRACTICE_VTL_ERROR_LIMIT, "A range has more than %d numbers", MAX_RANGE);
      return NULL;
    }
  list = practice_vtl_list (self->arena, FALSE);
  for (gint64 i = from->integer;; i += direction)
    {
      practice_vtl_list_add (self->arena, list, practice_vtl_integer (self->arena, i));
      if (i == to->integer)
        return list;
    }
}

static PracticeVtlValue *
evaluate (Eval          *self,
          VtlExpression *expression)
{
  PracticeVtlArena *arena = self->arena;
  PracticeVtlValue *left, *right;

  if (!step (self))
    return NULL;
  switch (expression->kind)
    {
    case VTL_LITERAL:
      return expression->literal;
    case VTL_TEMPLATE:
      {
        g_autoptr (GString) out = g_string_new (NULL);

        render_block (self, expression->block, out);
        return practice_vtl_arena_has_room (arena, out->len) ? practice_vtl_string (arena, out->str, out->len) : NULL;
      }
    case VTL_REFERENCE:
      return evaluate_reference (self, expression->reference, NULL);
    case VTL_LIST:
      left = practice_vtl_list (arena, FALSE);
      for (guint i = 0; i < expression->n_items; i++)
        practice_vtl_list_add (arena, left, evaluate (self, expression->items[i]));
      return left;
    case VTL_MAP:
      left = practice_vtl_map (arena, FALSE);
      for (guint i = 0; i + 1 < expression->n_items; i += 2)
        {
          const char *key = practice_vtl_text (arena, evaluate (self, expression->items[i]));

          practice_vtl_map_put (arena, left, key, evaluate (self, expression->items[i + 1]));
        }
      return left;
    case VTL_NOT:
      return practice_vtl_boolean (arena, !practice_vtl_is_true (evaluate (self, expression->items[0])));
    case VTL_AND:
      return practice_vtl_boolean (arena, practice_vtl_is_true (evaluate (self, expression->items[0])) &&
                                          practice_vtl_is_true (evaluate (self, expression->items[1])));
    case VTL_OR:
      return practice_vtl_boolean (arena, practice_vtl_is_true (evaluate (self, expression->items[0])) ||
                                          practice_vtl_is_true (evaluate (self, expression->items[1])));
    case VTL_NEGATE:
      return calculate (self, VTL_SUB, practice_vtl_integer (arena, 0), evaluate (self, expression->items[0]));
    default:
      break;
    }
  left = evaluate (self, expression->items[0]);
  right = evaluate (self, expression->items[1]);
  switch (expression->kind)
    {
    case VTL_RANGE:
      return self->error == NULL ? make_range (self, left, right) : NULL;
    case VTL_EQ:
      return practice_vtl_boolean (arena, practice_vtl_equal (left, right));
    case VTL_NE:
      return practice_vtl_boolean (arena, !practice_vtl_equal (left, right));
    case VTL_LT:
    case VTL_LE:
    case VTL_GT:
    case VTL_GE:
      return practice_vtl_boolean (arena, compare (expression->kind, left, right));
    default:
      return calculate (self, expression->kind, left, right);
    }
}

static void
assign (Eval             *self,
        VtlReference     *reference,
        PracticeVtlValue *value)
{
  VtlStep *last = reference->steps;
  PracticeVtlValue *target;
  PracticeVtlValue *index;

  if (last == NULL)
    {
      if (self->defines != NULL)
        g_hash_table_remove (self->defines, reference->name);
      practice_vtl_map_put (self->arena, self->variables, reference->name, value);
      return;
    }
  while (last->next != NULL)
    last = last->next;
  target = evaluate_reference (self, reference, last);
  if (target == NULL)
    return;
  if (last->kind == VTL_STEP_PROPERTY && target->type == PRACTICE_VTL_MAP)
    practice_vtl_map_put (self->arena, target, last->name, value);
  else if (last->kind == VTL_STEP_INDEX && (index = evaluate (self, last->args[0])) != NULL)
    {
      if (target->type == PRACTICE_VTL_MAP)
        practice_vtl_map_put (self->arena, target, practice_vtl_text (self->arena, index), value);
      else if (target->type == PRACTICE_VTL_LIST && index->type == PRACTICE_VTL_INTEGER && index->integer >= 0 &&
               index->integer < target->list.n)
        target->list.items[index->integer] = value;
    }
}

static Flow
render_foreach (Eval    *self,
                VtlNode *node,
                GString *out)
{
  static const char *const kept[] = { "foreach", "velocityCount", "velocityHasNext" };
  PracticeVtlValue *before[G_N_ELEMENTS (kept)];
  PracticeVtlValue *variable = practice_vtl_map_get (self->variables, node->reference->name);
  PracticeVtlValue *items = evaluate (self, node->expression);
  gboolean was_set = practice_vtl_map_has (self->variables, node->reference->name);
  Flow flow = GO_ON;
  guint count = 0;

  if (items != NULL && items->type == PRACTICE_VTL_MAP)
    items = vtl_call_method (self->arena, items, "values", NULL, 0);
  if (items == NULL || items->type != PRACTICE_VTL_LIST || items->list.n == 0)
    return node->branches->next != NULL ? render_block (self, node->branches->next->block, out) : GO_ON;
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    before[i] = practice_vtl_map_get (self->variables, kept[i]);
  /* The list may shrink or grow while it is walked. */
  for (guint i = 0; i < items->list.n && flow == GO_ON && step (self); i++)
    {
      PracticeVtlValue *loop = practice_vtl_map (self->arena, FALSE);
      gboolean has_next = i + 1 < items->list.n;

      if (++count > PRACTICE_VTL_MAX_ITERATIONS)
        {
          g_set_error (&self->error, PRACTICE_VTL_ERROR, PRACTICE_VTL_ERROR_LIMIT,
                       "A #foreach runs more than %d times", PRACTICE_VTL_MAX_ITERATIONS);
          break;
        }
      practice_vtl_map_put (self->arena, loop, "index", practice_vtl_integer (self->arena, i));
      practice_vtl_map_put (self->arena, loop, "count", practice_vtl_integer (self->arena, i + 1));
      practice_vtl_map_put (self->arena, loop, "hasNext", practice_vtl_boolean (self->arena, has_next));
      practice_vtl_map_put (self->arena, loop, "first", practice_vtl_boolean (self->arena, i == 0));
      practice_vtl_map_put (self->arena, loop, "last", practice_vtl_boolean (self->arena, !has_next));
      practice_vtl_map_put (self->arena, loop, "parent", before[0]);
      practice_vtl_map_put (self->arena, self->variables, "foreach", loop);
      practice_vtl_map_put (self->arena, self->variables, "velocityCount", practice_vtl_integer (self->arena, i + 1));
      practice_vtl_map_put (self->arena, self->variables, "velocityHasNext", practice_vtl_boolean (self->arena, has_next));
      practice_vtl_map_put (self->arena, self->variables, node->reference->name, items->list.items[i]);
      flow = render_block (self, node->branches->block, out);
    }
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    practice_vtl_map_put (self->arena, self->variables, kept[i], before[i]);
  if (was_set)
    practice_vtl_map_put (self->arena, self->variables, node->reference->name, variable);
  else
    practice_vtl_map_remove (self->variables, node->reference->name);
  return flow == STOP_ALL ? STOP_ALL : GO_ON;
}

static Flow
render_call (Eval    *self,
             VtlNode *node,
             GString *out)
{
  VtlMacro *macro = node->macro;
  PracticeVtlValue **args = evaluate_all (self, node->args, node->n_args);
  PracticeVtlValue **before = practice_vtl_arena_alloc (self->arena, sizeof (PracticeVtlValue *) * MAX (1, macro->n_parameters));
  Flow flow;

  if (self->calls >= MAX_CALLS)
    {
      if (self->error == NULL)
        g_set_error (&self->error, PRACTICE_VTL_ERROR, PRACTICE_VTL_ERROR_LIMIT, "Macros call each other more than %d deep", MAX_CALLS);
      return STOP_ALL;
    }
  for (guint i = 0; i < macro->n_parameters; i++)
    {
      before[i] = practice_vtl_map_get (self->variables, macro->parameters[i]);
      practice_vtl_map_put (self->arena, self->variables, macro->parameters[i], i < node->n_args ? args[i] : NULL);
    }
  self->calls++;
  flow = render_block (self, macro->block, out);
  self->calls--;
  for (guint i = macro->n_parameters; i > 0; i--)
    practice_vtl_map_put (self->arena, self->variables, macro->parameters[i - 1], before[i - 1]);
  return flow == STOP_ALL ? STOP_ALL : GO_ON;
}

static Flow
render_if (Eval    *self,
           VtlNode *node,
           GString *out)
{
  for (VtlBranch *branch = node->branches; branch != NULL; branch = branch->next)
    if (branch->condition == NULL || practice_vtl_is_true (evaluate (self, branch->condition)))
      return render_block (self, branch->block, out);
  return GO_ON;
}

static Flow
render_block (Eval    *self,
              VtlNode *block,
              GString *out)
{
  Flow flow = GO_ON;

  for (VtlNode *node = block; node != NULL && flow == GO_ON; node = node->next)
    {
      if (!step (self) || !check_output (self, out))
        return STOP_ALL;
      switch (node->kind)
        {
        case VTL_NODE_TEXT:
          g_string_append_len (out, node->text, node->length);
          break;
        case VTL_NODE_REFERENCE:
          if (!practice_vtl_print (evaluate_reference (self, node->reference, NULL), out))
            practice_vtl_arena_fail (self->arena, "A value is nested too deeply to be printed");
          break;
        case VTL_NODE_SET:
          assign (self, node->reference, evaluate (self, node->expression));
          break;
        case VTL_NODE_IF:
          flow = render_if (self, node, out);
          break;
        case VTL_NODE_FOREACH:
          flow = render_foreach (self, node, out);
          break;
        case VTL_NODE_BREAK:
          flow = BREAK_LOOP;
          break;
        case VTL_NODE_STOP:
          flow = STOP_ALL;
          break;
        case VTL_NODE_DEFINE:
          if (self->defines == NULL)
            self->defines = g_hash_table_new (g_str_hash, g_str_equal);
          g_hash_table_insert (self->defines, (gpointer) node->reference->name, node);
          break;
        case VTL_NODE_CALL:
        default:
          flow = render_call (self, node, out);
          break;
        }
    }
  return self->error != NULL ? STOP_ALL : flow;
}

PracticeVtl *
practice_vtl_new (const char  *text,
                  gssize       length,
                  GError     **error)
{
  PracticeVtl *self;
  g_autofree char *message = NULL;
  gsize size = length < 0 ? strlen (text) : (gsize) length;

  if (size > PRACTICE_VTL_MAX_TEMPLATE)
    {
      g_set_error (error, PRACTICE_VTL_ERROR, PRACTICE_VTL_ERROR_LIMIT, "A template can be at most %d bytes long", PRACTICE_VTL_MAX_TEMPLATE);
      return NULL;
    }
  self = g_new0 (PracticeVtl, 1);
  self->arena = practice_vtl_arena_new (64 * 1024 * 1024);
  self->root = vtl_parse (self->arena, text, size, &message);
  if (message != NULL)
    {
      g_set_error_literal (error, PRACTICE_VTL_ERROR, PRACTICE_VTL_ERROR_SYNTAX, message);
      practice_vtl_free (self);
      return NULL;
    }
  return self;
}

void
practice_vtl_free (PracticeVtl *self)
{
  practice_vtl_arena_free (self->arena);
  g_free (self);
}

char *
practice_vtl_render (PracticeVtl       *self,
                     PracticeVtlArena  *arena,
                     PracticeVtlValue  *variables,
                     gsize             *length,
                     GError           **error)
{
  Eval eval = { .arena = arena, .variables = variables };
  GString *out = g_string_new (NULL);

  render_block (&eval, self->root, out);
  /* What the last step did is looked at too. */
  if (eval.error == NULL)
    {
      eval.steps = 0;
      step (&eval);
      check_output (&eval, out);
    }
  g_clear_pointer (&eval.defines, g_hash_table_unref);
  if (eval.error != NULL)
    {
      g_propagate_error (error, eval.error);
      g_string_free (out, TRUE);
      return NULL;
    }
  if (length != NULL)
    *length = out->len;
  return g_string_free (out, FALSE);
}
