/* FFN(x) = act(x W_in^T + b_in) W_out^T + b_out (Vaswani et al. 2017, section 3.3). */
#ifndef NN_FEED_FORWARD_H
#define NN_FEED_FORWARD_H

#include "linear.h"

enum activation { ACTIVATION_RELU, ACTIVATION_SWISH };

struct feed_forward {
    struct linear in, out; /* (F, D), (D, F) */
    enum activation activation;
};

/* x (M, D) -> y (M, D); hidden is scratch of (M, F). */
void feed_forward_run(const struct kernels *kernels, const struct feed_forward *ffn, const float *x, size_t M,
                      int threads, float *hidden, float *y);

#endif
