/* A model of random weights in the real format (models/README.md), with lines for it. Its speed is that of a trained one
 * of its size, but for the length of the output: the end of a sentence never comes, so a translation has the most pieces
 * that there may be, 2 S + 10 for S of source. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../tests/unit/spm_writer.h"
#include "bench.h"

struct entry {
    char name[112];
    enum dtype dtype;
    size_t rank, shape[4], bytes;
    void *data;
};
struct file {
    struct entry *entries;
    size_t count;
    uint64_t random;
};

enum { ENTRIES = 1000, EOS_ID = 0 };

static void *entry_add(struct file *f, const char *name, const char *suffix, enum dtype dtype, size_t rank,
                       const size_t *shape)
{
    struct entry *e = &f->entries[f->count++];
    *e = (struct entry){.dtype = dtype, .rank = rank, .bytes = dtype_bytes(dtype)};
    snprintf(e->name, sizeof e->name, "%s%s", name, suffix);
    for (size_t i = 0; i < rank; i++)
        e->bytes *= e->shape[i] = shape[i];
    return e->data = room(e->bytes, 1);
}

static void vector_add(struct file *f, const char *name, const char *suffix, size_t n, float value)
{
    float *v = entry_add(f, name, suffix, DTYPE_F32, 1, &n);
    for (size_t i = 0; i < n; i++)
        v[i] = value;
}

/* A packed matrix with its scales and offsets. */
static void matrix_add(struct file *f, const char *name, const char *suffix, size_t rows, size_t columns)
{
    char full[96];
    snprintf(full, sizeof full, "%s%s", name, suffix);
    const size_t blocks = round_up(rows, PACK_ROWS) / PACK_ROWS, padded = blocks * PACK_ROWS;
    const size_t shape[] = {blocks, columns / PACK_COLUMNS, PACK_ROWS, PACK_COLUMNS};
    int8_t *q = entry_add(f, full, "", DTYPE_I8, 4, shape);
    int32_t *offset = entry_add(f, full, "_offset", DTYPE_I32, 1, &padded);
    random_bytes(q, padded * columns, &f->random);
    for (size_t i = 0; i < padded * columns; i++) {
        const size_t row = i / (PACK_ROWS * columns) * PACK_ROWS + i % (PACK_ROWS * PACK_COLUMNS) / PACK_COLUMNS;
        q[i] = row < rows ? (int8_t)(q[i] < -127 ? 0 : q[i]) : 0;
        offset[row] -= 128 * q[i];
    }
    vector_add(f, full, "_scale", rows, 1.0f / (74 * sqrtf((float)columns))); /* 74: the deviation of q */
}

static void linear_add(struct file *f, const char *layer, const char *part, size_t out, size_t in)
{
    char name[80];
    snprintf(name, sizeof name, "%s.%s", layer, part);
    matrix_add(f, name, ".weight", out, in);
    vector_add(f, name, ".bias", out, 0);
}

static void attention_add(struct file *f, const char *layer, const char *part, size_t D)
{
    static const char *const projections[] = {"q_proj", "k_proj", "v_proj", "out_proj"};
    char name[64];
    snprintf(name, sizeof name, "%s.%s", layer, part);
    for (size_t i = 0; i < 4; i++)
        linear_add(f, name, projections[i], D, D);
    vector_add(f, name, "_layer_norm.weight", D, 1);
    vector_add(f, name, "_layer_norm.bias", D, 0);
}

static void layers_add(struct file *f, const char *side, size_t count, bool has_cross, size_t D, size_t F)
{
    for (size_t i = 0; i < count; i++) {
        char layer[48];
        snprintf(layer, sizeof layer, "model.%s.layers.%zu", side, i);
        attention_add(f, layer, "self_attn", D);
        if (has_cross)
            attention_add(f, layer, "encoder_attn", D);
        linear_add(f, layer, "fc1", F, D);
        linear_add(f, layer, "fc2", D, F);
        vector_add(f, layer, ".final_layer_norm.weight", D, 1);
        vector_add(f, layer, ".final_layer_norm.bias", D, 0);
    }
}

/* ---- pieces and lines ---------------------------------------------------------------------------------------- */

/* Word i: three syllables, a different word for every i below a million. */
static void word_make(size_t i, char word[16])
{
    static const char consonants[] = "bcdfghjklmnpqrstvwxz", vowels[] = "aeiou";
    size_t n = i * 7919 % 1000000;
    for (int s = 0; s < 3; s++, n /= 100) {
        *word++ = consonants[n % 100 / 5];
        *word++ = vowels[n % 5];
    }
    *word = 0;
}

enum { LETTERS = 26, HEAD = 5 + LETTERS }; /* </s>, <unk>, two tags, the blank, letters; then words */

static void pieces_add(struct file *f, size_t pieces)
{
    struct byte_string m = {0};
    put_piece(&m, "</s>", 0, CONTROL);
    put_piece(&m, "<unk>", 0, UNKNOWN);
    put_piece(&m, ">>de<<", 0, CONTROL);
    put_piece(&m, ">>en<<", 0, CONTROL);
    put_piece(&m, SPACE, -20, NORMAL);
    for (char c = 'a'; c <= 'z'; c++)
        put_piece_bytes(&m, &c, 1, -20, NORMAL);
    for (size_t i = HEAD; i < pieces; i++) {
        char piece[24] = SPACE;
        word_make(i - HEAD, piece + strlen(SPACE));
        put_piece(&m, piece, -logf((float)i), NORMAL);
    }
    TRAINER(&m, {3, UNIGRAM});
    memcpy(entry_add(f, "tokenizer.spm", "", DTYPE_U8, 1, &m.length), m.bytes, m.length);
    free(m.bytes);
}

static void lines_write(const char *path, size_t lines, size_t words)
{
    FILE *out = fopen(path, "w");
    if (!out)
        stop("%s: can't be written", path);
    uint64_t random = 2;
    for (size_t i = 0; i < lines * RANDOM_WORDS; i++) {
        uint32_t n;
        char word[16];
        random_bytes(&n, sizeof n, &random);
        word_make(n % words, word);
        fprintf(out, "%s%c", word, (i + 1) % RANDOM_WORDS ? ' ' : '\n');
    }
    if (fclose(out) != 0)
        stop("%s: can't be written", path);
}

/* ---- the file ------------------------------------------------------------------------------------------------ */

/* The tensors, those of whole multiples of 64 bytes first, so that they lie at such places; the bytes last. */
static int by_size(const void *a, const void *b)
{
    const struct entry *e = a, *g = b;
    const int x = (e->bytes % 64 != 0) + (e->dtype == DTYPE_U8), y = (g->bytes % 64 != 0) + (g->dtype == DTYPE_U8);
    return x != y ? x - y : strcmp(e->name, g->name);
}

static void file_write(struct file *f, const char *path, const cJSON *config)
{
    cJSON *header = cJSON_CreateObject(), *metadata = cJSON_AddObjectToObject(header, "__metadata__");
    char *config_text = cJSON_PrintUnformatted(config);
    cJSON_AddStringToObject(metadata, "format", "dragoman 2");
    cJSON_AddStringToObject(metadata, "name", "random weights");
    cJSON_AddStringToObject(metadata, "languages", "de en");
    cJSON_AddStringToObject(metadata, "config", config_text);
    qsort(f->entries, f->count, sizeof *f->entries, by_size);
    size_t at = 0;
    for (size_t i = 0; i < f->count; i++) {
        const struct entry *e = &f->entries[i];
        cJSON *entry = cJSON_AddObjectToObject(header, e->name);
        cJSON_AddStringToObject(entry, "dtype", dtype_name(e->dtype));
        cJSON *shape = cJSON_AddArrayToObject(entry, "shape"), *offsets = cJSON_AddArrayToObject(entry, "data_offsets");
        for (size_t d = 0; d < e->rank; d++)
            cJSON_AddItemToArray(shape, cJSON_CreateNumber((double)e->shape[d]));
        cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)at));
        cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)(at += e->bytes)));
    }
    char *text = cJSON_PrintUnformatted(header);
    const uint64_t length = round_up(strlen(text) + 8, 64) - 8;
    FILE *out = fopen(path, "wb");
    if (!out || fwrite(&length, 8, 1, out) != 1 || fprintf(out, "%-*s", (int)length, text) < 0)
        stop("%s: can't be written", path);
    for (size_t i = 0; i < f->count; i++) {
        if (fwrite(f->entries[i].data, 1, f->entries[i].bytes, out) != f->entries[i].bytes)
            stop("%s: can't be written", path);
        free(f->entries[i].data);
    }
    if (fclose(out) != 0)
        stop("%s: can't be written", path);
    free(text);
    free(config_text);
    cJSON_Delete(header);
}

void random_model_write(const char *name, const char *model_path, const char *text_path, size_t lines)
{
    const bool is_base = strcmp(name, "base") == 0;
    const size_t D = is_base ? 512 : 256, F = is_base ? 2048 : 1536, layers_decoder = is_base ? 6 : 2;
    const size_t pieces = is_base ? 32000 : 8000, V = pieces + 1;
    struct file f = {.entries = room(ENTRIES, sizeof(struct entry)), .random = 1};
    matrix_add(&f, "model.shared", ".weight", V, D);
    float *bias = entry_add(&f, "final_logits_bias", "", DTYPE_F32, 2, (size_t[]){1, V});
    bias[EOS_ID] = -1e9f;
    layers_add(&f, "encoder", 6, false, D, F);
    layers_add(&f, "decoder", layers_decoder, true, D, F);
    pieces_add(&f, pieces);
    cJSON *config = cJSON_Parse(
        "{\"activation_function\":\"relu\",\"scale_embedding\":true,\"static_position_embeddings\":true,"
        "\"share_encoder_decoder_embeddings\":true,\"tie_word_embeddings\":true,\"encoder_layers\":6,"
        "\"encoder_attention_heads\":8,\"decoder_attention_heads\":8,\"eos_token_id\":0}");
    cJSON_AddNumberToObject(config, "d_model", (double)D);
    cJSON_AddNumberToObject(config, "encoder_ffn_dim", (double)F);
    cJSON_AddNumberToObject(config, "decoder_ffn_dim", (double)F);
    cJSON_AddNumberToObject(config, "decoder_layers", (double)layers_decoder);
    cJSON_AddNumberToObject(config, "vocab_size", (double)V);
    cJSON_AddNumberToObject(config, "pad_token_id", (double)pieces);
    cJSON_AddNumberToObject(config, "decoder_start_token_id", (double)pieces);
    file_write(&f, model_path, config);
    cJSON_Delete(config);
    free(f.entries);
    lines_write(text_path, lines, pieces - HEAD);
}
