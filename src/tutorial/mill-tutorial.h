/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "mill-step.h"
#include "mill-template.h"

G_BEGIN_DECLS

/**
 * MillDiagramNode, MillDiagramEdge:
 *
 * The architecture diagram. Positions are in grid cells, NAN where the layout is automatic.
 */
typedef struct {
  const char  *id;          /* a logical id, or a name of its own for what is no resource ("sender", "mailbox") */
  const char  *resource;    /* the logical id that it stands for, or NULL */
  const char  *kind;        /* "client" "gateway" "queue" "function" "table" "stream" "topic" "mail" "phone" "bucket" "role" "pipe" "device" */
  const char  *label;
  double       column;
  double       row;
} MillDiagramNode;

typedef struct {
  const char  *from;        /* node ids */
  const char  *to;
  const char  *resource;    /* what makes the edge: a mapping, a method, a subscription; or NULL: a call in code */
  const char  *label;       /* "" where none */
} MillDiagramEdge;

typedef struct {
  const char  *id;
  const char  *title;
  const char  *body;        /* the text that is sent */
  const char  *stage;       /* logical id of the stage it is sent to */
  const char  *method;      /* "POST" */
  const char  *path;        /* "/" */
} MillSample;

#define MILL_TYPE_TUTORIAL (mill_tutorial_get_type ())

/**
 * MillTutorial:
 *
 * A folder with template.json, tutorial.json and function code, loaded and checked. Immutable; may be read from any thread.
 */
G_DECLARE_FINAL_TYPE (MillTutorial, mill_tutorial, MILL, TUTORIAL, GObject)

MillTutorial    *mill_tutorial_load            (const char    *directory,
                                                GError       **error);
const char      *mill_tutorial_get_id          (MillTutorial  *self);
const char      *mill_tutorial_get_title       (MillTutorial  *self);
const char      *mill_tutorial_get_summary     (MillTutorial  *self);
guint            mill_tutorial_get_minutes     (MillTutorial  *self);
MillTemplate    *mill_tutorial_get_template    (MillTutorial  *self);
GPtrArray       *mill_tutorial_get_steps       (MillTutorial  *self);   /* of MillStep */
MillStep        *mill_tutorial_find_step       (MillTutorial  *self,
                                                const char    *id);
/* The step that makes a resource. */
MillStep        *mill_tutorial_find_maker      (MillTutorial  *self,
                                                const char    *logical_id);
GPtrArray       *mill_tutorial_get_nodes       (MillTutorial  *self);   /* of MillDiagramNode */
GPtrArray       *mill_tutorial_get_edges       (MillTutorial  *self);   /* of MillDiagramEdge */
GPtrArray       *mill_tutorial_get_samples     (MillTutorial  *self);   /* of MillSample */

/**
 * mill_tutorial_get_properties_at:
 * @last_step: the last step that is done, or NULL for all
 *
 * The properties of a resource as they are once @last_step is done: properties that a later step sets are left out, or have their starting value.
 *
 * Returns: (transfer full): unresolved
 */
JsonObject      *mill_tutorial_get_properties_at (MillTutorial  *self,
                                                const char    *logical_id,
                                                MillStep      *last_step);

/*
 * The code of a function's folder ("functions/store_order"), as the tutorial has it: file name → GBytes. The template's Code property
 * names the folder: {"Code": "functions/store_order"} as `aws cloudformation package` allows. Refuses what leads out of the tutorial's folder.
 */
GHashTable      *mill_tutorial_read_code       (MillTutorial  *self,
                                                const char    *folder,
                                                GError       **error);

/*
 * Every tutorial in the data folders (MILLRACE_DATA_DIR, the user's, the installed), in order of title; a GListModel of MillTutorial.
 * What cannot be loaded is left out and its error kept.
 */
#define MILL_TYPE_CATALOG (mill_catalog_get_type ())
G_DECLARE_FINAL_TYPE (MillCatalog, mill_catalog, MILL, CATALOG, GObject)

MillCatalog     *mill_catalog_new              (void);
MillTutorial    *mill_catalog_find             (MillCatalog   *self,
                                                const char    *id);
GPtrArray       *mill_catalog_get_errors       (MillCatalog   *self);   /* of char *: sentences */

G_END_DECLS
