/* What the parts of the tokenizer share; others include tokenizer.h alone. */
#ifndef TEXT_TOKENIZER_PARTS_H
#define TEXT_TOKENIZER_PARTS_H

#include "../base/mapped_file.h"
#include "normalizer.h"
#include "spm_file.h"
#include "tokenizer.h"
#include "trie.h"

struct dragoman_tokenizer {
    struct mapped_file mapping; /* of tokenizer_open, else empty */
    struct spm_file file;
    struct trie pieces;   /* normal, user-defined and unused pieces: those that text is cut into */
    struct trie reserved; /* unknown, control and byte pieces: those that text can't spell */
    struct trie symbols;  /* user-defined pieces */
    struct normalizer normalizer, denormalizer;
    int32_t unk, eos;     /* eos: -1 if there is none */
    int32_t byte_ids[256];
    float min_score, max_score; /* of the normal pieces */
    bool has_unused;
    char *texts;          /* the pieces, each ended by NUL */
    size_t *text_starts;  /* (count): where in texts */
};

/* Where the pieces of a text go as ids: an unknown piece becomes byte pieces if the model falls back to bytes, and
 * one unknown id with its unknown neighbours otherwise. A control piece (BPE finds one where it is a single character
 * and the text holds it; SentencePiece gives up there) counts as unknown: no text can spell it. */
struct piece_sink {
    const struct dragoman_tokenizer *tokenizer;
    struct id_list *ids;
    bool after_unknown;
};
int piece_sink_add(struct piece_sink *sink, const char *bytes, size_t length, int32_t id, dragoman_error *error);

/* The id of a piece; reserved ones come first; tokenizer->unk if there is none. */
int32_t piece_find(const struct dragoman_tokenizer *tokenizer, const char *bytes, size_t length);

/* Cut normalized text (any bytes, length > 0 and at most TEXT_BYTES) into pieces. 0, or negative:
 * DRAGOMAN_MEMORY. */
#define TEXT_BYTES INT32_MAX
int unigram_cut(const struct dragoman_tokenizer *tokenizer, const char *text, size_t length, struct piece_sink *sink,
                dragoman_error *error);
int bpe_cut(const struct dragoman_tokenizer *tokenizer, const char *text, size_t length, struct piece_sink *sink,
            dragoman_error *error);

#endif
