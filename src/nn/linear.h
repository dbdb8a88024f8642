/* y = activation(x W^T + b). */
#ifndef NN_LINEAR_H
#define NN_LINEAR_H

#include "../kernels/kernels.h"

enum activation { ACTIVATION_NONE, ACTIVATION_RELU, ACTIVATION_SWISH };

struct linear {
    struct matrix weight; /* (out, in) */
    const float *bias;    /* (out), or NULL */
    enum activation activation;
};

/* Rows on their way into one or several layers that take the same: as floats and, if the weights are I8, quantized. */
struct input {
    const float *x;     /* (rows, in) */
    const void *q;      /* NULL unless the weights are I8 */
    const float *scale; /* (rows) */
    size_t rows;
};

/* x (M, in) for `layer` and those of its kind; scratch holds input_scratch() bytes, aligned for floats. */
struct input input_prepare(const struct kernels *kernels, const struct linear *layer, const float *x, size_t M,
                           void *scratch);
size_t input_scratch(const struct kernels *kernels, size_t M, size_t in);

/* The rows of the input -> y (M, out), contiguous. With threads > 1 the output rows are shared among them where that
 * is worth it. */
void linear_run(const struct kernels *kernels, const struct linear *linear, const struct input *input, int threads,
                float *y);

/* Float multiplications (four of int8 count as one) from which a team of threads is worth its start, as measured with 2
 * threads: with 4 million, sentences of 20 to 60 words of the bundled model became up to 1.3 times slower, and took 30
 * times the processor time where other programs kept the processors busy; without a team nothing was lost. */
enum { PARALLEL_WORK = 16000000 };

#endif
