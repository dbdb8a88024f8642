#include "letter_case.h"

#include "characters.h"

enum { LEAST_CAPITALS = 4, SHARP_S = 0xdf };

bool text_in_capitals(const char *text, size_t length)
{
    size_t capitals = 0;
    int32_t c;
    for (size_t at = 0; at < length;) {
        at += read_at((dragoman_text){text, length}, at, &c);
        if (utf8proc_category(c) == UTF8PROC_CATEGORY_LL && c != SHARP_S)
            return false;
        capitals += is_capital(c);
    }
    return capitals >= LEAST_CAPITALS;
}

static int convert(const char *text, size_t length, int32_t (*letter)(int32_t), struct byte_string *out,
                   dragoman_error *error)
{
    int32_t c;
    for (size_t at = 0, n; at < length; at += n) {
        n = read_at((dragoman_text){text, length}, at, &c);
        const int32_t other = letter(c);
        utf8proc_uint8_t bytes[4];
        const bool sharp = c == SHARP_S && letter == utf8proc_toupper;
        const size_t m = sharp || other == c ? 0 : (size_t)utf8proc_encode_char(other, bytes);
        if (byte_string_append(out, sharp ? "SS" : m ? (const char *)bytes : text + at, sharp ? 2 : m ? m : n, error) < 0)
            return -1;
    }
    return 0;
}

int text_lower(const char *text, size_t length, struct byte_string *out, dragoman_error *error)
{
    return convert(text, length, utf8proc_tolower, out, error);
}

int text_upper(const char *text, size_t length, struct byte_string *out, dragoman_error *error)
{
    return convert(text, length, utf8proc_toupper, out, error);
}
