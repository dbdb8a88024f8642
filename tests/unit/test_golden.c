/* The forward pass against what PyTorch's own layers computed in double precision (scripts/golden.py): the ids of
 * greedy decoding must be the same, the logits of every step agree to 1e-3, what is recorded of attention to 1e-5. And
 * masking: the decoder run over a whole prefix at once gives the bits of the cached run, step by step. */
#include <math.h>

#include "tiny.h"

enum { STEPS_MAX = 1024 };
static const double TOLERANCE = 1e-3, ATTENTION_TOLERANCE = 1e-5;

struct golden {
    struct mapped_file file;
    size_t at;
};

static uint32_t take(struct golden *g)
{
    uint32_t v = 0;
    if (g->at + 4 <= g->file.size)
        memcpy(&v, g->file.data + g->at, 4);
    g->at += 4;
    return v;
}

static float take_float(struct golden *g)
{
    const uint32_t bits = take(g);
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

/* NaN is larger than any number. */
static double larger(double a, double b)
{
    return b > a || isnan(b) ? b : a;
}

/* The states (steps, D) of the decoder over ids, `stride` positions at a time. */
static float *decode(struct workspace *w, const struct model *model, const struct source_batch *source,
                     const int32_t *ids, size_t steps, size_t stride)
{
    const size_t D = model->config.d_model, limits[1] = {steps}, row = 0;
    float *states = malloc(steps * D * sizeof *states);
    position_table_grow(&w->positions, steps > source->lengths[0] ? steps : source->lengths[0], D, NULL);
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 0)
            arena_count(&w->arena);
        else if (arena_reserve(&w->arena, NULL) < 0)
            abort();
        encoder_layout(&w->encoder, model, source, 1, &w->arena);
        decoder_layout(&w->cache, model, source, limits, stride, 1, &w->arena);
    }
    encoder_run(&w->encoder, model, source, &w->positions, 1);
    decoder_begin(&w->cache, model, source, &w->encoder, limits, 1);
    for (size_t t = 0; t < steps;) {
        size_t n = steps - t < stride ? steps - t : stride;
        memcpy(states + t * D, decoder_run(&w->cache, model, &row, 1, ids + t, n, &w->positions, 1),
               n * D * sizeof *states);
        t += n;
    }
    return states;
}

/* One golden sentence: ids, logits, and the masked run in one go against steps of 1 and of 3. */
static double check_sentence(struct workspace *w, const struct model *model, struct golden *g, size_t columns,
                             int32_t unknown, bool masking)
{
    static int32_t source[STEPS_MAX], target[STEPS_MAX + 1];
    const size_t V = model->config.vocab, D = model->config.d_model, S = take(g);
    for (size_t i = 0; i < S && i < STEPS_MAX; i++)
        source[i] = (int32_t)take(g);
    const size_t T = take(g);
    target[0] = model->config.start;
    for (size_t i = 0; i < T && i < STEPS_MAX; i++)
        target[i + 1] = (int32_t)take(g);
    const int32_t *sources[1] = {source};
    const struct source_batch batch = {sources, &S, 1};
    struct translation t;
    CHECK(greedy_run(w, model, &batch, unknown, 1, &t, NULL) == 0, "greedy_run");
    const size_t ended = target[T] == model->config.eos;
    CHECK(t.length == T - ended && memcmp(t.ids, target + 1, t.length * sizeof *target) == 0,
          "want %zu ids, found %zu or others", T - ended, t.length);

    float *logits = malloc(T * V * sizeof *logits), *states = decode(w, model, &batch, target, T, 1);
    double worst = 0;
    linear_run(model->kernels, &model->output, states, T, 1, logits);
    for (size_t step = 0; step < T; step++) {
        const float *row = logits + step * V;
        double sum = 0;
        for (size_t v = 0; v < V; v++)
            sum += exp((double)row[v]);
        worst = larger(worst, fabs(take_float(g) - log(sum))); /* of all V logits */
        for (size_t j = 0; j < columns; j++) {
            const uint32_t column = take(g);
            worst = larger(worst, fabs((double)take_float(g) - row[column % V]));
        }
    }
    CHECK(worst <= TOLERANCE, "logits differ by %g", worst);
    for (size_t stride = 3; masking && stride <= T + 2; stride += T > 3 ? T - 3 : T) { /* 3, then T at once */
        float *whole = decode(w, model, &batch, target, T, stride > T ? T : stride);
        CHECK(memcmp(states, whole, T * D * sizeof *whole) == 0, "%zu positions at a time give other states", stride);
        free(whole);
    }
    free(logits), free(states);
    return worst;
}

/* `step`: check every step-th sentence. */
static void check_golden(const char *name, const char *model_path, const char *golden_path,
                         const struct kernels *kernels, size_t step)
{
    struct tiny f;
    struct golden g = {0};
    struct workspace w = {0};
    dragoman_error error = {0};
    double worst = 0;
    size_t checked = 0;
    CHECK(mapped_file_open(&g.file, golden_path, &error) == 0, "%s", error.message);
    if (g.file.data) {
        tiny_open_path(&f, model_path, kernels);
        const size_t sentences = take(&g), columns = take(&g);
        for (size_t s = 0; s < sentences && g.at < g.file.size; s++) {
            if (s % step) { /* walk over it */
                g.at += 4 * (size_t)take(&g);
                const size_t T = take(&g);
                g.at += 4 * T + (4 + 8 * columns) * T;
                continue;
            }
            worst = larger(worst, check_sentence(&w, &f.model, &g, columns, 1, s % 10 == 0));
            checked++;
        }
        CHECK(g.at == g.file.size, "%s: read %zu bytes of %zu", golden_path, g.at, g.file.size);
        printf("%s, %s: %zu sentences, logits within %.2g of PyTorch's\n", name, kernels->name, checked, worst);
        tiny_close(&f);
    }
    workspace_free(&w);
    mapped_file_close(&g.file);
}

/* Maps (count, rows, columns) against the file's; each row must sum to 1. `masked`: what comes later is exactly 0. */
static double check_maps(struct golden *g, const float *maps, size_t count, size_t rows, size_t columns, bool masked)
{
    double worst = 0, off = 0;
    size_t seen_too_far = 0;
    for (size_t row = 0; row < count * rows; row++) {
        double sum = 0;
        for (size_t j = 0; j < columns; j++, maps++) {
            worst = larger(worst, fabs((double)take_float(g) - *maps));
            sum += *maps;
            seen_too_far += masked && j > row % rows && *maps != 0;
        }
        off = larger(off, fabs(sum - 1));
    }
    CHECK(off < 1e-5, "rows sum to 1 but for %g", off);
    CHECK(seen_too_far == 0, "%zu probabilities of what comes later", seen_too_far);
    return worst;
}

static double check_attention_sentence(struct recorder *recorder, const struct model *model, struct golden *g)
{
    static int32_t source[STEPS_MAX], inputs[STEPS_MAX];
    const size_t S = take(g), L = model->config.layers_encoder, H = model->config.heads_encoder;
    for (size_t i = 0; i < S && i < STEPS_MAX; i++)
        source[i] = (int32_t)take(g);
    const size_t T = take(g), D = model->config.layers_decoder;
    for (size_t i = 0; i < T && i < STEPS_MAX; i++)
        inputs[i] = (int32_t)take(g);
    float *encoder = malloc(L * H * S * S * sizeof *encoder), *self = malloc(D * H * T * T * sizeof *self);
    float *cross = malloc(D * H * T * S * sizeof *cross), *again = malloc(D * H * T * S * sizeof *again);
    struct recording recording = {source, S, NULL, inputs, T, D, encoder, self, cross};
    CHECK(record_run(recorder, model, &recording, 1, NULL) == 0, "record_run");
    double worst = check_maps(g, encoder, L * H, S, S, false);
    worst = larger(worst, check_maps(g, self, D * H, T, T, true));
    worst = larger(worst, check_maps(g, cross, D * H, T, S, false));
    CHECK(worst <= ATTENTION_TOLERANCE, "probabilities differ by %g", worst);

    /* with the memory that is known already, the first layer alone, other threads: the same bits */
    float *memory = malloc(S * model->config.d_model * sizeof *memory);
    memcpy(memory, recorder->encoder.memory, S * model->config.d_model * sizeof *memory);
    recording = (struct recording){source, S, memory, inputs, T, 1, NULL, NULL, again};
    CHECK(record_run(recorder, model, &recording, 3, NULL) == 0, "record_run");
    CHECK(memcmp(cross, again, H * T * S * sizeof *again) == 0, "the first layer by itself");
    free(encoder), free(self), free(cross), free(again), free(memory);
    return worst;
}

static void check_attention(const char *name, const struct kernels *kernels)
{
    struct tiny f;
    struct golden g = {0};
    struct recorder recorder = {0};
    char path[96];
    double worst = 0;
    snprintf(path, sizeof path, "tests/golden/%s.attention", name);
    CHECK(mapped_file_open(&g.file, path, NULL) == 0, "%s", path);
    if (g.file.data) {
        tiny_open(&f, name, kernels);
        const size_t sentences = take(&g);
        for (size_t s = 0; s < sentences && g.at < g.file.size; s++)
            worst = larger(worst, check_attention_sentence(&recorder, &f.model, &g));
        CHECK(g.at == g.file.size && sentences, "%s: read %zu bytes of %zu", path, g.at, g.file.size);
        printf("%s, %s: attention of %zu sentences within %.2g of PyTorch's\n", name, kernels->name, sentences, worst);
        tiny_close(&f);
    }
    recorder_free(&recorder);
    mapped_file_close(&g.file);
}

int main(void)
{
    for (size_t k = 0; kernels_available(k); k++) {
        const struct kernels *kernels = kernels_available(k);
        for (size_t i = 0; i < TINY_COUNT; i++) {
            char model[96], golden[96];
            snprintf(model, sizeof model, "tests/golden/%s.safetensors", tiny_names[i]);
            snprintf(golden, sizeof golden, "tests/golden/%s.golden", tiny_names[i]);
            check_golden(tiny_names[i], model, golden, kernels, 1);
            check_attention(tiny_names[i], kernels);
        }
        /* all 500 sentences with the best kernels, some with the slower ones, which give the same bits anyway */
        check_golden("bundled model", "models/en-de.safetensors", "tests/golden/bundled.golden", kernels,
                     k == 0 ? 1 : 50);
    }
    return test_report();
}
