/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-credentials-form.h"

#include <glib/gi18n.h>
#include <string.h>

#include "aws-credentials-text.h"
#include "mill-fit.h"
#include "mill-hidden.h"
#include "mill-profile.h"
#include "mill-region-row.h"
#include "mill-settings.h"
#include "mill-sso.h"

#define MAX_FILE (1024 * 1024)
#define ACCOUNT_DIGITS 12

struct _MillCredentialsForm
{
  AdwBin parent_instance;

  GtkWidget *paste_way;
  GtkWidget *keys_way;
  GtkWidget *profile_way;
  GtkWidget *sign_in_way;
  GtkWidget *ways;
  GtkWidget *paste_page;
  GtkWidget *keys_page;
  GtkWidget *profile_page;
  GtkWidget *sign_in_page;
  GtkWidget *block;
  GtkWidget *recognised;
  GtkWidget *key;
  GtkWidget *secret;
  GtkWidget *token;
  GtkWidget *file_row;
  GtkWidget *profile;
  GtkWidget *start_url;
  GtkWidget *sso_region;
  GtkWidget *account;
  GtkWidget *role;

  GSettings *settings;              /* or NULL */
  GtkFileChooserNative *chooser;
  char *file;                       /* what is in the chosen one */
  char **profiles;                  /* of the file */
  gboolean complete;
};

enum {
  PROP_0,
  PROP_COMPLETE,
  N_PROPS,
};

enum {
  ACTIVATED,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillCredentialsForm, mill_credentials_form, ADW_TYPE_BIN)

/* What a thread needs to get them. */
typedef struct {
  MillProfile *profile;             /* or NULL: a sign-in */
  char *start_url;
  char *sso_region;
  char *account;
  char *role;
  char *region;                     /* what came with the credentials */
} Taking;

static void
taking_free (Taking *self)
{
  g_clear_pointer (&self->profile, mill_profile_free);
  g_free (self->start_url);
  g_free (self->sso_region);
  g_free (self->account);
  g_free (self->role);
  g_free (self->region);
  g_free (self);
}

static const char *
get_text (GtkWidget *row)
{
  return gtk_editable_get_text (GTK_EDITABLE (row));
}

static char *
dup_stripped (GtkWidget *row)
{
  return g_strstrip (g_strdup (get_text (row)));
}

static gboolean
is_shown (MillCredentialsForm *self,
          GtkWidget           *page)
{
  return gtk_stack_get_visible_child (GTK_STACK (self->ways)) == page;
}

static void
wipe (char **text)
{
  if (*text != NULL)
    explicit_bzero (*text, strlen (*text));
  g_clear_pointer (text, g_free);
}

static gboolean
find_complete (MillCredentialsForm *self)
{
  g_autofree char *account = NULL;

  if (is_shown (self, self->paste_page))
    return *get_text (self->block) != '\0';
  if (is_shown (self, self->keys_page))
    return *get_text (self->key) != '\0' && *get_text (self->secret) != '\0';
  if (is_shown (self, self->profile_page))
    return self->profiles != NULL && self->profiles[0] != NULL;
  account = dup_stripped (self->account);
  return *get_text (self->start_url) != '\0' && strlen (account) == ACCOUNT_DIGITS &&
         strspn (account, "0123456789") == ACCOUNT_DIGITS && *get_text (self->role) != '\0';
}

static void
on_changed (MillCredentialsForm *self)
{
  gboolean complete = find_complete (self);

  if (self->complete == complete)
    return;
  self->complete = complete;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COMPLETE]);
}

static void
on_activated (MillCredentialsForm *self)
{
  g_signal_emit (self, signals[ACTIVATED], 0);
}

static void
on_way (MillCredentialsForm *self)
{
  GtkWidget *page = self->paste_page;

  if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->keys_way)))
    page = self->keys_page;
  else if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->profile_way)))
    page = self->profile_page;
  else if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->sign_in_way)))
    page = self->sign_in_page;
  gtk_stack_set_visible_child (GTK_STACK (self->ways), page);
  mill_fit (GTK_WIDGET (self));
  on_changed (self);
}

/* --- A pasted block --- */

static AwsCredentials *
parse_block (MillCredentialsForm  *self,
             char                **region,
             GError              **error)
{
  return aws_credentials_parse (get_text (self->block), -1, g_get_real_time () / G_USEC_PER_SEC, region, NULL, error);
}

static void
on_block (MillCredentialsForm *self)
{
  g_autofree char *region = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(AwsCredentials) credentials = NULL;
  g_autofree char *text = NULL;

  on_changed (self);
  if (*get_text (self->block) == '\0')
    {
      gtk_widget_set_visible (self->recognised, FALSE);
      return;
    }
  credentials = parse_block (self, &region, &error);
  if (credentials != NULL)
    {
      g_autoptr(GString) said = g_string_new (NULL);

      g_string_printf (said, _("Recognised: the access key %s"), aws_credentials_get_access_key_id (credentials));
      if (aws_credentials_get_session_token (credentials) != NULL)
        g_string_append (said, _(", with a session token"));
      if (region != NULL)
        g_string_append_printf (said, ", %s", region);
      text = g_string_free (g_steal_pointer (&said), FALSE);
    }
  gtk_label_set_label (GTK_LABEL (self->recognised), credentials != NULL ? text : error->message);
  gtk_widget_set_css_classes (self->recognised, (const char *[]) { "caption", "mill-problem", credentials != NULL ? "success" : "error", NULL });
  gtk_widget_set_visible (self->recognised, TRUE);
  mill_fit (GTK_WIDGET (self));
}

static void
on_clipboard (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr(MillCredentialsForm) self = data;
  char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);

  if (text != NULL)
    {
      gtk_editable_set_text (GTK_EDITABLE (self->block), text);
      gtk_widget_grab_focus (self->block);
    }
  wipe (&text);
}

static void
on_paste (MillCredentialsForm *self)
{
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (self)), NULL, on_clipboard, g_object_ref (self));
}

/* --- A profile of a file --- */

static void
show_file (MillCredentialsForm *self,
           const char          *said)
{
  g_autoptr(GtkStringList) names = gtk_string_list_new ((const char *const *) self->profiles);
  gboolean any = self->profiles != NULL && self->profiles[0] != NULL;

  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->file_row), said);
  adw_combo_row_set_model (ADW_COMBO_ROW (self->profile), G_LIST_MODEL (names));
  gtk_widget_set_visible (self->profile, any);
  mill_fit (GTK_WIDGET (self));
  on_changed (self);
}

static void
on_loaded (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(MillCredentialsForm) self = data;
  g_autoptr(GError) error = NULL;
  g_autofree char *name = g_file_get_basename (G_FILE (source));
  g_autofree char *none = NULL;
  gsize length = 0;

  wipe (&self->file);
  g_clear_pointer (&self->profiles, g_strfreev);
  if (!g_file_load_contents_finish (G_FILE (source), result, &self->file, &length, NULL, &error))
    {
      show_file (self, error->message);
      return;
    }
  if (length <= MAX_FILE)
    self->profiles = mill_profile_list_text (self->file);
  if (self->profiles == NULL || self->profiles[0] == NULL)
    none = g_strdup_printf (_("%s has no profile. Choose the AWS CLI’s “credentials” or “config”."), name);
  show_file (self, none != NULL ? none : name);
}

static void
on_chosen (MillCredentialsForm *self,
           int                  response)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr(GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));

      g_file_load_contents_async (file, NULL, on_loaded, g_object_ref (self));
    }
  g_clear_object (&self->chooser);
}

static void
on_choose (MillCredentialsForm *self)
{
  g_autofree char *path = g_build_filename (g_get_home_dir (), ".aws", NULL);
  g_autoptr(GFile) folder = g_file_new_for_path (path);

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (_("Choose a File With Profiles"), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                               GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  if (g_file_query_exists (folder, NULL))
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (self->chooser), folder, NULL);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_chosen), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* In a thread: AWS is asked, and perhaps the user. */
static void
take_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  Taking *taking = data;
  MillSso sso = { .title = taking->start_url, .start_url = taking->start_url, .region = taking->sso_region, .account_id = taking->account,
                  .role_name = taking->role };
  AwsCredentials *credentials;
  GError *error = NULL;

  if (taking->profile != NULL)
    credentials = mill_profile_get_credentials (taking->profile, cancellable, &error);
  else
    credentials = mill_sso_get_credentials (&sso, cancellable, &error);
  if (credentials != NULL)
    g_task_return_pointer (task, credentials, (GDestroyNotify) aws_credentials_unref);
  else
    g_task_return_error (task, error);
}

/* --- The sign-in: where and as what is no secret, and the same the next time --- */

static void
recall_sign_in (MillCredentialsForm *self)
{
  g_autofree char *url = NULL, *region = NULL, *account = NULL, *role = NULL;

  if (self->settings == NULL)
    return;
  g_settings_get (self->settings, "sign-in", "(ssss)", &url, &region, &account, &role);
  gtk_editable_set_text (GTK_EDITABLE (self->start_url), url);
  mill_region_row_set_region (MILL_REGION_ROW (self->sso_region), region);
  gtk_editable_set_text (GTK_EDITABLE (self->account), account);
  gtk_editable_set_text (GTK_EDITABLE (self->role), role);
}

static void
mill_credentials_form_get_property (GObject    *object,
                                    guint       id,
                                    GValue     *value,
                                    GParamSpec *pspec)
{
  if (id == PROP_COMPLETE)
    g_value_set_boolean (value, MILL_CREDENTIALS_FORM (object)->complete);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mill_credentials_form_dispose (GObject *object)
{
  MillCredentialsForm *self = MILL_CREDENTIALS_FORM (object);

  wipe (&self->file);
  g_clear_pointer (&self->profiles, g_strfreev);
  g_clear_object (&self->chooser);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (mill_credentials_form_parent_class)->dispose (object);
}

static void
mill_credentials_form_class_init (MillCredentialsFormClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = mill_credentials_form_get_property;
  object_class->dispose = mill_credentials_form_dispose;
  g_type_ensure (MILL_TYPE_REGION_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/millrace/Millrace/ui/mill-credentials-form.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, MillCredentialsForm, name)
  BIND (paste_way);
  BIND (keys_way);
  BIND (profile_way);
  BIND (sign_in_way);
  BIND (ways);
  BIND (paste_page);
  BIND (keys_page);
  BIND (profile_page);
  BIND (sign_in_page);
  BIND (block);
  BIND (recognised);
  BIND (key);
  BIND (secret);
  BIND (token);
  BIND (file_row);
  BIND (profile);
  BIND (start_url);
  BIND (sso_region);
  BIND (account);
  BIND (role);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, on_way);
  gtk_widget_class_bind_template_callback (widget_class, on_block);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_paste);
  gtk_widget_class_bind_template_callback (widget_class, on_choose);
  properties[PROP_COMPLETE] = g_param_spec_boolean ("complete", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[ACTIVATED] = g_signal_new ("activated", MILL_TYPE_CREDENTIALS_FORM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
mill_credentials_form_init (MillCredentialsForm *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* What is secret is kept once, in the field, and nowhere that undoing would bring it back from. */
  for (GtkWidget *const *row = (GtkWidget *const[]) { self->block, self->secret, self->token, NULL }; *row != NULL; row++)
    gtk_editable_set_enable_undo (GTK_EDITABLE (*row), FALSE);
  mill_hidden_follow (self->ways, gtk_stack_get_pages (GTK_STACK (self->ways)));
  self->settings = mill_settings_new ();
  recall_sign_in (self);
}

GtkWidget *
mill_credentials_form_new (void)
{
  return g_object_new (MILL_TYPE_CREDENTIALS_FORM, NULL);
}

gboolean
mill_credentials_form_is_complete (MillCredentialsForm *self)
{
  return self->complete;
}

/* What needs nobody else: a block, or keys. */
static AwsCredentials *
take_at_once (MillCredentialsForm  *self,
              char                **region,
              GError              **error)
{
  g_autofree char *key = NULL, *secret = NULL, *token = NULL;
  AwsCredentials *credentials;

  if (is_shown (self, self->paste_page))
    return parse_block (self, region, error);
  key = dup_stripped (self->key);
  secret = dup_stripped (self->secret);
  token = dup_stripped (self->token);
  credentials = aws_credentials_new (key, secret, *token != '\0' ? token : NULL);
  wipe (&secret);
  wipe (&token);
  return credentials;
}

void
mill_credentials_form_take_async (MillCredentialsForm *self,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  /* The form is no source: a thread that lets go of the task last would end a widget. */
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Taking *taking = g_new0 (Taking, 1);
  AwsCredentials *credentials = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, mill_credentials_form_take_async);
  g_task_set_task_data (task, taking, (GDestroyNotify) taking_free);
  if (is_shown (self, self->sign_in_page))
    {
      taking->start_url = dup_stripped (self->start_url);
      taking->sso_region = g_strdup (mill_region_row_get_region (MILL_REGION_ROW (self->sso_region)));
      taking->account = dup_stripped (self->account);
      taking->role = dup_stripped (self->role);
      if (self->settings != NULL)
        g_settings_set (self->settings, "sign-in", "(ssss)", taking->start_url, taking->sso_region, taking->account, taking->role);
      g_task_run_in_thread (task, take_in_thread);
      return;
    }
  if (is_shown (self, self->profile_page))
    {
      guint selected = adw_combo_row_get_selected (ADW_COMBO_ROW (self->profile));

      taking->profile = mill_profile_load_text (self->profiles[selected], self->file, &error);
      if (taking->profile != NULL)
        {
          taking->region = g_strdup (taking->profile->region);
          g_task_run_in_thread (task, take_in_thread);
          return;
        }
    }
  else
    credentials = take_at_once (self, &taking->region, &error);
  if (credentials != NULL)
    g_task_return_pointer (task, credentials, (GDestroyNotify) aws_credentials_unref);
  else
    g_task_return_error (task, error);
}

AwsCredentials *
mill_credentials_form_take_finish (GAsyncResult  *result,
                                   char         **region,
                                   GError       **error)
{
  Taking *taking = g_task_get_task_data (G_TASK (result));
  AwsCredentials *credentials = g_task_propagate_pointer (G_TASK (result), error);

  if (region != NULL)
    *region = credentials != NULL ? g_steal_pointer (&taking->region) : NULL;
  return credentials;
}

void
mill_credentials_form_clear (MillCredentialsForm *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->block), "");
  gtk_editable_set_text (GTK_EDITABLE (self->key), "");
  gtk_editable_set_text (GTK_EDITABLE (self->secret), "");
  gtk_editable_set_text (GTK_EDITABLE (self->token), "");
  wipe (&self->file);
  g_clear_pointer (&self->profiles, g_strfreev);
  show_file (self, _("None chosen"));
}

void
mill_credentials_form_focus (MillCredentialsForm *self)
{
  /* Before it is shown, nothing can be looked for. */
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    gtk_widget_child_focus (gtk_stack_get_visible_child (GTK_STACK (self->ways)), GTK_DIR_TAB_FORWARD);
  else
    gtk_widget_grab_focus (self->block);
}
