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
    float *x, *memory, *new_keys, *keys[SENTENCES_MAX], *values; /* new_keys (rows, D), keys as keys_store() has them */
};

static struct attention make_attention(size_t D, size_t heads, enum dtype dtype)
{
    return (struct attention){random_linear(D, D, dtype), random_linear(D, D, dtype), random_linear(D, D, dtype),
                              random_linear(D, D, dtype), heads};
}

static void keys_values(const struct kernels *k, const struct attention *a, const float *memory, size_t rows, int threads,
                        float *keys, float *values)
{
    void *scratch = allocate(input_scratch(k, rows, a->k.weight.columns));
    const struct input input = input_prepare(k, &a->k, memory, rows, scratch);
    attention_keys_values(k, a, &input, threads, keys, values);
    free(scratch);
}

static void attend(const struct kernels *k, const struct attention *a, const float *x, const struct attention_view *views,
                   size_t sentences, int threads, float *y)
{
    const size_t D = a->o.weight.rows;
    size_t R = 0, T = 0, S = 0;
    for (size_t i = 0; i < sentences; i++) {
        const size_t seen = views[i].visible + (views[i].queries - 1) * views[i].growth;
        R += views[i].queries;
        T = views[i].queries > T ? views[i].queries : T;
        S = seen > S ? seen : S;
    }
    float *scratch = random_floats(attention_scratch(k, R, D, T, S, threads), 1e9f);
    void *quantized = allocate(input_scratch(k, R, D));
    const struct input input = input_prepare(k, &a->q, x, R, quantized);
    multi_head_attention(k, a, &input, views, sentences, threads, scratch, y);
    free(scratch), free(quantized);
}

/* `count` rows as keys, NaN in the lanes that no key takes. */
static float *make_keys(const float *rows, size_t count, size_t D)
{
    float *keys = allocate(keys_floats(count, D) * sizeof *keys);
    for (size_t i = 0; i < keys_floats(count, D); i++)
        keys[i] = NAN;
    keys_store(rows, count, D, 0, keys);
    return keys;
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
    b.x = random_rows(b.R, D, 2);
    b.memory = random_rows(b.rows, D, 2);
    for (size_t i = 0, r = 0, s = 0; i < B; r += b.T[i], s += b.S[i++])
        if (use != CROSS)
            memcpy(b.memory + (s + b.S[i] - b.T[i]) * D, b.x + r * D, b.T[i] * D * sizeof *b.x);
    b.new_keys = random_floats(b.rows * D, 1), b.values = random_floats(b.rows * D, 1);
    keys_values(k, a, b.memory, b.rows, 1, b.new_keys, b.values);
    for (size_t i = 0, s = 0; i < B; s += b.S[i++])
        b.keys[i] = make_keys(b.new_keys + s * D, b.S[i], D);
    return b;
}

static void batch_free(struct batch *b)
{
    free(b->x), free(b->memory), free(b->new_keys), free(b->values);
    for (size_t i = 0; i < b->B; i++)
        free(b->keys[i]);
}

/* The sentences first .. first+count at once. The caller frees the result, (R, D). */
static float *run(const struct kernels *k, const struct attention *a, const struct batch *b, enum use use, size_t first,
                  size_t count, int threads)
{
    const size_t D = a->o.weight.rows;
    struct attention_view views[SENTENCES_MAX];
    size_t before = 0, row = 0, R = 0;
    for (size_t i = 0; i < first + count; row += b->S[i++]) {
        if (i < first) {
            before += b->T[i];
            continue;
        }
        views[i - first] = (struct attention_view){b->T[i], b->keys[i], b->values + row * D,
                                                   use == DECODER ? b->S[i] - b->T[i] + 1 : b->S[i], use == DECODER, NULL};
        R += b->T[i];
    }
    float *y = random_floats(R * D, 1);
    attend(k, a, b->x + before * D, views, count, threads, y);
    return y;
}

/* head_h = softmax(Q_h K_h^T / sqrt(d_k)) V_h; MultiHead = Concat(head_1 .. head_H) W^O. */
static struct exact exact(const struct attention *a, const struct batch *b, enum use use)
{
    const size_t D = a->o.weight.rows, H = a->heads, d_k = D / H;
    double *x = as_doubles(b->x, b->R * D), *memory = as_doubles(b->memory, b->rows * D);
    struct exact Q = exact_linear(&a->q, x, b->R), K = exact_linear(&a->k, memory, b->rows);
    struct exact V = exact_linear(&a->v, memory, b->rows);
    double *concat = calloc(b->R * D + 1, sizeof *concat);
    for (size_t i = 0, r = 0, s = 0; i < b->B; r += b->T[i], s += b->S[i++])
        for (size_t h = 0; h < H; h++)
            for (size_t t = 0; t < b->T[i]; t++) {
                double p[256], sum = 0;
                for (size_t j = 0; j < b->S[i]; j++) {
                    double score = 0;
                    for (size_t d = h * d_k; d < (h + 1) * d_k; d++)
                        score += Q.y[(r + t) * D + d] * K.y[(s + j) * D + d];
                    const bool hidden = use == DECODER && j > b->S[i] - b->T[i] + t; /* what comes later */
                    sum += p[j] = hidden ? 0 : exp(score / sqrt((double)d_k));
                }
                for (size_t j = 0; j < b->S[i]; j++)
                    for (size_t d = h * d_k; d < (h + 1) * d_k; d++)
                        concat[(r + t) * D + d] += p[j] / sum * V.y[(s + j) * D + d];
            }
    const struct exact y = exact_linear(&a->o, concat, b->R);
    free(x), free(memory), free(concat);
    exact_free(&Q), exact_free(&K), exact_free(&V);
    return y;
}

static void test_use(const struct kernels *k, enum use use, size_t D, size_t heads, enum dtype dtype)
{
    static const size_t sizes[][2] = {{3, 5}, {1, 1}, {17, 17}, {1, 40}, {6, 33}};
    enum { B = sizeof sizes / sizeof *sizes };
    struct attention a = make_attention(D, heads, dtype);
    struct batch b = make_batch(k, &a, use, B, sizes);
    struct exact want = exact(&a, &b, use);
    float *y = run(k, &a, &b, use, 0, B, 1);
    const double off = distance(&want, y, b.R * D);
    CHECK(off <= 2e-5, "%s, %s, %s, D %zu, %zu heads: %g off", k->name, use_names[use], dtype_name(dtype), D, heads, off);
    for (size_t i = 0, row = 0; i < B; row += b.T[i++]) {
        float *alone = run(k, &a, &b, use, i, 1, 1);
        CHECK(same_bits(y + row * D, alone, b.T[i] * D), "%s, %s, %zu heads: sentence %zu alone", k->name,
              use_names[use], heads, i);
        free(alone);
    }
    exact_free(&want), free(y);
    batch_free(&b), attention_free(&a);
}

/* Keys that a query does not see may be anything, and so may values that no query of the call sees. A value that a
 * later query sees only has to be finite: its weight is 0. */
static void test_hidden(const struct kernels *k, size_t growth)
{
    enum { D = 24, T = 7, S = 30, VISIBLE = 11 };
    struct attention a = make_attention(D, 3, DTYPE_F32);
    const size_t seen = VISIBLE + (T - 1) * growth;
    float *x = random_floats(T * D, 1), *rows = random_floats(S * D, 1), *values = random_floats(S * D, 1);
    float *keys = make_keys(rows, S, D), y[T * D], again[T * D], nothing[D], large[D];
    for (size_t d = 0; d < D; d++)
        nothing[d] = NAN, large[d] = d % 2 ? 3e38f : -3e38f;
    const struct attention_view view = {T, keys, values, VISIBLE, growth, NULL};
    attend(k, &a, x, &view, 1, 1, y);
    for (size_t j = S; j-- > VISIBLE;) { /* one row more is hidden from a query less */
        keys_store(nothing, 1, D, j, keys);
        memcpy(values + j * D, j < seen ? large : nothing, sizeof large);
        attend(k, &a, x, &view, 1, 1, again);
        const size_t blind = growth ? j - VISIBLE + 1 : T, queries = blind < T ? blind : T;
        CHECK(same_bits(y, again, queries * D), "%s: key %zu, growth %zu", k->name, j, growth);
        CHECK(queries == T || !same_bits(y + queries * D, again + queries * D, D), "%s: key %zu is not seen by query %zu", k->name, j, queries);
    }
    free(x), free(rows), free(keys), free(values);
    attention_free(&a);
}

/* Keys stored one by one, in any order and in several goes, lie where all at once do: key s in lane s % 16 of block
 * s / 16. */
static void test_keys_store(void)
{
    enum { S = 37, D = 5 };
    float *rows = random_floats(S * D, 1), *all = make_keys(rows, S, D), *parts = random_floats(keys_floats(S, D), 1);
    for (size_t i = 0; i < keys_floats(S, D); i++)
        parts[i] = NAN;
    for (size_t s = S; s-- > 20;)
        keys_store(rows + s * D, 1, D, s, parts);
    keys_store(rows, 13, D, 0, parts);
    keys_store(rows + 13 * D, 7, D, 13, parts);
    CHECK(same_bits(all, parts, keys_floats(S, D)), "in several goes");
    size_t wrong = 0;
    for (size_t s = 0; s < 48; s++)
        for (size_t d = 0; d < D; d++) {
            const float key = all[(s / 16 * D + d) * 16 + s % 16];
            wrong += s < S ? key != rows[s * D + d] : !isnan(key);
        }
    CHECK(keys_floats(S, D) == 48 * D && keys_floats(0, D) == 0 && wrong == 0, "%zu elements elsewhere", wrong);
    free(rows), free(all), free(parts);
}

/* Recording changes no bit of the result. Every head's rows are written in full, zeros where the mask hides. */
static void test_record(const struct kernels *k, size_t growth)
{
    enum { D = 24, H = 3, T = 7, VISIBLE = 11 };
    const size_t S = VISIBLE + (T - 1) * growth;
    struct attention a = make_attention(D, H, DTYPE_F32);
    float *x = random_floats(T * D, 1), *rows = random_floats(S * D, 1), *values = random_floats(S * D, 1);
    float *keys = make_keys(rows, S, D), *record = random_floats(H * T * S, 9), y[T * D], again[T * D];
    attend(k, &a, x, &(struct attention_view){T, keys, values, VISIBLE, growth, NULL}, 1, 1, y);
    attend(k, &a, x, &(struct attention_view){T, keys, values, VISIBLE, growth, record}, 1, 2, again);
    CHECK(same_bits(y, again, T * D), "%s, growth %zu: recording changes the result", k->name, growth);
    for (size_t row = 0; row < H * T; row++) {
        const size_t seen = VISIBLE + row % T * growth;
        double sum = 0, hidden = 0;
        for (size_t j = 0; j < S; j++)
            *(j < seen ? &sum : &hidden) += record[row * S + j];
        CHECK(fabs(sum - 1) < 1e-5 && hidden == 0, "%s: row %zu sums to %g and %g", k->name, row, sum, hidden);
    }
    free(x), free(rows), free(keys), free(values), free(record);
    attention_free(&a);
}

/* Enough work for threads, more of them than heads too. */
static void test_threads(const struct kernels *k, enum use use, enum dtype dtype)
{
    enum { B = 3, D = 72 };
    const size_t T = 1 + (size_t)sqrt(PARALLEL_WORK / (2.0 * D)), sizes[B][2] = {{T / 2, T}, {5, 90}, {T, T}};
    struct attention a = make_attention(D, 6, dtype);
    struct batch b = make_batch(k, &a, use, B, sizes);
    float *keys = random_floats(b.rows * D, 1), *values = random_floats(b.rows * D, 1), *y = run(k, &a, &b, use, 0, B, 1);
    for (int threads = 2; threads <= 8; threads *= 4) {
        float *many = run(k, &a, &b, use, 0, B, threads);
        CHECK(same_bits(y, many, b.R * D), "%s, %s: %d threads", k->name, use_names[use], threads);
        free(many);
        keys_values(k, &a, b.memory, b.rows, threads, keys, values);
        CHECK(same_bits(b.new_keys, keys, b.rows * D) && same_bits(b.values, values, b.rows * D),
              "%s: keys and values with %d threads", k->name, threads);
    }
    free(keys), free(values), free(y);
    batch_free(&b), attention_free(&a);
}

int main(void)
{
    static const size_t widths[][2] = {{24, 1}, {24, 3}, {24, 24}, {40, 2}, {64, 4}, {2, 1}};
    test_keys_store();
    for (size_t t = 0; test_table(t); t++) {
        const struct kernels *k = test_table(t);
        for (enum use use = ENCODER; use <= CROSS; use++) {
            for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
                test_use(k, use, widths[i][0], widths[i][1], DTYPE_F32);
                test_use(k, use, widths[i][0], widths[i][1], DTYPE_I8);
            }
            test_threads(k, use, DTYPE_F32);
            test_threads(k, use, DTYPE_I8);
        }
        test_hidden(k, 0);
        test_hidden(k, 1);
        test_record(k, 0);
        test_record(k, 1);
    }
    return test_report();
}
