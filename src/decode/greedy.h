/* Greedy decoding of a batch of sentences. */
#ifndef DECODE_GREEDY_H
#define DECODE_GREEDY_H

#include "record.h"

/* What one thread needs to translate, kept from batch to batch. Start with {0}. */
struct workspace {
    struct arena arena;
    struct position_table positions;
    struct encoder_state encoder;
    struct decoder_cache cache;
    size_t *limits;   /* (B) */
    float *logits;    /* (B, V) */
    size_t *active;   /* (B) the sentences that are not finished */
    int32_t *last_ids; /* (B) the last id of each active sentence */
    struct recorder recorder;
};

struct translation {
    int32_t *ids;   /* (length) without end-of-sentence; in the workspace's arena until the next batch */
    size_t length;
    bool truncated; /* it reached the length limit */
};

/* The most ids that a source of S ids may be translated into. */
static inline size_t greedy_limit(size_t S)
{
    return 2 * S + 10;
}

/* Translate a batch: at each step every sentence takes its likeliest piece (never the padding or `unknown`), until
 * end-of-sentence or greedy_limit. translations (B). 0, or negative: DRAGOMAN_MEMORY. */
int greedy_run(struct workspace *workspace, const struct model *model, const struct source_batch *batch,
               int32_t unknown, int threads, struct translation *translations, dragoman_error *error);
void workspace_free(struct workspace *workspace);

#endif
