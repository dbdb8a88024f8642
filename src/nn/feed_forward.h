/* FFN(x) = act(x W_in^T + b_in) W_out^T + b_out (Vaswani et al. 2017, section 3.3). */
#ifndef NN_FEED_FORWARD_H
#define NN_FEED_FORWARD_H

#include "linear.h"

struct feed_forward {
    struct linear in, out; /* (F, D), with the activation; (D, F) */
};

/* x (M, D) -> y (M, D); hidden is scratch of (M, F), quantized of input_scratch(M, the greater of D and F) bytes. */
void feed_forward_run(const struct kernels *kernels, const struct feed_forward *ffn, const float *x, size_t M,
                      int threads, void *quantized, float *hidden, float *y);

#endif
