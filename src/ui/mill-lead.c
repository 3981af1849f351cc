/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-lead.h"

static MillStep *
find_maker_of_type (MillSession *session,
                    const char  *type,
                    const char  *name)
{
  GListModel *resources = G_LIST_MODEL (mill_session_get_deployment (session));

  for (guint i = 0; i < g_list_model_get_n_items (resources); i++)
    {
      g_autoptr(MillResource) resource = g_list_model_get_item (resources, i);

      if (g_str_equal (mill_resource_get_type_name (resource), type) &&
          (name == NULL || g_strcmp0 (mill_resource_get_name (resource), name) == 0 || g_strcmp0 (mill_resource_get_physical_id (resource), name) == 0))
        return mill_tutorial_find_maker (mill_session_get_tutorial (session), mill_resource_get_logical_id (resource));
    }
  return NULL;
}

/* The trigger of a function, or the one that takes from a queue or stream. */
static const MillTemplateResource *
find_trigger (MillTemplate *template,
              const char   *component)
{
  GPtrArray *resources = mill_template_get_resources (template);

  for (guint i = 0; i < resources->len; i++)
    {
      const MillTemplateResource *resource = resources->pdata[i];

      if (g_str_equal (resource->type, "AWS::Lambda::EventSourceMapping") && g_strv_contains ((const char *const *) resource->depends_on, component))
        return resource;
    }
  return NULL;
}

/* The function that takes from a queue or stream; NULL where none does. */
static const char *
find_consumer (MillTutorial *tutorial,
               const char   *component)
{
  MillTemplate *template = mill_tutorial_get_template (tutorial);
  const MillTemplateResource *trigger = find_trigger (template, component);

  for (guint i = 0; trigger != NULL && trigger->depends_on[i] != NULL; i++)
    {
      const MillTemplateResource *resource = mill_template_get_resource (template, trigger->depends_on[i]);

      if (resource != NULL && g_str_equal (resource->type, "AWS::Lambda::Function"))
        return resource->logical_id;
    }
  return NULL;
}

static MillStep *
find_code (MillTutorial *tutorial,
           const char   *function)
{
  GPtrArray *steps = mill_tutorial_get_steps (tutorial);

  for (guint i = 0; i < steps->len; i++)
    {
      const char *const *code = mill_step_get_code (steps->pdata[i]);

      if (code != NULL && g_strv_contains (code, function))
        return steps->pdata[i];
    }
  return NULL;
}

/* The step at which to begin; NULL where no step helps. */
static MillStep *
find_step (MillSession       *session,
           MillHop           *hop,
           const MillFailure *failure)
{
  MillTutorial *tutorial = mill_session_get_tutorial (session);
  const char *component = mill_hop_get_component (hop);
  const MillTemplateResource *trigger;
  MillStep *step = NULL;

  if (tutorial == NULL)
    return NULL;
  switch (failure->lead)
    {
    case MILL_LEAD_CODE: step = find_code (tutorial, component); break;
    case MILL_LEAD_PERMISSION: step = find_maker_of_type (session, "AWS::IAM::Role", failure->role); break;
    case MILL_LEAD_INTEGRATION: step = find_maker_of_type (session, "AWS::ApiGateway::Method", NULL); break;
    case MILL_LEAD_SUBSCRIPTION: step = find_maker_of_type (session, "AWS::SNS::Subscription", NULL); break;
    case MILL_LEAD_TRIGGER:
      trigger = find_trigger (mill_tutorial_get_template (tutorial), component);
      step = trigger != NULL ? mill_tutorial_find_maker (tutorial, trigger->logical_id) : NULL;
      break;
    case MILL_LEAD_STEP: break;
    case MILL_LEAD_DETAILS:
    case MILL_LEAD_CONSUMER:
    case MILL_LEAD_INBOX:
    default: return NULL;
    }
  return step != NULL ? step : mill_tutorial_find_maker (tutorial, component);
}

void
mill_lead_follow (MillDeploymentPage *page,
                  MillHop            *hop,
                  const MillFailure  *failure)
{
  MillSession *session = mill_deployment_page_get_session (page);
  MillStep *step = find_step (session, hop, failure);

  if (step != NULL)
    {
      mill_deployment_page_show_step (page, mill_step_get_id (step));
      /* Says there and then whether it is as it should be. */
      mill_session_check (session, mill_step_get_id (step));
    }
  else if (failure->lead == MILL_LEAD_INBOX)
    mill_deployment_page_show (page, "inbox");
  else
    {
      MillTutorial *tutorial = mill_session_get_tutorial (session);
      const char *consumer = failure->lead == MILL_LEAD_CONSUMER && tutorial != NULL ? find_consumer (tutorial, mill_hop_get_component (hop)) : NULL;

      mill_deployment_page_show_component (page, consumer != NULL ? consumer : mill_hop_get_component (hop),
                                           consumer != NULL ? "function" : mill_hop_get_kind (hop));
      mill_session_check (session, NULL);
    }
}
