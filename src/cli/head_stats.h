/* What an attention head does, measured over sentences. */
#ifndef CLI_HEAD_STATS_H
#define CLI_HEAD_STATS_H

#include <stdbool.h>

#include "../dragoman.h"

/* Sums over the queries, but for the last two; divided by `queries` they are means. Queries that see one key only have no
 * choice and do not count. A probability's place is compared with the query's: its own position, the one before, the one
 * after. In cross-attention a query's position is that of the source piece as far along in its sentence. */
struct head_stats {
    size_t queries;
    double entropy, bits;  /* of a row; of one that is even, both in bits */
    double distance;       /* in pieces */
    double own, previous, next;
    double edge;           /* </s>; in the decoder's self-attention <s>, since </s> is never read */
    double tag;            /* >>de<< */
    double punctuation;
    /* Cross-attention: links found that are right, links found, links wanted; by the step that writes a word and by the
     * one that reads it. */
    struct head_alignment {
        size_t right, found, wanted;
    } written, read;
    bool anchored; /* against names and numbers alone, which are easy */
};

/* Add what a head of the kind does in a sentence. */
void head_stats_add(struct head_stats *stats, const dragoman_attention *attention, enum dragoman_attention_kind kind,
                    size_t layer, size_t head);
/* Names and numbers, which need nobody to align them: words that are the same in the source and the translation and
 * come once in each -> links, with room for as many as the translation has pieces. Returns their number. */
size_t anchors_find(const dragoman_attention *attention, dragoman_pair *links);
/* Add how a head of cross-attention aligns a sentence, against links. `some`: they are not all there are, so only what
 * the head says of their words counts. scratch has room for as many pairs as the translation has pieces. */
void head_stats_align(struct head_stats *stats, const dragoman_attention *attention, size_t layer, size_t head,
                      const dragoman_pair *links, size_t count, bool some, dragoman_pair *scratch);
/* 1 - alignment error rate; negative if nothing was wanted. */
double head_alignment_quality(const struct head_alignment *alignment);
/* What the head mostly does; *share, from 0 to 1, is how much of its probability does it (negative: no such number). */
const char *head_stats_name(const struct head_stats *stats, enum dragoman_attention_kind kind, double *share);

#endif
