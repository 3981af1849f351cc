/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-deployment-private.h"

G_BEGIN_DECLS

/* (transfer full): a zip of @files (name → GBytes), the same bytes for the same files everywhere and at any time. */
GBytes     *mill_code_zip    (GHashTable      *files,
                              GError         **error);
/* (transfer full): what Lambda calls CodeSha256: SHA-256 in base64. */
char       *mill_code_hash   (GBytes          *zip);
/* (transfer full): file name → GBytes: the student's own code for @folder where there is some, else the tutorial's. Any thread. */
GHashTable *mill_code_load   (MillDeployment  *deployment,
                              const char      *function,
                              const char      *folder,
                              GError         **error);
/* Queues the student's own code for the ledger. */
void        mill_code_store  (MillDeployment  *deployment,
                              const char      *function,
                              const char      *folder,
                              GHashTable      *files);

G_END_DECLS
