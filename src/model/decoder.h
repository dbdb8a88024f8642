/* The decoder: target ids so far and memory to states, over a key/value cache. */
#ifndef MODEL_DECODER_H
#define MODEL_DECODER_H

#include "encoder.h"

/* The cache of a batch, in an arena. Sentence b may grow to limits[b] positions; its keys and values of layer l start
 * at row l * capacity + offsets[b]. Cross-attention's are computed once, for the rows of the encoder's memory. */
struct decoder_cache {
    size_t *offsets;                    /* (B) */
    size_t capacity;                    /* sum of the limits */
    size_t length;                      /* positions that every sentence of the batch holds */
    float *self_keys, *self_values;     /* (L * capacity, D) */
    float *cross_keys, *cross_values;   /* (L * R, D), R the rows of memory */
    const size_t *memory_starts;        /* the encoder's */
    size_t memory_rows;                 /* R */
    float *x, *new_keys, *new_values, *sublayer, *hidden, *attention_scratch; /* (B * steps, D or F) */
    struct attention_view *views;       /* (B) */
    /* (L, H, T, T), (L, H, T, S) <- the probabilities of one sentence, run alone and at once; NULL: off */
    float *self_record, *cross_record;
};

/* Take the cache's memory from the arena (twice: counting, then for real), for up to `steps` new positions of each
 * sentence at a time. limits (B) is the greatest length of each. */
void decoder_layout(struct decoder_cache *cache, const struct model *model, const struct source_batch *batch,
                    const size_t *limits, size_t steps, int threads, struct arena *arena);
/* Begin: forget the positions, compute cross-attention's keys and values. */
void decoder_begin(struct decoder_cache *cache, const struct model *model, const struct source_batch *batch,
                   const struct encoder_state *encoder, const size_t *limits, int threads);
/* Run `steps` new positions of each of the `active` sentences rows[0..active) (indices into the batch) at once, under
 * the causal mask: ids (active, steps) -> states (active, steps, D), which stay valid until the next call. One step at
 * a time and a whole prefix at once give the same states. */
const float *decoder_run(struct decoder_cache *cache, const struct model *model, const size_t *rows, size_t active,
                         const int32_t *ids, size_t steps, const struct position_table *positions, int threads);

#endif
