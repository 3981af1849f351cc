/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-tutorial.h"

#include <glib/gstdio.h>
#include <math.h>

#define GOOD_QUEUE "{\"Type\": \"AWS::SQS::Queue\", \"Properties\": {\"QueueName\": \"q\"}}"

static void
refuses (const char *text,
         int         code,
         const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MillTemplate) template = mill_template_parse (text, -1, "t.json", &error);

  g_assert_null (template);
  g_assert_error (error, MILL_TUTORIAL_ERROR, code);
  if (g_strstr_len (error->message, -1, message) == NULL)
    g_error ("“%s” is not in “%s”", message, error->message);
}

static void
test_syntax (void)
{
  refuses ("", MILL_TUTORIAL_ERROR_SYNTAX, "t.json:1: The file ends in the middle");
  refuses ("{\n \"Resources\": {\n", MILL_TUTORIAL_ERROR_SYNTAX, "t.json:3: The file ends in the middle");
  refuses ("{\"Resources\": {}} x", MILL_TUTORIAL_ERROR_SYNTAX, "more text after the end");
  refuses ("{\"Resources\": {\"A\": 1,}}", MILL_TUTORIAL_ERROR_SYNTAX, "a text in double quotes is expected");
  refuses ("{\"Resources\": {},\n\"Resources\": {}}", MILL_TUTORIAL_ERROR_SYNTAX, "t.json:2: $.Resources: the member is there twice");
  refuses ("{\"Resources\": \"a\nb\"}", MILL_TUTORIAL_ERROR_SYNTAX, "closing double quote");
  refuses ("{\"Resources\": \"\xff\"}", MILL_TUTORIAL_ERROR_SYNTAX, "not UTF-8");
  refuses ("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", MILL_TUTORIAL_ERROR_SYNTAX, "nested too deeply");
  refuses ("[]", MILL_TUTORIAL_ERROR_CONTENT, "A template is an object");
}

static void
test_content (void)
{
  refuses ("{}", MILL_TUTORIAL_ERROR_CONTENT, "“Resources” is missing");
  refuses ("{\"Resources\": {}, \"Rules\": {}}", MILL_TUTORIAL_ERROR_CONTENT, "“Rules” is not known here");
  refuses ("{\"Resources\": {\"A\": {\"Type\": \"AWS::EC2::Instance\"}}}", MILL_TUTORIAL_ERROR_CONTENT,
           "$.Resources.A.Type: The resource type “AWS::EC2::Instance” is not known");
  refuses ("{\"Resources\": {\n\"A\": {\"Type\": \"AWS::SQS::Queue\",\n\"Properties\": {\"Colour\": \"red\"}}}}", MILL_TUTORIAL_ERROR_CONTENT,
           "t.json:3: $.Resources.A.Properties.Colour: AWS::SQS::Queue has no property “Colour”");
  refuses ("{\"Resources\": {\"A\": {\"Type\": \"AWS::SQS::Queue\", \"Properties\": {\"QueueName\": \"a b\"}}}}",
           MILL_TUTORIAL_ERROR_CONTENT, "a name of 1 to 80 letters");
  refuses ("{\"Resources\": {\"A\": {\"Type\": \"AWS::SQS::Queue\", \"Properties\": {\"DelaySeconds\": 901}}}}",
           MILL_TUTORIAL_ERROR_CONTENT, "a number from 0 to 900");
  refuses ("{\"Resources\": {\"A\": {\"Type\": \"AWS::IAM::ManagedPolicy\", \"Properties\": {}}}}",
           MILL_TUTORIAL_ERROR_CONTENT, "needs the property “PolicyDocument”");
  refuses ("{\"Resources\": {\"A\": {\"Type\": \"AWS::IAM::ManagedPolicy\"}}}",
           MILL_TUTORIAL_ERROR_CONTENT, "needs the property “PolicyDocument”");
  refuses ("{\"Resources\": {\"a-b\": " GOOD_QUEUE "}}", MILL_TUTORIAL_ERROR_CONTENT, "only letters and digits");
  refuses ("{\"Parameters\": {\"P\": {\"Type\": \"Colour\"}}, \"Resources\": {}}", MILL_TUTORIAL_ERROR_CONTENT, "A parameter’s type is");
  refuses ("{\"Parameters\": {\"P\": {\"Type\": \"Number\", \"Default\": \"x\"}}, \"Resources\": {}}", MILL_TUTORIAL_ERROR_CONTENT, "$.Parameters.P.Default");
}

static void
test_references (void)
{
  refuses ("{\"Resources\": {\"A\": {\"Type\": \"AWS::SQS::Queue\", \"Properties\": {\"QueueName\": {\"Ref\": \"B\"}}}}}",
           MILL_TUTORIAL_ERROR_CONTENT, "There is no parameter or resource “B”");
  refuses ("{\"Resources\": {\"Q\": " GOOD_QUEUE ", \"A\": {\"Type\": \"AWS::SQS::Queue\", \"Properties\": {\"QueueName\": {\"Fn::GetAtt\": [\"Q\", \"Size\"]}}}}}",
           MILL_TUTORIAL_ERROR_CONTENT, "AWS::SQS::Queue has no attribute “Size”");
  refuses ("{\"Resources\": {\"A\": {\"Type\": \"AWS::SQS::Queue\", \"Properties\": {\"QueueName\": {\"Fn::Sub\": \"x-${Nobody}\"}}}}}",
           MILL_TUTORIAL_ERROR_CONTENT, "“Nobody”");
  refuses ("{\"Resources\": {\"A\": {\"Type\": \"AWS::SQS::Queue\", \"Properties\": {\"QueueName\": {\"Fn::If\": [\"a\", 1, 2]}}}}}",
           MILL_TUTORIAL_ERROR_CONTENT, "The function “Fn::If” is not supported");
  refuses ("{\"Resources\": {\"A\": {\"Type\": \"AWS::SQS::Queue\", \"DependsOn\": \"B\"}}}", MILL_TUTORIAL_ERROR_CONTENT, "no resource “B” to depend on");
  refuses ("{\"Resources\": {"
           "\"A\": {\"Type\": \"AWS::SQS::Queue\", \"Properties\": {\"QueueName\": {\"Ref\": \"B\"}}},"
           "\"B\": {\"Type\": \"AWS::SQS::Queue\", \"DependsOn\": [\"C\"]},"
           "\"C\": {\"Type\": \"AWS::SQS::Queue\", \"Properties\": {\"QueueName\": {\"Fn::Sub\": \"${A.QueueName}\"}}}}}",
           MILL_TUTORIAL_ERROR_CONTENT, "in a circle: A → B → C → A");
}

static char *
lookup (const char *logical_id,
        const char *attribute,
        gpointer    user_data)
{
  if (g_str_equal (logical_id, "Later"))
    return NULL;
  return attribute != NULL ? g_strdup_printf ("%s/%s", logical_id, attribute) : g_strdup (logical_id);
}

static void
test_resolve (void)
{
  static const struct { const char *value, *resolved; } cases[] = {
    { "{\"Ref\": \"P\"}", "\"given\"" },
    { "{\"Ref\": \"D\"}", "\"default\"" },
    { "{\"Ref\": \"L\"}", "[\"a\",\"b\"]" },
    { "{\"Ref\": \"AWS::Region\"}", "\"eu-central-1\"" },
    { "{\"Ref\": \"Q\"}", "\"Q\"" },
    { "{\"Fn::GetAtt\": [\"Q\", \"Arn\"]}", "\"Q/Arn\"" },
    { "{\"Fn::GetAtt\": \"Q.Arn\"}", "\"Q/Arn\"" },
    { "{\"Fn::Sub\": \"${P}-${Q.Arn}-${!Kept}-${AWS::AccountId}\"}", "\"given-Q/Arn-${Kept}-123456789012\"" },
    { "{\"Fn::Sub\": [\"${x}/${P}\", {\"x\": {\"Ref\": \"D\"}}]}", "\"default/given\"" },
    { "{\"Fn::Join\": [\"-\", [\"a\", {\"Ref\": \"P\"}, \"c\"]]}", "\"a-given-c\"" },
    { "{\"Fn::Join\": [\"+\", {\"Fn::Split\": [\",\", \"a,b\"]}]}", "\"a+b\"" },
    { "{\"Fn::Select\": [1, {\"Ref\": \"L\"}]}", "\"b\"" },
    { "{\"a\": {\"Ref\": \"AWS::NoValue\"}, \"b\": [1, true]}", "{\"b\":[1,true]}" },
  };
  static const char text[] =
    "{\"Parameters\": {\"P\": {\"Type\": \"String\"}, \"D\": {\"Type\": \"String\", \"Default\": \"default\"},"
    " \"L\": {\"Type\": \"CommaDelimitedList\", \"Default\": \"a, b\"}, \"N\": {\"Type\": \"String\"}},"
    " \"Resources\": {\"Q\": " GOOD_QUEUE ", \"Later\": " GOOD_QUEUE "}}";
  g_autoptr (GError) error = NULL;
  g_autoptr (MillTemplate) template = mill_template_parse (text, -1, "t.json", &error);
  g_autoptr (GHashTable) parameters = g_hash_table_new (g_str_hash, g_str_equal);
  MillScope scope = { .parameters = parameters, .account_id = "123456789012", .region = "eu-central-1", .lookup = lookup };
  g_autoptr (JsonNode) later = json_from_string ("{\"Ref\": \"Later\"}", NULL);
  g_autoptr (JsonNode) unset = json_from_string ("{\"Ref\": \"N\"}", NULL);

  g_assert_no_error (error);
  g_hash_table_insert (parameters, (char *) "P", (char *) "given");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) value = json_from_string (cases[i].value, NULL);
      g_autoptr (JsonNode) resolved = mill_template_resolve (template, value, &scope, &error);
      g_autofree char *got = NULL;

      g_assert_no_error (error);
      got = json_to_string (resolved, FALSE);
      g_assert_cmpstr (got, ==, cases[i].resolved);
    }
  g_assert_null (mill_template_resolve (template, later, &scope, &error));
  g_assert_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_CONTENT);
  g_assert_cmpstr (error->message, ==, "“Later” is not made yet.");
  g_clear_error (&error);
  g_assert_null (mill_template_resolve (template, unset, &scope, &error));
  g_assert_cmpstr (error->message, ==, "The parameter “N” has no value yet.");
}

static void
test_parameter (void)
{
  static const struct { const char *definition, *value; gboolean ok; } cases[] = {
    { "{\"Type\": \"String\"}", "anything at all", TRUE },
    { "{\"Type\": \"String\", \"AllowedPattern\": \"[a-z]+\"}", "abc", TRUE },
    { "{\"Type\": \"String\", \"AllowedPattern\": \"[a-z]+\"}", "abc d", FALSE },
    { "{\"Type\": \"String\", \"AllowedPattern\": \"[a-z]+\"}", "abc\n", FALSE },
    { "{\"Type\": \"String\", \"MinLength\": 2, \"MaxLength\": \"3\"}", "ä", FALSE },
    { "{\"Type\": \"String\", \"MinLength\": 2, \"MaxLength\": \"3\"}", "äöü", TRUE },
    { "{\"Type\": \"String\", \"MinLength\": 2, \"MaxLength\": \"3\"}", "abcd", FALSE },
    { "{\"Type\": \"String\", \"AllowedValues\": [\"a\", \"b\"]}", "b", TRUE },
    { "{\"Type\": \"String\", \"AllowedValues\": [\"a\", \"b\"]}", "c", FALSE },
    { "{\"Type\": \"Number\", \"MinValue\": 1, \"MaxValue\": 5}", "5", TRUE },
    { "{\"Type\": \"Number\", \"MinValue\": 1, \"MaxValue\": 5}", "5.5", FALSE },
    { "{\"Type\": \"Number\"}", "five", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"Parameters\": {\"P\": %s}, \"Resources\": {}}", cases[i].definition);
      g_autoptr (GError) error = NULL;
      g_autoptr (MillTemplate) template = mill_template_parse (text, -1, "t.json", &error);

      g_assert_no_error (error);
      g_assert_cmpint (mill_parameter_check (mill_template_get_parameter (template, "P"), cases[i].value, &error), ==, cases[i].ok);
      if (!cases[i].ok)
        g_assert_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_PARAMETER);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/template/syntax", test_syntax);
  g_test_add_func ("/template/content", test_content);
  g_test_add_func ("/template/references", test_references);
  g_test_add_func ("/template/resolve", test_resolve);
  g_test_add_func ("/template/parameter", test_parameter);
  return g_test_run ();
}
