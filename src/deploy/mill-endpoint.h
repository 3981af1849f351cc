/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * MillEndpointKind:
 * @id: "localstack", "ministack", "moto", "aws-emulator", "practice", "other"
 * @title: "LocalStack", for people
 * @invoke_url: how a deployed API is called there, with {endpoint}, {api}, {stage}, {path}, {region}
 *
 * What answers at an endpoint that is not AWS (data/endpoints.json). Never freed.
 */
typedef struct {
  const char *id;
  const char *title;
  const char *invoke_url;
} MillEndpointKind;

/**
 * mill_endpoint_recognise:
 * @url: "http://127.0.0.1:4566"
 * @version: (out) (optional) (transfer full) (nullable): which version it says it is
 *
 * Asks what answers at @url, by the pages that each kind has. Blocks for a few seconds at most.
 *
 * Returns: (transfer none): the kind, that of "other" where something answers that is not known; NULL with an error where nothing answers
 */
const MillEndpointKind *mill_endpoint_recognise (const char    *url,
                                                 char         **version,
                                                 GCancellable  *cancellable,
                                                 GError       **error);
/* @id: "moto"; NULL and what is not known: the kind "other". */
const MillEndpointKind *mill_endpoint_find_kind (const char *id);
/*
 * (transfer full) (element-type utf8): sentences on what an endpoint of this kind cannot do of what a template with resources of @types needs
 * (a set of "AWS::SQS::Queue"; NULL: all). Empty where nothing is known to be missing.
 */
GPtrArray  *mill_endpoint_kind_dup_limits (const MillEndpointKind *kind,
                                           GHashTable             *types);

/* (transfer none) (nullable): calls that succeed where the endpoint is set up for us: [{type, operation, parameters, text}], the text for where one fails. */
JsonArray  *mill_endpoint_kind_get_checks (const MillEndpointKind *kind);

/**
 * MillEndpoint:
 *
 * An endpoint that the user has named. They are kept in XDG_CONFIG_HOME/millrace/endpoints.ini, which holds no secrets.
 */
typedef struct {
  char *name;      /* "school's moto" */
  char *url;       /* without a slash at its end */
  char *region;    /* or "" */
  char *kind;      /* id of its MillEndpointKind when it was last reached, or "" */
} MillEndpoint;

MillEndpoint *mill_endpoint_new  (const char *name,
                                  const char *url,
                                  const char *region,
                                  const char *kind);
void          mill_endpoint_free (MillEndpoint *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MillEndpoint, mill_endpoint_free)

/* (transfer full) (element-type MillEndpoint): by name. Any thread, as are all of these. */
GPtrArray    *mill_endpoint_list   (void);
/* (transfer full) (nullable) */
MillEndpoint *mill_endpoint_find   (const char          *name);
/* (transfer full) (nullable): the one with this URL. */
MillEndpoint *mill_endpoint_find_by_url (const char     *url);
/* Keeps it in the place of the one of that name. FALSE with a sentence: a name or an URL that is none, a file that cannot be written. */
gboolean      mill_endpoint_save   (const MillEndpoint  *self,
                                    GError             **error);
/* TRUE also where there was none. */
gboolean      mill_endpoint_remove (const char          *name,
                                    GError             **error);
/* (transfer full): @url as it is kept; NULL with a sentence where it is no http or https URL. */
char         *mill_endpoint_check_url (const char       *url,
                                       GError          **error);

G_END_DECLS
