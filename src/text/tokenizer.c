#include "tokenizer_parts.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

/* ---- growing lists ------------------------------------------------------------------------------------------- */

int byte_string_append(struct byte_string *s, const char *bytes, size_t length, dragoman_error *error)
{
    if (length > s->room - s->length) {
        size_t room = s->room > SIZE_MAX / 2 ? SIZE_MAX : 2 * s->room;
        if (length > SIZE_MAX - s->length)
            return fail_memory(error, length);
        if (room < s->length + length)
            room = s->length + length;
        if (room < 64)
            room = 64;
        char *grown = realloc(s->bytes, room);
        if (!grown)
            return fail_memory(error, room);
        s->bytes = grown;
        s->room = room;
    }
    if (length)
        memcpy(s->bytes + s->length, bytes, length);
    s->length += length;
    return 0;
}

int id_list_append(struct id_list *list, int32_t id, dragoman_error *error)
{
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 64;
        if (room > SIZE_MAX / sizeof *list->ids)
            return fail_memory(error, SIZE_MAX);
        int32_t *grown = realloc(list->ids, room * sizeof *grown);
        if (!grown)
            return fail_memory(error, room * sizeof *grown);
        list->ids = grown;
        list->room = room;
    }
    list->ids[list->count++] = id;
    return 0;
}

/* ---- opening ------------------------------------------------------------------------------------------------- */

static bool type_is_reserved(uint8_t type)
{
    return type == PIECE_UNKNOWN || type == PIECE_CONTROL || type == PIECE_BYTE;
}

/* Build the three tries, or the two others if that of the pieces is there. */
static int tries_build(struct dragoman_tokenizer *t, const struct piece_trie *ready, const char *name,
                       dragoman_error *error)
{
    size_t pieces = 0, reserved = 0, symbols = 0, count = t->file.count;
    struct trie_key *keys = malloc(3 * count * sizeof *keys); /* at most 3 * SPM_PIECES */
    if (!keys)
        return fail_memory(error, 3 * count * sizeof *keys);
    for (size_t i = 0; i < count; i++) {
        const struct spm_piece *piece = &t->file.pieces[i];
        struct trie_key key = {piece->text.bytes, (uint32_t)piece->text.length, (int32_t)i};
        if (type_is_reserved(piece->type))
            keys[count + reserved++] = key;
        else if (!ready)
            keys[pieces++] = key;
        if (piece->type == PIECE_USER_DEFINED)
            keys[2 * count + symbols++] = key;
    }
    int status = 0;
    if ((ready ? trie_view(&t->pieces, ready->nodes, ready->bytes, ready->count, count, name, error)
               : trie_build(&t->pieces, keys, pieces, name, error)) < 0 ||
        trie_build(&t->reserved, keys + count, reserved, name, error) < 0 ||
        trie_build(&t->symbols, keys + 2 * count, symbols, name, error) < 0)
        status = -1;
    free(keys);
    return status;
}

/* Copy the pieces, each with a NUL. */
static int texts_copy(struct dragoman_tokenizer *t, dragoman_error *error)
{
    size_t bytes = 0;
    for (size_t i = 0; i < t->file.count; i++)
        bytes += t->file.pieces[i].text.length + 1; /* at most twice the bytes of the file */
    t->texts = malloc(bytes);
    t->text_starts = malloc(t->file.count * sizeof *t->text_starts);
    if (!t->texts || !t->text_starts)
        return fail_memory(error, bytes + t->file.count * sizeof *t->text_starts);
    char *at = t->texts;
    for (size_t i = 0; i < t->file.count; i++) {
        struct spm_string text = t->file.pieces[i].text;
        t->text_starts[i] = (size_t)(at - t->texts);
        at = mempcpy(at, text.bytes, text.length);
        *at++ = 0;
    }
    return 0;
}

/* Look at each piece together with the others: the unknown piece, the byte pieces, the range of the scores. */
static int pieces_bind(struct dragoman_tokenizer *t, const char *name, dragoman_error *error)
{
    size_t bytes = 0;
    t->unk = -1;
    t->min_score = FLT_MAX;
    t->max_score = FLT_MIN; /* not -FLT_MAX: SentencePiece starts here, and its ids are to be met */
    for (size_t i = 0; i < t->file.count; i++) {
        struct spm_piece *piece = &t->file.pieces[i];
        if (piece->type == PIECE_UNKNOWN) {
            if (t->unk >= 0)
                return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: found the unknown pieces %d and %zu, wanted one",
                            name, (int)t->unk, i);
            t->unk = (int32_t)i;
        } else if (piece->type == PIECE_BYTE) {
            t->byte_ids[piece->byte] = (int32_t)i;
            bytes++; /* no two are the same: tries_build has checked it */
        } else if (piece->type == PIECE_NORMAL) {
            t->min_score = piece->score < t->min_score ? piece->score : t->min_score;
            t->max_score = piece->score > t->max_score ? piece->score : t->max_score;
        }
        t->has_unused |= piece->type == PIECE_UNUSED;
        int32_t twin = trie_find(&t->reserved, (const char *)piece->text.bytes, piece->text.length);
        if (twin >= 0) {
            piece->shown_as = t->file.pieces[twin].type;
            piece->byte = t->file.pieces[twin].byte;
        }
    }
    if (t->unk < 0)
        return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: found no unknown piece among %zu, wanted one", name,
                    t->file.count);
    if (bytes != (t->file.byte_fallback ? 256 : 0))
        return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: found %zu byte pieces, wanted %s", name, bytes,
                    t->file.byte_fallback ? "256 (byte_fallback is on)" : "none (byte_fallback is off)");
    if (t->file.model_type == SPM_UNIGRAM && !t->pieces.nodes)
        return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: found no piece that text could be cut into, wanted some", name);
    return 0;
}

struct dragoman_tokenizer *tokenizer_read(const unsigned char *data, size_t size, const struct piece_trie *trie,
                                          const char *name, dragoman_error *error)
{
    struct dragoman_tokenizer *t = calloc(1, sizeof *t);
    if (!t) {
        fail_memory(error, sizeof *t);
        return NULL;
    }
    if (spm_file_read(&t->file, data, size, name, error) < 0)
        goto fail;
    if (t->file.count == 0) {
        fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: found no pieces, wanted a SentencePiece model", name);
        goto fail;
    }
    if (tries_build(t, trie, name, error) < 0 || pieces_bind(t, name, error) < 0 || texts_copy(t, error) < 0)
        goto fail;
    if (normalizer_init(&t->normalizer, &t->file.normalizer, name, error) < 0 ||
        normalizer_init(&t->denormalizer, &t->file.denormalizer, name, error) < 0)
        goto fail;
    t->normalizer.symbols = &t->symbols;
    t->normalizer.whitespace_as_suffix = t->file.whitespace_as_suffix;
    t->eos = piece_find(t, (const char *)t->file.eos_piece.bytes, t->file.eos_piece.length);
    if (t->file.pieces[t->eos].type != PIECE_CONTROL)
        t->eos = -1;
    return t;
fail:
    tokenizer_free(t);
    return NULL;
}

struct dragoman_tokenizer *tokenizer_open(const char *path, dragoman_error *error)
{
    struct mapped_file mapping;
    if (mapped_file_open(&mapping, path, error) < 0)
        return NULL;
    struct dragoman_tokenizer *t = tokenizer_read(mapping.data, mapping.size, NULL, path_tail(path), error);
    if (t)
        t->mapping = mapping;
    else
        mapped_file_close(&mapping);
    return t;
}

void tokenizer_free(struct dragoman_tokenizer *t)
{
    if (!t)
        return;
    trie_free(&t->pieces);
    trie_free(&t->reserved);
    trie_free(&t->symbols);
    spm_file_free(&t->file);
    free(t->texts);
    free(t->text_starts);
    mapped_file_close(&t->mapping);
    free(t);
}

/* ---- pieces -------------------------------------------------------------------------------------------------- */

int32_t piece_find(const struct dragoman_tokenizer *t, const char *bytes, size_t length)
{
    int32_t id = trie_find(&t->reserved, bytes, length);
    if (id < 0)
        id = trie_find(&t->pieces, bytes, length);
    return id < 0 ? t->unk : id;
}

size_t tokenizer_size(const struct dragoman_tokenizer *t)
{
    return t->file.count;
}

const char *tokenizer_piece(const struct dragoman_tokenizer *t, int32_t id)
{
    return id >= 0 && (size_t)id < t->file.count ? t->texts + t->text_starts[id] : NULL;
}

int32_t tokenizer_id(const struct dragoman_tokenizer *t, const char *piece)
{
    return piece_find(t, piece, strlen(piece));
}

int32_t tokenizer_unk(const struct dragoman_tokenizer *t)
{
    return t->unk;
}

int32_t tokenizer_eos(const struct dragoman_tokenizer *t)
{
    return t->eos;
}

/* ---- encoding ------------------------------------------------------------------------------------------------ */

int piece_sink_add(struct piece_sink *sink, const char *bytes, size_t length, int32_t id, dragoman_error *error)
{
    const struct dragoman_tokenizer *t = sink->tokenizer;
    if (t->file.pieces[id].type == PIECE_CONTROL)
        id = t->unk;
    bool unknown = t->file.pieces[id].type == PIECE_UNKNOWN;
    int status = 0;
    if (unknown && t->file.byte_fallback) {
        for (size_t i = 0; i < length && status == 0; i++)
            status = id_list_append(sink->ids, t->byte_ids[(unsigned char)bytes[i]], error);
    } else if (!unknown || !sink->after_unknown) {
        status = id_list_append(sink->ids, id, error);
    }
    sink->after_unknown = unknown;
    return status;
}

int tokenizer_encode(const struct dragoman_tokenizer *t, const char *text, size_t length, struct id_list *ids,
                     dragoman_error *error)
{
    struct byte_string normalized = {0};
    struct piece_sink sink = {.tokenizer = t, .ids = ids};
    int status = normalizer_run(&t->normalizer, text, length, &normalized, error);
    if (status == 0 && normalized.length > TEXT_BYTES)
        status = fail_memory(error, normalized.length);
    if (status == 0 && normalized.length)
        status = t->file.model_type == SPM_BPE
                     ? bpe_cut(t, normalized.bytes, normalized.length, &sink, error)
                     : unigram_cut(t, normalized.bytes, normalized.length, &sink, error);
    free(normalized.bytes);
    return status;
}

bool tokenizer_spells(const struct dragoman_tokenizer *t, int32_t id)
{
    return t->file.pieces[id].type == PIECE_UNKNOWN || t->file.pieces[id].type == PIECE_BYTE;
}
