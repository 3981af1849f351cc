/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  AWS_PROTOCOL_JSON,
  AWS_PROTOCOL_QUERY,
  AWS_PROTOCOL_REST_JSON,
} AwsProtocol;

/**
 * AwsMemberKind:
 *
 * What a member of an XML answer is; JSON says it by itself. A member that is not in the table is a text,
 * or a structure where it has elements in it.
 */
typedef enum {
  AWS_MEMBER_TEXT,
  AWS_MEMBER_LIST,       /* of structures */
  AWS_MEMBER_TEXT_LIST,
  AWS_MEMBER_MAP,
  AWS_MEMBER_INTEGER_MAP,
  AWS_MEMBER_STRUCTURE,
  AWS_MEMBER_INTEGER,
  AWS_MEMBER_BOOLEAN,
  AWS_MEMBER_TIMESTAMP,
  AWS_MEMBER_DOCUMENT,   /* percent-encoded JSON: the policy documents of IAM */
} AwsMemberKind;

/**
 * AwsService:
 * @name: botocore's name
 * @version: "1.0", "1.1" (JSON) or the API version (query)
 * @target: (nullable): the prefix of X-Amz-Target
 * @host: the first part of the host name
 * @signed_as: the service in the credential scope
 * @maps: name → {key name, value name}: parameters of the query protocol that are maps
 * @kinds: name → AwsMemberKind: members of answers
 *
 * What all operations of a service have in common.
 */
typedef struct {
  char        *name;
  AwsProtocol  protocol;
  char        *version;
  char        *target;
  char        *host;
  char        *signed_as;
  char        *accept;
  gboolean     query_mode;
  GHashTable  *maps;
  GHashTable  *kinds;
} AwsService;

/**
 * AwsOperation:
 * @method, @path: of the request; @path has {Member} where a parameter goes
 * @query_names: (nullable): parameters that go into the query
 * @header_names: (nullable): parameter → header
 * @body_names: (nullable): parameter → member of the body, where they differ
 * @payload: (nullable): the parameter that is the body itself
 * @answer_headers: (nullable): header → member of the result
 * @answer_names: (nullable): member of the body → member of the result, where they differ
 * @answer_payload: (nullable): the member of the result that is the body itself
 * @answer_status: (nullable): the member of the result that takes the HTTP status
 * @pages: (nullable): input token, output token, list, list, …
 * @cli_names: (nullable): parameter → option of the AWS CLI, where they are not spelt alike
 * @pace_ms: least time between two calls of one account on AWS, or 0
 * @once: what it makes has no unique name: where the answer was lost, whoever calls must look before it is made a second time
 * @seconds: how long an answer may take, or 0 for the usual time
 */
typedef struct {
  const AwsService *service;
  char             *name;
  char             *full_name;
  char             *method;
  char             *path;
  char            **query_names;
  GHashTable       *header_names;
  GHashTable       *body_names;
  char             *payload;
  GHashTable       *answer_headers;
  GHashTable       *answer_names;
  char             *answer_payload;
  char             *answer_status;
  char            **pages;
  GHashTable       *cli_names;
  guint             pace_ms;
  guint             seconds;
  gboolean          once;
} AwsOperation;

/* @name: "service:Operation". Returns: (transfer none) (nullable): the operation, good for the life of the process */
const AwsOperation *aws_operation_find         (const char       *name);
/* The same for a service, by botocore's name. */
const AwsService   *aws_service_find           (const char       *name);
/* Whether the operation only looks, by AWS's names: "iam:GetRole", "sqs:ListQueues", "logs:DescribeLogGroups". */
gboolean            aws_operation_only_looks   (const char       *name);
/* Where @service is in @region: (transfer full) "https://sqs.eu-west-1.amazonaws.com". */
char               *aws_service_endpoint       (const AwsService *service,
                                                const char       *region);
/* (transfer none): the region in the credential scope; IAM has one for the whole partition. */
const char         *aws_service_signing_region (const AwsService *service,
                                                const char       *region);

G_END_DECLS
