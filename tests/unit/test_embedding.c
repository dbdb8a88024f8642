/* Token embedding and positions: the sinusoids of Vaswani et al. 2017, section 3.5, in MarianMT's order. */
#include <math.h>

#include "tiny.h"

static void test_positions(size_t D)
{
    struct position_table table = {0}, grown = {0};
    double worst = 0;
    CHECK(position_table_grow(&table, 600, D, NULL) == 0 && table.count >= 600, "%zu rows", table.count);
    for (size_t p = 0; p < 600; p++)
        for (size_t i = 0; i < D / 2; i++) {
            const double angle = (double)p / pow(10000, 2 * (double)i / (double)D);
            worst = fmax(worst, fabs(sin(angle) - table.rows[p * D + i]));
            worst = fmax(worst, fabs(cos(angle) - table.rows[p * D + D / 2 + i]));
        }
    CHECK(worst <= 1e-7, "D %zu: %g off", D, worst);
    /* grown bit by bit it holds the same rows, and what is there does not change */
    for (size_t count = 1; count <= 600; count += 37) {
        CHECK(position_table_grow(&grown, count, D, NULL) == 0 && grown.count >= count, "%zu rows", grown.count);
        CHECK(memcmp(grown.rows, table.rows, count * D * sizeof *table.rows) == 0, "D %zu: %zu rows", D, count);
    }
    const float *rows = grown.rows;
    const size_t count = grown.count;
    CHECK(position_table_grow(&grown, count, D, NULL) == 0 && position_table_grow(&grown, 0, D, NULL) == 0 &&
          grown.rows == rows && grown.count == count, "the table changed though it was large enough");
    position_table_free(&table), position_table_free(&grown);
    position_table_free(&table);
    CHECK(table.rows == NULL && table.count == 0, "freed");
}

static void test_embedding(const char *name, const struct kernels *kernels)
{
    static const int32_t ids[] = {0, 5, 5, 60, 1, 33};
    enum { COUNT = sizeof ids / sizeof *ids, FIRST = 11 };
    struct tiny tiny = {0};
    tiny_open(&tiny, name, kernels);
    const size_t D = tiny.model.config.d_model;
    struct position_table table = {0};
    float *x = malloc(COUNT * D * sizeof *x), *row = malloc(D * sizeof *row);
    position_table_grow(&table, FIRST + COUNT, D, NULL);
    embedding_run(&tiny.model, ids, COUNT, &table, FIRST, x);
    double worst = 0;
    for (size_t i = 0; i < COUNT; i++) {
        kernels_scalar.widen(&tiny.model.embedding, (size_t)ids[i], 1.0f, row);
        for (size_t d = 0; d < D; d++)
            worst = fmax(worst, fabs(row[d] * sqrt((double)D) + table.rows[(FIRST + i) * D + d] - x[i * D + d]));
    }
    CHECK(worst <= 1e-6, "%s, %s: %g off", name, kernels->name, worst);
    CHECK(memcmp(x + D, x + 2 * D, D * sizeof *x) != 0, "the same id at two places has the same row");
    free(x), free(row);
    position_table_free(&table);
    tiny_close(&tiny);
}

int main(void)
{
    test_positions(2), test_positions(24), test_positions(256);
    for (size_t k = 0; test_table(k); k++)
        for (size_t i = 0; i < TINY_COUNT; i++)
            test_embedding(tiny_names[i], test_table(k));
    return test_report();
}
