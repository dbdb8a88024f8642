#include "attend_labels.h"

#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

enum { MOST_WIDTH = 1200 }; /* of a label */

static const char SPACE[] = "\342\226\201"; /* U+2581, where a word starts */
static const char DOT[] = "\302\267", ELLIPSIS[] = "\342\200\246";

/* ---- XML ------------------------------------------------------------------------------------------------------ */

/* The length of the character at bytes, and the character; U+FFFD for what is not UTF-8 or can't stand in XML. */
static size_t next_character(const char *bytes, size_t left, utf8proc_int32_t *c)
{
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)bytes, (utf8proc_ssize_t)left, c);
    if (n <= 0 || (*c < 0x20 && *c != '\t' && *c != '\n' && *c != '\r') || *c == 0xfffe || *c == 0xffff)
        *c = 0xfffd;
    return n > 0 ? (size_t)n : 1;
}

void put_xml(FILE *out, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        utf8proc_int32_t c;
        utf8proc_uint8_t text[4];
        i += next_character(bytes + i, length - i, &c);
        const char *escaped = c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : NULL;
        if (escaped)
            fputs(escaped, out);
        else
            fwrite(text, 1, (size_t)utf8proc_encode_char(c, text), out);
    }
}

/* ---- labels --------------------------------------------------------------------------------------------------- */

/* About the widest that common sans-serif fonts draw it. */
static size_t character_width(utf8proc_int32_t c)
{
    if (c >= 0x80)
        return utf8proc_charwidth(c) == 0 ? 0 : utf8proc_charwidth(c) == 1 ? 72 : 110;
    if (strchr("mMWw@%", c))
        return 102;
    if (strchr("iIjl.,:;'|![]()ft/\\ ", c))
        return 42;
    return c >= 'A' && c <= 'Z' ? 80 : strchr("<>+=~", c) ? 86 : 66;
}

/* Set the text, as far as there is room. */
static void set_text(struct label *label, const char *text)
{
    const size_t size = strlen(text), room = sizeof label->text - sizeof ELLIPSIS;
    size_t length = 0;
    while (length < size) {
        utf8proc_int32_t c;
        const size_t n = next_character(text + length, size - length, &c);
        if (label->width > MOST_WIDTH || length + n > room) {
            strcpy(label->text + length, ELLIPSIS);
            label->width += 100;
            return;
        }
        memcpy(label->text + length, text + length, n);
        length += n;
        label->width += character_width(c);
    }
}

/* The byte that a piece like "<0x3C>" stands for, -1 for other pieces. */
static int piece_byte(const char *piece)
{
    unsigned byte;
    return strlen(piece) == 6 && sscanf(piece, "<0x%2X>", &byte) == 1 && piece[5] == '>' ? (int)byte : -1;
}

static bool is_shown(utf8proc_int32_t c)
{
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_ZS:
        return false;
    default:
        return true;
    }
}

/* Set the text to the character that byte piece i is a byte of. False if it is none that can be shown. */
static bool set_character(struct label *label, const char *const *pieces, size_t count, size_t i)
{
    for (size_t back = 0; back <= i && back < 4 && piece_byte(pieces[i - back]) >= 0; back++) {
        utf8proc_uint8_t bytes[4];
        utf8proc_int32_t c;
        size_t there = 0;
        char text[16];
        for (size_t k = i - back; k < count && there < 4 && piece_byte(pieces[k]) >= 0; k++)
            bytes[there++] = (utf8proc_uint8_t)piece_byte(pieces[k]);
        const utf8proc_ssize_t n = utf8proc_iterate(bytes, (utf8proc_ssize_t)there, &c);
        if (n <= (utf8proc_ssize_t)back)
            continue;
        if (!is_shown(c))
            return false;
        snprintf(text, sizeof text, n > 1 ? "%.*s %zu/%d" : "%.*s", (int)n, (const char *)bytes, back + 1, (int)n);
        set_text(label, text);
        return true;
    }
    return false;
}

/* The word of pieces[i], SIZE_MAX for a tag. */
static size_t piece_word(const dragoman_attention *a, const char *const *pieces, size_t i)
{
    if (pieces == a->source_pieces)
        return a->source_words[i];
    if (pieces == a->target_pieces)
        return a->target_words[i];
    return i ? a->target_words[i - 1] : SIZE_MAX; /* a step reads what the one before wrote */
}

void label_make(struct label *label, const dragoman_attention *a, const char *const *pieces, size_t i)
{
    const size_t count = pieces == a->source_pieces ? a->source_length : a->target_length;
    const bool starts = strncmp(pieces[i], SPACE, strlen(SPACE)) == 0;
    *label = (struct label){.tag = piece_word(a, pieces, i) == SIZE_MAX};
    label->joined = !label->tag && !starts;
    label->width = label->joined ? 36 : 0;
    if (!set_character(label, pieces, count, i))
        set_text(label, !label->tag && starts && pieces[i][strlen(SPACE)] ? pieces[i] + strlen(SPACE) : pieces[i]);
}

void label_draw(FILE *out, const struct label *label, size_t x, size_t y, bool upright)
{
    fputs(label->tag ? "<text class=\"tag\"" : "<text", out);
    if (upright)
        fprintf(out, " transform=\"translate(%zu %zu)rotate(-90)\">", x, y);
    else
        fprintf(out, " x=\"%zu\" y=\"%zu\">", x, y);
    fputs(label->joined ? DOT : "", out);
    put_xml(out, label->text, strlen(label->text));
    fputs("</text>\n", out);
}
