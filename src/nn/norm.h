/* The residual connection and layer normalization around every sublayer, post-norm: LayerNorm(x + Sublayer(x))
 * (Vaswani et al. 2017, section 3.1; Ba et al. 2016). */
#ifndef NN_NORM_H
#define NN_NORM_H

#include "../kernels/kernels.h"

struct norm {
    const float *gamma, *beta; /* (D) */
    float epsilon;
};

/* x (M, D) <- LayerNorm(x + sublayer), sublayer (M, D). */
static inline void norm_run(const struct kernels *kernels, const struct norm *norm, const float *sublayer, size_t M,
                            size_t D, float *x)
{
    for (size_t m = 0; m < M; m++)
        kernels->add_norm(x + m * D, sublayer + m * D, norm->gamma, norm->beta, D, norm->epsilon, x + m * D);
}

#endif
