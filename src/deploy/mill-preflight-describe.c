/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-preflight-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-endpoint.h"
#include "mill-properties.h"
#include "mill-region.h"

/* A build takes some minutes, and somebody reads in between. */
#define SOON_SECONDS (60 * 60)

void
mill_preflight_describe_resources (MillPreflight *self)
{
  g_autoptr(GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->planned->len; i++)
    {
      const char *type = ((MillPlanned *) self->planned->pdata[i])->resource->type;
      JsonObject *entry = mill_preflight_find_type (type);
      g_autoptr(GString) names = g_string_new (NULL);
      g_autofree char *title = NULL;
      guint n = 0;

      if (!g_hash_table_add (seen, (gpointer) type))
        continue;
      for (guint j = i; j < self->planned->len; j++)
        {
          MillPlanned *other = self->planned->pdata[j];

          if (strcmp (other->resource->type, type) != 0)
            continue;
          n++;
          g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", other->name != NULL ? other->name : other->resource->logical_id);
        }
      title = g_strdup_printf ("%u %s", n, entry == NULL ? type : g_dgettext (GETTEXT_PACKAGE, aws_json_get_string (entry, n == 1 ? "title" : "plural")));
      mill_preflight_add (self, MILL_PREFLIGHT_RESOURCES, MILL_VERDICT_GOOD, type, title, names->str);
    }
  mill_preflight_conclude (self, MILL_PREFLIGHT_RESOURCES,
                           g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u thing is created.", "%u things are created.", self->planned->len),
                                            self->planned->len));
}

static void
describe_region (MillPreflight *self)
{
  const char *id = mill_target_get_region (self->target);
  const MillRegion *region = mill_region_find (id);
  g_autofree char *text = NULL;

  if (!mill_preflight_is_aws (self) || (region != NULL && !region->opt_in))
    return;
  if (region == NULL)
    {
      text = g_strdup_printf (_("It is not in the list of %s: it may be newer, or misspelt."), mill_region_get_date ());
      mill_preflight_add (self, MILL_PREFLIGHT_PLACE, MILL_VERDICT_UNKNOWN, id, id, text);
    }
  else
    mill_preflight_add (self, MILL_PREFLIGHT_PLACE, MILL_VERDICT_CARE, id, region->name,
                        _("An account can use this region only after it has been switched on in the account’s settings."));
}

static void
describe_endpoint (MillPreflight *self)
{
  const MillEndpointKind *kind = mill_target_get_endpoint_kind (self->target);
  g_autoptr(GHashTable) types = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) limits = NULL;

  if (kind == NULL)
    return;
  for (guint i = 0; i < self->planned->len; i++)
    g_hash_table_add (types, (gpointer) ((MillPlanned *) self->planned->pdata[i])->resource->type);
  limits = mill_endpoint_kind_dup_limits (kind, types);
  for (guint i = 0; i < limits->len; i++)
    mill_preflight_add (self, MILL_PREFLIGHT_PLACE, MILL_VERDICT_CARE, kind->id, kind->title, limits->pdata[i]);
  if (strcmp (kind->id, "other") == 0)
    mill_preflight_add (self, MILL_PREFLIGHT_PLACE, MILL_VERDICT_UNKNOWN, kind->id, g_dgettext (GETTEXT_PACKAGE, kind->title),
                        _("What it can do and what not is not known: it shows while building."));
}

static void
describe_credentials (MillPreflight *self)
{
  g_autofree char *warning = mill_target_dup_warning (self->target);
  gint64 expires = mill_target_get_expires (self->target);
  gint64 left = expires - g_get_real_time () / G_USEC_PER_SEC;

  if (warning != NULL)
    mill_preflight_add (self, MILL_PREFLIGHT_PLACE, MILL_VERDICT_CARE, "", _("Take care"), warning);
  if (expires != 0 && left < SOON_SECONDS)
    {
      guint minutes = MAX (left, 0) / 60;
      g_autofree char *text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "They end in %u minute. New ones can be entered then: the work waits, and goes on.",
                                                            "They end in %u minutes. New ones can be entered then: the work waits, and goes on.", minutes),
                                               minutes);

      mill_preflight_add (self, MILL_PREFLIGHT_PLACE, MILL_VERDICT_CARE, "", _("Temporary credentials"), text);
    }
}

void
mill_preflight_describe_place (MillPreflight *self)
{
  const char *id = mill_target_get_region (self->target);
  const MillRegion *region = mill_region_find (id);
  const char *arn = mill_target_get_arn (self->target);

  describe_credentials (self);
  describe_region (self);
  describe_endpoint (self);
  mill_preflight_conclude (self, MILL_PREFLIGHT_PLACE,
                           g_strdup_printf (_("%s: account %s, region %s (%s), as %s"), mill_target_get_title (self->target), self->account, id,
                                            region != NULL ? region->name : "?", arn != NULL ? arn : "?"));
}

gboolean
mill_preflight_describe_role (MillPreflight  *self,
                              GCancellable   *cancellable,
                              GError        **error)
{
  g_autoptr(JsonObject) parameters = NULL;
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(GError) trouble = NULL;
  g_autofree char *text = NULL;

  if (self->role == NULL)
    return TRUE;
  parameters = mill_properties_build ("RoleName:s", self->role, NULL);
  answer = aws_client_call (mill_target_get_client (self->target), "iam:GetRole", parameters, cancellable, &trouble);
  if (answer == NULL && g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (answer != NULL)
    text = g_strdup (_("It is used wherever the tutorial would make a role of its own. It is neither changed nor deleted."));
  else
    text = g_strdup_printf (_("It cannot be used: %s"), trouble->message);
  mill_preflight_add (self, MILL_PREFLIGHT_PLACE, answer != NULL ? MILL_VERDICT_GOOD : MILL_VERDICT_STOP, self->role, self->role, text);
  return TRUE;
}

void
mill_preflight_offer_roles (MillPreflight *self)
{
  g_autofree char *names = NULL;
  g_autofree char *text = NULL;

  if (self->roles == NULL)
    return;
  names = g_strjoinv (", ", self->roles);
  text = *names != '\0' ? g_strdup_printf (_("The tutorial can use a role that is there instead of its own: %s."), names)
                        : g_strdup (_("And no role was found that could be used instead. Ask whoever runs the account."));
  mill_preflight_add (self, MILL_PREFLIGHT_PLACE, MILL_VERDICT_CARE, "AWS::IAM::Role", _("Roles cannot be made in this account"), text);
}
