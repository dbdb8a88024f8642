/* dragoman attend --json: everything that was recorded, with shapes and names. Floats come with 9 digits, which give
 * the same float when read. */
#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "attend.h"

static void put(struct writer *writer, const char *text)
{
    writer_put(writer, text, strlen(text));
}

/* A string. What is not UTF-8 (in a file's name, say) becomes U+FFFD. */
static void put_string(struct writer *writer, const char *bytes, size_t length)
{
    put(writer, "\"");
    for (size_t i = 0, n; i < length; i += n) {
        utf8proc_int32_t c;
        const utf8proc_ssize_t size =
            utf8proc_iterate((const utf8proc_uint8_t *)bytes + i, (utf8proc_ssize_t)(length - i), &c);
        n = size > 0 ? (size_t)size : 1;
        if (size <= 0)
            put(writer, "\\ufffd");
        else if (c < 0x20 || c == 0x7f)
            writer_print(writer, "\\u%04x", (unsigned)c);
        else if (c == '"' || c == '\\')
            writer_print(writer, "\\%c", (char)c);
        else
            writer_put(writer, bytes + i, n);
    }
    put(writer, "\"");
}

static void put_pieces(struct writer *writer, const char *name, const char *const *pieces, size_t count)
{
    writer_print(writer, "   \"%s\": [", name);
    for (size_t i = 0; i < count; i++) {
        put(writer, i ? ", " : "");
        put_string(writer, pieces[i], strlen(pieces[i]));
    }
    put(writer, "],\n");
}

static void put_words(struct writer *writer, const char *name, const size_t *words, size_t count)
{
    writer_print(writer, "   \"%s\": [", name);
    for (size_t i = 0; i < count; i++) {
        put(writer, i ? ", " : "");
        if (words[i] == SIZE_MAX)
            put(writer, "null");
        else
            writer_print(writer, "%zu", words[i]);
    }
    put(writer, "],\n");
}

/* The probabilities of a kind: a list of layers, each of heads, each of rows, each of numbers. */
static void put_numbers(struct writer *writer, const float *p, size_t layers, size_t heads, size_t rows, size_t columns)
{
    for (size_t l = 0; l < layers; l++)
        for (size_t h = 0; h < heads; h++)
            for (size_t t = 0; t < rows; t++) {
                put(writer, t ? ",\n       [" : h ? "],\n      [[" : l ? "]],\n     [[[" : "     [[[");
                for (size_t j = 0; j < columns; j++)
                    writer_print(writer, j ? ",%.9g" : "%.9g", (double)*p++);
                put(writer, "]");
            }
    put(writer, "]]\n");
}

static void put_kind(struct writer *writer, const dragoman_attention *a, int kind)
{
    static const char *const names[] = {"encoder_self", "decoder_self", "cross"};
    static const char *const rows[] = {"source_pieces", "decoder_inputs", "target_pieces"};
    static const char *const columns[] = {"source_pieces", "decoder_inputs", "source_pieces"};
    writer_print(writer, "   \"%s\": {\"shape\": [%zu, %zu, %zu, %zu], ", names[kind], a->layers[kind], a->heads[kind],
                 a->rows[kind], a->columns[kind]);
    writer_print(writer, "\"axes\": [\"layer\", \"head\", \"%s\", \"%s\"], \"probabilities\": [\n", rows[kind],
                 columns[kind]);
    put_numbers(writer, a->probabilities[kind], a->layers[kind], a->heads[kind], a->rows[kind], a->columns[kind]);
    writer_print(writer, "   ]}%s\n", kind + 1 < DRAGOMAN_ATTENTION_KINDS ? "," : "");
}

void attend_json_begin(struct writer *writer, const char *model)
{
    put(writer, "{\n \"program\": \"dragoman " DRAGOMAN_VERSION "\",\n \"model\": ");
    put_string(writer, model, strlen(model));
    put(writer, ",\n \"sentences\": [");
}

void attend_json_sentences(struct writer *writer, const dragoman_attention *sentences, size_t count, bool first)
{
    for (size_t i = 0; i < count; i++) {
        const dragoman_attention *a = &sentences[i];
        put(writer, first && i == 0 ? "\n  {\n   \"source\": " : ",\n  {\n   \"source\": ");
        put_string(writer, a->source.bytes, a->source.length);
        put(writer, ",\n   \"translation\": ");
        put_string(writer, a->translation.bytes, a->translation.length);
        put(writer, ",\n");
        put_pieces(writer, "source_pieces", a->source_pieces, a->source_length);
        put_pieces(writer, "target_pieces", a->target_pieces, a->target_length);
        put_pieces(writer, "decoder_inputs", a->decoder_inputs, a->target_length);
        put_words(writer, "source_words", a->source_words, a->source_length);
        put_words(writer, "target_words", a->target_words, a->target_length);
        for (int kind = 0; kind < DRAGOMAN_ATTENTION_KINDS; kind++)
            put_kind(writer, a, kind);
        put(writer, "  }");
    }
}

void attend_json_end(struct writer *writer)
{
    put(writer, "\n ]\n}\n");
}
