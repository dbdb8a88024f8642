/* FFN(x) = act(x W_in^T + b_in) W_out^T + b_out against its equations in double precision, and the same bits for any
 * number of threads. */
#include "../../src/nn/feed_forward.h"
#include "layers.h"

static void test(const struct kernels *k, size_t M, size_t D, size_t F, enum activation activation)
{
    struct feed_forward ffn = {random_linear(F, D), random_linear(D, F), activation};
    float *x = random_floats(M * D, 2), *hidden = random_floats(M * F, 1), *y = random_floats(M * D, 1);
    float *again = random_floats(M * D, 1);
    double *exact = as_doubles(x, M * D), *inner = exact_linear(&ffn.in, exact, M);
    for (size_t i = 0; i < M * F; i++)
        inner[i] = activation == ACTIVATION_RELU ? fmax(inner[i], 0) : inner[i] / (1 + exp(-inner[i]));
    double *want = exact_linear(&ffn.out, inner, M);
    feed_forward_run(k, &ffn, x, M, 1, hidden, y);
    const double off = distance(want, y, M * D);
    CHECK(off <= 1e-5, "%s M %zu D %zu F %zu activation %d: %g off", k->name, M, D, F, activation, off);
    for (int threads = 2; threads <= 8; threads *= 4) {
        feed_forward_run(k, &ffn, x, M, threads, hidden, again);
        CHECK(same_bits(y, again, M * D), "%s: %d threads", k->name, threads);
    }
    feed_forward_run(k, &ffn, x + (M - 1) * D, 1, 1, hidden, again);
    CHECK(same_bits(y + (M - 1) * D, again, D), "%s: a row alone", k->name);
    free(x), free(hidden), free(y), free(again), free(exact), free(inner), free(want);
    linear_free(&ffn.in), linear_free(&ffn.out);
}

int main(void)
{
    for (size_t t = 0; kernels_available(t); t++)
        for (enum activation a = ACTIVATION_RELU; a <= ACTIVATION_SWISH; a++) {
            test(kernels_available(t), 1, 2, 1, a);
            test(kernels_available(t), 5, 24, 40, a);
            test(kernels_available(t), 3, 40, 23, a);
            test(kernels_available(t), PARALLEL_WORK / (136 * 300) + 1, 136, 300, a);
        }
    return test_report();
}
