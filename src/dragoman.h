/* dragoman.h - the public interface: open a model, open a session, translate, free.
 *
 * The library never prints, never exits and keeps no globals. A model is immutable and may be shared by threads;
 * a session belongs to one thread at a time. Text is UTF-8 with an explicit length in bytes, so it may hold NUL.
 * A function that can fail says what it returns then, and fills *error (which may be NULL).
 */
#ifndef DRAGOMAN_H
#define DRAGOMAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DRAGOMAN_VERSION "0.1.0"

/* What went wrong. The command line exits with these numbers. */
enum dragoman_code {
    DRAGOMAN_OK = 0,
    DRAGOMAN_USAGE = 2,         /* an argument makes no sense (an unknown language, say) */
    DRAGOMAN_MODEL_MISSING = 3, /* a file is missing or can't be read */
    DRAGOMAN_MODEL_CORRUPT = 4, /* a file is damaged or of a kind that is not supported */
    DRAGOMAN_INPUT = 5,
    DRAGOMAN_OUTPUT = 6,
    DRAGOMAN_MEMORY = 7,
};

typedef struct dragoman_error {
    enum dragoman_code code;
    char message[480]; /* one line: file, what was found, what was wanted */
} dragoman_error;

/* A stretch of bytes; not NUL-terminated unless a function says so. */
typedef struct dragoman_text {
    const char *bytes;
    size_t length;
} dragoman_text;

typedef struct dragoman_model dragoman_model;
typedef struct dragoman_session dragoman_session;
typedef struct dragoman_tokenizer dragoman_tokenizer;

/* ---- models ------------------------------------------------------------------------------------------------- */

/* Open a model file (safetensors; models/README.md). NULL on failure: DRAGOMAN_MODEL_MISSING, _CORRUPT, _MEMORY;
 * _USAGE if the environment's DRAGOMAN_CPU names no kernel table that this processor has. */
dragoman_model *dragoman_model_open(const char *path, dragoman_error *error);
void dragoman_model_close(dragoman_model *model);

/* The i-th target language ("de", "en"), NULL past the last. */
const char *dragoman_model_language(const dragoman_model *model, size_t i);
/* The tokenizer of the model, which owns it. */
const dragoman_tokenizer *dragoman_model_tokenizer(const dragoman_model *model);

/* What the file holds, for inspection. Strings belong to the model. */
typedef struct dragoman_tensor_info {
    const char *name;
    const char *dtype; /* "F32", "F16", "I8", "U8" */
    size_t rank, shape[4];
    size_t bytes;
} dragoman_tensor_info;
/* The i-th tensor in the order of the file; false past the last. */
bool dragoman_model_tensor(const dragoman_model *model, size_t i, dragoman_tensor_info *info);
/* The i-th metadata entry in the order of the file; false past the last. */
bool dragoman_model_metadata(const dragoman_model *model, size_t i, const char **key, const char **value);
/* The whole file as mapped into memory (to hash it, say). */
dragoman_text dragoman_model_file(const dragoman_model *model);
/* The name of the kernels in use: "scalar", "avx2", "avx512". DRAGOMAN_CPU forces a table. */
const char *dragoman_model_kernels(const dragoman_model *model);

/* The three uses of multi-head attention (Vaswani et al. 2017, section 3.2.3), and the model's layers and heads of each. */
enum dragoman_attention_kind { DRAGOMAN_ENCODER_SELF, DRAGOMAN_DECODER_SELF, DRAGOMAN_CROSS, DRAGOMAN_ATTENTION_KINDS };
void dragoman_model_heads(const dragoman_model *model, enum dragoman_attention_kind kind, size_t *layers, size_t *heads);

/* ---- translation -------------------------------------------------------------------------------------------- */

/* A session with `threads` threads (0: one a core; at most four a core). NULL on failure: DRAGOMAN_MEMORY. (Where
 * the system refuses to start a thread, the OpenMP runtime itself ends the program.) */
dragoman_session *dragoman_session_open(const dragoman_model *model, int threads, dragoman_error *error);
void dragoman_session_close(dragoman_session *session);

typedef struct dragoman_options {
    const char *target; /* "de", "en"; NULL: guess each text's language and translate into the other */
    bool align;         /* find out which words belong together: dragoman_session_alignment() */
    /* dragoman_attend() alone: the translation to look at instead of the model's own (forced decoding); bytes NULL:
     * the model's own. The text is then one sentence, whatever it holds. */
    dragoman_text translation;
} dragoman_options;

typedef struct dragoman_stats {
    size_t texts, sentences, source_tokens, target_tokens;
    size_t invalid_bytes; /* bytes that were not UTF-8 and were replaced by U+FFFD */
    size_t truncated;     /* sentences whose translation reached the length limit */
    size_t untranslated;  /* sentences for which the model found nothing to say, copied */
} dragoman_stats;

/* Translate count texts (lines or paragraphs: each is split into sentences, blanks at its ends and between its
 * sentences are kept). outputs[i] stay valid until the next call with this session. 0, or a negative number on
 * failure: DRAGOMAN_USAGE, DRAGOMAN_MEMORY. options may be NULL. The result for a text does not depend on its
 * neighbours. */
int dragoman_translate(dragoman_session *session, const dragoman_options *options, const dragoman_text *texts,
                       size_t count, dragoman_text *outputs, dragoman_error *error);
/* Totals of all calls with this session. */
dragoman_stats dragoman_session_stats(const dragoman_session *session);

/* ---- attention ---------------------------------------------------------------------------------------------- */

/* What every head looked at in one sentence: P = softmax(Q K^T / sqrt(d_k)) of all layers and heads, the very numbers
 * of the translation. Row t of a map is a query, its columns are the keys; a row sums to 1 (but for rounding), and what
 * the decoder may not see is exactly 0. */
typedef struct dragoman_attention {
    dragoman_text source, translation; /* the sentence, and what the model wrote for it (nothing, maybe) */
    size_t source_length, target_length;       /* S, T */
    const char *const *source_pieces;          /* (S): ">>de<<", "▁Thank", ..., "</s>" */
    const char *const *target_pieces;          /* (T): what step t wrote; the last is "</s>" unless it was cut short */
    const char *const *decoder_inputs;         /* (T): what step t read: "<s>", then target_pieces[0 .. T-2] */
    /* (S), (T): the word of the text, and of its whole translation, that a piece belongs to, counted from 0; a word is
     * what stands between blanks (space, tab, line ends). SIZE_MAX for language tags and </s>. */
    const size_t *source_words, *target_words;
    size_t layers[DRAGOMAN_ATTENTION_KINDS], heads[DRAGOMAN_ATTENTION_KINDS];
    size_t rows[DRAGOMAN_ATTENTION_KINDS], columns[DRAGOMAN_ATTENTION_KINDS];
    /* (layers, heads, rows, columns): encoder (S, S), decoder self (T, T), cross (T, S). */
    const float *probabilities[DRAGOMAN_ATTENTION_KINDS];
} dragoman_attention;

/* The bytes that the probabilities of a text may take. A sentence is at most 130 pieces and its translation 270, which
 * is 10 MB with the bundled model; everyday sentences take some 50 KB. */
#define DRAGOMAN_ATTENTION_BYTES ((size_t)256 << 20)

/* Translate one text, as dragoman_translate() does and with the same result, and record all attention. *sentences (of
 * them *count; none if nothing of the text is to be translated) stay valid until the next call with this session. What
 * is recorded is computed once more after the translation: translating itself is not changed. options may be NULL. 0, or
 * a negative number: DRAGOMAN_USAGE (also a translation given that is too long), DRAGOMAN_MEMORY (also more than
 * DRAGOMAN_ATTENTION_BYTES). */
int dragoman_attend(dragoman_session *session, const dragoman_options *options, dragoman_text text,
                    const dragoman_attention **sentences, size_t *count, dragoman_error *error);

/* Words that belong together: the source-th of the text and the target-th of its translation, counted from 0; a word is
 * what stands between blanks. */
typedef struct dragoman_pair {
    size_t source, target;
} dragoman_pair;

/* The word pairs of the i-th text of the last call with options.align, ordered by source word, *count of them; valid
 * until the next call with this session. Every word of a translation goes with the source word that cross-attention
 * looks at most, by the heads that the model file names (models/README.md, `alignment`); words that are copied go with
 * themselves. NULL and 0 where there are none. */
const dragoman_pair *dragoman_session_alignment(const dragoman_session *session, size_t i, size_t *count);
/* The same of a sentence by one head of cross-attention, DRAGOMAN_ALL_HEADS: the mean of the layer's, ordered by target
 * word -> pairs, with room for attention->target_length of them. `reading`: what a piece looks at is the row of the step
 * that reads it, which comes after the one that writes it. Returns their number. */
size_t dragoman_attention_pairs(const dragoman_attention *attention, size_t layer, size_t head, bool reading,
                                dragoman_pair *pairs);
#define DRAGOMAN_ALL_HEADS SIZE_MAX

/* The language a text seems to be written in, one of the model's (see src/text/language.h). Never NULL. */
const char *dragoman_guess_language(const dragoman_model *model, dragoman_text text);

/* ---- tokenizing --------------------------------------------------------------------------------------------- */

/* Open a SentencePiece model (.spm, .model). NULL on failure: DRAGOMAN_MODEL_MISSING, _CORRUPT, _MEMORY. */
dragoman_tokenizer *dragoman_tokenizer_open(const char *path, dragoman_error *error);
void dragoman_tokenizer_close(dragoman_tokenizer *tokenizer);
/* Encode text into ids; *ids is malloc'ed, the caller frees it. 0 or negative (DRAGOMAN_MEMORY). */
int dragoman_tokenize(const dragoman_tokenizer *tokenizer, dragoman_text text, int32_t **ids, size_t *count,
                      dragoman_error *error);
/* Decode ids into text; text->bytes is malloc'ed and NUL-terminated, the caller frees it. 0 or negative
 * (DRAGOMAN_INPUT: an id out of range; DRAGOMAN_MEMORY). */
int dragoman_detokenize(const dragoman_tokenizer *tokenizer, const int32_t *ids, size_t count, dragoman_text *text,
                        dragoman_error *error);
/* The number of pieces, and the piece of an id (NULL if out of range). */
size_t dragoman_tokenizer_size(const dragoman_tokenizer *tokenizer);
const char *dragoman_tokenizer_piece(const dragoman_tokenizer *tokenizer, int32_t id);
/* The id of a piece, the unknown id if there is none. */
int32_t dragoman_tokenizer_id(const dragoman_tokenizer *tokenizer, const char *piece);

#ifdef __cplusplus
}
#endif
#endif
