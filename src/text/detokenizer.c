/* Ids back to text, as SentencePiece does it. */
#include "tokenizer_parts.h"
#include "repair.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

static const char SPACE[] = "\xE2\x96\x81"; /* U+2581 stands for a blank */
#define SPACE_BYTES 3
static const char REPLACEMENT[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* Append what a run of byte pieces spells; a byte that is not part of a character becomes U+FFFD. */
static int bytes_show(const struct dragoman_tokenizer *t, const int32_t *ids, size_t count, struct byte_string *text,
                      dragoman_error *error)
{
    int status = 0;
    for (size_t i = 0, n; i < count && status == 0; i += n) {
        char window[4]; /* the longest character */
        for (n = 0; n < sizeof window && i + n < count; n++)
            window[n] = (char)t->file.pieces[ids[i + n]].byte;
        size_t length = utf8_character(window, n);
        status = length ? byte_string_append(text, window, length, error)
                        : byte_string_append(text, REPLACEMENT, 3, error);
        n = length ? length : 1;
    }
    return status;
}

/* Append a piece with U+2581 as blanks. */
static int piece_show(const char *bytes, size_t length, struct byte_string *text, dragoman_error *error)
{
    const char *mark;
    while ((mark = memmem(bytes, length, SPACE, SPACE_BYTES))) {
        size_t before = (size_t)(mark - bytes);
        if (byte_string_append(text, bytes, before, error) < 0 || byte_string_append(text, " ", 1, error) < 0)
            return -1;
        bytes += before + SPACE_BYTES;
        length -= before + SPACE_BYTES;
    }
    return byte_string_append(text, bytes, length, error);
}

static int pieces_show(const struct dragoman_tokenizer *t, const int32_t *ids, size_t count, struct byte_string *text,
                       dragoman_error *error)
{
    const struct spm_rules *rules = &t->file.normalizer;
    size_t start = text->length;
    bool strips = rules->add_dummy_prefix || rules->remove_extra_whitespaces;
    bool stripped_prefix = false; /* a single blank was taken off, and no more are to go */
    for (size_t i = 0; i < count;) {
        const struct spm_piece *piece = &t->file.pieces[ids[i]];
        size_t run = 0;
        while (i + run < count && t->file.pieces[ids[i + run]].shown_as == PIECE_BYTE)
            run++;
        if (run) {
            if (bytes_show(t, ids + i, run, text, error) < 0)
                return -1;
            i += run;
            continue;
        }
        i++;
        if (stripped_prefix || text->length > start)
            strips = false;
        struct spm_string s = piece->text;
        if (piece->shown_as == PIECE_CONTROL)
            s.length = 0;
        else if (piece->shown_as == PIECE_UNKNOWN)
            s = t->file.unk_surface;
        else if (strips && s.length >= SPACE_BYTES && !memcmp(s.bytes, SPACE, SPACE_BYTES)) {
            s = (struct spm_string){s.bytes + SPACE_BYTES, s.length - SPACE_BYTES};
            stripped_prefix = !rules->remove_extra_whitespaces;
        }
        int status = piece->shown_as == PIECE_UNKNOWN
                         ? byte_string_append(text, (const char *)s.bytes, s.length, error)
                         : piece_show((const char *)s.bytes, s.length, text, error);
        if (status < 0)
            return -1;
    }
    return 0;
}

int tokenizer_decode(const struct dragoman_tokenizer *t, const int32_t *ids, size_t count, struct byte_string *text,
                     dragoman_error *error)
{
    for (size_t i = 0; i < count; i++)
        if (ids[i] < 0 || (size_t)ids[i] >= t->file.count)
            return fail(error, DRAGOMAN_INPUT, "found id %d, wanted 0 to %zu", (int)ids[i], t->file.count - 1);
    if (!t->denormalizer.units)
        return pieces_show(t, ids, count, text, error);
    struct byte_string plain = {0}, shown = {0};
    size_t replaced = 0;
    int status = pieces_show(t, ids, count, &plain, error);
    if (status == 0)
        status = normalizer_run(&t->denormalizer, plain.bytes, plain.length, &shown, error);
    if (status == 0)
        status = utf8_repair(shown.bytes, shown.length, text, &replaced, error); /* maps may split characters */
    free(plain.bytes);
    free(shown.bytes);
    return status;
}
