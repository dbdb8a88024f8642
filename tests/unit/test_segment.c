/* Cutting texts into sentences. In the table, { and } stand around what is translated; the rest is copied. */
#include "../../src/text/segment.h"

#include <stdlib.h>
#include <time.h>

#include "test.h"

enum { MAX_BYTES = 600 };
#define CASE(literal) {literal, sizeof(literal) - 1}

static const dragoman_text cases[] = {
    /* plain sentences */
    CASE("{Hello}"),
    CASE("{Hello.} {How are you?} {Fine!}"),
    CASE("{Guten Morgen.} {Wie geht es dir?} {Gut!}"),
    CASE("  {Hello.}  {How are you?}   "),
    CASE("\u00a0{Hallo.}\u00a0{Na?}\u3000\u2003"),
    CASE("\ufeff{Hallo.}"),
    CASE("{Really?!} {No...} {Yes!!!} {Well…} {Good.}"),
    CASE("{I think... perhaps not.} {Hm… vielleicht.}"),
    CASE("{He said \"Stop.\"} {Then he left.}"),
    CASE("{Er sagte: „Halt!“} {Dann ging er.}"),
    CASE("{»Komm!«} {»Nein.«}"),
    CASE("{„Wirklich?“ fragte er leise.} {„Ja.“}"),
    CASE("{(Das ist alles.)} {Er ging.}"),
    CASE("{Das ist (!) Absicht.} {Gut so.}"),
    CASE("{¿Sure?} {¡Yes!}"),
    CASE("{It rained. it poured, said Tom.}"),
    CASE("{I like it.} {iPhones are fine.}"),
    CASE("{Er kam.} {– Sie ging.}"),
    CASE("{**Wichtig.**} {Bitte lesen.}"),
    CASE("{He paid.} {$5 is a lot.}"),
    CASE("{See file.txt and example.org for more.}"),
    CASE("{Ende.Anfang}"),
    /* a text without capitals */
    CASE("{guten morgen.} {wie geht es dir?} {gut!}"),
    CASE("{well... ok then.} {z. b. dr. meier kommt am 3. oktober.}"),
    CASE("{no.} {i don't.}"),
    /* abbreviations */
    CASE("{Mr. Smith met Mrs. Jones and Dr. Brown in St. Louis.} {Good.}"),
    CASE("{Prof. Dr. Meier wohnt in der Hauptstr. 5 in Bonn.} {Er ist da.}"),
    CASE("{Dipl.-Ing. Huber und Mag. Bauer kommen.} {Ich mag.} {Tom auch.}"),
    CASE("{We sell fruit, e.g. Apples, i.e. Food.} {Fine.}"),
    CASE("{Obst, z. B. Äpfel, z.B. Birnen, d. h. Essen.} {Gut.}"),
    CASE("{Das gilt i. d. R. Freitags, u. a. Montag.} {Gut.}"),
    CASE("{Obst u. a.} {Das Gemüse fehlt.}"),
    CASE("{We have apples, pears, etc.} {The rest is gone.}"),
    CASE("{Apples etc. Tom eats.} {Good.}"),
    CASE("{Hunde, Katzen usw.} {Das ist alles.}"),
    CASE("{Rund 5 Mio. Euro, ca. Mitte März bzw. April.} {Gut.}"),
    CASE("{Siehe Abb. 3 und Nr. 5, No. 7, Kap. 2.} {Gut.}"),
    CASE("{No.} {That is wrong.}"),
    CASE("{Eine neue Art.} {Tom staunt.}"),
    CASE("{Das ist Max.} {Tom kennt ihn.} {Es sind max. Zehn.}"),
    CASE("{He works for Acme Inc. Tom knows.} {At Acme Inc.} {He was happy.}"),
    CASE("{Yahoo! Inc. is a company.} {Yahoo!} {It works.}"),
    CASE("{The U.S. Army came at 5 p.m. Tuesday.} {In the U.S.} {They won.}"),
    CASE("{She has a Ph.D.} {She is clever.}"),
    CASE("{J. K. Rowling and J.R.R. Tolkien wrote.} {George W. Bush read.}"),
    CASE("{Das ist Vitamin C.} {Das ist gesund.}"),
    CASE("{Plan B.} {I like it.}"),
    CASE("{Dr. A. I. Meier kommt.}"),
    CASE("{Blümchenstraßenkaffeehausgesellschaft.} {Ja.}"),
    /* numbers */
    CASE("{Am 3. Oktober ist Feiertag.} {Gut.}"),
    CASE("{Der 2. Weltkrieg und das 19. Jahrhundert.} {Es war 1945.} {Dann kam Ruhe.}"),
    CASE("{Wir treffen uns am 24. 12. 2024 im 3. Stock.} {Bis dann.}"),
    CASE("{Sie kommt am 5. Tom auch.} {Ja.}"),
    CASE("{Das 602. Geschwader und Karl, 1. Herzog von Ulm.} {Raum 305.} {Tom kam.}"),
    CASE("{Ich bin 19.} {Er ist 20.} {Tom ist 21.}"),
    CASE("{I am 19.} {Tom is 20.} {Mary is 21.}"),
    CASE("{It costs 3.50 or 1,000.25 euros.} {Cheap.}"),
    CASE("{Version 2.0 is out.} {3 people use it.}"),
    CASE("{Ludwig XIV.} {Er war König.}"),
    CASE("{3. Oktober 1990}"),
    CASE("{2. Weltkrieg}"),
    CASE("24. 12. 2024"),
    /* what is copied */
    CASE(""),
    CASE(" "),
    CASE(" \t\r\n\u00a0 "),
    CASE("12:30"),
    CASE("---"),
    CASE("... ?! -- ,"),
    CASE("\U0001f600\U0001f44d\U0001f3fd"),
    CASE("{Toll!} \U0001f600"),
    CASE("{Toll!} {\U0001f600 Wirklich.}"),
    CASE("1999! {What a year.}"),
    CASE("{a}\t{b}"),
    CASE("\0"),
    CASE("{one}\0{Two. three}\0\0 \t4"),
    CASE("{Erste Zeile}\r\n{zweite Zeile}\n"),
    CASE("{One}\u2028{two}\xc2\x85" "{three}"),
    CASE("https://example.org/x?y=z#A"),
    CASE(" <https://example.org> "),
    CASE("{See https://example.org/x.} {Yes.}"),
    CASE("www.example.org"),
    CASE("a.b@example.org"),
    CASE("/usr/bin/env"),
    CASE("../lib/x"),
    CASE("~/notes"),
    CASE("C:\\Windows\\x"),
    CASE("{and/or}"),
    CASE("{mail a@b.org}"),
    CASE("- {Milk}"),
    CASE("* {Milk.} {Bread.}"),
    CASE("> > {Quoted}"),
    CASE("## {Title}"),
    CASE("• {Punkt}"),
    CASE("1. {Coffee}"),
    CASE(" 12) {Kaffee}"),
    CASE("a) {Tee}\n(b) {Saft}"),
    CASE("- 1. {Beides}"),
    CASE("{-5 Grad}"),
    CASE("{#tag}"),
    CASE("-"),
    CASE("1."),
    /* other scripts */
    CASE("{你好。}{再见！}"),
    CASE("{\u0645\u0631\u062d\u0628\u0627.} "
         "{\u0643\u064a\u0641 \u062d\u0627\u0644\u0643\u061f} {\u0634\u0643\u0631\u0627}"),
    CASE("{\u05e9\u05dc\u05d5\u05dd.} {\u05de\u05d4?}"),
    CASE("{Привет.} {Как?}"),
};

/* Counts what is wrong with the segments of a text: holes, empty or overlong ones, cuts inside a character. */
static int faults(const char *text, size_t length, size_t max_bytes, const struct segment_list *list)
{
    size_t at = 0;
    int found = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct segment segment = list->segments[i];
        found += segment.start != at || segment.length == 0 || segment.length > length - at;
        found += segment.translate && segment.length > max_bytes;
        found += segment.start < length && ((unsigned char)text[segment.start] & 0xc0) == 0x80;
        found += i > 0 && !segment.translate && !list->segments[i - 1].translate;
        at = segment.start + segment.length;
    }
    return found + (at != length);
}

static void test_cases(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512], marked[1024];
        size_t length = 0, used = 0;
        for (size_t k = 0; k < cases[i].length; k++)
            if (cases[i].bytes[k] != '{' && cases[i].bytes[k] != '}')
                text[length++] = cases[i].bytes[k];
        struct segment_list list = {0};
        CHECK(text_segment(text, length, MAX_BYTES, &list, NULL) == 0, "%s", cases[i].bytes);
        CHECK(faults(text, length, MAX_BYTES, &list) == 0, "%s", cases[i].bytes);
        for (size_t k = 0; k < list.count; k++) {
            struct segment segment = list.segments[k];
            if (segment.translate)
                marked[used++] = '{';
            memcpy(marked + used, text + segment.start, segment.length);
            used += segment.length;
            if (segment.translate)
                marked[used++] = '}';
        }
        CHECK(used == cases[i].length && memcmp(marked, cases[i].bytes, used) == 0, "wanted %s, got %.*s",
              cases[i].bytes, (int)used, marked);
        free(list.segments);
    }
}

/* Appending: a second text keeps the first one's segments, and does not grow its last one. */
static void test_append(void)
{
    struct segment_list list = {0};
    text_segment("Hello. ", 7, MAX_BYTES, &list, NULL);
    text_segment("  Yes", 5, MAX_BYTES, &list, NULL);
    CHECK(list.count == 4, "%zu", list.count);
    CHECK(list.count == 4 && list.segments[1].length == 1 && list.segments[2].start == 0 &&
          list.segments[2].length == 2 && list.segments[3].translate,
          "other segments");
    free(list.segments);
}

/* Where the first piece of a long sentence ends. */
static void test_cuts(void)
{
    static const struct {
        const char *text;
        size_t max_bytes, first;
    } cuts[] = {
        {"one two three four five six", 16, 13},                 /* at the last blank */
        {"one two thr, four five six seven", 20, 12},            /* at a comma in the second half */
        {"one two thr; four, five six seven", 20, 12},           /* rather at a semicolon */
        {"one two (thre) four, five six seven", 20, 14},         /* or a closing bracket */
        {"one two three - four, five six seven", 24, 15},        /* or a dash */
        {"one, two three four five six", 20, 19},                /* not at a comma in the first half */
        {"a bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", 16, 1},            /* at a blank rather than in a word */
        {"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", 16, 16},           /* in a word */
        {"äääääääääää", 17, 16}, /* between characters */
        {"aaaaaaaaaaaaaaae\u0301aaaaaaa", 16, 15},               /* not before a combining accent */
        {"aaaaaaaaaaaa\U0001f468\u200d\U0001f469\u200d\U0001f467aaa", 20, 12}, /* nor in an emoji of three */
        {"aaaaaaaaaaaa\U0001f1e9\U0001f1ea\U0001f1ec\U0001f1e7a", 24, 20},     /* nor in a flag */
        {"e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301", 16, 15}, /* unless there is no other */
        {"你好你好，你好你", 20, 15},          /* after a full-width comma */
    };
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct segment_list list = {0};
        size_t length = strlen(cuts[i].text);
        CHECK(text_segment(cuts[i].text, length, cuts[i].max_bytes, &list, NULL) == 0, "%s", cuts[i].text);
        CHECK(faults(cuts[i].text, length, cuts[i].max_bytes, &list) == 0, "%s", cuts[i].text);
        CHECK(list.count > 1 && list.segments[0].length == cuts[i].first, "%s: %zu, wanted %zu", cuts[i].text,
              list.count ? list.segments[0].length : 0, cuts[i].first);
        free(list.segments);
    }
}

/* A megabyte of a pattern: linear time, which would be hours otherwise. */
static void test_large(void)
{
    static const char *const patterns[] = {
        "x", ". ", ".", " ", "A. ", "z. B. ", "1. ", ".)", "a\u0301", "\u0301", "a b ", "(\"", "- ", "> ",
        "\t", "x\t", "a.  ", "Ja. ", "。", "!? ", "a, ", "\U0001f1e9", "x                                 ",
    };
    size_t length = 1 << 20;
    char *text = malloc(length + 64);
    for (size_t i = 0; text && i < sizeof patterns / sizeof *patterns; i++) {
        size_t size = strlen(patterns[i]), used = 0;
        for (; used + size <= length; used += size)
            memcpy(text + used, patterns[i], size);
        struct segment_list list = {0};
        clock_t start = clock();
        CHECK(text_segment(text, used, MAX_BYTES, &list, NULL) == 0, "%s", patterns[i]);
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        CHECK(faults(text, used, MAX_BYTES, &list) == 0, "%s", patterns[i]);
        CHECK(seconds < 10, "\"%s\" took %.1f s", patterns[i], seconds);
        free(list.segments);
    }
    free(text);
}

static void test_random(void)
{
    static const char *const parts[] = {
        "a",  "B",  "z",  "word", "Wort", "Dr",  "etc", "am",   "3",      "19",     ".",      ".",          "!",
        "?",  ",",  ";",  ":",    "-",    "\"",  "(",   ")",    "…", "„", "“", "\u00a0",     " ",
        " ",  " ",  "\t", "\n",   "\r",   "*",   "#",   ">",    "/",      "@",      "://",    "\u0301",     "\u200d",
        "\ufeff", "。", "ä", "你", "\U0001f468", "\U0001f1e9", "\u05d0", "\u2028", "$", "'", "\ufffd"};
    uint32_t state = 1;
    int wrong = 0;
    for (int round = 0; round < 20000; round++) {
        char text[512];
        size_t length = 0, count = (state >> 8) % 60, max_bytes = 16 + (state >> 16) % 40;
        for (size_t i = 0; i < count; i++) {
            state = state * 1664525 + 1013904223;
            const char *part = parts[(state >> 8) % (sizeof parts / sizeof *parts)];
            if ((state >> 8) % 997 == 0)
                part = "\0"; /* a NUL */
            size_t size = *part ? strlen(part) : 1;
            memcpy(text + length, part, size);
            length += size;
        }
        state = state * 1664525 + 1013904223;
        char *exact = malloc(length ? length : 1); /* so that a sanitizer sees a read past the end */
        struct segment_list list = {0};
        if (!exact)
            break;
        memcpy(exact, text, length);
        wrong += text_segment(exact, length, max_bytes, &list, NULL) != 0;
        wrong += faults(exact, length, max_bytes, &list);
        free(list.segments);
        free(exact);
    }
    CHECK(wrong == 0, "%d faults", wrong);
}

int main(void)
{
    test_cases();
    test_append();
    test_cuts();
    test_large();
    test_random();
    return test_report();
}
