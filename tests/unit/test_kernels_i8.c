/* The int8 products of every kernel table: to the bit those of the scalar one, and of integers summed up in int64. The
 * elements of a quantized row are read back through a product with the unit matrix, whatever way the table stores them.
 */
#include <float.h>

#include "layers.h"

/* x (M, K) quantized by the table. The caller frees q. */
static void *quantize(const struct kernels *k, const float *x, size_t M, size_t K, float *scale)
{
    void *q = allocate(M * quantized_row(k, K));
    k->quantize(x, M, K, q, scale);
    return q;
}

/* The integers (M, K) of quantized rows, as floats. */
static float *read_back(const struct kernels *k, const void *q, size_t M, size_t K)
{
    int8_t *unit = calloc(K * K + 1, 1);
    float *ones = allocate((K > M ? K : M) * sizeof *ones), *y = random_floats(M * K, 1);
    for (size_t i = 0; i < (K > M ? K : M); i++)
        ones[i] = 1;
    for (size_t i = 0; i < K; i++)
        unit[i * K + i] = 1;
    struct matrix w = pack(unit, K, K, 1);
    memcpy((float *)w.scale, ones, K * sizeof *ones);
    k->gemm_i8(&w, NULL, -INFINITY, q, ones, M, y, K);
    free(unit), free(ones), matrix_free(&w);
    return y;
}

/* Against the scalar table, and each row against x * 127 / max |x|, rounded. */
static void test_quantize(const struct kernels *k, size_t M, size_t K, float spread)
{
    float *x = random_floats(M * K, spread), *scale = random_floats(M, 1), *want_scale = random_floats(M, 1);
    void *q = quantize(k, x, M, K, scale), *want_q = quantize(&kernels_scalar, x, M, K, want_scale);
    float *got = read_back(k, q, M, K), *want = read_back(&kernels_scalar, want_q, M, K);
    CHECK(same_bits(want_scale, scale, M) && same_bits(want, got, M * K), "%s quantize %zu x %zu", k->name, M, K);
    for (size_t m = 0; m < M; m++) {
        double max = 0, worst = 0;
        for (size_t i = 0; i < K; i++)
            max = fmax(max, fabs(x[m * K + i]));
        for (size_t i = 0; i < K; i++)
            worst = fmax(worst, fabs(got[m * K + i] - x[m * K + i] * 127 / max));
        CHECK(fabs(scale[m] - max / 127) <= 1e-7 * max && worst <= 0.5 + 1e-4, "%s: %g off, scale %g, max %g", k->name,
              worst, scale[m], max);
    }
    free(x), free(scale), free(want_scale), free(q), free(want_q), free(got), free(want);
}

/* Rows of 1 to 40 elements that begin with `x`, the rest of them zero, or only x if there is no room. */
static void expect_row(const struct kernels *k, const float *x, const float *want, size_t n, float scale)
{
    for (size_t K = n; K <= 40; K++) {
        float *row = calloc(K, sizeof *row), got_scale = 5;
        memcpy(row + K - n, x, n * sizeof *row); /* in the vector's end as well as in whole ones */
        void *q = quantize(k, row, 1, K, &got_scale);
        float *got = read_back(k, q, 1, K);
        CHECK(same_bits(&scale, &got_scale, 1), "%s, %g ..., K %zu: scale %g, want %g", k->name, x[0], K, got_scale, scale);
        for (size_t i = 0; i < K; i++) {
            const float wanted = i < K - n ? 0 : want[i - (K - n)];
            CHECK(got[i] == wanted, "%s, %g ..., K %zu: %g at %zu, want %g", k->name, x[0], K, got[i], i, wanted);
        }
        free(row), free(q), free(got);
    }
}
#define EXPECT_ROW(k, scale, ...)                                                                           \
    do {                                                                                                    \
        static const float rows[2][8] = {__VA_ARGS__};                                                      \
        expect_row(k, rows[0], rows[1], 8, scale);                                                          \
    } while (0)

static void test_special_rows(const struct kernels *k)
{
    /* ties go to the even neighbour: the factor is exactly 1, 1/2 and 2 */
    EXPECT_ROW(k, 1, {127, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f, 126.5f}, {127, 0, 2, 2, 0, -2, -2, 126});
    EXPECT_ROW(k, 2, {1, 3, 5, -1, -3, -254, 253, 252}, {0, 2, 2, 0, -2, -127, 126, 126});
    EXPECT_ROW(k, 0.5f, {0.25f, 0.75f, -63.5f, -0.25f, 63.25f, 0.125f, 0.375f, 63.125f}, {0, 2, -127, 0, 126, 0, 1, 126});
    EXPECT_ROW(k, 0, {0, -0.0f, 0, 0, 0, 0, 0, -0.0f}, {0});
    EXPECT_ROW(k, 1, {-0.0f, 127, 1e-40f, -1e-40f, FLT_MIN, -FLT_MIN, 0.499f, -0.499f}, {0, 127, 0});
    /* too small to divide by: zeros */
    EXPECT_ROW(k, FLT_TRUE_MIN / 127, {FLT_TRUE_MIN, -FLT_TRUE_MIN, 0, 0, 0, 0, 0, 0}, {0});
    EXPECT_ROW(k, 1e-38f / 127, {1e-38f, -1e-38f, 1e-40f, 5e-39f, -1e-45f, 0, 0, 0}, {0});
    EXPECT_ROW(k, 0.99e-30f / 127, {0.99e-30f, -0.99e-30f, 0.5e-30f, 0, 0, 0, 0, 0}, {0});
    EXPECT_ROW(k, 1.0e-30f / 127, {1.0e-30f, -1.0e-30f, 0.25e-30f, 0, 0, 0, 0, 0}, {127, -127, 32});
    EXPECT_ROW(k, FLT_MAX / 127, {FLT_MAX, -FLT_MAX, FLT_MAX / 4, -FLT_MAX / 4, 1, 0, 0, 0}, {127, -127, 32, -32});
    /* NaN is no maximum and becomes -127; beside an infinity everything finite is nothing */
    EXPECT_ROW(k, 1, {NAN, 127, -NAN, 3, -127, NAN, NAN, 0}, {-127, 127, -127, 3, -127, -127, -127, 0});
    EXPECT_ROW(k, INFINITY, {INFINITY, 1, -1, FLT_MAX, -INFINITY, NAN, 0, 3}, {-127, 0, 0, 0, -127, -127, 0, 0});
    static const float nans[3] = {NAN, NAN, NAN}, lowest[3] = {-127, -127, -127};
    expect_row(k, nans, lowest, 3, 0);
}

struct product {
    size_t M, N, K;
    int8_t *w;        /* (N, K) */
    struct matrix packed;
    float *x, *bias;  /* (M, K), (N) or NULL */
    float least;
    int8_t *q;        /* (M, K) x quantized; read back unless it is known */
    float *scale;     /* (M) */
};

/* y by the table, y_stride elements from row to row and no more after the last. */
static float *multiply(const struct kernels *k, struct product *p, size_t y_stride)
{
    const size_t size = (p->M - 1) * y_stride + p->N;
    float *y = allocate(size * sizeof *y);
    memset(y, 0xee, size * sizeof *y);
    void *q = quantize(k, p->x, p->M, p->K, p->scale);
    if (!p->q) {
        float *integers = read_back(k, q, p->M, p->K);
        p->q = allocate(p->M * p->K);
        for (size_t i = 0; i < p->M * p->K; i++)
            p->q[i] = (int8_t)integers[i];
        free(integers);
    }
    k->gemm_i8(&p->packed, p->bias, p->least, q, p->scale, p->M, y, y_stride);
    free(q);
    return y;
}

/* How many outputs are not max(fma(sum, scales, bias), least), the sum in int64. */
static size_t count_wrong(const struct product *p, const float *y, size_t y_stride)
{
    size_t wrong = 0;
    for (size_t m = 0; m < p->M; m++)
        for (size_t n = 0; n < p->N; n++) {
            int64_t sum = 0;
            for (size_t i = 0; i < p->K; i++)
                sum += (int64_t)p->q[m * p->K + i] * p->w[n * p->K + i];
            float want = fmaf((float)sum, p->scale[m] * p->packed.scale[n], p->bias ? p->bias[n] : 0);
            want = want > p->least ? want : p->least;
            wrong += !same_bits(&want, &y[m * y_stride + n], 1);
        }
    return wrong;
}

static void test_product(const struct kernels *k, struct product *p)
{
    const size_t y_stride = p->N + below(5), size = (p->M - 1) * y_stride + p->N;
    p->packed = pack(p->w, p->N, p->K, 0.01f);
    p->scale = allocate(p->M * sizeof *p->scale);
    float *got = multiply(k, p, y_stride), *want = multiply(&kernels_scalar, p, y_stride);
    CHECK(same_bits(want, got, size), "%s M %zu N %zu K %zu: not the scalar bits", k->name, p->M, p->N, p->K);
    const size_t wrong = count_wrong(p, got, y_stride);
    CHECK(wrong == 0, "%s M %zu N %zu K %zu: %zu sums are wrong", k->name, p->M, p->N, p->K, wrong);
    free(want), free(got), free(p->w), free(p->x), free(p->bias), free(p->q), free(p->scale);
    matrix_free(&p->packed);
}

static void test_random(const struct kernels *k, size_t M, size_t N, size_t K)
{
    struct product p = {M, N, K, .x = random_floats(M * K, 3), .bias = below(3) ? random_floats(N, 0.5f) : NULL,
                        .least = below(2) ? 0 : -INFINITY, .w = allocate(N * K)};
    for (size_t i = 0; i < N * K; i++)
        p.w[i] = below(8) ? (int8_t)random_next() : (int8_t)(random_next() & 1 ? 127 : -128);
    test_product(k, &p);
}

/* All activations 127 or -127, all weights -`weight` or as much as fits on the other side: a sum of two products in 16 bits would saturate, and K = 65536,
 * the widest layer there can be, comes close to what int32 holds where activations are stored as 255. */
static void test_extreme(const struct kernels *k, size_t M, size_t K, int weight)
{
    enum { N = 19 };
    struct product p = {M, N, K, .x = allocate(M * K * sizeof(float)), .w = allocate(N * K), .least = -INFINITY,
                        .q = allocate(M * K)};
    for (size_t m = 0; m < M; m++)
        for (size_t i = 0; i < K; i++) { /* all +, all -, and by turns */
            p.x[m * K + i] = m % 3 == 0 || (m % 3 == 2 && i % 2) ? 1 : -1;
            p.q[m * K + i] = (int8_t)(127 * p.x[m * K + i]);
        }
    for (size_t n = 0; n < N; n++)
        for (size_t i = 0; i < K; i++)
            p.w[n * K + i] = (int8_t)(n % 3 == 0 || (n % 3 == 2 && i % 2) ? -weight : weight < 128 ? weight : 127);
    test_product(k, &p);
}

/* NaN and infinities come out as `least`, whatever the table: a sum of 0 times an infinite scale is NaN. */
static void test_not_numbers(const struct kernels *k)
{
    enum { M = 3, N = 20, K = 24 };
    for (int relu = 0; relu < 2; relu++) {
        struct product p = {M, N, K, .x = random_floats(M * K, 1), .w = calloc(N * K, 1), .bias = random_floats(N, 1),
                            .least = relu ? 0 : -INFINITY};
        for (size_t n = 0; n < N; n++)
            p.w[n * K + n % 2] = 1;
        p.x[0] = NAN, p.x[K] = INFINITY, p.x[2 * K + 1] = -INFINITY;
        p.bias[3] = NAN, p.bias[4] = INFINITY, p.bias[5] = -INFINITY, p.bias[6] = -0.0f;
        test_product(k, &p);
    }
}

int main(void)
{
    static const size_t edges[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 20, 31, 32, 33, 48, 63, 64, 65, 79, 100};
    const size_t count = sizeof edges / sizeof *edges;
    for (size_t t = 0; test_table(t); t++) {
        const struct kernels *k = test_table(t);
        for (size_t i = 0; i < count; i++)
            test_quantize(k, 1 + below(9), edges[i], i % 2 ? 1 : 1000), test_quantize(k, 3, edges[i], 1e-20f);
        test_special_rows(k);
        for (int round = 0; round < 300; round++)
            test_random(k, 1 + below(round % 10 ? 13 : 70), edges[below(count)], edges[below(count)]);
        for (size_t M = 1; M <= 14; M++)
            test_random(k, M, 100, 100);
        for (size_t M = 1; M <= 7; M += 3) {
            test_extreme(k, M, 8192, 127);
            test_extreme(k, M, 65536, 127);
            test_extreme(k, M, 65536, 128); /* -128 by hand: export.py writes none */
        }
        test_not_numbers(k);
    }
    return test_report();
}
