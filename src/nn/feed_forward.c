#include "feed_forward.h"

void feed_forward_run(const struct kernels *kernels, const struct feed_forward *ffn, const float *x, size_t M,
                      int threads, float *hidden, float *y)
{
    linear_run(kernels, &ffn->in, x, M, threads, hidden);
    (ffn->activation == ACTIVATION_RELU ? kernels->relu : kernels->swish)(hidden, M * ffn->in.weight.rows);
    linear_run(kernels, &ffn->out, hidden, M, threads, y);
}
