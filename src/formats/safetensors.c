#include "safetensors.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH_BYTES = 8, HEADER_BYTES_MAX = 100 << 20, METADATA_MAX = 1000 };
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the file is little-endian and used in place");

#define CORRUPT(...) fail(error, DRAGOMAN_MODEL_CORRUPT, __VA_ARGS__)

/* A whole number that a size_t and a double both hold exactly. */
static bool as_size(const cJSON *item, size_t *value)
{
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= 0x1p53) ||
        item->valuedouble != floor(item->valuedouble))
        return false;
    *value = (size_t)item->valuedouble;
    return true;
}

static int read_dtype(const cJSON *entry, struct tensor *t, const char *path, dragoman_error *error)
{
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "dtype"));
    for (int d = 0; name && d < DTYPE_COUNT; d++)
        if (strcmp(name, dtype_name((enum dtype)d)) == 0) {
            t->dtype = (enum dtype)d;
            return 0;
        }
    return CORRUPT("%s: tensor %.100s: dtype: want F32, F16, I8, U8 or I32, found %.20s", path, t->name,
                   name ? name : "none");
}

/* The bytes that the shape and dtype ask for. */
static int read_shape(const cJSON *entry, struct tensor *t, size_t *wanted, const char *path, dragoman_error *error)
{
    const cJSON *shape = cJSON_GetObjectItemCaseSensitive(entry, "shape"), *item;
    if (!cJSON_IsArray(shape) || cJSON_GetArraySize(shape) > TENSOR_RANK_MAX)
        return CORRUPT("%s: tensor %.100s: shape: want up to %d sizes, found %d", path, t->name, TENSOR_RANK_MAX,
                       cJSON_GetArraySize(shape));
    *wanted = dtype_bytes(t->dtype);
    cJSON_ArrayForEach(item, shape) {
        if (!as_size(item, &t->shape[t->rank]))
            return CORRUPT("%s: tensor %.100s: shape: want whole numbers, found something else", path, t->name);
        if (__builtin_mul_overflow(*wanted, t->shape[t->rank++], wanted))
            return CORRUPT("%s: tensor %.100s: shape: want a product below 2^64, found more", path, t->name);
    }
    return 0;
}

static int read_tensor(const cJSON *entry, struct tensor *t, const unsigned char *data, size_t data_bytes,
                       const char *path, dragoman_error *error)
{
    size_t begin = 0, end = 0, wanted = 0;
    *t = (struct tensor){.name = entry->string};
    if (!cJSON_IsObject(entry))
        return CORRUPT("%s: tensor %.100s: want a JSON object, found something else", path, t->name);
    if (read_dtype(entry, t, path, error) < 0 || read_shape(entry, t, &wanted, path, error) < 0)
        return -1;
    const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
    if (!cJSON_IsArray(offsets) || cJSON_GetArraySize(offsets) != 2 || !as_size(offsets->child, &begin) ||
        !as_size(offsets->child->next, &end))
        return CORRUPT("%s: tensor %.100s: data_offsets: want two whole numbers, found something else", path, t->name);
    if (begin > end || end > data_bytes)
        return CORRUPT("%s: tensor %.100s: data_offsets: found [%zu, %zu], want a range within the %zu bytes of data "
                       "in the file", path, t->name, begin, end, data_bytes);
    if (end - begin != wanted) {
        char shape[96];
        return CORRUPT("%s: tensor %.100s: found %zu bytes, want %zu for %s %s", path, t->name, end - begin, wanted,
                       dtype_name(t->dtype), shape_text(t->shape, t->rank, shape, sizeof shape));
    }
    t->data = data + begin;
    t->bytes = end - begin;
    return 0;
}

static int by_place(const void *a, const void *b)
{
    const struct tensor *s = a, *t = b;
    if (s->data != t->data)
        return (const char *)s->data < (const char *)t->data ? -1 : 1;
    return (s->bytes > t->bytes) - (s->bytes < t->bytes);
}

/* The tensors, sorted by place, cover the data without a hole or an overlap. */
static int check_cover(const struct tensor_set *set, const unsigned char *data, size_t data_bytes,
                       dragoman_error *error)
{
    const unsigned char *at = data;
    for (size_t i = 0; i < set->count; i++) {
        const struct tensor *t = &set->tensors[i];
        if (t->data != (const void *)at)
            return CORRUPT("%s: tensor %.100s: begins at byte %zu of the data, want %zu: %s", set->path, t->name,
                           (size_t)((const unsigned char *)t->data - data), (size_t)(at - data),
                           (const unsigned char *)t->data < at ? "tensors overlap" : "there is a hole");
        at += t->bytes;
    }
    if (at != data + data_bytes)
        return CORRUPT("%s: the tensors end at byte %zu of the data, want %zu", set->path, (size_t)(at - data),
                       data_bytes);
    return 0;
}

static int read_metadata(const cJSON *metadata, struct tensor_set *set, dragoman_error *error)
{
    const cJSON *item;
    if (!cJSON_IsObject(metadata) || set->metadata)
        return CORRUPT("%s: __metadata__: want one JSON object", set->path);
    if (cJSON_GetArraySize(metadata) > METADATA_MAX)
        return CORRUPT("%s: __metadata__: want at most %d entries, found %d", set->path, METADATA_MAX,
                       cJSON_GetArraySize(metadata));
    set->metadata = calloc((size_t)cJSON_GetArraySize(metadata) + 1, sizeof *set->metadata);
    if (!set->metadata)
        return fail_memory(error, sizeof *set->metadata);
    cJSON_ArrayForEach(item, metadata) {
        if (!cJSON_IsString(item))
            return CORRUPT("%s: __metadata__: %.60s: want a string, found something else", set->path, item->string);
        if (metadata_find(set, item->string))
            return CORRUPT("%s: __metadata__: %.60s: found twice, want once", set->path, item->string);
        set->metadata[set->metadata_count++] = (struct metadata_entry){item->string, item->valuestring};
    }
    return 0;
}

static int read_entries(struct safetensors *st, const unsigned char *data, size_t data_bytes, dragoman_error *error)
{
    struct tensor_set *set = &st->set;
    const cJSON *entry;
    set->tensors = calloc((size_t)cJSON_GetArraySize(st->header) + 1, sizeof *set->tensors);
    if (!set->tensors)
        return fail_memory(error, sizeof *set->tensors);
    cJSON_ArrayForEach(entry, st->header) {
        if (strcmp(entry->string, "__metadata__") == 0) {
            if (read_metadata(entry, set, error) < 0)
                return -1;
        } else if (read_tensor(entry, &set->tensors[set->count++], data, data_bytes, set->path, error) < 0) {
            return -1;
        }
    }
    qsort(set->tensors, set->count, sizeof *set->tensors, by_place);
    if (check_cover(set, data, data_bytes, error) < 0)
        return -1;
    return tensor_set_sort(set, error);
}

static int read_header(struct safetensors *st, dragoman_error *error)
{
    const struct mapped_file *file = &st->file;
    uint64_t length;
    if (file->size < LENGTH_BYTES + 2)
        return CORRUPT("%s: found %zu bytes, want a safetensors file (its header length alone takes 8)", st->set.path,
                       file->size);
    memcpy(&length, file->data, sizeof length);
    const char *text = (const char *)file->data + LENGTH_BYTES;
    if (*text != '{')
        return CORRUPT("%s: not a safetensors file: byte 8 should be '{', found 0x%02x", st->set.path,
                       (unsigned char)*text);
    if (length > file->size - LENGTH_BYTES || length > HEADER_BYTES_MAX)
        return CORRUPT("%s: the header claims %llu bytes, want at most %zu: the file is truncated or damaged",
                       st->set.path, (unsigned long long)length, file->size - LENGTH_BYTES);
    const char *end = NULL;
    st->header = cJSON_ParseWithLengthOpts(text, (size_t)length, &end, false);
    while (st->header && end < text + length && *end == ' ')
        end++;
    if (!cJSON_IsObject(st->header) || end != text + length)
        return CORRUPT("%s: the header is not valid JSON (found an error at byte %zu of it)", st->set.path,
                       end ? (size_t)(end - text) : 0);
    return read_entries(st, file->data + LENGTH_BYTES + length, file->size - LENGTH_BYTES - (size_t)length, error);
}

int safetensors_open(struct safetensors *st, const char *path, dragoman_error *error)
{
    *st = (struct safetensors){0};
    st->set.path = strdup(path_tail(path));
    if (!st->set.path)
        return fail_memory(error, strlen(path));
    if (mapped_file_open(&st->file, path, error) < 0 || read_header(st, error) < 0) {
        safetensors_close(st);
        return -1;
    }
    return 0;
}

void safetensors_close(struct safetensors *st)
{
    free(st->set.tensors);
    free(st->set.by_name);
    free(st->set.metadata);
    free((char *)st->set.path);
    cJSON_Delete(st->header);
    mapped_file_close(&st->file);
    *st = (struct safetensors){0};
}
