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
    const char *dtype; /* "F32", "F16", "I8", "U8", "I32" */
    size_t rank, shape[4];
    size_t bytes;
} dragoman_tensor_info;
/* The i-th tensor in the order of the file; false past the last. */
bool dragoman_model_tensor(const dragoman_model *model, size_t i, dragoman_tensor_info *info);
/* The i-th metadata entry in the order of the file; false past the last. */
bool dragoman_model_metadata(const dragoman_model *model, size_t i, const char **key, const char **value);
/* The whole file as mapped into memory (to hash it, say). */
dragoman_text dragoman_model_file(const dragoman_model *model);
/* The name of the kernels in use: "scalar", "avx2", "avxvnni", "avx512", "avx512vnni", "neon". DRAGOMAN_CPU forces a
 * table. */
const char *dragoman_model_kernels(const dragoman_model *model);

/* ---- translation -------------------------------------------------------------------------------------------- */

/* A session with `threads` threads (0: one a core; at most four a core). NULL on failure: DRAGOMAN_MEMORY. (Where
 * the system refuses to start a thread, the OpenMP runtime itself ends the program.) */
dragoman_session *dragoman_session_open(const dragoman_model *model, int threads, dragoman_error *error);
void dragoman_session_close(dragoman_session *session);

typedef struct dragoman_options {
    const char *target; /* "de", "en"; NULL: guess each text's language and translate into the other */
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
