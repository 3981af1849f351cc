/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <locale.h>

#include <glib/gi18n.h>

#include "mill-application.h"

int
main (int    argc,
      char **argv)
{
  g_autoptr(MillApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, MILLRACE_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name ("Millrace");
  application = mill_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
