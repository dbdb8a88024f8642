/* Greedy decoding: a batch gives what each sentence gives alone, it ends at end-of-sentence or at the length limit,
 * and padding and the unknown piece never come out. A bias on the output steers where it would go. */
#include "tiny.h"

enum { UNKNOWN = 1, ROOM = 128 };

struct result {
    int32_t ids[ROOM];
    size_t length;
    bool truncated;
};

static void translate(struct workspace *w, const struct model *model, const struct source_batch *batch, int32_t unknown,
                      struct result *results)
{
    struct translation translations[TINY_SENTENCES];
    dragoman_error error = {0};
    CHECK(greedy_run(w, model, batch, unknown, 1, translations, &error) == 0, "%s", error.message);
    for (size_t b = 0; b < batch->sentences; b++) {
        CHECK(translations[b].length <= greedy_limit(batch->lengths[b]), "%zu ids", translations[b].length);
        results[b].length = translations[b].length;
        results[b].truncated = translations[b].truncated;
        memcpy(results[b].ids, translations[b].ids, translations[b].length * sizeof(int32_t));
    }
}

static size_t ended_early; /* sentences that neither the limit nor their first id ended */

static bool equal(const struct result *a, const struct result *b)
{
    return a->length == b->length && a->truncated == b->truncated && memcmp(a->ids, b->ids, a->length * sizeof *a->ids) == 0;
}

static bool holds(const struct result *r, int32_t id)
{
    for (size_t i = 0; i < r->length; i++)
        if (r->ids[i] == id)
            return true;
    return false;
}

static void test_batches(struct workspace *w, const struct model *model, const struct source_batch *batch)
{
    struct result all[TINY_SENTENCES], other[TINY_SENTENCES];
    const char *name = model->kernels->name;
    translate(w, model, batch, UNKNOWN, all);
    for (size_t b = 0; b < TINY_SENTENCES; b++) {
        const struct source_batch alone = {&batch->ids[b], &batch->lengths[b], 1};
        translate(w, model, &alone, UNKNOWN, other);
        CHECK(equal(&all[b], other), "%s: sentence %zu alone", name, b);
        CHECK(all[b].truncated == (all[b].length == greedy_limit(tiny_lengths[b])), "%s: %zu ids", name, all[b].length);
        ended_early += all[b].length > 0 && !all[b].truncated;
    }
    for (size_t first = 0; first + 2 <= TINY_SENTENCES; first += 2) {
        const struct source_batch pair = {&batch->ids[first], &batch->lengths[first], 2};
        translate(w, model, &pair, UNKNOWN, other);
        CHECK(equal(&all[first], &other[0]) && equal(&all[first + 1], &other[1]), "%s: sentences %zu, %zu", name, first,
              first + 1);
    }
    translate(w, model, &(struct source_batch){batch->ids, batch->lengths, 0}, UNKNOWN, other);
}

/* The same with an end that is likelier and likelier, so that the sentences end at different steps. */
static void test_early_ends(struct workspace *w, struct model *model, const struct source_batch *batch)
{
    const float *original = model->output.bias;
    const size_t V = model->config.vocab;
    static const float bonus[] = {0, 3, 5};
    float *bias = malloc(V * sizeof *bias);
    model->output.bias = bias;
    memcpy(bias, original, V * sizeof *bias);
    for (int i = 0; i < 3; i++) {
        bias[model->config.eos] = original[model->config.eos] + bonus[i];
        test_batches(w, model, batch);
    }
    model->output.bias = original;
    free(bias);
}

static void test_ends(struct workspace *w, struct model *model, const struct source_batch *batch)
{
    struct result results[TINY_SENTENCES];
    const float *original = model->output.bias;
    const struct config *c = &model->config;
    float *bias = malloc(c->vocab * sizeof *bias);
    model->output.bias = bias;

    memcpy(bias, original, c->vocab * sizeof *bias);
    bias[c->eos] = -1e6f; /* it never ends */
    translate(w, model, batch, UNKNOWN, results);
    for (size_t b = 0; b < TINY_SENTENCES; b++)
        CHECK(results[b].truncated && results[b].length == greedy_limit(tiny_lengths[b]) && !holds(&results[b], c->eos),
              "sentence %zu: %zu ids", b, results[b].length);

    bias[c->pad] = bias[UNKNOWN] = 1e6f; /* it would say nothing else */
    translate(w, model, batch, UNKNOWN, results);
    for (size_t b = 0; b < TINY_SENTENCES; b++)
        CHECK(!holds(&results[b], c->pad) && !holds(&results[b], UNKNOWN) && results[b].length > 0, "sentence %zu", b);
    translate(w, model, batch, -1, results); /* a tokenizer without an unknown piece */
    CHECK(!holds(&results[0], c->pad) && holds(&results[0], UNKNOWN), "no piece is unknown");

    bias[c->eos] = 2e6f; /* it ends at once */
    translate(w, model, batch, UNKNOWN, results);
    for (size_t b = 0; b < TINY_SENTENCES; b++)
        CHECK(results[b].length == 0 && !results[b].truncated, "sentence %zu: %zu ids", b, results[b].length);
    model->output.bias = original;
    free(bias);
}

int main(void)
{
    CHECK(greedy_limit(0) == 10 && greedy_limit(7) == 24, "the limit");
    for (size_t k = 0; test_table(k); k++)
        for (size_t i = 0; i < TINY_COUNT; i++) {
            struct tiny tiny = {0};
            struct workspace w = {0};
            const int32_t *ids[TINY_SENTENCES];
            tiny_open(&tiny, tiny_names[i], test_table(k));
            const struct source_batch batch = tiny_batch(&tiny.model, ids);
            test_early_ends(&w, &tiny.model, &batch);
            test_ends(&w, &tiny.model, &batch);
            free((void *)ids[0]);
            workspace_free(&w);
            workspace_free(&w);
            tiny_close(&tiny);
        }
    CHECK(ended_early >= 4, "%zu sentences ended early", ended_early);
    return test_report();
}
