#include "linear.h"

void linear_run(const struct kernels *kernels, const struct linear *linear, const float *x, size_t M, int threads,
                float *y)
{
    const struct matrix *w = &linear->weight;
    enum { SHARE = 64 }; /* output rows, a multiple of every kernel's block */
    if (threads < 2 || M * w->rows * w->columns < PARALLEL_WORK) {
        kernels->gemm(w, linear->bias, x, w->columns, M, y, w->rows);
        return;
    }
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t n = 0; n < w->rows; n += SHARE) {
        struct matrix part = *w;
        part.data = (const char *)w->data + n * w->stride * dtype_bytes(w->dtype);
        part.scale = w->scale ? w->scale + n : NULL;
        part.rows = w->rows - n < SHARE ? w->rows - n : SHARE;
        kernels->gemm(&part, linear->bias ? linear->bias + n : NULL, x, w->columns, M, y + n, w->rows);
    }
}
