/* Multi-head attention (Vaswani et al. 2017, section 3.2): the one function behind encoder self-attention, masked
 * decoder self-attention and cross-attention. */
#ifndef NN_ATTENTION_H
#define NN_ATTENTION_H

#include "linear.h"

struct attention {
    struct linear q, k, v, o; /* W^Q W^K W^V W^O, the heads' slices side by side: each (D, D) */
    size_t heads;             /* H, divides D */
};

/* What the queries of one sentence look at. Query t sees the first visible + t * growth keys: growth is 1 under the
 * causal mask of the decoder, where a position sees itself and those before it, else 0. Keys that a query does not
 * see get no weight at all, as if their score were -infinity. */
struct attention_view {
    size_t queries;              /* T, rows of x; the sentences' rows follow one another */
    const float *keys, *values;  /* (S, D) each, projected by W^K and W^V */
    size_t visible, growth;
    float *record;               /* (H, T, S) <- the heads' probabilities, S what the last query sees; NULL: off */
};

/* Keys and values (M, D) of the rows x (M, D). */
void attention_keys_values(const struct kernels *kernels, const struct attention *attention, const float *x, size_t M,
                           int threads, float *keys, float *values);

/* x (R, D), R the sum of the views' queries -> y (R, D). scratch holds attention_scratch() floats. */
void multi_head_attention(const struct kernels *kernels, const struct attention *attention, const float *x,
                          const struct attention_view *views, size_t sentences, int threads, float *scratch,
                          float *y);

/* Floats of scratch for R rows of queries, of which a sentence has at most T and sees at most S keys. */
size_t attention_scratch(size_t R, size_t D, size_t T, size_t S, int threads);

#endif
