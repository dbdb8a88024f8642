/* UTF-8 by the character and by the string. */
#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <utf8proc.h>

/* The length (1 to 4) of the character that `length` > 0 bytes begin with; 0 if they begin with none. */
static inline size_t utf8_character(const char *bytes, size_t length)
{
    utf8proc_int32_t character;
    if (!(*bytes & 0x80))
        return 1;
    utf8proc_ssize_t n =
        utf8proc_iterate((const utf8proc_uint8_t *)bytes, (utf8proc_ssize_t)(length < 4 ? length : 4), &character);
    return n > 0 ? (size_t)n : 0;
}

/* The length that a first byte claims, cut to `length` > 0; this is how SentencePiece steps through text. */
static inline size_t utf8_step(const char *bytes, size_t length)
{
    unsigned char byte = (unsigned char)*bytes;
    size_t n = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    return n < length ? n : length;
}

static inline bool utf8_valid(const char *bytes, size_t length)
{
    for (size_t i = 0, n; i < length; i += n)
        if (!(n = utf8_character(bytes + i, length - i)))
            return false;
    return true;
}

#endif
