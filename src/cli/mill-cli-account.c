/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose account: credentials in the keyring, who they are, and the questions that only their owner can answer. */
#include "mill-cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "aws-credentials-text.h"
#include "aws-json.h"
#include "mill-keyring.h"

#define CHUNK 4096

/* One line, or everything up to the end of the input or an empty line. Nobody sees it: it is overwritten when it has been read. */
static GString *
read_input (gboolean one_line)
{
  GString *text = g_string_sized_new (AWS_CREDENTIALS_TEXT_MAX + 2);
  char line[CHUNK];

  while (text->len <= AWS_CREDENTIALS_TEXT_MAX && fgets (line, sizeof line, stdin) != NULL)
    {
      gboolean blank = line[strspn (line, " \t\r\n")] == '\0';

      g_string_append (text, line);
      if (one_line || (blank && isatty (STDIN_FILENO) && text->len > strlen (line)))
        break;
    }
  explicit_bzero (line, sizeof line);
  return text;
}

static void
wipe (GString *text)
{
  explicit_bzero (text->str, text->allocated_len);
  g_string_free (text, TRUE);
}

static AwsCredentials *
read_credentials (char   **region,
                  GError **error)
{
  GString *text;
  AwsCredentials *credentials;

  if (isatty (STDIN_FILENO))
    g_printerr ("Paste the block that AWS shows, and end it with an empty line:\n");
  text = read_input (FALSE);
  credentials = aws_credentials_parse (text->str, (gssize) text->len, g_get_real_time () / G_USEC_PER_SEC, region, NULL, error);
  wipe (text);
  return credentials;
}

static void
print_question (MillCli      *self,
                MillQuestion *question)
{
  static const char *const kinds[] = { "credentials", "mfa-code", "sign-in" };
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "kind", kinds[mill_question_get_kind (question)]);
  json_object_set_string_member (object, "text", mill_question_get_text (question));
  json_object_set_string_member (object, "url", mill_question_get_url (question) != NULL ? mill_question_get_url (question) : "");
  json_object_set_string_member (object, "code", mill_question_get_code (question) != NULL ? mill_question_get_code (question) : "");
  mill_cli_print_object (self, "question", object, mill_question_get_text (question));
  fflush (stdout);
}

static void
on_question (MillQuestion *question,
             gpointer      data)
{
  MillCli *self = data;

  print_question (self, question);
  switch (mill_question_get_kind (question))
    {
    case MILL_QUESTION_SIGN_IN:
      return;
    case MILL_QUESTION_MFA_CODE:
      {
        GString *text = read_input (TRUE);

        if (text->len > 0)
          mill_question_answer (question, text->str);
        else
          mill_question_refuse (question);
        wipe (text);
        return;
      }
    case MILL_QUESTION_CREDENTIALS:
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (AwsCredentials) credentials = NULL;

        while (credentials == NULL && !feof (stdin) && !g_error_matches (error, AWS_ERROR, AWS_ERROR_PARAMETER))
          {
            g_clear_error (&error);
            credentials = read_credentials (NULL, &error);
            if (credentials == NULL && !feof (stdin))
              g_printerr ("millrace-cli: %s\n", error->message);
          }
        if (credentials != NULL)
          mill_question_answer_credentials (question, credentials);
        else
          mill_question_refuse (question);
      }
    }
}

void
mill_cli_answer_questions (MillCli *self)
{
  mill_question_set_handler (on_question, self);
}

static void
print_identity (MillCli    *self,
                MillTarget *target)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *warning = mill_target_dup_warning (target);
  gint64 expires = mill_target_get_expires (target);
  g_autoptr (GDateTime) time = expires != 0 ? g_date_time_new_from_unix_local (expires) : NULL;
  g_autofree char *until = time != NULL ? g_date_time_format (time, ", until %F %H:%M") : g_strdup ("");
  g_autofree char *line = g_strdup_printf ("%s: account %s in %s as %s%s", mill_target_get_title (target), mill_target_get_account (target),
                                           mill_target_get_region (target), mill_target_get_arn (target) != NULL ? mill_target_get_arn (target) : "?",
                                           until);

  json_object_set_string_member (object, "target", mill_target_get_spec (target));
  json_object_set_string_member (object, "account", mill_target_get_account (target));
  json_object_set_string_member (object, "region", mill_target_get_region (target));
  json_object_set_string_member (object, "arn", mill_target_get_arn (target) != NULL ? mill_target_get_arn (target) : "");
  json_object_set_int_member (object, "expires", expires);
  json_object_set_string_member (object, "warning", warning != NULL ? warning : "");
  mill_cli_print_object (self, "identity", object, line);
  if (warning != NULL)
    g_printerr ("millrace-cli: %s\n", warning);
}

int
mill_cli_identity (MillCli  *self,
                   int       argc,
                   char    **argv)
{
  g_autofree char *spec = NULL;
  g_autofree char *region = NULL;
  GOptionEntry entries[] = {
    { "target", 0, 0, G_OPTION_ARG_STRING, &spec, NULL, NULL },
    { "region", 0, 0, G_OPTION_ARG_STRING, &region, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (MillTarget) target = NULL;

  if (!mill_cli_parse (self, &argc, &argv, entries, 0))
    return MILL_CLI_USAGE;
  target = mill_target_new (spec != NULL ? spec : "practice", region, &error);
  if (target == NULL || !mill_cli_open_target (self, target, &error))
    return mill_cli_fail (self, error);
  print_identity (self, target);
  return MILL_CLI_DONE;
}

static int
list_credentials (MillCli *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) all = mill_keyring_list (NULL, &error);

  if (all == NULL)
    return mill_cli_fail (self, error);
  for (guint i = 0; i < all->len; i++)
    {
      const MillStored *stored = all->pdata[i];
      g_autoptr (JsonObject) object = json_object_new ();
      gint64 now = g_get_real_time () / G_USEC_PER_SEC;
      g_autoptr (GDateTime) time = stored->expires > now ? g_date_time_new_from_unix_local (stored->expires) : NULL;
      g_autofree char *state = time != NULL ? g_date_time_format (time, ", until %F %H:%M") : g_strdup (stored->expires == 0 ? "" : ", expired");
      g_autofree char *line = g_strdup_printf ("account:%-16s account %s, %s%s", stored->name, stored->account, stored->region, state);

      json_object_set_string_member (object, "name", stored->name);
      json_object_set_string_member (object, "account", stored->account);
      json_object_set_string_member (object, "region", stored->region);
      json_object_set_string_member (object, "arn", stored->arn);
      json_object_set_int_member (object, "expires", stored->expires);
      mill_cli_print_object (self, "credentials", object, line);
    }
  return MILL_CLI_DONE;
}

/* Kept only when AWS says whose they are. */
static int
add_credentials (MillCli    *self,
                 const char *name,
                 const char *region)
{
  g_autofree char *wrong = mill_keyring_check_name (name);
  g_autofree char *named = NULL;
  g_autofree char *notice = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AwsCredentials) credentials = NULL;
  g_autoptr (MillTarget) target = NULL;

  if (wrong != NULL)
    return mill_cli_usage (self, "%s", wrong);
  credentials = read_credentials (&named, &error);
  if (credentials == NULL)
    return mill_cli_fail (self, error);
  target = mill_target_new_with_credentials (name, region != NULL ? region : named, credentials, &error);
  if (target == NULL || !mill_cli_open_target (self, target, &error) || !mill_target_store (target, &notice, NULL, &error))
    return mill_cli_fail (self, error);
  print_identity (self, target);
  if (notice != NULL)
    g_printerr ("millrace-cli: %s\n", notice);
  return MILL_CLI_DONE;
}

int
mill_cli_credentials (MillCli  *self,
                      int       argc,
                      char    **argv)
{
  g_autofree char *region = NULL;
  GOptionEntry entries[] = { { "region", 0, 0, G_OPTION_ARG_STRING, &region, NULL, NULL }, G_OPTION_ENTRY_NULL };
  g_autoptr (GError) error = NULL;

  if (!mill_cli_parse (self, &argc, &argv, entries, -1))
    return MILL_CLI_USAGE;
  if (argc == 2 && g_str_equal (argv[1], "list"))
    return list_credentials (self);
  if (argc == 3 && g_str_equal (argv[1], "add"))
    return add_credentials (self, argv[2], region);
  if (argc == 3 && g_str_equal (argv[1], "remove"))
    return mill_keyring_delete (argv[2], NULL, &error) ? MILL_CLI_DONE : mill_cli_fail (self, error);
  return mill_cli_usage (self, "credentials: say “list”, “add NAME” or “remove NAME”.");
}
