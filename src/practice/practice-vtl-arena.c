/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-vtl-arena.h"

#include <string.h>

#define CHUNK_SIZE 8192

typedef struct _Chunk Chunk;
struct _Chunk {
  Chunk *next;
  gsize  used;
  gsize  size;
  char   data[];
};

struct _PracticeVtlArena {
  Chunk     *chunks;
  GPtrArray *tables;    /* GHashTable */
  gsize      used;
  gsize      limit;
  gboolean   exhausted;
  char      *failure;
};

PracticeVtlArena *
practice_vtl_arena_new (gsize limit)
{
  PracticeVtlArena *self = g_new0 (PracticeVtlArena, 1);

  self->limit = limit;
  return self;
}

void
practice_vtl_arena_free (PracticeVtlArena *self)
{
  for (Chunk *chunk = self->chunks; chunk != NULL;)
    {
      Chunk *next = chunk->next;

      g_free (chunk);
      chunk = next;
    }
  g_clear_pointer (&self->tables, g_ptr_array_unref);
  g_free (self->failure);
  g_free (self);
}

gpointer
practice_vtl_arena_alloc (PracticeVtlArena *self,
                          gsize             size)
{
  Chunk *chunk = self->chunks;
  gpointer memory;

  size = (size + 15) & ~(gsize) 15;
  if (chunk == NULL || chunk->size - chunk->used < size)
    {
      gsize wanted = MAX (size, CHUNK_SIZE);

      chunk = g_malloc (sizeof (Chunk) + wanted);
      chunk->used = 0;
      chunk->size = wanted;
      /* A large block gets a chunk of its own behind the current one, whose rest stays usable. */
      if (size > CHUNK_SIZE / 2 && self->chunks != NULL)
        {
          chunk->next = self->chunks->next;
          self->chunks->next = chunk;
        }
      else
        {
          chunk->next = self->chunks;
          self->chunks = chunk;
        }
    }
  memory = chunk->data + chunk->used;
  chunk->used += size;
  self->used += size;
  if (self->used > self->limit)
    self->exhausted = TRUE;
  return memset (memory, 0, size);
}

void
practice_vtl_arena_keep_table (PracticeVtlArena *self,
                               GHashTable       *table)
{
  if (self->tables == NULL)
    self->tables = g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);
  g_ptr_array_add (self->tables, table);
}

gboolean
practice_vtl_arena_is_exhausted (PracticeVtlArena *self)
{
  return self->exhausted;
}

gboolean
practice_vtl_arena_has_room (PracticeVtlArena *self,
                             gsize             size)
{
  if (self->exhausted || size > self->limit - MIN (self->used, self->limit))
    self->exhausted = TRUE;
  return !self->exhausted;
}

void
practice_vtl_arena_fail (PracticeVtlArena *self,
                         const char       *format,
                         ...)
{
  va_list args;

  if (self->failure != NULL)
    return;
  va_start (args, format);
  self->failure = g_strdup_vprintf (format, args);
  va_end (args);
}

const char *
practice_vtl_arena_get_failure (PracticeVtlArena *self)
{
  return self->failure;
}
