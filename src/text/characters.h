/* Reading characters out of valid UTF-8, and the kinds of characters that cutting a text into sentences needs. */
#ifndef TEXT_CHARACTERS_H
#define TEXT_CHARACTERS_H

#include <utf8proc.h>

#include "../base/error.h"

/* The character at `at` (< text.length); returns its length in bytes. */
static inline size_t read_at(dragoman_text text, size_t at, int32_t *c)
{
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text.bytes + at,
                                          (utf8proc_ssize_t)(text.length - at), c);
    if (n > 0)
        return (size_t)n;
    *c = 0xfffd;
    return 1;
}

/* The character before `at` (> 0); returns where it starts. */
static inline size_t read_before(dragoman_text text, size_t at, int32_t *c)
{
    do
        at--;
    while (at > 0 && ((unsigned char)text.bytes[at] & 0xc0) == 0x80);
    read_at(text, at, c);
    return at;
}

static inline bool is_letter(int32_t c)
{
    utf8proc_category_t k = utf8proc_category(c);
    return k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LO;
}

static inline bool is_capital(int32_t c)
{
    utf8proc_category_t k = utf8proc_category(c);
    return k == UTF8PROC_CATEGORY_LU || k == UTF8PROC_CATEGORY_LT;
}

static inline bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }

/* White space that is no control character; the byte order mark counts. */
static inline bool is_blank(int32_t c)
{
    return c == ' ' || c == 0xfeff || (c > 0x7f && utf8proc_category(c) == UTF8PROC_CATEGORY_ZS);
}

/* Control characters and the line and paragraph separators. */
static inline bool is_break(int32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

/* The marks that end sentences. The wide ones need no blank behind them. */
static inline bool is_wide_mark(int32_t c)
{
    return c == 0x3002 || c == 0xff01 || c == 0xff0e || c == 0xff1f || c == 0xff61;
}

static inline bool is_mark(int32_t c)
{
    return c == '.' || c == '!' || c == '?' || c == 0x2026 || is_wide_mark(c) || c == 0x203c || c == 0x203d ||
           (c >= 0x2047 && c <= 0x2049) || c == 0x061f || c == 0x06d4 || c == 0x0964 || c == 0x0965;
}

/* Quotation marks of either direction (German and English differ), and signs of emphasis. */
static inline bool is_quote(int32_t c)
{
    utf8proc_category_t k = utf8proc_category(c);
    return k == UTF8PROC_CATEGORY_PI || k == UTF8PROC_CATEGORY_PF || c == '"' || c == '\'' || c == '*' || c == '_' ||
           c == '`';
}

static inline bool is_closer(int32_t c) { return is_quote(c) || utf8proc_category(c) == UTF8PROC_CATEGORY_PE; }

static inline bool is_opener(int32_t c)
{
    utf8proc_category_t k = utf8proc_category(c);
    return is_quote(c) || k == UTF8PROC_CATEGORY_PS || k == UTF8PROC_CATEGORY_SC || c == 0xbf || c == 0xa1 ||
           c == '#' || c == '@';
}

static inline bool is_dash(int32_t c) { return utf8proc_category(c) == UTF8PROC_CATEGORY_PD; }

static inline bool is_bullet(int32_t c)
{
    return c == '*' || c == '+' || c == 0x2022 || c == 0x2023 || c == 0x25e6 || c == 0xb7 || c == 0x25aa ||
           c == 0x25cf || c == 0x25cb || is_dash(c);
}

/* The end of the run of characters of a kind that starts at `at`. */
static inline size_t skip(dragoman_text text, size_t at, size_t end, bool (*kind)(int32_t))
{
    int32_t c;
    while (at < end) {
        size_t n = read_at(text, at, &c);
        if (!kind(c))
            break;
        at += n;
    }
    return at;
}

#endif
