/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The handlers against a cloud that answers what a script says: AWS's habits, one by one. */
#include <libsoup/soup.h>
#include <string.h>

#include "aws-json.h"
#include "deploy-fixture.h"
#include "mill-code.h"
#include "mill-handler.h"

/* One answer; the last one of an operation is repeated. "*" answers everything. */
typedef struct {
  const char *operation;   /* "CreateFunction": in X-Amz-Target or Action; else method and path */
  guint       status;
  const char *body;
  guint       used;
} Answer;

typedef struct {
  char           *folder;
  GThread        *thread;
  GMainLoop      *loop;
  SoupServer     *server;
  char           *url;
  Answer         *answers;
  GMutex          mutex;
  GString        *calls;
  MillTarget     *target;
  MillLedger     *ledger;
  MillDeployment *deployment;
} Cloud;

static char *
operation_of (SoupServerMessage *message,
              const char        *path)
{
  const char *target = soup_message_headers_get_one (soup_server_message_get_request_headers (message), "X-Amz-Target");
  g_autoptr(GBytes) body = soup_message_body_flatten (soup_server_message_get_request_body (message));
  g_autofree char *text = g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  g_autoptr(GHashTable) form = NULL;

  if (target != NULL)
    return g_strdup (strchr (target, '.') + 1);
  if (strstr (text, "Action=") != NULL)
    {
      form = soup_form_decode (text);
      return g_strdup (g_hash_table_lookup (form, "Action"));
    }
  return g_strdup_printf ("%s %s", soup_server_message_get_method (message), path);
}

static void
on_request (SoupServer        *server,
            SoupServerMessage *message,
            const char        *path,
            GHashTable        *query,
            gpointer           data)
{
  Cloud *cloud = data;
  g_autofree char *operation = operation_of (message, path);
  Answer *chosen = NULL;

  g_mutex_lock (&cloud->mutex);
  g_string_append_printf (cloud->calls, "%s\n", operation);
  for (Answer *answer = cloud->answers; answer->operation != NULL; answer++)
    if (strcmp (answer->operation, operation) == 0 || strcmp (answer->operation, "*") == 0)
      {
        chosen = answer;
        if (answer->used == 0)
          break;
      }
  if (chosen != NULL)
    chosen->used++;
  g_mutex_unlock (&cloud->mutex);

  soup_server_message_set_status (message, chosen != NULL ? chosen->status : 404, NULL);
  soup_message_headers_append (soup_server_message_get_response_headers (message), "x-amzn-RequestId", "request-1");
  if (chosen != NULL)
    soup_server_message_set_response (message, g_str_has_prefix (chosen->body, "<") ? "text/xml" : "application/json", SOUP_MEMORY_STATIC,
                                      chosen->body, strlen (chosen->body));
}

static gpointer
serve (gpointer data)
{
  Cloud *cloud = data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GError) error = NULL;
  GSList *uris;

  g_main_context_push_thread_default (context);
  cloud->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (cloud->server, NULL, on_request, cloud, NULL);
  soup_server_listen_local (cloud->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (cloud->server);
  g_mutex_lock (&cloud->mutex);
  cloud->url = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  cloud->loop = g_main_loop_new (context, FALSE);
  g_mutex_unlock (&cloud->mutex);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  g_main_loop_run (cloud->loop);
  soup_server_disconnect (cloud->server);
  g_object_unref (cloud->server);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);
  return NULL;
}

static gboolean
is_listening (gpointer data)
{
  Cloud *cloud = data;
  gboolean ready;

  g_mutex_lock (&cloud->mutex);
  ready = cloud->loop != NULL && g_main_loop_is_running (cloud->loop);
  g_mutex_unlock (&cloud->mutex);
  return ready;
}

static void
cloud_start (Cloud  *cloud,
             Answer *answers)
{
  g_autofree char *path = NULL;
  g_autoptr(GError) error = NULL;

  memset (cloud, 0, sizeof *cloud);
  g_mutex_init (&cloud->mutex);
  cloud->answers = answers;
  cloud->calls = g_string_new (NULL);
  cloud->thread = g_thread_new ("cloud", serve, cloud);
  fixture_wait (is_listening, cloud);
  cloud->folder = fixture_folder_new ();
  path = g_build_filename (cloud->folder, "ledger.db", NULL);
  cloud->ledger = mill_ledger_new (path, &error);
  g_assert_no_error (error);
  cloud->target = mill_target_new (cloud->url, "eu-west-1", &error);
  g_assert_no_error (error);
  cloud->deployment = mill_deployment_new ("small-abcd", "small", NULL, cloud->target,
                                           g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free), 0, cloud->ledger);
  mill_deployment_set_account (cloud->deployment, "111122223333");
}

static void
drain (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
cloud_stop (Cloud *cloud)
{
  drain ();
  g_main_loop_quit (cloud->loop);
  g_thread_join (cloud->thread);
  g_main_loop_unref (cloud->loop);
  g_object_unref (cloud->deployment);
  g_object_unref (cloud->target);
  g_object_unref (cloud->ledger);
  g_free (cloud->url);
  g_string_free (cloud->calls, TRUE);
  g_mutex_clear (&cloud->mutex);
  fixture_folder_remove (cloud->folder);
}

static guint
count_calls (Cloud      *cloud,
             const char *operation)
{
  g_auto(GStrv) lines = g_strsplit (cloud->calls->str, "\n", -1);
  guint n = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    n += strcmp (lines[i], operation) == 0;
  return n;
}

static MillJob *
job_new (Cloud      *cloud,
         const char *type,
         const char *name,
         const char *properties)
{
  g_autoptr(JsonObject) object = aws_json_parse_object (properties, -1, NULL);
  MillRecord *record = mill_record_new ("Thing", type);

  g_assert_nonnull (object);
  g_free (record->name);
  record->name = g_strdup (name);
  record->state = MILL_RESOURCE_INTENDED;
  mill_deployment_restore_record (cloud->deployment, mill_record_copy (record));
  return mill_job_new (cloud->deployment, record, object, NULL);
}

static void
on_reason (MillResource *resource,
           GParamSpec   *pspec,
           gpointer      data)
{
  if (*mill_resource_get_wait_reason (resource) != '\0')
    g_string_append_printf (data, "%s\n", mill_resource_get_wait_reason (resource));
}

#define NOT_ASSUMED \
  "{\"__type\": \"InvalidParameterValueException\", \"message\": \"The role defined for the function cannot be assumed by Lambda.\"}"
#define ROLE(service) \
  "<GetRoleResponse><GetRoleResult><Role><RoleName>r</RoleName><Arn>arn:aws:iam::111122223333:role/r</Arn><AssumeRolePolicyDocument>" \
  "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22" service "%22%7D%2C" \
  "%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D</AssumeRolePolicyDocument></Role></GetRoleResult></GetRoleResponse>"
#define FUNCTION_PROPERTIES \
  "{\"FunctionName\": \"f\", \"Runtime\": \"python3.13\", \"Handler\": \"a.b\", \"Role\": \"arn:aws:iam::111122223333:role/r\", \"Code\": \"functions/f\"}"
#define FUNCTION_ARN "arn:aws:lambda:eu-west-1:111122223333:function:f"
#define FUNCTION(state) \
  "{\"Configuration\": {\"FunctionName\": \"f\", \"FunctionArn\": \"" FUNCTION_ARN "\", \"State\": \"" state "\", \"Runtime\": \"python3.13\"," \
  " \"Handler\": \"a.b\", \"Role\": \"arn:aws:iam::111122223333:role/r\", \"CodeSha256\": \"x\"}, \"Tags\": {\"millrace:deployment\": \"small-abcd\"}}"

static void
store_code (Cloud *cloud)
{
  g_autoptr(GHashTable) files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);

  g_hash_table_insert (files, g_strdup ("a.py"), g_bytes_new_static ("x", 1));
  mill_code_store (cloud->deployment, "Thing", "functions/f", files);
}

/* A new role, then a function that is not ready yet: tried again, with reasons. */
static void
test_role_not_ready (void)
{
  static Answer answers[] = {
    { "POST /2015-03-31/functions", 400, NOT_ASSUMED },
    { "POST /2015-03-31/functions", 400, NOT_ASSUMED },
    { "POST /2015-03-31/functions", 201, "{\"FunctionArn\": \"" FUNCTION_ARN "\", \"State\": \"Pending\"}" },
    { "GetRole", 200, ROLE ("lambda.amazonaws.com") },
    { "DescribeLogGroups", 200, "{\"logGroups\": []}" },
    { "GET /2015-03-31/functions/f", 200, FUNCTION ("Pending") },
    { "GET /2015-03-31/functions/f", 200, FUNCTION ("Active") },
    { NULL }
  };
  g_autoptr(GString) reasons = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  MillResource *resource;
  MillJob *job;
  Cloud cloud;

  cloud_start (&cloud, answers);
  store_code (&cloud);
  job = job_new (&cloud, "AWS::Lambda::Function", "f", FUNCTION_PROPERTIES);
  resource = mill_deployment_find_resource (cloud.deployment, "Thing");
  g_signal_connect (resource, "notify::wait-reason", G_CALLBACK (on_reason), reasons);
  g_assert_true (job->handler->create (job, &error));
  g_assert_no_error (error);
  drain ();
  g_assert_cmpuint (count_calls (&cloud, "POST /2015-03-31/functions"), ==, 3);
  g_assert_cmpuint (count_calls (&cloud, "GET /2015-03-31/functions/f"), ==, 2);
  g_assert_nonnull (strstr (reasons->str, "The role is new"));
  g_assert_nonnull (strstr (reasons->str, "preparing the function"));
  g_assert_cmpstr (mill_resource_get_wait_reason (resource), ==, "");
  g_assert_cmpstr (job->record->physical_id, ==, "f");
  g_assert_cmpstr (job->record->arn, ==, FUNCTION_ARN);
  mill_job_free (job);
  cloud_stop (&cloud);
}

/* A trust policy that names another service: no waiting, and the role is named. */
static void
test_wrong_trust (void)
{
  static Answer answers[] = {
    { "POST /2015-03-31/functions", 400, NOT_ASSUMED },
    { "GetRole", 200, ROLE ("ec2.amazonaws.com") },
    { NULL }
  };
  g_autoptr(GError) error = NULL;
  MillJob *job;
  Cloud cloud;

  cloud_start (&cloud, answers);
  store_code (&cloud);
  job = job_new (&cloud, "AWS::Lambda::Function", "f", FUNCTION_PROPERTIES);
  g_assert_false (job->handler->create (job, &error));
  g_assert_cmpuint (count_calls (&cloud, "POST /2015-03-31/functions"), ==, 1);
  g_assert_nonnull (strstr (error->message, "role r cannot be assumed"));
  mill_job_free (job);
  cloud_stop (&cloud);
}

#define MAPPING_PROPERTIES "{\"EventSourceArn\": \"arn:aws:sqs:eu-west-1:111122223333:q\", \"FunctionName\": \"f\", \"BatchSize\": 10}"
#define MAPPING(state) \
  "{\"UUID\": \"u-1\", \"State\": \"" state "\", \"EventSourceArn\": \"arn:aws:sqs:eu-west-1:111122223333:q\", \"FunctionArn\": \"" FUNCTION_ARN "\"," \
  " \"BatchSize\": 10}"
#define NO_PERMISSION \
  "{\"__type\": \"InvalidParameterValueException\", \"message\": \"The provided execution role does not have permissions to call ReceiveMessage on SQS\"}"
#define ATTACHED \
  "<ListAttachedRolePoliciesResponse><ListAttachedRolePoliciesResult><AttachedPolicies><member><PolicyName>p</PolicyName><PolicyArn>arn:aws:iam::111122223333:policy/p</PolicyArn>" \
  "</member></AttachedPolicies><IsTruncated>false</IsTruncated></ListAttachedRolePoliciesResult></ListAttachedRolePoliciesResponse>"
#define NO_INLINE "<ListRolePoliciesResponse><ListRolePoliciesResult><PolicyNames/><IsTruncated>false</IsTruncated></ListRolePoliciesResult></ListRolePoliciesResponse>"
#define POLICY "<GetPolicyResponse><GetPolicyResult><Policy><Arn>arn:aws:iam::111122223333:policy/p</Arn><DefaultVersionId>v1</DefaultVersionId></Policy></GetPolicyResult></GetPolicyResponse>"
#define POLICY_VERSION(action) \
  "<GetPolicyVersionResponse><GetPolicyVersionResult><PolicyVersion><VersionId>v1</VersionId><IsDefaultVersion>true</IsDefaultVersion><Document>" \
  "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%5B%22" action "%22%5D%2C%22Resource%22%3A%22%2A%22%7D%5D%7D" \
  "</Document></PolicyVersion></GetPolicyVersionResult></GetPolicyVersionResponse>"

/* The policy lacks the action: at once, with action and role. */
static void
test_missing_permission (void)
{
  static Answer answers[] = {
    { "POST /2015-03-31/event-source-mappings", 400, NO_PERMISSION },
    { "GET /2015-03-31/functions/f/configuration", 200, "{\"Role\": \"arn:aws:iam::111122223333:role/reader\"}" },
    { "ListAttachedRolePolicies", 200, ATTACHED },
    { "ListRolePolicies", 200, NO_INLINE },
    { "GetPolicy", 200, POLICY },
    { "GetPolicyVersion", 200, POLICY_VERSION ("sqs%3ADeleteMessage") },
    { NULL }
  };
  g_autoptr(GError) error = NULL;
  MillJob *job;
  Cloud cloud;

  cloud_start (&cloud, answers);
  job = job_new (&cloud, "AWS::Lambda::EventSourceMapping", "", MAPPING_PROPERTIES);
  g_assert_false (job->handler->create (job, &error));
  g_assert_cmpuint (count_calls (&cloud, "POST /2015-03-31/event-source-mappings"), ==, 1);
  g_assert_nonnull (strstr (error->message, "reader"));
  g_assert_nonnull (strstr (error->message, "sqs:ReceiveMessage"));
  g_assert_nonnull (strstr (mill_error_get_advice (error), "add the action"));
  mill_job_free (job);
  cloud_stop (&cloud);
}

/* The policy has it, AWS does not know yet: tried again. Then the mapping is not enabled yet, and gone only after a while. */
static void
test_mapping (void)
{
  static Answer answers[] = {
    { "POST /2015-03-31/event-source-mappings", 400, NO_PERMISSION },
    { "POST /2015-03-31/event-source-mappings", 202, MAPPING ("Creating") },
    { "GET /2015-03-31/functions/f/configuration", 200, "{\"Role\": \"arn:aws:iam::111122223333:role/reader\"}" },
    { "ListAttachedRolePolicies", 200, ATTACHED },
    { "ListRolePolicies", 200, NO_INLINE },
    { "GetPolicy", 200, POLICY },
    { "GetPolicyVersion", 200, POLICY_VERSION ("sqs%3AReceive%2A") },
    { "GET /2015-03-31/event-source-mappings/u-1", 200, MAPPING ("Creating") },
    { "GET /2015-03-31/event-source-mappings/u-1", 200, MAPPING ("Enabled") },
    { "DELETE /2015-03-31/event-source-mappings/u-1", 409, "{\"__type\": \"ResourceInUseException\", \"Message\": \"busy\"}" },
    { "DELETE /2015-03-31/event-source-mappings/u-1", 202, MAPPING ("Deleting") },
    { "GET /2015-03-31/event-source-mappings/u-1", 200, MAPPING ("Deleting") },
    { "GET /2015-03-31/event-source-mappings/u-1", 404, "{\"__type\": \"ResourceNotFoundException\", \"Message\": \"no\"}" },
    { NULL }
  };
  g_autoptr(GError) error = NULL;
  MillJob *job;
  Cloud cloud;

  cloud_start (&cloud, answers);
  job = job_new (&cloud, "AWS::Lambda::EventSourceMapping", "", MAPPING_PROPERTIES);
  g_assert_true (job->handler->create (job, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (job->record->physical_id, ==, "u-1");
  g_assert_nonnull (job->actual);
  g_assert_null (mill_properties_differ (job->properties, job->actual));
  g_assert_true (job->handler->remove (job, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_calls (&cloud, "DELETE /2015-03-31/event-source-mappings/u-1"), ==, 2);
  g_assert_cmpuint (count_calls (&cloud, "GET /2015-03-31/event-source-mappings/u-1"), ==, 4);
  mill_job_free (job);
  cloud_stop (&cloud);
}

#define NO_QUEUE "{\"__type\": \"com.amazonaws.sqs#QueueDoesNotExist\", \"message\": \"no\"}"
#define RECENTLY "{\"__type\": \"com.amazonaws.sqs#QueueDeletedRecently\", \"message\": \"You must wait 60 seconds after deleting a queue\"}"

static void
test_queue_deleted_recently (void)
{
  static Answer answers[] = {
    { "GetQueueUrl", 400, NO_QUEUE },
    { "CreateQueue", 400, RECENTLY },
    { "CreateQueue", 200, "{\"QueueUrl\": \"http://127.0.0.1/111122223333/q\"}" },
    { NULL }
  };
  g_autoptr(GString) reasons = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  MillJob *job;
  Cloud cloud;

  cloud_start (&cloud, answers);
  job = job_new (&cloud, "AWS::SQS::Queue", "q", "{\"QueueName\": \"q\", \"VisibilityTimeout\": 30}");
  g_signal_connect (mill_deployment_find_resource (cloud.deployment, "Thing"), "notify::wait-reason", G_CALLBACK (on_reason), reasons);
  g_assert_true (job->handler->create (job, &error));
  g_assert_no_error (error);
  drain ();
  g_assert_nonnull (strstr (reasons->str, "seconds left"));
  g_assert_cmpstr (job->record->arn, ==, "arn:aws:sqs:eu-west-1:111122223333:q");
  mill_job_free (job);
  cloud_stop (&cloud);
}

/* A queue of somebody else: nothing is asked to be made. */
static void
test_taken (void)
{
  static Answer answers[] = {
    { "GetQueueUrl", 200, "{\"QueueUrl\": \"http://127.0.0.1/111122223333/q\"}" },
    { "ListQueueTags", 200, "{\"Tags\": {\"millrace:deployment\": \"small-zzzz\"}}" },
    { "CreateQueue", 200, "{\"QueueUrl\": \"http://127.0.0.1/111122223333/q\"}" },
    { NULL }
  };
  g_autoptr(GError) error = NULL;
  MillJob *job;
  Cloud cloud;

  cloud_start (&cloud, answers);
  job = job_new (&cloud, "AWS::SQS::Queue", "q", "{\"QueueName\": \"q\"}");
  g_assert_false (job->handler->create (job, &error));
  g_assert_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_TAKEN);
  g_assert_nonnull (strstr (error->message, "“q”"));
  g_assert_cmpuint (count_calls (&cloud, "CreateQueue"), ==, 0);
  g_assert_cmpstr (job->record->physical_id, ==, "");
  mill_job_free (job);
  cloud_stop (&cloud);
}

/* Answers of the wrong shape: an error or little knowledge, but no crash. */
static void
test_nonsense (void)
{
  static const char *const types[] = {
    "AWS::IAM::ManagedPolicy", "AWS::IAM::Role", "AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "AWS::Lambda::Function",
    "AWS::Lambda::EventSourceMapping", "AWS::Lambda::Permission", "AWS::SNS::Topic", "AWS::SNS::Subscription", "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Resource", "AWS::ApiGateway::Method", "AWS::ApiGateway::Deployment", "AWS::ApiGateway::Stage", "AWS::Logs::LogGroup",
  };
  static const char *const bodies[] = { "{\"Table\": 5, \"Policy\": [], \"State\": {}, \"Attributes\": 7, \"Tags\": 1}", "{}", "[]", "not json", "<a><b></b></a>", "" };
  static Answer answers[] = { { "*", 200, "" }, { NULL } };
  Cloud cloud;

  cloud_start (&cloud, answers);
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    for (guint j = 0; j < G_N_ELEMENTS (bodies); j++)
      {
        MillJob *job = job_new (&cloud, types[i], "n", "{\"RestApiId\": \"a\", \"ResourceId\": \"r\", \"HttpMethod\": \"GET\", \"TopicArn\": \"t\","
                                " \"FunctionName\": \"f\", \"EventSourceArn\": \"e\", \"ParentId\": \"p\", \"PathPart\": \"x\", \"Queues\": [\"q\"]}");
        g_autoptr(JsonObject) actual = NULL;
        g_autoptr(GError) found = NULL;
        g_autoptr(GError) told = NULL;

        g_assert_nonnull (job->handler);
        answers[0].body = bodies[j];
        mill_job_set_id (job, "id", "arn:x");
        job->handler->find (job, &found);
        mill_job_set_id (job, "id", "arn:x");
        actual = job->handler->read (job, &told);
        g_assert_true ((actual != NULL) != (told != NULL));
        mill_job_free (job);
      }
  cloud_stop (&cloud);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_unsetenv ("AWS_ENDPOINT_URL");
  g_test_add_func ("/deploy/handlers/role-not-ready", test_role_not_ready);
  g_test_add_func ("/deploy/handlers/wrong-trust", test_wrong_trust);
  g_test_add_func ("/deploy/handlers/missing-permission", test_missing_permission);
  g_test_add_func ("/deploy/handlers/mapping", test_mapping);
  g_test_add_func ("/deploy/handlers/queue-deleted-recently", test_queue_deleted_recently);
  g_test_add_func ("/deploy/handlers/taken", test_taken);
  g_test_add_func ("/deploy/handlers/nonsense", test_nonsense);
  return g_test_run ();
}
