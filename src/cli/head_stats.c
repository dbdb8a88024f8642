#include "head_stats.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <utf8proc.h>

#include "attend.h"

/* ---- where a head looks --------------------------------------------------------------------------------------- */

/* Whether a piece is punctuation and nothing else; the blank before it does not matter. */
static bool is_punctuation(const char *piece)
{
    bool marks = false;
    utf8proc_int32_t c;
    for (utf8proc_ssize_t n; (n = utf8proc_iterate((const utf8proc_uint8_t *)piece, -1, &c)) > 0 && c; piece += n) {
        const utf8proc_category_t category = utf8proc_category(c);
        if (category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO)
            marks = true;
        else if (c != 0x2581)
            return false;
    }
    return marks;
}

/* The key that stands where query t does. */
static size_t own_position(const dragoman_attention *a, enum dragoman_attention_kind kind, size_t t)
{
    if (kind != DRAGOMAN_CROSS || a->target_length < 2)
        return kind == DRAGOMAN_CROSS ? a->source_length - 1 : t;
    /* the first piece written goes with the first after the tag, </s> with </s> */
    return 1 + (size_t)lrint((double)t * (double)(a->source_length - 2) / (double)(a->target_length - 1));
}

void head_stats_add(struct head_stats *stats, const dragoman_attention *a, enum dragoman_attention_kind kind, size_t layer,
                    size_t head)
{
    const size_t T = a->rows[kind], S = a->columns[kind], edge = kind == DRAGOMAN_DECODER_SELF ? 0 : S - 1;
    const float *p = a->probabilities[kind] + (layer * a->heads[kind] + head) * T * S;
    const char *const *keys = attend_columns(a, kind);
    for (size_t t = 0; t < T; t++, p += S) {
        const size_t at = own_position(a, kind, t), seen = kind == DRAGOMAN_DECODER_SELF ? t + 1 : S;
        if (seen < 2)
            continue;
        stats->queries++;
        for (size_t j = 0; j < seen; j++) {
            stats->entropy -= p[j] > 0 ? (double)p[j] * log2((double)p[j]) : 0;
            stats->distance += (double)p[j] * fabs((double)j - (double)at);
            if (j == edge)
                stats->edge += p[j];
            else if (j == 0)
                stats->tag += p[j];
            else if (is_punctuation(keys[j]))
                stats->punctuation += p[j];
        }
        stats->bits += log2((double)seen);
        stats->own += p[at];
        stats->previous += at > 0 ? p[at - 1] : 0;
        stats->next += at + 1 < seen ? p[at + 1] : 0;
    }
}

/* ---- alignment ------------------------------------------------------------------------------------------------ */

/* The k-th word of a text, without the punctuation at its ends; empty past the last. */
static dragoman_text word_at(dragoman_text text, size_t k)
{
    size_t at = 0, end = 0;
    for (size_t i = 0; i <= k; i++) {
        for (at = end; at < text.length && isspace((unsigned char)text.bytes[at]); at++)
            ;
        for (end = at; end < text.length && !isspace((unsigned char)text.bytes[end]); end++)
            ;
    }
    while (at < end && ispunct((unsigned char)text.bytes[at]))
        at++;
    while (at < end && ispunct((unsigned char)text.bytes[end - 1]))
        end--;
    return (dragoman_text){text.bytes + at, end - at};
}

static bool same(dragoman_text a, dragoman_text b)
{
    return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

/* The words of the text like this one: how many, and which is the last. */
static size_t count_like(dragoman_text text, dragoman_text word, size_t words, size_t *last)
{
    size_t count = 0;
    for (size_t k = 0; k < words; k++)
        if (same(word_at(text, k), word)) {
            count++;
            *last = k;
        }
    return count;
}

static size_t count_words(dragoman_text text)
{
    size_t words = 0;
    for (size_t i = 0; i < text.length; i++)
        words += !isspace((unsigned char)text.bytes[i]) && (i == 0 || isspace((unsigned char)text.bytes[i - 1]));
    return words;
}

/* The word of the text that a sentence's first piece belongs to. */
static size_t first_word(const size_t *words, size_t pieces)
{
    for (size_t i = 0; i < pieces; i++)
        if (words[i] != SIZE_MAX)
            return words[i];
    return 0;
}

/* A name or a number: a capital or a digit first, two characters at least. */
static bool is_anchor(dragoman_text word)
{
    return word.length > 1 && (isupper((unsigned char)word.bytes[0]) || isdigit((unsigned char)word.bytes[0]));
}

size_t anchors_find(const dragoman_attention *a, dragoman_pair *links)
{
    const size_t source_words = count_words(a->source), target_words = count_words(a->translation);
    const size_t first_source = first_word(a->source_words, a->source_length);
    const size_t first_target = first_word(a->target_words, a->target_length);
    size_t count = 0, there = 0, here = 0;
    for (size_t k = 0; k < target_words && count < a->target_length; k++) {
        const dragoman_text word = word_at(a->translation, k);
        if (is_anchor(word) && count_like(a->translation, word, target_words, &here) == 1 &&
            count_like(a->source, word, source_words, &there) == 1)
            links[count++] = (dragoman_pair){first_source + there, first_target + k};
    }
    return count;
}

void head_stats_align(struct head_stats *stats, const dragoman_attention *a, size_t layer, size_t head,
                      const dragoman_pair *links, size_t count, bool some, dragoman_pair *scratch)
{
    stats->anchored = some;
    for (int reading = 0; reading < 2; reading++) {
        struct head_alignment *alignment = reading ? &stats->read : &stats->written;
        const size_t found = dragoman_attention_pairs(a, layer, head, reading, scratch);
        alignment->wanted += count;
        alignment->found += some ? count : found;
        for (size_t i = 0; i < found; i++)
            for (size_t k = 0; k < count; k++)
                alignment->right += scratch[i].source == links[k].source && scratch[i].target == links[k].target;
    }
}

double head_alignment_quality(const struct head_alignment *alignment)
{
    if (!alignment->wanted)
        return -1;
    return 2 * (double)alignment->right / (double)(alignment->found + alignment->wanted);
}

/* ---- names ---------------------------------------------------------------------------------------------------- */

enum { ALIGNS_PERCENT = 60, ANCHORS_PERCENT = 90, EVEN_PERCENT = 80 };

const char *head_stats_name(const struct head_stats *s, enum dragoman_attention_kind kind, double *share)
{
    const double n = s->queries ? (double)s->queries : 1, written = head_alignment_quality(&s->written);
    const double read = head_alignment_quality(&s->read), even = s->bits > 0 ? s->entropy / s->bits : 0;
    const bool cross = kind == DRAGOMAN_CROSS;
    const struct {
        const char *name;
        double share, enough;
    } names[] = {{cross ? "positional: diagonal" : "positional: itself", s->own / n, 0.4},
                 {"positional: previous", s->previous / n, 0.4},
                 {"positional: next", s->next / n, 0.4},
                 {cross ? "positional: near the diagonal" : "positional: around", (s->own + s->previous + s->next) / n, 0.6},
                 {"delimiter", (s->edge + s->punctuation + s->tag) / n, 0.5}};
    size_t best = 0;
    *share = written > read ? written : read;
    if (cross && 100 * *share >= (s->anchored ? ANCHORS_PERCENT : ALIGNS_PERCENT))
        return written > read ? "alignment: of the word to write" : "alignment: of the word just read";
    for (size_t i = 1; i < sizeof names / sizeof *names; i++)
        if (names[i].share / names[i].enough > names[best].share / names[best].enough)
            best = i;
    *share = names[best].share;
    if (*share >= names[best].enough)
        return names[best].name;
    *share = -1;
    return 100 * even >= EVEN_PERCENT ? "broad" : "mixed";
}
