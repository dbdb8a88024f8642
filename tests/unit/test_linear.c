/* y = x W^T + b: against double loops, and the same bits for any number of threads, rows one by one or all at once. */
#include "layers.h"

/* A layer whose weights are `dtype`, with a stride, and the same one in F32. */
static void make(size_t out, size_t in, enum dtype dtype, bool bias, struct linear *layer, struct linear *widened)
{
    const size_t stride = in + random_next() % 4, bytes = out * stride * dtype_bytes(dtype);
    unsigned char *data = malloc(bytes ? bytes : 1);
    float *rows = malloc(out * in * sizeof *rows);
    for (size_t i = 0; i < out * stride; i++) {
        const float f = (float)(random_next() % 2001) / 1000 - 1;
        const uint16_t half = (uint16_t)(random_next() & 0xbbff); /* any half below 1 in size */
        const int8_t byte = (int8_t)random_next();
        memcpy(data + i * dtype_bytes(dtype),
               dtype == DTYPE_F32 ? (const void *)&f : dtype == DTYPE_F16 ? (const void *)&half : (const void *)&byte,
               dtype_bytes(dtype));
    }
    layer->weight = (struct matrix){data, dtype == DTYPE_I8 ? random_floats(out, 0.01f) : NULL, dtype, out, in, stride};
    layer->bias = bias ? random_floats(out, 1) : NULL;
    for (size_t n = 0; n < out; n++)
        kernels_scalar.widen(&layer->weight, n, 1.0f, rows + n * in);
    *widened = (struct linear){{rows, NULL, DTYPE_F32, out, in, in}, layer->bias};
}

static void test(const struct kernels *k, size_t M, size_t out, size_t in, enum dtype dtype, bool bias)
{
    static const int threads[] = {2, 3, 8};
    struct linear layer, widened;
    make(out, in, dtype, bias, &layer, &widened);
    float *x = random_floats(M * in, 1), *one = random_floats(M * out, 1), *many = random_floats(M * out, 1);
    const size_t compared = M < 8 ? M : 8;
    double *exact = as_doubles(x, compared * in), *want = exact_linear(&widened, exact, compared);
    linear_run(k, &layer, x, M, 1, one);
    const double off = distance(want, one, compared * out);
    CHECK(off <= 1e-6 * (double)(in + 1), "%s %zu x %zu x %zu %s: %g off", k->name, M, out, in, dtype_name(dtype), off);
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        memset(many, 0xff, M * out * sizeof *many);
        linear_run(k, &layer, x, M, threads[i], many);
        CHECK(same_bits(one, many, M * out), "%s %zu x %zu x %zu %s: %d threads", k->name, M, out, in,
              dtype_name(dtype), threads[i]);
    }
    memset(many, 0xff, M * out * sizeof *many);
    for (size_t m = 0; m < M; m++)
        linear_run(k, &layer, x + m * in, 1, 1, many + m * out);
    CHECK(same_bits(one, many, M * out), "%s %zu x %zu x %zu %s: row by row", k->name, M, out, in, dtype_name(dtype));
    free(x), free(one), free(many), free(exact), free(want);
    free((void *)widened.weight.data);
    linear_free(&layer);
}

int main(void)
{
    static const size_t shapes[][3] = {{1, 1, 1}, {2, 3, 5}, {7, 24, 40}, {1, 65, 16}, {0, 4, 4}};
    /* with as many rows as make it worth threads: the last share of the outputs whole, of 63 and of 1 */
    static const size_t parallel[][2] = {{128, 400}, {1023, 130}, {577, 100}};
    for (size_t t = 0; kernels_available(t); t++) {
        const struct kernels *k = kernels_available(t);
        for (enum dtype dtype = DTYPE_F32; dtype <= DTYPE_I8; dtype++)
            for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
                for (int bias = 0; bias < 2; bias++)
                    test(k, shapes[i][0], shapes[i][1], shapes[i][2], dtype, bias);
        for (size_t i = 0; i < 3; i++) {
            const size_t out = parallel[i][0], in = parallel[i][1], M = PARALLEL_WORK / (out * in) + 1;
            test(k, M, out, in, (enum dtype)i, true);
            test(k, M, out, in, (enum dtype)((i + t + 1) % 3), false);
        }
    }
    return test_report();
}
