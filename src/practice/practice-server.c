/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-server-private.h"

#include <string.h>

#include "practice-events-private.h"
#include "practice-http.h"
#include "practice-iam-private.h"
#include "practice-protocol.h"

#define ACCOUNT "000000000000"
#define REGION "us-east-1"

typedef struct {
  const PracticeService *service;
  gpointer               data;
} Registration;

typedef struct {
  char            *key;      /* a prefix of the path, or a suffix of the host */
  PracticeRawFunc  handle;
  gpointer         data;
} RawPath;

typedef struct {
  char             *type;
  PracticeTagsFunc  list;
  gpointer          data;
} Tagged;

/* An inner call that waits for its answer. */
typedef struct {
  PracticeAnswerFunc callback;
  gpointer           user_data;
  gboolean           on_wire;   /* the answer as HTTP carries it */
} InnerCall;

struct _PracticeServer {
  GObject         parent_instance;

  PracticeStore  *store;
  PracticeEvents *events;
  PracticeIam    *iam;
  PracticeHabits *habits;
  PracticeTally  *tally;
  PracticeFaults *faults;
  double          speed;
  SoupServer     *soup;
  guint           port;
  char           *url;
  GArray         *services;    /* Registration */
  GArray         *raw_paths;   /* RawPath */
  GArray         *raw_hosts;   /* RawPath */
  GArray         *tagged;      /* Tagged */
  GHashTable     *arrivals;    /* ARNs to announce */
  guint           arrival_id;
};

enum {
  ARRIVAL,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PracticeServer, practice_server, G_TYPE_OBJECT)

static void
clear_raw_path (gpointer data)
{
  g_free (((RawPath *) data)->key);
}

static void
clear_tagged (gpointer data)
{
  g_free (((Tagged *) data)->type);
}

static void
add_raw (GArray          *paths,
         const char      *key,
         PracticeRawFunc  handle,
         gpointer         data)
{
  RawPath path = { .key = g_strdup (key), .handle = handle, .data = data };

  g_array_append_val (paths, path);
}

static const Registration *
find_by_target (PracticeServer *self,
                const char     *target)
{
  const char *dot = strrchr (target, '.');

  for (guint i = 0; dot != NULL && i < self->services->len; i++) {
    const Registration *registration = &g_array_index (self->services, Registration, i);
    const char *prefix = registration->service->target;

    if (prefix != NULL && strlen (prefix) == (gsize) (dot - target) && strncmp (prefix, target, dot - target) == 0)
      return registration;
  }
  return NULL;
}

static const Registration *
find_by_operation (PracticeServer           *self,
                   const char               *name,
                   const char               *operation,
                   const PracticeOperation **found)
{
  for (guint i = 0; i < self->services->len; i++) {
    const Registration *registration = &g_array_index (self->services, Registration, i);

    if (strcmp (registration->service->name, name) != 0)
      continue;
    for (const PracticeOperation *op = registration->service->operations; op->name != NULL; op++) {
      if (strcmp (op->name, operation) == 0) {
        *found = op;
        return registration;
      }
    }
  }
  return NULL;
}

static void
inner_call_deliver (PracticeCall *call,
                    gpointer      data)
{
  g_autofree InnerCall *inner = data;
  PracticeReply reply = { 0 };
  PracticeAnswer answer = {
    .status = call->status,
    .result = call->result,
    .body = call->answer_body,
    .content_type = call->content_type,
    .code = call->code,
    .message = call->message,
    .request_id = call->request_id,
  };

  if (inner->on_wire) {
    practice_protocol_write (call, &reply);
    answer.result = call->result;
    answer.body = reply.body;
    answer.content_type = reply.content_type;
  }
  inner->callback (&answer, inner->user_data);
  practice_reply_clear (&reply);
}

static gboolean
announce (gpointer data)
{
  PracticeServer *self = data;
  g_autoptr (GHashTable) arrivals = g_steal_pointer (&self->arrivals);
  GHashTableIter iter;
  gpointer arn = NULL;

  self->arrival_id = 0;
  g_hash_table_iter_init (&iter, arrivals);
  while (g_hash_table_iter_next (&iter, &arn, NULL))
    g_signal_emit (self, signals[ARRIVAL], 0, arn);
  return G_SOURCE_REMOVE;
}

static void
practice_server_dispose (GObject *object)
{
  PracticeServer *self = PRACTICE_SERVER (object);

  g_clear_handle_id (&self->arrival_id, g_source_remove);
  if (self->soup != NULL)
    soup_server_disconnect (self->soup);
  G_OBJECT_CLASS (practice_server_parent_class)->dispose (object);
}

static void
practice_server_finalize (GObject *object)
{
  PracticeServer *self = PRACTICE_SERVER (object);

  /* The services hang on the object's data; they go first, and may still use what follows. */
  G_OBJECT_CLASS (practice_server_parent_class)->finalize (object);

  g_clear_object (&self->soup);
  g_clear_pointer (&self->habits, practice_habits_free);
  g_clear_pointer (&self->tally, practice_tally_free);
  g_clear_pointer (&self->faults, practice_faults_free);
  g_clear_object (&self->iam);
  g_clear_object (&self->events);
  g_clear_object (&self->store);
  g_clear_pointer (&self->arrivals, g_hash_table_unref);
  g_clear_pointer (&self->services, g_array_unref);
  g_clear_pointer (&self->raw_paths, g_array_unref);
  g_clear_pointer (&self->raw_hosts, g_array_unref);
  g_clear_pointer (&self->tagged, g_array_unref);
  g_clear_pointer (&self->url, g_free);
}

static void
practice_server_class_init (PracticeServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = practice_server_dispose;
  object_class->finalize = practice_server_finalize;

  signals[ARRIVAL] = g_signal_new ("arrival", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
practice_server_init (PracticeServer *self)
{
  self->services = g_array_new (FALSE, FALSE, sizeof (Registration));
  self->tally = practice_tally_new ();
  self->raw_paths = g_array_new (FALSE, FALSE, sizeof (RawPath));
  self->raw_hosts = g_array_new (FALSE, FALSE, sizeof (RawPath));
  self->tagged = g_array_new (FALSE, FALSE, sizeof (Tagged));
  g_array_set_clear_func (self->raw_paths, clear_raw_path);
  g_array_set_clear_func (self->raw_hosts, clear_raw_path);
  g_array_set_clear_func (self->tagged, clear_tagged);
}

PracticeServer *
practice_server_new (PracticeStore *store)
{
  PracticeServer *self = g_object_new (PRACTICE_TYPE_SERVER, NULL);

  self->store = g_object_ref (store);
  self->events = practice_events_new (ACCOUNT, REGION);
  self->iam = practice_iam_new (self);
  return self;
}

void
practice_server_misbehave (PracticeServer *self,
                           PracticeHabits *habits,
                           PracticeFaults *faults,
                           double          speed)
{
  g_clear_pointer (&self->habits, practice_habits_free);
  g_clear_pointer (&self->faults, practice_faults_free);
  self->habits = habits;
  self->faults = faults;
  self->speed = speed;
}

PracticeTally *
practice_server_get_tally (PracticeServer *self)
{
  return self->tally;
}

PracticeHabits *
practice_server_get_habits (PracticeServer *self)
{
  return self->habits;
}

PracticeFaults *
practice_server_get_faults (PracticeServer *self)
{
  return self->faults;
}

double
practice_server_get_speed (PracticeServer *self)
{
  return self->speed;
}

gboolean
practice_server_listen (PracticeServer  *self,
                        guint            port,
                        GError         **error)
{
  self->soup = practice_http_new (self, port, error);
  if (self->soup == NULL)
    return FALSE;
  self->port = practice_http_get_port (self->soup);
  self->url = g_strdup_printf ("http://127.0.0.1:%u", self->port);
  return TRUE;
}

guint
practice_server_get_port (PracticeServer *self)
{
  return self->port;
}

const char *
practice_server_get_url (PracticeServer *self)
{
  return self->url;
}

const char *
practice_server_get_account (PracticeServer *self)
{
  return ACCOUNT;
}

const char *
practice_server_get_region (PracticeServer *self)
{
  return REGION;
}

PracticeStore *
practice_server_get_store (PracticeServer *self)
{
  return self->store;
}

PracticeIam *
practice_server_get_iam (PracticeServer *self)
{
  return self->iam;
}

PracticeEvents *
practice_server_get_events (PracticeServer *self)
{
  return self->events;
}

void
practice_server_accept (PracticeServer    *self,
                        GSocketConnection *connection)
{
  g_autoptr (GSocketAddress) local = g_socket_connection_get_local_address (connection, NULL);
  g_autoptr (GSocketAddress) remote = g_socket_connection_get_remote_address (connection, NULL);

  if (self->soup != NULL && local != NULL && remote != NULL)
    soup_server_accept_iostream (self->soup, G_IO_STREAM (connection), local, remote, NULL);
}

void
practice_server_add_service (PracticeServer        *self,
                             const PracticeService *service,
                             gpointer               data)
{
  Registration registration = { .service = service, .data = data };

  g_array_append_val (self->services, registration);
}

void
practice_server_find_service (PracticeServer *self,
                              PracticeCall   *call,
                              const char     *name)
{
  const char *target = practice_call_get_header (call, "X-Amz-Target");
  const Registration *found = target != NULL ? find_by_target (self, target) : NULL;

  if (found == NULL && name != NULL) {
    for (guint i = 0; found == NULL && i < self->services->len; i++) {
      const Registration *registration = &g_array_index (self->services, Registration, i);

      if (strcmp (registration->service->name, name) == 0)
        found = registration;
    }
    call->query = found != NULL && target == NULL &&
                  (found->service->protocol == PRACTICE_PROTOCOL_QUERY || found->service->also_query);
  }
  if (found != NULL) {
    call->service = found->service;
    call->service_data = found->data;
  }
}

char *
practice_server_list_services (PracticeServer *self)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < self->services->len; i++) {
    const char *name = g_array_index (self->services, Registration, i).service->name;

    if (strstr (names->str, name) == NULL)
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", name);
  }
  return g_string_free (names, FALSE);
}

void
practice_server_run (PracticeServer *self,
                     PracticeCall   *call)
{
  g_autoptr (PracticeCall) kept = g_object_ref (call);
  g_autoptr (GError) error = NULL;

  call->handling = TRUE;
  practice_store_begin (self->store);
  call->operation->handle (call, call->service_data);
  if (call->answered && call->code != NULL)
    practice_store_rollback (self->store);
  else
    practice_store_commit (self->store, &error);
  if (error != NULL)
    g_printerr ("%s\n", error->message);
  practice_call_end_handling (call, error);
}

gboolean
practice_server_run_raw (PracticeServer *self,
                         PracticeCall   *call,
                         const char     *host)
{
  for (guint i = 0; i < self->raw_hosts->len; i++) {
    const RawPath *raw = &g_array_index (self->raw_hosts, RawPath, i);
    gsize length = strcspn (host, ":");
    gsize suffix = strlen (raw->key);

    if (length > suffix && g_ascii_strncasecmp (host + length - suffix, raw->key, suffix) == 0) {
      g_autofree char *path = g_strdup_printf ("%.*s%s", (int) (length - suffix), host, call->path);

      raw->handle (call, call->method, path, call->query_string, raw->data);
      return TRUE;
    }
  }
  for (guint i = 0; i < self->raw_paths->len; i++) {
    const RawPath *raw = &g_array_index (self->raw_paths, RawPath, i);

    if (g_str_has_prefix (call->path, raw->key)) {
      raw->handle (call, call->method, call->path + strlen (raw->key), call->query_string, raw->data);
      return TRUE;
    }
  }
  return FALSE;
}

void
practice_server_call (PracticeServer     *self,
                      PracticePrincipal  *principal,
                      const char         *service,
                      const char         *operation,
                      const char         *region,
                      JsonObject         *params,
                      GCancellable       *cancellable,
                      PracticeAnswerFunc  callback,
                      gpointer            user_data)
{
  InnerCall *inner = g_new0 (InnerCall, 1);
  g_autoptr (PracticeCall) call = practice_call_new (self, principal, region, cancellable, inner_call_deliver, inner);
  const PracticeOperation *found = NULL;
  const Registration *registration = find_by_operation (self, service, operation, &found);

  inner->callback = callback;
  inner->user_data = user_data;
  call->params = params;
  if (registration == NULL) {
    practice_call_fail (call, 400, "UnknownOperationException", "The practice cloud does not have the operation %s of %s.",
                        operation, service);
    return;
  }
  call->service = registration->service;
  call->service_data = registration->data;
  call->operation = found;
  practice_server_run (self, call);
}

void
practice_server_forward (PracticeServer     *self,
                         PracticePrincipal  *principal,
                         const char         *service,
                         const char         *region,
                         const char         *method,
                         const char         *path,
                         const char         *query,
                         const char *const  *headers,
                         GBytes             *body,
                         PracticeAnswerFunc  callback,
                         gpointer            user_data)
{
  InnerCall *inner = g_new0 (InnerCall, 1);
  g_autoptr (PracticeCall) call = practice_call_new (self, principal, region, NULL, inner_call_deliver, inner);

  inner->callback = callback;
  inner->user_data = user_data;
  inner->on_wire = TRUE;
  call->method = g_strdup (method);
  call->path = g_strdup (path != NULL && *path == '/' ? path : "/");
  call->query_string = g_strdup (query);
  call->headers = g_strdupv ((char **) headers);
  call->body = body != NULL ? g_bytes_ref (body) : NULL;
  practice_server_find_service (self, call, service);
  if (call->service == NULL) {
    practice_call_fail (call, 400, "UnknownService", "The practice cloud does not have the service “%s”.", service);
    return;
  }
  if (practice_protocol_read (call))
    practice_server_run (self, call);
}

void
practice_server_add_raw (PracticeServer  *self,
                         const char      *prefix,
                         PracticeRawFunc  handle,
                         gpointer         data)
{
  add_raw (self->raw_paths, prefix, handle, data);
}

void
practice_server_add_raw_host (PracticeServer  *self,
                              const char      *host_suffix,
                              PracticeRawFunc  handle,
                              gpointer         data)
{
  add_raw (self->raw_hosts, host_suffix, handle, data);
}

void
practice_server_announce (PracticeServer *self,
                          const char     *arn)
{
  if (self->arrivals == NULL)
    self->arrivals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_add (self->arrivals, g_strdup (arn));
  if (self->arrival_id == 0)
    self->arrival_id = g_idle_add_full (G_PRIORITY_DEFAULT, announce, self, NULL);
}

void
practice_server_add_tagged (PracticeServer   *self,
                            const char       *resource_type,
                            PracticeTagsFunc  list,
                            gpointer          data)
{
  Tagged tagged = { .type = g_strdup (resource_type), .list = list, .data = data };

  g_array_append_val (self->tagged, tagged);
}

void
practice_server_collect_tagged (PracticeServer *self,
                                const char     *resource_type,
                                const char     *region,
                                JsonArray      *resources)
{
  for (guint i = 0; i < self->tagged->len; i++) {
    const Tagged *tagged = &g_array_index (self->tagged, Tagged, i);
    gsize length = resource_type != NULL ? strlen (resource_type) : 0;

    /* "lambda" stands for every type of the service, "lambda:function" for one. */
    if (resource_type == NULL || strcmp (tagged->type, resource_type) == 0 ||
        (strncmp (tagged->type, resource_type, length) == 0 && tagged->type[length] == ':'))
      tagged->list (resources, region, tagged->data);
  }
}
