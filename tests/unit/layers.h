/* Random numbers, matrices and layers, and the layers' mathematics in double precision, one loop an equation. What is
 * allocated here is exactly as large as its user may rely on, so that the sanitizers see a read or write past it. */
#ifndef TEST_LAYERS_H
#define TEST_LAYERS_H

#include <math.h>
#include <stdlib.h>

#include "../../src/nn/linear.h"
#include "tables.h"
#include "test.h"

static uint64_t random_state = 88172645463325252u;

static inline uint32_t random_next(void)
{
    random_state ^= random_state << 13, random_state ^= random_state >> 7, random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32);
}

static inline size_t below(size_t n) { return random_next() % n; }

static inline void *allocate(size_t bytes)
{
    return malloc(bytes ? bytes : 1);
}

/* n floats in [-spread, spread). */
static inline float *random_floats(size_t n, float spread)
{
    float *x = allocate(n * sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = ((float)random_next() / 2147483648.0f - 1.0f) * spread;
    return x;
}

/* x (M, K) whose elements, quantized, are nowhere near a tie of the rounding: in float and in double they become the
 * same integers. Its greatest magnitude is `spread`, a power of two. */
static inline float *random_rows(size_t M, size_t K, float spread)
{
    float *x = allocate(M * K * sizeof *x);
    for (size_t m = 0; m < M; m++)
        for (size_t k = 0, greatest = K ? below(K) : 0; k < K; k++) {
            const float step = (float)below(253) - 126, off = (float)below(801) / 1000 - 0.4f;
            x[m * K + k] = (k == greatest ? (random_next() & 1 ? 127 : -127) : step + off) / 127 * spread;
        }
    return x;
}

/* The int8 matrix q (rows, columns) as kernels.h packs it, with random scales of at most `scale`. */
static inline struct matrix pack(const int8_t *q, size_t rows, size_t columns, float scale)
{
    const size_t blocks = (rows + 15) / 16, groups = (columns + 3) / 4;
    int8_t *data = allocate(blocks * groups * 64);
    int32_t *offset = calloc(blocks * 16 + (blocks == 0), sizeof *offset);
    float *scales = random_floats(rows, scale);
    memset(data, 0, blocks * groups * 64);
    for (size_t r = 0; r < rows; r++) {
        scales[r] = fabsf(scales[r]) + scale / 100;
        for (size_t c = 0; c < columns; c++) {
            data[((r / 16 * groups + c / 4) * 16 + r % 16) * 4 + c % 4] = q[r * columns + c];
            offset[r] -= 128 * q[r * columns + c];
        }
    }
    return (struct matrix){data, scales, offset, DTYPE_I8, rows, columns, groups * 4};
}

/* F32 and F16 get a stride if `spare` is more than 0. Elements are of (-1, 1), or int8 with a scale of at most 0.01. */
static inline struct matrix random_matrix(size_t rows, size_t columns, enum dtype dtype, size_t spare)
{
    const size_t stride = columns + spare, n = dtype == DTYPE_I8 || rows == 0 ? rows * columns : rows * stride - spare;
    unsigned char *data = allocate(n * dtype_bytes(dtype));
    for (size_t i = 0; i < n; i++) {
        const float f = (float)random_next() / 2147483648.0f - 1.0f;
        const uint16_t half = (uint16_t)(random_next() & 0xbbff); /* any half below 1 in size, subnormals too */
        const int8_t byte = below(8) ? (int8_t)random_next() : (int8_t)(random_next() & 1 ? 127 : -128);
        memcpy(data + i * dtype_bytes(dtype),
               dtype == DTYPE_F32 ? (const void *)&f : dtype == DTYPE_F16 ? (const void *)&half : (const void *)&byte,
               dtype_bytes(dtype));
    }
    if (dtype != DTYPE_I8)
        return (struct matrix){data, NULL, NULL, dtype, rows, columns, stride};
    struct matrix w = pack((const int8_t *)data, rows, columns, 0.01f);
    free(data);
    return w;
}

static inline void matrix_free(struct matrix *w)
{
    free((void *)w->data), free((void *)w->scale), free((void *)w->offset);
}

/* Its weights are about 1 / sqrt(in), but of F16 below 1. */
static inline struct linear random_linear(size_t out, size_t in, enum dtype dtype)
{
    struct linear l = {.weight = random_matrix(out, in, dtype, 0), .bias = random_floats(out, 0.5f)};
    float *factors = (float *)(dtype == DTYPE_I8 ? (const void *)l.weight.scale : l.weight.data);
    const size_t n = dtype == DTYPE_I8 ? out : dtype == DTYPE_F32 ? out * in : 0;
    for (size_t i = 0; i < n; i++)
        factors[i] *= 1.5f / sqrtf((float)in);
    return l;
}

static inline void linear_free(struct linear *l)
{
    matrix_free(&l->weight);
    free((void *)l->bias);
}

/* x (M, in) -> y (M, out) with scratch of its own. */
static inline void linear_apply(const struct kernels *k, const struct linear *l, const float *x, size_t M, int threads,
                                float *y)
{
    void *scratch = allocate(input_scratch(k, M, l->weight.columns));
    const struct input input = input_prepare(k, l, x, M, scratch);
    linear_run(k, l, &input, threads, y);
    free(scratch);
}

static inline bool same_bits(const float *a, const float *b, size_t n)
{
    return n == 0 || memcmp(a, b, n * sizeof *a) == 0;
}

static inline double *as_doubles(const float *x, size_t n)
{
    double *y = malloc((n + 1) * sizeof *y);
    for (size_t i = 0; i < n; i++)
        y[i] = x[i];
    return y;
}

/* What a product computes: `slack` is how far it may be off beside rounding errors, because an element of its input
 * lies so close to a tie that float may round it to the other integer; NULL is nothing. */
struct exact {
    double *y, *slack;
};

static inline void exact_free(struct exact *e)
{
    free(e->y), free(e->slack);
}

static inline void exact_activation(struct exact *e, size_t n, enum activation activation)
{
    for (size_t i = 0; i < n; i++)
        e->y[i] = activation == ACTIVATION_RELU ? fmax(e->y[i], 0)
                  : activation == ACTIVATION_SWISH ? e->y[i] / (1 + exp(-e->y[i])) : e->y[i];
}

/* The greatest difference beyond the slack, or NaN. */
static inline double distance(const struct exact *want, const float *got, size_t n)
{
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        const double off = fabs(want->y[i] - got[i]) - (want->slack ? want->slack[i] : 0);
        worst = off > worst || isnan(off) ? off : worst;
    }
    return worst;
}

/* Round x (K) to 127ths of its greatest magnitude; close (K): whether the element is within 0.001 of a tie. Returns the
 * size of a step. */
static inline double exact_quantize(double *x, size_t K, bool *close)
{
    double greatest = 0;
    for (size_t k = 0; k < K; k++)
        greatest = fmax(greatest, fabs(x[k]));
    for (size_t k = 0; k < K; k++) {
        const double steps = greatest > 0 ? x[k] * 127 / greatest : 0;
        close[k] = fabs(fabs(steps - trunc(steps)) - 0.5) < 1e-3;
        x[k] = rint(steps) * greatest / 127;
    }
    return greatest / 127;
}

/* x (M, in) W^T + b, without the activation; of I8 weights, with x rounded as they demand. */
static inline struct exact exact_linear(const struct linear *l, const double *x, size_t M)
{
    const size_t in = l->weight.columns, out = l->weight.rows;
    struct exact e = {malloc((M * out + 1) * sizeof *e.y), calloc(M * out + 1, sizeof *e.slack)};
    double *row = malloc((in + 1) * sizeof *row);
    float *w = malloc((in + 1) * sizeof *w);
    bool *close = calloc(in + 1, 1);
    for (size_t m = 0; m < M; m++) {
        memcpy(row, x + m * in, in * sizeof *row);
        const double step = l->weight.dtype == DTYPE_I8 ? exact_quantize(row, in, close) : 0;
        for (size_t n = 0; n < out; n++) {
            double sum = l->bias ? l->bias[n] : 0;
            kernels_scalar.widen(&l->weight, n, 1.0f, w);
            for (size_t i = 0; i < in; i++) {
                sum += row[i] * w[i];
                e.slack[m * out + n] += close[i] ? step * fabs(w[i]) : 0;
            }
            e.y[m * out + n] = sum;
        }
    }
    free(row), free(w), free(close);
    return e;
}

#endif
