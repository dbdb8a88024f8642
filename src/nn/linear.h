/* y = x W^T + b. */
#ifndef NN_LINEAR_H
#define NN_LINEAR_H

#include "../kernels/kernels.h"

struct linear {
    struct matrix weight; /* (out, in) */
    const float *bias;    /* (out), or NULL */
};

/* x (M, in) -> y (M, out), rows contiguous. With threads > 1 the output rows are shared among them where that is
 * worth it. */
void linear_run(const struct kernels *kernels, const struct linear *linear, const float *x, size_t M, int threads,
                float *y);

/* A multiply-add costs a thread well under a nanosecond; starting a team of threads, microseconds. */
enum { PARALLEL_WORK = 400000 };

#endif
