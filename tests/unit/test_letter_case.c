/* Text in capitals: what counts as such, and letter by letter into lower case and back. */
#include <stdlib.h>

#include "../../src/text/letter_case.h"
#include "test.h"

#define TEXT(text) {text, sizeof(text) - 1}

static void test_in_capitals(void)
{
    static const dragoman_text in_capitals[] = {TEXT("GUTEN MORGEN"), TEXT("HELP!!"), TEXT("Ä Ö Ü É"), TEXT("STRAßE 12"),
                                                TEXT("ПРИВЕТ"), TEXT("日本 ABCD")};
    static const dragoman_text others[] = {TEXT(""), TEXT("USA"), TEXT("DVD 12"), TEXT("Guten Morgen"), TEXT("1234 5678"),
                                           TEXT("THE WORD iPHONE"), TEXT("ßßßß"), TEXT("日本語です")};
    for (size_t i = 0; i < sizeof in_capitals / sizeof *in_capitals; i++)
        CHECK(text_in_capitals(in_capitals[i].bytes, in_capitals[i].length), "%s", in_capitals[i].bytes);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        CHECK(!text_in_capitals(others[i].bytes, others[i].length), "%s", others[i].bytes);
}

typedef int conversion(const char *text, size_t length, struct byte_string *out, dragoman_error *error);

/* What out holds stays in front. */
static void test_conversion(conversion *convert, dragoman_text text, dragoman_text want)
{
    struct byte_string out = {0};
    byte_string_append(&out, "<", 1, NULL);
    const bool done = convert(text.bytes, text.length, &out, NULL) == 0;
    CHECK(done && out.length == want.length + 1 && memcmp(out.bytes + 1, want.bytes, want.length) == 0,
          "'%s': found '%.*s', want '<%s'", text.bytes, (int)out.length, out.bytes, want.bytes);
    free(out.bytes);
}

int main(void)
{
    test_in_capitals();
    test_conversion(text_lower, (dragoman_text)TEXT(""), (dragoman_text)TEXT(""));
    test_conversion(text_lower, (dragoman_text)TEXT("ÄRGER MIT A, B & 3 ẞ"), (dragoman_text)TEXT("ärger mit a, b & 3 ß"));
    test_conversion(text_lower, (dragoman_text)TEXT("a\0B"), (dragoman_text)TEXT("a\0b"));
    test_conversion(text_upper, (dragoman_text)TEXT("ärger, straße; 日本 ÿ ſ"), (dragoman_text)TEXT("ÄRGER, STRASSE; 日本 Ÿ S"));
    test_conversion(text_upper, (dragoman_text)TEXT("a\0b"), (dragoman_text)TEXT("A\0B"));
    return test_report();
}
