/* Model files with one fault each, made from a tiny model of the golden tests. */
#ifndef TEST_DAMAGED_H
#define TEST_DAMAGED_H

#include <stdlib.h>
#include <unistd.h>

#include "../../src/dragoman.h"
#include "test.h"

static const char *const TINY = "tests/golden/tiny-i8.safetensors";
static unsigned char *original;
static size_t original_size, header_size;
static char damaged[64];

static inline void write_file(const void *bytes, size_t size)
{
    FILE *f = fopen(damaged, "wb");
    if (!f || fwrite(bytes, 1, size, f) != size || fclose(f) != 0)
        abort();
}

static inline dragoman_error open_damaged(void)
{
    dragoman_error error = {0};
    dragoman_model *model = dragoman_model_open(damaged, &error);
    if (model) { /* a change that the loader can't see, in a name of the metadata say: it must still run */
        dragoman_session *session = dragoman_session_open(model, 1, NULL);
        dragoman_text text = {"How are you?", 12}, output;
        CHECK(session && dragoman_translate(session, NULL, &text, 1, &output, NULL) == 0, "translate");
        dragoman_session_close(session);
        dragoman_model_close(model);
    }
    return error;
}

static inline void expect(const char *what, enum dragoman_code code, const char *const *words)
{
    dragoman_error error = open_damaged();
    CHECK(error.code == code, "%s: code %d: %s", what, error.code, error.message);
    for (; *words; words++)
        CHECK(strstr(error.message, *words) != NULL, "%s: want '%s' in: %s", what, *words, error.message);
}

/* Write the model with `header`, followed by blanks so that the data stay aligned, and `extra` zeros at the end. */
static inline void write_model(const char *header, size_t extra)
{
    const size_t used = strlen(header), rest = original_size - 8 - header_size;
    const size_t padded = used + (64 - (8 + used) % 64) % 64;
    unsigned char *bytes = calloc(1, 8 + padded + rest + extra);
    const uint64_t length = padded;
    memset(bytes + 8, ' ', padded);
    memcpy(bytes, &length, 8);
    memcpy(bytes + 8, header, used);
    memcpy(bytes + 8 + padded, original + 8 + header_size, rest);
    write_file(bytes, 8 + padded + rest + extra);
    free(bytes);
}

/* The header with the first `from` in it replaced by `to`; the caller frees. */
static inline char *replaced(const char *from, const char *to)
{
    char *header = malloc(header_size + 1), *made = malloc(header_size + strlen(to) + 1), *at;
    memcpy(header, original + 8, header_size);
    header[header_size] = 0;
    at = strstr(header, from);
    CHECK(at != NULL, "no '%s' in the header", from);
    if (!at)
        abort();
    *at = 0;
    sprintf(made, "%s%s%s", header, to, at + strlen(from));
    free(header);
    return made;
}

static inline void replace(const char *from, const char *to)
{
    char *header = replaced(from, to);
    write_model(header, 0);
    free(header);
}

/* Write the model with another tensor of that name, of zeros. */
static inline void replace_tensor(const char *name, const char *dtype, const char *shape, size_t bytes)
{
    const size_t data = original_size - 8 - header_size, filler = (4 - data % 4) % 4;
    char from[128], to[600];
    snprintf(from, sizeof from, "\"%s\":", name);
    snprintf(to, sizeof to, "\"filler\":{\"dtype\":\"U8\",\"shape\":[%zu],\"data_offsets\":[%zu,%zu]},"
             "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%zu,%zu]},\"unused\":", filler, data,
             data + filler, name, dtype, shape, data + filler, data + filler + bytes);
    char *header = replaced(from, to);
    write_model(header, filler + bytes);
    free(header);
}

/* Write the model with `count` bytes of the tensor's data, from byte `at` on, replaced. */
static inline void replace_data(const char *name, size_t at, const void *bytes, size_t count)
{
    char *header = replaced("{", "{"), key[128];
    unsigned long begin;
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *offsets = strstr(strstr(header, key), "\"data_offsets\":[");
    if (sscanf(offsets, "\"data_offsets\":[%lu", &begin) != 1)
        abort();
    unsigned char *copy = malloc(original_size);
    memcpy(copy, original, original_size);
    memcpy(copy + 8 + header_size + begin + at, bytes, count);
    write_file(copy, original_size);
    free(copy), free(header);
}

static inline void damaged_begin(void)
{
    FILE *f = fopen(TINY, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0)
        abort();
    original_size = (size_t)ftell(f);
    rewind(f);
    original = malloc(original_size);
    if (fread(original, 1, original_size, f) != original_size)
        abort();
    fclose(f);
    uint64_t length;
    memcpy(&length, original, 8);
    header_size = (size_t)length;
    snprintf(damaged, sizeof damaged, "/tmp/dragoman-test-%d.safetensors", (int)getpid());
    write_file(original, original_size);
}

static inline void damaged_end(void)
{
    unlink(damaged);
    free(original);
}

#endif
