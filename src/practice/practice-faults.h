/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-call.h"

G_BEGIN_DECLS

/**
 * PracticeFault:
 * @PRACTICE_FAULT_ERROR: 500 or 503, in the service's words
 * @PRACTICE_FAULT_RESET: the connection ends before anything was done
 * @PRACTICE_FAULT_LOST: it is done, and the connection ends before the answer
 * @PRACTICE_FAULT_SILENCE: it is done, no answer comes for a while, then the connection ends
 * @PRACTICE_FAULT_TRUNCATE: it is done, and the connection ends in the middle of the answer
 * @PRACTICE_FAULT_SKEW: from now on the cloud's clock is 20 minutes ahead
 * @PRACTICE_FAULT_EXPIRED: the token has expired
 */
typedef enum {
  PRACTICE_FAULT_NONE,
  PRACTICE_FAULT_ERROR,
  PRACTICE_FAULT_RESET,
  PRACTICE_FAULT_LOST,
  PRACTICE_FAULT_SILENCE,
  PRACTICE_FAULT_TRUNCATE,
  PRACTICE_FAULT_SKEW,
  PRACTICE_FAULT_EXPIRED,
} PracticeFault;

/**
 * PracticeFaults:
 *
 * What goes wrong between a client and a cloud, when it is asked for (--faults). Calls from outside only.
 */
typedef struct _PracticeFaults PracticeFaults;

/*
 * @spec: a number, the seed of a random mixture of a fault in about thirty calls; or a JSON file: [{"operation": "sqs:CreateQueue", "call": 1, "fault":
 * "lost"}, …], each at the so manieth call of the operation ("*": of any).
 */
PracticeFaults *practice_faults_new      (const char      *spec,
                                          GError         **error);
void            practice_faults_free     (PracticeFaults  *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeFaults, practice_faults_free)
/* What goes wrong with @call. */
PracticeFault   practice_faults_next     (PracticeFaults  *self,
                                          PracticeCall    *call);
/* Seconds that the cloud's clock is ahead. */
gint64          practice_faults_get_skew (PracticeFaults  *self);

G_END_DECLS
