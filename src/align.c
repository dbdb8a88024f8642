#include "align.h"

#include <stdlib.h>
#include <string.h>

static const char SPACE[] = "\xE2\x96\x81"; /* U+2581: a blank, in pieces */
enum { SPACE_BYTES = 3 };

/* ---- which heads ---------------------------------------------------------------------------------------------- */

static bool read_number(const char **at, size_t *number)
{
    if (**at < '0' || **at > '9')
        return false;
    for (*number = 0; **at >= '0' && **at <= '9' && *number < 10000; (*at)++)
        *number = *number * 10 + (size_t)(**at - '0');
    return true;
}

/* "LAYER:HEAD" or "LAYER:mean", and "+1" for the step after, up to a blank. */
static bool read_head(struct alignment *a, const char **at, size_t L, size_t H)
{
    size_t layer, head = ALL_HEADS;
    if (a->count == ALIGN_HEADS || !read_number(at, &layer) || layer >= L || *(*at)++ != ':')
        return false;
    if (strncmp(*at, "mean", 4) == 0)
        *at += 4;
    else if (!read_number(at, &head) || head >= H)
        return false;
    const bool reading = strncmp(*at, "+1", 2) == 0;
    *at += reading ? 2 : 0;
    a->heads[a->count].layer = layer;
    a->heads[a->count].head = head;
    a->heads[a->count++].reading = reading;
    return **at == ' ' || !**at;
}

int alignment_read(struct alignment *a, const char *text, size_t L, size_t H, const char *path, dragoman_error *error)
{
    *a = (struct alignment){.heads = {{L - 1, ALL_HEADS, false}}, .count = 1};
    if (!text)
        return 0;
    a->count = 0;
    for (const char *at = text; *(at += strspn(at, " "));)
        if (!read_head(a, &at, L, H)) {
            a->count = 0;
            break;
        }
    if (!a->count)
        return fail(error, DRAGOMAN_MODEL_CORRUPT,
                    "%s: __metadata__: alignment: want 1 to %d of LAYER:HEAD[+1], LAYER:mean[+1] below %zu:%zu, "
                    "found '%.40s'",
                    path, ALIGN_HEADS, L, H, text);
    return 0;
}

size_t alignment_layers(const struct alignment *a)
{
    size_t layers = 0;
    for (size_t i = 0; i < a->count; i++)
        layers = a->heads[i].layer >= layers ? a->heads[i].layer + 1 : layers;
    return layers;
}

/* ---- words ---------------------------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

size_t words_begun(const char *bytes, size_t length, bool *inside)
{
    size_t words = 0;
    for (size_t i = 0; i < length; i++) {
        words += !is_blank(bytes[i]) && !*inside;
        *inside = !is_blank(bytes[i]);
    }
    return words;
}

/* The words of the pieces as they spell them; their number. A piece that is but a blank goes with the word after it. */
static size_t pieces_words(const struct dragoman_tokenizer *tokenizer, const int32_t *ids, size_t count, size_t *words)
{
    size_t begun = 0;
    bool inside = false;
    for (size_t i = 0; i < count; i++) {
        words[i] = SIZE_MAX;
        for (const char *p = tokenizer_piece(tokenizer, ids[i]); *p;) {
            const bool blank = strncmp(p, SPACE, SPACE_BYTES) == 0;
            begun += !blank && !inside;
            inside = !blank;
            if (!blank && words[i] == SIZE_MAX)
                words[i] = begun - 1;
            p += blank ? SPACE_BYTES : 1;
        }
        if (words[i] == SIZE_MAX)
            words[i] = begun;
    }
    return begun;
}

/* Normalizing may cut a word in two (a no-break space) or leave nothing of it. So that spelled (words' values) come to
 * be the text's own words, count what becomes of each. */
static int count_spelled(const struct dragoman_tokenizer *tokenizer, const char *text, size_t length, size_t *words,
                         size_t count, dragoman_error *error)
{
    struct id_list ids = {0};
    size_t *map = calloc(count + 1, sizeof *map), *scratch = NULL; /* map: the text's word of a spelled one */
    size_t spelled = 0, word = 0;
    int result = map ? 0 : fail_memory(error, count * sizeof *map);
    for (size_t i = 0, end; result == 0 && i < length; i = end) {
        for (end = i; end < length && is_blank(text[end]) == is_blank(text[i]); end++)
            ;
        if (is_blank(text[i]))
            continue;
        ids.count = 0;
        result = tokenizer_encode(tokenizer, text + i, end - i, &ids, error);
        size_t *more = result == 0 ? realloc(scratch, (ids.count + 1) * sizeof *scratch) : NULL;
        if (result == 0 && !more)
            result = fail_memory(error, ids.count * sizeof *scratch);
        if (result < 0)
            break;
        scratch = more;
        for (size_t n = pieces_words(tokenizer, ids.ids, ids.count, scratch); n && spelled <= count; n--)
            map[spelled++] = word;
        word++;
    }
    for (size_t i = 0; result == 0 && i < count; i++)
        words[i] = spelled == 0 ? 0 : map[words[i] < spelled ? words[i] : spelled - 1];
    free(map);
    free(scratch);
    free(ids.ids);
    return result;
}

int align_words(const struct dragoman_tokenizer *tokenizer, const char *text, size_t length, const int32_t *ids,
                size_t count, size_t *words, dragoman_error *error)
{
    bool inside = false;
    const size_t there = words_begun(text, length, &inside), spelled = pieces_words(tokenizer, ids, count, words);
    if (there != spelled)
        return count_spelled(tokenizer, text, length, words, count, error);
    for (size_t i = 0; i < count; i++)
        if (words[i] >= there)
            words[i] = there ? there - 1 : 0;
    return 0;
}

/* ---- pairs ---------------------------------------------------------------------------------------------------- */

int pair_list_reserve(struct pair_list *list, size_t more, dragoman_error *error)
{
    const size_t room = 2 * list->room + more;
    if (list->count + more <= list->room)
        return 0;
    dragoman_pair *pairs = realloc(list->pairs, room * sizeof *pairs);
    if (!pairs)
        return fail_memory(error, room * sizeof *pairs);
    list->pairs = pairs;
    list->room = room;
    return 0;
}

/* What the piece of step t looks at, key j: the mean over the alignment's heads (times their number, which does not
 * matter). A piece is written at step t and read at the one after it, if that was taken. */
static float weight(const struct alignment *a, const float *cross, size_t H, size_t T, size_t S, size_t t, size_t j)
{
    float sum = 0;
    for (size_t i = 0; i < a->count; i++) {
        const size_t row = a->heads[i].reading && t + 1 < T ? t + 1 : t;
        const float *map = cross + (a->heads[i].layer * H * T + row) * S + j;
        float layer = 0;
        if (a->heads[i].head != ALL_HEADS)
            layer = map[a->heads[i].head * T * S];
        for (size_t h = 0; a->heads[i].head == ALL_HEADS && h < H; h++)
            layer += map[h * T * S] / (float)H;
        sum += layer;
    }
    return sum;
}

/* The source word that the steps begin .. end look at most; SIZE_MAX if there is none. A word's pieces follow one
 * another. */
static size_t heaviest_word(const struct alignment *a, const float *cross, size_t H, size_t T, size_t S, size_t begin,
                            size_t end, const size_t *words)
{
    size_t best = SIZE_MAX;
    float most = -1;
    for (size_t j = 0, next; j < S; j = next) {
        float sum = 0;
        for (next = j; next < S && words[next] == words[j]; next++)
            for (size_t t = begin; t < end && words[j] != SIZE_MAX; t++)
                sum += weight(a, cross, H, T, S, t, next);
        if (words[j] != SIZE_MAX && sum > most) {
            most = sum;
            best = words[j];
        }
    }
    return best;
}

size_t align_pairs(const struct alignment *a, const float *cross, size_t H, size_t T, size_t S, const size_t *source_words,
                   const size_t *target_words, dragoman_pair *pairs)
{
    size_t count = 0;
    for (size_t t = 0, end; t < T; t = end) {
        const size_t word = target_words[t];
        for (end = t + 1; end < T && target_words[end] == word; end++)
            ;
        const size_t source = word == SIZE_MAX ? SIZE_MAX : heaviest_word(a, cross, H, T, S, t, end, source_words);
        if (source != SIZE_MAX)
            pairs[count++] = (dragoman_pair){source, word};
    }
    return count;
}
