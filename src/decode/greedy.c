#include "greedy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LOOP_PERIOD = 8, LOOP_TIMES = 3 };

static void layout(struct workspace *w, const struct model *model, const struct source_batch *batch, int threads,
                   struct translation *translations)
{
    const size_t B = batch->sentences;
    encoder_layout(&w->encoder, model, batch, threads, &w->arena);
    decoder_layout(&w->cache, model, batch, w->limits, 1, threads, &w->arena);
    w->logits = arena_take(&w->arena, B * model->config.vocab, sizeof *w->logits);
    w->active = arena_take(&w->arena, B, sizeof *w->active);
    w->last_ids = arena_take(&w->arena, B, sizeof *w->last_ids);
    for (size_t b = 0; b < B; b++)
        translations[b].ids = arena_take(&w->arena, w->limits[b], sizeof(int32_t));
}

static int prepare(struct workspace *w, const struct model *model, const struct source_batch *batch, int threads,
                   struct translation *translations, dragoman_error *error)
{
    size_t longest = 0;
    size_t *limits = realloc(w->limits, (batch->sentences + 1) * sizeof *limits);
    if (!limits)
        return fail_memory(error, batch->sentences * sizeof *limits);
    w->limits = limits;
    for (size_t b = 0; b < batch->sentences; b++) {
        limits[b] = greedy_limit(batch->lengths[b]);
        longest = limits[b] > longest ? limits[b] : longest;
        translations[b] = (struct translation){0};
    }
    if (position_table_grow(&w->positions, longest, model->config.d_model, error) < 0)
        return -1;
    arena_count(&w->arena);
    layout(w, model, batch, threads, translations);
    if (arena_reserve(&w->arena, error) < 0)
        return -1;
    layout(w, model, batch, threads, translations);
    return 0;
}

/* How many times the end of n ids says its last `period` ids, the beginnings of one more included. */
static double repetitions(const int32_t *ids, size_t n, size_t period)
{
    size_t same = 0;
    while (same + period < n && ids[n - 1 - same] == ids[n - 1 - same - period])
        same++;
    return 1 + (double)same / (double)period;
}

void greedy_forbid(const int32_t *ids, size_t length, const int32_t *source, size_t S, float *logits)
{
    for (size_t period = 1; period <= LOOP_PERIOD && period * LOOP_TIMES <= length; period++) {
        const double times = repetitions(ids, length, period);
        double most = LOOP_TIMES;
        for (size_t n = 1; times >= most && n <= S; n++)
            for (size_t p = 1; p <= LOOP_PERIOD && p <= n; p++)
                most = fmax(most, repetitions(source, n, p));
        if (times >= most)
            logits[ids[length - period]] = -INFINITY;
    }
}

/* Let every active sentence take its likeliest id; those that end leave. Returns how many go on. */
static size_t advance(struct workspace *w, const struct model *model, const struct source_batch *batch, size_t active,
                      int32_t unknown, struct translation *translations)
{
    size_t kept = 0;
    for (size_t r = 0; r < active; r++) {
        const size_t b = w->active[r];
        struct translation *t = &translations[b];
        float *logits = w->logits + r * model->config.vocab;
        logits[model->config.pad] = -INFINITY;
        if (unknown >= 0)
            logits[unknown] = -INFINITY;
        greedy_forbid(t->ids, t->length, batch->ids[b], batch->lengths[b], logits);
        int32_t best = (int32_t)model->kernels->argmax(logits, model->config.vocab);
        if (best == model->config.eos)
            continue;
        t->ids[t->length++] = best;
        t->truncated = t->length == w->limits[b];
        if (t->truncated)
            continue;
        w->active[kept] = b;
        w->last_ids[kept++] = best;
    }
    return kept;
}

/* states (active, D) -> w->logits (active, V). All V pieces are candidates; a list of fewer would enter here, as a
 * matrix of its rows of the output layer, and advance() would look up what it chose. */
static void score(struct workspace *w, const struct model *model, const float *states, size_t active, int threads)
{
    const struct input input = input_prepare(model->kernels, &model->output, states, active, w->cache.quantized);
    linear_run(model->kernels, &model->output, &input, threads, w->logits);
}

int greedy_run(struct workspace *w, const struct model *model, const struct source_batch *batch, int32_t unknown,
               int threads, struct translation *translations, dragoman_error *error)
{
    if (prepare(w, model, batch, threads, translations, error) < 0)
        return -1;
    encoder_run(&w->encoder, model, batch, &w->positions, threads);
    decoder_begin(&w->cache, model, batch, &w->encoder, w->limits, threads);
    size_t active = batch->sentences;
    for (size_t b = 0; b < active; b++) {
        w->active[b] = b;
        w->last_ids[b] = model->config.start;
    }
    while (active > 0) {
        const float *states = decoder_run(&w->cache, model, w->active, active, w->last_ids, 1, &w->positions, threads);
        score(w, model, states, active, threads);
        active = advance(w, model, batch, active, unknown, translations);
    }
    return 0;
}

void workspace_free(struct workspace *w)
{
    arena_free(&w->arena);
    recorder_free(&w->recorder);
    position_table_free(&w->positions);
    free(w->limits);
    *w = (struct workspace){0};
}
