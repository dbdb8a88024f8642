/* Making bytes valid UTF-8: each byte that is not part of it becomes U+FFFD and is counted. */
#include <stdlib.h>

#include "../../src/text/repair.h"
#include "../../src/text/utf8.h"
#include "test.h"

#define BAD "\xEF\xBF\xBD"
#define CASE(text, want, replaced) {{text, sizeof(text) - 1}, {want, sizeof(want) - 1}, replaced}

static void test_cases(void)
{
    static const struct {
        dragoman_text text, want;
        size_t replaced;
    } cases[] = {
        CASE("", "", 0),
        CASE("plain", "plain", 0),
        CASE("a\0b\0", "a\0b\0", 0),
        CASE("\x01\x7F\r\n", "\x01\x7F\r\n", 0),
        CASE("Gr\xC3\xB6\xC3\x9F" "e \xE2\x82\xAC \xF0\x9F\x98\x80", "Gr\xC3\xB6\xC3\x9F" "e \xE2\x82\xAC \xF0\x9F\x98\x80", 0),
        CASE(BAD, BAD, 0),                                               /* one that was there already */
        CASE("\xEF\xBB\xBFmark", "\xEF\xBB\xBFmark", 0),
        CASE("\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF", 0),                 /* U+10FFFF, the last */
        CASE("\xFF", BAD, 1),
        CASE("a\x80z", "a" BAD "z", 1),                                  /* a continuation alone */
        CASE("a\xC3", "a" BAD, 1),                                       /* cut short */
        CASE("\xE2\x82", BAD BAD, 2),
        CASE("\xF0\x9F\x98", BAD BAD BAD, 3),
        CASE("\xE2\x82" "a\xC3\xA4", BAD BAD "a\xC3\xA4", 2),
        CASE("\xC3\xC3\xA4", BAD "\xC3\xA4", 1),
        CASE("\xC0\x80", BAD BAD, 2),                                    /* overlong forms */
        CASE("\xE0\x80\xAF", BAD BAD BAD, 3),
        CASE("\xF0\x80\x80\x80", BAD BAD BAD BAD, 4),
        CASE("\xED\xA0\x80", BAD BAD BAD, 3),                            /* a surrogate */
        CASE("\xF4\x90\x80\x80", BAD BAD BAD BAD, 4),                    /* beyond U+10FFFF */
        CASE("\xF8\x88\x80\x80\x80", BAD BAD BAD BAD BAD, 5),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct byte_string out = {0};
        size_t replaced = 0;
        char *exact = malloc(cases[i].text.length + 1); /* of the text's size, for the sanitizer */
        exact = realloc(exact, cases[i].text.length ? cases[i].text.length : 1);
        memcpy(exact, cases[i].text.bytes, cases[i].text.length);
        CHECK(utf8_repair(exact, cases[i].text.length, &out, &replaced, NULL) == 0, "case %zu", i);
        CHECK(replaced == cases[i].replaced, "case %zu: %zu replaced", i, replaced);
        CHECK(out.length == cases[i].want.length && memcmp(out.bytes ? out.bytes : "", cases[i].want.bytes, out.length) == 0,
              "case %zu: %.*s", i, (int)out.length, out.bytes);
        free(exact), free(out.bytes);
    }
}

/* Output and count go on from where they are. */
static void test_append(void)
{
    struct byte_string out = {0};
    size_t replaced = 5;
    utf8_repair("a\xFF", 2, &out, &replaced, NULL);
    utf8_repair(NULL, 0, &out, &replaced, NULL);
    utf8_repair("\xC3", 1, &out, &replaced, NULL);
    utf8_repair("\xA4z", 2, &out, &replaced, NULL); /* two halves of a character in two texts stay apart */
    CHECK(replaced == 8 && out.length == 11 && memcmp(out.bytes, "a" BAD BAD BAD "z", 11) == 0, "%.*s", (int)out.length,
          out.bytes);
    free(out.bytes);
}

/* All texts of three bytes from a choice of them: what comes out is valid, repaired again stays as it is, and what
 * was valid is unchanged. */
static void test_all(void)
{
    static const unsigned char choice[] = {0,    'a',  0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
                                           0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xF8, 0xFF};
    enum { COUNT = sizeof choice };
    struct byte_string out = {0}, again = {0};
    size_t wrong = 0;
    for (size_t i = 0; i < COUNT * COUNT * COUNT; i++) {
        const char text[3] = {(char)choice[i / COUNT / COUNT], (char)choice[i / COUNT % COUNT], (char)choice[i % COUNT]};
        size_t replaced = 0, more = 0;
        out.length = again.length = 0;
        utf8_repair(text, 3, &out, &replaced, NULL);
        utf8_repair(out.bytes, out.length, &again, &more, NULL);
        wrong += !utf8_valid(out.bytes, out.length) || more || again.length != out.length ||
                 out.length != 3 + 2 * replaced || (utf8_valid(text, 3) ? replaced || memcmp(text, out.bytes, 3) : !replaced);
    }
    CHECK(wrong == 0, "%zu texts", wrong);
    free(out.bytes), free(again.bytes);
}

int main(void)
{
    test_cases();
    test_append();
    test_all();
    return test_report();
}
