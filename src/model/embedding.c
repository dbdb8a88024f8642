#include "embedding.h"

#include <math.h>
#include <stdlib.h>

int position_table_grow(struct position_table *table, size_t count, size_t D, dragoman_error *error)
{
    if (count <= table->count)
        return 0;
    if (table->count && count < table->count + 64)
        count = table->count + 64; /* a little more: sentences grow by and by */
    float *rows = realloc(table->rows, count * D * sizeof *rows);
    if (!rows)
        return fail_memory(error, count * D * sizeof *rows);
    table->rows = rows;
    for (size_t i = 0; i < D / 2; i++) {
        double frequency = pow(10000.0, -2.0 * (double)i / (double)D);
        for (size_t p = table->count; p < count; p++) {
            rows[p * D + i] = (float)sin((double)p * frequency);
            rows[p * D + D / 2 + i] = (float)cos((double)p * frequency);
        }
    }
    table->count = count;
    return 0;
}

void position_table_free(struct position_table *table)
{
    free(table->rows);
    *table = (struct position_table){0};
}

void embedding_run(const struct model *model, const int32_t *ids, size_t count, const struct position_table *table,
                   size_t first, float *x)
{
    const size_t D = model->config.d_model;
    for (size_t i = 0; i < count; i++) {
        const float *position = table->rows + (first + i) * D;
        model->kernels->widen(&model->embedding, (size_t)ids[i], model->embedding_factor, x + i * D);
        for (size_t d = 0; d < D; d++)
            x[i * D + d] += position[d];
    }
}
