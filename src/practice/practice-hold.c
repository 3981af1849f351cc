/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-hold.h"

#include <string.h>

#include "practice-json.h"
#include "practice-server-private.h"

#define TAG "millrace:deployment"
#define BODY_BYTES 1024
/* How long what was read of tags counts. */
#define TAGS_USEC G_USEC_PER_SEC

static const char schema[] =
  /* Which deployments' messages are held; '' stands for the whole cloud. */
  "CREATE TABLE IF NOT EXISTS hold_scope (deployment TEXT PRIMARY KEY) WITHOUT ROWID;";

typedef struct {
  char             *id;
  const char       *hop;
  char             *arn;
  char             *lane;
  char             *deployment;   /* NULL where unknown */
  JsonObject       *facts;
  double            since;
  PracticeHoldFunc  done;
  gpointer          data;
  GList             link;         /* in the order of holding */
} Item;

typedef struct {
  PracticeHoldChanged changed;
  gpointer            data;
} Watcher;

typedef struct {
  PracticeServer *server;
  GHashTable     *scopes;        /* deployments whose messages are held */
  gboolean        everything;
  GHashTable     *items;         /* id → Item */
  GQueue          order;         /* Item, longest held first */
  GArray         *watchers;
  GHashTable     *deployments;   /* ARN → deployment, "" for none: read lately */
  gint64          read;          /* when, monotonic µs */
} Hold;

static Hold *
get_hold (PracticeServer *server)
{
  return g_object_get_data (G_OBJECT (server), "practice-hold");
}

static void
item_free (gpointer data)
{
  Item *item = data;

  json_object_unref (item->facts);
  g_free (item->id);
  g_free (item->arn);
  g_free (item->lane);
  g_free (item->deployment);
  g_free (item);
}

static void
hold_free (gpointer data)
{
  Hold *self = data;

  g_hash_table_unref (self->items);
  g_hash_table_unref (self->scopes);
  g_hash_table_unref (self->deployments);
  g_array_unref (self->watchers);
  g_free (self);
}

/* ── whose a component is ── */

static const char *
get_tag (JsonArray  *resources,
         const char *arn)
{
  for (guint i = 0; i < json_array_get_length (resources); i++) {
    JsonObject *resource = json_array_get_object_element (resources, i);
    JsonArray *tags = practice_json_get_array (resource, "Tags");

    if (g_strcmp0 (practice_json_get_string (resource, "ResourceARN"), arn) != 0)
      continue;
    for (guint k = 0; tags != NULL && k < json_array_get_length (tags); k++) {
      JsonObject *tag = json_array_get_object_element (tags, k);

      if (g_strcmp0 (practice_json_get_string (tag, "Key"), TAG) == 0)
        return practice_json_get_string (tag, "Value");
    }
  }
  return NULL;
}

/* The deployment that @arn belongs to, or NULL. A stream belongs to its table's. */
static const char *
find_deployment (Hold       *self,
                 const char *arn)
{
  gint64 now = g_get_monotonic_time ();
  const char *stream = strstr (arn, "/stream/");
  g_autofree char *owner = stream != NULL ? g_strndup (arn, stream - arn) : g_strdup (arn);
  g_auto (GStrv) parts = NULL;
  g_autoptr (JsonArray) resources = NULL;
  const char *found = NULL;

  if (now - self->read > TAGS_USEC) {
    g_hash_table_remove_all (self->deployments);
    self->read = now;
  }
  found = g_hash_table_lookup (self->deployments, owner);
  if (found == NULL) {
    parts = g_strsplit (owner, ":", 6);
    if (g_strv_length (parts) < 6)
      return NULL;
    resources = json_array_new ();
    practice_server_collect_tagged (self->server, parts[2], parts[3], resources);
    found = get_tag (resources, owner);
    g_hash_table_insert (self->deployments, g_strdup (owner), g_strdup (found != NULL ? found : ""));
    found = g_hash_table_lookup (self->deployments, owner);
  }
  return *found != '\0' ? found : NULL;
}

static gboolean
covers (Hold       *self,
        const char *deployment)
{
  return self->everything || (deployment != NULL && g_hash_table_contains (self->scopes, deployment));
}

/* ── items ── */

/* (transfer full) */
static JsonObject *
describe (Item       *item,
          const char *id_member)
{
  JsonObject *object = json_object_new ();
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *node = NULL;

  json_object_set_string_member (object, id_member, item->id);
  json_object_set_string_member (object, "hop", item->hop);
  if (item->deployment != NULL)
    json_object_set_string_member (object, "deployment", item->deployment);
  json_object_iter_init_ordered (&iter, item->facts);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    json_object_set_member (object, name, json_node_copy (node));
  return object;
}

static void
emit (Hold       *self,
      const char *kind,
      Item       *item,
      const char *reason)
{
  JsonObject *event = describe (item, "holdId");

  if (reason != NULL)
    json_object_set_string_member (event, "reason", reason);
  practice_events_emit (practice_server_get_events (self->server), kind, event);
}

/* Takes @item out and tells everybody. @reason: "released", "off", or "gone" */
static void
finish (Hold       *self,
        Item       *item,
        const char *reason)
{
  gboolean go = strcmp (reason, "gone") != 0;

  g_queue_unlink (&self->order, &item->link);
  g_hash_table_steal (self->items, item->id);
  emit (self, "released", item, reason);
  item->done (item->id, go, item->data);
  item_free (item);
}

/* (transfer container) (element-type utf8): the ids of those that @wanted likes: letting one go may end others. */
static GPtrArray *
select_ids (Hold       *self,
            gboolean  (*wanted) (Hold *self, Item *item, gconstpointer data),
            gconstpointer data)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);

  for (GList *l = self->order.head; l != NULL; l = l->next) {
    Item *item = l->data;

    if (wanted (self, item, data))
      g_ptr_array_add (ids, g_strdup (item->id));
  }
  return ids;
}

static void
finish_ids (Hold       *self,
            GPtrArray  *ids,
            const char *reason,
            JsonArray  *released)
{
  for (guint i = 0; i < ids->len; i++) {
    Item *item = g_hash_table_lookup (self->items, ids->pdata[i]);

    if (item == NULL)
      continue;
    if (released != NULL) {
      JsonObject *object = describe (item, "id");

      json_object_set_double_member (object, "since", item->since);
      json_array_add_object_element (released, object);
    }
    finish (self, item, reason);
  }
}

static gboolean
is_uncovered (Hold          *self,
              Item          *item,
              gconstpointer  data)
{
  return !covers (self, item->deployment);
}

static gboolean
is_of_deployment (Hold          *self,
                  Item          *item,
                  gconstpointer  deployment)
{
  return deployment == NULL || g_strcmp0 (item->deployment, deployment) == 0;
}

typedef struct {
  const char *hop;
  const char *arn;
} Place;

static gboolean
is_of_place (Hold          *self,
             Item          *item,
             gconstpointer  data)
{
  const Place *place = data;

  return (place->hop == NULL || strcmp (place->hop, item->hop) == 0) && strcmp (place->arn, item->arn) == 0;
}

/* ── for the services ── */

gboolean
practice_hold_is_on (PracticeServer *server)
{
  Hold *self = get_hold (server);

  return self != NULL && (self->everything || g_hash_table_size (self->scopes) > 0);
}

gboolean
practice_hold_covers (PracticeServer *server,
                      const char     *arn)
{
  Hold *self = get_hold (server);

  return practice_hold_is_on (server) && (self->everything || covers (self, find_deployment (self, arn)));
}

void
practice_hold_add (PracticeServer   *server,
                   const char       *hop,
                   const char       *id,
                   const char       *arn,
                   const char       *lane,
                   JsonObject       *facts,
                   PracticeHoldFunc  done,
                   gpointer          data)
{
  Hold *self = get_hold (server);
  Item *item = g_hash_table_lookup (self->items, id);

  if (item != NULL) {
    json_object_unref (facts);
    item->done = done;
    item->data = data;
    return;
  }
  item = g_new0 (Item, 1);
  item->id = g_strdup (id);
  item->hop = hop;
  item->arn = g_strdup (arn);
  item->lane = g_strdup (lane);
  item->deployment = g_strdup (find_deployment (self, arn));
  item->facts = facts;
  item->since = (double) g_get_real_time () / G_USEC_PER_SEC;
  item->done = done;
  item->data = data;
  item->link.data = item;
  g_hash_table_insert (self->items, item->id, item);
  g_queue_push_tail_link (&self->order, &item->link);
  emit (self, "held", item, NULL);
}

gboolean
practice_hold_has (PracticeServer *server,
                   const char     *id)
{
  Hold *self = get_hold (server);

  return self != NULL && g_hash_table_contains (self->items, id);
}

void
practice_hold_drop (PracticeServer *server,
                    const char     *id)
{
  Hold *self = get_hold (server);
  Item *item = self != NULL ? g_hash_table_lookup (self->items, id) : NULL;

  if (item != NULL)
    finish (self, item, "gone");
}

void
practice_hold_end (PracticeServer *server,
                   const char     *hop,
                   const char     *arn,
                   gboolean        go)
{
  Hold *self = get_hold (server);
  Place place = { hop, arn };
  g_autoptr (GPtrArray) ids = NULL;

  if (self == NULL || self->order.length == 0)
    return;
  ids = select_ids (self, is_of_place, &place);
  finish_ids (self, ids, go ? "off" : "gone", NULL);
}

void
practice_hold_watch (PracticeServer      *server,
                     PracticeHoldChanged  changed,
                     gpointer             data)
{
  Watcher watcher = { changed, data };

  g_array_append_val (get_hold (server)->watchers, watcher);
}

void
practice_hold_set_body (JsonObject *facts,
                        const char *text)
{
  gsize length = text != NULL ? strlen (text) : 0;
  g_autofree char *cut = NULL;

  if (text == NULL)
    return;
  if (length > BODY_BYTES) {
    const char *end = g_utf8_find_prev_char (text, text + BODY_BYTES);

    cut = g_strdup_printf ("%.*s…", (int) (end != NULL ? end - text : 0), text);
  }
  json_object_set_string_member (facts, "body", cut != NULL ? cut : text);
}

/* ── the operations ── */

static void
tell_watchers (Hold *self)
{
  for (guint i = 0; i < self->watchers->len; i++) {
    Watcher *watcher = &g_array_index (self->watchers, Watcher, i);

    watcher->changed (watcher->data);
  }
}

static gboolean
is_owner (PracticeCall *call)
{
  if (practice_call_get_principal (call)->kind == PRACTICE_PRINCIPAL_ROOT)
    return TRUE;
  practice_call_fail (call, 403, "AccessDeniedException", "Only the account itself may use step mode.");
  return FALSE;
}

/* Reads "deployment"; FALSE after failing the call. */
static gboolean
get_deployment (PracticeCall  *call,
                const char   **deployment)
{
  *deployment = practice_call_get_string (call, "deployment");
  if (practice_call_is_answered (call))
    return FALSE;
  if (*deployment != NULL && **deployment == '\0') {
    practice_call_fail (call, 400, "ValidationException", "“deployment” is empty. Leave it out for the whole cloud.");
    return FALSE;
  }
  return TRUE;
}

static void
return_state (PracticeCall *call,
              Hold         *self,
              const char   *deployment)
{
  JsonObject *result = json_object_new ();
  JsonArray *deployments = json_array_new ();
  JsonArray *held = json_array_new ();
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (self->scopes), (GCompareFunc) strcmp);

  for (GList *l = names; l != NULL; l = l->next)
    json_array_add_string_element (deployments, l->data);
  for (GList *l = self->order.head; l != NULL; l = l->next) {
    Item *item = l->data;
    JsonObject *object = NULL;

    if (!is_of_deployment (self, item, deployment))
      continue;
    object = describe (item, "id");
    json_object_set_double_member (object, "since", item->since);
    json_array_add_object_element (held, object);
  }
  json_object_set_boolean_member (result, "everything", self->everything);
  json_object_set_array_member (result, "deployments", deployments);
  json_object_set_array_member (result, "held", held);
  practice_call_return (call, result);
}

void
practice_hold_list (PracticeCall *call,
                    gpointer      data)
{
  const char *deployment = NULL;

  if (is_owner (call) && get_deployment (call, &deployment))
    return_state (call, get_hold (data), deployment);
}

void
practice_hold_switch (PracticeCall *call,
                      gpointer      data)
{
  Hold *self = get_hold (data);
  PracticeStore *store = practice_server_get_store (data);
  const char *deployment = NULL;
  gboolean on = FALSE;
  JsonObject *event = NULL;

  if (!is_owner (call) || !get_deployment (call, &deployment))
    return;
  if (!practice_call_get_boolean (call, "on", &on)) {
    if (!practice_call_is_answered (call))
      practice_call_fail (call, 400, "ValidationException", "Say “on”: true or false.");
    return;
  }

  if (on)
    practice_store_run (store, "INSERT OR IGNORE INTO hold_scope (deployment) VALUES (?)", "s", deployment != NULL ? deployment : "");
  else
    practice_store_run (store, "DELETE FROM hold_scope WHERE deployment = ?", "s", deployment != NULL ? deployment : "");
  if (deployment == NULL)
    self->everything = on;
  else if (on)
    g_hash_table_add (self->scopes, g_strdup (deployment));
  else
    g_hash_table_remove (self->scopes, deployment);

  event = json_object_new ();
  json_object_set_boolean_member (event, "on", on);
  if (deployment != NULL)
    json_object_set_string_member (event, "deployment", deployment);
  practice_events_emit (practice_server_get_events (self->server), "hold-switched", event);
  if (!on) {
    g_autoptr (GPtrArray) ids = select_ids (self, is_uncovered, NULL);

    finish_ids (self, ids, "off", NULL);
  }
  tell_watchers (self);
  return_state (call, self, deployment);
}

/* Those of its lane that were held before it, then itself. */
static void
add_with_lane (Hold      *self,
               Item      *item,
               GPtrArray *ids)
{
  for (GList *l = self->order.head; item->lane != NULL && l->data != item; l = l->next) {
    Item *other = l->data;

    if (g_strcmp0 (other->lane, item->lane) == 0)
      g_ptr_array_add (ids, g_strdup (other->id));
  }
  g_ptr_array_add (ids, g_strdup (item->id));
}

void
practice_hold_release (PracticeCall *call,
                       gpointer      data)
{
  Hold *self = get_hold (data);
  const char *deployment = NULL;
  JsonArray *wanted = NULL;
  gboolean next = FALSE;
  gboolean all = FALSE;
  g_autoptr (GPtrArray) ids = NULL;
  JsonArray *released = NULL;
  JsonObject *result = NULL;

  if (!is_owner (call) || !get_deployment (call, &deployment))
    return;
  wanted = practice_call_get_array (call, "ids");
  if (!practice_call_is_answered (call))
    practice_call_get_boolean (call, "next", &next);
  if (!practice_call_is_answered (call))
    practice_call_get_boolean (call, "all", &all);
  if (practice_call_is_answered (call))
    return;
  if ((wanted != NULL) + next + all != 1) {
    practice_call_fail (call, 400, "ValidationException", "Say one of “ids”: [\"…\"], “next”: true, and “all”: true.");
    return;
  }

  ids = select_ids (self, is_of_deployment, deployment);
  if (!all) {
    g_autoptr (GPtrArray) chosen = g_ptr_array_new_with_free_func (g_free);

    if (next && ids->len > 0)
      add_with_lane (self, g_hash_table_lookup (self->items, ids->pdata[0]), chosen);
    for (guint i = 0; wanted != NULL && i < json_array_get_length (wanted); i++) {
      JsonNode *node = json_array_get_element (wanted, i);
      Item *item = practice_json_is_string (node) ? g_hash_table_lookup (self->items, json_node_get_string (node)) : NULL;

      if (item != NULL && is_of_deployment (self, item, deployment))
        add_with_lane (self, item, chosen);
    }
    g_ptr_array_unref (ids);
    ids = g_steal_pointer (&chosen);
  }

  released = json_array_new ();
  finish_ids (self, ids, "released", released);
  result = json_object_new ();
  json_object_set_array_member (result, "released", released);
  practice_call_return (call, result);
}

void
practice_hold_start (PracticeServer *server)
{
  Hold *self = g_new0 (Hold, 1);
  PracticeStore *store = practice_server_get_store (server);
  sqlite3_stmt *row = NULL;

  self->server = server;
  self->scopes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->items = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, item_free);
  self->deployments = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->watchers = g_array_new (FALSE, FALSE, sizeof (Watcher));
  g_queue_init (&self->order);
  practice_store_exec (store, schema);
  row = practice_store_prepare (store, "SELECT deployment FROM hold_scope", NULL);
  while (sqlite3_step (row) == SQLITE_ROW) {
    const char *deployment = (const char *) sqlite3_column_text (row, 0);

    if (*deployment == '\0')
      self->everything = TRUE;
    else
      g_hash_table_add (self->scopes, g_strdup (deployment));
  }
  sqlite3_reset (row);
  g_object_set_data_full (G_OBJECT (server), "practice-hold", self, hold_free);
}

void
practice_hold_resume (PracticeServer *server)
{
  if (practice_hold_is_on (server))
    tell_watchers (get_hold (server));
}
