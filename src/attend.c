/* Recording attention: what every head looked at. */
#include "session.h"
#include "text/repair.h"

/* ---- attention of a text -------------------------------------------------------------------------------------- */

/* The text as one sentence, and the translation that is given for it. */
static int read_given(struct dragoman_session *s, const struct language *language, dragoman_text text,
                      dragoman_text translation, dragoman_error *error)
{
    const struct dragoman_tokenizer *tokenizer = s->model->tokenizer;
    const size_t most = greedy_limit(SENTENCE_TOKENS + 2);
    session_clear(s);
    if (utf8_repair(text.bytes, text.length, &s->input, &s->stats.invalid_bytes, error) < 0)
        return -1;
    if (!language)
        language = session_other_language(s, s->input.bytes, s->input.length);
    if (id_list_append(&s->ids, language->tag, error) < 0 ||
        tokenizer_encode(tokenizer, s->input.bytes, s->input.length, &s->ids, error) < 0 ||
        id_list_append(&s->ids, s->model->model.config.eos, error) < 0 ||
        session_add_sentence(s, 0, 0, s->input.length, error) < 0)
        return -1;
    struct sentence *sentence = &s->sentences[0];
    if (utf8_repair(translation.bytes, translation.length, &sentence->text, &s->stats.invalid_bytes, error) < 0 ||
        tokenizer_encode(tokenizer, sentence->text.bytes, sentence->text.length, &sentence->target, error) < 0)
        return -1;
    if (s->ids.count > SENTENCE_TOKENS + 2 || sentence->target.count >= most)
        return fail(error, DRAGOMAN_USAGE,
                    "a text and a translation given for it: found %zu and %zu pieces, want at most %d and %zu",
                    s->ids.count - 2, sentence->target.count, SENTENCE_TOKENS, most - 1);
    sentence->target_tokens = sentence->target.count;
    sentence->truncated = false;
    return 0;
}

/* The numbers of a sentence's maps. */
static void set_shapes(const struct dragoman_session *s, const struct sentence *sentence, dragoman_attention *a)
{
    const size_t S = a->source_length = sentence->length;
    const size_t T = a->target_length = session_steps(sentence->target.count, sentence->truncated);
    const size_t rows[] = {S, T, T}, columns[] = {S, T, S};
    for (int kind = 0; kind < DRAGOMAN_ATTENTION_KINDS; kind++) {
        dragoman_model_heads(s->model, (enum dragoman_attention_kind)kind, &a->layers[kind], &a->heads[kind]);
        a->rows[kind] = rows[kind];
        a->columns[kind] = columns[kind];
    }
}

static size_t map_floats(const dragoman_attention *a, int kind)
{
    return a->layers[kind] * a->heads[kind] * a->rows[kind] * a->columns[kind];
}

/* Whether all that is recorded has room; before the translation with steps of one piece. */
static int check_room(const struct dragoman_session *s, dragoman_error *error)
{
    size_t floats = 0;
    for (size_t i = 0; i < s->sentence_count; i++) {
        dragoman_attention a;
        set_shapes(s, &s->sentences[i], &a);
        for (int kind = 0; kind < DRAGOMAN_ATTENTION_KINDS; kind++)
            floats += map_floats(&a, kind);
        if (floats > DRAGOMAN_ATTENTION_BYTES / sizeof(float))
            return fail(error, DRAGOMAN_MEMORY,
                        "the attention of %zu sentences takes more than %zu MB: give a shorter text", s->sentence_count,
                        DRAGOMAN_ATTENTION_BYTES >> 20);
    }
    return 0;
}

/* Everything of one sentence but the numbers, in the session's arena; `inputs` are the decoder's. */
static void layout(struct dragoman_session *s, const struct sentence *sentence, dragoman_attention *a, int32_t **inputs)
{
    struct arena *arena = &s->records;
    set_shapes(s, sentence, a);
    const size_t S = a->source_length, T = a->target_length;
    a->source_pieces = arena_take(arena, S, sizeof *a->source_pieces);
    a->target_pieces = arena_take(arena, T, sizeof *a->target_pieces);
    a->decoder_inputs = arena_take(arena, T, sizeof *a->decoder_inputs);
    a->source_words = arena_take(arena, S, sizeof *a->source_words);
    a->target_words = arena_take(arena, T, sizeof *a->target_words);
    for (int kind = 0; kind < DRAGOMAN_ATTENTION_KINDS; kind++)
        a->probabilities[kind] = arena_take(arena, map_floats(a, kind), sizeof(float));
    *inputs = arena_take(arena, T, sizeof **inputs);
}

static void name_pieces(const struct dragoman_session *s, const struct sentence *sentence, const dragoman_attention *a)
{
    const struct dragoman_tokenizer *tokenizer = s->model->tokenizer;
    const char **source = (const char **)a->source_pieces, **target = (const char **)a->target_pieces;
    const char **inputs = (const char **)a->decoder_inputs;
    for (size_t i = 0; i < a->source_length; i++)
        source[i] = tokenizer_piece(tokenizer, s->ids.ids[sentence->first + i]);
    for (size_t t = 0; t < a->target_length; t++) {
        target[t] = tokenizer_piece(tokenizer, t < sentence->target.count ? sentence->target.ids[t]
                                                                          : s->model->model.config.eos);
        inputs[t] = t ? target[t - 1] : "<s>";
    }
}

static void add_to_words(size_t *words, size_t count, size_t first)
{
    for (size_t i = 0; i < count; i++)
        words[i] += words[i] == SIZE_MAX ? 0 : first;
}

static int record_sentence(struct dragoman_session *s, struct sentence *sentence, dragoman_attention *a, int32_t *inputs,
                           dragoman_pair place, dragoman_error *error)
{
    const struct model *model = &s->model->model;
    size_t *source = (size_t *)a->source_words, *target = (size_t *)a->target_words;
    const struct recording recording = {.source = s->ids.ids + sentence->first, .source_length = a->source_length,
                                        .inputs = inputs, .target_length = a->target_length,
                                        .decoder_layers = model->config.layers_decoder,
                                        .encoder_self = (float *)a->probabilities[DRAGOMAN_ENCODER_SELF],
                                        .decoder_self = (float *)a->probabilities[DRAGOMAN_DECODER_SELF],
                                        .cross = (float *)a->probabilities[DRAGOMAN_CROSS]};
    a->source = (dragoman_text){s->input.bytes + sentence->start, sentence->bytes};
    a->translation = (dragoman_text){sentence->text.bytes ? sentence->text.bytes : "", sentence->text.length};
    name_pieces(s, sentence, a);
    session_shift_right(inputs, model, sentence->target.ids, a->target_length);
    if (record_run(&s->workspaces[0].recorder, model, &recording, s->threads, error) < 0 ||
        session_source_words(s, sentence, source, error) < 0 ||
        session_target_words(s, &sentence->text, sentence->target.ids, sentence->target.count, a->target_length, target,
                             error) < 0)
        return -1;
    if (s->aligns && pair_list_reserve(&sentence->pairs, a->target_length, error) < 0)
        return -1;
    if (s->aligns)
        sentence->pairs.count = align_pairs(&s->model->alignment, recording.cross, model->config.heads_decoder,
                                            a->target_length, a->source_length, source, target, sentence->pairs.pairs);
    add_to_words(source, a->source_length, place.source);
    add_to_words(target, a->target_length, place.target);
    return 0;
}

/* Record every sentence: once to lay out the memory, once to fill it. */
static int record_all(struct dragoman_session *s, dragoman_error *error)
{
    int32_t *inputs;
    dragoman_attention unused;
    struct word_place place = {0};
    arena_count(&s->records);
    arena_take(&s->records, s->sentence_count, sizeof *s->attention);
    for (size_t i = 0; i < s->sentence_count; i++)
        layout(s, &s->sentences[i], &unused, &inputs);
    if (arena_reserve(&s->records, error) < 0)
        return -1;
    s->attention = arena_take(&s->records, s->sentence_count, sizeof *s->attention);
    for (size_t p = 0; p < s->part_count; p++) {
        const dragoman_pair first = session_place(s, &s->parts[p], &place);
        const size_t i = s->parts[p].sentence;
        if (i == NOT_A_SENTENCE)
            continue;
        layout(s, &s->sentences[i], &s->attention[i], &inputs);
        if (record_sentence(s, &s->sentences[i], &s->attention[i], inputs, first, error) < 0)
            return -1;
    }
    return 0;
}

int dragoman_attend(dragoman_session *s, const dragoman_options *options, dragoman_text text,
                    const dragoman_attention **sentences, size_t *count, dragoman_error *error)
{
    const dragoman_text given = options ? options->translation : (dragoman_text){0};
    const struct language *target;
    size_t bounds[2];
    if (session_language(s, options ? options->target : NULL, &target, error) < 0)
        return -1;
    s->aligns = false; /* the record has it, too */
    s->keeps = true;
    int result = given.bytes ? read_given(s, target, text, given, error)
                             : session_read(s, target, &text, 1, bounds, error);
    if (result == 0)
        result = check_room(s, error);
    if (result == 0 && !given.bytes && (result = session_run(s, error)) == 0)
        result = check_room(s, error);
    s->aligns = options && options->align;
    if (result == 0)
        result = record_all(s, error);
    bounds[0] = 0;
    bounds[1] = given.length || !given.bytes ? s->part_count : 0; /* nothing goes with nothing */
    if (result == 0 && s->aligns)
        result = session_collect(s, 1, bounds, error);
    if (result < 0)
        return -1;
    session_count(s, 1);
    *sentences = s->attention;
    *count = s->sentence_count;
    return 0;
}
