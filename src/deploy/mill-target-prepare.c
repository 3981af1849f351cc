/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-target-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "mill-engine.h"
#include "mill-keyring.h"
#include "mill-profile.h"
#include "mill-region.h"

static const char *
environment_region (void)
{
  const char *region = g_getenv ("AWS_REGION");

  if (region == NULL || *region == '\0')
    region = g_getenv ("AWS_DEFAULT_REGION");
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
  g_autofree char *wrong = mill_keyring_check_name (mill_target_get_stored_name (self));
  const char *endpoint = g_getenv ("AWS_ENDPOINT_URL");

  if (wrong != NULL)
    {
      g_set_error_literal (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, wrong);
      return FALSE;
    }
  if (region == NULL)
    region = environment_region ();
  if (self->region == NULL)
    self->region = region != NULL ? g_strdup (region) : dup_stored_region (mill_target_get_stored_name (self));
  if (self->region == NULL)
    self->region = g_strdup (MILL_REGION_DEFAULT);
  if (endpoint != NULL && *endpoint == '\0')
    endpoint = NULL;
  /* The keyring is asked with the first call, in a thread where the user may take the time to unlock it. */
  mill_target_put_client (self, endpoint, NULL, known_invoke_url (endpoint));
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
  if (credentials == NULL && mill_target_is_aws (host))
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
  mill_target_put_client (self, endpoint, credentials, known_invoke_url (endpoint));
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
  mill_target_put_client (self, endpoint, profile->credentials, known_invoke_url (endpoint));
  return TRUE;
}

gboolean
mill_target_prepare (MillTarget  *self,
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
      return mill_target_get_stored_name (self) != NULL ? prepare_stored (self, region, error) : prepare_account (self, region, error);
    }
}
