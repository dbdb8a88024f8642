/* Random numbers and layers, and the layers' mathematics in double precision, one loop an equation. */
#ifndef TEST_LAYERS_H
#define TEST_LAYERS_H

#include <math.h>
#include <stdlib.h>

#include "../../src/nn/linear.h"
#include "test.h"

static uint64_t random_state = 88172645463325252u;

static inline uint32_t random_next(void)
{
    random_state ^= random_state << 13, random_state ^= random_state >> 7, random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32);
}

/* n floats in [-spread, spread), exactly as much memory as they need. */
static inline float *random_floats(size_t n, float spread)
{
    float *x = malloc(n ? n * sizeof *x : 1);
    for (size_t i = 0; i < n; i++)
        x[i] = ((float)random_next() / 2147483648.0f - 1.0f) * spread;
    return x;
}

static inline struct linear random_linear(size_t out, size_t in)
{
    return (struct linear){{random_floats(out * in, 1.5f / sqrtf((float)in)), NULL, DTYPE_F32, out, in, in},
                           random_floats(out, 0.5f)};
}

static inline void linear_free(struct linear *l)
{
    free((void *)l->weight.data), free((void *)l->weight.scale), free((void *)l->bias);
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

/* The greatest difference, or NaN. */
static inline double distance(const double *want, const float *got, size_t n)
{
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        double off = fabs(want[i] - got[i]);
        worst = off > worst || isnan(off) ? off : worst;
    }
    return worst;
}

/* x (M, in) W^T + b, for F32 weights. The caller frees. */
static inline double *exact_linear(const struct linear *l, const double *x, size_t M)
{
    const size_t in = l->weight.columns, out = l->weight.rows;
    const float *w = l->weight.data;
    double *y = malloc((M * out + 1) * sizeof *y);
    for (size_t m = 0; m < M; m++)
        for (size_t n = 0; n < out; n++) {
            double sum = l->bias ? l->bias[n] : 0;
            for (size_t i = 0; i < in; i++)
                sum += x[m * in + i] * w[n * l->weight.stride + i];
            y[m * out + n] = sum;
        }
    return y;
}

#endif
