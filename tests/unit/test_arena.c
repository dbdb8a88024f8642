/* The arena: what is laid out after counting has the room that was counted, aligned and apart. */
#include <stdint.h>

#include "../../src/base/arena.h"
#include "test.h"

enum { PARTS = 6 };
static const size_t counts[PARTS] = {1, 0, 64, 65, 1000, 3}, bytes[PARTS] = {1, 8, 1, 1, 4, 8};

/* Lay out each part `factor` times as large. */
static void layout(struct arena *arena, size_t factor, unsigned char *parts[PARTS])
{
    for (size_t i = 0; i < PARTS; i++)
        parts[i] = arena_take(arena, factor * counts[i], bytes[i]);
}

static void test_layout(struct arena *arena, size_t factor)
{
    unsigned char *parts[PARTS];
    dragoman_error error = {0};
    arena_count(arena);
    layout(arena, factor, parts);
    for (size_t i = 0; i < PARTS; i++)
        CHECK(parts[i] == NULL, "part %zu while counting", i);
    CHECK(arena_reserve(arena, &error) == 0, "%s", error.message);
    layout(arena, factor, parts);
    CHECK(arena->used <= arena->size, "used %zu of %zu", arena->used, arena->size);
    for (size_t i = 0; i < PARTS; i++) {
        CHECK(parts[i] && (uintptr_t)parts[i] % 64 == 0, "part %zu at %p", i, (void *)parts[i]);
        memset(parts[i], (int)i, factor * counts[i] * bytes[i]); /* the sanitizer sees what is out of bounds */
    }
    for (size_t i = 0; i < PARTS; i++)
        for (size_t j = 0; j < factor * counts[i] * bytes[i]; j++)
            if (parts[i][j] != i) {
                CHECK(false, "part %zu overlaps part %d", i, parts[i][j]);
                break;
            }
}

/* Sizes that overflow are refused, and what the arena had stays. */
static void test_overflow(struct arena *arena)
{
    static const size_t huge[][2] = {{SIZE_MAX, 1}, {SIZE_MAX, SIZE_MAX}, {SIZE_MAX / 8 + 1, 8}, {SIZE_MAX / 4, 3},
                                     {SIZE_MAX / 64 + 2, 64}};
    const unsigned char *before = arena->base;
    for (size_t i = 0; i < sizeof huge / sizeof *huge; i++)
        for (int times = 1; times < 4; times++) {
            dragoman_error error = {0};
            arena_count(arena);
            for (int t = 0; t < times; t++)
                arena_take(arena, huge[i][0], huge[i][1]);
            arena_take(arena, 10, 10);
            CHECK(arena_reserve(arena, &error) < 0 && error.code == DRAGOMAN_MEMORY, "%d of %zu x %zu", times, huge[i][0],
                  huge[i][1]);
        }
    CHECK(arena->base == before, "it moved");
    test_layout(arena, 2);
}

int main(void)
{
    struct arena arena = {0};
    test_layout(&arena, 5);
    const unsigned char *base = arena.base;
    test_layout(&arena, 1);
    CHECK(arena.base == base, "a smaller batch reallocates");
    test_layout(&arena, 5);
    CHECK(arena.base == base, "a batch of the same size reallocates");
    test_layout(&arena, 50);
    test_overflow(&arena);
    arena_free(&arena);
    arena_free(&arena);
    CHECK(arena.base == NULL && arena.size == 0 && arena.used == 0, "freed");
    return test_report();
}
