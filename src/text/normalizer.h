/* Text made ready for segmentation, as SentencePiece does it.
 *
 * Format: NormalizerSpec of sentencepiece_model.proto. Its precompiled_charsmap holds a u32 (the bytes of a trie), the
 * trie (a double array of u32 as darts-clone writes it: Aoe 1989, Yata et al. 2007) and the replacements, each
 * ended by NUL; all little-endian.
 */
#ifndef TEXT_NORMALIZER_H
#define TEXT_NORMALIZER_H

#include "spm_file.h"
#include "tokenizer.h"
#include "trie.h"

struct normalizer {
    const unsigned char *units; /* (unit_count) u32, perhaps unaligned; NULL if there is no charsmap */
    size_t unit_count;
    const char *replacements; /* NUL-terminated strings, one after another */
    size_t replacements_bytes;
    const struct trie *symbols; /* stretches that stay as they are; may be empty, may be NULL */
    bool add_dummy_prefix, remove_extra_whitespaces, escape_whitespaces, whitespace_as_suffix;
};

/* Set up from rules, whose bytes must outlive the normalizer. 0, or negative: DRAGOMAN_MODEL_CORRUPT. */
int normalizer_init(struct normalizer *n, const struct spm_rules *rules, const char *name, dragoman_error *error);

/* Append the normalized text (any bytes; a byte that is not UTF-8 becomes U+FFFD). 0, or negative: DRAGOMAN_MEMORY.
 * The result is valid UTF-8 if the charsmap maps characters to characters and the symbols are whole characters. */
int normalizer_run(const struct normalizer *n, const char *text, size_t length, struct byte_string *normalized,
                   dragoman_error *error);

#endif
