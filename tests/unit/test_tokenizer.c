/* The tokenizer on models made by hand. Whether it equals SentencePiece on real models is the business
 * of tests/tokenizer/compare.sh; what it gives here is what spm_encode and spm_decode 0.1.97 give. */
#include "spm_writer.h"

static void check_ids(const struct dragoman_tokenizer *t, const char *text, size_t length, const char *wanted)
{
    struct id_list ids = {0};
    char found[512] = "";
    size_t at = 0;
    CHECK(tokenizer_encode(t, text, length, &ids, NULL) == 0, "\"%s\"", text);
    for (size_t i = 0; i < ids.count && at < sizeof found - 16; i++)
        at += (size_t)sprintf(found + at, i ? " %d" : "%d", ids.ids[i]);
    CHECK(!strcmp(found, wanted), "\"%s\": found ids %s, wanted %s", text, found, wanted);
    free(ids.ids);
}
#define IDS(t, text, wanted) check_ids(t, text, sizeof(text) - 1, wanted)

static void check_text(const struct dragoman_tokenizer *t, const int32_t *ids, size_t count, const char *wanted)
{
    struct byte_string s = {0};
    CHECK(tokenizer_decode(t, ids, count, &s, NULL) == 0, "wanted \"%s\"", wanted);
    CHECK(s.length == strlen(wanted) && !memcmp(s.bytes ? s.bytes : "", wanted, s.length),
          "found \"%.*s\", wanted \"%s\"", (int)s.length, s.bytes, wanted);
    free(s.bytes);
}
#define TEXT(t, wanted, ...) check_text(t, (const int32_t[]){__VA_ARGS__}, sizeof(int32_t[]){__VA_ARGS__} / 4, wanted)

static void test_unigram(void)
{
    struct byte_string m = {0};
    put_unigram(&m);
    struct dragoman_tokenizer *t = open_good(&m);
    IDS(t, "", "");
    IDS(t, "  ", "");
    IDS(t, "a", "7");
    IDS(t, "b", "3 5");
    IDS(t, "bab", "3 5 6");          /* of three ways with equal sums, the last piece that begins first */
    IDS(t, "  a   b ", "7 3 5");
    IDS(t, "bb", "3 5 5");           /* the unused piece is not used */
    IDS(t, "\xC3\xA4", "3 9");
    IDS(t, "xyz", "3 0");            /* unknown characters are one */
    IDS(t, "xay", "3 0 4 0");
    IDS(t, "a[X]b", "7 10 5");
    IDS(t, "[X", "3 0");
    IDS(t, "a\xFF\xC3", "7 0");
    IDS(t, "a\0b", "7 0 5");
    IDS(t, "<s></s>", "3 0");
    CHECK(tokenizer_size(t) == 12 && tokenizer_unk(t) == 0 && tokenizer_eos(t) == 2, "sizes");
    CHECK(!strcmp(tokenizer_piece(t, 10), "[X]") && !tokenizer_piece(t, 12) && !tokenizer_piece(t, -1), "pieces");
    CHECK(tokenizer_id(t, "ba") == 8 && tokenizer_id(t, "<s>") == 1 && tokenizer_id(t, "nothing") == 0, "ids");
    CHECK(tokenizer_id(t, "") == 0, "the empty piece");
    TEXT(t, "a ab", 7, 3, 6);
    TEXT(t, "a", 1, 3, 7, 2);        /* remove_extra_whitespaces takes all leading blanks */
    TEXT(t, " \xE2\x81\x87  a", 0, 7);
    TEXT(t, "[X]\xC3\xA4" "bb", 10, 9, 11);
    tokenizer_free(t);
}

static void test_bpe(void)
{
    struct byte_string m = {0};
    put_head(&m);
    const char *normal[] = {SPACE, "a", "b", "ab", "aa", "aab", SPACE "a", "c", "abc"}; /* 3 to 11 */
    for (int i = 0; i < 9; i++)
        put_piece(&m, normal[i], (float)-i, i == 8 ? UNUSED : NORMAL);
    put_piece(&m, "[X]", 0, USER_DEFINED); /* 12 */
    put_piece(&m, "q", 0, CONTROL);        /* 13: SentencePiece fails on a text with q */
    TRAINER(&m, {3, BPE});
    struct dragoman_tokenizer *t = open_good(&m);
    IDS(t, "ab", "3 6");
    IDS(t, "aaab", "3 7 6");         /* ab first, then the leftmost aa */
    IDS(t, "aaaa", "3 7 7");
    IDS(t, "aab", "3 8");            /* ab, then aab before the blank can have the a */
    IDS(t, "abc", "3 6 10");         /* abc is unused: taken apart into what it was made of */
    IDS(t, "a[X]b", "9 12 5");
    IDS(t, "[X][X]c", "3 12 12 10");
    IDS(t, "xyc", "3 0 10");
    IDS(t, "cq", "3 10 0");
    TEXT(t, "abc", 9, 5, 10);
    tokenizer_free(t);
}

static void test_bytes(void)
{
    for (unsigned type = UNIGRAM; type <= BPE; type++) {
        struct byte_string m = {0};
        put_head(&m);
        put_byte_pieces(&m); /* byte b is id 3 + b */
        put_piece(&m, SPACE, -1, NORMAL);
        put_piece(&m, "a", -2, NORMAL);
        TRAINER(&m, {3, type}, {35, 1});
        struct dragoman_tokenizer *t = open_good(&m);
        IDS(t, "a\xC3\xA4", "259 260 198 167");
        IDS(t, "\xFF", "259 242 194 192");
        TEXT(t, "\xC3\xA4", 198, 167);
        TEXT(t, "\xEF\xBF\xBD" "a\xEF\xBF\xBD", 198, 260, 167);
        TEXT(t, "\xEF\xBF\xBD\xEF\xBF\xBD" "A", 3 + 0xE2, 3 + 0x96, 3 + 'A');
        TEXT(t, "\xF0\x9F\x98\x80", 3 + 0xF0, 3 + 0x9F, 3 + 0x98, 3 + 0x80);
        TEXT(t, "\xE2\x96\x81 a", 3 + 0xE2, 3 + 0x96, 3 + 0x81, 259, 260); /* spelled in bytes it is no blank */
        tokenizer_free(t);
    }
}

static void test_blanks(void)
{
    struct byte_string m = {0};
    put_unigram(&m);
    TRAINER(&m, {24, 1});
    struct dragoman_tokenizer *t = open_good(&m);
    IDS(t, "b b", "5 3 5 3");
    IDS(t, " ", "");
    tokenizer_free(t);

    put_unigram(&m);
    NORMALIZER(&m, {3, 0}, {4, 0});
    t = open_good(&m);
    IDS(t, "b", "5");
    IDS(t, " b  ", "3 5 3 3");
    TEXT(t, " b", 3, 5);
    tokenizer_free(t);

    put_unigram(&m);
    NORMALIZER(&m, {4, 0});
    t = open_good(&m);
    IDS(t, " b", "3 3 5");
    TEXT(t, " b", 3, 3, 5);
    tokenizer_free(t);

    put_unigram(&m);
    NORMALIZER(&m, {5, 0});
    t = open_good(&m);
    IDS(t, " b b", "0 5 0 5");
    tokenizer_free(t);
}

static void test_charsmap(void)
{
    struct byte_string m = {0}, rules = {0};
    put_unigram(&m);
    put_charsmap(&rules);
    put_bytes(&m, 3, rules.bytes, rules.length);
    put_number(&rules, 3, 0);
    put_number(&rules, 4, 0);
    put_number(&rules, 5, 0);
    put_bytes(&m, 5, rules.bytes, rules.length); /* the denormalizer */
    put_piece(&m, "A~", -1, NORMAL);             /* 12 */
    free(rules.bytes);
    struct dragoman_tokenizer *t = open_good(&m);
    IDS(t, "AB~A~b~", "7 0 6");
    IDS(t, "~", "");
    IDS(t, " ~ A", "7");
    TEXT(t, "aba", 12, 8);
    tokenizer_free(t);
}

static void test_lists(void)
{
    struct id_list ids = {0};
    struct byte_string s = {0};
    int bad = 0;
    for (int32_t i = 0; i < 10000; i++)
        bad += id_list_append(&ids, i, NULL) < 0 || byte_string_append(&s, "0123456789", (size_t)i % 11, NULL) < 0;
    CHECK(bad == 0, "%d of 10000 appends failed", bad);
    CHECK(ids.count == 10000 && ids.ids[0] == 0 && ids.ids[9999] == 9999 && ids.room >= ids.count, "ids");
    CHECK(s.length == 10000 / 11 * 55 && s.room >= s.length, "%zu", s.length);
    CHECK(byte_string_append(&s, "", SIZE_MAX - 8, NULL) < 0, "too long");
    free(ids.ids);
    free(s.bytes);

    struct byte_string m = {0};
    put_unigram(&m);
    struct dragoman_tokenizer *t = open_good(&m);
    ids = (struct id_list){0};
    s = (struct byte_string){0};
    tokenizer_encode(t, "a", 1, &ids, NULL);
    tokenizer_encode(t, "b", 1, &ids, NULL);
    CHECK(ids.count == 3 && ids.ids[0] == 7 && ids.ids[2] == 5, "encoding appends");
    tokenizer_decode(t, ids.ids, 1, &s, NULL);
    tokenizer_decode(t, ids.ids + 1, 2, &s, NULL);
    CHECK(s.length == 2 && !memcmp(s.bytes, "ab", 2), "decoding appends");
    dragoman_error error = {0};
    CHECK(tokenizer_decode(t, (int32_t[]){7, 12}, 2, &s, &error) < 0 && error.code == DRAGOMAN_INPUT, "id 12 of 12");
    CHECK(tokenizer_decode(t, (int32_t[]){-1}, 1, &s, &error) < 0 && s.length == 2, "id -1");
    CHECK(tokenizer_decode(t, NULL, 0, &s, &error) == 0 && tokenizer_encode(t, NULL, 0, &ids, &error) == 0, "nothing");
    free(ids.ids);
    free(s.bytes);
    tokenizer_free(t);
    tokenizer_free(NULL);
}

static void test_threads(void)
{
    struct byte_string m = {0};
    put_unigram(&m);
    struct dragoman_tokenizer *t = open_good(&m);
    int wrong = 0;
#pragma omp parallel for num_threads(4) reduction(+ : wrong)
    for (int i = 0; i < 2000; i++) {
        struct id_list ids = {0};
        wrong += tokenizer_encode(t, "bab abba xyz", 12, &ids, NULL) < 0 || ids.count < 5 || ids.ids[2] != 6;
        free(ids.ids);
    }
    CHECK(wrong == 0, "%d wrong", wrong);
    tokenizer_free(t);
}

int main(void)
{
    test_unigram();
    test_bpe();
    test_bytes();
    test_blanks();
    test_charsmap();
    test_lists();
    test_threads();
    free(model_copy);
    return test_report();
}
