#include "tensor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct tensor *const *)a)->name, (*(const struct tensor *const *)b)->name);
}

int tensor_set_sort(struct tensor_set *set, dragoman_error *error)
{
    set->by_name = malloc((set->count + 1) * sizeof *set->by_name);
    if (!set->by_name)
        return fail_memory(error, set->count * sizeof *set->by_name);
    for (size_t i = 0; i < set->count; i++)
        set->by_name[i] = &set->tensors[i];
    qsort(set->by_name, set->count, sizeof *set->by_name, by_name);
    for (size_t i = 1; i < set->count; i++)
        if (strcmp(set->by_name[i - 1]->name, set->by_name[i]->name) == 0)
            return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: tensor %.100s: found twice, want once", set->path,
                        set->by_name[i]->name);
    return 0;
}

const struct tensor *tensor_find(const struct tensor_set *set, const char *name)
{
    const struct tensor wanted = {.name = name}, *key = &wanted;
    const struct tensor **found = bsearch(&key, set->by_name, set->count, sizeof *set->by_name, by_name);
    return found ? *found : NULL;
}

const char *metadata_find(const struct tensor_set *set, const char *key)
{
    for (size_t i = 0; i < set->metadata_count; i++)
        if (strcmp(set->metadata[i].key, key) == 0)
            return set->metadata[i].value;
    return NULL;
}

const char *shape_text(const size_t *shape, size_t rank, char *buffer, size_t size)
{
    size_t at = (size_t)snprintf(buffer, size, "(");
    for (size_t i = 0; i < rank && at < size; i++)
        at += (size_t)snprintf(buffer + at, size - at, i ? ",%zu" : "%zu", shape[i]);
    if (at < size)
        snprintf(buffer + at, size - at, ")");
    return buffer;
}
