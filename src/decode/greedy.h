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

/* A translation does not go round in circles: what came three times in a row, or as often as anything does in the source
 * (S), comes no more. Set the logit of the id that would begin it again after ids (length) to -infinity. */
void greedy_forbid(const int32_t *ids, size_t length, const int32_t *source, size_t S, float *logits);

/* Translate a batch: at each step every sentence takes its likeliest piece (never the padding or `unknown`, nor one
 * that repeats up to 8 pieces a fourth time in a row, unless the source repeats as often), until end-of-sentence or
 * greedy_limit. translations (B). 0, or negative: DRAGOMAN_MEMORY. */
int greedy_run(struct workspace *workspace, const struct model *model, const struct source_batch *batch,
               int32_t unknown, int threads, struct translation *translations, dragoman_error *error);
void workspace_free(struct workspace *workspace);

#endif
