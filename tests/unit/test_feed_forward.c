/* FFN(x) = act(x W_in^T + b_in) W_out^T + b_out against its equations in double precision, and the same bits for any
 * number of threads. */
#include "../../src/nn/feed_forward.h"
#include "layers.h"

static void test(const struct kernels *k, size_t M, size_t D, size_t F, enum activation activation, enum dtype dtype)
{
    struct feed_forward ffn = {random_linear(F, D, dtype), random_linear(D, F, dtype)};
    ffn.in.activation = activation;
    float *x = random_rows(M, D, 2), *hidden = random_floats(M * F, 1), *y = random_floats(M * D, 1);
    float *again = random_floats(M * D, 1);
    void *quantized = allocate(input_scratch(k, M, D > F ? D : F));
    double *exact = as_doubles(x, M * D);
    struct exact inner = exact_linear(&ffn.in, exact, M);
    exact_activation(&inner, M * F, activation);
    struct exact want = exact_linear(&ffn.out, inner.y, M);
    feed_forward_run(k, &ffn, x, M, 1, quantized, hidden, y);
    const double off = distance(&want, y, M * D);
    CHECK(off <= 1e-5, "%s %s M %zu D %zu F %zu activation %d: %g off", k->name, dtype_name(dtype), M, D, F, activation, off);
    for (int threads = 2; threads <= 8; threads *= 4) {
        feed_forward_run(k, &ffn, x, M, threads, quantized, hidden, again);
        CHECK(same_bits(y, again, M * D), "%s: %d threads", k->name, threads);
    }
    feed_forward_run(k, &ffn, x + (M - 1) * D, 1, 1, quantized, hidden, again);
    CHECK(same_bits(y + (M - 1) * D, again, D), "%s: a row alone", k->name);
    free(x), free(hidden), free(y), free(again), free(quantized), free(exact);
    exact_free(&inner), exact_free(&want);
    linear_free(&ffn.in), linear_free(&ffn.out);
}

int main(void)
{
    for (size_t t = 0; test_table(t); t++)
        for (enum activation a = ACTIVATION_NONE; a <= ACTIVATION_SWISH; a++)
            for (enum dtype dtype = DTYPE_F32; dtype <= DTYPE_I8; dtype++) {
                if (dtype == DTYPE_F16) /* too large for this tolerance; test_linear.c has them */
                    continue;
                test(test_table(t), 1, 2, 1, a, dtype);
                test(test_table(t), 5, 24, 40, a, dtype);
                test(test_table(t), 3, 40, 23, a, dtype);
                if (test_table(t) != &kernels_scalar) /* too slow for as much work as that */
                    test(test_table(t), (dtype == DTYPE_I8 ? 4 : 1) * PARALLEL_WORK / (136 * 300) + 1, 136, 300, a, dtype);
            }
    return test_report();
}
