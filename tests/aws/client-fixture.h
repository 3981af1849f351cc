/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/aws-client.h"
#include "test-server.h"

G_BEGIN_DECLS

#define CLIENT_FIXTURE_SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

/* A client in eu-west-1 with the key AKIDEXAMPLE and a session token, and the server that it asks. */
typedef struct {
  TestServer *server;
  AwsClient  *client;
} ClientFixture;

/* For main(): g_test_init(), and an environment that nothing outside has a say in. */
void        client_fixture_init            (int           *argc,
                                            char        ***argv);
void        client_fixture_set_up          (ClientFixture *self,
                                            gconstpointer  data);
void        client_fixture_tear_down       (ClientFixture *self,
                                            gconstpointer  data);
/* @parameters: JSON */
JsonObject *client_fixture_call            (ClientFixture *self,
                                            const char    *operation,
                                            const char    *parameters,
                                            GCancellable  *cancellable,
                                            GError       **error);
/* (transfer full): the last call in the log. */
AwsCall    *client_fixture_last_call       (ClientFixture *self);
/* (transfer full) (nullable): a header of a request that the server kept. */
char       *client_fixture_header          (const char    *request,
                                            const char    *name);
/* What a server has to do with a request: make the signature again from what came over the wire. */
void        client_fixture_check_signature (const char    *request);

G_END_DECLS
