/* The decoder over its cache: a sentence's states do not depend on its neighbours, on which of them have left, on
 * threads or on what was in the arena. That steps equal a whole prefix is checked in test_golden.c. */
#include "tiny.h"

enum { STEPS = 9 };

struct run {
    struct arena arena;
    struct encoder_state encoder;
    struct decoder_cache cache;
    struct position_table positions;
};

static void begin(struct run *r, const struct model *model, const struct source_batch *batch, const size_t *limits,
                  size_t steps, int threads)
{
    position_table_grow(&r->positions, 128, model->config.d_model, NULL);
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 0)
            arena_count(&r->arena);
        else
            CHECK(arena_reserve(&r->arena, NULL) == 0, "reserve");
        if (pass == 1)
            memset(r->arena.base, 0xff, r->arena.size); /* NaN */
        encoder_layout(&r->encoder, model, batch, threads, &r->arena);
        decoder_layout(&r->cache, model, batch, limits, steps, threads, &r->arena);
    }
    CHECK(r->arena.used <= r->arena.size, "took %zu of %zu bytes", r->arena.used, r->arena.size);
    encoder_run(&r->encoder, model, batch, &r->positions, threads);
    decoder_begin(&r->cache, model, batch, &r->encoder, limits, threads);
}

static void run_free(struct run *r)
{
    arena_free(&r->arena);
    position_table_free(&r->positions);
}

/* The t-th target id of sentence b. */
static int32_t target(const struct model *model, size_t b, size_t t)
{
    return t == 0 ? model->config.start : (int32_t)((b * 17 + t * 5) % (model->config.vocab - 1));
}

/* The states (TINY_SENTENCES, STEPS, D) of every sentence, run alone. */
static float *run_alone(const struct model *model, const struct source_batch *batch, const size_t *limits)
{
    const size_t D = model->config.d_model, row = 0;
    float *states = malloc(TINY_SENTENCES * STEPS * D * sizeof *states);
    struct run r = {0};
    for (size_t b = 0; b < TINY_SENTENCES; b++) {
        const struct source_batch alone = {&batch->ids[b], &batch->lengths[b], 1};
        begin(&r, model, &alone, &limits[b], 1, 1);
        for (size_t t = 0; t < limits[b]; t++) {
            const int32_t id = target(model, b, t);
            memcpy(states + (b * STEPS + t) * D, decoder_run(&r.cache, model, &row, 1, &id, 1, &r.positions, 1),
                   D * sizeof *states);
        }
    }
    run_free(&r);
    return states;
}

/* Many sentences of whole prefixes, enough work for threads: one and four give the same. */
static void test_threads(const struct model *model)
{
    enum { LENGTH = 90 };
    const size_t D = model->config.d_model, B = 4 * PARALLEL_WORK / (LENGTH * D * model->config.ffn_decoder) + 1;
    int32_t *ids = malloc(B * LENGTH * sizeof *ids);
    const int32_t **sources = malloc(B * sizeof *sources);
    size_t *lengths = malloc(B * sizeof *lengths), *rows = malloc(B * sizeof *rows);
    for (size_t b = 0; b < B; b++) {
        sources[b] = ids + b * LENGTH, lengths[b] = LENGTH, rows[b] = b;
        for (size_t t = 0; t < LENGTH; t++)
            ids[b * LENGTH + t] = target(model, b, t);
    }
    const struct source_batch batch = {sources, lengths, B};
    struct run one = {0}, four = {0};
    begin(&one, model, &batch, lengths, LENGTH, 1), begin(&four, model, &batch, lengths, LENGTH, 4);
    CHECK(memcmp(one.encoder.memory, four.encoder.memory, B * LENGTH * D * sizeof(float)) == 0, "the encoder");
    const float *want = decoder_run(&one.cache, model, rows, B, ids, LENGTH, &one.positions, 1);
    const float *got = decoder_run(&four.cache, model, rows, B, ids, LENGTH, &four.positions, 4);
    CHECK(memcmp(want, got, B * LENGTH * D * sizeof *want) == 0, "the decoder");
    free(ids), free(sources), free(lengths), free(rows);
    run_free(&one), run_free(&four);
}

/* All sentences together, each leaving after as many steps as it has room for. */
static void test_leaving(const struct model *model, const struct source_batch *batch, const size_t *limits,
                         const float *want)
{
    const size_t D = model->config.d_model;
    struct run r = {0};
    begin(&r, model, batch, limits, 1, 1);
    for (size_t t = 0; t < STEPS; t++) {
        size_t rows[TINY_SENTENCES], active = 0;
        int32_t ids[TINY_SENTENCES];
        for (size_t b = 0; b < TINY_SENTENCES; b++)
            if (t < limits[b]) {
                ids[active] = target(model, b, t);
                rows[active++] = b;
            }
        const float *states = decoder_run(&r.cache, model, rows, active, ids, 1, &r.positions, 1);
        CHECK(r.cache.length == t + 1, "%zu positions", r.cache.length);
        for (size_t i = 0; i < active; i++)
            CHECK(memcmp(states + i * D, want + (rows[i] * STEPS + t) * D, D * sizeof *states) == 0,
                  "step %zu, sentence %zu of %zu", t, rows[i], active);
    }
    run_free(&r);
}

/* A cache that begins anew forgets, and a source that differs gives other states. */
static void test_again(const struct model *model, const struct source_batch *batch, const size_t *limits,
                       const float *want)
{
    const size_t D = model->config.d_model, row = 0;
    struct run r = {0};
    const int32_t start = model->config.start;
    for (size_t b = 0; b < 2; b++) {
        const struct source_batch alone = {&batch->ids[b], &batch->lengths[b], 1};
        begin(&r, model, &alone, &limits[b], 1, 1);
        for (int round = 0; round < 2; round++) {
            decoder_begin(&r.cache, model, &alone, &r.encoder, &limits[b], 1);
            const float *states = decoder_run(&r.cache, model, &row, 1, &start, 1, &r.positions, 1);
            CHECK(memcmp(states, want + b * STEPS * D, D * sizeof *states) == 0, "sentence %zu, round %d", b, round);
        }
    }
    CHECK(memcmp(want, want + STEPS * D, D * sizeof *want) != 0, "the source does not matter");
    run_free(&r);
}

int main(void)
{
    static const size_t limits[TINY_SENTENCES] = {5, 9, 1, 8, 9, 3};
    for (size_t k = 0; test_table(k); k++)
        for (size_t i = 0; i < TINY_COUNT; i++) {
            struct tiny tiny = {0};
            const int32_t *ids[TINY_SENTENCES];
            tiny_open(&tiny, tiny_names[i], test_table(k));
            const struct source_batch batch = tiny_batch(&tiny.model, ids);
            float *want = run_alone(&tiny.model, &batch, limits);
            test_leaving(&tiny.model, &batch, limits, want);
            test_again(&tiny.model, &batch, limits, want);
            if (k == 0 && i >= 2) /* I8 and swish */
                test_threads(&tiny.model);
            free(want), free((void *)ids[0]);
            tiny_close(&tiny);
        }
    return test_report();
}
