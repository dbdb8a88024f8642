/* Word pairs: of each sentence while it is translated, put together text by text. */
#include <stdlib.h>

#include "session.h"

/* ---- word pairs while translating ----------------------------------------------------------------------------- */

int session_keep(struct sentence *sentence, const struct translation *translation, dragoman_error *error)
{
    for (size_t i = 0; i < translation->length; i++)
        if (id_list_append(&sentence->target, translation->ids[i], error) < 0)
            return -1;
    return 0;
}

size_t session_steps(size_t length, bool truncated)
{
    return length + !truncated;
}

int session_source_words(const struct dragoman_session *s, const struct sentence *sentence, size_t *words,
                        dragoman_error *error)
{
    words[0] = words[sentence->length - 1] = SIZE_MAX;
    return align_words(s->model->tokenizer, s->input.bytes + sentence->start, sentence->bytes,
                       s->ids.ids + sentence->first + 1, sentence->length - 2, words + 1, error);
}

int session_target_words(const struct dragoman_session *s, const struct byte_string *text, const int32_t *ids,
                        size_t length, size_t T, size_t *words, dragoman_error *error)
{
    words[T - 1] = SIZE_MAX;
    return align_words(s->model->tokenizer, text->bytes, text->length, ids, length, words, error);
}

void session_shift_right(int32_t *inputs, const struct model *model, const int32_t *ids, size_t T)
{
    inputs[0] = model->config.start;
    for (size_t t = 1; t < T; t++)
        inputs[t] = ids[t - 1];
}

int session_align(struct dragoman_session *s, struct workspace *w, struct sentence *sentence, size_t b,
                  const struct translation *translation, int threads, dragoman_error *error)
{
    const struct model *model = &s->model->model;
    const struct alignment *alignment = &s->model->alignment;
    const size_t H = model->config.heads_decoder, L = alignment_layers(alignment);
    const size_t S = sentence->length, T = session_steps(translation->length, translation->truncated);
    if (translation->length == 0)
        return 0;
    float *cross = malloc(L * H * T * S * sizeof *cross);
    size_t *words = malloc((S + T) * sizeof *words);
    int32_t *inputs = malloc(T * sizeof *inputs);
    const struct recording recording = {.source = s->ids.ids + sentence->first, .source_length = S, .inputs = inputs,
                                        .memory = w->encoder.memory + w->encoder.starts[b] * model->config.d_model,
                                        .target_length = T, .decoder_layers = L, .cross = cross};
    int result = cross && words && inputs ? 0 : fail_memory(error, L * H * T * S * sizeof *cross);
    if (result == 0) {
        session_shift_right(inputs, model, translation->ids, T);
        result = record_run(&w->recorder, model, &recording, threads, error);
    }
    if (result == 0)
        result = session_source_words(s, sentence, words, error);
    if (result == 0)
        result = session_target_words(s, &sentence->text, translation->ids, translation->length, T, words + S, error);
    if (result == 0)
        result = pair_list_reserve(&sentence->pairs, T, error);
    if (result == 0)
        sentence->pairs.count = align_pairs(alignment, cross, H, T, S, words, words + S, sentence->pairs.pairs);
    free(cross), free(words), free(inputs);
    return result;
}

/* ---- word pairs of a text ------------------------------------------------------------------------------------- */

/* What the part puts into the translation. */
static dragoman_text written(const struct dragoman_session *s, const struct part *part)
{
    const struct byte_string *text = part->sentence == NOT_A_SENTENCE ? NULL : &s->sentences[part->sentence].text;
    if (text && text->length)
        return (dragoman_text){text->bytes, text->length};
    return (dragoman_text){s->input.bytes + part->start, part->length};
}

static size_t place_words(dragoman_text text, size_t *words, bool *inside)
{
    bool begins = false;
    const size_t first = *words - (*inside && text.length && words_begun(text.bytes, 1, &begins));
    *words += words_begun(text.bytes, text.length, inside);
    return first;
}

dragoman_pair session_place(const struct dragoman_session *s, const struct part *part, struct word_place *place)
{
    const dragoman_text source = {s->input.bytes + part->start, part->length};
    return (dragoman_pair){place_words(source, &place->source, &place->inside_source),
                           place_words(written(s, part), &place->target, &place->inside_target)};
}

/* The pairs of a part: its sentence's, or what is copied with itself. */
static int collect_part(struct dragoman_session *s, const struct part *part, dragoman_pair first, dragoman_error *error)
{
    const struct sentence *sentence = part->sentence == NOT_A_SENTENCE ? NULL : &s->sentences[part->sentence];
    const bool copied = !sentence || !sentence->text.length;
    bool inside = false;
    const size_t count = copied ? words_begun(s->input.bytes + part->start, part->length, &inside) : sentence->pairs.count;
    if (pair_list_reserve(&s->pairs, count, error) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const dragoman_pair pair = copied ? (dragoman_pair){i, i} : sentence->pairs.pairs[i];
        s->pairs.pairs[s->pairs.count++] = (dragoman_pair){first.source + pair.source, first.target + pair.target};
    }
    return 0;
}

static int by_source(const void *a, const void *b)
{
    const dragoman_pair *p = a, *q = b;
    return p->source != q->source ? (p->source > q->source) - (p->source < q->source)
                                  : (p->target > q->target) - (p->target < q->target);
}

/* Sort the pairs from `first` on and drop those that come twice (two parts may share a word). */
static void sort_pairs(struct pair_list *list, size_t first)
{
    size_t kept = first;
    if (list->count == first)
        return;
    qsort(list->pairs + first, list->count - first, sizeof *list->pairs, by_source);
    for (size_t i = first; i < list->count; i++)
        if (kept == first || by_source(&list->pairs[kept - 1], &list->pairs[i]) != 0)
            list->pairs[kept++] = list->pairs[i];
    list->count = kept;
}

int session_collect(struct dragoman_session *s, size_t count, const size_t *bounds, dragoman_error *error)
{
    size_t *ends = realloc(s->pair_ends, (count + 1) * sizeof *ends);
    if (!ends)
        return fail_memory(error, (count + 1) * sizeof *ends);
    s->pair_ends = ends;
    for (size_t i = 0; i < count; i++) {
        struct word_place place = {0};
        const size_t first = s->pairs.count;
        for (size_t p = bounds[i]; p < bounds[i + 1]; p++)
            if (collect_part(s, &s->parts[p], session_place(s, &s->parts[p], &place), error) < 0)
                return -1;
        sort_pairs(&s->pairs, first);
        ends[i] = s->pairs.count;
    }
    s->pair_texts = count;
    return 0;
}

size_t dragoman_attention_pairs(const dragoman_attention *a, size_t layer, size_t head, bool reading,
                               dragoman_pair *pairs)
{
    const struct alignment alignment = {.heads = {{layer, head, reading}}, .count = 1};
    return align_pairs(&alignment, a->probabilities[DRAGOMAN_CROSS], a->heads[DRAGOMAN_CROSS], a->target_length,
                       a->source_length, a->source_words, a->target_words, pairs);
}

const dragoman_pair *dragoman_session_alignment(const dragoman_session *s, size_t i, size_t *count)
{
    const size_t first = i < s->pair_texts && i ? s->pair_ends[i - 1] : 0;
    *count = i < s->pair_texts ? s->pair_ends[i] - first : 0;
    return *count ? s->pairs.pairs + first : NULL;
}
