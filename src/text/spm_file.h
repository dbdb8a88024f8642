/* A SentencePiece model file taken apart: its pieces and the settings that decide about ids and text.
 *
 * Format: sentencepiece_model.proto (proto2 wire format: a message is a row of fields, each a tag, which holds a
 * field number and a wire type, and a value). Strings point into the file's bytes.
 */
#ifndef TEXT_SPM_FILE_H
#define TEXT_SPM_FILE_H

#include "../base/error.h"

/* The numbers of ModelProto.SentencePiece.Type. */
enum piece_type {
    PIECE_NORMAL = 1,
    PIECE_UNKNOWN = 2,
    PIECE_CONTROL = 3,
    PIECE_USER_DEFINED = 4,
    PIECE_UNUSED = 5,
    PIECE_BYTE = 6,
};

struct spm_string {
    const unsigned char *bytes; /* not NUL-terminated */
    size_t length;
};

struct spm_piece {
    struct spm_string text; /* valid UTF-8 without NUL, 1 to SPM_PIECE_BYTES bytes */
    float score;            /* finite; natural log of a probability, or minus the rank of a merge */
    uint8_t type;           /* enum piece_type */
    uint8_t shown_as;       /* the type on decoding; differs from type where a reserved piece has the same text */
    uint8_t byte;           /* of a PIECE_BYTE */
};

/* A NormalizerSpec. */
struct spm_rules {
    struct spm_string charsmap; /* empty: text stays as it is */
    bool add_dummy_prefix, remove_extra_whitespaces, escape_whitespaces;
};

struct spm_file {
    struct spm_piece *pieces; /* (count) */
    size_t count;
    enum { SPM_UNIGRAM = 1, SPM_BPE = 2 } model_type;
    bool byte_fallback, whitespace_as_suffix;
    struct spm_string unk_surface, eos_piece;
    struct spm_rules normalizer, denormalizer;
};

/* Longer pieces are refused: the cost of encoding grows with the longest piece (newer SentencePiece draws
 * the line at the same place). */
#define SPM_PIECE_BYTES 7999
/* More pieces are refused; the largest known vocabularies have about 2^18. */
#define SPM_PIECES (1u << 24)

/* Read the `size` bytes of a ModelProto, which must outlive *file. Checks each piece by itself, not how they go
 * together. 0, or negative with nothing to free: DRAGOMAN_MODEL_CORRUPT, DRAGOMAN_MEMORY. */
int spm_file_read(struct spm_file *file, const unsigned char *data, size_t size, const char *name,
                  dragoman_error *error);
void spm_file_free(struct spm_file *file);

#endif
