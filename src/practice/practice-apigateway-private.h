/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-json.h"
#include "practice-server.h"
#include "practice-services.h"

G_BEGIN_DECLS

/*
 * API Gateway's state: one table of JSON documents. An API is one document, which holds what the API Reference calls RestApi, Resource
 * (with its methods and integrations in the shape in which they are answered), Model, RequestValidator and GatewayResponse; a deployment is
 * a copy of it.
 */
typedef struct {
  PracticeServer *server;
  PracticeStore  *store;
  GHashTable     *programs;   /* "region/api/stage" -> ApigwProgram: what the invoke URL runs */
  GHashTable     *held;       /* ApigwExecution: requests that step mode holds */
  GHashTable     *buckets;    /* "plan/key" or "region/api/stage/…" -> ApigwBucket: throttling */
} PracticeApiGateway;

typedef void (*ApigwHandler) (PracticeApiGateway *self,
                              PracticeCall       *call);

/* ── documents ── kinds: "api", "deployment" and "stage" (parent: the API), "key", "plan", "plankey" (parent: the plan), "account" */
/* Makes the tables where they are missing. */
void         apigw_init_documents (PracticeApiGateway *self);
JsonObject  *apigw_load           (PracticeApiGateway *self,
                                   const char         *region,
                                   const char         *kind,
                                   const char         *parent,
                                   const char         *id);            /* (transfer full) (nullable) */
void         apigw_save           (PracticeApiGateway *self,
                                   const char         *region,
                                   const char         *kind,
                                   const char         *parent,
                                   const char         *id,
                                   JsonObject         *document);
gboolean     apigw_remove         (PracticeApiGateway *self,
                                   const char         *region,
                                   const char         *kind,
                                   const char         *parent,
                                   const char         *id);            /* NULL: all of that parent */
JsonArray   *apigw_list           (PracticeApiGateway *self,
                                   const char         *region,
                                   const char         *kind,
                                   const char         *parent);        /* (transfer full): in the order of their making */
char        *apigw_new_id         (guint               length);
/* The invoke URL's programs of this API are made anew when next asked for. */
void         apigw_forget         (PracticeApiGateway *self,
                                   const char         *api_id);

/* ── calls ── */
/* A member of the call's parameters, which is there because it is in the path. */
const char  *apigw_label          (PracticeCall       *call,
                                   const char         *name);
/* The call's API, or NULL after "Invalid API identifier specified …". */
JsonObject  *apigw_load_api       (PracticeApiGateway *self,
                                   PracticeCall       *call);
/* Writes the API's document back. Running stages keep their deployments' snapshots. */
void         apigw_save_api       (PracticeApiGateway *self,
                                   PracticeCall       *call,
                                   JsonObject         *document);
/* The call's resource in @document. Both NULL after "Invalid Resource identifier specified", which is also said for an unknown API. */
JsonObject  *apigw_load_resource  (PracticeApiGateway *self,
                                   PracticeCall       *call,
                                   JsonObject        **document);
void         apigw_return         (PracticeCall       *call,
                                   guint               status,
                                   JsonObject         *result);        /* not taken */
void         apigw_return_items   (PracticeCall       *call,
                                   const char         *member,         /* "item" */
                                   JsonArray          *items);         /* (transfer full) */
/* 400 "BadRequestException", and 404 "NotFoundException". */
void         apigw_bad_request    (PracticeCall       *call,
                                   const char         *format,
                                   ...) G_GNUC_PRINTF (2, 3);
void         apigw_not_found      (PracticeCall       *call,
                                   const char         *message);
/* Tells the event of a resource whose ARN has this path. */
void         apigw_emit           (PracticeApiGateway *self,
                                   PracticeCall       *call,
                                   const char         *kind,           /* "resource-created" */
                                   const char         *type,           /* "AWS::ApiGateway::RestApi" */
                                   const char         *path,           /* of the ARN: "/restapis/…" */
                                   const char         *name);
/* Copies the members of the parameters that are there. Names end with NULL. */
void         apigw_copy           (PracticeCall       *call,
                                   JsonObject         *target,
                                   ...) G_GNUC_NULL_TERMINATED;
/* Seconds since 1970, as documents keep times. */
gint64       apigw_now            (void);
/* The next member in order; @name and @node may be NULL, which json-glib's own function does not allow. */
gboolean     apigw_next           (JsonObjectIter     *iter,
                                   const char        **name,
                                   JsonNode          **node);
/* The member, made where it is missing. */
JsonObject  *apigw_ensure         (JsonObject         *object,
                                   const char         *name);
/* FALSE where it is missing or no boolean; and a number, @otherwise where it is none. */
gboolean     apigw_get_boolean    (JsonObject         *object,
                                   const char         *name);
double       apigw_get_number     (JsonObject         *object,
                                   const char         *name,
                                   double              otherwise);

/* ── patch operations ── */
typedef struct {
  const char *op;      /* "add", "remove", "replace" … */
  const char *path;
  char      **parts;   /* of the path, with ~1 and ~0 taken back */
  guint       n_parts;
  const char *value;   /* or NULL */
} ApigwPatch;

/* Applies one operation; FALSE after failing the call. */
typedef gboolean (*ApigwPatchFunc) (PracticeApiGateway *self,
                                    PracticeCall       *call,
                                    JsonObject         *target,
                                    const ApigwPatch   *patch);
/* @input: how AWS calls the input in its messages: "updateRestApiInput". */
gboolean     apigw_patch          (PracticeApiGateway *self,
                                   PracticeCall       *call,
                                   const char         *input,
                                   JsonObject         *target,
                                   ApigwPatchFunc      apply);
/* For an ApigwPatchFunc: replaces a text member where the path names one of @names; says so. */
gboolean     apigw_patch_text     (JsonObject         *target,
                                   const ApigwPatch   *patch,
                                   const char *const  *names);
gboolean     apigw_patch_boolean  (JsonObject         *target,
                                   const ApigwPatch   *patch,
                                   const char *const  *names);
/* "/member/key" of a map with text (or boolean) values: add, replace, remove. */
gboolean     apigw_patch_map      (JsonObject         *target,
                                   const ApigwPatch   *patch,
                                   const char *const  *names,
                                   gboolean            booleans);
/* For an ApigwPatchFunc: whether the operation is this one; fails the call where not. */
gboolean     apigw_patch_is_op    (PracticeCall       *call,
                                   const ApigwPatch   *patch,
                                   const char         *op);

/* ── parts of an API's document (a model, an integration, a response …) ── */
typedef struct {
  JsonObject *document;   /* the API's; owned */
  JsonObject *holder;     /* in which the part stands */
  const char *name;       /* under which it stands there */
  JsonObject *object;     /* the part */
} ApigwPart;

/* Finds the part that the call means; FALSE after failing the call. */
typedef gboolean (*ApigwFindFunc) (PracticeApiGateway *self,
                                   PracticeCall       *call,
                                   ApigwPart          *part);
/* For an ApigwFindFunc: goes on to the member @name of @holder (nullable), which lies in the part's document; FALSE after failing the call with @message. */
gboolean     apigw_part_enter     (ApigwPart          *self,
                                   PracticeCall       *call,
                                   JsonObject         *holder,
                                   const char         *name,
                                   const char         *message);
/* Takes the part out, saves and answers. */
void         apigw_part_remove    (ApigwPart          *self,
                                   PracticeApiGateway *gateway,
                                   PracticeCall       *call,
                                   guint               status);
void         apigw_part_clear     (ApigwPart          *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ApigwPart, apigw_part_clear)

/* What the operations Get…, Update… and Delete… of a part do; @status is what they answer when all is well. */
void         apigw_get_part       (PracticeApiGateway *self,
                                   PracticeCall       *call,
                                   ApigwFindFunc       find);
void         apigw_update_part    (PracticeApiGateway *self,
                                   PracticeCall       *call,
                                   ApigwFindFunc       find,
                                   const char         *input,          /* as of apigw_patch() */
                                   ApigwPatchFunc      apply,
                                   guint               status);
void         apigw_delete_part    (PracticeApiGateway *self,
                                   PracticeCall       *call,
                                   ApigwFindFunc       find,
                                   guint               status);

/* ── operations, by file ── */
#define APIGW_DECLARE(name) void apigw_##name (PracticeApiGateway *self, PracticeCall *call)
/* practice-apigateway-apis.c */
APIGW_DECLARE (create_rest_api); APIGW_DECLARE (get_rest_api); APIGW_DECLARE (get_rest_apis); APIGW_DECLARE (update_rest_api);
APIGW_DECLARE (delete_rest_api); APIGW_DECLARE (get_account); APIGW_DECLARE (update_account); APIGW_DECLARE (tag_resource);
APIGW_DECLARE (untag_resource); APIGW_DECLARE (get_tags);
/* practice-apigateway-resources.c */
APIGW_DECLARE (get_resources); APIGW_DECLARE (get_resource); APIGW_DECLARE (create_resource); APIGW_DECLARE (update_resource);
APIGW_DECLARE (delete_resource);
/* practice-apigateway-methods.c */
APIGW_DECLARE (put_method); APIGW_DECLARE (get_method); APIGW_DECLARE (update_method); APIGW_DECLARE (delete_method);
APIGW_DECLARE (put_method_response); APIGW_DECLARE (get_method_response); APIGW_DECLARE (update_method_response);
APIGW_DECLARE (delete_method_response);
/* practice-apigateway-integrations.c */
APIGW_DECLARE (put_integration); APIGW_DECLARE (get_integration); APIGW_DECLARE (update_integration); APIGW_DECLARE (delete_integration);
APIGW_DECLARE (put_integration_response); APIGW_DECLARE (get_integration_response); APIGW_DECLARE (update_integration_response);
APIGW_DECLARE (delete_integration_response);
/* practice-apigateway-stages.c */
APIGW_DECLARE (create_deployment); APIGW_DECLARE (get_deployment); APIGW_DECLARE (get_deployments); APIGW_DECLARE (update_deployment);
APIGW_DECLARE (delete_deployment); APIGW_DECLARE (create_stage); APIGW_DECLARE (get_stage); APIGW_DECLARE (get_stages);
APIGW_DECLARE (update_stage); APIGW_DECLARE (delete_stage);
/* practice-apigateway-plans.c */
APIGW_DECLARE (create_api_key); APIGW_DECLARE (get_api_key); APIGW_DECLARE (get_api_keys); APIGW_DECLARE (update_api_key);
APIGW_DECLARE (delete_api_key); APIGW_DECLARE (create_usage_plan); APIGW_DECLARE (get_usage_plan); APIGW_DECLARE (get_usage_plans);
APIGW_DECLARE (update_usage_plan); APIGW_DECLARE (delete_usage_plan); APIGW_DECLARE (create_usage_plan_key);
APIGW_DECLARE (get_usage_plan_key); APIGW_DECLARE (get_usage_plan_keys); APIGW_DECLARE (delete_usage_plan_key);
/* practice-apigateway-models.c */
APIGW_DECLARE (create_model); APIGW_DECLARE (get_model); APIGW_DECLARE (get_models); APIGW_DECLARE (delete_model);
APIGW_DECLARE (create_validator); APIGW_DECLARE (get_validator); APIGW_DECLARE (get_validators); APIGW_DECLARE (delete_validator);
APIGW_DECLARE (put_gateway_response); APIGW_DECLARE (get_gateway_response); APIGW_DECLARE (get_gateway_responses);
APIGW_DECLARE (delete_gateway_response);
/* practice-apigateway-openapi.c */
APIGW_DECLARE (put_rest_api); APIGW_DECLARE (get_export);
/* practice-apigateway-invoke.c */
APIGW_DECLARE (test_invoke_method);

/* ── shared by them ── */
/* OpenAPI or Swagger into @document; FALSE with a sentence where it cannot be. */
gboolean     apigw_import            (PracticeApiGateway *self,
                                      JsonObject         *document,
                                      JsonObject         *openapi,
                                      gboolean            overwrite,
                                      char              **message);
/* The models that every new API has: "Empty" and "Error". */
void         apigw_add_models        (JsonObject         *document);
/* (transfer none): a new resource below @parent (nullable: the root); @part is its piece of the path: "orders", "{id}". */
JsonObject  *apigw_add_resource      (JsonObject         *document,
                                      JsonObject         *parent,
                                      const char         *part);
/* The resource with this path, made with those above it where missing. */
JsonObject  *apigw_ensure_path       (JsonObject         *document,
                                      const char         *path);
/* The call's method: NULL after "Invalid Method identifier specified" (or an unknown resource). */
JsonObject  *apigw_load_method       (PracticeApiGateway *self,
                                      PracticeCall       *call,
                                      JsonObject        **document);
/* Whether the call's status code can be one; fails the call where not. */
gboolean     apigw_check_status_code (PracticeCall       *call);

/* practice-apigateway-admission.c */
/**
 * apigw_check_key:
 * @value: (nullable): the key that came with the request
 * @key_id: (out) (transfer full): the key's id where it is good
 * @throttled: (out): 429's reason, "Too Many Requests" or "Limit Exceeded", or NULL
 *
 * Whether an enabled key of a usage plan with this stage has that value; counts the request against the plan's throttle and quota.
 */
gboolean     apigw_check_key         (PracticeApiGateway *self,
                                      const char         *region,
                                      const char         *api_id,
                                      const char         *stage,
                                      const char         *value,
                                      char              **key_id,
                                      const char        **throttled);
/* A token bucket: whether one more request fits now. */
gboolean     apigw_take_token        (PracticeApiGateway *self,
                                      const char         *bucket,
                                      double              rate,
                                      double              burst);

/* Serves the invoke URLs. */
void         apigw_start_invoke      (PracticeApiGateway *self);
/* practice-apigateway-hold.c: what step mode holds of an API that is deleted goes on, as requests under way do. */
void         apigw_end_hold          (PracticeApiGateway *self,
                                      const char         *region,
                                      const char         *api_id);

G_END_DECLS
