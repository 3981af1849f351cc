/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-target-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-engine.h"
#include "mill-region.h"

#define LIKE_AWS "practice:aws"
#define ENDPOINT_PREFIX "endpoint:"
/* Less is what every clock is off, and AWS bears 15 minutes. */
#define SKEW_SECONDS 300

G_DEFINE_FINAL_TYPE (MillTarget, mill_target, G_TYPE_OBJECT)

enum {
  LOST,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
on_practice_end (GSocket      *socket,
                 GIOCondition  condition,
                 gpointer      data)
{
  MillTarget *self = data;

  g_signal_emit (self, signals[LOST], 0, _("The practice cloud has ended by itself. What was built there is kept and will be there again "
                                           "when it is started anew."));
  return G_SOURCE_REMOVE;
}

gboolean
mill_target_is_aws (const char *host)
{
  return g_str_has_suffix (host, ".amazonaws.com") || g_str_has_suffix (host, ".amazonaws.com.cn");
}

static gboolean
is_aws_url (const char *url)
{
  g_autofree char *host = NULL;

  return g_uri_split_network (url, G_URI_FLAGS_NONE, NULL, &host, NULL, NULL) && host != NULL && mill_target_is_aws (host);
}

const char *
mill_target_get_stored_name (MillTarget *self)
{
  return g_str_has_prefix (self->spec, MILL_TARGET_STORED_PREFIX) ? self->spec + strlen (MILL_TARGET_STORED_PREFIX) : NULL;
}

void
mill_target_put_client (MillTarget     *self,
                        const char     *endpoint,
                        AwsCredentials *credentials,
                        const char     *invoke_url)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_free (self->invoke_url);
  self->invoke_url = g_strdup (invoke_url);
  /* The same endpoint: whoever holds the client and its log keeps them. */
  if (self->client != NULL && g_strcmp0 (aws_client_get_endpoint (self->client), endpoint) == 0)
    {
      aws_client_set_credentials (self->client, credentials);
      return;
    }
  self->client = aws_client_new (self->region, endpoint, credentials);
  aws_client_set_refresh (self->client, mill_target_on_expired, self);
  g_ptr_array_add (self->clients, self->client);
}

/* The practice cloud and what follows from it. */
static gboolean
open_practice (MillTarget    *self,
               GCancellable  *cancellable,
               GError       **error)
{
  g_autofree char *state = NULL;
  g_autoptr(AwsCredentials) credentials = NULL;

  if (self->practice != NULL && mill_practice_is_alive (self->practice))
    return TRUE;
  if (self->watch != NULL)
    g_source_destroy (self->watch);
  g_clear_pointer (&self->watch, g_source_unref);
  g_clear_object (&self->practice);

  state = mill_practice_dup_default_state ();
  if (strcmp (self->spec, LIKE_AWS) == 0)
    {
      g_autofree char *beside = g_strconcat (state, "-aws", NULL);

      self->practice = mill_practice_join_like_aws (beside, cancellable, error);
    }
  else
    self->practice = mill_practice_join (state, cancellable, error);
  if (self->practice == NULL)
    return FALSE;
  credentials = aws_credentials_new (mill_practice_get (self->practice, "AWS_ACCESS_KEY_ID"),
                                     mill_practice_get (self->practice, "AWS_SECRET_ACCESS_KEY"),
                                     mill_practice_get (self->practice, "AWS_SESSION_TOKEN"));
  mill_target_put_client (self, mill_practice_get (self->practice, "AWS_ENDPOINT_URL"), credentials,
              mill_practice_get (self->practice, "MILLRACE_INVOKE_URL"));

  self->watch = g_socket_create_source (mill_practice_get_socket (self->practice), G_IO_IN | G_IO_HUP | G_IO_ERR, NULL);
  g_source_set_callback (self->watch, G_SOURCE_FUNC (on_practice_end), self, NULL);
  g_source_attach (self->watch, self->context);
  return TRUE;
}

static void
open_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  GError *error = NULL;

  if (mill_target_open (source, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
mill_target_dispose (GObject *object)
{
  MillTarget *self = MILL_TARGET (object);

  if (self->watch != NULL)
    g_source_destroy (self->watch);
  g_clear_pointer (&self->watch, g_source_unref);
  G_OBJECT_CLASS (mill_target_parent_class)->dispose (object);
}

static void
mill_target_finalize (GObject *object)
{
  MillTarget *self = MILL_TARGET (object);

  g_clear_object (&self->practice);
  for (guint i = 0; i < self->clients->len; i++)
    aws_client_set_refresh (self->clients->pdata[i], NULL, NULL);
  g_ptr_array_unref (self->clients);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->mutex);
  g_mutex_clear (&self->open_mutex);
  g_free (self->spec);
  g_free (self->region);
  g_free (self->title);
  g_free (self->invoke_url);
  G_OBJECT_CLASS (mill_target_parent_class)->finalize (object);
}

static void
mill_target_class_init (MillTargetClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = mill_target_dispose;
  object_class->finalize = mill_target_finalize;
  signals[LOST] = g_signal_new ("lost", MILL_TYPE_TARGET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
mill_target_init (MillTarget *self)
{
  g_mutex_init (&self->mutex);
  g_mutex_init (&self->open_mutex);
  self->context = g_main_context_ref_thread_default ();
  self->clients = g_ptr_array_new_with_free_func (g_object_unref);
}

static MillTarget *
target_alloc (const char *spec)
{
  MillTarget *self = g_object_new (MILL_TYPE_TARGET, NULL);
  g_autoptr(MillEndpoint) named = g_str_has_prefix (spec, ENDPOINT_PREFIX) ? mill_endpoint_find (spec + strlen (ENDPOINT_PREFIX)) : NULL;

  self->spec = g_strdup (named != NULL ? named->url : spec);
  if (strcmp (spec, "practice") == 0 || strcmp (spec, LIKE_AWS) == 0)
    self->kind = MILL_TARGET_PRACTICE;
  else
    self->kind = mill_target_get_stored_name (self) == NULL && strstr (self->spec, "://") != NULL ? MILL_TARGET_ENDPOINT : MILL_TARGET_ACCOUNT;
  return self;
}

MillTarget *
mill_target_new (const char  *spec,
                 const char  *region,
                 GError     **error)
{
  g_autoptr(MillTarget) self = target_alloc (spec);
  g_autofree char *wrong = region != NULL ? mill_region_check (region) : NULL;

  if (wrong != NULL)
    {
      g_set_error_literal (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, wrong);
      return NULL;
    }
  if (g_str_has_prefix (self->spec, ENDPOINT_PREFIX))
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, _("There is no endpoint named “%s”."), self->spec + strlen (ENDPOINT_PREFIX));
      return NULL;
    }
  return mill_target_prepare (self, region, error) ? g_steal_pointer (&self) : NULL;
}

MillTarget *
mill_target_new_with_credentials (const char      *name,
                                  const char      *region,
                                  AwsCredentials  *credentials,
                                  GError         **error)
{
  g_autofree char *spec = g_strconcat (MILL_TARGET_STORED_PREFIX, name, NULL);
  g_autoptr(MillTarget) self = target_alloc (spec);

  if (!mill_target_prepare (self, region, error))
    return NULL;
  /* If these are no good, others will not do. */
  aws_client_set_refresh (self->client, NULL, NULL);
  aws_client_set_credentials (self->client, credentials);
  return g_steal_pointer (&self);
}

MillTarget *
mill_target_new_lazily (const char *spec,
                        const char *region)
{
  MillTarget *self = target_alloc (spec);

  if (!mill_target_prepare (self, region, NULL) && self->region == NULL)
    self->region = g_strdup (region);
  return self;
}

MillTargetKind
mill_target_get_kind (MillTarget *self)
{
  g_return_val_if_fail (MILL_IS_TARGET (self), MILL_TARGET_PRACTICE);
  return self->kind;
}

const char *
mill_target_get_spec (MillTarget *self)
{
  g_return_val_if_fail (MILL_IS_TARGET (self), NULL);
  return self->spec;
}

const char *
mill_target_get_region (MillTarget *self)
{
  g_return_val_if_fail (MILL_IS_TARGET (self), NULL);
  return self->region;
}

const char *
mill_target_get_title (MillTarget *self)
{
  g_return_val_if_fail (MILL_IS_TARGET (self), NULL);
  if (mill_target_get_stored_name (self) != NULL)
    return mill_target_get_stored_name (self);
  if (self->kind != MILL_TARGET_PRACTICE)
    return self->title != NULL ? self->title : self->spec;
  return strcmp (self->spec, LIKE_AWS) == 0 ? _("Practice cloud, like AWS") : _("Practice cloud");
}

const MillEndpointKind *
mill_target_get_endpoint_kind (MillTarget *self)
{
  g_autoptr(GMutexLocker) locker = NULL;

  g_return_val_if_fail (MILL_IS_TARGET (self), NULL);
  locker = g_mutex_locker_new (&self->mutex);
  return self->endpoint;
}

const char *
mill_target_get_account (MillTarget *self)
{
  g_autoptr(GMutexLocker) locker = NULL;

  g_return_val_if_fail (MILL_IS_TARGET (self), NULL);
  locker = g_mutex_locker_new (&self->mutex);
  return self->account;
}

const char *
mill_target_get_arn (MillTarget *self)
{
  g_autoptr(GMutexLocker) locker = NULL;

  g_return_val_if_fail (MILL_IS_TARGET (self), NULL);
  locker = g_mutex_locker_new (&self->mutex);
  return self->arn;
}

gint64
mill_target_get_expires (MillTarget *self)
{
  AwsClient *client = mill_target_get_client (self);
  AwsCredentials *credentials = client != NULL ? aws_client_get_credentials (client) : NULL;

  return credentials != NULL ? aws_credentials_get_expires (credentials) : 0;
}

char *
mill_target_dup_warning (MillTarget *self)
{
  AwsClient *client = mill_target_get_client (self);
  const char *arn = mill_target_get_arn (self);
  gint64 skew = client != NULL ? aws_client_get_skew (client) : 0;

  if (ABS (skew) >= SKEW_SECONDS)
    return g_strdup_printf (skew > 0 ? g_dngettext (GETTEXT_PACKAGE, "This computer’s clock is %u minute behind AWS’s. Millrace makes up for it; set the clock.",
                                                    "This computer’s clock is %u minutes behind AWS’s. Millrace makes up for it; set the clock.",
                                                    (gulong) (ABS (skew) / 60))
                                     : g_dngettext (GETTEXT_PACKAGE, "This computer’s clock is %u minute ahead of AWS’s. Millrace makes up for it; set the clock.",
                                                    "This computer’s clock is %u minutes ahead of AWS’s. Millrace makes up for it; set the clock.",
                                                    (gulong) (ABS (skew) / 60)), (guint) (ABS (skew) / 60));
  if (self->kind == MILL_TARGET_ACCOUNT && arn != NULL && g_str_has_suffix (arn, ":root"))
    return g_strdup (_("These are the keys of the root user, who may do everything and cannot be held back. It works, but better make an IAM user or role "
                       "for this, and delete the root user’s keys."));
  return NULL;
}

AwsClient *
mill_target_get_client (MillTarget *self)
{
  g_autoptr(GMutexLocker) locker = NULL;

  g_return_val_if_fail (MILL_IS_TARGET (self), NULL);
  locker = g_mutex_locker_new (&self->mutex);
  return self->client;
}

static char *
replace (char       *text,
         const char *what,
         const char *with)
{
  g_auto(GStrv) parts = g_strsplit (text, what, -1);

  g_free (text);
  return g_strjoinv (with, parts);
}

char *
mill_target_get_invoke_url (MillTarget *self,
                            const char *api_id,
                            const char *stage,
                            const char *path)
{
  g_autoptr(GMutexLocker) locker = NULL;
  const char *endpoint;
  const char *form;
  char *url;

  g_return_val_if_fail (MILL_IS_TARGET (self), NULL);
  locker = g_mutex_locker_new (&self->mutex);
  if (*path == '/')
    path++;
  if (self->invoke_url != NULL)
    {
      url = replace (replace (g_strdup (self->invoke_url), "{api}", api_id), "{stage}", stage);
      url = replace (url, "/{path}", "{path}");
      return replace (replace (url, "{path}", "/{path}"), "{path}", path);
    }
  endpoint = self->client != NULL ? aws_client_get_endpoint (self->client) : NULL;
  if (endpoint != NULL && !is_aws_url (endpoint))
    {
      form = (self->endpoint != NULL ? self->endpoint : mill_endpoint_find_kind ("other"))->invoke_url;
      url = replace (replace (g_strdup (form), "{endpoint}", endpoint), "{api}", api_id);
      return replace (replace (replace (url, "{region}", self->region), "{stage}", stage), "{path}", path);
    }
  return g_strdup_printf ("https://%s.execute-api.%s.%s/%s/%s", api_id, self->region,
                          g_str_has_prefix (self->region, "cn-") ? "amazonaws.com.cn" : "amazonaws.com", stage, path);
}

/* What answers there, and how its gateway is called; a named endpoint remembers it. */
static gboolean
recognise (MillTarget    *self,
           GCancellable  *cancellable,
           GError       **error)
{
  g_autofree char *url = mill_endpoint_check_url (self->spec, error);
  const MillEndpointKind *kind = url == NULL ? NULL : is_aws_url (url) ? mill_endpoint_find_kind (NULL)
                                                                      : mill_endpoint_recognise (url, NULL, cancellable, error);
  g_autoptr(MillEndpoint) known = NULL;

  if (kind == NULL)
    return FALSE;
  known = mill_endpoint_find_by_url (url);
  if (known != NULL && strcmp (known->kind, kind->id) != 0)
    {
      g_autoptr(MillEndpoint) better = mill_endpoint_new (known->name, known->url, known->region, kind->id);

      mill_endpoint_save (better, NULL);
    }
  g_mutex_lock (&self->mutex);
  self->endpoint = kind;
  g_mutex_unlock (&self->mutex);
  return TRUE;
}

gboolean
mill_target_open (MillTarget    *self,
                  GCancellable  *cancellable,
                  GError       **error)
{
  g_autoptr(GMutexLocker) locker = NULL;
  g_autoptr(JsonObject) identity = NULL;
  const char *account;

  g_return_val_if_fail (MILL_IS_TARGET (self), FALSE);
  locker = g_mutex_locker_new (&self->open_mutex);
  if (self->kind == MILL_TARGET_PRACTICE ? !open_practice (self, cancellable, error)
                                         : self->client == NULL && !mill_target_prepare (self, self->region, error))
    return FALSE;
  if (mill_target_get_account (self) != NULL)
    return TRUE;
  if (self->kind == MILL_TARGET_ENDPOINT && !recognise (self, cancellable, error))
    return FALSE;

  identity = aws_client_call (mill_target_get_client (self), "sts:GetCallerIdentity", NULL, cancellable, error);
  if (identity == NULL)
    return FALSE;
  account = aws_json_get_string (identity, "Account");
  if (account == NULL)
    {
      g_propagate_error (error, aws_error_new (AWS_ERROR_ANSWER, "", _("The target does not say which account it is."), NULL, 0, FALSE));
      return FALSE;
    }
  g_mutex_lock (&self->mutex);
  self->account = g_intern_string (account);
  self->arn = g_intern_string (aws_json_get_string (identity, "Arn"));
  g_mutex_unlock (&self->mutex);
  return TRUE;
}

void
mill_target_open_async (MillTarget          *self,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, mill_target_open_async);
  g_task_run_in_thread (task, open_in_thread);
}

gboolean
mill_target_open_finish (MillTarget    *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
