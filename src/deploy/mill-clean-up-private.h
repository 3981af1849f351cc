/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-engine-private.h"

G_BEGIN_DECLS

/*
 * One clean-up. Everything that the ledger has of the deployment is gone through, also what was deleted before: so a clean-up that was interrupted tells all at
 * its end, and one of a deployment that is gone asks for everything once more.
 */
typedef struct {
  MillDeployment *deployment;
  GCancellable   *cancellable;
  GPtrArray      *pieces;      /* of MillCleanPiece */
  GPtrArray      *logs;        /* of MillCleanLogs */
  JsonObject     *tag_search;
  gint64          started;
} MillClean;

/* One resource that goes. */
typedef struct {
  MillClean  *clean;
  char       *logical_id;
  char       *with;       /* the logical id of what it goes with, or NULL where it is deleted by itself */
  MillJob    *job;
  gboolean    was_gone;   /* an earlier clean-up has deleted it */
  JsonObject *proof;
  GError     *error;
} MillCleanPiece;

/* A log group that came along unasked. */
typedef struct {
  MillClean      *clean;
  char           *group;
  MillCleanPiece *maker;  /* the function or stage */
  gint64          since;  /* milliseconds since 1970: an older group of that name is not ours; 0: any is */
  gboolean        found;
  gboolean        older;
  GError         *error;
} MillCleanLogs;

MillCleanPiece *mill_clean_find_piece    (MillClean      *self,
                                          const char     *logical_id);
/* What really is deleted when @piece goes: itself, or what it is a part of. */
MillCleanPiece *mill_clean_piece_carrier (MillCleanPiece *piece);
/* @record: (transfer full). */
MillCleanPiece *mill_clean_add_piece     (MillClean      *self,
                                          MillRecord     *record);

/* Fills @logs. */
void            mill_clean_collect_logs  (MillClean      *self);
/* A MillTaskFunc: deletes a MillCleanLogs's group where it is there and not somebody else's. */
gboolean        mill_clean_delete_logs   (MillTask       *task,
                                          gpointer        logs,
                                          GCancellable   *cancellable,
                                          GError        **error);
void            mill_clean_logs_free     (gpointer        logs);

/*
 * The second proof: nothing in the region bears the deployment's tag. What does and is not in the ledger (made twice, because an answer was lost) is deleted
 * now. FALSE with an error where something of it cannot be deleted. A MillTaskFunc.
 */
gboolean        mill_clean_search_tags   (MillTask       *task,
                                          gpointer        clean,
                                          GCancellable   *cancellable,
                                          GError        **error);

/* (transfer full): what was done, with the report. */
MillCleanup    *mill_clean_report        (MillClean      *self);

G_END_DECLS
