/* The arithmetic: one table of functions for each instruction set, chosen once, at load.
 *
 * scalar.c is the specification. Every other table gives the same bits: sums run over 16 partial sums in a fixed
 * order (lane i takes the elements i, i+16, ...; each step is one fused multiply-add), the lanes are then added as a
 * tree (8+8, 4+4, 2+2, 1+1), and exp is one polynomial; sums of int8 products are exact in int32. So a translation does
 * not depend on the processor.
 *
 * Kernels are serial and allocate nothing; threads live one layer above. M rows of input, N rows of weights (which
 * are outputs), K columns of both.
 */
#ifndef KERNELS_KERNELS_H
#define KERNELS_KERNELS_H

#include <stdint.h>

#include "../base/dtype.h"
#include "../base/error.h"

/* Rows of weights, or any matrix (rows, columns). F32 and F16 are row-major, `stride` elements from row to row.
 *
 * I8 has one scale a row, w[r][c] = scale[r] * q[r][c], and is packed for dot products of four: blocks of PACK_ROWS
 * rows, each a list of groups of PACK_COLUMNS columns, (rows / 16, columns / 4, 16, 4), zeros where the matrix ends
 * before a block or group does. `stride` is then the columns rounded up. */
enum { PACK_ROWS = 16, PACK_COLUMNS = 4, KEY_LANES = 16 };
struct matrix {
    const void *data;
    const float *scale;    /* (rows), NULL unless dtype is I8 */
    const int32_t *offset; /* (rows rounded up to 16) -128 * the sum of the row's q; NULL unless dtype is I8 */
    enum dtype dtype;
    size_t rows, columns, stride;
};

static inline size_t round_up(size_t n, size_t multiple)
{
    return (n + multiple - 1) / multiple * multiple;
}

struct kernels {
    const char *name;
    /* y(M,N) = x(M,K) w(N,K)^T + bias(N), w F32 or F16; bias may be NULL. x and y have a stride in elements. */
    void (*gemm)(const struct matrix *w, const float *bias, const float *x, size_t x_stride, size_t M, float *y,
                 size_t y_stride);
    /* Rows x(M,K), contiguous, as int8: x[m][k] ~ scale[m] * q[m][k], scale[m] = max |x[m]| / 127. How q is stored is
     * the table's own affair, quantized_bytes an element and quantized_row() bytes a row. */
    void (*quantize)(const float *x, size_t M, size_t K, void *q, float *scale);
    size_t quantized_bytes;
    /* y(M,N) = max(x(M,K) w(N,K)^T + bias(N), least), w I8 and x as quantize() left it: exact int32 sums of products,
     * then fma(sum, x's scale * w's scale, bias). bias may be NULL; least is 0 for ReLU, else -infinity. y has a
     * stride in elements. */
    void (*gemm_i8)(const struct matrix *w, const float *bias, float least, const void *q, const float *scale, size_t M,
                    float *y, size_t y_stride);
    /* x(n) <- softmax(scale * x), in place; n > 0. */
    void (*softmax)(float *x, size_t n, float scale);
    /* y(T,S) = q(T,width) keys(S,width)^T: the scores of attention. Key s is lane s % 16 of block s / 16: its element i
     * is keys[s / 16 * block + 16 * i + s % 16]. q and y have a stride in elements; y's, a multiple of 16, is filled up
     * to its end. A score is four sums, over every fourth i, added as (0 + 1) + (2 + 3). */
    void (*scores)(const float *q, size_t q_stride, size_t T, const float *keys, size_t block, size_t S, size_t width,
                   float *y, size_t y_stride);
    /* y(T,width) = p(T,n) v(n,width): the weighted means of attention, each four sums, over every fourth row of v,
     * added likewise. All have a stride in elements. */
    void (*mix)(const float *p, size_t p_stride, size_t T, const float *v, size_t v_stride, size_t n, size_t width,
                float *y, size_t y_stride);
    /* y(n) = layer_norm(x + residual) * gamma + beta (Ba et al. 2016); y may be x. */
    void (*add_norm)(const float *x, const float *residual, const float *gamma, const float *beta, size_t n,
                     float epsilon, float *y);
    /* y(columns) = factor * row r of w, as float. */
    void (*widen)(const struct matrix *w, size_t r, float factor, float *y);
    void (*relu)(float *x, size_t n);  /* x <- max(x, 0) */
    void (*swish)(float *x, size_t n); /* x <- x / (1 + exp(-x)) */
    /* The first index of the greatest x(n); 0 if nothing is greater than -infinity. */
    size_t (*argmax)(const float *x, size_t n);
};

static inline size_t quantized_row(const struct kernels *kernels, size_t K)
{
    return round_up(K, PACK_COLUMNS) * kernels->quantized_bytes;
}

extern const struct kernels kernels_scalar;
#if defined(__x86_64__)
extern const struct kernels kernels_avx2, kernels_avxvnni, kernels_avx512, kernels_avx512vnni;
#elif defined(__aarch64__)
extern const struct kernels kernels_neon;
#endif

/* The best table of this processor, or the one that the environment variable DRAGOMAN_CPU names. NULL with
 * DRAGOMAN_USAGE if that name is unknown or the processor can't run it. */
const struct kernels *kernels_choose(dragoman_error *error);
/* The i-th table that this processor can run, best first; NULL past the last. */
const struct kernels *kernels_available(size_t i);

/* A row whose greatest element is smaller than this is quantized to zeros. */
#define QUANTIZE_LEAST 1e-30f

/* exp(x) = 2^n * exp(r), n = rint(x / ln 2), |r| <= ln 2 / 2; exp(r) - 1 - r = r^2 * p(r), p by Cephes' expf.
 * x is clamped to [EXP_LOW, EXP_HIGH], where the result is a normal float. */
#define EXP_LOW (-87.0f)
#define EXP_HIGH 88.0f
#define EXP_LOG2E 1.44269504088896341f
#define EXP_LN2_HIGH 0.693359375f
#define EXP_LN2_LOW (-2.12194440e-4f)
#define EXP_P0 1.9875691500e-4f
#define EXP_P1 1.3981999507e-3f
#define EXP_P2 8.3334519073e-3f
#define EXP_P3 4.1665795894e-2f
#define EXP_P4 1.6666665459e-1f
#define EXP_P5 5.0000001201e-1f

#endif
