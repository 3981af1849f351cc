/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <json-glib/json-glib.h>
#include <string.h>

#include "practice-json.h"
#include "practice-pattern.h"
#include "practice-policy.h"

#define ACCOUNT "123456789012"
#define QUEUE "arn:aws:sqs:us-east-1:" ACCOUNT ":orders"

static PracticePrincipal *
new_role (void)
{
  PracticePrincipal *role = practice_principal_new (PRACTICE_PRINCIPAL_ROLE, "arn:aws:sts::" ACCOUNT ":assumed-role/worker/one", ACCOUNT);

  role->role_arn = g_strdup ("arn:aws:iam::" ACCOUNT ":role/worker");
  role->id = g_strdup ("AROA123:one");
  return role;
}

static PracticePrincipal *
new_user (void)
{
  PracticePrincipal *user = practice_principal_new (PRACTICE_PRINCIPAL_USER, "arn:aws:iam::" ACCOUNT ":user/team/ada", ACCOUNT);

  user->id = g_strdup ("AIDA123");
  return user;
}

/* Statements are written with ' for " to be legible. */
static JsonObject *
parse (const char *text)
{
  g_autofree char *json = g_strdup (text);
  g_autoptr (GError) error = NULL;
  JsonObject *object = NULL;

  g_strdelimit (json, "'", '"');
  object = practice_json_parse_object (json, -1, &error);
  g_assert_no_error (error);
  return object;
}

static PracticeVerdict
evaluate (PracticePrincipal *principal,
          const char        *statement,
          const char        *action,
          const char        *resource,
          const char        *context)
{
  g_autofree char *document = g_strdup_printf ("{'Version': '2012-10-17', 'Statement': %s}", statement);
  g_autoptr (JsonObject) policy = parse (document);
  g_autoptr (JsonObject) keys = context != NULL ? parse (context) : NULL;
  g_autoptr (JsonObject) tags = parse ("{'team': 'blue'}");
  PracticePolicyRequest request = { .principal = principal, .action = action, .resource = resource, .context = keys, .tags = tags };

  return practice_policy_evaluate (policy, &request);
}

static void
test_actions (void)
{
  g_autoptr (PracticePrincipal) role = new_role ();
  const struct {
    const char      *actions;
    PracticeVerdict  verdict;
  } cases[] = {
    { "'Action': 'sqs:SendMessage'", PRACTICE_VERDICT_ALLOW },
    { "'Action': 'SQS:sendmessage'", PRACTICE_VERDICT_ALLOW },
    { "'Action': 'sqs:*'", PRACTICE_VERDICT_ALLOW },
    { "'Action': '*'", PRACTICE_VERDICT_ALLOW },
    { "'Action': 'sqs:Send*'", PRACTICE_VERDICT_ALLOW },
    { "'Action': 'sqs:SendMessag?'", PRACTICE_VERDICT_ALLOW },
    { "'Action': ['sqs:ReceiveMessage', 'sqs:SendMessage']", PRACTICE_VERDICT_ALLOW },
    { "'Action': []", PRACTICE_VERDICT_NONE },
    { "'Action': 'sqs:SendMessageBatch'", PRACTICE_VERDICT_NONE },
    { "'Action': 'sns:*'", PRACTICE_VERDICT_NONE },
    { "'NotAction': 'sns:*'", PRACTICE_VERDICT_ALLOW },
    { "'NotAction': ['sns:*', 'sqs:Send*']", PRACTICE_VERDICT_NONE },
    { "'Sid': 'neither'", PRACTICE_VERDICT_NONE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *statement = g_strdup_printf ("{'Effect': 'Allow', %s, 'Resource': '*'}", cases[i].actions);

    g_test_message ("%s", statement);
    g_assert_cmpint (evaluate (role, statement, "sqs:SendMessage", QUEUE, NULL), ==, cases[i].verdict);
  }
}

static void
test_resources (void)
{
  g_autoptr (PracticePrincipal) user = new_user ();
  const struct {
    const char      *resources;
    PracticeVerdict  verdict;
  } cases[] = {
    { "'Resource': '" QUEUE "'", PRACTICE_VERDICT_ALLOW },
    { "'Resource': 'arn:aws:sqs:*:*:orders'", PRACTICE_VERDICT_ALLOW },
    { "'Resource': 'arn:aws:sqs:us-east-1:" ACCOUNT ":ord*'", PRACTICE_VERDICT_ALLOW },
    { "'Resource': 'arn:aws:sqs:us-east-1:" ACCOUNT ":ORDERS'", PRACTICE_VERDICT_NONE },
    { "'Resource': 'arn:aws:sqs:us-east-1:" ACCOUNT ":order'", PRACTICE_VERDICT_NONE },
    { "'NotResource': 'arn:aws:sqs:us-east-1:" ACCOUNT ":other'", PRACTICE_VERDICT_ALLOW },
    { "'NotResource': ['" QUEUE "']", PRACTICE_VERDICT_NONE },
    { "'Resource': ['arn:aws:s3:::x', '" QUEUE "']", PRACTICE_VERDICT_ALLOW },
    { "'Resource': 'arn:aws:sqs:us-east-1:" ACCOUNT ":${aws:username}'", PRACTICE_VERDICT_NONE },
    { "'Resource': 'arn:aws:sqs:us-east-1:" ACCOUNT ":${aws:nothing}'", PRACTICE_VERDICT_NONE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *statement = g_strdup_printf ("{'Effect': 'Allow', 'Action': '*', %s}", cases[i].resources);

    g_test_message ("%s", statement);
    g_assert_cmpint (evaluate (user, statement, "sqs:SendMessage", QUEUE, NULL), ==, cases[i].verdict);
  }
  g_assert_cmpint (evaluate (user, "{'Effect': 'Allow', 'Action': '*', 'Resource': 'arn:aws:s3:::home/${aws:username}/*'}",
                             "s3:GetObject", "arn:aws:s3:::home/ada/x", NULL), ==, PRACTICE_VERDICT_ALLOW);
  g_assert_cmpint (evaluate (user, "{'Effect': 'Allow', 'Action': '*', 'Resource': 'arn:aws:s3:::home/${aws:PrincipalTag/team}/*'}",
                             "s3:GetObject", "arn:aws:s3:::home/blue/x", NULL), ==, PRACTICE_VERDICT_ALLOW);
}

static char *
lookup_star (const char *name,
             gpointer    data)
{
  return g_strdup (strcmp (name, "star") == 0 ? "a*" : NULL);
}

static void
assert_pattern (const char *pattern,
                const char *text,
                gboolean    matches)
{
  g_autofree char *expanded = practice_pattern_expand (pattern, lookup_star, NULL);

  g_test_message ("%s, %s", pattern, text);
  g_assert_cmpint (expanded != NULL && practice_pattern_matches (expanded, text, FALSE), ==, matches);
}

static void
test_patterns (void)
{
  g_autofree char *many = g_strnfill (2000, 'a');
  g_autofree char *stars = g_strnfill (200, '*');
  g_autofree char *hard = g_strconcat (stars, "a", stars, "b", NULL);

  assert_pattern ("", "", TRUE);
  assert_pattern ("*", "", TRUE);
  assert_pattern ("?", "", FALSE);
  assert_pattern ("?", "ü", TRUE);
  assert_pattern ("a*c", "abbc", TRUE);
  assert_pattern ("a*c", "abbd", FALSE);
  assert_pattern ("*a*b*", "xxaxxbxx", TRUE);
  assert_pattern ("*ab", "aab", TRUE);
  /* A variable's value is taken as it is. */
  assert_pattern ("${star}", "a*", TRUE);
  assert_pattern ("${star}", "ab", FALSE);
  assert_pattern ("${star}*", "a*b", TRUE);
  assert_pattern ("${*}${?}${$}", "*?$", TRUE);
  assert_pattern ("${*}", "x", FALSE);
  assert_pattern ("${none}", "", FALSE);
  assert_pattern ("${none, 'x'}", "x", TRUE);
  assert_pattern ("${none, x}", "x", FALSE);
  assert_pattern ("${none", "${none", TRUE);
  assert_pattern (hard, many, FALSE);
}

static void
test_effects (void)
{
  g_autoptr (PracticePrincipal) role = new_role ();

  g_assert_cmpint (evaluate (role, "[{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}, {'Effect': 'Deny', 'Action': 'sqs:*', 'Resource': '*'}]",
                             "sqs:SendMessage", QUEUE, NULL), ==, PRACTICE_VERDICT_DENY);
  g_assert_cmpint (evaluate (role, "[{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}, {'Effect': 'Deny', 'Action': 'sqs:*', 'Resource': '*'}]",
                             "sns:Publish", "*", NULL), ==, PRACTICE_VERDICT_ALLOW);
  g_assert_cmpint (evaluate (role, "[]", "sns:Publish", "*", NULL), ==, PRACTICE_VERDICT_NONE);
  /* What is none must neither allow nor crash. */
  g_assert_cmpint (evaluate (role, "['x', 1, {}, null, {'Effect': 1}, {'Effect': 'allow', 'Action': '*', 'Resource': '*'}]", "a:b", "*", NULL),
                   ==, PRACTICE_VERDICT_NONE);
  g_assert_cmpint (evaluate (role, "{'Effect': 'Allow', 'Action': {}, 'Resource': 3, 'Condition': []}", "a:b", "*", NULL), ==, PRACTICE_VERDICT_NONE);
}

static void
test_principals (void)
{
  g_autoptr (PracticePrincipal) role = new_role ();
  g_autoptr (PracticePrincipal) root = practice_principal_new (PRACTICE_PRINCIPAL_ROOT, "arn:aws:iam::" ACCOUNT ":root", ACCOUNT);
  g_autoptr (PracticePrincipal) topic = practice_principal_new_service ("sns.amazonaws.com", "arn:aws:sns:us-east-1:" ACCOUNT ":t", ACCOUNT);
  g_autoptr (PracticePrincipal) nobody = practice_principal_new (PRACTICE_PRINCIPAL_ANONYMOUS, "anonymous", ACCOUNT);
  const struct {
    const char *principal;
    gboolean    role, root, service, nobody;
  } cases[] = {
    { "'*'", TRUE, TRUE, TRUE, TRUE },
    { "{'AWS': '*'}", TRUE, TRUE, TRUE, TRUE },
    { "{'AWS': 'arn:aws:iam::" ACCOUNT ":role/worker'}", TRUE, FALSE, FALSE, FALSE },
    { "{'AWS': ['arn:aws:iam::" ACCOUNT ":role/other', 'arn:aws:sts::" ACCOUNT ":assumed-role/worker/one']}", TRUE, FALSE, FALSE, FALSE },
    { "{'AWS': 'arn:aws:iam::" ACCOUNT ":role/work*'}", FALSE, FALSE, FALSE, FALSE },
    /* The account's own policies have the say then. */
    { "{'AWS': '" ACCOUNT "'}", FALSE, TRUE, FALSE, FALSE },
    { "{'AWS': 'arn:aws:iam::" ACCOUNT ":root'}", FALSE, TRUE, FALSE, FALSE },
    { "{'Service': 'sns.amazonaws.com'}", FALSE, FALSE, TRUE, FALSE },
    { "{'Service': ['lambda.amazonaws.com']}", FALSE, FALSE, FALSE, FALSE },
    { "{'AWS': 'sns.amazonaws.com'}", FALSE, FALSE, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *allow = g_strdup_printf ("{'Effect': 'Allow', 'Principal': %s, 'Action': '*', 'Resource': '*'}", cases[i].principal);

    g_test_message ("%s", allow);
    g_assert_cmpint (evaluate (role, allow, "sqs:SendMessage", QUEUE, NULL) == PRACTICE_VERDICT_ALLOW, ==, cases[i].role);
    g_assert_cmpint (evaluate (root, allow, "sqs:SendMessage", QUEUE, NULL) == PRACTICE_VERDICT_ALLOW, ==, cases[i].root);
    g_assert_cmpint (evaluate (topic, allow, "sqs:SendMessage", QUEUE, NULL) == PRACTICE_VERDICT_ALLOW, ==, cases[i].service);
    g_assert_cmpint (evaluate (nobody, allow, "sqs:SendMessage", QUEUE, NULL) == PRACTICE_VERDICT_ALLOW, ==, cases[i].nobody);
  }
  /* A deny for the account is one for everybody in it. */
  g_assert_cmpint (evaluate (role, "{'Effect': 'Deny', 'Principal': {'AWS': '" ACCOUNT "'}, 'Action': '*', 'Resource': '*'}",
                             "sqs:SendMessage", QUEUE, NULL), ==, PRACTICE_VERDICT_DENY);
  g_assert_cmpint (evaluate (role, "{'Effect': 'Deny', 'NotPrincipal': {'AWS': 'arn:aws:iam::" ACCOUNT ":role/worker'}, 'Action': '*', 'Resource': '*'}",
                             "sqs:SendMessage", QUEUE, NULL), ==, PRACTICE_VERDICT_NONE);
  g_assert_cmpint (evaluate (topic, "{'Effect': 'Deny', 'NotPrincipal': {'AWS': 'arn:aws:iam::" ACCOUNT ":role/worker'}, 'Action': '*', 'Resource': '*'}",
                             "sqs:SendMessage", QUEUE, NULL), ==, PRACTICE_VERDICT_DENY);
}

static void
test_conditions (void)
{
  g_autoptr (PracticePrincipal) role = new_role ();
  const char *context = "{'k': 'abc', 'n': '7', 'd': '2024-05-06T07:08:09Z', 'b': 'true', 'ip': '10.1.2.3', 'm': ['a', 'b'], 'num': 7, 'yes': true,"
                        " 'arn': 'arn:aws:sns:us-east-1:123456789012:topic'}";
  const struct {
    const char *condition;
    gboolean    holds;
  } cases[] = {
    { "{}", TRUE },
    { "{'StringEquals': {'k': 'abc'}}", TRUE },
    { "{'StringEquals': {'K': 'abc'}}", TRUE },
    { "{'StringEquals': {'k': 'ABC'}}", FALSE },
    { "{'StringEquals': {'k': ['x', 'abc']}}", TRUE },
    { "{'StringEquals': {'k': 'a*'}}", FALSE },
    { "{'StringEquals': {'none': 'abc'}}", FALSE },
    { "{'StringEqualsIfExists': {'none': 'abc'}}", TRUE },
    { "{'StringEqualsIfExists': {'k': 'x'}}", FALSE },
    { "{'StringNotEquals': {'k': 'abc'}}", FALSE },
    { "{'StringNotEquals': {'k': ['x', 'y']}}", TRUE },
    { "{'StringNotEquals': {'k': ['x', 'abc']}}", FALSE },
    { "{'StringNotEquals': {'none': 'abc'}}", TRUE },
    { "{'StringEqualsIgnoreCase': {'k': 'ABC'}}", TRUE },
    { "{'StringNotEqualsIgnoreCase': {'k': 'ABC'}}", FALSE },
    { "{'StringLike': {'k': 'a?c'}}", TRUE },
    { "{'StringLike': {'k': 'a*d'}}", FALSE },
    { "{'StringNotLike': {'k': 'a*'}}", FALSE },
    { "{'StringLike': {'k': 'abc'}, 'StringEquals': {'n': '8'}}", FALSE },
    { "{'StringLike': {'k': 'abc', 'n': '8'}}", FALSE },
    { "{'NumericEquals': {'n': '7.0'}}", TRUE },
    { "{'NumericEquals': {'n': 7}}", TRUE },
    { "{'NumericEquals': {'num': '7'}}", TRUE },
    { "{'NumericNotEquals': {'n': '7'}}", FALSE },
    { "{'NumericLessThan': {'n': '8'}}", TRUE },
    { "{'NumericLessThan': {'n': '7'}}", FALSE },
    { "{'NumericLessThanEquals': {'n': '7'}}", TRUE },
    { "{'NumericGreaterThan': {'n': '-1'}}", TRUE },
    { "{'NumericGreaterThanEquals': {'n': '7'}}", TRUE },
    { "{'NumericEquals': {'k': '7'}}", FALSE },
    { "{'NumericEquals': {'n': 'seven'}}", FALSE },
    { "{'DateEquals': {'d': '2024-05-06T07:08:09Z'}}", TRUE },
    { "{'DateEquals': {'d': '2024-05-06T09:08:09+02:00'}}", TRUE },
    { "{'DateGreaterThan': {'d': '2024-05-06'}}", TRUE },
    { "{'DateLessThan': {'d': '2024-05-06'}}", FALSE },
    { "{'DateLessThan': {'d': '4000000000'}}", TRUE },
    { "{'DateGreaterThan': {'aws:CurrentTime': '2020-01-01'}}", TRUE },
    { "{'NumericGreaterThan': {'aws:EpochTime': '1500000000'}}", TRUE },
    { "{'DateEquals': {'d': 'yesterday'}}", FALSE },
    { "{'Bool': {'b': 'true'}}", TRUE },
    { "{'Bool': {'b': true}}", TRUE },
    { "{'Bool': {'yes': 'true'}}", TRUE },
    { "{'Bool': {'b': 'false'}}", FALSE },
    { "{'Bool': {'aws:SecureTransport': 'false'}}", FALSE },
    { "{'IpAddress': {'ip': '10.0.0.0/8'}}", TRUE },
    { "{'IpAddress': {'ip': ['192.168.0.0/16', '10.1.2.3']}}", TRUE },
    { "{'IpAddress': {'ip': '10.2.0.0/16'}}", FALSE },
    { "{'NotIpAddress': {'ip': '10.0.0.0/8'}}", FALSE },
    { "{'IpAddress': {'ip': 'nonsense'}}", FALSE },
    { "{'ArnEquals': {'arn': 'arn:aws:sns:us-east-1:123456789012:topic'}}", TRUE },
    { "{'ArnLike': {'arn': 'arn:aws:sns:*:123456789012:*'}}", TRUE },
    { "{'ArnLike': {'arn': 'arn:aws:*:topic'}}", FALSE },
    { "{'ArnLike': {'arn': '*'}}", TRUE },
    { "{'ArnNotLike': {'arn': 'arn:aws:sns:*:*:other'}}", TRUE },
    { "{'ArnNotEquals': {'arn': 'arn:aws:sns:us-east-1:123456789012:topic'}}", FALSE },
    { "{'Null': {'none': 'true'}}", TRUE },
    { "{'Null': {'none': 'false'}}", FALSE },
    { "{'Null': {'k': false}}", TRUE },
    { "{'ForAnyValue:StringEquals': {'m': ['b', 'c']}}", TRUE },
    { "{'ForAnyValue:StringEquals': {'m': ['c']}}", FALSE },
    { "{'ForAnyValue:StringEquals': {'none': ['c']}}", FALSE },
    { "{'ForAllValues:StringEquals': {'m': ['a', 'b', 'c']}}", TRUE },
    { "{'ForAllValues:StringEquals': {'m': ['a']}}", FALSE },
    { "{'ForAllValues:StringEquals': {'none': ['a']}}", TRUE },
    { "{'ForAllValues:StringNotLike': {'m': ['x*']}}", TRUE },
    { "{'ForAnyValue:StringNotEquals': {'m': ['a']}}", TRUE },
    { "{'StringEquals': {'aws:PrincipalArn': 'arn:aws:iam::" ACCOUNT ":role/worker'}}", TRUE },
    { "{'StringEquals': {'aws:PrincipalAccount': '" ACCOUNT "', 'aws:PrincipalType': 'AssumedRole', 'aws:userid': 'AROA123:one'}}", TRUE },
    { "{'StringEquals': {'aws:RequestedRegion': 'us-east-1', 'aws:ResourceAccount': '" ACCOUNT "'}}", TRUE },
    { "{'StringEquals': {'aws:PrincipalTag/Team': 'blue'}}", TRUE },
    { "{'StringLike': {'k': '${aws:PrincipalTag/team}'}}", FALSE },
    { "{'Nonsense': {'k': 'abc'}}", FALSE },
    { "{'StringEquals': 'k'}", FALSE },
    { "{'StringEquals': {'k': {'x': 1}}}", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *statement = g_strdup_printf ("{'Effect': 'Allow', 'Action': '*', 'Resource': '*', 'Condition': %s}", cases[i].condition);

    g_test_message ("%s", statement);
    g_assert_cmpint (evaluate (role, statement, "sqs:SendMessage", QUEUE, context) == PRACTICE_VERDICT_ALLOW, ==, cases[i].holds);
  }
}

static void
test_source (void)
{
  g_autoptr (PracticePrincipal) topic = practice_principal_new_service ("sns.amazonaws.com", "arn:aws:sns:us-east-1:" ACCOUNT ":t", ACCOUNT);
  const struct {
    const char      *topic;
    PracticeVerdict  verdict;
  } cases[] = {
    { "t", PRACTICE_VERDICT_ALLOW },
    { "u", PRACTICE_VERDICT_NONE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *statement = g_strdup_printf (
      "{'Effect': 'Allow', 'Principal': {'Service': 'sns.amazonaws.com'}, 'Action': 'sqs:SendMessage', 'Resource': '*',"
      " 'Condition': {'ArnLike': {'aws:SourceArn': 'arn:aws:sns:*:*:%s'}, 'StringEquals': {'aws:SourceAccount': '" ACCOUNT "'}}}",
      cases[i].topic);

    g_assert_cmpint (evaluate (topic, statement, "sqs:SendMessage", QUEUE, NULL), ==, cases[i].verdict);
  }
}

static void
assert_check (PracticePolicyKind  kind,
              const char         *text,
              const char         *message)
{
  g_autofree char *json = g_strdelimit (g_strdup (text), "'", '"');
  g_autofree char *wanted = message != NULL ? g_strdelimit (g_strdup (message), "'", '"') : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) policy = practice_policy_parse (json, kind, &error);

  g_test_message ("%s", json);
  g_assert_cmpstr (error != NULL ? error->message : NULL, ==, wanted);
  g_assert_cmpint (policy != NULL, ==, wanted == NULL);
}

#define POLICY(inner) "{'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', " inner "}]}"

static void
test_check (void)
{
  const PracticePolicyKind identity = PRACTICE_POLICY_IDENTITY;
  const PracticePolicyKind trust = PRACTICE_POLICY_TRUST;
  const char *syntax = "Syntax errors in policy.";

  assert_check (identity, POLICY ("'Action': 'sqs:*', 'Resource': '*'"), NULL);
  assert_check (identity, POLICY ("'Action': '*', 'Resource': ['arn:aws:sqs:*:*:x', '*']"), NULL);
  assert_check (identity, "", syntax);
  assert_check (identity, "[]", syntax);
  assert_check (identity, "{}", syntax);
  assert_check (identity, "{'Version': '2012-10-17', 'Statement': []}", syntax);
  assert_check (identity, "{'Version': '2012-10-17', 'Statement': [1]}", syntax);
  assert_check (identity, "{'Version': '2013-10-17', 'Statement': {}}", syntax);
  assert_check (identity, "{'Statement': {'Effect': 'Allow', 'Action': '*', 'Resource': '*'}}", "Policy document must be version 2012-10-17 or greater.");
  assert_check (identity, "{'Version': '2012-10-17', 'Statement': {'Effect': 'allow', 'Action': '*', 'Resource': '*'}}", syntax);
  assert_check (identity, "{'Version': '2012-10-17', 'Statments': []}", syntax);
  assert_check (identity, POLICY ("'Action': '*', 'NotAction': '*', 'Resource': '*'"), syntax);
  assert_check (identity, POLICY ("'Action': '*', 'Resource': '*', 'Extra': 1"), syntax);
  assert_check (identity, POLICY ("'Action': '*', 'Resource': '*', 'Condition': {'Nope': {'a:b': 'c'}}"), syntax);
  assert_check (identity, POLICY ("'Action': '*', 'Resource': '*', 'Condition': {'StringEquals': {'ab': 'c'}}"),
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  assert_check (identity, POLICY ("'Resource': '*'"), "Policy statement must contain actions.");
  assert_check (identity, POLICY ("'Action': '*'"), "Policy statement must contain resources.");
  assert_check (identity, POLICY ("'Action': 'SendMessage', 'Resource': '*'"), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  assert_check (identity, POLICY ("'Action': 'sqs:Send:Message', 'Resource': '*'"), "Actions/Condition can contain only one colon.");
  assert_check (identity, POLICY ("'Action': 's q:Send', 'Resource': '*'"), "Vendor s q is not valid");
  assert_check (identity, POLICY ("'Action': '*', 'Resource': 'orders'"), "Resource orders must be in ARN format or '*'.");
  assert_check (identity, POLICY ("'Action': '*', 'Resource': 'arn:aws:sqs:x'"), "The policy failed legacy parsing");
  assert_check (identity, POLICY ("'Action': '*', 'Resource': 'arn:amazon:sqs:us-east-1:1:x'"),
                "Partition 'amazon' is not valid for resource 'arn:amazon:sqs:us-east-1:1:x'.");
  assert_check (identity, POLICY ("'Action': '*', 'Resource': '*', 'Principal': '*'"), "Policy document should not specify a principal.");
  assert_check (identity, "{'Version': '2012-10-17', 'Statement': [{'Sid': 'a', 'Effect': 'Deny', 'Action': '*', 'Resource': '*'},"
                " {'Sid': 'a', 'Effect': 'Deny', 'Action': '*', 'Resource': '*'}]}", "Statement IDs (SID) in a single policy must be unique.");

  assert_check (trust, POLICY ("'Action': 'sts:AssumeRole', 'Principal': {'Service': 'lambda.amazonaws.com'}"), NULL);
  assert_check (trust, "nonsense", "This policy contains invalid Json");
  assert_check (trust, POLICY ("'Action': 'sts:AssumeRole', 'Principal': {'Service': 'lamda.amazonaws.com'}"),
                "Invalid principal in policy: 'SERVICE':'lamda.amazonaws.com'");
  assert_check (trust, POLICY ("'Action': 'sts:AssumeRole', 'Principal': {'Service': 'lambda.amazonaws.com.evil'}"),
                "Invalid principal in policy: 'SERVICE':'lambda.amazonaws.com.evil'");
  assert_check (trust, POLICY ("'Action': 'sts:AssumeRole'"), "Missing required field Principal");
  assert_check (trust, POLICY ("'Action': 'sts:AssumeRole', 'Principal': '*', 'Resource': '*'"), "Has prohibited field Resource");
  assert_check (trust, POLICY ("'Action': 'sqs:*', 'Principal': '*'"), "AssumeRole policy may only specify STS AssumeRole actions.");
  assert_check (PRACTICE_POLICY_RESOURCE, POLICY ("'Action': 'sqs:*', 'Principal': '*', 'Resource': '*', 'Sid': '__owner_statement'"), NULL);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/practice/policy/actions", test_actions);
  g_test_add_func ("/practice/policy/resources", test_resources);
  g_test_add_func ("/practice/policy/patterns", test_patterns);
  g_test_add_func ("/practice/policy/effects", test_effects);
  g_test_add_func ("/practice/policy/principals", test_principals);
  g_test_add_func ("/practice/policy/conditions", test_conditions);
  g_test_add_func ("/practice/policy/source", test_source);
  g_test_add_func ("/practice/policy/check", test_check);
  return g_test_run ();
}
