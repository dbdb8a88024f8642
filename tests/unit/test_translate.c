/* dragoman_translate on a tiny model with random weights: what it says makes no sense, but what is copied, what is
 * counted and what a text's neighbours may change can be checked. */
#include <stdlib.h>
#include <time.h>

#include "../../src/dragoman.h"
#include "../../src/base/mapped_file.h"
#include "../../src/text/letter_case.h"
#include "scratch_file.h"
#include "test.h"

#define TEXT(literal) ((dragoman_text){literal, sizeof(literal) - 1})
static const dragoman_options german = {.target = "de"}, english = {.target = "en"};
static dragoman_session *session;

static bool is(dragoman_text text, const char *bytes, size_t length)
{
    return text.length == length && memcmp(text.bytes, bytes, length) == 0;
}

static dragoman_text one(const dragoman_options *options, dragoman_text text)
{
    dragoman_text output = {0};
    dragoman_error error = {0};
    CHECK(dragoman_translate(session, options, &text, 1, &output, &error) == 0, "%s", error.message);
    CHECK(output.bytes, "no output");
    return output;
}

/* The translations of the parts of text in { and }, and the rest as it is, must be the translation of the whole.
 * The expectation is built first: an output is valid until the next call. */
static void expect_parts(const char *marked, size_t length)
{
    char whole[400], want[4000];
    size_t whole_length = 0, want_length = 0, open = 0;
    for (size_t i = 0; i < length; i++) {
        if (marked[i] == '{') {
            open = i + 1;
        } else if (marked[i] == '}') {
            dragoman_text part = one(&german, (dragoman_text){marked + open, i - open});
            CHECK(part.length > 0 && !is(part, marked + open, i - open), "'%.*s' is copied", (int)(i - open), marked + open);
            memcpy(want + want_length, part.bytes, part.length);
            want_length += part.length;
            open = 0;
        } else {
            whole[whole_length++] = marked[i];
            if (!open)
                want[want_length++] = marked[i];
        }
    }
    dragoman_text output = one(&german, (dragoman_text){whole, whole_length});
    CHECK(is(output, want, want_length), "'%.*s': want '%.*s', got '%.*s'", (int)whole_length, whole, (int)want_length,
          want, (int)output.length, output.bytes);
}
#define PARTS(marked) expect_parts(marked, sizeof(marked) - 1)

static void test_copied(void)
{
    static const dragoman_text copied[] = {
        /* what the vocabulary can't spell, and data in place of words */
        TEXT("\u4f60\u597d\u4e16\u754c"), TEXT("\u041f\u0440\u0438\u0432\u0435\u0442"),
        TEXT("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
             "CGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT"),
        TEXT(""), TEXT(" "), TEXT(" \t \n\r\n"), TEXT("\0"), TEXT("\0\0 \0"),
                                           TEXT("12:30 - 14.50 ..."), TEXT("???"), TEXT("\U0001f600 \u20ac 5"),
                                           TEXT("https://example.org/a"), TEXT("\u00a0\u3000"), TEXT("\xEF\xBF\xBD")};
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++) {
        dragoman_text output = one(i % 2 ? &german : NULL, copied[i]);
        CHECK(is(output, copied[i].bytes, copied[i].length), "text %zu: '%.*s'", i, (int)output.length, output.bytes);
    }
    PARTS("{Good morning!}");
    PARTS("  {Good morning!}");
    PARTS("\t{Good morning!} \u00a0  {How are you?}  {The dog.}   ");
    PARTS("{Good}\0{morning}\0\0");
    PARTS("{Good morning}\n{The dog}\r\n- {The fox}\n\n12\n");
    PARTS("{Good morning!}\t... 12\t{The dog.}");
}

/* What is in capitals is read in lower case and written in capitals, sentence by sentence. */
static void test_capitals(void)
{
    struct byte_string want = {0};
    const dragoman_text small = one(&german, TEXT("where is the little dog?"));
    CHECK(text_upper(small.bytes, small.length, &want, NULL) == 0 && want.length > 0, "capitals");
    byte_string_append(&want, " ", 1, NULL);
    const dragoman_text other = one(&german, TEXT("The fox."));
    byte_string_append(&want, other.bytes, other.length, NULL);
    const dragoman_text both = one(&german, TEXT("WHERE IS THE LITTLE DOG? The fox."));
    CHECK(is(both, want.bytes, want.length), "want '%.*s', got '%.*s'", (int)want.length, want.bytes, (int)both.length,
          both.bytes);
    free(want.bytes);
}

static void test_invalid(void)
{
    const size_t before = dragoman_session_stats(session).invalid_bytes;
    dragoman_text output = one(&german, TEXT("\xFF" "12\xC3"));
    CHECK(is(output, "\xEF\xBF\xBD" "12\xEF\xBF\xBD", 8), "'%.*s'", (int)output.length, output.bytes);
    CHECK(dragoman_session_stats(session).invalid_bytes == before + 2, "counted %zu",
          dragoman_session_stats(session).invalid_bytes - before);
    char want[512];
    output = one(&german, TEXT("The dog \xEF\xBF\xBD jumps."));
    const size_t length = output.length < sizeof want ? output.length : sizeof want;
    memcpy(want, output.bytes, length);
    output = one(&german, TEXT("The dog \xA0 jumps."));
    CHECK(is(output, want, length), "a bad byte is not U+FFFD");
    CHECK(dragoman_session_stats(session).invalid_bytes == before + 3, "counted");
}

static void test_languages(void)
{
    char want[512];
    dragoman_error error = {0};
    dragoman_text output = {"untouched", 9}, text = TEXT("How are you?");
    static const char *const unknown[] = {"fr", "", "DE", "de ", ">>de<<"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        const dragoman_options options = {.target = unknown[i]};
        error = (dragoman_error){0};
        CHECK(dragoman_translate(session, &options, &text, 1, &output, &error) < 0 && error.code == DRAGOMAN_USAGE,
              "'%s': code %d", unknown[i], error.code);
        CHECK(strstr(error.message, unknown[i]), "%s", error.message);
        CHECK(dragoman_translate(session, &options, &text, 1, &output, NULL) < 0, "'%s', NULL", unknown[i]);
    }
    CHECK(is(output, "untouched", 9), "an output was written");
    /* the target is a token of the source, so the output depends on it; without one it is the other language */
    static const struct {
        dragoman_text text;
        const dragoman_options *other, *same;
    } texts[] = {{TEXT("How are you? The dog is lazy."), &german, &english},
                 {TEXT("Wie geht es dir? Der Hund ist faul."), &english, &german}};
    for (size_t i = 0; i < 2; i++) {
        output = one(texts[i].other, texts[i].text);
        const size_t length = output.length < sizeof want ? output.length : sizeof want;
        memcpy(want, output.bytes, length);
        CHECK(is(one(NULL, texts[i].text), want, length), "text %zu: no options", i);
        CHECK(is(one(&(dragoman_options){NULL}, texts[i].text), want, length), "text %zu: no target", i);
        CHECK(!is(one(texts[i].same, texts[i].text), want, length), "text %zu: the target does not matter", i);
    }
}

static void test_stats(void)
{
    const dragoman_stats a = dragoman_session_stats(session);
    dragoman_text outputs[3], texts[] = {TEXT("The dog. The fox."), TEXT("12"), TEXT("Good morning!")};
    CHECK(dragoman_translate(session, &german, texts, 3, outputs, NULL) == 0, "translate");
    const dragoman_stats b = dragoman_session_stats(session);
    CHECK(b.texts - a.texts == 3 && b.sentences - a.sentences == 3, "%zu sentences", b.sentences - a.sentences);
    CHECK(b.source_tokens - a.source_tokens > 9 && b.source_tokens - a.source_tokens < 60, "%zu source tokens",
          b.source_tokens - a.source_tokens);
    CHECK(b.target_tokens > a.target_tokens && b.truncated - a.truncated <= 3, "target tokens");
    CHECK(dragoman_translate(session, &german, NULL, 0, NULL, NULL) == 0, "no texts");
    CHECK(is(one(&german, (dragoman_text){NULL, 0}), "", 0), "an empty text at NULL");
    CHECK(dragoman_session_stats(session).sentences == b.sentences && dragoman_session_stats(session).texts == b.texts + 1,
          "nothing to translate");
}

/* A sentence too long for the model is cut, in characters and in tokens; nothing crashes on a line of a megabyte. */
static void test_long(void)
{
    enum { SIZE = 1 << 20 };
    static const char words[] = " The lazy dog", figures[] = "0123456789 .,;:!? ";
    char *line = malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        line[i] = figures[i % (sizeof figures - 1)];
    for (size_t i = 0; i < 4; i++)
        memcpy(line + i * SIZE / 4 + 100, words, sizeof words - 1);
    size_t before = dragoman_session_stats(session).sentences;
    dragoman_text output = one(&german, (dragoman_text){line, SIZE});
    size_t sentences = dragoman_session_stats(session).sentences - before;
    CHECK(sentences >= 4 && sentences <= 16, "%zu sentences", sentences);
    CHECK(memcmp(output.bytes, line, 50) == 0 && memcmp(output.bytes + output.length - 50, line + SIZE - 50, 50) == 0,
          "the ends are not copied");
    CHECK(output.length > SIZE - 16 * 512, "%zu bytes", output.length);

    static const char *const fillers[] = {" dog", "x", "\xF0\x9F\x98\x80"};
    for (size_t f = 0; f < 3; f++) { /* with blanks: cut; without, or unknown: copied, perhaps but for the end */
        const size_t n = strlen(fillers[f]);
        for (size_t i = 0; i < 5000; i++)
            line[i] = fillers[f][i % n];
        line[0] = 'A';
        before = dragoman_session_stats(session).sentences;
        output = one(&german, (dragoman_text){line, 5000 / n * n});
        sentences = dragoman_session_stats(session).sentences - before;
        CHECK(f == 0 ? sentences >= 5000 / 512 : sentences <= 1, "filler %zu: %zu sentences", f, sentences);
    }
    free(line);
}

/* A model whose output bias leaves nothing but end-of-sentence to say: the text is copied, and counted. */
static void test_untranslated(void)
{
    struct mapped_file file;
    unsigned long begin;
    const float enormous = 1e9f;
    CHECK(mapped_file_open(&file, "tests/golden/tiny-swish.safetensors", NULL) == 0, "no tiny model");
    unsigned char *bytes = malloc(file.size + 1);
    memcpy(bytes, file.data, file.size);
    bytes[file.size] = 0;
    uint64_t header;
    memcpy(&header, bytes, 8);
    const char *at = strstr((const char *)bytes + 8, "\"final_logits_bias\"");
    at = at ? strstr(at, "\"data_offsets\":[") : NULL;
    CHECK(at && sscanf(at, "\"data_offsets\":[%lu", &begin) == 1, "no final_logits_bias");
    memcpy(bytes + 8 + header + begin, &enormous, sizeof enormous); /* id 0 is end-of-sentence */
    scratch_make();
    scratch_write(bytes, file.size);
    dragoman_model *model = dragoman_model_open(scratch_path, NULL);
    dragoman_session *silent = model ? dragoman_session_open(model, 1, NULL) : NULL;
    dragoman_text text = TEXT(" Good morning! How are you?"), output = {"", 0};
    CHECK(silent && dragoman_translate(silent, &german, &text, 1, &output, NULL) == 0, "translate");
    CHECK(is(output, text.bytes, text.length), "'%.*s'", (int)output.length, output.bytes);
    CHECK(silent && dragoman_session_stats(silent).untranslated == 2, "not counted");
    dragoman_session_close(silent);
    dragoman_model_close(model);
    scratch_remove();
    free(bytes);
    mapped_file_close(&file);
}

int main(void)
{
    dragoman_error error = {0};
    dragoman_model *model = dragoman_model_open("tests/golden/tiny-swish.safetensors", &error);
    CHECK(model, "%s", error.message);
    session = model ? dragoman_session_open(model, 1, &error) : NULL;
    if (!session)
        return test_report();
    test_copied();
    test_capitals();
    test_untranslated();
    test_invalid();
    test_languages();
    test_stats();
    test_long();
    dragoman_session_close(session);
    dragoman_model_close(model);
    return test_report();
}
