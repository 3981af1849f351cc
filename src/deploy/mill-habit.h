/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-handler.h"

G_BEGIN_DECLS

/**
 * MillHabit:
 * @operations: a word that must occur in the operation, or NULL for all
 * @code: of the error
 * @message: a part of its message, or NULL
 * @seconds: how long it is worth trying again
 * @countdown: it ends after a known time: show how much is left
 * @reason: a sentence, marked for translation
 *
 * Something that AWS refuses at first and does later, by itself.
 */
typedef struct {
  const char *operations;
  const char *code;
  const char *message;
  guint       seconds;
  gboolean    countdown;
  const char *reason;
} MillHabit;

/* NULL where the error is a plain error. */
const MillHabit *mill_habit_find             (const char       *operation,
                                              const GError     *error);
/*
 * FALSE where waiting will not help, because the role does not allow what AWS misses: *@error then says which permission
 * which role lacks. Asks the cloud.
 */
gboolean         mill_habit_is_worth_waiting (const MillHabit  *habit,
                                              MillJob          *job,
                                              JsonObject       *parameters,
                                              GError          **error);
/* (transfer full): the sentence in the user's language, with the seconds where it counts down. */
char            *mill_habit_dup_reason       (const MillHabit  *habit,
                                              guint             seconds_left);

G_END_DECLS
