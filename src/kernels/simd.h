/* The kernels over vectors of 16 floats. A file that includes this defines, for its instruction set, the type v16
 * and the static functions below, the block sizes BLOCK_M, BLOCK_N, BLOCK_N1 and ROWS_T, TABLE_NAME and TABLE, and what
 * simd_i8.h wants.
 *
 *   v_zero, v_set1(f), v_load(p), v_store(p, v), v_load_f16(p), v_load_i8(p)     16 elements each, any alignment
 *   v_load_part(p, n, rest), v_store_part(p, v, n)     the first n < 16 elements, the others are `rest`
 *   v_add, v_sub, v_mul, v_div, v_min, v_max (NaN or equal: the second), v_fma(a, b, c) = a*b + c
 *   v_rint(v), v_power(n) = 2^n for integral n
 *   v_sum(v)          the lanes added as a tree
 *   v_sum4(v, out)    the same for four vectors
 *   v_max1(v)         the greatest lane
 */
#include <math.h>
#include <string.h>

#include "kernels.h"

#define INLINE static inline __attribute__((always_inline))

enum { LANES = 16, TILE_M = 32 };

/* 16 weights as floats, or the n < 16 that are left, followed by zeros. */
INLINE v16 load_weights(const char *p, enum dtype dtype)
{
    return dtype == DTYPE_F32 ? v_load((const float *)p) : v_load_f16(p);
}

INLINE v16 load_weights_part(const char *p, enum dtype dtype, size_t n)
{
    char t[LANES * sizeof(float)] = {0};
    memcpy(t, p, n * dtype_bytes(dtype));
    return load_weights(t, dtype);
}

INLINE v16 v_exp(v16 x)
{
    x = v_min(v_max(x, v_set1(EXP_LOW)), v_set1(EXP_HIGH));
    v16 n = v_rint(v_mul(x, v_set1(EXP_LOG2E)));
    v16 r = v_fma(n, v_set1(-EXP_LN2_HIGH), x);
    r = v_fma(n, v_set1(-EXP_LN2_LOW), r);
    v16 p = v_fma(v_set1(EXP_P0), r, v_set1(EXP_P1));
    p = v_fma(p, r, v_set1(EXP_P2));
    p = v_fma(p, r, v_set1(EXP_P3));
    p = v_fma(p, r, v_set1(EXP_P4));
    p = v_fma(p, r, v_set1(EXP_P5));
    p = v_fma(p, v_mul(r, r), v_add(r, v_set1(1.0f)));
    return v_mul(p, v_power(n));
}

INLINE v16 swish(v16 x)
{
    return v_div(x, v_add(v_set1(1.0f), v_exp(v_sub(v_zero(), x))));
}

/* An M x N block of outputs, M and N known when compiling: y(M,N) = x(M,K) w(N,K)^T, its sums scaled and biased. */
INLINE void block(const size_t M, const size_t N, const enum dtype dtype, const struct matrix *w, size_t n0,
                  const float *bias, const float *x, size_t x_stride, float *y, size_t y_stride)
{
    const size_t K = w->columns, bytes = dtype_bytes(dtype);
    const char *rows = (const char *)w->data + n0 * w->stride * bytes;
    v16 sums[BLOCK_M][BLOCK_N1], b[BLOCK_N1];
    for (size_t m = 0; m < M; m++)
        for (size_t n = 0; n < N; n++)
            sums[m][n] = v_zero();
    size_t k = 0;
    for (; k + LANES <= K; k += LANES) {
#pragma GCC unroll 8
        for (size_t n = 0; n < N; n++)
            b[n] = load_weights(rows + (n * w->stride + k) * bytes, dtype);
#pragma GCC unroll 8
        for (size_t m = 0; m < M; m++) {
            v16 a = v_load(x + m * x_stride + k);
#pragma GCC unroll 8
            for (size_t n = 0; n < N; n++)
                sums[m][n] = v_fma(a, b[n], sums[m][n]);
        }
    }
    if (k < K) {
#pragma GCC unroll 8
        for (size_t n = 0; n < N; n++)
            b[n] = load_weights_part(rows + (n * w->stride + k) * bytes, dtype, K - k);
#pragma GCC unroll 8
        for (size_t m = 0; m < M; m++) {
            v16 a = v_load_part(x + m * x_stride + k, K - k, 0);
#pragma GCC unroll 8
            for (size_t n = 0; n < N; n++)
                sums[m][n] = v_fma(a, b[n], sums[m][n]);
        }
    }
    /* A copy, so that the compiler sees that the sums themselves can stay in registers. */
    v16 done[BLOCK_M][BLOCK_N1];
#pragma GCC unroll 8
    for (size_t m = 0; m < M; m++)
#pragma GCC unroll 8
        for (size_t n = 0; n < N; n++)
            done[m][n] = sums[m][n];
    for (size_t m = 0; m < M; m++) {
        float out[BLOCK_N1];
        if (N % 4 == 0)
            for (size_t n = 0; n < N; n += 4)
                v_sum4(&done[m][n], out + n);
        else
            for (size_t n = 0; n < N; n++)
                out[n] = v_sum(done[m][n]);
        for (size_t n = 0; n < N; n++) {
            y[m * y_stride + n0 + n] = bias ? out[n] + bias[n0 + n] : out[n];
        }
    }
}

/* Rows m < M of outputs n0 .. n0+N. */
INLINE void column(const size_t N, const enum dtype dtype, const struct matrix *w, size_t n0, const float *bias,
                   const float *x, size_t x_stride, size_t M, float *y, size_t y_stride)
{
    size_t m = 0;
    for (; m + BLOCK_M <= M; m += BLOCK_M)
        block(BLOCK_M, N, dtype, w, n0, bias, x + m * x_stride, x_stride, y + m * y_stride, y_stride);
    for (; m < M; m++)
        block(1, N, dtype, w, n0, bias, x + m * x_stride, x_stride, y + m * y_stride, y_stride);
}

INLINE void gemm(const enum dtype dtype, const struct matrix *w, const float *bias, const float *x, size_t x_stride,
                 size_t M, float *y, size_t y_stride)
{
    const size_t N = w->rows;
    if (M == 1) { /* a step of decoding: more rows of weights at once, to hide the latency of the sums */
        size_t n = 0;
        for (; n + BLOCK_N1 <= N; n += BLOCK_N1)
            block(1, BLOCK_N1, dtype, w, n, bias, x, x_stride, y, y_stride);
        for (; n < N; n++)
            block(1, 1, dtype, w, n, bias, x, x_stride, y, y_stride);
        return;
    }
    for (size_t m = 0; m < M; m += TILE_M) { /* a tile of x stays in the cache while the weights go by */
        size_t rows = M - m < TILE_M ? M - m : TILE_M, n = 0;
        const float *tile = x + m * x_stride;
        for (; n + BLOCK_N <= N; n += BLOCK_N)
            column(BLOCK_N, dtype, w, n, bias, tile, x_stride, rows, y + m * y_stride, y_stride);
        for (; n < N; n++)
            column(1, dtype, w, n, bias, tile, x_stride, rows, y + m * y_stride, y_stride);
    }
}

static void simd_gemm(const struct matrix *w, const float *bias, const float *x, size_t x_stride, size_t M, float *y,
                      size_t y_stride)
{
    if (w->dtype == DTYPE_F32)
        gemm(DTYPE_F32, w, bias, x, x_stride, M, y, y_stride);
    else
        gemm(DTYPE_F16, w, bias, x, x_stride, M, y, y_stride);
}

static void simd_softmax(float *x, size_t n, float scale)
{
    const size_t whole = n - n % LANES, rest = n - whole;
    v16 max = v_set1(-INFINITY), sum = v_zero(), factor = v_set1(scale);
    for (size_t i = 0; i < whole; i += LANES)
        max = v_max(max, v_load(x + i));
    if (rest)
        max = v_max(max, v_load_part(x + whole, rest, -INFINITY));
    max = v_set1(v_max1(max));
    for (size_t i = 0; i < whole; i += LANES) {
        v16 e = v_exp(v_mul(v_sub(v_load(x + i), max), factor));
        v_store(x + i, e);
        sum = v_add(sum, e);
    }
    if (rest) {
        v16 e = v_exp(v_mul(v_sub(v_load_part(x + whole, rest, 0), max), factor));
        v_store_part(x + whole, e, rest);
        sum = v_add(sum, v_load_part(x + whole, rest, 0));
    }
    v16 inverse = v_set1(1.0f / v_sum(sum));
    for (size_t i = 0; i < whole; i += LANES)
        v_store(x + i, v_mul(v_load(x + i), inverse));
    if (rest)
        v_store_part(x + whole, v_mul(v_load_part(x + whole, rest, 0), inverse), rest);
}

/* One step of the sums below: row i of rows, `part` columns of it, by the weights of N queries. */
INLINE void sums_step(const size_t N, v16 sums[][4], const size_t chain, const float *weights, size_t weights_stride,
                      const float *row, size_t part)
{
    const v16 columns = part == LANES ? v_load(row) : v_load_part(row, part, 0);
#pragma GCC unroll 8
    for (size_t t = 0; t < N; t++)
        sums[t][chain] = v_fma(v_set1(weights[t * weights_stride]), columns, sums[t][chain]);
}

/* y(N,part) = weights(N,n) rows(n,part), of up to 16 columns: four sums, over every fourth row. */
INLINE void weighted_rows(const size_t N, const float *weights, size_t weights_stride, const float *rows,
                          size_t rows_stride, size_t n, size_t part, float *y, size_t y_stride)
{
    v16 sums[ROWS_T][4];
#pragma GCC unroll 8
    for (size_t t = 0; t < N; t++)
#pragma GCC unroll 4
        for (size_t c = 0; c < 4; c++)
            sums[t][c] = v_zero();
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
#pragma GCC unroll 4
        for (size_t c = 0; c < 4; c++)
            sums_step(N, sums, c, weights + i + c, weights_stride, rows + (i + c) * rows_stride, part);
#pragma GCC unroll 4
    for (size_t c = 0; c < 3; c++)
        if (i + c < n)
            sums_step(N, sums, c, weights + i + c, weights_stride, rows + (i + c) * rows_stride, part);
#pragma GCC unroll 8
    for (size_t t = 0; t < N; t++) {
        const v16 sum = v_add(v_add(sums[t][0], sums[t][1]), v_add(sums[t][2], sums[t][3]));
        if (part == LANES)
            v_store(y + t * y_stride, sum);
        else
            v_store_part(y + t * y_stride, sum, part);
    }
}

/* The same for all T queries. */
INLINE void weighted_rows_all(const float *weights, size_t weights_stride, size_t T, const float *rows,
                              size_t rows_stride, size_t n, size_t part, float *y, size_t y_stride)
{
    size_t t = 0;
    for (; t + ROWS_T <= T; t += ROWS_T)
        weighted_rows(ROWS_T, weights + t * weights_stride, weights_stride, rows, rows_stride, n, part,
                      y + t * y_stride, y_stride);
    for (; t < T; t++)
        weighted_rows(1, weights + t * weights_stride, weights_stride, rows, rows_stride, n, part, y + t * y_stride,
                      y_stride);
}

static void simd_scores(const float *q, size_t q_stride, size_t T, const float *keys, size_t block, size_t S,
                        size_t width, float *y, size_t y_stride)
{
    for (size_t s = 0; s < S; s += KEY_LANES, keys += block)
        weighted_rows_all(q, q_stride, T, keys, KEY_LANES, width, KEY_LANES, y + s, y_stride);
}

static void simd_mix(const float *p, size_t p_stride, size_t T, const float *v, size_t v_stride, size_t n, size_t width,
                     float *y, size_t y_stride)
{
    size_t i = 0;
    for (; i + LANES <= width; i += LANES)
        weighted_rows_all(p, p_stride, T, v + i, v_stride, n, LANES, y + i, y_stride);
    if (i < width)
        weighted_rows_all(p, p_stride, T, v + i, v_stride, n, width - i, y + i, y_stride);
}

static void simd_add_norm(const float *x, const float *residual, const float *gamma, const float *beta, size_t n,
                          float epsilon, float *y)
{
    const size_t whole = n - n % LANES, rest = n - whole;
    v16 sum = v_zero(), square = v_zero();
    for (size_t i = 0; i < whole; i += LANES) {
        v16 v = v_add(v_load(x + i), v_load(residual + i));
        v_store(y + i, v);
        sum = v_add(sum, v);
    }
    if (rest) {
        v16 v = v_add(v_load_part(x + whole, rest, 0), v_load_part(residual + whole, rest, 0));
        v_store_part(y + whole, v, rest);
        sum = v_add(sum, v);
    }
    float mean = v_sum(sum) / (float)n;
    for (size_t i = 0; i < whole; i += LANES) {
        v16 v = v_sub(v_load(y + i), v_set1(mean));
        v_store(y + i, v);
        square = v_fma(v, v, square);
    }
    if (rest) {
        v16 v = v_sub(v_load_part(y + whole, rest, mean), v_set1(mean));
        v_store_part(y + whole, v, rest);
        square = v_fma(v, v, square);
    }
    v16 inverse = v_set1(1.0f / sqrtf(v_sum(square) / (float)n + epsilon));
    for (size_t i = 0; i < whole; i += LANES)
        v_store(y + i, v_fma(v_mul(v_load(y + i), inverse), v_load(gamma + i), v_load(beta + i)));
    if (rest)
        v_store_part(y + whole, v_fma(v_mul(v_load_part(y + whole, rest, 0), inverse), v_load_part(gamma + whole, rest, 0),
                                    v_load_part(beta + whole, rest, 0)), rest);
}

/* Row r of a packed matrix: 4 columns here, 4 there. */
static void widen_i8(const struct matrix *w, size_t r, float factor, float *y)
{
    const char *p = (const char *)w->data + r / PACK_ROWS * w->stride * PACK_ROWS + r % PACK_ROWS * PACK_COLUMNS;
    const v16 f = v_set1(factor);
    for (size_t c = 0; c < w->columns; c += LANES) {
        const size_t part = w->columns - c < LANES ? w->columns - c : LANES;
        char q[LANES] = {0};
        for (size_t i = 0; i < part; i += PACK_COLUMNS)
            memcpy(q + i, p + (c + i) * PACK_ROWS, PACK_COLUMNS);
        if (part == LANES)
            v_store(y + c, v_mul(f, v_load_i8(q)));
        else
            v_store_part(y + c, v_mul(f, v_load_i8(q)), part);
    }
}

static void simd_widen(const struct matrix *w, size_t r, float factor, float *y)
{
    if (w->dtype == DTYPE_I8) {
        widen_i8(w, r, factor * w->scale[r], y);
        return;
    }
    const size_t bytes = dtype_bytes(w->dtype);
    const char *row = (const char *)w->data + r * w->stride * bytes;
    v16 f = v_set1(factor);
    size_t c = 0;
    for (; c + LANES <= w->columns; c += LANES)
        v_store(y + c, v_mul(f, load_weights(row + c * bytes, w->dtype)));
    if (c < w->columns)
        v_store_part(y + c, v_mul(f, load_weights_part(row + c * bytes, w->dtype, w->columns - c)), w->columns - c);
}

static void simd_relu(float *x, size_t n)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        v_store(x + i, v_max(v_load(x + i), v_zero()));
    for (; i < n; i++)
        x[i] = x[i] > 0 ? x[i] : 0;
}

static void simd_swish(float *x, size_t n)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        v_store(x + i, swish(v_load(x + i)));
    if (i < n)
        v_store_part(x + i, swish(v_load_part(x + i, n - i, 0)), n - i);
}

static size_t simd_argmax(const float *x, size_t n)
{
    v16 greatest = v_set1(-INFINITY);
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        greatest = v_max(v_load(x + i), greatest);
    float max = v_max1(greatest);
    for (; i < n; i++)
        max = x[i] > max ? x[i] : max;
    for (i = 0; i < n; i++)
        if (x[i] == max && max > -INFINITY)
            return i;
    return 0;
}

#include "simd_i8.h"

const struct kernels TABLE = {
    .name = TABLE_NAME,
    .gemm = simd_gemm,
    .quantize = simd_quantize,
    .quantized_bytes = QUANTIZED_BYTES,
    .gemm_i8 = simd_gemm_i8,
    .softmax = simd_softmax,
    .scores = simd_scores,
    .mix = simd_mix,
    .add_norm = simd_add_norm,
    .widen = simd_widen,
    .relu = simd_relu,
    .swish = simd_swish,
    .argmax = simd_argmax,
};
