/* Every kernel table against the scalar one, which must agree to the bit, and the scalar one against double
 * precision, on random shapes, edges and extreme values. */
#include <math.h>
#include <stdlib.h>

#include "../../src/kernels/kernels.h"
#include "test.h"

static uint64_t state = 88172645463325252u;
static uint32_t next(void)
{
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (uint32_t)(state >> 32);
}
static float uniform(void) { return (float)next() / 2147483648.0f - 1.0f; }
static size_t below(size_t n) { return next() % n; }

static float *random_floats(size_t n, float spread)
{
    float *x = malloc((n + 1) * sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = uniform() * spread;
    return x;
}

/* Weights that end exactly at the end of their allocation, so that the sanitizers see a read past it. */
static struct matrix random_matrix(size_t rows, size_t columns, enum dtype dtype)
{
    size_t n = rows * columns;
    unsigned char *data = malloc(n * dtype_bytes(dtype) + (n == 0));
    float *scale = NULL;
    for (size_t i = 0; i < n; i++) {
        float f = uniform();
        uint16_t half = (uint16_t)(next() & 0xbbff); /* any half below 2 in size, subnormals too */
        int8_t byte = below(8) ? (int8_t)next() : (int8_t)(next() & 1 ? 127 : -128);
        memcpy(data + i * dtype_bytes(dtype), dtype == DTYPE_F32 ? (void *)&f : dtype == DTYPE_F16 ? (void *)&half : (void *)&byte,
               dtype_bytes(dtype));
    }
    if (dtype == DTYPE_I8)
        scale = random_floats(rows, 0.01f);
    return (struct matrix){data, scale, dtype, rows, columns, columns};
}

static void matrix_free(struct matrix *w)
{
    free((void *)w->data);
    free((void *)w->scale);
}

static bool same(const float *a, const float *b, size_t n) { return memcmp(a, b, n * sizeof *a) == 0; }

static void test_gemm(const struct kernels *k, size_t M, size_t N, size_t K, enum dtype dtype)
{
    struct matrix w = random_matrix(N, K, dtype);
    size_t x_stride = K + below(5), y_stride = N + below(5);
    float *x = random_floats(M * x_stride, 2), *bias = below(3) ? random_floats(N, 1) : NULL;
    float *want = calloc(M * y_stride + 1, sizeof *want), *got = calloc(M * y_stride + 1, sizeof *got);
    kernels_scalar.gemm(&w, bias, x, x_stride, M, want, y_stride);
    k->gemm(&w, bias, x, x_stride, M, got, y_stride);
    CHECK(same(want, got, M * y_stride), "%s M %zu N %zu K %zu %s", k->name, M, N, K, dtype_name(dtype));
    matrix_free(&w);
    free(x), free(bias), free(want), free(got);
}

/* The specification itself, against double precision. */
static void test_scalar_gemm(enum dtype dtype)
{
    enum { M = 3, N = 5, K = 300 };
    struct matrix w = random_matrix(N, K, dtype);
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
    float *x = random_floats(n, spread), *a = malloc((n + 1) * 4), *b = malloc((n + 1) * 4);
    float *r = random_floats(n, 1), *g = random_floats(n, 1), *be = random_floats(n, 1);
    memcpy(a, x, n * 4), memcpy(b, x, n * 4);
    kernels_scalar.softmax(a, n, 0.3f), k->softmax(b, n, 0.3f);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i];
    CHECK(fabs(sum - 1) < 1e-5, "softmax sums to %g", sum);
    CHECK(same(a, b, n), "%s softmax n %zu", k->name, n);
    memcpy(a, x, n * 4), memcpy(b, x, n * 4);
    kernels_scalar.swish(a, n), k->swish(b, n);
    CHECK(same(a, b, n), "%s swish n %zu", k->name, n);
    for (size_t i = 0; i < n; i++)
        CHECK(fabs(a[i] - x[i] / (1 + exp(-(double)x[i]))) <= 1e-6 * (1 + fabs(x[i])), "swish(%g) = %g", x[i], a[i]);
    memcpy(a, x, n * 4), memcpy(b, x, n * 4);
    kernels_scalar.relu(a, n), k->relu(b, n);
    CHECK(same(a, b, n), "%s relu n %zu", k->name, n);
    kernels_scalar.add_norm(x, r, g, be, n, 1e-5f, a), k->add_norm(x, r, g, be, n, 1e-5f, b);
    CHECK(same(a, b, n), "%s add_norm n %zu", k->name, n);
    if (n > 2)
        x[below(n)] = x[below(n)]; /* a tie: the first must win */
    CHECK(kernels_scalar.argmax(x, n) == k->argmax(x, n), "%s argmax n %zu", k->name, n);
    free(x), free(a), free(b), free(r), free(g), free(be);
}

static void test_mix(const struct kernels *k, size_t n, size_t width)
{
    size_t stride = width + below(9);
    float *p = random_floats(n, 1), *v = random_floats(n * stride, 1), a[200], b[200];
    kernels_scalar.mix(p, v, stride, n, width, a), k->mix(p, v, stride, n, width, b);
    CHECK(same(a, b, width), "%s mix n %zu width %zu", k->name, n, width);
    free(p), free(v);
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
}

int main(void)
{
    static const size_t edges[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 31, 32, 33, 48, 64, 100, 256};
    const size_t count = sizeof edges / sizeof *edges;
    for (enum dtype dtype = DTYPE_F32; dtype <= DTYPE_I8; dtype++)
        test_scalar_gemm(dtype);
    for (size_t t = 0; kernels_available(t); t++) {
        const struct kernels *k = kernels_available(t);
        for (int round = 0; round < 300; round++)
            test_gemm(k, 1 + below(round % 10 ? 9 : 70), edges[below(count)], edges[below(count)],
                      (enum dtype)below(3));
        for (size_t i = 1; i < count; i++)
            test_rows(k, edges[i], i % 2 ? 1 : 60), test_mix(k, edges[below(count)], edges[below(count - 1)]);
        test_specials(k);
    }
    return test_report();
}
