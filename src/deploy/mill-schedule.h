/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MillSchedule:
 *
 * Blocking pieces of work that need each other, done by several threads: each as soon as what it needs is done, at most eight at once where nothing else is said.
 * One that fails stops those that need it and no others. Used once.
 */
typedef struct _MillSchedule MillSchedule;
typedef struct _MillTask MillTask;

/* Runs in a thread of its own. */
typedef gboolean (*MillTaskFunc) (MillTask      *task,
                                  gpointer       data,
                                  GCancellable  *cancellable,
                                  GError       **error);

MillSchedule *mill_schedule_new      (void);
void          mill_schedule_free     (MillSchedule   *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MillSchedule, mill_schedule_free)

/* A piece of work. @id: unlike all others; @destroy: (nullable): frees @data with the schedule. */
void          mill_schedule_add      (MillSchedule   *self,
                                      const char     *id,
                                      MillTaskFunc    func,
                                      gpointer        data,
                                      GDestroyNotify  destroy);
/* For questions, which are short and wait for nothing. */
void          mill_schedule_set_most (MillSchedule   *self,
                                      guint           threads);
/* @id needs @needed first. What was not added counts as done. */
void          mill_schedule_add_need (MillSchedule   *self,
                                      const char     *id,
                                      const char     *needed);
gboolean      mill_schedule_contains (MillSchedule   *self,
                                      const char     *id);
/* From within a task: what needs it may begin already. */
void          mill_task_release      (MillTask       *task);

/* Until all is done, failed or stopped. FALSE with the first error. No new work begins once @cancellable is cancelled. Needs that form a circle are an error. */
gboolean      mill_schedule_run      (MillSchedule   *self,
                                      GCancellable   *cancellable,
                                      GError        **error);

G_END_DECLS
