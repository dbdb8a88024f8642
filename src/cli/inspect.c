/* dragoman inspect: what a model file holds. */
#include <inttypes.h>
#include <sha256.h>
#include <stdio.h>
#include <string.h>

#include "../dragoman.h"
#include "commands.h"
#include "find_model.h"
#include "message.h"

enum { INDENT = 14, WIDTH = 100 };

/* The bytes from p to the next place where a line may end: after a blank, or after a comma of compact JSON. */
static size_t word_length(const char *p, bool json)
{
    size_t length = strcspn(p, json ? " \n," : " \n");
    return length + (p[length] == ',' || p[length] == ' ');
}

/* Print "key   value", the value wrapped and indented, its own line ends kept. */
static void print_entry(const char *key, const char *value)
{
    bool json = value[0] == '{' || value[0] == '[';
    print_escaped(stdout, key, strlen(key));
    int column = (int)strlen(key);
    printf("%*s", column < INDENT - 1 ? INDENT - column : 1, "");
    column = column < INDENT - 1 ? INDENT : column + 1;
    for (size_t length; *value; value += length) {
        length = word_length(value, json);
        if (length == 0 || (column > INDENT && column + (int)length > WIDTH)) {
            putchar('\n');
            column = 0;
        }
        if (length == 0) { /* a line end of the value's own */
            length = 1;
            continue;
        }
        if (column == 0)
            column = printf("%*s", INDENT, "");
        print_escaped(stdout, value, length);
        column += (int)length;
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

static void format_shape(const dragoman_tensor_info *info, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "(");
    for (size_t i = 0; i < info->rank; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%zu", i ? ", " : "", info->shape[i]);
    snprintf(text + used, size - used, ")");
}

/* The table of tensors and its totals. A U8 tensor is a file inside the file (the tokenizer), not parameters. */
static void print_tensors(const dragoman_model *model)
{
    dragoman_tensor_info info;
    size_t widest = 6, tensors = 0, tensor_bytes = 0, parameters = 0;
    for (size_t i = 0; dragoman_model_tensor(model, i, &info); i++)
        if (strlen(info.name) > widest)
            widest = strlen(info.name);
    printf("\n%-*s  %-5s  %-14s  %10s\n", (int)widest, "tensor", "dtype", "shape", "bytes");
    for (size_t i = 0; dragoman_model_tensor(model, i, &info); i++) {
        char shape[100];
        size_t elements = 1;
        format_shape(&info, shape, sizeof shape);
        for (size_t d = 0; d < info.rank; d++)
            elements *= info.shape[d];
        print_escaped(stdout, info.name, strlen(info.name));
        printf("%*s  %-5s  %-14s  %10zu\n", (int)(widest - strlen(info.name)), "", info.dtype, shape, info.bytes);
        tensors++;
        tensor_bytes += info.bytes;
        parameters += strcmp(info.dtype, "U8") == 0 ? 0 : elements;
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
        print_entry(key, value);
    print_tensors(loaded.model);
    model_unload(&loaded);
    return stdout_finish();
}
