/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-call-private.h"

#include "aws-error.h"

struct _AwsCall {
  GObject     parent_instance;

  char       *operation;
  JsonObject *parameters;
  char       *answer;
  guint       status;
  char       *error_code;
  char       *request_id;
  char       *gateway_id;
  guint       attempts;
  gint64      started;
  gint64      duration;
  char       *subject;
};

G_DEFINE_FINAL_TYPE (AwsCall, aws_call, G_TYPE_OBJECT)

static void
aws_call_finalize (GObject *object)
{
  AwsCall *self = AWS_CALL (object);

  g_free (self->operation);
  json_object_unref (self->parameters);
  g_free (self->answer);
  g_free (self->error_code);
  g_free (self->request_id);
  g_free (self->gateway_id);
  g_free (self->subject);

  G_OBJECT_CLASS (aws_call_parent_class)->finalize (object);
}

static void
aws_call_class_init (AwsCallClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = aws_call_finalize;
}

static void
aws_call_init (AwsCall *self)
{
}

/* What the API list shows beside a call that failed; a cancelled call has no code of AWS's. */
static char *
dup_error_code (const GError *error)
{
  if (error == NULL)
    return g_strdup ("");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_strdup ("Cancelled");
  return g_strdup (aws_error_get_code (error));
}

AwsCall *
aws_call_new (const AwsCallRecord *record)
{
  AwsCall *self = g_object_new (AWS_TYPE_CALL, NULL);

  self->operation = g_strdup (record->operation);
  self->parameters = record->parameters != NULL ? aws_redact_parameters (record->parameters) : json_object_new ();
  self->answer = record->answer != NULL ? aws_redact_answer (record->answer) : g_strdup ("");
  self->status = record->status;
  self->error_code = dup_error_code (record->error);
  self->request_id = g_strdup (record->request_id != NULL ? record->request_id : "");
  self->gateway_id = g_strdup (record->gateway_id != NULL ? record->gateway_id : "");
  self->attempts = record->attempts;
  self->started = record->started;
  self->duration = record->duration;
  self->subject = g_strdup (record->subject != NULL ? record->subject : "");
  return self;
}

AwsCall *
aws_call_restore (const char *operation,
                  JsonObject *parameters,
                  guint       status,
                  const char *error_code,
                  const char *request_id,
                  gint64      started,
                  gint64      duration,
                  const char *subject)
{
  AwsCall *self = g_object_new (AWS_TYPE_CALL, NULL);

  self->operation = g_strdup (operation);
  self->parameters = json_object_ref (parameters);
  self->answer = g_strdup ("");
  self->status = status;
  self->error_code = g_strdup (error_code);
  self->request_id = g_strdup (request_id);
  self->gateway_id = g_strdup ("");
  self->attempts = 1;
  self->started = started;
  self->duration = duration;
  self->subject = g_strdup (subject);
  return self;
}

const char *
aws_call_get_operation (AwsCall *self)
{
  g_return_val_if_fail (AWS_IS_CALL (self), NULL);

  return self->operation;
}

JsonObject *
aws_call_get_parameters (AwsCall *self)
{
  g_return_val_if_fail (AWS_IS_CALL (self), NULL);

  return self->parameters;
}

const char *
aws_call_get_answer (AwsCall *self)
{
  g_return_val_if_fail (AWS_IS_CALL (self), NULL);

  return self->answer;
}

guint
aws_call_get_status (AwsCall *self)
{
  g_return_val_if_fail (AWS_IS_CALL (self), 0);

  return self->status;
}

const char *
aws_call_get_error_code (AwsCall *self)
{
  g_return_val_if_fail (AWS_IS_CALL (self), NULL);

  return self->error_code;
}

const char *
aws_call_get_request_id (AwsCall *self)
{
  g_return_val_if_fail (AWS_IS_CALL (self), NULL);

  return self->request_id;
}

const char *
aws_call_get_gateway_id (AwsCall *self)
{
  g_return_val_if_fail (AWS_IS_CALL (self), NULL);

  return self->gateway_id;
}

guint
aws_call_get_attempts (AwsCall *self)
{
  g_return_val_if_fail (AWS_IS_CALL (self), 0);

  return self->attempts;
}

gint64
aws_call_get_started (AwsCall *self)
{
  g_return_val_if_fail (AWS_IS_CALL (self), 0);

  return self->started;
}

gint64
aws_call_get_duration (AwsCall *self)
{
  g_return_val_if_fail (AWS_IS_CALL (self), 0);

  return self->duration;
}

const char *
aws_call_get_subject (AwsCall *self)
{
  g_return_val_if_fail (AWS_IS_CALL (self), NULL);

  return self->subject;
}
