/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * mill_keyring_unlock:
 * @path: an item or a collection of the Secret Service; NULL for the collection in which new items go
 *
 * Unlocks it, for which the user may have to enter a password, and waits for that. libsecret's own way never comes back where there is nobody to
 * show the prompt. Blocks.
 *
 * Returns: FALSE where it stays locked; TRUE also where there is no such thing, or no secret service: whoever uses it will see
 */
gboolean mill_keyring_unlock (const char    *path,
                              GCancellable  *cancellable);

G_END_DECLS
