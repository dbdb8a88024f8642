/* Every kernel table against the scalar one, which must agree to the bit, and the scalar one against double
 * precision, on random shapes, edges and extreme values. The int8 products are in test_kernels_i8.c. */
#include "layers.h"

static void test_gemm(const struct kernels *k, size_t M, size_t N, size_t K, enum dtype dtype)
{
    struct matrix w = random_matrix(N, K, dtype, below(4));
    size_t x_stride = K + below(5), y_stride = N + below(5), y_size = (M - 1) * y_stride + N;
    float *x = random_floats((M - 1) * x_stride + K, 2), *bias = below(3) ? random_floats(N, 1) : NULL;
    float *want = random_floats(y_size, 1), *got = allocate(y_size * sizeof *got);
    memcpy(got, want, y_size * sizeof *got);
    kernels_scalar.gemm(&w, bias, x, x_stride, M, want, y_stride);
    k->gemm(&w, bias, x, x_stride, M, got, y_stride);
    CHECK(same_bits(want, got, y_size), "%s M %zu N %zu K %zu %s", k->name, M, N, K, dtype_name(dtype));
    matrix_free(&w);
    free(x), free(bias), free(want), free(got);
}

/* The specification itself, against double precision. */
static void test_scalar_gemm(enum dtype dtype)
{
    enum { M = 3, N = 5, K = 300 };
    struct matrix w = random_matrix(N, K, dtype, 3);
    float *x = random_floats(M * K, 1), y[M * N], row[K];
    kernels_scalar.gemm(&w, NULL, x, K, M, y, N);
    for (size_t m = 0; m < M; m++)
        for (size_t n = 0; n < N; n++) {
            double sum = 0, size = 0;
            kernels_scalar.widen(&w, n, 1.0f, row);
            for (size_t i = 0; i < K; i++) {
                sum += (double)x[m * K + i] * row[i];
                size += fabs((double)x[m * K + i] * row[i]);
            }
            CHECK(fabs(sum - y[m * N + n]) <= 1e-6 * size + 1e-12, "want %g got %g", sum, y[m * N + n]);
        }
    matrix_free(&w);
    free(x);
}

static void test_rows(const struct kernels *k, size_t n, float spread)
{
    float *x = random_floats(n, spread), *a = allocate(n * 4), *b = allocate(n * 4);
    float *r = random_floats(n, 1), *g = random_floats(n, 1), *be = random_floats(n, 1);
    memcpy(a, x, n * 4), memcpy(b, x, n * 4);
    kernels_scalar.softmax(a, n, 0.3f), k->softmax(b, n, 0.3f);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i];
    CHECK(fabs(sum - 1) < 1e-5, "softmax sums to %g", sum);
    CHECK(same_bits(a, b, n), "%s softmax n %zu", k->name, n);
    memcpy(a, x, n * 4), memcpy(b, x, n * 4);
    kernels_scalar.swish(a, n), k->swish(b, n);
    CHECK(same_bits(a, b, n), "%s swish n %zu", k->name, n);
    for (size_t i = 0; i < n; i++)
        CHECK(fabs(a[i] - x[i] / (1 + exp(-(double)x[i]))) <= 1e-6 * (1 + fabs(x[i])), "swish(%g) = %g", x[i], a[i]);
    memcpy(a, x, n * 4), memcpy(b, x, n * 4);
    kernels_scalar.relu(a, n), k->relu(b, n);
    CHECK(same_bits(a, b, n), "%s relu n %zu", k->name, n);
    kernels_scalar.add_norm(x, r, g, be, n, 1e-5f, a), k->add_norm(x, r, g, be, n, 1e-5f, b);
    CHECK(same_bits(a, b, n), "%s add_norm n %zu", k->name, n);
    x[below(n)] = x[below(n)]; /* a tie: the first must win */
    CHECK(kernels_scalar.argmax(x, n) == k->argmax(x, n), "%s argmax n %zu", k->name, n);
    free(x), free(a), free(b), free(r), free(g), free(be);
}

/* Row r of a matrix, as floats: of I8 it must be factor * scale times the integers that pack() was given. */
static void test_widen(const struct kernels *k, size_t columns, enum dtype dtype)
{
    enum { ROWS = 37 };
    struct matrix w = random_matrix(ROWS, columns, dtype, below(4));
    float *want = allocate(columns * sizeof *want), *got = allocate(columns * sizeof *got);
    for (size_t r = 0; r < ROWS; r++) {
        kernels_scalar.widen(&w, r, 1.7f, want);
        k->widen(&w, r, 1.7f, got);
        CHECK(same_bits(want, got, columns), "%s widen %zu %s", k->name, columns, dtype_name(dtype));
    }
    matrix_free(&w);
    int8_t q[ROWS * 300];
    for (size_t i = 0; i < ROWS * columns; i++)
        q[i] = (int8_t)random_next();
    w = pack(q, ROWS, columns, 0.01f);
    for (size_t r = 0; r < ROWS; r++) {
        k->widen(&w, r, 1.7f, got);
        for (size_t c = 0; c < columns; c++)
            want[c] = 1.7f * w.scale[r] * q[r * columns + c];
        CHECK(same_bits(want, got, columns), "%s widen packed row %zu of %zu", k->name, r, columns);
    }
    matrix_free(&w);
    free(want), free(got);
}

/* Key s is lane s % 16 of block s / 16; the head's columns are `width` of `block / 16`. */
static void test_scores(const struct kernels *k, size_t T, size_t S, size_t width)
{
    const size_t q_stride = width + below(9), block = (width + below(9)) * 16, blocks = (S + 15) / 16;
    const size_t y_stride = (blocks + below(2)) * 16, y_size = (T - 1) * y_stride + blocks * 16;
    const size_t key_count = S ? (blocks - 1) * block + width * 16 : 0;
    float *q = random_floats((T - 1) * q_stride + width, 1), *keys = random_floats(key_count, 1);
    float *want = random_floats(y_size, 1), *got = allocate(y_size * sizeof *got);
    memcpy(got, want, y_size * sizeof *got);
    kernels_scalar.scores(q, q_stride, T, keys, block, S, width, want, y_stride);
    k->scores(q, q_stride, T, keys, block, S, width, got, y_stride);
    CHECK(same_bits(want, got, y_size), "%s scores T %zu S %zu width %zu", k->name, T, S, width);
    double worst = 0;
    for (size_t t = 0; t < T; t++)
        for (size_t s = 0; s < S; s++) {
            double sum = 0;
            for (size_t i = 0; i < width; i++)
                sum += (double)q[t * q_stride + i] * keys[s / 16 * block + i * 16 + s % 16];
            worst = fmax(worst, fabs(sum - got[t * y_stride + s]));
        }
    CHECK(worst <= 1e-7 * (double)(width + 1), "%s scores: %g off", k->name, worst);
    for (size_t i = 0; S % 16 && i < width; i++) /* lanes without a key may hold anything */
        for (size_t lane = S % 16; lane < 16; lane++)
            keys[(blocks - 1) * block + i * 16 + lane] = NAN;
    k->scores(q, q_stride, T, keys, block, S, width, got, y_stride);
    for (size_t t = 0; t < T; t++)
        CHECK(same_bits(want + t * y_stride, got + t * y_stride, S), "%s scores S %zu: NaN spreads", k->name, S);
    free(q), free(keys), free(want), free(got);
}

static void test_mix(const struct kernels *k, size_t T, size_t n, size_t width)
{
    const size_t p_stride = n + below(9), v_stride = width + below(9), y_stride = width + below(9);
    const size_t y_size = (T - 1) * y_stride + width;
    float *p = random_floats((T - 1) * p_stride + n, 1), *v = random_floats(n ? (n - 1) * v_stride + width : 0, 1);
    float *want = random_floats(y_size, 1), *got = allocate(y_size * sizeof *got);
    memcpy(got, want, y_size * sizeof *got);
    kernels_scalar.mix(p, p_stride, T, v, v_stride, n, width, want, y_stride);
    k->mix(p, p_stride, T, v, v_stride, n, width, got, y_stride);
    CHECK(same_bits(want, got, y_size), "%s mix T %zu n %zu width %zu", k->name, T, n, width);
    double worst = 0;
    for (size_t t = 0; t < T; t++)
        for (size_t i = 0; i < width; i++) {
            double sum = 0;
            for (size_t s = 0; s < n; s++)
                sum += (double)p[t * p_stride + s] * v[s * v_stride + i];
            worst = fmax(worst, fabs(sum - got[t * y_stride + i]));
        }
    CHECK(worst <= 1e-6 * (double)(n + 1), "%s mix: %g off", k->name, worst);
    free(p), free(v), free(want), free(got);
}

static void test_specials(const struct kernels *k)
{
    float low[40], none[3] = {-INFINITY, -INFINITY, -INFINITY};
    for (size_t i = 0; i < 40; i++)
        low[i] = i == 7 ? 0 : -1e30f;
    k->softmax(low, 40, 1);
    CHECK(low[7] > 0.999f && low[8] < 1e-30f && low[39] >= 0, "%s %g %g", k->name, low[7], low[8]);
    CHECK(k->argmax(none, 3) == 0, "%s", k->name);
    float nan[20];
    for (size_t i = 0; i < 20; i++)
        nan[i] = NAN;
    CHECK(k->argmax(nan, 20) < 20, "%s", k->name);
    const float edges[] = {-0.0f, NAN, -INFINITY, INFINITY, 0.0f, -1.0f};
    float x[20], zero_or_more[20];
    for (size_t i = 0; i < 20; i++) {
        x[i] = edges[i % 6];
        zero_or_more[i] = i % 6 == 3 ? INFINITY : 0;
    }
    k->relu(x, 20);
    CHECK(same_bits(x, zero_or_more, 20), "%s relu of -0, NaN and infinities", k->name);
}

int main(void)
{
    static const size_t edges[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 31, 32, 33, 48, 64, 100, 256};
    const size_t count = sizeof edges / sizeof *edges;
    for (enum dtype dtype = DTYPE_F32; dtype <= DTYPE_F16; dtype++)
        test_scalar_gemm(dtype);
    for (size_t t = 0; test_table(t); t++) {
        const struct kernels *k = test_table(t);
        for (int round = 0; round < 300; round++)
            test_gemm(k, 1 + below(round % 10 ? 9 : 70), edges[below(count)], edges[below(count)], (enum dtype)below(2));
        for (size_t i = 1; i < count; i++) {
            test_rows(k, edges[i], i % 2 ? 1 : 60);
            for (enum dtype dtype = DTYPE_F32; dtype <= DTYPE_I8; dtype++)
                test_widen(k, edges[i], dtype);
        }
        for (int round = 0; round < 200; round++) {
            test_scores(k, 1 + below(round % 10 ? 20 : 100), edges[below(count)], edges[below(count - 1)]);
            test_mix(k, 1 + below(round % 10 ? 20 : 100), edges[below(count)], edges[below(count - 1)]);
        }
        test_specials(k);
    }
    return test_report();
}
