/* SentencePiece: text to piece ids and back, equal to spm_encode and spm_decode.
 *
 * Sources: the SentencePiece protobuf (sentencepiece_model.proto), Kudo 2018 (unigram), Sennrich et al. 2016 (BPE).
 */
#ifndef TEXT_TOKENIZER_H
#define TEXT_TOKENIZER_H

#include "../base/error.h"

/* A tokenizer is immutable once open and may be shared by threads. */
struct dragoman_tokenizer;

/* The trie of the pieces that text is cut into, ready-made in a file (see trie_view() in trie.h). */
struct piece_trie {
    const void *nodes;          /* (count + 1, 2) of int32 */
    const unsigned char *bytes; /* (count), count > 0 */
    size_t count;
};

/* Read a SentencePiece ModelProto of `size` bytes, which must outlive the tokenizer (it points into it), and so must
 * `trie`'s data; without a trie (NULL) one is built. `name` is for messages. NULL on failure: DRAGOMAN_MODEL_CORRUPT,
 * DRAGOMAN_MEMORY. */
struct dragoman_tokenizer *tokenizer_read(const unsigned char *data, size_t size, const struct piece_trie *trie,
                                          const char *name, dragoman_error *error);
/* Map the SentencePiece model at path and read it. NULL on failure: DRAGOMAN_MODEL_MISSING too. */
struct dragoman_tokenizer *tokenizer_open(const char *path, dragoman_error *error);
void tokenizer_free(struct dragoman_tokenizer *tokenizer);

/* A growing list of ids that a caller reuses; start with {0}, free(list.ids) at the end. */
struct id_list {
    int32_t *ids;
    size_t count, room;
};
/* A growing byte string that a caller reuses; start with {0}, free(s.bytes) at the end. */
struct byte_string {
    char *bytes;
    size_t length, room;
};
/* Append; 0, or negative: DRAGOMAN_MEMORY. */
int byte_string_append(struct byte_string *s, const char *bytes, size_t length, dragoman_error *error);
int id_list_append(struct id_list *list, int32_t id, dragoman_error *error);

/* Append the ids of text (any bytes) to *ids. 0, or negative: DRAGOMAN_MEMORY. */
int tokenizer_encode(const struct dragoman_tokenizer *tokenizer, const char *text, size_t length,
                     struct id_list *ids, dragoman_error *error);
/* Append the text of ids to *text, which is valid UTF-8. 0, or negative: DRAGOMAN_INPUT (an id out of range),
 * DRAGOMAN_MEMORY. */
int tokenizer_decode(const struct dragoman_tokenizer *tokenizer, const int32_t *ids, size_t count,
                     struct byte_string *text, dragoman_error *error);

size_t tokenizer_size(const struct dragoman_tokenizer *tokenizer);
/* The piece of an id, NUL-terminated, NULL if out of range; the id of a piece, tokenizer_unk if there is none. */
const char *tokenizer_piece(const struct dragoman_tokenizer *tokenizer, int32_t id);
int32_t tokenizer_id(const struct dragoman_tokenizer *tokenizer, const char *piece);
int32_t tokenizer_unk(const struct dragoman_tokenizer *tokenizer);
/* Whether an id stands for no text of its own: the unknown piece, or a single byte. */
bool tokenizer_spells(const struct dragoman_tokenizer *tokenizer, int32_t id);
int32_t tokenizer_eos(const struct dragoman_tokenizer *tokenizer); /* -1 if it has none */

#endif
