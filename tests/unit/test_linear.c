/* y = act(x W^T + b): against double loops, and the same bits for any number of threads, rows one by one or all at
 * once. */
#include "layers.h"

static void test(const struct kernels *k, size_t M, size_t out, size_t in, enum dtype dtype, bool bias)
{
    static const int threads[] = {2, 3, 8};
    const struct linear layer = {random_matrix(out, in, dtype, 0), bias ? random_floats(out, 1) : NULL,
                                 (enum activation)below(3)};
    float *x = random_rows(M, in, 1), *one = random_floats(M * out, 1), *many = random_floats(M * out, 1);
    const size_t compared = M < 8 ? M : 8;
    double *exact = as_doubles(x, compared * in);
    struct exact want = exact_linear(&layer, exact, compared);
    exact_activation(&want, compared * out, layer.activation);
    linear_apply(k, &layer, x, M, 1, one);
    const double off = distance(&want, one, compared * out);
    CHECK(off <= 1e-6 * (double)(in + 1), "%s %zu x %zu x %zu %s: %g off", k->name, M, out, in, dtype_name(dtype), off);
    double slack = 0;
    for (size_t i = 0; i < compared * out; i++)
        slack += want.slack[i];
    CHECK(slack == 0, "%s: an input is close to a tie", dtype_name(dtype));
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        memset(many, 0xff, M * out * sizeof *many);
        linear_apply(k, &layer, x, M, threads[i], many);
        CHECK(same_bits(one, many, M * out), "%s %zu x %zu x %zu %s: %d threads", k->name, M, out, in,
              dtype_name(dtype), threads[i]);
    }
    memset(many, 0xff, M * out * sizeof *many);
    for (size_t m = 0; m < M; m++)
        linear_apply(k, &layer, x + m * in, 1, 1, many + m * out);
    CHECK(same_bits(one, many, M * out), "%s %zu x %zu x %zu %s: row by row", k->name, M, out, in, dtype_name(dtype));
    free(x), free(one), free(many), free(exact), exact_free(&want);
    linear_free((struct linear *)&layer);
}

/* One prepared input serves several layers; without I8 it is the rows themselves. */
static void test_input(const struct kernels *k, enum dtype dtype)
{
    enum { M = 5, IN = 30, OUT = 21 };
    struct linear first = random_linear(OUT, IN, dtype), second = random_linear(OUT, IN, dtype);
    float *x = random_floats(M * IN, 1), want[M * OUT], got[M * OUT];
    void *scratch = allocate(input_scratch(k, M, IN));
    const struct input input = input_prepare(k, &first, x, M, scratch);
    CHECK(input.rows == M && input.x == x && (input.q != NULL) == (dtype == DTYPE_I8), "%s", dtype_name(dtype));
    linear_run(k, &first, &input, 1, got);
    linear_run(k, &second, &input, 1, got);
    linear_apply(k, &second, x, M, 1, want);
    CHECK(same_bits(want, got, M * OUT), "%s, %s: an input used twice", k->name, dtype_name(dtype));
    free(x), free(scratch);
    linear_free(&first), linear_free(&second);
}

int main(void)
{
    static const size_t shapes[][3] = {{1, 1, 1}, {2, 3, 5}, {7, 24, 40}, {1, 65, 16}, {0, 4, 4}, {3, 33, 31}};
    /* with as many rows as make it worth threads: the last share of the outputs whole, of 63 and of 1 */
    static const size_t parallel[][2] = {{128, 400}, {1023, 130}, {577, 100}};
    for (size_t t = 0; test_table(t); t++) {
        const struct kernels *k = test_table(t);
        for (enum dtype dtype = DTYPE_F32; dtype <= DTYPE_I8; dtype++) {
            test_input(k, dtype);
            for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
                for (int bias = 0; bias < 2; bias++)
                    test(k, shapes[i][0], shapes[i][1], shapes[i][2], dtype, bias);
        }
        for (size_t i = 0; i < 3 && k != &kernels_scalar; i++) { /* which is too slow for as much work as that */
            const size_t out = parallel[i][0], in = parallel[i][1], M = PARALLEL_WORK / (out * in) + 1;
            test(k, M, out, in, (enum dtype)((i + t) % 2), true);
            test(k, 4 * M, out, in, DTYPE_I8, i % 2);
        }
    }
    return test_report();
}
