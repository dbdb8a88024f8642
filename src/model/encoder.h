/* The encoder: source ids to memory. */
#ifndef MODEL_ENCODER_H
#define MODEL_ENCODER_H

#include "../base/arena.h"
#include "embedding.h"

/* A batch of source sentences, their rows one after another without padding: R rows in all. */
struct source_batch {
    const int32_t *const *ids; /* (B) each (length) */
    const size_t *lengths;     /* (B) */
    size_t sentences;          /* B */
};

/* The result and the scratch, in an arena. */
struct encoder_state {
    float *memory;  /* (R, D) */
    size_t *starts; /* (B + 1): the rows of sentence b are starts[b] .. starts[b+1] */
    float *keys, *values, *sublayer, *hidden, *attention_scratch;
    struct attention_view *views; /* (B) */
    float *record; /* (L, H, S, S) <- the probabilities of a batch's only sentence; NULL: off */
};

/* Take the state's memory from the arena (twice: counting, then for real). */
void encoder_layout(struct encoder_state *state, const struct model *model, const struct source_batch *batch,
                    int threads, struct arena *arena);
/* Fill state->memory. The position table must hold the longest sentence. */
void encoder_run(struct encoder_state *state, const struct model *model, const struct source_batch *batch,
                 const struct position_table *positions, int threads);

#endif
