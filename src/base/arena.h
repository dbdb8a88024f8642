/* Memory for one batch: laid out once before it, reused by the next, never allocated from in a decoding step.
 *
 * The same layout function runs twice: first on an arena that only counts, then on one that has the room.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "error.h"

struct arena {
    void *memory;        /* as it was allocated */
    unsigned char *base; /* its first address aligned to 64 */
    size_t size, used;   /* bytes from there */
    bool counting;       /* arena_take only adds up */
};

/* Begin to count: forget what was taken. */
void arena_count(struct arena *arena);
/* End counting: make room for all that was counted and begin anew. 0, or negative: DRAGOMAN_MEMORY. */
int arena_reserve(struct arena *arena, dragoman_error *error);
/* count elements of `bytes` each, uninitialised, aligned to 64; NULL while counting. */
void *arena_take(struct arena *arena, size_t count, size_t bytes);
void arena_free(struct arena *arena);

#endif
