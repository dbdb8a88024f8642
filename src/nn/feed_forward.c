#include "feed_forward.h"

void feed_forward_run(const struct kernels *kernels, const struct feed_forward *ffn, const float *x, size_t M,
                      int threads, void *quantized, float *hidden, float *y)
{
    const struct input first = input_prepare(kernels, &ffn->in, x, M, quantized);
    linear_run(kernels, &ffn->in, &first, threads, hidden);
    const struct input second = input_prepare(kernels, &ffn->out, hidden, M, quantized);
    linear_run(kernels, &ffn->out, &second, threads, y);
}
