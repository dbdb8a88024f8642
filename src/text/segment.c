/* The rules, in the order in which they apply:
 *
 * 1. Control characters and line separators are copied, and no sentence crosses one: the cells of a line with tabs
 *    are translated one by one. What lies between them is a stretch; the blanks at its ends are copied.
 * 2. List markers at the start of a stretch are copied ("- ", "> ", "## ", "1. ", "a) "), and so is a stretch that is
 *    one URL, e-mail address or path.
 * 3. A sentence ends with a run of . ! ? and their kin, and the quotes and brackets that close behind it, if a blank
 *    follows and sentence_end.c does not object; after full-width marks always. The blanks between sentences are
 *    copied.
 * 4. A sentence without a letter is copied.
 * 5. A longer sentence than allowed is cut after the last dash, semicolon, colon, closing bracket or sentence mark in
 *    the second half of what is allowed; else after the last comma there; else at the last blank; else between
 *    grapheme clusters; else between characters.
 *
 * The time is linear in the length of the text.
 */
#include "segment.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "characters.h"
#include "sentence_end.h"

struct cutter {
    dragoman_text text;
    size_t max_bytes;
    bool no_capitals; /* in the whole text */
    struct segment_list *list;
    size_t first; /* the text's first segment in the list */
    dragoman_error *error;
};

static int push(struct cutter *s, size_t start, size_t end, bool translate)
{
    struct segment_list *list = s->list;
    if (start == end)
        return 0;
    if (!translate && list->count > s->first && !list->segments[list->count - 1].translate) {
        list->segments[list->count - 1].length += end - start;
        return 0;
    }
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 16;
        if (room > SIZE_MAX / sizeof *list->segments)
            return fail_memory(s->error, SIZE_MAX);
        struct segment *grown = realloc(list->segments, room * sizeof *grown);
        if (!grown)
            return fail_memory(s->error, room * sizeof *grown);
        list->segments = grown;
        list->room = room;
    }
    list->segments[list->count++] = (struct segment){start, end - start, translate};
    return 0;
}

static bool has_letter(dragoman_text text, size_t at, size_t end)
{
    int32_t c;
    while (at < end) {
        at += read_at(text, at, &c);
        if (is_letter(c))
            return true;
    }
    return false;
}

/* ---- rule 5: long sentences --------------------------------------------------------------------------------- */

/* May a piece end between these two, at a mark that is strong, or at a comma? */
static bool strong_between(int32_t previous, int32_t c)
{
    if (previous == 0x2014 || is_wide_mark(previous) || previous == 0xff1a || previous == 0xff1b)
        return true;
    return is_blank(c) && (previous == ';' || previous == ':' || is_mark(previous) || is_dash(previous) ||
                           utf8proc_category(previous) == UTF8PROC_CATEGORY_PE);
}

static bool comma_between(int32_t previous, int32_t c)
{
    return (previous == ',' && is_blank(c)) || previous == 0x3001 || previous == 0xff0c;
}

/* Where the first piece of a sentence that is too long ends. */
static size_t cut_find(const struct cutter *s, size_t start)
{
    size_t limit = start + s->max_bytes, half = start + s->max_bytes / 2;
    size_t strong = 0, comma = 0, blank = 0, cluster = 0, character = 0;
    int32_t c, previous = 0, state = 0;
    for (size_t at = start; at <= limit;) {
        size_t n = read_at(s->text, at, &c);
        if (at > start) {
            character = at;
            if (utf8proc_grapheme_break_stateful(previous, c, &state))
                cluster = at;
            if (is_blank(c) && !is_blank(previous))
                blank = at;
            if (at > half && strong_between(previous, c))
                strong = at;
            if (at > half && comma_between(previous, c))
                comma = at;
        }
        previous = c;
        at += n;
    }
    return strong ? strong : comma ? comma : blank ? blank : cluster ? cluster : character;
}

static int push_sentence(struct cutter *s, size_t start, size_t end)
{
    if (!has_letter(s->text, start, end))
        return push(s, start, end, false);
    while (end - start > s->max_bytes) {
        size_t cut = cut_find(s, start), next = skip(s->text, cut, end, is_blank);
        if (push(s, start, cut, has_letter(s->text, start, cut)) < 0 || push(s, cut, next, false) < 0)
            return -1;
        start = next;
    }
    return push(s, start, end, has_letter(s->text, start, end));
}

/* ---- rule 3: sentences -------------------------------------------------------------------------------------- */

static int push_sentences(struct cutter *s, size_t start, size_t end)
{
    size_t sentence = start;
    int32_t c, last;
    for (size_t at = start; at < end;) {
        size_t mark = at;
        at += read_at(s->text, at, &c);
        if (!is_mark(c))
            continue;
        size_t marks_end = skip(s->text, at, end, is_mark);
        size_t closed = skip(s->text, marks_end, end, is_closer);
        size_t next = skip(s->text, closed, end, is_blank);
        read_before(s->text, marks_end, &last);
        if (next == end)
            break;
        if (is_wide_mark(last) ||
            (next > closed && sentence_ends(s->text, sentence, mark, marks_end, next, end, s->no_capitals))) {
            if (push_sentence(s, sentence, closed) < 0 || push(s, closed, next, false) < 0)
                return -1;
            sentence = next;
        }
        at = next;
    }
    return push_sentence(s, sentence, end);
}

/* ---- rules 1 and 2: stretches ------------------------------------------------------------------------------- */

/* "1.", "12)", "a)", "(b)": the end of such a marker at `at`, or `at`. "3. Oktober" has none. */
static size_t number_skip(dragoman_text text, size_t at, size_t end)
{
    size_t from = at + (text.bytes[at] == '('), to = from;
    while (to < end && to - from < 3 && is_digit(text.bytes[to]))
        to++;
    bool number = to > from;
    if (!number && to < end && (text.bytes[to] | 32) >= 'a' && (text.bytes[to] | 32) <= 'z')
        to++;
    if (to == from || to == end)
        return at;
    if (text.bytes[to] == ')')
        return to + 1;
    if (text.bytes[to] != '.' || !number || from > at)
        return at;
    return sentence_ordinal_follows(text, skip(text, to + 1, end, is_blank), end) ? at : to + 1;
}

/* The end of the list markers at `at`, with the blanks behind them. */
static size_t markers_skip(dragoman_text text, size_t at, size_t end)
{
    while (at < end) {
        int32_t c;
        size_t after = at + read_at(text, at, &c);
        if (c == '>' || c == '#') {
            while (after < end && text.bytes[after] == (char)c)
                after++;
        } else if (!is_bullet(c)) {
            after = number_skip(text, at, end);
        }
        size_t next = skip(text, after, end, is_blank);
        if (after == at || next == after || next == end)
            break;
        at = next;
    }
    return at;
}

/* One URL ("://", "www."), e-mail address ("@", then a full stop), or path ("/", "./", "../", "~/", "C:\") without
 * blanks, perhaps in brackets or quotes. */
static bool is_reference(dragoman_text text, size_t at, size_t end)
{
    static const char *const path_starts[] = {"www.", "/", "./", "../", "~/"};
    int32_t c;
    for (size_t i = at; i < end;) {
        i += read_at(text, i, &c);
        if (is_blank(c))
            return false;
    }
    while (at < end && strchr("<([\"'`", text.bytes[at]))
        at++;
    const char *bytes = text.bytes + at;
    size_t length = end - at;
    if (memmem(bytes, length, "://", 3))
        return true;
    for (size_t i = 0; i < sizeof path_starts / sizeof *path_starts; i++)
        if (length > strlen(path_starts[i]) && strncasecmp(bytes, path_starts[i], strlen(path_starts[i])) == 0)
            return true;
    const char *sign = memchr(bytes, '@', length);
    if (sign && sign > bytes)
        return memchr(sign, '.', length - (size_t)(sign - bytes)) != NULL;
    return length > 3 && bytes[1] == ':' && bytes[2] == '\\';
}

static int push_stretch(struct cutter *s, size_t start, size_t end)
{
    int32_t c;
    size_t first = skip(s->text, start, end, is_blank), last = end;
    while (last > first) {
        size_t at = read_before(s->text, last, &c);
        if (!is_blank(c))
            break;
        last = at;
    }
    first = markers_skip(s->text, first, last);
    if (push(s, start, first, false) < 0)
        return -1;
    if (is_reference(s->text, first, last) ? push(s, first, last, false) < 0 : push_sentences(s, first, last) < 0)
        return -1;
    return push(s, last, end, false);
}

int text_segment(const char *text, size_t length, size_t max_bytes, struct segment_list *list, dragoman_error *error)
{
    struct cutter s = {{text, length}, max_bytes, true, list, list->count, error};
    int32_t c;
    for (size_t at = 0; at < length && s.no_capitals;) {
        at += read_at(s.text, at, &c);
        s.no_capitals = !is_capital(c);
    }
    for (size_t at = 0; at < length;) {
        size_t start = at, n;
        while (at < length && (n = read_at(s.text, at, &c), !is_break(c)))
            at += n;
        if (push_stretch(&s, start, at) < 0)
            return -1;
        start = at;
        at = skip(s.text, at, length, is_break);
        if (push(&s, start, at, false) < 0)
            return -1;
    }
    return 0;
}
