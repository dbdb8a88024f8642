/* Token embedding plus sinusoidal position (Vaswani et al. 2017, sections 3.4 and 3.5). */
#ifndef MODEL_EMBEDDING_H
#define MODEL_EMBEDDING_H

#include "model.h"

/* The positions 0 .. count-1, computed as they are needed; one table a session. */
struct position_table {
    float *rows; /* (count, D) */
    size_t count;
};

/* Make the table hold at least count positions. PE(p, i) = sin(p / 10000^(2i/D)) for i < D/2, and the cosine of the
 * same at i + D/2 (MarianMT's layout). 0, or negative: DRAGOMAN_MEMORY. */
int position_table_grow(struct position_table *table, size_t count, size_t D, dragoman_error *error);
void position_table_free(struct position_table *table);

/* x (count, D) <- factor * embedding(ids) + positions first, first+1, ... */
void embedding_run(const struct model *model, const int32_t *ids, size_t count, const struct position_table *table,
                   size_t first, float *x);

#endif
