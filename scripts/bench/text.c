/* The lines that are translated. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static const char SENTENCES[] = "tests/golden/sentences.tsv"; /* tag<TAB>sentence */

size_t words_count(dragoman_text line)
{
    size_t words = 0;
    for (size_t i = 0; i < line.length; i++)
        words += !isspace((unsigned char)line.bytes[i]) && (i == 0 || isspace((unsigned char)line.bytes[i - 1]));
    return words;
}

/* The whole file, a NUL after it. */
static char *read_file(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0)
        stop("%s: can't be read", path);
    *size = (size_t)ftell(f);
    char *bytes = room(*size, 1);
    rewind(f);
    if (fread(bytes, 1, *size, f) != *size)
        stop("%s: can't be read", path);
    fclose(f);
    return bytes;
}

/* The lines of bytes, without their line ends. */
static dragoman_text *split(char *bytes, size_t size, size_t *count)
{
    dragoman_text *lines = room(size, sizeof *lines);
    *count = 0;
    for (char *p = bytes, *end; p < bytes + size; p = end + 1) {
        end = memchr(p, '\n', (size_t)(bytes + size - p));
        end = end ? end : bytes + size;
        lines[(*count)++] = (dragoman_text){p, (size_t)(end - p)};
    }
    return lines;
}

struct text text_read(const char *path, cJSON *json)
{
    struct text text;
    size_t size, longest = 0, shortest = SIZE_MAX;
    snprintf(text.path, sizeof text.path, "%s", path);
    char *bytes = read_file(path, &size);
    text.lines = split(bytes, size, &text.count);
    text.words = 0;
    for (size_t i = 0; i < text.count; i++) {
        const size_t words = words_count(text.lines[i]);
        text.words += words;
        longest = words > longest ? words : longest;
        shortest = words < shortest ? words : shortest;
    }
    printf("\n## Text\n\n%s: %zu lines, %zu words; a line has %zu to %zu, %.1f on average.\n", path, text.count,
           text.words, shortest, longest, (double)text.words / (double)text.count);
    cJSON *object = cJSON_AddObjectToObject(json, "text");
    add_number(object, "lines", (double)text.count);
    add_number(object, "words", (double)text.words);
    add_number(object, "least_words", (double)shortest);
    add_number(object, "most_words", (double)longest);
    return text;
}

void text_free(struct text *text)
{
    if (text->count)
        free((char *)text->lines[0].bytes);
    free(text->lines);
}

/* Where half of the words end. */
static size_t middle(dragoman_text line)
{
    const size_t half = words_count(line) / 2;
    size_t at = 0;
    while (at < line.length && words_count((dragoman_text){line.bytes, at}) < half)
        at++;
    while (at < line.length && line.bytes[at] != ' ')
        at++;
    return at;
}

struct text text_sentences(size_t count, cJSON *json)
{
    size_t size, n;
    char *bytes = read_file(SENTENCES, &size);
    dragoman_text *rows = split(bytes, size, &n);
    FILE *f = fopen("build/bench.txt", "w");
    if (!f)
        stop("build/bench.txt: can't be written");
    for (size_t i = 0; i < count; i++) {
        /* First the sentences as they are; then the first half of one and the second of another in its language. */
        const dragoman_text a = rows[i % n];
        const char *tab = memchr(a.bytes, '\t', a.length);
        if (!tab)
            stop("%s: line %zu: want tag<TAB>sentence", SENTENCES, i % n + 1);
        const size_t tag = (size_t)(tab + 1 - a.bytes);
        if (i < n) {
            fprintf(f, "%.*s\n", (int)(a.length - tag), a.bytes + tag);
            continue;
        }
        size_t other = (i + i / n * 97) % n;
        while (rows[other].length < tag || memcmp(rows[other].bytes, a.bytes, tag) != 0)
            other = (other + 1) % n;
        const dragoman_text b = rows[other];
        fprintf(f, "%.*s%.*s\n", (int)(middle(a) - tag), a.bytes + tag, (int)(b.length - middle(b)), b.bytes + middle(b));
    }
    if (fclose(f) != 0)
        stop("build/bench.txt: can't be written");
    free(rows);
    free(bytes);
    return text_read("build/bench.txt", json);
}
