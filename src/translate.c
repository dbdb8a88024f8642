/* The public functions of sessions: text in, text out. */
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/cores.h"
#include "session.h"
#include "text/language.h"
#include "text/letter_case.h"
#include "text/repair.h"
#include "text/segment.h"

/* ---- sessions ----------------------------------------------------------------------------------------------- */

dragoman_session *dragoman_session_open(const dragoman_model *model, int threads, dragoman_error *error)
{
    struct dragoman_session *s = calloc(1, sizeof *s);
    const int processors = omp_get_num_procs();
    const bool counts_cores = threads <= 0; /* when it matters: that takes a while */
    threads = counts_cores ? processors : threads > 4 * processors ? 4 * processors : threads;
    if (s)
        s->workspaces = calloc((size_t)threads, sizeof *s->workspaces);
    if (!s || !s->workspaces) {
        free(s);
        fail_memory(error, sizeof *s + (size_t)threads * sizeof *s->workspaces);
        return NULL;
    }
    s->model = model;
    s->threads = s->workspace_count = threads;
    s->counts_cores = counts_cores;
    return s;
}

void dragoman_session_close(dragoman_session *s)
{
    if (!s)
        return;
    for (int t = 0; t < s->workspace_count; t++)
        workspace_free(&s->workspaces[t]);
    for (size_t i = 0; i < s->sentence_room; i++) {
        free(s->sentences[i].text.bytes);
        free(s->sentences[i].target.ids);
        free(s->sentences[i].pairs.pairs);
    }
    arena_free(&s->records);
    free(s->pairs.pairs);
    free(s->pair_ends);
    free(s->workspaces);
    free(s->sentences);
    free(s->parts);
    free(s->ids.ids);
    free(s->input.bytes);
    free(s->output.bytes);
    free(s->scratch.bytes);
    free(s);
}

dragoman_stats dragoman_session_stats(const dragoman_session *s)
{
    return s->stats;
}

/* ---- from texts to sentences -------------------------------------------------------------------------------- */

static int add_part(struct dragoman_session *s, struct part part, dragoman_error *error)
{
    if (s->part_count == s->part_room) {
        const size_t room = s->part_room * 2 + 64;
        struct part *parts = realloc(s->parts, room * sizeof *parts);
        if (!parts)
            return fail_memory(error, room * sizeof *parts);
        s->parts = parts;
        s->part_room = room;
    }
    s->parts[s->part_count++] = part;
    return 0;
}

int session_add_sentence(struct dragoman_session *s, size_t first, size_t start, size_t length, dragoman_error *error)
{
    if (add_part(s, (struct part){s->sentence_count, start, length}, error) < 0)
        return -1;
    if (s->sentence_count == s->sentence_room) {
        const size_t room = s->sentence_room * 2 + 64;
        struct sentence *sentences = realloc(s->sentences, room * sizeof *sentences);
        if (!sentences)
            return fail_memory(error, room * sizeof *sentences);
        memset(sentences + s->sentence_room, 0, (room - s->sentence_room) * sizeof *sentences);
        s->sentences = sentences;
        s->sentence_room = room;
    }
    struct sentence *sentence = &s->sentences[s->sentence_count++];
    sentence->first = first;
    sentence->length = s->ids.count - first;
    sentence->start = start;
    sentence->bytes = length;
    sentence->truncated = sentence->capitals = false;
    sentence->text.length = sentence->target.count = sentence->pairs.count = 0;
    return 0;
}

static int add_span(struct dragoman_session *s, size_t start, size_t length, size_t max_bytes, int32_t tag,
                    dragoman_error *error);

/* Whether a sentence is to be copied: what the vocabulary can spell by bytes only, mostly (another script, say), or
 * data in place of words. */
static bool is_foreign(const struct dragoman_session *s, size_t first, const char *text, size_t length)
{
    size_t spelled = 0;
    for (size_t i = first; i < s->ids.count; i++)
        spelled += tokenizer_spells(s->model->tokenizer, s->ids.ids[i]);
    return 2 * spelled >= s->ids.count - first || (length > WORD_BYTES && !memchr(text, ' ', length));
}

/* Encode the bytes start .. start+length of the input as `>>tag<< pieces </s>`. What has too many tokens is cut in
 * smaller spans. Capitals are few in what models learn from, so what is all in capitals is read in lower case. */
static int add_segment(struct dragoman_session *s, size_t start, size_t length, int32_t tag, dragoman_error *error)
{
    const size_t first = s->ids.count;
    const char *text = s->input.bytes + start;
    const bool capitals = text_in_capitals(text, length);
    s->scratch.length = 0;
    if (id_list_append(&s->ids, tag, error) < 0 || (capitals && text_lower(text, length, &s->scratch, error) < 0) ||
        tokenizer_encode(s->model->tokenizer, capitals ? s->scratch.bytes : text, capitals ? s->scratch.length : length,
                         &s->ids, error) < 0)
        return -1;
    const size_t tokens = s->ids.count - first - 1;
    const bool foreign = is_foreign(s, first + 1, text, length);
    if (foreign || tokens > SENTENCE_TOKENS) {
        s->ids.count = first;
        if (foreign || length <= 16)
            return add_part(s, (struct part){NOT_A_SENTENCE, start, length}, error);
        return add_span(s, start, length, length / 2 < 16 ? 16 : length / 2, tag, error);
    }
    if (id_list_append(&s->ids, s->model->model.config.eos, error) < 0)
        return -1;
    if (session_add_sentence(s, first, start, length, error) < 0)
        return -1;
    s->sentences[s->sentence_count - 1].capitals = capitals;
    return 0;
}

/* Cut a span of the input into segments of max_bytes at most and add them; a segment that is cut again is half as
 * long at least, so this ends. */
static int add_span(struct dragoman_session *s, size_t start, size_t length, size_t max_bytes, int32_t tag,
                    dragoman_error *error)
{
    struct segment_list list = {0};
    int result = text_segment(s->input.bytes + start, length, max_bytes, &list, error);
    for (size_t i = 0; result == 0 && i < list.count; i++) {
        const struct segment *segment = &list.segments[i];
        if (segment->translate)
            result = add_segment(s, start + segment->start, segment->length, tag, error);
        else
            result = add_part(s, (struct part){NOT_A_SENTENCE, start + segment->start, segment->length}, error);
    }
    free(list.segments);
    return result;
}

static const struct language *find_language(const struct dragoman_model *m, const char *name)
{
    for (size_t i = 0; i < m->language_count; i++)
        if (strcmp(m->languages[i].name, name) == 0)
            return &m->languages[i];
    return NULL;
}

int session_language(const struct dragoman_session *s, const char *name, const struct language **language,
                     dragoman_error *error)
{
    *language = name ? find_language(s->model, name) : NULL;
    if (name && !*language)
        return fail(error, DRAGOMAN_USAGE, "language '%.40s': the model can't translate into it", name);
    return 0;
}

const struct language *session_other_language(const struct dragoman_session *s, const char *text, size_t length)
{
    const struct dragoman_model *m = s->model;
    const char *guess = language_guess(text, length);
    return strcmp(m->languages[0].name, guess) == 0 ? &m->languages[1] : &m->languages[0];
}

/* ---- from sentences to translations ------------------------------------------------------------------------- */

static size_t max(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t min(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int by_length(const void *a, const void *b)
{
    const struct sentence *s = *(struct sentence *const *)a, *t = *(struct sentence *const *)b;
    return (s->length < t->length) - (s->length > t->length);
}

/* Put the translation in capitals. */
static int write_capitals(struct sentence *sentence, dragoman_error *error)
{
    struct byte_string text = {0};
    const int result = text_upper(sentence->text.bytes, sentence->text.length, &text, error);
    free(sentence->text.bytes);
    sentence->text = text;
    return result;
}

/* Translate a batch of sentences with one workspace. */
static int run_batch(struct dragoman_session *s, struct workspace *workspace, struct sentence **sentences, size_t count,
                     int threads, dragoman_error *error)
{
    const int32_t *ids[BATCH_SENTENCES];
    size_t lengths[BATCH_SENTENCES];
    struct translation translations[BATCH_SENTENCES];
    for (size_t i = 0; i < count; i++) {
        ids[i] = s->ids.ids + sentences[i]->first;
        lengths[i] = sentences[i]->length;
    }
    const struct source_batch batch = {ids, lengths, count};
    const struct dragoman_tokenizer *tokenizer = s->model->tokenizer;
    if (greedy_run(workspace, &s->model->model, &batch, tokenizer_unk(tokenizer), threads, translations, error) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        sentences[i]->target_tokens = translations[i].length;
        sentences[i]->truncated = translations[i].truncated;
        if (tokenizer_decode(tokenizer, translations[i].ids, translations[i].length, &sentences[i]->text, error) < 0)
            return -1;
        if (s->keeps && session_keep(sentences[i], &translations[i], error) < 0)
            return -1;
        if (s->aligns && session_align(s, workspace, sentences[i], i, &translations[i], threads, error) < 0)
            return -1;
        if (sentences[i]->capitals && write_capitals(sentences[i], error) < 0)
            return -1;
    }
    return 0;
}

/* Cut the order into batches of like length and a bounded number of tokens: ends[i] is one past the i-th. Several threads
 * get smaller batches towards the end, so that none has to wait long for the last one. */
static size_t plan_batches(struct dragoman_session *s, struct sentence **order, size_t *ends)
{
    size_t batches = 0, begin = 0, tokens = 0, left = s->ids.count, budget = 0;
    for (size_t i = 0; i < s->sentence_count; i++) {
        if (i > begin && (tokens + order[i]->length > budget || i - begin == BATCH_SENTENCES)) {
            ends[batches++] = begin = i;
            tokens = 0;
        }
        if (i == begin)
            budget = s->threads == 1 ? BATCH_TOKENS
                                     : min(max(left / (2 * (size_t)s->threads), LEAST_BATCH_TOKENS), BATCH_TOKENS);
        tokens += order[i]->length;
        left -= order[i]->length;
    }
    if (s->sentence_count)
        ends[batches++] = s->sentence_count;
    return batches;
}

/* One batch a thread, or all threads on one batch if there is but one. */
int session_run(struct dragoman_session *s, dragoman_error *error)
{
    const size_t n = s->sentence_count;
    struct sentence **order = malloc((n + 1) * sizeof *order);
    size_t *ends = malloc((n + 1) * sizeof *ends);
    int result = 0;
    if (!order || !ends) {
        free(order);
        free(ends);
        return fail_memory(error, n * sizeof *order);
    }
    if (s->counts_cores && s->ids.count > LEAST_BATCH_TOKENS) {
        s->threads = (int)min((size_t)cores_count(), (size_t)s->workspace_count);
        s->counts_cores = false;
    }
    for (size_t i = 0; i < n; i++)
        order[i] = &s->sentences[i];
    qsort(order, n, sizeof *order, by_length);
    const size_t batches = plan_batches(s, order, ends);
    const bool spread = s->threads > 1 && batches > 1;
#pragma omp parallel for num_threads(s->threads) schedule(dynamic, 1) if (spread)
    for (size_t i = 0; i < batches; i++) {
        const size_t begin = i ? ends[i - 1] : 0;
        dragoman_error own;
        if (run_batch(s, &s->workspaces[omp_get_thread_num()], order + begin, ends[i] - begin, spread ? 1 : s->threads,
                      &own) < 0) {
#pragma omp critical
            {
                result = -1;
                if (error)
                    *error = own;
            }
        }
    }
    free(order);
    free(ends);
    return result;
}

/* ---- texts -------------------------------------------------------------------------------------------------- */

void session_clear(struct dragoman_session *s)
{
    s->input.length = s->ids.count = s->sentence_count = s->part_count = s->pairs.count = s->pair_texts = 0;
}

int session_read(struct dragoman_session *s, const struct language *target, const dragoman_text *texts, size_t count,
                 size_t *bounds, dragoman_error *error)
{
    session_clear(s);
    for (size_t i = 0; i < count; i++) {
        const size_t start = s->input.length;
        bounds[i] = s->part_count;
        if (utf8_repair(texts[i].bytes, texts[i].length, &s->input, &s->stats.invalid_bytes, error) < 0)
            return -1;
        const size_t length = s->input.length - start;
        const struct language *to = target ? target : session_other_language(s, s->input.bytes + start, length);
        if (length && add_span(s, start, length, SEGMENT_BYTES, to->tag, error) < 0)
            return -1;
    }
    bounds[count] = s->part_count;
    return 0;
}

static int write_texts(struct dragoman_session *s, size_t count, const size_t *bounds, dragoman_text *outputs,
                       dragoman_error *error)
{
    s->output.length = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t start = s->output.length;
        for (size_t p = bounds[i]; p < bounds[i + 1]; p++) {
            const struct part *part = &s->parts[p];
            const struct byte_string *translation =
                part->sentence == NOT_A_SENTENCE ? NULL : &s->sentences[part->sentence].text;
            const bool copied = !translation || translation->length == 0;
            s->stats.untranslated += translation && copied;
            if (byte_string_append(&s->output, copied ? s->input.bytes + part->start : translation->bytes,
                                   copied ? part->length : translation->length, error) < 0)
                return -1;
        }
        outputs[i].length = s->output.length - start;
    }
    for (size_t i = 0, at = 0; i < count; at += outputs[i++].length)
        outputs[i].bytes = s->output.bytes ? s->output.bytes + at : "";
    return 0;
}

void session_count(struct dragoman_session *s, size_t count)
{
    s->stats.texts += count;
    s->stats.sentences += s->sentence_count;
    s->stats.source_tokens += s->ids.count;
    for (size_t i = 0; i < s->sentence_count; i++) {
        s->stats.target_tokens += s->sentences[i].target_tokens;
        s->stats.truncated += s->sentences[i].truncated;
    }
}

int dragoman_translate(dragoman_session *s, const dragoman_options *options, const dragoman_text *texts, size_t count,
                       dragoman_text *outputs, dragoman_error *error)
{
    const struct language *target;
    if (session_language(s, options ? options->target : NULL, &target, error) < 0)
        return -1;
    s->aligns = options && options->align;
    s->keeps = false;
    size_t *bounds = malloc((count + 1) * sizeof *bounds);
    if (!bounds)
        return fail_memory(error, (count + 1) * sizeof *bounds);
    int result = session_read(s, target, texts, count, bounds, error);
    if (result == 0)
        result = session_run(s, error);
    if (result == 0)
        result = write_texts(s, count, bounds, outputs, error);
    if (result == 0 && s->aligns)
        result = session_collect(s, count, bounds, error);
    if (result == 0)
        session_count(s, count);
    free(bounds);
    return result;
}
