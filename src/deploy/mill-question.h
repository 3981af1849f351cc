/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "aws-credentials.h"

G_BEGIN_DECLS

/**
 * MillQuestionKind:
 * @MILL_QUESTION_CREDENTIALS: the credentials have expired or are not there: new ones are needed to go on
 * @MILL_QUESTION_MFA_CODE: the six digits that the user's MFA device shows
 * @MILL_QUESTION_SIGN_IN: the user is to open a page and see the code there; it ends by itself
 */
typedef enum {
  MILL_QUESTION_CREDENTIALS,
  MILL_QUESTION_MFA_CODE,
  MILL_QUESTION_SIGN_IN,
} MillQuestionKind;

#define MILL_TYPE_QUESTION (mill_question_get_type ())

/**
 * MillQuestion:
 *
 * Something that only the user can answer, in the middle of work, which waits meanwhile and then goes on. Emits "ended" (no arguments, in the
 * handler's main context) when it is answered, given up, or not of interest any more.
 */
G_DECLARE_FINAL_TYPE (MillQuestion, mill_question, MILL, QUESTION, GObject)

/* Shows @question to the user, who answers it sooner or later. In the main context in which the handler was set. */
typedef void (*MillQuestionFunc) (MillQuestion *question,
                                  gpointer      data);
/* One handler a process; NULL: nobody can be asked, and what needs an answer fails with a sentence. */
void             mill_question_set_handler     (MillQuestionFunc  func,
                                                gpointer          data);

MillQuestionKind mill_question_get_kind        (MillQuestion     *self);
/* A sentence: what is wanted, and why. */
const char      *mill_question_get_text        (MillQuestion     *self);
/* SIGN_IN: the page to open, and the code to compare; NULL with the others. */
const char      *mill_question_get_url         (MillQuestion     *self);
const char      *mill_question_get_code        (MillQuestion     *self);
/* Any thread. */
gboolean         mill_question_is_ended        (MillQuestion     *self);
/* Ends it with what the user gave. Once it has ended, nothing changes any more. */
void             mill_question_answer          (MillQuestion     *self,
                                                const char       *text);
void             mill_question_answer_credentials (MillQuestion  *self,
                                                AwsCredentials   *credentials);
/* The user does not want to: what asked fails. */
void             mill_question_refuse          (MillQuestion     *self);

/*
 * For whoever asks, in a worker thread. NULL with an error of AWS_ERROR_CREDENTIALS that says @without where nobody can be asked.
 */
MillQuestion    *mill_question_ask             (MillQuestionKind  kind,
                                                const char       *text,
                                                const char       *url,
                                                const char       *code,
                                                const char       *without,
                                                GError          **error);
/* Blocks until it has ended. FALSE with G_IO_ERROR_CANCELLED where it was refused or @cancellable was. */
gboolean         mill_question_wait            (MillQuestion     *self,
                                                GCancellable     *cancellable,
                                                GError          **error);
/* The same for at most @milliseconds: TRUE with nothing answered where the time is up. */
gboolean         mill_question_wait_for        (MillQuestion     *self,
                                                guint             milliseconds,
                                                GCancellable     *cancellable,
                                                GError          **error);
/* It needs no answer any more. */
void             mill_question_end             (MillQuestion     *self);
/* (transfer none) (nullable): what was answered. */
const char      *mill_question_peek_answer     (MillQuestion     *self);
/* (transfer none) (nullable): the credentials that were given. */
AwsCredentials  *mill_question_peek_credentials (MillQuestion    *self);

G_END_DECLS
