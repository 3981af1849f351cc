/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define MILL_TYPE_REVERSE_LIST (mill_reverse_list_get_type ())

/**
 * MillReverseList:
 *
 * Another list model the other way round: what is newest comes first. Changes are told soon, many at once, so it may be behind for a moment.
 */
G_DECLARE_FINAL_TYPE (MillReverseList, mill_reverse_list, MILL, REVERSE_LIST, GObject)

/* @model: (transfer none) */
MillReverseList *mill_reverse_list_new (GListModel *model);

G_END_DECLS
