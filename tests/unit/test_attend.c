/* dragoman_attend and word pairs: what is recorded has the shapes, names and sums it should, looking changes nothing, and
 * every word of a translation has its partner. The tiny model speaks nonsense; the bundled one is there where what it
 * says matters. */
#include <math.h>
#include <stdlib.h>

#include "../../src/align.h"
#include "../../src/dragoman.h"
#include "test.h"

#define TEXT(literal) ((dragoman_text){literal, sizeof(literal) - 1})
static const dragoman_options german = {.target = "de"}, aligned = {.target = "de", .align = true};
static dragoman_model *tiny, *bundled;

static bool same(dragoman_text a, dragoman_text b)
{
    return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

static size_t words_of(dragoman_text text)
{
    bool inside = false;
    return words_begun(text.bytes, text.length, &inside);
}

static dragoman_session *open_session(const dragoman_model *model, int threads)
{
    dragoman_session *session = dragoman_session_open(model, threads, NULL);
    if (!session)
        exit(1);
    return session;
}

/* The sentences of a text; ends the test without them. */
static const dragoman_attention *attend(dragoman_session *session, const dragoman_options *options, dragoman_text text,
                                        size_t *count)
{
    const dragoman_attention *sentences = NULL;
    dragoman_error error = {0};
    if (dragoman_attend(session, options, text, &sentences, count, &error) < 0) {
        printf("not ok dragoman_attend: %s\n", error.message);
        exit(1);
    }
    return sentences;
}

static size_t map_size(const dragoman_attention *a, int kind)
{
    return a->layers[kind] * a->heads[kind] * a->rows[kind] * a->columns[kind];
}

static void check_maps(const dragoman_attention *a)
{
    const size_t S = a->source_length, T = a->target_length, rows[] = {S, T, T}, columns[] = {S, T, S};
    for (int kind = 0; kind < DRAGOMAN_ATTENTION_KINDS; kind++) {
        const float *p = a->probabilities[kind];
        double worst = 0;
        size_t odd = 0;
        CHECK(a->rows[kind] == rows[kind] && a->columns[kind] == columns[kind], "kind %d", kind);
        for (size_t row = 0; row < a->layers[kind] * a->heads[kind] * a->rows[kind]; row++) {
            double sum = 0;
            for (size_t j = 0; j < a->columns[kind]; j++, p++) {
                sum += *p;
                odd += !(*p >= 0) || (kind == DRAGOMAN_DECODER_SELF && j > row % T && *p != 0);
            }
            worst = fmax(worst, fabs(sum - 1));
        }
        CHECK(worst < 1e-5 && odd == 0, "kind %d: sums off by %g, %zu odd numbers", kind, worst, odd);
    }
}

static void check_names(const dragoman_attention *a, size_t source_words, size_t target_words)
{
    const size_t S = a->source_length, T = a->target_length;
    size_t last = 0;
    CHECK(strcmp(a->source_pieces[0], ">>de<<") == 0 && strcmp(a->source_pieces[S - 1], "</s>") == 0, "source pieces");
    CHECK(strcmp(a->decoder_inputs[0], "<s>") == 0, "the decoder begins with %s", a->decoder_inputs[0]);
    for (size_t t = 1; t < T; t++)
        CHECK(strcmp(a->decoder_inputs[t], a->target_pieces[t - 1]) == 0, "input %zu", t);
    CHECK(a->source_words[0] == SIZE_MAX && a->source_words[S - 1] == SIZE_MAX, "the words of a tag");
    for (size_t j = 1; j + 1 < S; j++) {
        CHECK(a->source_words[j] < source_words && a->source_words[j] >= last, "piece %zu: word %zu of %zu", j,
              a->source_words[j], source_words);
        last = a->source_words[j];
    }
    for (size_t t = 0; t < T; t++)
        CHECK(a->target_words[t] < target_words || (t == T - 1 && a->target_words[t] == SIZE_MAX), "piece %zu: word %zu of %zu",
              t, a->target_words[t], target_words);
}

/* A text of copied and translated parts: the translation is the same before, while and after it is looked at. */
static void test_text(const dragoman_model *model, dragoman_text text, size_t sentences_wanted)
{
    dragoman_session *session = open_session(model, 1);
    dragoman_text before, after;
    size_t count = 0, target_words;
    CHECK(dragoman_translate(session, &german, &text, 1, &before, NULL) == 0, "translate");
    char *copy = memcpy(malloc(before.length + 1), before.bytes, before.length);
    target_words = words_of(before);
    const dragoman_attention *sentences = attend(session, NULL, text, &count);
    sentences = attend(session, &german, text, &count);
    CHECK(count == sentences_wanted, "'%.*s': %zu sentences", (int)text.length, text.bytes, count);
    const char *at = copy;
    for (size_t i = 0; i < count; i++) {
        const dragoman_text t = sentences[i].translation;
        const char *there = memmem(at, before.length - (size_t)(at - copy), t.bytes, t.length);
        CHECK(there && t.length, "sentence %zu is not in the translation", i);
        at = there ? there + t.length : at;
        CHECK(memmem(text.bytes, text.length, sentences[i].source.bytes, sentences[i].source.length), "sentence %zu", i);
        check_maps(&sentences[i]);
        check_names(&sentences[i], words_of(text), target_words);
    }
    CHECK(dragoman_translate(session, &german, &text, 1, &after, NULL) == 0 && same(after, (dragoman_text){copy, before.length}),
          "looking changed the translation");
    free(copy);
    dragoman_session_close(session);
}

/* The same bits whatever the threads and what was done before; and for the model's own translation given to it. */
static void test_bits(void)
{
    static const dragoman_text text = TEXT("We have seen the old house near the river. Good morning!");
    dragoman_session *one = open_session(bundled, 1), *four = open_session(bundled, 4);
    size_t count, other_count;
    const dragoman_attention *a = attend(one, &german, text, &count);
    attend(four, &german, TEXT("Hello there, how are you?"), &other_count);
    const dragoman_attention *b = attend(four, &german, text, &other_count);
    CHECK(count == 2 && other_count == 2, "%zu and %zu sentences", count, other_count);
    for (size_t i = 0; i < count; i++)
        for (int kind = 0; kind < DRAGOMAN_ATTENTION_KINDS; kind++)
            CHECK(map_size(&a[i], kind) == map_size(&b[i], kind) &&
                  memcmp(a[i].probabilities[kind], b[i].probabilities[kind], map_size(&a[i], kind) * sizeof(float)) == 0,
                  "sentence %zu, kind %d: other threads, other bits", i, kind);
    const dragoman_options given = {.target = "de", .translation = a[0].translation};
    const dragoman_attention *forced = attend(four, &given, a[0].source, &other_count);
    CHECK(other_count == 1 && forced->target_length == a[0].target_length, "the model's translation given to it");
    for (int kind = 0; kind < DRAGOMAN_ATTENTION_KINDS && forced->target_length == a[0].target_length; kind++)
        CHECK(memcmp(forced->probabilities[kind], a[0].probabilities[kind], map_size(forced, kind) * sizeof(float)) == 0,
              "kind %d: forced decoding gives other bits", kind);
    dragoman_session_close(one);
    dragoman_session_close(four);
}

static void test_given(void)
{
    dragoman_session *session = open_session(bundled, 1);
    dragoman_options given = {.target = "de", .align = true, .translation = TEXT("  Der Hund\tschl\u00e4ft. ")};
    size_t count, pairs;
    const dragoman_attention *a = attend(session, &given, TEXT(" The dog sleeps. Really. "), &count);
    CHECK(count == 1 && same(a->translation, given.translation), "one sentence, as it was given");
    check_maps(a);
    check_names(a, 4, 3);
    const dragoman_pair *p = dragoman_session_alignment(session, 0, &pairs);
    CHECK(pairs == 3 && p[0].source == 0 && p[0].target == 0 && p[1].source == 1 && p[1].target == 1, "%zu pairs", pairs);
    given.translation = TEXT("");
    a = attend(session, &given, TEXT("The dog"), &count);
    CHECK(count == 1 && a->target_length == 1 && strcmp(a->target_pieces[0], "</s>") == 0, "an empty translation");
    check_maps(a);
    CHECK(!dragoman_session_alignment(session, 0, &pairs) && pairs == 0, "%zu pairs with nothing", pairs);
    dragoman_session_close(session);
}

static void expect_failure(const char *name, const dragoman_options *options, dragoman_text text, enum dragoman_code code)
{
    dragoman_session *session = open_session(tiny, 1);
    const dragoman_attention *sentences;
    dragoman_error error = {0};
    size_t count;
    CHECK(dragoman_attend(session, options, text, &sentences, &count, &error) < 0 && error.code == code && *error.message,
          "%s: code %d, '%s'", name, error.code, error.message);
    CHECK(dragoman_attend(session, options, text, &sentences, &count, NULL) < 0, "%s, without an error to fill", name);
    attend(session, &german, TEXT("Good morning!"), &count);
    CHECK(count == 1, "%s: the session goes on", name);
    dragoman_session_close(session);
}

static void test_refused(void)
{
    enum { BYTES = 600000 };
    static const char sentence[] = "The quick brown fox jumps over the lazy dog, how are you, good morning to the dog. ";
    char *longest = malloc(BYTES);
    for (size_t i = 0; i < BYTES; i++)
        longest[i] = sentence[i % (sizeof sentence - 1)];
    expect_failure("a language", &(dragoman_options){.target = "xx"}, TEXT("Hello"), DRAGOMAN_USAGE);
    expect_failure("a long translation", &(dragoman_options){.target = "de", .translation = {longest, 2000}}, TEXT("Hello"),
                   DRAGOMAN_USAGE);
    expect_failure("a long text with a translation", &(dragoman_options){.target = "de", .translation = TEXT("Hallo")},
                   (dragoman_text){longest, 2000}, DRAGOMAN_USAGE);
    expect_failure("more than is to be recorded", &german, (dragoman_text){longest, BYTES}, DRAGOMAN_MEMORY);
    free(longest);
}

/* Every word that was translated has one partner, what is copied has itself. */
static void test_pairs(const dragoman_model *model)
{
    static const dragoman_text texts[] = {TEXT("12 - Good morning! 34"), TEXT(""), TEXT("  5  "),
                                          TEXT("The dog.\tHow are you?\n\n- The fox jumps over the dog."),
                                          TEXT("one\u00a0two dog\x01""fox 12"), TEXT("\xff\xff The \xff dog")};
    enum { TEXTS = sizeof texts / sizeof *texts };
    dragoman_session *one = open_session(model, 1), *many = open_session(model, 3);
    dragoman_text outputs[TEXTS], alone;
    size_t count, others, sentences;
    CHECK(dragoman_translate(many, &aligned, texts, TEXTS, outputs, NULL) == 0, "translate");
    for (size_t i = 0; i < TEXTS; i++) {
        const dragoman_pair *pairs = dragoman_session_alignment(many, i, &count), *other;
        size_t *partners = calloc(words_of(outputs[i]) + 1, sizeof *partners);
        CHECK((pairs == NULL) == (count == 0), "text %zu", i);
        for (size_t k = 0; k < count; k++) {
            CHECK(pairs[k].source < words_of(texts[i]) && pairs[k].target < words_of(outputs[i]), "text %zu: %zu-%zu", i,
                  pairs[k].source, pairs[k].target);
            CHECK(k == 0 || pairs[k].source > pairs[k - 1].source ||
                  (pairs[k].source == pairs[k - 1].source && pairs[k].target > pairs[k - 1].target), "text %zu: order", i);
            partners[pairs[k].target < words_of(outputs[i]) ? pairs[k].target : 0]++;
        }
        for (size_t w = 0; w < words_of(outputs[i]); w++)
            CHECK(partners[w] > 0, "text %zu: word %zu of the translation has no partner", i, w);
        free(partners);
        CHECK(dragoman_translate(one, &aligned, &texts[i], 1, &alone, NULL) == 0 && same(alone, outputs[i]), "text %zu alone", i);
        other = dragoman_session_alignment(one, 0, &others);
        CHECK(others == count && (!count || memcmp(other, pairs, count * sizeof *pairs) == 0), "text %zu alone: pairs", i);
        attend(one, &aligned, texts[i], &sentences);
        other = dragoman_session_alignment(one, 0, &others);
        CHECK(others == count && (!count || memcmp(other, pairs, count * sizeof *pairs) == 0), "text %zu looked at: pairs", i);
    }
    CHECK(!dragoman_session_alignment(many, TEXTS, &count) && count == 0, "past the last text");
    CHECK(dragoman_translate(many, &german, texts, TEXTS, outputs, NULL) == 0 && !dragoman_session_alignment(many, 0, &count) &&
          count == 0, "pairs that nobody asked for");
    dragoman_session_close(one);
    dragoman_session_close(many);
}

/* Words are those of the text, also where normalizing cuts them in two or leaves nothing of them. */
static void test_words(void)
{
    static const struct {
        const char *text;
        size_t words, of_last;
    } rows[] = {{"New\u00a0York is big", 3, 2}, {"a \u200b b", 3, 2}, {"one  two\tthree", 3, 2}, {"\u2026 so", 2, 1}};
    const dragoman_tokenizer *tokenizer = dragoman_model_tokenizer(bundled);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct id_list ids = {0};
        size_t words[64];
        const size_t length = strlen(rows[i].text);
        CHECK(words_of((dragoman_text){rows[i].text, length}) == rows[i].words, "'%s'", rows[i].text);
        CHECK(tokenizer_encode(tokenizer, rows[i].text, length, &ids, NULL) == 0 && ids.count < 64 &&
              align_words(tokenizer, rows[i].text, length, ids.ids, ids.count, words, NULL) == 0, "'%s'", rows[i].text);
        CHECK(words[0] == 0 && words[ids.count - 1] == rows[i].of_last, "'%s': the last piece is of word %zu", rows[i].text,
              words[ids.count - 1]);
        free(ids.ids);
    }
}

static void test_alignment_entry(void)
{
    static const char *const good[] = {"1:3", " 0:mean  1:7+1 ", "1:mean+1", "0:0 0:0"};
    static const char *const bad[] = {"", " ", "2:0", "1:8", "1", "1:", ":1", "1:x", "1:3,4", "1:meanx", "1:3+2", "1:-1",
                                      "99999999999999999999:0", "1:3 x"};
    struct alignment a;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(alignment_read(&a, good[i], 2, 8, "file", NULL) == 0 && a.count > 0, "'%s'", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        dragoman_error error = {0};
        CHECK(alignment_read(&a, bad[i], 2, 8, "file", &error) < 0 && error.code == DRAGOMAN_MODEL_CORRUPT &&
              strstr(error.message, "alignment"), "'%s': '%s'", bad[i], error.message);
    }
    CHECK(alignment_read(&a, " 0:mean  1:7+1 ", 2, 8, "file", NULL) == 0 && a.count == 2 && a.heads[0].head == ALL_HEADS &&
          !a.heads[0].reading && a.heads[1].layer == 1 && a.heads[1].head == 7 && a.heads[1].reading, "what is read");
    CHECK(alignment_layers(&a) == 2, "%zu layers", alignment_layers(&a));
    CHECK(alignment_read(&a, NULL, 6, 8, "file", NULL) == 0 && a.count == 1 && a.heads[0].layer == 5 &&
          a.heads[0].head == ALL_HEADS, "without the entry: the last layer");
}

int main(void)
{
    dragoman_error error = {0};
    tiny = dragoman_model_open("tests/golden/tiny-swish.safetensors", &error);
    bundled = tiny ? dragoman_model_open("models/en-de.safetensors", &error) : NULL;
    CHECK(bundled, "%s", error.message);
    if (!bundled)
        return test_report();
    test_text(tiny, TEXT("12 - Good morning! \t How are you? 34\nThe dog."), 3);
    test_text(bundled, TEXT("Good morning. 12 - 13\n\n  Where is the train station? https://example.org/a"), 2);
    test_text(tiny, TEXT(""), 0);
    test_text(tiny, TEXT(" 12 --- \n"), 0);
    test_text(bundled, TEXT("\u4f60\u597d\u4e16\u754c"), 0);
    test_text(bundled, TEXT("We met \u674e in Berlin."), 1);
    test_bits();
    test_given();
    test_refused();
    test_pairs(tiny);
    test_pairs(bundled);
    test_words();
    test_alignment_entry();
    dragoman_model_close(tiny);
    dragoman_model_close(bundled);
    return test_report();
}
