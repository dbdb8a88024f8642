/* dragoman attend --json: everything that was recorded, with shapes and names. Floats come with 9 digits, which give
 * the same float when read. */
#include <stdint.h>
#include <string.h>

#include "attend.h"
#include "json_text.h"

static void put(struct writer *writer, const char *text)
{
    writer_put(writer, text, strlen(text));
}

static void put_pieces(struct writer *writer, const char *name, const char *const *pieces, size_t count)
{
    writer_print(writer, "   \"%s\": [", name);
    for (size_t i = 0; i < count; i++) {
        put(writer, i ? ", " : "");
        json_put_string(writer, pieces[i], strlen(pieces[i]), false);
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
    json_put_string(writer, model, strlen(model), false);
    put(writer, ",\n \"sentences\": [");
}

void attend_json_sentences(struct writer *writer, const dragoman_attention *sentences, size_t count, bool first)
{
    for (size_t i = 0; i < count; i++) {
        const dragoman_attention *a = &sentences[i];
        put(writer, first && i == 0 ? "\n  {\n   \"source\": " : ",\n  {\n   \"source\": ");
        json_put_string(writer, a->source.bytes, a->source.length, false);
        put(writer, ",\n   \"translation\": ");
        json_put_string(writer, a->translation.bytes, a->translation.length, false);
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
