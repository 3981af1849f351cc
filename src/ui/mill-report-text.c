/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-report-text.h"

#include <glib/gi18n.h>

#include "aws-json.h"

static const char *
get (JsonObject *object,
     const char *name)
{
  const char *text = object != NULL ? aws_json_get_string (object, name) : NULL;

  return text != NULL ? text : "";
}

/* "2026-11-21T13:42:13.26Z" in the reader's own time; what is no time stays as it is. (transfer full) */
static char *
format_time (const char *text)
{
  g_autoptr(GDateTime) utc = g_date_time_new_from_iso8601 (text, NULL);
  g_autoptr(GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  return local != NULL ? g_date_time_format (local, "%F %T %Z") : g_strdup (text);
}

/* Adds "Made: time, request id" where there is a time. */
static void
add_event (GString    *text,
           const char *label,
           const char *time,
           const char *more,
           const char *request)
{
  g_autofree char *when = format_time (time);

  if (*time == '\0' && *more == '\0')
    return;
  g_string_append_printf (text, "\n%s: %s%s%s", label, more, *more != '\0' && *when != '\0' ? ", " : "", when);
  if (*request != '\0')
    g_string_append_printf (text, ", %s %s", _("request"), request);
}

static void
add_fact (GPtrArray  *list,
          const char *label,
          const char *value)
{
  if (*value != '\0')
    g_ptr_array_add (list, g_markup_printf_escaped ("<b>%s</b>  %s", label, value));
}

GPtrArray *
mill_report_text_facts (JsonObject *report)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *started = format_time (get (report, "started"));
  g_autofree char *ended = format_time (get (report, "ended"));
  g_autofree char *counts = g_strdup_printf (_("%d deleted, %d asked for again and gone, %u left"), (int) aws_json_get_int (report, "deleted", 0),
                                             (int) aws_json_get_int (report, "verified", 0), mill_report_text_left (report));

  add_fact (list, _("Deployment"), get (report, "deployment"));
  add_fact (list, _("Tutorial"), get (report, "tutorial"));
  add_fact (list, _("Target"), get (report, "target"));
  add_fact (list, _("Account"), get (report, "account"));
  add_fact (list, _("Region"), get (report, "region"));
  add_fact (list, _("Begun"), started);
  add_fact (list, _("Ended"), ended);
  add_fact (list, _("Resources"), counts);
  return list;
}

GPtrArray *
mill_report_text_resources (JsonObject *report)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  JsonArray *resources = aws_json_get_array (report, "resources");

  for (guint i = 0; resources != NULL && i < json_array_get_length (resources); i++)
    {
      JsonNode *node = json_array_get_element (resources, i);
      JsonObject *one = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      JsonObject *proof = one != NULL ? aws_json_get_object (one, "proof") : NULL;
      g_autoptr(GString) rest = g_string_new (NULL);
      const char *name = get (one, "name"), *id = get (one, "physicalId"), *arn = get (one, "arn");

      if (one == NULL)
        continue;
      if (*name != '\0' && !g_str_equal (name, id))
        g_string_append_printf (rest, "\n%s", name);
      if (*id != '\0')
        g_string_append_printf (rest, "\n%s", id);
      if (*arn != '\0' && !g_str_equal (arn, id))
        g_string_append_printf (rest, "\n%s", arn);
      add_event (rest, _("Made"), get (one, "made"), "", get (one, "madeRequestId"));
      add_event (rest, _("Deleted"), get (one, "deleted"), get (one, "deletedWith"), get (one, "requestId"));
      add_event (rest, _("Asked for again"), get (proof, "at"), get (proof, "answer"), get (proof, "requestId"));
      g_ptr_array_add (list, g_markup_printf_escaped ("<b>%s</b>  %s<small>%s</small>", get (one, "logicalId"), get (one, "type"), rest->str));
    }
  return list;
}

GPtrArray *
mill_report_text_proofs (JsonObject *report)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  JsonArray *groups = aws_json_get_array (report, "logGroups");
  JsonArray *left = aws_json_get_array (report, "left");
  JsonObject *search = aws_json_get_object (report, "tagSearch");

  for (guint i = 0; left != NULL && i < json_array_get_length (left); i++)
    {
      JsonNode *node = json_array_get_element (left, i);

      if (JSON_NODE_HOLDS_OBJECT (node))
        add_fact (list, get (json_node_get_object (node), "logicalId"), get (json_node_get_object (node), "why"));
    }
  for (guint i = 0; groups != NULL && i < json_array_get_length (groups); i++)
    {
      JsonNode *node = json_array_get_element (groups, i);
      JsonObject *group = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

      if (group != NULL)
        add_fact (list, get (group, "logGroup"), aws_json_get_boolean (group, "olderThanFunction", FALSE)
                                                 ? _("is older than the function and was left as it is")
                                                 : aws_json_get_boolean (group, "deleted", FALSE) ? _("deleted") : _("was not there"));
    }
  if (search != NULL)
    add_fact (list, _("Search by tags"), aws_json_get_boolean (search, "empty", FALSE)
                                         ? _("Nothing in the region bears this deployment’s tag.")
                                         : _("The tag index still names something; it may do so for some hours after it is deleted."));
  return list;
}

guint
mill_report_text_left (JsonObject *report)
{
  JsonArray *left = aws_json_get_array (report, "left");

  return left != NULL ? json_array_get_length (left) : 0;
}

/* (transfer full) (element-type utf8): from the title to the last proof. */
static GPtrArray *
collect (JsonObject *report)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *parts[] = { mill_report_text_facts (report), mill_report_text_resources (report), mill_report_text_proofs (report) };

  g_ptr_array_add (all, g_markup_printf_escaped ("<span size='x-large' weight='bold'>%s</span>", _("Clean-Up Report")));
  g_ptr_array_add (all, g_markup_printf_escaped ("<b>%s</b>", mill_report_text_left (report) == 0 ? _("Nothing is left.") : _("Something is left.")));
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_ptr_array_extend_and_steal (all, parts[i]);
  return all;
}

char *
mill_report_text_plain (JsonObject *report)
{
  g_autoptr(GPtrArray) all = collect (report);
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < all->len; i++)
    {
      g_autofree char *plain = NULL;

      if (pango_parse_markup (all->pdata[i], -1, 0, NULL, &plain, NULL, NULL))
        g_string_append_printf (text, "%s\n", plain);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* --- Printing --- */

#define GAP 6     /* between paragraphs, in points */

typedef struct {
  GPtrArray *paragraphs;
  GPtrArray *layouts;    /* PangoLayout, one a paragraph */
  GArray *pages;         /* guint: the first paragraph of each page */
} Print;

static double
get_height (PangoLayout *layout)
{
  int height;

  pango_layout_get_size (layout, NULL, &height);
  return (double) height / PANGO_SCALE + GAP;
}

/* No paragraph is as long as a page, so none is cut. */
static void
on_begin (GtkPrintOperation *operation,
          GtkPrintContext   *context,
          Print             *print)
{
  g_autoptr(PangoFontDescription) font = pango_font_description_from_string ("Sans 9");
  double room = gtk_print_context_get_height (context), used = 0;
  guint first = 0;

  for (guint i = 0; i < print->paragraphs->len; i++)
    {
      PangoLayout *layout = gtk_print_context_create_pango_layout (context);

      pango_layout_set_font_description (layout, font);
      pango_layout_set_width (layout, gtk_print_context_get_width (context) * PANGO_SCALE);
      pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
      pango_layout_set_markup (layout, print->paragraphs->pdata[i], -1);
      g_ptr_array_add (print->layouts, layout);
      if (used > 0 && used + get_height (layout) > room)
        used = 0;
      if (used == 0)
        {
          first = i;
          g_array_append_val (print->pages, first);
        }
      used += get_height (layout);
    }
  gtk_print_operation_set_n_pages (operation, print->pages->len);
}

static void
on_draw (GtkPrintOperation *operation,
         GtkPrintContext   *context,
         int                page,
         Print             *print)
{
  cairo_t *cairo = gtk_print_context_get_cairo_context (context);
  guint end = (guint) page + 1 < print->pages->len ? g_array_index (print->pages, guint, page + 1) : print->layouts->len;
  double y = 0;

  for (guint i = g_array_index (print->pages, guint, page); i < end; i++)
    {
      cairo_move_to (cairo, 0, y);
      pango_cairo_show_layout (cairo, print->layouts->pdata[i]);
      y += get_height (print->layouts->pdata[i]);
    }
}

gboolean
mill_report_text_print (JsonObject  *report,
                        GtkWindow   *parent,
                        const char  *file,
                        GError     **error)
{
  g_autoptr(GtkPrintOperation) operation = gtk_print_operation_new ();
  g_autoptr(GPtrArray) paragraphs = collect (report);
  g_autoptr(GPtrArray) layouts = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GArray) pages = g_array_new (FALSE, FALSE, sizeof (guint));
  Print print = { paragraphs, layouts, pages };
  GtkPrintOperationResult result;

  gtk_print_operation_set_job_name (operation, get (report, "deployment"));
  gtk_print_operation_set_unit (operation, GTK_UNIT_POINTS);
  if (file != NULL)
    gtk_print_operation_set_export_filename (operation, file);
  g_signal_connect (operation, "begin-print", G_CALLBACK (on_begin), &print);
  g_signal_connect (operation, "draw-page", G_CALLBACK (on_draw), &print);
  result = gtk_print_operation_run (operation, file != NULL ? GTK_PRINT_OPERATION_ACTION_EXPORT : GTK_PRINT_OPERATION_ACTION_PRINT_DIALOG, parent, error);
  return result != GTK_PRINT_OPERATION_RESULT_ERROR;
}
