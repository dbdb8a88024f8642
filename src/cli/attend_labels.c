#include "attend_labels.h"

#include <string.h>
#include <utf8proc.h>

enum { MOST_WIDTH = 1200 }; /* of a label, in hundredths of the font's size */

/* The length of the character at bytes, and the character; U+FFFD for what is not UTF-8 or can't stand in XML. */
static size_t next_character(const char *bytes, size_t left, utf8proc_int32_t *c)
{
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)bytes, (utf8proc_ssize_t)left, c);
    if (n <= 0 || (*c < 0x20 && *c != '\t' && *c != '\n' && *c != '\r') || *c == 0xfffe || *c == 0xffff)
        *c = 0xfffd;
    return n > 0 ? (size_t)n : 1;
}

/* Append the character to text, which has room for 8 bytes; the bytes it took. */
static size_t escape_character(utf8proc_int32_t c, char *text)
{
    const char *escaped = c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : NULL;
    if (!escaped)
        return (size_t)utf8proc_encode_char(c, (utf8proc_uint8_t *)text);
    memcpy(text, escaped, strlen(escaped));
    return strlen(escaped);
}

void put_xml(FILE *out, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        utf8proc_int32_t c;
        char text[8];
        i += next_character(bytes + i, length - i, &c);
        fwrite(text, 1, escape_character(c, text), out);
    }
}

/* About the widest that common sans-serif fonts draw it. */
static size_t character_width(utf8proc_int32_t c)
{
    if (c >= 0x80)
        return utf8proc_charwidth(c) == 0 ? 0 : utf8proc_charwidth(c) == 1 ? 72 : 110;
    if (strchr("mMWw@%", c))
        return 102;
    if (strchr("iIjl.,:;'|![]()ft/\\ ", c))
        return 42;
    return c >= 'A' && c <= 'Z' ? 80 : c == '<' || c == '>' || c == '+' || c == '=' || c == '~' ? 86 : 66;
}

static void append(struct label *label, size_t *length, utf8proc_int32_t c)
{
    *length += escape_character(c, label->text + *length);
    label->width += character_width(c);
}

size_t attend_word(const dragoman_attention *a, const char *const *pieces, size_t i)
{
    if (pieces == a->source_pieces)
        return a->source_words[i];
    if (pieces == a->target_pieces)
        return a->target_words[i];
    return i ? a->target_words[i - 1] : SIZE_MAX; /* a step reads what the one before wrote */
}

void label_make(struct label *label, const char *piece, size_t word)
{
    static const char SPACE[] = "\342\226\201"; /* U+2581, where a word starts */
    const size_t space = strlen(SPACE), size = strlen(piece);
    size_t length = 0, i = 0;
    *label = (struct label){.tag = word == SIZE_MAX};
    if (!label->tag && strncmp(piece, SPACE, space) != 0)
        append(label, &length, 0xb7); /* a dot */
    else if (!label->tag && size > space)
        i = space;
    while (i < size) {
        utf8proc_int32_t c;
        i += next_character(piece + i, size - i, &c);
        if (label->width > MOST_WIDTH || length + 2 * 8 > sizeof label->text) {
            append(label, &length, 0x2026); /* an ellipsis */
            break;
        }
        append(label, &length, c);
    }
    label->text[length] = '\0';
}

void label_draw(FILE *out, const struct label *label, size_t x, size_t y, bool upright)
{
    fputs(label->tag ? "<text class=\"tag\"" : "<text", out);
    fprintf(out, upright ? " transform=\"translate(%zu %zu)rotate(-90)\">" : " x=\"%zu\" y=\"%zu\">", x, y);
    fprintf(out, "%s</text>\n", label->text);
}
