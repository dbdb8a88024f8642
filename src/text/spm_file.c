#include "spm_file.h"

#include "utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the protobuf wire format -------------------------------------------------------------------------------- */

enum wire_type { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

struct cursor {
    const unsigned char *at, *end;
};

struct field {
    uint32_t number;
    enum wire_type wire;
    uint64_t value;           /* of WIRE_VARINT, WIRE_64, WIRE_32 */
    struct spm_string string; /* of WIRE_BYTES */
};

/* What a message's fields are handed to, one at a time. */
struct reading {
    struct spm_file *file;
    const unsigned char *data; /* the file's first byte, for messages */
    const char *name;
    dragoman_error *error;
};
typedef int field_reader(struct reading *r, void *target, const struct field *field);

static int damaged(struct reading *r, const unsigned char *at, const char *what)
{
    return fail(r->error, DRAGOMAN_MODEL_CORRUPT, "%s: byte %zu: %s, wanted a SentencePiece model", r->name,
                (size_t)(at - r->data), what);
}

static bool cursor_varint(struct cursor *c, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64 && c->at < c->end; shift += 7) {
        unsigned char byte = *c->at++;
        *value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

static bool cursor_fixed(struct cursor *c, unsigned bytes, uint64_t *value)
{
    if ((size_t)(c->end - c->at) < bytes)
        return false;
    *value = 0;
    for (unsigned i = 0; i < bytes; i++)
        *value |= (uint64_t)c->at[i] << 8 * i;
    c->at += bytes;
    return true;
}

static int field_next(struct reading *r, struct cursor *c, struct field *field)
{
    const unsigned char *start = c->at;
    uint64_t tag, length;
    if (!cursor_varint(c, &tag) || tag > UINT32_MAX || tag >> 3 == 0)
        return damaged(r, start, "found a damaged tag");
    *field = (struct field){.number = (uint32_t)(tag >> 3), .wire = (enum wire_type)(tag & 7)};
    bool whole = false;
    switch (field->wire) {
    case WIRE_VARINT: whole = cursor_varint(c, &field->value); break;
    case WIRE_64: whole = cursor_fixed(c, 8, &field->value); break;
    case WIRE_32: whole = cursor_fixed(c, 4, &field->value); break;
    case WIRE_BYTES:
        if (cursor_varint(c, &length) && length <= (size_t)(c->end - c->at)) {
            field->string = (struct spm_string){c->at, (size_t)length};
            c->at += length;
            whole = true;
        }
        break;
    default: return damaged(r, start, "found an unknown wire type");
    }
    return whole ? 0 : damaged(r, start, "found a field that is cut off");
}

/* Hand the fields of a message to read(r, target, field). */
static int message_read(struct reading *r, struct spm_string message, field_reader *read, void *target)
{
    if (message.length == 0)
        return 0;
    struct cursor c = {message.bytes, message.bytes + message.length};
    while (c.at < c.end) {
        struct field field;
        if (field_next(r, &c, &field) < 0 || read(r, target, &field) < 0)
            return -1;
    }
    return 0;
}

/* ---- the messages of a SentencePiece model ------------------------------------------------------------------- */

/* A field whose number is known but whose wire type is not the one of the format. */
static int want_wire(struct reading *r, const struct field *field, enum wire_type wire, const char *what)
{
    if (field->wire == wire)
        return 0;
    return fail(r->error, DRAGOMAN_MODEL_CORRUPT, "%s: %s: found wire type %d, wanted %d", r->name, what,
                (int)field->wire, (int)wire);
}

static int piece_field(struct reading *r, void *target, const struct field *field)
{
    struct spm_piece *piece = target;
    size_t i = r->file->count;
    if (field->number == 1) {
        piece->text = field->string;
        return want_wire(r, field, WIRE_BYTES, "text of a piece");
    }
    if (field->number == 2) {
        uint32_t bits = (uint32_t)field->value;
        memcpy(&piece->score, &bits, sizeof bits);
        return want_wire(r, field, WIRE_32, "score of a piece");
    }
    if (field->number == 3) {
        if (want_wire(r, field, WIRE_VARINT, "type of a piece") < 0)
            return -1;
        if (field->value < PIECE_NORMAL || field->value > PIECE_BYTE)
            return fail(r->error, DRAGOMAN_MODEL_CORRUPT, "%s: piece %zu: found type %llu, wanted 1 to 6", r->name, i,
                        (unsigned long long)field->value);
        piece->type = (uint8_t)field->value;
    }
    return 0;
}

/* The byte of a piece "<0x00>" to "<0xFF>", -1 if it is none. */
static int piece_byte(struct spm_string text)
{
    static const char digits[] = "0123456789ABCDEF";
    if (text.length != 6 || memcmp(text.bytes, "<0x", 3) || text.bytes[5] != '>')
        return -1;
    const char *high = memchr(digits, text.bytes[3], 16), *low = memchr(digits, text.bytes[4], 16);
    return high && low ? (int)(16 * (high - digits) + (low - digits)) : -1;
}

static int piece_check(struct reading *r, struct spm_piece *piece)
{
    struct spm_string text = piece->text;
    const char *found = NULL;
    if (text.length == 0)
        found = "found no text, wanted some";
    else if (text.length > SPM_PIECE_BYTES)
        found = "found 8000 bytes of text or more, wanted fewer";
    else if (memchr(text.bytes, 0, text.length) || !utf8_valid((const char *)text.bytes, text.length))
        found = "found bytes that are not text, wanted UTF-8 without NUL";
    else if (!isfinite(piece->score))
        found = "found a score that is no number, wanted a finite one";
    else if (piece->type == PIECE_BYTE && piece_byte(text) < 0)
        found = "found a byte piece that names no byte, wanted <0x00> to <0xFF>";
    if (found)
        return fail(r->error, DRAGOMAN_MODEL_CORRUPT, "%s: piece %zu: %s", r->name, r->file->count, found);
    piece->shown_as = piece->type;
    piece->byte = piece->type == PIECE_BYTE ? (uint8_t)piece_byte(text) : 0;
    return 0;
}

static int piece_read(struct reading *r, struct spm_string message)
{
    struct spm_file *file = r->file;
    struct spm_piece piece = {.type = PIECE_NORMAL};
    if (message_read(r, message, piece_field, &piece) < 0 || piece_check(r, &piece) < 0)
        return -1;
    file->pieces[file->count++] = piece;
    return 0;
}

static int trainer_field(struct reading *r, void *target, const struct field *field)
{
    struct spm_file *file = target;
    switch (field->number) {
    case 3:
        if (want_wire(r, field, WIRE_VARINT, "model_type") < 0)
            return -1;
        if (field->value != SPM_UNIGRAM && field->value != SPM_BPE)
            return fail(r->error, DRAGOMAN_MODEL_CORRUPT, "%s: found model_type %llu, wanted 1 (unigram) or 2 (BPE)",
                        r->name, (unsigned long long)field->value);
        file->model_type = field->value == SPM_BPE ? SPM_BPE : SPM_UNIGRAM;
        return 0;
    case 24:
        file->whitespace_as_suffix = field->value != 0;
        return want_wire(r, field, WIRE_VARINT, "treat_whitespace_as_suffix");
    case 35:
        file->byte_fallback = field->value != 0;
        return want_wire(r, field, WIRE_VARINT, "byte_fallback");
    case 44:
        file->unk_surface = field->string;
        return want_wire(r, field, WIRE_BYTES, "unk_surface");
    case 47:
        file->eos_piece = field->string;
        return want_wire(r, field, WIRE_BYTES, "eos_piece");
    default: return 0;
    }
}

static int rules_field(struct reading *r, void *target, const struct field *field)
{
    struct spm_rules *rules = target;
    switch (field->number) {
    case 2:
        rules->charsmap = field->string;
        return want_wire(r, field, WIRE_BYTES, "precompiled_charsmap");
    case 3:
        rules->add_dummy_prefix = field->value != 0;
        return want_wire(r, field, WIRE_VARINT, "add_dummy_prefix");
    case 4:
        rules->remove_extra_whitespaces = field->value != 0;
        return want_wire(r, field, WIRE_VARINT, "remove_extra_whitespaces");
    case 5:
        rules->escape_whitespaces = field->value != 0;
        return want_wire(r, field, WIRE_VARINT, "escape_whitespaces");
    default: return 0;
    }
}

static int model_field(struct reading *r, void *target, const struct field *field)
{
    struct spm_file *file = target;
    if (field->number < 1 || field->number > 5 || field->number == 4) /* 4: self_test_data */
        return 0;
    if (want_wire(r, field, WIRE_BYTES, "part of the model") < 0)
        return -1;
    switch (field->number) {
    case 1: return piece_read(r, field->string);
    case 2: return message_read(r, field->string, trainer_field, file);
    case 3: return message_read(r, field->string, rules_field, &file->normalizer);
    default: return message_read(r, field->string, rules_field, &file->denormalizer);
    }
}

/* Room for as many pieces as the message has. */
static int pieces_reserve(struct reading *r, struct spm_string message)
{
    struct cursor c = {message.bytes, message.bytes + message.length};
    struct field field;
    size_t pieces = 0;
    while (c.at < c.end) {
        if (field_next(r, &c, &field) < 0)
            return -1;
        pieces += field.number == 1;
    }
    if (pieces > SPM_PIECES)
        return fail(r->error, DRAGOMAN_MODEL_CORRUPT, "%s: found %zu pieces, wanted at most %u", r->name, pieces,
                    SPM_PIECES);
    r->file->pieces = malloc((pieces + 1) * sizeof *r->file->pieces);
    return r->file->pieces ? 0 : fail_memory(r->error, (pieces + 1) * sizeof *r->file->pieces);
}

static struct spm_string literal(const char *text)
{
    return (struct spm_string){(const unsigned char *)text, strlen(text)};
}

int spm_file_read(struct spm_file *file, const unsigned char *data, size_t size, const char *name,
                  dragoman_error *error)
{
    const struct spm_rules defaults = {{NULL, 0}, true, true, true};
    struct reading r = {.file = file, .data = data, .name = name, .error = error};
    *file = (struct spm_file){
        .model_type = SPM_UNIGRAM,
        .unk_surface = literal(" \xE2\x81\x87 "), /* U+2047 between blanks */
        .eos_piece = literal("</s>"),
        .normalizer = defaults,
        .denormalizer = defaults,
    };
    const struct spm_string message = {data, size};
    if (pieces_reserve(&r, message) < 0 || message_read(&r, message, model_field, file) < 0)
        goto fail;
    if (file->eos_piece.length == 0)
        file->eos_piece = literal("</s>");
    /* SentencePiece hands unk_surface on as a C string, so a NUL ends it. */
    file->unk_surface.length = strnlen((const char *)file->unk_surface.bytes, file->unk_surface.length);
    if (!utf8_valid((const char *)file->unk_surface.bytes, file->unk_surface.length)) {
        fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: unk_surface: found bytes that are not text, wanted UTF-8", name);
        goto fail;
    }
    return 0;
fail:
    spm_file_free(file);
    return -1;
}

void spm_file_free(struct spm_file *file)
{
    free(file->pieces);
    *file = (struct spm_file){0};
}
