/* Writing small SentencePiece models (sentencepiece_model.proto) by hand, and opening them. */
#ifndef TEST_SPM_WRITER_H
#define TEST_SPM_WRITER_H

#include "../../src/text/tokenizer.h"
#include "test.h"

#include <stdlib.h>

enum { NORMAL = 1, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE };
enum { UNIGRAM = 1, BPE = 2 };
#define SPACE "\xE2\x96\x81"

static inline void put(struct byte_string *m, const void *bytes, size_t length)
{
    byte_string_append(m, bytes, length, NULL);
}

static inline void put_varint(struct byte_string *m, uint64_t value)
{
    for (; value > 127; value >>= 7)
        put(m, &(unsigned char){(unsigned char)(value | 128)}, 1);
    put(m, &(unsigned char){(unsigned char)value}, 1);
}

static inline void put_number(struct byte_string *m, unsigned field, uint64_t value)
{
    put_varint(m, field << 3);
    put_varint(m, value);
}

static inline void put_bytes(struct byte_string *m, unsigned field, const void *bytes, size_t length)
{
    put_varint(m, field << 3 | 2);
    put_varint(m, length);
    put(m, bytes, length);
}

static inline void put_piece_bytes(struct byte_string *m, const char *text, size_t length, float score, int type)
{
    struct byte_string piece = {0};
    put_bytes(&piece, 1, text, length);
    put_varint(&piece, 2 << 3 | 5);
    put(&piece, &score, sizeof score);
    if (type != NORMAL)
        put_number(&piece, 3, (uint64_t)type);
    put_bytes(m, 1, piece.bytes, piece.length);
    free(piece.bytes);
}

static inline void put_piece(struct byte_string *m, const char *text, float score, int type)
{
    put_piece_bytes(m, text, strlen(text), score, type);
}

static inline void put_numbers(struct byte_string *m, unsigned field, const unsigned (*numbers)[2], size_t count)
{
    struct byte_string message = {0};
    for (size_t i = 0; i < count; i++)
        put_number(&message, numbers[i][0], numbers[i][1]);
    put_bytes(m, field, message.bytes, message.length);
    free(message.bytes);
}
#define TRAINER(m, ...) put_numbers(m, 2, (const unsigned[][2]){__VA_ARGS__}, sizeof(unsigned[][2]){__VA_ARGS__} / 8)
#define NORMALIZER(m, ...) put_numbers(m, 3, (const unsigned[][2]){__VA_ARGS__}, sizeof(unsigned[][2]){__VA_ARGS__} / 8)

static inline void put_byte_pieces(struct byte_string *m)
{
    for (unsigned i = 0; i < 256; i++) {
        char text[8];
        snprintf(text, sizeof text, "<0x%02X>", i);
        put_piece(m, text, 0, BYTE);
    }
}

/* The pieces <unk> 0, <s> 1, </s> 2. */
static inline void put_head(struct byte_string *m)
{
    put_piece(m, "<unk>", 0, UNKNOWN);
    put_piece(m, "<s>", 0, CONTROL);
    put_piece(m, "</s>", 0, CONTROL);
}

/* A charsmap with two rules: "A" becomes "a", "~" becomes nothing. */
static inline void put_charsmap(struct byte_string *normalizer)
{
    uint32_t units[257] = {256}; /* first the bytes of the units; unit i lies at i + 1, the root's offset is 0 */
    static const char replacements[] = "a\0";
    units[0] = 256 * 4;
    units[1 + 'A'] = 'A' | 1u << 8 | (uint32_t)('A' ^ 0x80) << 10;
    units[1 + 0x80] = 1u << 31 | 0;
    units[1 + '~'] = '~' | 1u << 8 | (uint32_t)('~' ^ 0x81) << 10;
    units[1 + 0x81] = 1u << 31 | 1;
    struct byte_string map = {0};
    put(&map, units, sizeof units);
    put(&map, replacements, sizeof replacements);
    put_bytes(normalizer, 2, map.bytes, map.length);
    free(map.bytes);
}

/* A small model; for BPE its scores do as well. */
static inline void put_unigram(struct byte_string *m)
{
    put_head(m);
    put_piece(m, SPACE, -3, NORMAL);           /* 3 */
    put_piece(m, "a", -2, NORMAL);             /* 4 */
    put_piece(m, "b", -2, NORMAL);             /* 5 */
    put_piece(m, "ab", -4, NORMAL);            /* 6: as good as a b */
    put_piece(m, SPACE "a", -2.5f, NORMAL);    /* 7 */
    put_piece(m, "ba", -4, NORMAL);            /* 8: as good as b a */
    put_piece(m, "\xC3\xA4", -5, NORMAL);      /* 9: ä */
    put_piece(m, "[X]", 0, USER_DEFINED);      /* 10 */
    put_piece(m, "bb", -0.5f, UNUSED);         /* 11 */
}

/* Open a copy of exactly the model's size, so that a sanitizer sees any byte read past its end. */
static unsigned char *model_copy;
static inline struct dragoman_tokenizer *open_copy(const struct byte_string *m, dragoman_error *error)
{
    free(model_copy);
    model_copy = malloc(m->length ? m->length : 1);
    if (m->length)
        memcpy(model_copy, m->bytes, m->length);
    return tokenizer_read(model_copy, m->length, NULL, "test.spm", error);
}

static inline struct dragoman_tokenizer *open_good(struct byte_string *m)
{
    dragoman_error error = {0};
    struct dragoman_tokenizer *t = open_copy(m, &error);
    CHECK(t, "%s", error.message);
    if (!t)
        exit(test_report());
    free(m->bytes);
    *m = (struct byte_string){0};
    return t;
}

#endif
