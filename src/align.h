/* From attention to word alignments: which word of a translation goes with which word of the source. */
#ifndef ALIGN_H
#define ALIGN_H

#include "base/error.h"
#include "text/tokenizer.h"

enum { ALIGN_HEADS = 64 };

/* Which heads to take the mean of: the metadata entry `alignment` (models/README.md). */
struct alignment {
    struct {
        size_t layer, head; /* head ALL_HEADS: the mean of the layer's */
        bool reading;       /* a piece's row is that of the step that reads it, not of the one that writes it */
    } heads[ALIGN_HEADS];
    size_t count;
};
#define ALL_HEADS DRAGOMAN_ALL_HEADS

/* Read the entry, for a decoder of L layers of H heads; NULL: the default. 0, or negative: DRAGOMAN_MODEL_CORRUPT. */
int alignment_read(struct alignment *alignment, const char *text, size_t L, size_t H, const char *path,
                   dragoman_error *error);
/* The decoder layers that it needs. */
size_t alignment_layers(const struct alignment *alignment);

/* A growing list that a caller reuses; start with {0}, free(list.pairs) at the end. */
struct pair_list {
    dragoman_pair *pairs;
    size_t count, room;
};
/* Make room for `more` pairs. 0, or negative: DRAGOMAN_MEMORY. */
int pair_list_reserve(struct pair_list *list, size_t more, dragoman_error *error);

/* Which word of the text each of its pieces ids (count) belongs to -> words (count). Words stand between blanks.
 * 0, or negative: DRAGOMAN_MEMORY. */
int align_words(const struct dragoman_tokenizer *tokenizer, const char *text, size_t length, const int32_t *ids,
                size_t count, size_t *words, dragoman_error *error);
/* How many words begin in the bytes; *inside (whether a word is under way) is read and updated. */
size_t words_begun(const char *bytes, size_t length, bool *inside);

/* A sentence's probabilities of cross-attention (layers, H, T, S) and its pieces' words (S), (T) -> pairs (T), in the
 * order of the target's words: for each, the source word that its pieces look at most. Returns their number. */
size_t align_pairs(const struct alignment *alignment, const float *cross, size_t H, size_t T, size_t S,
                   const size_t *source_words, const size_t *target_words, dragoman_pair *pairs);

#endif
