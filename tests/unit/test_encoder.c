/* The encoder: a sentence's memory does not depend on its neighbours or on what was in the arena. Threads are the
 * business of test_decoder.c. */
#include "tiny.h"

struct run {
    struct arena arena;
    struct encoder_state state;
};

/* Encode with an arena full of NaN. */
static void encode(struct run *r, const struct model *model, const struct source_batch *batch)
{
    struct position_table positions = {0};
    position_table_grow(&positions, 64, model->config.d_model, NULL);
    arena_count(&r->arena);
    encoder_layout(&r->state, model, batch, 1, &r->arena);
    const size_t counted = r->arena.used;
    CHECK(arena_reserve(&r->arena, NULL) == 0, "%zu bytes", counted);
    memset(r->arena.base, 0xff, r->arena.size);
    encoder_layout(&r->state, model, batch, 1, &r->arena);
    CHECK(r->arena.used == counted, "counted %zu bytes, took %zu", counted, r->arena.used);
    encoder_run(&r->state, model, batch, &positions, 1);
    position_table_free(&positions);
}

static void test(const char *name, const struct kernels *kernels)
{
    struct tiny tiny = {0};
    const int32_t *ids[TINY_SENTENCES], *turned[TINY_SENTENCES];
    size_t turned_lengths[TINY_SENTENCES];
    struct run all = {0}, one = {0};
    tiny_open(&tiny, name, kernels);
    const struct model *model = &tiny.model;
    const struct source_batch batch = tiny_batch(model, ids);
    const size_t D = model->config.d_model;
    encode(&all, model, &batch);
    for (size_t b = 0, row = 0; b < TINY_SENTENCES; row += tiny_lengths[b++]) {
        const struct source_batch alone = {&ids[b], &tiny_lengths[b], 1};
        encode(&one, model, &alone);
        CHECK(all.state.starts[b] == row && one.state.starts[1] == tiny_lengths[b], "rows of sentence %zu", b);
        CHECK(memcmp(all.state.memory + row * D, one.state.memory, tiny_lengths[b] * D * sizeof(float)) == 0,
              "%s, %s: sentence %zu alone", name, kernels->name, b);
        turned[TINY_SENTENCES - 1 - b] = ids[b], turned_lengths[TINY_SENTENCES - 1 - b] = tiny_lengths[b];
    }
    const size_t rows = all.state.starts[TINY_SENTENCES];
    const struct source_batch other = {turned, turned_lengths, TINY_SENTENCES};
    encode(&one, model, &other);
    CHECK(memcmp(all.state.memory, one.state.memory + (rows - tiny_lengths[0]) * D, tiny_lengths[0] * D * sizeof(float)) == 0,
          "%s: the other way round", name);
    /* order and content of the ids count */
    int32_t swapped[] = {ids[0][0], ids[0][2], ids[0][1]}, straight[] = {ids[0][0], ids[0][1], ids[0][2]};
    const size_t three = 3;
    encode(&one, model, &(struct source_batch){(const int32_t *[]){swapped}, &three, 1});
    encode(&all, model, &(struct source_batch){(const int32_t *[]){straight}, &three, 1});
    CHECK(memcmp(all.state.memory, one.state.memory, D * sizeof(float)) != 0, "%s: the order does not matter", name);
    free((void *)ids[0]);
    arena_free(&all.arena), arena_free(&one.arena);
    tiny_close(&tiny);
}

int main(void)
{
    for (size_t k = 0; test_table(k); k++)
        for (size_t i = 0; i < TINY_COUNT; i++)
            test(tiny_names[i], test_table(k));
    return test_report();
}
