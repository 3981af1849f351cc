/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-keyring-unlock.h"

#include <string.h>

/* The Secret Service API draft of freedesktop.org, "Locking and Unlocking", "Prompts and Prompting". */
#define BUS_NAME "org.freedesktop.secrets"
#define SERVICE_PATH "/org/freedesktop/secrets"
#define SERVICE_INTERFACE "org.freedesktop.Secret.Service"
#define PROMPT_INTERFACE "org.freedesktop.Secret.Prompt"
#define NOTHING "/"

typedef struct {
  gboolean ended;
  gboolean dismissed;
} Prompt;

static void
on_completed (GDBusConnection *connection,
              const char      *sender,
              const char      *path,
              const char      *interface,
              const char      *signal,
              GVariant        *parameters,
              gpointer         data)
{
  Prompt *prompt = data;

  prompt->ended = TRUE;
  prompt->dismissed = TRUE;
  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(bv)")))
    g_variant_get (parameters, "(bv)", &prompt->dismissed, NULL);
}

static void
on_vanished (GDBusConnection *connection,
             const char      *name,
             gpointer         data)
{
  Prompt *prompt = data;

  prompt->dismissed = !prompt->ended || prompt->dismissed;
  prompt->ended = TRUE;
}

static gboolean
on_cancelled (GCancellable *cancellable,
              gpointer      data)
{
  on_vanished (NULL, NULL, data);
  return G_SOURCE_REMOVE;
}

static GVariant *
call (GDBusConnection    *bus,
      const char         *path,
      const char         *interface,
      const char         *method,
      GVariant           *parameters,
      const GVariantType *answer,
      GCancellable       *cancellable)
{
  return g_dbus_connection_call_sync (bus, BUS_NAME, path, interface, method, parameters, answer, G_DBUS_CALL_FLAGS_NONE, -1, cancellable, NULL);
}

static gboolean
show_prompt (GDBusConnection *bus,
             const char      *path,
             GCancellable    *cancellable)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GSource) stop = cancellable != NULL ? g_cancellable_source_new (cancellable) : NULL;
  g_autoptr(GVariant) shown = NULL;
  Prompt prompt = { FALSE, FALSE };
  guint completed, watch;

  g_main_context_push_thread_default (context);
  completed = g_dbus_connection_signal_subscribe (bus, BUS_NAME, PROMPT_INTERFACE, "Completed", path, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_completed, &prompt,
                                                  NULL);
  watch = g_bus_watch_name_on_connection (bus, BUS_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, on_vanished, &prompt, NULL);
  if (stop != NULL)
    {
      g_source_set_callback (stop, G_SOURCE_FUNC (on_cancelled), &prompt, NULL);
      g_source_attach (stop, context);
    }
  shown = call (bus, path, PROMPT_INTERFACE, "Prompt", g_variant_new ("(s)", ""), NULL, cancellable);
  while (shown != NULL && !prompt.ended)
    g_main_context_iteration (context, TRUE);
  if (stop != NULL)
    g_source_destroy (stop);
  g_bus_unwatch_name (watch);
  g_dbus_connection_signal_unsubscribe (bus, completed);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);
  return shown != NULL && !prompt.dismissed;
}

gboolean
mill_keyring_unlock (const char   *path,
                     GCancellable *cancellable)
{
  g_autoptr(GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, cancellable, NULL);
  g_autoptr(GVariant) alias = NULL;
  g_autoptr(GVariant) answer = NULL;
  const char *paths[] = { path, NULL };
  const char *prompt;

  if (bus == NULL)
    return TRUE;
  if (path == NULL)
    {
      alias = call (bus, SERVICE_PATH, SERVICE_INTERFACE, "ReadAlias", g_variant_new ("(s)", "default"), G_VARIANT_TYPE ("(o)"), cancellable);
      if (alias == NULL)
        return TRUE;
      g_variant_get (alias, "(&o)", &paths[0]);
      if (strcmp (paths[0], NOTHING) == 0)
        return TRUE;
    }
  answer = call (bus, SERVICE_PATH, SERVICE_INTERFACE, "Unlock", g_variant_new ("(^ao)", paths), G_VARIANT_TYPE ("(aoo)"), cancellable);
  if (answer == NULL)
    return TRUE;
  g_variant_get (answer, "(ao&o)", NULL, &prompt);
  return strcmp (prompt, NOTHING) == 0 || show_prompt (bus, prompt, cancellable);
}
