/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws-client.h"
#include "mill-record.h"

G_BEGIN_DECLS

/* What everything that can bear tags bears: whose it is, what it was built from, what it is called there. */
#define MILL_TAG_DEPLOYMENT "millrace:deployment"
#define MILL_TAG_TUTORIAL "millrace:tutorial"
#define MILL_TAG_RESOURCE "millrace:resource"

/* In the notes of a record that was made from tags: what it shall be is not known. */
#define MILL_NOTE_FOUND "FoundByTags"

/**
 * MillTagged:
 * @tutorial, @logical_id: "" where the tags do not tell
 *
 * Something in a cloud that bears our tags.
 */
typedef struct {
  char *arn;
  char *deployment;
  char *tutorial;
  char *logical_id;
} MillTagged;

void        mill_tagged_free      (MillTagged    *self);

/**
 * mill_tagged_collect:
 * @deployment: (nullable): whose; NULL for everybody's, and then roles and policies too, which the tag index of AWS does not have and which are
 *   asked for their tags one by one
 *
 * What bears our tags in the client's region. Blocks.
 *
 * Returns: (transfer full) (element-type MillTagged): each ARN once; NULL with an error
 */
GPtrArray  *mill_tagged_collect   (AwsClient     *client,
                                   const char    *deployment,
                                   GCancellable  *cancellable,
                                   GError       **error);

/*
 * (transfer full) (nullable): a row of the ledger for it, as of something that was intended and may be there: its handler finds the rest. NULL for
 * what goes with something else, or what nobody handles.
 */
MillRecord *mill_tagged_to_record (const MillTagged *self);

G_END_DECLS
