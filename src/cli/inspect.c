/* dragoman inspect: what a model file holds. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <sha256.h>
#include <stdio.h>
#include <string.h>

#include "../dragoman.h"
#include "commands.h"
#include "find_model.h"
#include "message.h"

enum { INDENT = 15, WIDTH = 100 };

/* Print "key   value", the value wrapped (compact JSON after its commas), its own line ends kept. */
static void print_entry(const char *key, const char *value)
{
    const char *stops = value[0] == '{' || value[0] == '[' ? ",\n" : " \n";
    print_escaped(stdout, key, strlen(key));
    size_t column = escaped_width(key, strlen(key)), gap = column < INDENT - 1 ? INDENT - column : 1;
    while (value[0]) {
        size_t length = strcspn(value, stops);
        length += value[length] == ',';
        if (column > INDENT && column + gap + escaped_width(value, length) > WIDTH) {
            putchar('\n');
            column = gap = 0;
        }
        if (length)
            printf("%*s", (int)(column ? gap : INDENT + gap), "");
        print_escaped(stdout, value, length);
        column = (column ? column : INDENT) + gap + escaped_width(value, length);
        value += length;
        if (value[0] == '\n') {
            putchar('\n');
            column = 0;
            value++;
        }
        gap = strspn(value, " ");
        value += gap;
    }
    putchar('\n');
}

static void print_hash(dragoman_text file)
{
    SHA256_CTX context;
    char hex[SHA256_DIGEST_STRING_LENGTH];
    SHA256_Init(&context);
    SHA256_Update(&context, (const uint8_t *)file.bytes, file.length);
    print_entry("SHA-256", SHA256_End(&context, hex));
}

/* One line of what the entry "config" says in JSON. */
static void print_architecture(const char *config)
{
    char text[200];
    cJSON *json = cJSON_Parse(config);
    const char *activation = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "activation_function"));
    const char *const keys[] = {"encoder_layers", "decoder_layers", "d_model", "encoder_attention_heads",
                                "encoder_ffn_dim", "vocab_size"};
    int n[6];
    for (int i = 0; i < 6; i++)
        n[i] = (int)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(json, keys[i]));
    snprintf(text, sizeof text,
             "Transformer: %d encoder and %d decoder layers, width %d, %d heads, feed-forward %d (%.10s), vocabulary %d",
             n[0], n[1], n[2], n[3], n[4], activation ? activation : "?", n[5]);
    print_entry("architecture", text);
    cJSON_Delete(json);
}

static void format_shape(const dragoman_tensor_info *info, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "(");
    for (size_t i = 0; i < info->rank; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%zu", i ? ", " : "", info->shape[i]);
    snprintf(text + used, size - used, ")");
}

static bool ends_with(const char *name, const char *tail)
{
    size_t length = strlen(name), n = strlen(tail);
    return length >= n && strcmp(name + length - n, tail) == 0;
}

/* Not so: the tokenizer, and the scales and offsets of another tensor's rows. */
static bool is_parameter(const dragoman_tensor_info *info)
{
    return strncmp(info->name, "tokenizer.", strlen("tokenizer.")) != 0 && !ends_with(info->name, "_scale") && !ends_with(info->name, "_offset");
}

/* The table of tensors and its totals. */
static void print_tensors(const dragoman_model *model)
{
    dragoman_tensor_info info;
    size_t widest = 6, tensors = 0, tensor_bytes = 0, parameters = 0;
    for (size_t i = 0; dragoman_model_tensor(model, i, &info); i++)
        if (escaped_width(info.name, strlen(info.name)) > widest)
            widest = escaped_width(info.name, strlen(info.name));
    printf("\n%-*s  %-5s  %-18s  %10s\n", (int)widest, "tensor", "dtype", "shape", "bytes");
    for (size_t i = 0; dragoman_model_tensor(model, i, &info); i++) {
        char shape[100];
        size_t elements = 1;
        format_shape(&info, shape, sizeof shape);
        for (size_t d = 0; d < info.rank; d++)
            elements *= info.shape[d];
        size_t length = strlen(info.name);
        print_escaped(stdout, info.name, length);
        printf("%*s  %-5s  %-18s  %10zu\n", (int)(widest - escaped_width(info.name, length)), "", info.dtype, shape,
               info.bytes);
        tensors++;
        tensor_bytes += info.bytes;
        parameters += is_parameter(&info) ? elements : 0;
    }
    printf("\n%zu tensors, %zu bytes, %zu parameters (%.1f million)\n", tensors, tensor_bytes, parameters,
           (double)parameters / 1e6);
}

int command_inspect(const struct options *options)
{
    struct loaded_model loaded;
    const char *key, *value;
    char text[200];
    int code = model_load(&loaded, options->word_count ? options->words[0] : options->model);
    if (code)
        return code;
    dragoman_text file = dragoman_model_file(loaded.model);
    print_entry("file", loaded.path);
    snprintf(text, sizeof text, "%zu bytes (%.1f MB)", file.length, (double)file.length / 1e6);
    print_entry("size", text);
    print_hash(file);
    languages_join(loaded.model, ", ", text, sizeof text);
    print_entry("languages", text);
    print_entry("kernels", dragoman_model_kernels(loaded.model));
    for (size_t i = 0; dragoman_model_metadata(loaded.model, i, &key, &value); i++)
        if (strcmp(key, "config") == 0)
            print_architecture(value);
    for (size_t i = 0; dragoman_model_metadata(loaded.model, i, &key, &value); i++)
        if (strcmp(key, "languages") != 0) /* printed above */
            print_entry(key, value);
    print_tensors(loaded.model);
    model_unload(&loaded);
    return stdout_finish();
}
