#include "arena.h"

#include <stdint.h>
#include <stdlib.h>

enum { ALIGN = 64 };

void arena_count(struct arena *arena)
{
    arena->counting = true;
    arena->used = 0;
}

int arena_reserve(struct arena *arena, dragoman_error *error)
{
    size_t wanted = arena->used;
    arena->counting = false;
    arena->used = 0;
    if (wanted <= arena->size)
        return 0;
    if (wanted > SIZE_MAX / 2) /* a sum that overflowed stays at SIZE_MAX */
        return fail_memory(error, wanted);
    wanted += wanted / 4; /* a little more, so that batches of like size don't reallocate */
    /* Of a large block realloc moves the pages, not the bytes: what was touched once need not be cleared again. */
    void *memory = realloc(arena->memory, wanted + ALIGN);
    if (!memory)
        return fail_memory(error, wanted);
    arena->memory = memory;
    arena->base = (unsigned char *)memory + (ALIGN - (uintptr_t)memory % ALIGN) % ALIGN;
    arena->size = wanted;
    return 0;
}

void *arena_take(struct arena *arena, size_t count, size_t bytes)
{
    size_t size;
    if (__builtin_mul_overflow(count, bytes, &size) || size > SIZE_MAX - ALIGN)
        size = SIZE_MAX - ALIGN;
    size += (ALIGN - size % ALIGN) % ALIGN;
    unsigned char *at = arena->counting ? NULL : arena->base + arena->used;
    if (__builtin_add_overflow(arena->used, size, &arena->used))
        arena->used = SIZE_MAX;
    return at;
}

void arena_free(struct arena *arena)
{
    free(arena->memory);
    *arena = (struct arena){0};
}
