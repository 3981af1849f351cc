/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-logs-filter.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "practice-json.h"

#define MAX_PATTERN 1024
#define MAX_DEPTH 20

typedef enum {
  COMPARE_EQUAL,
  COMPARE_NOT_EQUAL,
  COMPARE_LESS,
  COMPARE_LESS_EQUAL,
  COMPARE_GREATER,
  COMPARE_GREATER_EQUAL,
  COMPARE_IS_TRUE,
  COMPARE_IS_FALSE,
  COMPARE_IS_NULL,
  COMPARE_NOT_EXISTS,
} Compare;

typedef enum {
  NODE_AND,
  NODE_OR,
  NODE_COMPARE,
} NodeKind;

/* One step of a selector: a member or (name NULL) an element. */
typedef struct {
  char  *name;
  guint  index;
} Step;

typedef struct _Node Node;
struct _Node {
  NodeKind   kind;
  Node      *left;
  Node      *right;
  GArray    *steps;
  Compare    compare;
  gboolean   is_number;
  double     number;
  char      *text;
  GRegex    *regex;
};

typedef enum {
  TERM_NEEDED,
  TERM_EITHER,
  TERM_UNWANTED,
} TermKind;

typedef struct {
  TermKind  kind;
  char     *text;
  GRegex   *regex;
} Term;

struct _PracticeLogsFilter {
  GPtrArray *terms;
  Node      *root;   /* JSON patterns */
};

typedef struct {
  const char *at;
  guint       depth;
} Reader;

static void
term_free (gpointer data)
{
  Term *term = data;

  g_free (term->text);
  g_clear_pointer (&term->regex, g_regex_unref);
  g_free (term);
}

static void
step_clear (gpointer data)
{
  g_free (((Step *) data)->name);
}

static void
node_free (Node *node)
{
  if (node == NULL)
    return;
  node_free (node->left);
  node_free (node->right);
  g_clear_pointer (&node->steps, g_array_unref);
  g_clear_pointer (&node->regex, g_regex_unref);
  g_free (node->text);
  g_free (node);
}

static gboolean
set_invalid (GError     **error,
             const char  *reason)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Invalid filter pattern: %s", reason);
  return FALSE;
}

static void
skip_blanks (Reader *reader)
{
  while (g_ascii_isspace (*reader->at))
    reader->at++;
}

static gboolean
skip_word (Reader     *reader,
           const char *word)
{
  gsize length = strlen (word);

  skip_blanks (reader);
  if (g_ascii_strncasecmp (reader->at, word, length) != 0)
    return FALSE;
  if (g_ascii_isalpha (word[0]) && (g_ascii_isalnum (reader->at[length]) || reader->at[length] == '_'))
    return FALSE;
  reader->at += length;
  return TRUE;
}

/* What stands between two of @quote; a backslash takes the next character as it is. NULL where it does not end. */
static char *
read_quoted (Reader *reader,
             char    quote)
{
  g_autoptr (GString) text = g_string_new (NULL);

  reader->at++;
  while (*reader->at != '\0' && *reader->at != quote) {
    if (*reader->at == '\\' && reader->at[1] != '\0' && quote != '%')
      reader->at++;
    g_string_append_c (text, *reader->at++);
  }
  if (*reader->at == '\0')
    return NULL;
  reader->at++;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static GRegex *
read_regex (Reader  *reader,
            GError **error)
{
  g_autofree char *text = read_quoted (reader, '%');
  GRegex *regex = NULL;

  if (text == NULL || *text == '\0') {
    set_invalid (error, "a regular expression ends with %");
    return NULL;
  }
  regex = g_regex_new (text, G_REGEX_NO_AUTO_CAPTURE, 0, NULL);
  if (regex == NULL)
    set_invalid (error, "the regular expression between % and % is not valid");
  return regex;
}

/* "a*b": a star stands for anything. */
static GRegex *
compile_wildcards (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "*", -1);
  g_autoptr (GString) pattern = g_string_new ("\\A");

  for (guint i = 0; parts[i] != NULL; i++) {
    g_autofree char *escaped = g_regex_escape_string (parts[i], -1);

    if (i > 0)
      g_string_append (pattern, ".*");
    g_string_append (pattern, escaped);
  }
  g_string_append (pattern, "\\z");
  return g_regex_new (pattern->str, G_REGEX_DOTALL, 0, NULL);
}

static gboolean
read_selector (Reader  *reader,
               GArray  *steps,
               GError **error)
{
  skip_blanks (reader);
  if (*reader->at != '$')
    return set_invalid (error, "a condition begins with a selector such as $.level");
  reader->at++;
  while (*reader->at == '.' || *reader->at == '[') {
    Step step = { 0 };

    if (*reader->at++ == '.') {
      const char *begin = reader->at;

      while (g_ascii_isalnum (*reader->at) || strchr ("_-", *reader->at) != NULL || (guchar) *reader->at >= 0x80) {
        if (*reader->at == '\0')
          break;
        reader->at++;
      }
      if (reader->at == begin)
        return set_invalid (error, "a name is missing after the dot of a selector");
      step.name = g_strndup (begin, reader->at - begin);
    } else if (*reader->at == '"' || *reader->at == '\'') {
      step.name = read_quoted (reader, *reader->at);
      if (step.name == NULL || *reader->at != ']') {
        g_free (step.name);
        return set_invalid (error, "a bracket of a selector is not closed");
      }
      reader->at++;
    } else {
      char *end = NULL;
      guint64 index = g_ascii_isdigit (*reader->at) ? g_ascii_strtoull (reader->at, &end, 10) : 0;

      if (end == NULL || *end != ']' || index > G_MAXUINT16)
        return set_invalid (error, "an element of a selector is a number in brackets");
      step.index = (guint) index;
      reader->at = end + 1;
    }
    g_array_append_val (steps, step);
  }
  if (steps->len == 0)
    return set_invalid (error, "a selector names a member, such as $.level");
  return TRUE;
}

static gboolean
read_operand (Reader  *reader,
              Node    *node,
              GError **error)
{
  char *end = NULL;

  skip_blanks (reader);
  if (*reader->at == '%') {
    node->regex = read_regex (reader, error);
    return node->regex != NULL;
  }
  if (*reader->at == '"') {
    node->text = read_quoted (reader, '"');
    if (node->text == NULL)
      return set_invalid (error, "a quotation mark is not closed");
  } else {
    const char *begin = reader->at;

    while (*reader->at != '\0' && !g_ascii_isspace (*reader->at) && strchr ("&|(){}", *reader->at) == NULL)
      reader->at++;
    if (reader->at == begin)
      return set_invalid (error, "a value is missing");
    node->text = g_strndup (begin, reader->at - begin);
    node->number = g_ascii_strtod (node->text, &end);
    node->is_number = *end == '\0' && isfinite (node->number);
  }
  if (!node->is_number && node->compare >= COMPARE_LESS)
    return set_invalid (error, "only numbers can be compared with < and >");
  if (!node->is_number && strchr (node->text, '*') != NULL)
    node->regex = compile_wildcards (node->text);
  return TRUE;
}

static gboolean
read_comparison (Reader  *reader,
                 Node    *node,
                 GError **error)
{
  static const struct { const char *word; Compare compare; } words[] = {
    { "!=", COMPARE_NOT_EQUAL }, { "<=", COMPARE_LESS_EQUAL }, { ">=", COMPARE_GREATER_EQUAL },
    { "=", COMPARE_EQUAL }, { "<", COMPARE_LESS }, { ">", COMPARE_GREATER },
  };

  if (!read_selector (reader, node->steps, error))
    return FALSE;
  if (skip_word (reader, "NOT")) {
    node->compare = COMPARE_NOT_EXISTS;
    return skip_word (reader, "EXISTS") || set_invalid (error, "NOT is followed by EXISTS");
  }
  if (skip_word (reader, "IS")) {
    if (skip_word (reader, "TRUE"))
      node->compare = COMPARE_IS_TRUE;
    else if (skip_word (reader, "FALSE"))
      node->compare = COMPARE_IS_FALSE;
    else if (skip_word (reader, "NULL"))
      node->compare = COMPARE_IS_NULL;
    else
      return set_invalid (error, "IS is followed by TRUE, FALSE or NULL");
    return TRUE;
  }
  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    if (skip_word (reader, words[i].word)) {
      node->compare = words[i].compare;
      return read_operand (reader, node, error);
    }
  }
  return set_invalid (error, "a selector is followed by =, !=, <, <=, >, >=, IS or NOT EXISTS");
}

static Node *read_either (Reader *reader, GError **error);

static Node *
read_primary (Reader  *reader,
              GError **error)
{
  Node *node = NULL;

  skip_blanks (reader);
  if (*reader->at == '(') {
    reader->at++;
    if (++reader->depth > MAX_DEPTH) {
      set_invalid (error, "the parentheses nest too deep");
      return NULL;
    }
    node = read_either (reader, error);
    reader->depth--;
    if (node != NULL && !skip_word (reader, ")")) {
      set_invalid (error, "a parenthesis is not closed");
      g_clear_pointer (&node, node_free);
    }
    return node;
  }
  node = g_new0 (Node, 1);
  node->kind = NODE_COMPARE;
  node->steps = g_array_new (FALSE, TRUE, sizeof (Step));
  g_array_set_clear_func (node->steps, step_clear);
  if (!read_comparison (reader, node, error))
    g_clear_pointer (&node, node_free);
  return node;
}

static Node *
read_chain (Reader     *reader,
            NodeKind    kind,
            const char *word,
            Node     *(*read_part) (Reader *reader, GError **error),
            GError    **error)
{
  Node *left = read_part (reader, error);

  while (left != NULL && skip_word (reader, word)) {
    Node *right = read_part (reader, error);
    Node *both;

    if (right == NULL) {
      node_free (left);
      return NULL;
    }
    both = g_new0 (Node, 1);
    both->kind = kind;
    both->left = left;
    both->right = right;
    left = both;
  }
  return left;
}

static Node *
read_all (Reader  *reader,
          GError **error)
{
  return read_chain (reader, NODE_AND, "&&", read_primary, error);
}

static Node *
read_either (Reader  *reader,
             GError **error)
{
  return read_chain (reader, NODE_OR, "||", read_all, error);
}

static gboolean
read_json_pattern (PracticeLogsFilter  *self,
                   Reader              *reader,
                   GError             **error)
{
  reader->at++;
  self->root = read_either (reader, error);
  if (self->root == NULL)
    return FALSE;
  if (!skip_word (reader, "}"))
    return set_invalid (error, "the pattern does not end with }");
  skip_blanks (reader);
  return *reader->at == '\0' || set_invalid (error, "something follows the closing }");
}

static gboolean
read_terms (PracticeLogsFilter  *self,
            Reader              *reader,
            GError             **error)
{
  for (skip_blanks (reader); *reader->at != '\0'; skip_blanks (reader)) {
    Term *term = g_new0 (Term, 1);

    g_ptr_array_add (self->terms, term);
    if (*reader->at == '-' || *reader->at == '?')
      term->kind = *reader->at++ == '-' ? TERM_UNWANTED : TERM_EITHER;
    if (*reader->at == '"') {
      term->text = read_quoted (reader, '"');
      if (term->text == NULL)
        return set_invalid (error, "a quotation mark is not closed");
    } else if (*reader->at == '%') {
      term->regex = read_regex (reader, error);
      if (term->regex == NULL)
        return FALSE;
    } else {
      const char *begin = reader->at;

      while (*reader->at != '\0' && !g_ascii_isspace (*reader->at)) {
        if (!g_ascii_isalnum (*reader->at) && *reader->at != '_' && (guchar) *reader->at < 0x80)
          return set_invalid (error, "a term with other characters than letters, digits and _ stands in quotation marks");
        reader->at++;
      }
      if (reader->at == begin)
        return set_invalid (error, "a term is missing");
      term->text = g_strndup (begin, reader->at - begin);
    }
  }
  return TRUE;
}

static JsonNode *
select_member (GArray   *steps,
               JsonNode *node)
{
  for (guint i = 0; i < steps->len && node != NULL; i++) {
    Step *step = &g_array_index (steps, Step, i);

    if (step->name != NULL && JSON_NODE_HOLDS_OBJECT (node))
      node = json_object_get_member (json_node_get_object (node), step->name);
    else if (step->name == NULL && JSON_NODE_HOLDS_ARRAY (node) && step->index < json_array_get_length (json_node_get_array (node)))
      node = json_array_get_element (json_node_get_array (node), step->index);
    else
      node = NULL;
  }
  return node;
}

static gboolean
get_number (JsonNode *value,
            double   *number)
{
  GType type = json_node_get_value_type (value);

  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return FALSE;
  *number = json_node_get_double (value);
  return TRUE;
}

static gboolean
equals (Node     *node,
        JsonNode *value)
{
  GType type = json_node_get_value_type (value);
  double number;

  if (node->is_number && get_number (value, &number))
    return number == node->number;
  if (type != G_TYPE_STRING)
    return FALSE;
  if (node->regex != NULL)
    return g_regex_match (node->regex, json_node_get_string (value), 0, NULL);
  return g_strcmp0 (json_node_get_string (value), node->text) == 0;
}

static gboolean
compares (Node     *node,
          JsonNode *value)
{
  double number = 0;

  if (node->compare == COMPARE_NOT_EXISTS)
    return value == NULL;
  if (value == NULL)
    return FALSE;
  switch (node->compare) {
  case COMPARE_EQUAL:
    return equals (node, value);
  case COMPARE_NOT_EQUAL:
    return JSON_NODE_HOLDS_VALUE (value) && !equals (node, value);
  case COMPARE_LESS:
    return get_number (value, &number) && number < node->number;
  case COMPARE_LESS_EQUAL:
    return get_number (value, &number) && number <= node->number;
  case COMPARE_GREATER:
    return get_number (value, &number) && number > node->number;
  case COMPARE_GREATER_EQUAL:
    return get_number (value, &number) && number >= node->number;
  case COMPARE_IS_TRUE:
  case COMPARE_IS_FALSE:
    return practice_json_is_boolean (value) && json_node_get_boolean (value) == (node->compare == COMPARE_IS_TRUE);
  case COMPARE_IS_NULL:
    return JSON_NODE_HOLDS_NULL (value);
  case COMPARE_NOT_EXISTS:
  default:
    return FALSE;
  }
}

static gboolean
node_matches (Node     *node,
              JsonNode *message)
{
  switch (node->kind) {
  case NODE_AND:
    return node_matches (node->left, message) && node_matches (node->right, message);
  case NODE_OR:
    return node_matches (node->left, message) || node_matches (node->right, message);
  case NODE_COMPARE:
  default:
    return compares (node, select_member (node->steps, message));
  }
}

PracticeLogsFilter *
practice_logs_filter_new (const char  *pattern,
                          GError     **error)
{
  g_autoptr (PracticeLogsFilter) self = g_new0 (PracticeLogsFilter, 1);
  Reader reader = { .at = pattern };
  gboolean valid;

  self->terms = g_ptr_array_new_with_free_func (term_free);
  if (strlen (pattern) > MAX_PATTERN) {
    set_invalid (error, "it is longer than 1024 characters");
    return NULL;
  }
  skip_blanks (&reader);
  if (*reader.at == '[')
    valid = set_invalid (error, "space-delimited patterns in brackets are not supported here");
  else if (*reader.at == '{')
    valid = read_json_pattern (self, &reader, error);
  else
    valid = read_terms (self, &reader, error);
  return valid ? g_steal_pointer (&self) : NULL;
}

gboolean
practice_logs_filter_matches (PracticeLogsFilter *self,
                              const char         *message)
{
  gboolean wants_either = FALSE;
  gboolean has_either = FALSE;

  if (self->root != NULL) {
    g_autoptr (JsonNode) node = NULL;

    while (g_ascii_isspace (*message))
      message++;
    node = *message == '{' ? practice_json_parse (message, -1, NULL) : NULL;
    return node != NULL && node_matches (self->root, node);
  }
  for (guint i = 0; i < self->terms->len; i++) {
    Term *term = g_ptr_array_index (self->terms, i);
    gboolean found = term->regex != NULL ? g_regex_match (term->regex, message, 0, NULL) : strstr (message, term->text) != NULL;

    if (term->kind == TERM_EITHER) {
      wants_either = TRUE;
      has_either |= found;
    } else if (found != (term->kind == TERM_NEEDED)) {
      return FALSE;
    }
  }
  return !wants_either || has_either;
}

void
practice_logs_filter_free (PracticeLogsFilter *self)
{
  g_clear_pointer (&self->terms, g_ptr_array_unref);
  node_free (self->root);
  g_free (self);
}
