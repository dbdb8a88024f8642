#include "linear.h"

#include <math.h>

size_t input_scratch(const struct kernels *kernels, size_t M, size_t in)
{
    return M * sizeof(float) + M * quantized_row(kernels, in);
}

struct input input_prepare(const struct kernels *kernels, const struct linear *layer, const float *x, size_t M,
                           void *scratch)
{
    if (layer->weight.dtype != DTYPE_I8)
        return (struct input){x, NULL, NULL, M};
    const size_t in = layer->weight.columns;
    char *q = scratch;
    float *scale = (float *)(q + M * quantized_row(kernels, in));
    kernels->quantize(x, M, in, q, scale);
    return (struct input){x, q, scale, M};
}

/* Outputs n0 .. n0 + count of the layer, n0 a multiple of PACK_ROWS. */
static void run_part(const struct kernels *kernels, const struct linear *linear, const struct input *input, size_t n0,
                     size_t count, float *y)
{
    struct matrix w = linear->weight;
    const float *bias = linear->bias ? linear->bias + n0 : NULL;
    const size_t out = w.rows;
    w.data = (const char *)w.data + n0 * w.stride * dtype_bytes(w.dtype);
    w.rows = count;
    if (w.dtype == DTYPE_I8) {
        w.scale += n0;
        w.offset += n0;
        kernels->gemm_i8(&w, bias, linear->activation == ACTIVATION_RELU ? 0 : -INFINITY, input->q, input->scale,
                         input->rows, y + n0, out);
    } else {
        kernels->gemm(&w, bias, input->x, w.columns, input->rows, y + n0, out);
    }
    for (size_t m = 0; m < input->rows; m++)
        if (linear->activation == ACTIVATION_SWISH)
            kernels->swish(y + m * out + n0, count);
        else if (linear->activation == ACTIVATION_RELU && w.dtype != DTYPE_I8)
            kernels->relu(y + m * out + n0, count);
}

void linear_run(const struct kernels *kernels, const struct linear *linear, const struct input *input, int threads,
                float *y)
{
    const size_t N = linear->weight.rows;
    enum { SHARE = 64 }; /* output rows, a multiple of every kernel's block */
    const size_t work = input->rows * N * linear->weight.columns / (linear->weight.dtype == DTYPE_I8 ? 4 : 1);
    if (threads < 2 || work < PARALLEL_WORK) {
        run_part(kernels, linear, input, 0, N, y);
        return;
    }
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t n = 0; n < N; n += SHARE)
        run_part(kernels, linear, input, n, N - n < SHARE ? N - n : SHARE, y);
}
