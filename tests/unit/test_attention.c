/* multi_head_attention against the equations of Vaswani et al. 2017, section 3.2.2, in double precision, in its three
 * uses; and what must not change a bit: neighbours, threads, what the mask hides. */
#include "../../src/nn/attention.h"
#include "layers.h"

enum use { ENCODER, DECODER, CROSS };
static const char *const use_names[] = {"encoder self", "decoder self", "cross"};
enum { SENTENCES_MAX = 6 };

/* A batch: sentence b has T[b] queries, the last T[b] of its S[b] rows of memory, but for cross-attention, where the
 * memory is another text. */
struct batch {
    size_t B, T[SENTENCES_MAX], S[SENTENCES_MAX], R, rows; /* R: all queries, rows: all rows of memory */
    float *x, *memory, *keys, *values;
};

static struct attention make_attention(size_t D, size_t heads)
{
    return (struct attention){random_linear(D, D), random_linear(D, D), random_linear(D, D), random_linear(D, D), heads};
}

static void attention_free(struct attention *a)
{
    linear_free(&a->q), linear_free(&a->k), linear_free(&a->v), linear_free(&a->o);
}

static struct batch make_batch(const struct kernels *k, const struct attention *a, enum use use, size_t B,
                               const size_t (*sizes)[2])
{
    const size_t D = a->o.weight.rows;
    struct batch b = {.B = B};
    for (size_t i = 0; i < B; i++) {
        b.S[i] = sizes[i][1];
        b.T[i] = use == ENCODER ? b.S[i] : sizes[i][0];
        b.R += b.T[i], b.rows += b.S[i];
    }
    b.x = random_floats(b.R * D, 1.5f);
    b.memory = random_floats(b.rows * D, 1.5f);
    for (size_t i = 0, r = 0, s = 0; i < B; r += b.T[i], s += b.S[i++])
        if (use != CROSS)
            memcpy(b.memory + (s + b.S[i] - b.T[i]) * D, b.x + r * D, b.T[i] * D * sizeof *b.x);
    b.keys = malloc(b.rows * D * sizeof *b.keys), b.values = malloc(b.rows * D * sizeof *b.values);
    attention_keys_values(k, a, b.memory, b.rows, 1, b.keys, b.values);
    return b;
}

static void batch_free(struct batch *b)
{
    free(b->x), free(b->memory), free(b->keys), free(b->values);
}

/* The sentences first .. first+count at once. The caller frees the result, (R, D). */
static float *run(const struct kernels *k, const struct attention *a, const struct batch *b, enum use use, size_t first,
                  size_t count, int threads)
{
    const size_t D = a->o.weight.rows;
    struct attention_view views[SENTENCES_MAX];
    size_t before = 0, row = 0, R = 0, T = 0, S = 0;
    for (size_t i = 0; i < first + count; row += b->S[i++]) {
        if (i < first) {
            before += b->T[i];
            continue;
        }
        views[i - first] = (struct attention_view){b->T[i], b->keys + row * D, b->values + row * D,
                                                   use == DECODER ? b->S[i] - b->T[i] + 1 : b->S[i], use == DECODER, NULL};
        R += b->T[i];
        T = b->T[i] > T ? b->T[i] : T;
        S = b->S[i] > S ? b->S[i] : S;
    }
    float *scratch = random_floats(attention_scratch(R, D, T, S, threads), 1e9f), *y = random_floats(R * D, 1);
    multi_head_attention(k, a, b->x + before * D, views, count, threads, scratch, y);
    free(scratch);
    return y;
}

/* head_h = softmax(Q_h K_h^T / sqrt(d_k)) V_h; MultiHead = Concat(head_1 .. head_H) W^O. */
static double *exact(const struct attention *a, const struct batch *b, enum use use)
{
    const size_t D = a->o.weight.rows, H = a->heads, d_k = D / H;
    double *x = as_doubles(b->x, b->R * D), *memory = as_doubles(b->memory, b->rows * D);
    double *Q = exact_linear(&a->q, x, b->R), *K = exact_linear(&a->k, memory, b->rows);
    double *V = exact_linear(&a->v, memory, b->rows), *concat = calloc(b->R * D + 1, sizeof *concat);
    for (size_t i = 0, r = 0, s = 0; i < b->B; r += b->T[i], s += b->S[i++])
        for (size_t h = 0; h < H; h++)
            for (size_t t = 0; t < b->T[i]; t++) {
                double p[256], sum = 0;
                for (size_t j = 0; j < b->S[i]; j++) {
                    double score = 0;
                    for (size_t d = h * d_k; d < (h + 1) * d_k; d++)
                        score += Q[(r + t) * D + d] * K[(s + j) * D + d];
                    const bool hidden = use == DECODER && j > b->S[i] - b->T[i] + t; /* what comes later */
                    sum += p[j] = hidden ? 0 : exp(score / sqrt((double)d_k));
                }
                for (size_t j = 0; j < b->S[i]; j++)
                    for (size_t d = h * d_k; d < (h + 1) * d_k; d++)
                        concat[(r + t) * D + d] += p[j] / sum * V[(s + j) * D + d];
            }
    double *y = exact_linear(&a->o, concat, b->R);
    free(x), free(memory), free(Q), free(K), free(V), free(concat);
    return y;
}

static void test_use(const struct kernels *k, enum use use, size_t D, size_t heads)
{
    static const size_t sizes[][2] = {{3, 5}, {1, 1}, {17, 17}, {1, 40}, {6, 33}};
    enum { B = sizeof sizes / sizeof *sizes };
    struct attention a = make_attention(D, heads);
    struct batch b = make_batch(k, &a, use, B, sizes);
    double *want = exact(&a, &b, use);
    float *y = run(k, &a, &b, use, 0, B, 1);
    const double off = distance(want, y, b.R * D);
    CHECK(off <= 2e-5, "%s, %s, D %zu, %zu heads: %g off", k->name, use_names[use], D, heads, off);
    for (size_t i = 0, row = 0; i < B; row += b.T[i++]) {
        float *alone = run(k, &a, &b, use, i, 1, 1);
        CHECK(same_bits(y + row * D, alone, b.T[i] * D), "%s, %s, %zu heads: sentence %zu alone", k->name,
              use_names[use], heads, i);
        free(alone);
    }
    free(want), free(y);
    batch_free(&b), attention_free(&a);
}

/* Keys and values that a query does not see, after what is visible to it, may be anything. */
static void test_hidden(const struct kernels *k, size_t growth)
{
    enum { D = 24, T = 7, S = 30, VISIBLE = 11 };
    struct attention a = make_attention(D, 3);
    float *x = random_floats(T * D, 1), *keys = random_floats(S * D, 1), *values = random_floats(S * D, 1);
    float *scratch = malloc(attention_scratch(T, D, T, S, 1) * sizeof *scratch), y[T * D], again[T * D];
    const struct attention_view view = {T, keys, values, VISIBLE, growth, NULL};
    multi_head_attention(k, &a, x, &view, 1, 1, scratch, y);
    for (size_t j = S; j-- > VISIBLE;) { /* one row more is hidden from a query less */
        for (size_t d = 0; d < D; d++)
            keys[j * D + d] = values[j * D + d] = NAN;
        multi_head_attention(k, &a, x, &view, 1, 1, scratch, again);
        const size_t blind = growth ? j - VISIBLE + 1 : T, queries = blind < T ? blind : T;
        CHECK(same_bits(y, again, queries * D), "%s: key %zu, growth %zu", k->name, j, growth);
        CHECK(queries == T || isnan(again[queries * D]), "%s: key %zu is not seen by query %zu", k->name, j, queries);
    }
    free(x), free(keys), free(values), free(scratch);
    attention_free(&a);
}

/* Recording changes no bit of the result. Every head's rows are written in full, zeros where the mask hides. */
static void test_record(const struct kernels *k, size_t growth)
{
    enum { D = 24, H = 3, T = 7, VISIBLE = 11 };
    const size_t S = VISIBLE + (T - 1) * growth;
    struct attention a = make_attention(D, H);
    float *x = random_floats(T * D, 1), *keys = random_floats(S * D, 1), *values = random_floats(S * D, 1);
    float *scratch = malloc(attention_scratch(T, D, T, S, 2) * sizeof *scratch), y[T * D], again[T * D];
    float *record = random_floats(H * T * S, 9);
    multi_head_attention(k, &a, x, &(struct attention_view){T, keys, values, VISIBLE, growth, NULL}, 1, 1, scratch, y);
    multi_head_attention(k, &a, x, &(struct attention_view){T, keys, values, VISIBLE, growth, record}, 1, 2, scratch, again);
    CHECK(same_bits(y, again, T * D), "%s, growth %zu: recording changes the result", k->name, growth);
    for (size_t row = 0; row < H * T; row++) {
        const size_t seen = VISIBLE + row % T * growth;
        double sum = 0, hidden = 0;
        for (size_t j = 0; j < S; j++)
            *(j < seen ? &sum : &hidden) += record[row * S + j];
        CHECK(fabs(sum - 1) < 1e-5 && hidden == 0, "%s: row %zu sums to %g and %g", k->name, row, sum, hidden);
    }
    free(x), free(keys), free(values), free(scratch), free(record);
    attention_free(&a);
}

/* Enough work for threads, more of them than heads too. */
static void test_threads(const struct kernels *k, enum use use)
{
    enum { B = 3, D = 72 };
    const size_t T = 1 + (size_t)sqrt(PARALLEL_WORK / (2.0 * D)), sizes[B][2] = {{T / 2, T}, {5, 90}, {T, T}};
    struct attention a = make_attention(D, 6);
    struct batch b = make_batch(k, &a, use, B, sizes);
    float *keys = random_floats(b.rows * D, 1), *values = random_floats(b.rows * D, 1), *y = run(k, &a, &b, use, 0, B, 1);
    for (int threads = 2; threads <= 8; threads *= 4) {
        float *many = run(k, &a, &b, use, 0, B, threads);
        CHECK(same_bits(y, many, b.R * D), "%s, %s: %d threads", k->name, use_names[use], threads);
        free(many);
        attention_keys_values(k, &a, b.memory, b.rows, threads, keys, values);
        CHECK(same_bits(b.keys, keys, b.rows * D) && same_bits(b.values, values, b.rows * D),
              "%s: keys and values with %d threads", k->name, threads);
    }
    free(keys), free(values), free(y);
    batch_free(&b), attention_free(&a);
}

int main(void)
{
    static const size_t widths[][2] = {{24, 1}, {24, 3}, {24, 24}, {40, 2}, {64, 4}, {2, 1}};
    for (size_t t = 0; kernels_available(t); t++) {
        const struct kernels *k = kernels_available(t);
        for (enum use use = ENCODER; use <= CROSS; use++) {
            for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
                test_use(k, use, widths[i][0], widths[i][1]);
            test_threads(k, use);
        }
        test_hidden(k, 0);
        test_hidden(k, 1);
        test_record(k, 0);
        test_record(k, 1);
    }
    return test_report();
}
