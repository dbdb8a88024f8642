/* LayerNorm(x + Sublayer(x)) against its equations in double precision (Ba et al. 2016, equation 3):
 * mu = mean(a), sigma^2 = mean((a - mu)^2), y = gamma (a - mu) / sqrt(sigma^2 + epsilon) + beta. */
#include "../../src/nn/norm.h"
#include "layers.h"

static void test(const struct kernels *k, size_t M, size_t D, float epsilon, float spread, float shift)
{
    float *x = random_floats(M * D, spread), *sublayer = random_floats(M * D, spread);
    float *gamma = random_floats(D, 2), *beta = random_floats(D, 2), *last = x + (M - 1) * D, alone[256];
    double *want = malloc(M * D * sizeof *want);
    const struct norm norm = {gamma, beta, epsilon};
    for (size_t m = 0; m < M; m++) {
        double mean = 0, variance = 0, *y = want + m * D;
        for (size_t d = 0; d < D; d++) {
            x[m * D + d] += shift * (float)(m + 1);
            y[d] = (double)x[m * D + d] + sublayer[m * D + d];
            mean += y[d] / (double)D;
        }
        for (size_t d = 0; d < D; d++)
            variance += (y[d] - mean) * (y[d] - mean) / (double)D;
        for (size_t d = 0; d < D; d++)
            y[d] = gamma[d] * (y[d] - mean) / sqrt(variance + (double)epsilon) + beta[d];
    }
    memcpy(alone, last, D * sizeof *alone);
    norm_run(k, &norm, sublayer + (M - 1) * D, 1, D, alone);
    norm_run(k, &norm, sublayer, M, D, x);
    /* float rounds what is far from zero before the mean is taken off */
    const double off = distance(&(struct exact){want, NULL}, x, M * D), bound = 1e-5 * (1 + (double)shift * (double)M / spread);
    CHECK(off <= bound, "%s M %zu D %zu shift %g: %g off", k->name, M, D, shift, off);
    CHECK(same_bits(alone, last, D), "%s M %zu D %zu: a row alone", k->name, M, D);
    free(x), free(sublayer), free(gamma), free(beta), free(want);
}

/* All elements alike: no variance, and no division by zero. */
static void test_constant(const struct kernels *k)
{
    enum { D = 24 };
    float x[D], zero[D] = {0}, gamma[D], beta[D];
    const struct norm norm = {gamma, beta, 1e-5f};
    for (size_t d = 0; d < D; d++)
        x[d] = 3, gamma[d] = 2, beta[d] = (float)d;
    norm_run(k, &norm, zero, 1, D, x);
    CHECK(same_bits(x, beta, D), "%s: %g %g", k->name, x[0], x[D - 1]);
}

int main(void)
{
    for (size_t t = 0; test_table(t); t++) {
        static const size_t widths[] = {2, 3, 16, 24, 100, 256};
        const struct kernels *k = test_table(t);
        for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
            test(k, 1 + i, widths[i], 1e-5f, 1, 0);
            test(k, 3, widths[i], 1e-5f, 100, 0);
            test(k, 3, widths[i], 0.5f, 0.5f, 20);
        }
        test_constant(k);
    }
    return test_report();
}
