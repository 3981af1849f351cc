/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-target.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-engine.h"
#include "mill-keyring.h"
#include "mill-practice.h"
#include "mill-profile.h"
#include "mill-question.h"
#include "mill-region.h"

#define STORED_PREFIX "account:"
#define LIKE_AWS "practice:aws"
#define ENDPOINT_PREFIX "endpoint:"
/* Less is what every clock is off, and AWS bears 15 minutes. */
#define SKEW_SECONDS 300

struct _MillTarget
{
  GObject         parent_instance;

  MillTargetKind  kind;
  char           *spec;
  char           *region;
  char           *title;       /* of an endpoint that was named, or NULL */
  GMainContext   *context;

  /* Held while opening, which takes its time. */
  GMutex          open_mutex;
  MillPractice   *practice;
  GSource        *watch;

  /* Held for a moment. */
  GMutex          mutex;
  AwsClient      *client;
  GPtrArray      *clients;     /* every client there ever was: others may still be using them */
  const char     *account;     /* interned */
  const char     *arn;         /* interned */
  char           *invoke_url;  /* with {api}, {stage} and {path}, or NULL */
  const MillEndpointKind *endpoint;  /* or NULL */
};

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

static gboolean
is_aws (const char *host)
{
  return g_str_has_suffix (host, ".amazonaws.com") || g_str_has_suffix (host, ".amazonaws.com.cn");
}

static gboolean
is_aws_url (const char *url)
{
  g_autofree char *host = NULL;

  return g_uri_split_network (url, G_URI_FLAGS_NONE, NULL, &host, NULL, NULL) && host != NULL && is_aws (host);
}

/* The name in the keyring; NULL where the credentials are not from there. */
static const char *
stored_name (MillTarget *self)
{
  return g_str_has_prefix (self->spec, STORED_PREFIX) ? self->spec + strlen (STORED_PREFIX) : NULL;
}

static gboolean
are_same (AwsCredentials *a,
          AwsCredentials *b)
{
  return a != NULL && b != NULL && strcmp (aws_credentials_get_access_key_id (a), aws_credentials_get_access_key_id (b)) == 0 &&
         g_strcmp0 (aws_credentials_get_session_token (a), aws_credentials_get_session_token (b)) == 0;
}

static gboolean
are_over (AwsCredentials *credentials)
{
  gint64 expires = aws_credentials_get_expires (credentials);

  return expires != 0 && expires <= g_get_real_time () / G_USEC_PER_SEC;
}

/* Who @credentials are, in the target's own account where that is known. A client of its own: the target's waits for them. */
static gboolean
check_credentials (MillTarget      *self,
                   AwsClient       *client,
                   AwsCredentials  *credentials,
                   char           **arn,
                   GCancellable    *cancellable,
                   GError         **error)
{
  g_autoptr(AwsClient) asking = aws_client_new (self->region, aws_client_get_endpoint (client), credentials);
  g_autoptr(JsonObject) identity = aws_client_call (asking, "sts:GetCallerIdentity", NULL, cancellable, error);
  const char *before = mill_target_get_account (self);
  const char *now = identity != NULL ? aws_json_get_string (identity, "Account") : NULL;

  if (identity == NULL)
    return FALSE;
  if (before != NULL && g_strcmp0 (before, now) != 0)
    {
      g_autofree char *message = g_strdup_printf (_("These are credentials of the account %s. Those of the account %s are needed, in which the work began."),
                                                  now != NULL ? now : "?", before);

      g_propagate_error (error, aws_error_new (AWS_ERROR_CREDENTIALS, "OtherAccount", message, NULL, 0, FALSE));
      return FALSE;
    }
  *arn = g_strdup (aws_json_get_string (identity, "Arn"));
  return TRUE;
}

/* What the keyring or the profile has now. */
static AwsCredentials *
read_again (MillTarget    *self,
            GCancellable  *cancellable,
            GError       **error)
{
  g_autoptr(MillProfile) profile = NULL;

  if (stored_name (self) != NULL)
    return mill_keyring_load (stored_name (self), cancellable, error);
  if (self->kind == MILL_TARGET_ENDPOINT)
    return aws_credentials_new_from_environment ();
  profile = mill_profile_load (self->spec, error);
  return profile != NULL ? mill_profile_get_credentials (profile, cancellable, error) : NULL;
}

static AwsCredentials *
ask_for_credentials (MillTarget    *self,
                     AwsClient     *client,
                     GCancellable  *cancellable,
                     GError       **error)
{
  const char *name = stored_name (self);
  g_autofree char *text = g_strdup_printf (_("The credentials of “%s” have expired. Enter new ones: the work goes on where it is."), mill_target_get_title (self));
  g_autofree char *without = NULL;

  if (name != NULL)
    without = g_strdup_printf (_("The credentials of “%s” have expired. Enter new ones with “millrace-cli credentials add %s”, and do the same again: what is "
                                 "made already is not made twice."), name, name);
  else
    without = g_strdup_printf (_("The credentials of “%s” have expired. Get new ones and do the same again: what is made already is not made twice."),
                               mill_target_get_title (self));
  while (TRUE)
    {
      g_autoptr(GError) trouble = NULL;
      g_autofree char *arn = NULL;
      g_autoptr(MillQuestion) question = mill_question_ask (MILL_QUESTION_CREDENTIALS, mill_target_get_title (self), text, NULL, NULL, without, error);
      AwsCredentials *fresh;

      if (question == NULL || !mill_question_wait (question, cancellable, error))
        return NULL;
      fresh = mill_question_peek_credentials (question);
      if (fresh != NULL && check_credentials (self, client, fresh, &arn, cancellable, &trouble))
        {
          MillStored stored = { .name = (char *) name, .region = self->region, .account = (char *) mill_target_get_account (self), .arn = arn };

          if (name != NULL)
            mill_keyring_save (&stored, fresh, NULL, cancellable, NULL);
          return aws_credentials_ref (fresh);
        }
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      if (trouble != NULL)
        {
          g_free (text);
          text = g_strdup_printf (_("These credentials are not taken: %s Enter others for “%s”: the work goes on where it is."), trouble->message,
                                  mill_target_get_title (self));
        }
    }
}

/* An AwsRefreshFunc: first what is new where the credentials came from, then the user. */
static AwsCredentials *
on_expired (AwsClient       *client,
            AwsCredentials  *old,
            const GError    *trouble,
            GCancellable    *cancellable,
            GError         **error,
            gpointer         data)
{
  MillTarget *self = data;
  g_autoptr(GError) local = NULL;
  AwsCredentials *fresh;

  /* The practice cloud's own keys are good as long as it runs, whatever it pretends. */
  if (self->kind == MILL_TARGET_PRACTICE && old != NULL)
    return aws_credentials_new (aws_credentials_get_access_key_id (old), aws_credentials_get_secret (old), aws_credentials_get_session_token (old));
  fresh = read_again (self, cancellable, &local);
  if (fresh != NULL && !are_over (fresh) && !are_same (fresh, old))
    return fresh;
  if (fresh == NULL && local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  g_clear_pointer (&fresh, aws_credentials_unref);
  return ask_for_credentials (self, client, cancellable, error);
}

static void
put_client (MillTarget     *self,
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
  aws_client_set_refresh (self->client, on_expired, self);
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
  put_client (self, mill_practice_get (self->practice, "AWS_ENDPOINT_URL"), credentials,
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

static const char *
environment_region (void)
{
  const char *region = g_getenv ("AWS_REGION");

  if (region == NULL || *region == '\0')
    region = g_getenv ("AWS_MILL_REGION_DEFAULT");
  return region != NULL && *region != '\0' ? region : NULL;
}

/* The form of the invoke URL that was given for @endpoint, as millrace-practice prints it. */
static const char *
known_invoke_url (const char *endpoint)
{
  const char *known = g_getenv ("AWS_ENDPOINT_URL");

  return known != NULL && endpoint != NULL && strncmp (known, endpoint, strlen (endpoint)) == 0 ? g_getenv ("MILLRACE_INVOKE_URL") : NULL;
}

/* The region that the keyring has for it: asks, but unlocks nothing. */
static char *
dup_stored_region (const char *name)
{
  g_autoptr(GPtrArray) all = mill_keyring_list (NULL, NULL);

  for (guint i = 0; all != NULL && i < all->len; i++)
    {
      const MillStored *stored = all->pdata[i];

      if (strcmp (stored->name, name) == 0 && *stored->region != '\0')
        return g_strdup (stored->region);
    }
  return NULL;
}

static gboolean
prepare_stored (MillTarget  *self,
                const char  *region,
                GError     **error)
{
  g_autofree char *wrong = mill_keyring_check_name (stored_name (self));
  const char *endpoint = g_getenv ("AWS_ENDPOINT_URL");

  if (wrong != NULL)
    {
      g_set_error_literal (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, wrong);
      return FALSE;
    }
  if (region == NULL)
    region = environment_region ();
  if (self->region == NULL)
    self->region = region != NULL ? g_strdup (region) : dup_stored_region (stored_name (self));
  if (self->region == NULL)
    self->region = g_strdup (MILL_REGION_DEFAULT);
  if (endpoint != NULL && *endpoint == '\0')
    endpoint = NULL;
  /* The keyring is asked with the first call, in a thread where the user may take the time to unlock it. */
  put_client (self, endpoint, NULL, known_invoke_url (endpoint));
  return TRUE;
}

static gboolean
prepare_endpoint (MillTarget  *self,
                  const char  *region,
                  GError     **error)
{
  g_autofree char *endpoint = mill_endpoint_check_url (self->spec, error);
  g_autofree char *host = NULL;
  g_autoptr(MillEndpoint) known = NULL;
  g_autoptr(AwsCredentials) credentials = aws_credentials_new_from_environment ();

  if (endpoint == NULL)
    return FALSE;
  g_uri_split_network (endpoint, G_URI_FLAGS_NONE, NULL, &host, NULL, NULL);
  if (credentials == NULL && is_aws (host))
    {
      GError *missing = aws_error_new (AWS_ERROR_CREDENTIALS, "NoCredentials",
                                       _("AWS wants credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile."),
                                       NULL, 0, FALSE);
      g_propagate_error (error, missing);
      return FALSE;
    }
  /* Emulators take any key. */
  if (credentials == NULL)
    credentials = aws_credentials_new ("test", "test", NULL);

  known = mill_endpoint_find_by_url (endpoint);
  if (known != NULL && self->title == NULL)
    self->title = g_strdup (known->name);
  if (region == NULL)
    region = environment_region ();
  if (region == NULL && known != NULL && *known->region != '\0')
    region = known->region;
  if (self->region == NULL)
    self->region = g_strdup (region != NULL ? region : MILL_REGION_DEFAULT);
  put_client (self, endpoint, credentials, known_invoke_url (endpoint));
  return TRUE;
}

static gboolean
prepare_account (MillTarget  *self,
                 const char  *region,
                 GError     **error)
{
  g_autoptr(MillProfile) profile = mill_profile_load (self->spec, error);
  const char *endpoint = g_getenv ("AWS_ENDPOINT_URL");

  if (profile == NULL)
    return FALSE;
  if (region == NULL)
    region = environment_region ();
  if (region == NULL)
    region = profile->region;
  if (self->region == NULL)
    self->region = g_strdup (region != NULL ? region : MILL_REGION_DEFAULT);
  if (endpoint == NULL || *endpoint == '\0')
    endpoint = profile->endpoint;
  put_client (self, endpoint, profile->credentials, known_invoke_url (endpoint));
  return TRUE;
}

static gboolean
prepare (MillTarget  *self,
         const char  *region,
         GError     **error)
{
  switch (self->kind)
    {
    case MILL_TARGET_PRACTICE:
      self->region = g_strdup (region != NULL ? region : MILL_REGION_DEFAULT);
      return TRUE;
    case MILL_TARGET_ENDPOINT:
      return prepare_endpoint (self, region, error);
    default:
      return stored_name (self) != NULL ? prepare_stored (self, region, error) : prepare_account (self, region, error);
    }
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
    self->kind = stored_name (self) == NULL && strstr (self->spec, "://") != NULL ? MILL_TARGET_ENDPOINT : MILL_TARGET_ACCOUNT;
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
  return prepare (self, region, error) ? g_steal_pointer (&self) : NULL;
}

MillTarget *
mill_target_new_with_credentials (const char      *name,
                                  const char      *region,
                                  AwsCredentials  *credentials,
                                  GError         **error)
{
  g_autofree char *spec = g_strconcat (STORED_PREFIX, name, NULL);
  g_autoptr(MillTarget) self = target_alloc (spec);

  if (!prepare (self, region, error))
    return NULL;
  /* If these are no good, others will not do. */
  aws_client_set_refresh (self->client, NULL, NULL);
  aws_client_set_credentials (self->client, credentials);
  return g_steal_pointer (&self);
}

gboolean
mill_target_store (MillTarget    *self,
                   char         **notice,
                   GCancellable  *cancellable,
                   GError       **error)
{
  AwsClient *client = mill_target_get_client (self);
  AwsCredentials *credentials = client != NULL ? aws_client_get_credentials (client) : NULL;
  MillStored stored = { .name = (char *) stored_name (self), .region = self->region, .account = (char *) mill_target_get_account (self),
                        .arn = (char *) mill_target_get_arn (self) };

  g_return_val_if_fail (stored.name != NULL && credentials != NULL, FALSE);
  if (!mill_keyring_save (&stored, credentials, notice, cancellable, error))
    return FALSE;
  aws_client_set_refresh (client, on_expired, self);
  return TRUE;
}

MillTarget *
mill_target_new_lazily (const char *spec,
                        const char *region)
{
  MillTarget *self = target_alloc (spec);

  if (!prepare (self, region, NULL) && self->region == NULL)
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
  if (stored_name (self) != NULL)
    return stored_name (self);
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
    return g_strdup_printf (skew > 0 ? g_dngettext (GETTEXT_PACKAGE, "This computer's clock is %u minute behind AWS's. Millrace makes up for it; set the clock.",
                                                    "This computer's clock is %u minutes behind AWS's. Millrace makes up for it; set the clock.",
                                                    (gulong) (ABS (skew) / 60))
                                     : g_dngettext (GETTEXT_PACKAGE, "This computer's clock is %u minute ahead of AWS's. Millrace makes up for it; set the clock.",
                                                    "This computer's clock is %u minutes ahead of AWS's. Millrace makes up for it; set the clock.",
                                                    (gulong) (ABS (skew) / 60)), (guint) (ABS (skew) / 60));
  if (self->kind == MILL_TARGET_ACCOUNT && arn != NULL && g_str_has_suffix (arn, ":root"))
    return g_strdup (_("These are the keys of the root user, who may do everything and cannot be held back. It works, but better make an IAM user or role "
                       "for this, and delete the root user's keys."));
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
                                         : self->client == NULL && !prepare (self, self->region, error))
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
