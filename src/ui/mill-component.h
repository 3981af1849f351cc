/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-session.h"

G_BEGIN_DECLS

/* (transfer full): what a hop's component is called: its label in the diagram, else its name, else the end of its ARN. */
char *mill_component_dup_title (MillSession *session,
                                const char  *component,
                                const char  *kind);
/* The node of the diagram at which a hop takes place; -1 where none fits. */
int   mill_component_find_node (MillTutorial *tutorial,
                                const char   *component,
                                const char   *kind);
int   mill_component_find_node_in (GPtrArray *nodes,
                                const char   *component,
                                const char   *kind);

G_END_DECLS
