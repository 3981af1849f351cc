/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-habits.h"

#include <string.h>

#include "practice-call-private.h"
#include "practice-json.h"

#define DATA "/io/github/millrace/practice/habits.json"
/* Real answers vary: from this part of the usual time to so much more. */
#define SHORTEST 0.7
#define LONGEST 1.6

/* So many calls at once, and one more each so many milliseconds (token bucket). */
typedef struct {
  double tokens;
  gint64 filled;
} Bucket;

struct _PracticeHabits {
  double      speed;
  guint32     seed;
  GHashTable *random;    /* what varies → GRand of its own: what else is called meanwhile changes nothing */
  JsonObject *latency;
  JsonObject *rates;
  JsonObject *waits;
  GHashTable *buckets;   /* "service" or "service:Operation" → Bucket */
  GHashTable *ready;     /* "role lab" → gint64 monotonic time at which it is ready */
  GHashTable *roles;     /* function name → name of its role */
  JsonObject *waited;    /* "role lab" → milliseconds */
};

static gint64
now_ms (void)
{
  return g_get_monotonic_time () / 1000;
}

static JsonObject *
load_data (void)
{
  g_autoptr (GBytes) bytes = g_resources_lookup_data (DATA, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  JsonObject *data = NULL;
  g_autoptr (JsonNode) node = NULL;
  gsize length = 0;
  const char *text = g_bytes_get_data (bytes, &length);
  g_autofree char *copy = g_strndup (text, length);

  node = json_from_string (copy, NULL);
  data = json_object_ref (json_node_get_object (node));
  return data;
}

/* The name behind the last ":" or "/" of an ARN, or the name itself. */
static const char *
plain_name (const char *name)
{
  const char *colon = strrchr (name, ':');
  const char *slash = strrchr (name, '/');

  return MAX (name, MAX (colon != NULL ? colon + 1 : name, slash != NULL ? slash + 1 : name));
}

static const char *
param (PracticeCall *call,
       const char   *name)
{
  return practice_json_get_string (call->params, name);
}

static gboolean
is_call (PracticeCall *call,
         const char   *service,
         const char   *operation)
{
  return strcmp (practice_call_get_service (call), service) == 0 && strcmp (practice_call_get_operation (call), operation) == 0;
}

static double
draw (PracticeHabits *self,
      const char     *key,
      double          least,
      double          most)
{
  GRand *random = g_hash_table_lookup (self->random, key);

  if (random == NULL) {
    random = g_rand_new_with_seed (self->seed ^ g_str_hash (key));
    g_hash_table_insert (self->random, g_strdup (key), random);
  }
  return least < most ? g_rand_double_range (random, least, most) : least;
}

/* From now on it takes what @kind of thing takes until @name is ready. @title: by what it is known to whoever made it. */
static void
begin_wait_for (PracticeHabits *self,
                const char     *kind,
                const char     *name,
                const char     *title)
{
  JsonArray *range = json_object_get_array_member (self->waits, kind);
  double least = json_array_get_double_element (range, 0);
  double most = json_array_get_double_element (range, 1);
  g_autofree char *known = g_strdup_printf ("%s %s", kind, plain_name (title));
  gint64 milliseconds = (gint64) (self->speed * draw (self, known, least, most));
  gint64 *until = g_new (gint64, 1);

  *until = now_ms () + milliseconds;
  json_object_set_int_member (self->waited, known, milliseconds);
  g_hash_table_replace (self->ready, g_strdup_printf ("%s %s", kind, plain_name (name)), until);
}

static void
begin_wait (PracticeHabits *self,
            const char     *kind,
            const char     *name)
{
  begin_wait_for (self, kind, name, name);
}

static gboolean
must_wait (PracticeHabits *self,
           const char     *kind,
           const char     *name)
{
  g_autofree char *key = g_strdup_printf ("%s %s", kind, name != NULL ? plain_name (name) : "");
  const gint64 *until = g_hash_table_lookup (self->ready, key);

  return name != NULL && until != NULL && now_ms () < *until;
}

static gboolean
take_token (PracticeHabits *self,
            const char     *key)
{
  JsonArray *rate = json_object_has_member (self->rates, key) ? json_object_get_array_member (self->rates, key) : NULL;
  Bucket *bucket = NULL;
  double most = 0;
  gint64 now = now_ms ();

  if (rate == NULL)
    return TRUE;
  most = json_array_get_double_element (rate, 0);
  bucket = g_hash_table_lookup (self->buckets, key);
  if (bucket == NULL) {
    bucket = g_new0 (Bucket, 1);
    bucket->tokens = most;
    bucket->filled = now;
    g_hash_table_insert (self->buckets, g_strdup (key), bucket);
  }
  bucket->tokens = MIN (most, bucket->tokens + (double) (now - bucket->filled) / MAX (self->speed * json_array_get_double_element (rate, 1), 0.001));
  bucket->filled = now;
  if (bucket->tokens < 1)
    return FALSE;
  bucket->tokens -= 1;
  return TRUE;
}

/* Each service has a name of its own for it (their API references, "Common Errors"). */
static void
fail_throttled (PracticeCall *call)
{
  const char *service = practice_call_get_service (call);

  if (strcmp (service, "apigateway") == 0 || strcmp (service, "lambda") == 0)
    practice_call_fail (call, 429, "TooManyRequestsException", "Rate exceeded");
  else if (strcmp (service, "iam") == 0 || strcmp (service, "sns") == 0)
    practice_call_fail (call, 400, "Throttling", "Rate exceeded");
  else
    practice_call_fail (call, 400, "ThrottlingException", "Rate exceeded");
}

static gboolean
refuse_rate (PracticeHabits *self,
             PracticeCall   *call)
{
  g_autofree char *key = g_strdup_printf ("%s:%s", practice_call_get_service (call), practice_call_get_operation (call));

  if (take_token (self, key) && take_token (self, practice_call_get_service (call)))
    return FALSE;
  fail_throttled (call);
  return TRUE;
}

static gboolean
refuse_lambda (PracticeHabits *self,
               PracticeCall   *call)
{
  const char *operation = practice_call_get_operation (call);
  const char *function = param (call, "FunctionName");
  const char *role = function != NULL ? g_hash_table_lookup (self->roles, plain_name (function)) : NULL;

  if (strcmp (operation, "CreateFunction") == 0 && must_wait (self, "role", param (call, "Role"))) {
    practice_call_fail (call, 400, "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.");
  } else if (strcmp (operation, "CreateEventSourceMapping") == 0 && must_wait (self, "policy", role)) {
    const char *source = param (call, "EventSourceArn");
    gboolean queue = source != NULL && strstr (source, ":sqs:") != NULL;

    practice_call_fail (call, 400, "InvalidParameterValueException",
                        queue ? "The provided execution role does not have permissions to call ReceiveMessage on SQS"
                              : "Cannot access stream %s. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and "
                                "ListStreams Actions on your stream in IAM: the function execution role does not have permissions to call DescribeStream",
                        source != NULL ? source : "");
  } else if ((g_str_has_prefix (operation, "UpdateFunction") || strcmp (operation, "PublishVersion") == 0) && must_wait (self, "function", function)) {
    practice_call_fail (call, 409, "ResourceConflictException", "The operation cannot be performed at this time. An update is in progress for resource: %s",
                        function);
  } else if (strcmp (operation, "Invoke") == 0 && must_wait (self, "function", function)) {
    practice_call_fail (call, 409, "ResourceConflictException", "The operation cannot be performed at this time. The function is currently in the following "
                                                                "state: Pending");
  } else if ((strcmp (operation, "DeleteEventSourceMapping") == 0 || strcmp (operation, "UpdateEventSourceMapping") == 0) &&
             must_wait (self, "mapping", param (call, "UUID"))) {
    practice_call_fail (call, 400, "ResourceInUseException", "Cannot update the event source mapping because it is in use.");
  }
  return practice_call_is_answered (call);
}

static void
put_state (JsonObject *object,
           const char *member,
           const char *state)
{
  if (object != NULL && json_object_has_member (object, member))
    json_object_set_string_member (object, member, state);
}

static JsonObject *
part (JsonObject *object,
      const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static void
answered_lambda (PracticeHabits *self,
                 PracticeCall   *call)
{
  const char *operation = practice_call_get_operation (call);
  const char *function = param (call, "FunctionName");
  const char *role = param (call, "Role");
  const char *uuid = param (call, "UUID");

  if (strcmp (operation, "CreateFunction") == 0 && function != NULL) {
    begin_wait (self, "function", function);
    if (role != NULL)
      g_hash_table_replace (self->roles, g_strdup (plain_name (function)), g_strdup (plain_name (role)));
  } else if (strcmp (operation, "CreateEventSourceMapping") == 0 && call->result != NULL) {
    uuid = practice_json_get_string (call->result, "UUID");
    if (uuid != NULL)
      begin_wait_for (self, "mapping", uuid, function != NULL ? function : uuid);
    put_state (call->result, "State", "Creating");
  } else if (strcmp (operation, "GetEventSourceMapping") == 0 && must_wait (self, "mapping", uuid)) {
    put_state (call->result, "State", "Creating");
  }
  if (function != NULL && must_wait (self, "function", function) &&
      (strcmp (operation, "CreateFunction") == 0 || g_str_has_prefix (operation, "GetFunction"))) {
    put_state (call->result, "State", "Pending");
    put_state (part (call->result, "Configuration"), "State", "Pending");
  }
}

static void
answered_dynamodb (PracticeHabits *self,
                   PracticeCall   *call)
{
  const char *operation = practice_call_get_operation (call);
  const char *table = param (call, "TableName");
  JsonObject *described = part (call->result, strcmp (operation, "CreateTable") == 0 ? "TableDescription" : "Table");

  if (table == NULL || described == NULL)
    return;
  if (strcmp (operation, "CreateTable") == 0)
    begin_wait (self, "table", table);
  if (must_wait (self, "table", table) && g_strcmp0 (practice_json_get_string (described, "TableStatus"), "ACTIVE") == 0)
    put_state (described, "TableStatus", "CREATING");
}

PracticeHabits *
practice_habits_new (double  speed,
                     guint32 seed)
{
  PracticeHabits *self = g_new0 (PracticeHabits, 1);
  g_autoptr (JsonObject) data = load_data ();

  self->speed = speed;
  self->seed = seed;
  self->random = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_rand_free);
  self->latency = json_object_ref (json_object_get_object_member (data, "latency"));
  self->rates = json_object_ref (json_object_get_object_member (data, "rates"));
  self->waits = json_object_ref (json_object_get_object_member (data, "waits"));
  self->waited = json_object_new ();
  self->buckets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->ready = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->roles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
practice_habits_free (PracticeHabits *self)
{
  g_hash_table_unref (self->random);
  json_object_unref (self->latency);
  json_object_unref (self->rates);
  json_object_unref (self->waits);
  json_object_unref (self->waited);
  g_hash_table_unref (self->buckets);
  g_hash_table_unref (self->ready);
  g_hash_table_unref (self->roles);
  g_free (self);
}

guint
practice_habits_delay (PracticeHabits *self,
                       PracticeCall   *call)
{
  const char *service = practice_call_get_service (call);
  g_autofree char *key = g_strdup_printf ("%s:%s", service, practice_call_get_operation (call));
  const char *found = json_object_has_member (self->latency, key) ? key : service;

  if (!json_object_has_member (self->latency, found))
    return 0;
  return (guint) (self->speed * json_object_get_double_member (self->latency, found) * draw (self, key, SHORTEST, LONGEST));
}

gboolean
practice_habits_refuse (PracticeHabits *self,
                        PracticeCall   *call)
{
  if (refuse_rate (self, call))
    return TRUE;
  if (is_call (call, "sqs", "CreateQueue") && must_wait (self, "queue-name", param (call, "QueueName"))) {
    practice_call_fail_full (call, 400, "QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently", NULL,
                             "You must wait 60 seconds after deleting a queue before you can create another with the same name.");
    return TRUE;
  }
  return strcmp (practice_call_get_service (call), "lambda") == 0 && refuse_lambda (self, call);
}

void
practice_habits_answered (PracticeHabits *self,
                          PracticeCall   *call)
{
  const char *service = NULL;

  if (call->service == NULL || call->operation == NULL || call->code != NULL)
    return;
  service = practice_call_get_service (call);
  if (is_call (call, "iam", "CreateRole") && param (call, "RoleName") != NULL)
    begin_wait (self, "role", param (call, "RoleName"));
  else if ((is_call (call, "iam", "AttachRolePolicy") || is_call (call, "iam", "PutRolePolicy")) && param (call, "RoleName") != NULL)
    begin_wait (self, "policy", param (call, "RoleName"));
  else if (is_call (call, "sqs", "DeleteQueue") && param (call, "QueueUrl") != NULL)
    begin_wait (self, "queue-name", param (call, "QueueUrl"));
  else if (strcmp (service, "lambda") == 0)
    answered_lambda (self, call);
  else if (strcmp (service, "dynamodb") == 0)
    answered_dynamodb (self, call);
}

JsonObject *
practice_habits_get_waits (PracticeHabits *self)
{
  return self->waited;
}
