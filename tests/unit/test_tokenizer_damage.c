/* The tokenizer on damaged models and on long texts: an answer or a refusal, never a crash. Run it under
 * -fsanitize=address,undefined as well. */
#include "spm_writer.h"

#include <math.h>

static void refuse(struct byte_string *m, const char *part)
{
    dragoman_error error = {0};
    struct dragoman_tokenizer *t = open_copy(m, &error);
    CHECK(!t && error.code == DRAGOMAN_MODEL_CORRUPT, "wanted it refused for \"%s\"", part);
    CHECK(!strncmp(error.message, "test.spm: ", 10) && strstr(error.message, part), "message \"%s\", wanted \"%s\"",
          error.message, part);
    tokenizer_free(t);
    free(m->bytes);
    *m = (struct byte_string){0};
}

static void test_refused(void)
{
    struct byte_string m = {0};
    refuse(&m, "no pieces");
    put(&m, "\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 11);
    refuse(&m, "cut off");
    put(&m, "\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 12);
    refuse(&m, "cut off");
    put(&m, "\x0B", 1);
    refuse(&m, "wire type");
    put(&m, "\x02\x00", 2);
    refuse(&m, "tag");
    put(&m, "not a model", 11);
    refuse(&m, "byte");
    put_piece(&m, "a", 0, NORMAL);
    refuse(&m, "no unknown piece");
    put_piece(&m, "<unk>", 0, UNKNOWN);
    refuse(&m, "no piece that text");
    const struct { const char *text; size_t length; float score; int type; const char *part; } bad[] = {
        {"", 0, 0, NORMAL, "no text"},
        {"a\0b", 3, 0, NORMAL, "NUL"},
        {"\xC3", 1, 0, NORMAL, "UTF-8"},
        {"b", 1, NAN, NORMAL, "score"},
        {"b", 1, INFINITY, NORMAL, "score"},
        {"b", 1, -INFINITY, CONTROL, "score"},
        {"b", 1, 0, 7, "type"},
        {"b", 1, 0, 0, "type"},
        {"b", 1, 0, 1 << 20, "type"},
        {"a", 1, 0, NORMAL, "same text"},
        {"</s>", 4, 0, CONTROL, "same text"},
        {"<none>", 6, 0, UNKNOWN, "unknown pieces"},
        {"<0x41>", 6, 0, BYTE, "byte pieces"},
        {"<0x4a>", 6, 0, BYTE, "names no byte"},
        {"<0xG1>", 6, 0, BYTE, "names no byte"},
        {"A", 1, 0, BYTE, "names no byte"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put_unigram(&m);
        put_piece_bytes(&m, bad[i].text, bad[i].length, bad[i].score, bad[i].type);
        refuse(&m, bad[i].part);
    }
    put_unigram(&m);
    TRAINER(&m, {35, 1});
    refuse(&m, "wanted 256");
    put_unigram(&m);
    TRAINER(&m, {3, 4});
    refuse(&m, "model_type 4");
    put_unigram(&m);
    put_bytes(&m, 3, "\x12\x05" "abcde", 7);
    refuse(&m, "precompiled_charsmap");
    put_unigram(&m);
    put_bytes(&m, 3, "\x12\x0A\x04\0\0\0\0\0\0\0xx", 12);
    refuse(&m, "replacement");
    put_unigram(&m);
    put_number(&m, 1, 3);
    refuse(&m, "wire type 0");

    char *text = malloc(100000);
    memset(text, 'a', 100000);
    put_unigram(&m);
    put_piece_bytes(&m, text, 100000, 0, NORMAL);
    refuse(&m, "8000 bytes");
    free(text);
}

/* Open a model that may be damaged, and use it if it opens. The result must be an answer or a proper refusal. */
static int use(const struct byte_string *m)
{
    static const char text[] = "a AbB [X]~ba  ab\xC3\xA4\xFF\0 <s> abcaab bbb xyz ";
    dragoman_error error = {0};
    struct dragoman_tokenizer *t = open_copy(m, &error);
    if (!t)
        return error.code == DRAGOMAN_MODEL_CORRUPT && !strncmp(error.message, "test.spm: ", 10) ? 0 : -1;
    struct id_list ids = {0};
    struct byte_string s = {0};
    int good = tokenizer_encode(t, text, sizeof text, &ids, &error) == 0 &&
               tokenizer_decode(t, ids.ids, ids.count, &s, &error) == 0;
    for (int32_t id = 0; good && (size_t)id < tokenizer_size(t); id++)
        good = tokenizer_decode(t, &id, 1, &s, &error) == 0 && tokenizer_piece(t, id)[0];
    free(ids.ids);
    free(s.bytes);
    tokenizer_free(t);
    return good ? 1 : -1;
}

/* A small model with a part of each kind. */
static struct byte_string damage_model(unsigned type)
{
    struct byte_string m = {0}, rules = {0};
    put_unigram(&m);
    TRAINER(&m, {3, type}, {24, 0}, {35, 0});
    put_charsmap(&rules);
    put_bytes(&m, 3, rules.bytes, rules.length);
    put_bytes(&m, 5, rules.bytes, rules.length);
    free(rules.bytes);
    return m;
}

static void test_cut_off(void)
{
    for (unsigned type = UNIGRAM; type <= BPE; type++) {
        struct byte_string m = damage_model(type);
        int bad = 0, refused = 0;
        CHECK(use(&m) == 1, "the whole model");
        for (size_t length = 0; length < m.length; length++) {
            int answer = use(&(struct byte_string){m.bytes, length, m.room});
            bad += answer < 0, refused += answer == 0;
        }
        CHECK(bad == 0 && refused > 0, "cut off: %d refused, %d bad", refused, bad);
        free(m.bytes);
    }
}

static void test_flipped(void)
{
    static const unsigned char masks[] = {1, 2, 4, 8, 16, 32, 64, 128, 255};
    for (unsigned type = UNIGRAM; type <= BPE; type++) {
        struct byte_string m = damage_model(type);
        int opened = 0, refused = 0, bad = 0;
        for (size_t i = 0; i < m.length; i++)
            for (size_t k = 0; k < sizeof masks; k++) {
                m.bytes[i] ^= (char)masks[k];
                int answer = use(&m);
                m.bytes[i] ^= (char)masks[k];
                opened += answer == 1, refused += answer == 0, bad += answer < 0;
            }
        CHECK(bad == 0 && opened > 0 && refused > 0, "flipped: %d opened, %d refused, %d bad", opened, refused, bad);
        free(m.bytes);
    }
}

static void test_long_text(void)
{
    for (unsigned type = UNIGRAM; type <= BPE; type++) {
        struct byte_string m = {0};
        put_unigram(&m);
        char *text = malloc(1 << 20);
        memset(text, 'a', 1 << 20);
        for (size_t length = 2; length < 8000; length += 1999)
            put_piece_bytes(&m, text, length, -1, NORMAL);
        TRAINER(&m, {3, type});
        struct dragoman_tokenizer *t = open_good(&m);
        struct id_list ids = {0};
        struct byte_string s = {0};
        size_t length = type == BPE ? 1 << 20 : 1 << 16; /* with a piece of 7,998 bytes, unigram takes its time */
        CHECK(tokenizer_encode(t, text, length, &ids, NULL) == 0, "long text");
        CHECK(tokenizer_decode(t, ids.ids, ids.count, &s, NULL) == 0, "long text");
        CHECK(s.length == length && !memcmp(s.bytes, text, length), "long text");
        memset(text, 0xE2, length);
        ids.count = 0;
        CHECK(tokenizer_encode(t, text, length, &ids, NULL) == 0 && ids.count == 2, "found %zu ids", ids.count);
        free(ids.ids);
        free(s.bytes);
        free(text);
        tokenizer_free(t);
    }
}

int main(void)
{
    test_refused();
    test_cut_off();
    test_flipped();
    test_long_text();
    free(model_copy);
    return test_report();
}
