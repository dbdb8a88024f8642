/* The specification of the kernels, in plain C: runs everywhere, checked against by every other table. */
#include <math.h>
#include <string.h>

#include "kernels.h"

enum { LANES = 16 };

/* The lanes added as a tree. */
static float lanes_sum(const float s[LANES])
{
    float t[LANES];
    memcpy(t, s, sizeof t);
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            t[i] = t[i] + t[i + half];
    return t[0];
}

static float half_to_float(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = (h >> 10) & 31, mantissa = h & 0x3ff, bits;
    if (exponent == 0) { /* zero or subnormal: mantissa * 2^-24 */
        float f = (float)mantissa * 0x1p-24f;
        return sign ? -f : f;
    }
    if (exponent == 31)
        bits = sign | 0x7f800000 | mantissa << 13;
    else
        bits = sign | (exponent + 112) << 23 | mantissa << 13;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

/* Where element (r, c) of an I8 matrix lies. */
static size_t packed_index(const struct matrix *w, size_t r, size_t c)
{
    return (r / PACK_ROWS * w->stride + c / PACK_COLUMNS * PACK_COLUMNS) * PACK_ROWS + r % PACK_ROWS * PACK_COLUMNS +
           c % PACK_COLUMNS;
}

/* Element (r, c) as stored, without its row's scale. */
static float element(const struct matrix *w, size_t r, size_t c)
{
    size_t i = r * w->stride + c;
    switch (w->dtype) {
    case DTYPE_F32: return ((const float *)w->data)[i];
    case DTYPE_F16: return half_to_float(((const uint16_t *)w->data)[i]);
    default: return ((const int8_t *)w->data)[packed_index(w, r, c)];
    }
}

static float scalar_exp(float x)
{
    x = x > EXP_LOW ? x : EXP_LOW; /* NaN too */
    x = x < EXP_HIGH ? x : EXP_HIGH;
    float n = rintf(x * EXP_LOG2E), r = fmaf(n, -EXP_LN2_HIGH, x);
    r = fmaf(n, -EXP_LN2_LOW, r);
    float p = fmaf(EXP_P0, r, EXP_P1);
    p = fmaf(p, r, EXP_P2);
    p = fmaf(p, r, EXP_P3);
    p = fmaf(p, r, EXP_P4);
    p = fmaf(p, r, EXP_P5);
    p = fmaf(p, r * r, r + 1.0f);
    uint32_t bits = (uint32_t)((int32_t)n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

static void scalar_relu(float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = x[i] > 0 ? x[i] : 0;
}

static void scalar_swish(float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = x[i] / (1.0f + scalar_exp(-x[i]));
}

static void scalar_gemm(const struct matrix *w, const float *bias, const float *x, size_t x_stride, size_t M, float *y,
                        size_t y_stride)
{
    for (size_t m = 0; m < M; m++)
        for (size_t n = 0; n < w->rows; n++) {
            float s[LANES] = {0};
            for (size_t k = 0; k < w->columns; k++)
                s[k % LANES] = fmaf(x[m * x_stride + k], element(w, n, k), s[k % LANES]);
            float sum = lanes_sum(s);
            y[m * y_stride + n] = bias ? sum + bias[n] : sum;
        }
}

static void scalar_quantize(const float *x, size_t M, size_t K, void *quantized, float *scale)
{
    const size_t row = round_up(K, PACK_COLUMNS);
    for (size_t m = 0; m < M; m++, x += K) {
        int8_t *q = (int8_t *)quantized + m * row;
        float max = 0;
        for (size_t k = 0; k < K; k++) {
            float size = x[k] > -x[k] ? x[k] : -x[k];
            max = size > max ? size : max; /* not NaN */
        }
        const float factor = max >= QUANTIZE_LEAST ? 127.0f / max : 0.0f;
        scale[m] = max / 127.0f;
        for (size_t k = 0; k < row; k++) {
            float v = k < K ? x[k] * factor : 0.0f;
            v = v > -127.0f ? v : -127.0f; /* NaN too */
            v = v < 127.0f ? v : 127.0f;
            q[k] = (int8_t)rintf(v);
        }
    }
}

static void scalar_gemm_i8(const struct matrix *w, const float *bias, float least, const void *quantized,
                           const float *scale, size_t M, float *y, size_t y_stride)
{
    const int8_t *weights = w->data;
    for (size_t m = 0; m < M; m++) {
        const int8_t *q = (const int8_t *)quantized + m * w->stride;
        float *out = y + m * y_stride;
        for (size_t n = 0; n < w->rows; n++) {
            int32_t sum = 0;
            for (size_t k = 0; k < w->columns; k++)
                sum += q[k] * weights[packed_index(w, n, k)];
            const float v = fmaf((float)sum, scale[m] * w->scale[n], bias ? bias[n] : 0.0f);
            out[n] = v > least ? v : least;
        }
    }
}

static void scalar_softmax(float *x, size_t n, float scale)
{
    float max = x[0], s[LANES] = {0};
    for (size_t i = 1; i < n; i++)
        max = x[i] > max ? x[i] : max;
    for (size_t i = 0; i < n; i++) {
        x[i] = scalar_exp((x[i] - max) * scale);
        s[i % LANES] = s[i % LANES] + x[i];
    }
    float inverse = 1.0f / lanes_sum(s);
    for (size_t i = 0; i < n; i++)
        x[i] = x[i] * inverse;
}

static void scalar_scores(const float *q, size_t q_stride, size_t T, const float *keys, size_t block, size_t S,
                          size_t width, float *y, size_t y_stride)
{
    for (size_t t = 0; t < T; t++)
        for (size_t s = 0; s < round_up(S, KEY_LANES); s++) {
            const float *key = keys + s / KEY_LANES * block + s % KEY_LANES;
            float sums[4] = {0};
            for (size_t i = 0; i < width; i++)
                sums[i % 4] = fmaf(q[t * q_stride + i], key[i * KEY_LANES], sums[i % 4]);
            y[t * y_stride + s] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
        }
}

static void scalar_mix(const float *p, size_t p_stride, size_t T, const float *v, size_t v_stride, size_t n,
                       size_t width, float *y, size_t y_stride)
{
    for (size_t t = 0; t < T; t++)
        for (size_t i = 0; i < width; i++) {
            float sums[4] = {0};
            for (size_t s = 0; s < n; s++)
                sums[s % 4] = fmaf(p[t * p_stride + s], v[s * v_stride + i], sums[s % 4]);
            y[t * y_stride + i] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
        }
}

static void scalar_add_norm(const float *x, const float *residual, const float *gamma, const float *beta, size_t n,
                            float epsilon, float *y)
{
    float s[LANES] = {0}, q[LANES] = {0};
    for (size_t i = 0; i < n; i++) {
        y[i] = x[i] + residual[i];
        s[i % LANES] = s[i % LANES] + y[i];
    }
    float mean = lanes_sum(s) / (float)n;
    for (size_t i = 0; i < n; i++) {
        y[i] = y[i] - mean;
        q[i % LANES] = fmaf(y[i], y[i], q[i % LANES]);
    }
    float inverse = 1.0f / sqrtf(lanes_sum(q) / (float)n + epsilon);
    for (size_t i = 0; i < n; i++)
        y[i] = fmaf(y[i] * inverse, gamma[i], beta[i]);
}

static void scalar_widen(const struct matrix *w, size_t r, float factor, float *y)
{
    float f = w->scale ? factor * w->scale[r] : factor;
    for (size_t c = 0; c < w->columns; c++)
        y[c] = f * element(w, r, c);
}

static size_t scalar_argmax(const float *x, size_t n)
{
    size_t best = 0;
    float max = -INFINITY;
    for (size_t i = 0; i < n; i++)
        if (x[i] > max) {
            max = x[i];
            best = i;
        }
    return best;
}

const struct kernels kernels_scalar = {
    .name = "scalar",
    .gemm = scalar_gemm,
    .quantize = scalar_quantize,
    .quantized_bytes = 1,
    .gemm_i8 = scalar_gemm_i8,
    .softmax = scalar_softmax,
    .scores = scalar_scores,
    .mix = scalar_mix,
    .add_norm = scalar_add_norm,
    .widen = scalar_widen,
    .relu = scalar_relu,
    .swish = scalar_swish,
    .argmax = scalar_argmax,
};
