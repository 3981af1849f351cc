/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "practice-auth.h"
#include "practice-form.h"
#include "practice-json.h"
#include "practice-route.h"
#include "practice-xml.h"

/* @json is written with ' for "; NULL where the form must be refused. */
static void
assert_form (JsonObject *(*parse) (const char *, gsize, GError **),
             const char *form,
             const char *json)
{
  g_autofree char *wanted = json != NULL ? g_strdelimit (g_strdup (json), "'", '"') : NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object = parse (form, strlen (form), &error);

  g_test_message ("%s", form);
  if (wanted == NULL) {
    g_assert_null (object);
    g_assert_nonnull (error);
    return;
  }
  g_assert_no_error (error);
  text = practice_json_object_to_text (object);
  g_assert_cmpstr (text, ==, wanted);
}

static void
test_unflatten (void)
{
  GString *deep = g_string_new ("a");

  assert_form (practice_form_unflatten, "", "{}");
  assert_form (practice_form_unflatten, "&&", "{}");
  assert_form (practice_form_unflatten, "Action=A&B=c%20d+e&F=", "{'Action':'A','B':'c d e','F':''}");
  assert_form (practice_form_unflatten, "A=1&A=2", "{'A':'2'}");
  assert_form (practice_form_unflatten, "novalue", "{'novalue':''}");
  assert_form (practice_form_unflatten, "A.member.1=x&A.member.2=y", "{'A':['x','y']}");
  assert_form (practice_form_unflatten, "A.2=y&A.10=z&A.1=x", "{'A':['x','y','z']}");
  assert_form (practice_form_unflatten, "A=", "{'A':''}");
  assert_form (practice_form_unflatten, "A=&A.1=x", "{'A':['x']}");
  assert_form (practice_form_unflatten, "M.entry.1.key=k&M.entry.1.value=v&M.entry.2.key=l", "{'M':{'k':'v','l':''}}");
  assert_form (practice_form_unflatten, "M.entry.1.Name=k&M.entry.1.Value.DataType=String&M.entry.1.Value.StringValue=s",
               "{'M':{'k':{'DataType':'String','StringValue':'s'}}}");
  assert_form (practice_form_unflatten, "Tags.member.1.Key=a&Tags.member.1.Value=b", "{'Tags':[{'Key':'a','Value':'b'}]}");
  assert_form (practice_form_unflatten, "Attribute.1.Name=VisibilityTimeout&Attribute.1.Value=30",
               "{'Attribute':[{'Name':'VisibilityTimeout','Value':'30'}]}");
  assert_form (practice_form_unflatten, "A.B=c&A.D.1=e", "{'A':{'B':'c','D':['e']}}");
  assert_form (practice_form_unflatten, "1=x", "{'1':'x'}");
  assert_form (practice_form_unflatten, "A.=x", "{'A':{'':'x'}}");

  assert_form (practice_form_unflatten, "A=1&A.B=2", NULL);
  assert_form (practice_form_unflatten, "A=%", NULL);
  assert_form (practice_form_unflatten, "A=%zz", NULL);
  assert_form (practice_form_unflatten, "A=%00", NULL);
  assert_form (practice_form_unflatten, "A=%ff", NULL);
  assert_form (practice_form_unflatten, "M.entry.1.value=v", NULL);
  assert_form (practice_form_unflatten, "M.entry.1=v", NULL);

  for (guint i = 0; i < 100; i++)
    g_string_append (deep, ".a");
  g_string_append (deep, "=x");
  assert_form (practice_form_unflatten, deep->str, NULL);
  g_string_free (deep, TRUE);
}

static void
test_flat (void)
{
  assert_form (practice_form_parse, "a=1&b.c=2", "{'a':'1','b.c':'2'}");
  assert_form (practice_form_parse, "k=x&k=y&k=z", "{'k':['x','y','z']}");
  assert_form (practice_form_parse, "k=%e4", NULL);
}

static void
assert_route (const char *route,
              const char *method,
              const char *path,
              const char *labels)
{
  g_autofree char *wanted = labels != NULL ? g_strdelimit (g_strdup (labels), "'", '"') : NULL;
  g_autoptr (JsonObject) object = json_object_new ();
  guint weight = practice_route_match (route, method, path, object);

  g_test_message ("%s, %s %s", route, method, path);
  g_assert_cmpint (weight > 0, ==, wanted != NULL);
  if (wanted != NULL) {
    g_autofree char *text = practice_json_object_to_text (object);

    g_assert_cmpstr (text, ==, wanted);
  }
}

static void
test_routes (void)
{
  assert_route ("GET /restapis", "GET", "/restapis", "{}");
  assert_route ("GET /restapis", "GET", "/restapis/", "{}");
  assert_route ("GET /restapis", "POST", "/restapis", NULL);
  assert_route ("GET /restapis", "GET", "/restapi", NULL);
  assert_route ("GET /restapis/{id}", "GET", "/restapis", NULL);
  assert_route ("GET /restapis/{id}", "GET", "/restapis/a/b", NULL);
  assert_route ("GET /restapis/{id}/resources", "GET", "/restapis/a%20b%2Fc/resources", "{'id':'a b/c'}");
  assert_route ("GET /tags/{arn+}", "GET", "/tags/arn:aws:x/y/z", "{'arn':'arn:aws:x/y/z'}");
  assert_route ("GET /tags/{arn+}", "GET", "/tags/", NULL);
  assert_route ("GET /x/{id}", "GET", "/x/%ff", NULL);
  assert_route ("GET /x/{id}", "GET", "/x/%0", NULL);
  assert_route ("GET /x/{id}", "GE", "/x/a", NULL);
  assert_route ("GET /x/{id}", "", "", NULL);
  /* Literals win. */
  g_assert_cmpuint (practice_route_match ("GET /a/b", "GET", "/a/b", NULL), >, practice_route_match ("GET /a/{x}", "GET", "/a/b", NULL));
  g_assert_cmpuint (practice_route_match ("GET /a/{x}", "GET", "/a/b", NULL), >, practice_route_match ("GET /a/{x+}", "GET", "/a/b", NULL));
}

static JsonObject *
parse (const char *text)
{
  g_autofree char *json = g_strdelimit (g_strdup (text), "'", '"');
  JsonObject *object = practice_json_parse_object (json, -1, NULL);

  g_assert_nonnull (object);
  return object;
}

static void
test_xml (void)
{
  static const char *const maps[] = { "Attributes", NULL };
  g_autoptr (JsonObject) object = parse ("{'A':'<&>','N':1,'B':true,'Z':null,'L':['x',{'K':'v'}],'E':[],'Attributes':{'k':'v'},'O':{'P':'q'}}");
  g_autoptr (JsonObject) flat = parse ("{'Message':[{'Id':'1'},{'Id':'2'}]}");
  g_autoptr (JsonObject) odd = parse ("{'T':'a\\u0001\\r\\n'}");
  g_autofree char *nested = practice_xml_answer ("Op", "urn:x", object, maps, FALSE, "r-1");
  g_autofree char *flattened = practice_xml_answer ("Op", NULL, flat, NULL, TRUE, "r-2");
  g_autofree char *empty = practice_xml_answer ("Op", NULL, NULL, NULL, FALSE, "r-3");
  g_autofree char *control = practice_xml_answer ("Op", NULL, odd, NULL, FALSE, "r-4");
  g_autofree char *error = practice_xml_error ("urn:x", TRUE, "Code", "a < b", "r-5");

  g_assert_cmpstr (nested, ==, "<OpResponse xmlns=\"urn:x\"><OpResult><A>&lt;&amp;&gt;</A><N>1</N><B>true</B><L><member>x</member><member><K>v</K></member></L>"
                   "<E></E><Attributes><entry><key>k</key><value>v</value></entry></Attributes><O><P>q</P></O></OpResult>"
                   "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></OpResponse>");
  g_assert_cmpstr (flattened, ==, "<OpResponse><OpResult><Message><Id>1</Id></Message><Message><Id>2</Id></Message></OpResult>"
                   "<ResponseMetadata><RequestId>r-2</RequestId></ResponseMetadata></OpResponse>");
  g_assert_cmpstr (empty, ==, "<OpResponse><ResponseMetadata><RequestId>r-3</RequestId></ResponseMetadata></OpResponse>");
  g_assert_nonnull (strstr (control, "<T>a\xef\xbf\xbd&#xD;\n</T>"));
  g_assert_cmpstr (error, ==, "<ErrorResponse xmlns=\"urn:x\"><Error><Type>Sender</Type><Code>Code</Code><Message>a &lt; b</Message></Error>"
                   "<RequestId>r-5</RequestId></ErrorResponse>");
}

static void
assert_authorization (const char *text,
                      const char *message)
{
  g_autofree char *found = NULL;
  g_autoptr (PracticeSignature) signature = practice_signature_parse (text, &found);

  g_test_message ("%s", text);
  g_assert_null (signature);
  g_assert_nonnull (found);
  g_assert_nonnull (strstr (found, message));
}

static void
test_authorization (void)
{
  g_autofree char *message = NULL;
  g_autoptr (PracticeSignature) signature = practice_signature_parse (
    "AWS4-HMAC-SHA256 Credential=AKID/20150830/us-east-1/sqs/aws4_request,SignedHeaders=host;x-amz-date,  Signature=abc", &message);

  g_assert_nonnull (signature);
  g_assert_cmpstr (signature->access_key_id, ==, "AKID");
  g_assert_cmpstr (signature->date, ==, "20150830");
  g_assert_cmpstr (signature->region, ==, "us-east-1");
  g_assert_cmpstr (signature->service, ==, "sqs");
  g_assert_cmpstr (signature->scope, ==, "20150830/us-east-1/sqs/aws4_request");
  g_assert_cmpstr (signature->signed_headers[1], ==, "x-amz-date");
  g_assert_cmpstr (signature->signature, ==, "abc");

  assert_authorization ("", "algorithm");
  assert_authorization ("AWS4-HMAC-SHA256", "'Credential'");
  assert_authorization ("AWS4-HMAC-SHA256Credential=a", "algorithm");
  assert_authorization ("Basic YTpi", "algorithm");
  assert_authorization ("AWS4-HMAC-SHA256 ", "'Credential'");
  assert_authorization ("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request", "'Signature'");
  assert_authorization ("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, Signature=x", "'SignedHeaders'");
  assert_authorization ("AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=x", "5 slash-delimited elements");
  assert_authorization ("AWS4-HMAC-SHA256 Credential=a//c/d/aws4_request, SignedHeaders=host, Signature=x", "5 slash-delimited elements");
  assert_authorization ("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=date, Signature=x", "'Host'");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/practice/form/unflatten", test_unflatten);
  g_test_add_func ("/practice/form/flat", test_flat);
  g_test_add_func ("/practice/route", test_routes);
  g_test_add_func ("/practice/xml", test_xml);
  g_test_add_func ("/practice/authorization", test_authorization);
  return g_test_run ();
}
