/* Named tensors of a file: views into its mapping, whatever its format. */
#ifndef BASE_TENSOR_H
#define BASE_TENSOR_H

#include "dtype.h"
#include "error.h"

enum { TENSOR_RANK_MAX = 4 };

struct tensor {
    const char *name;
    enum dtype dtype;
    size_t rank, shape[TENSOR_RANK_MAX];
    const void *data;
    size_t bytes;
};

struct metadata_entry {
    const char *key, *value;
};

/* What a container holds. Strings and data belong to the container. */
struct tensor_set {
    const char *path;       /* for messages */
    struct tensor *tensors; /* in the order of the file */
    size_t count;
    const struct tensor **by_name; /* the same, sorted */
    struct metadata_entry *metadata;
    size_t metadata_count;
};

/* NULL if there is none of that name. */
const struct tensor *tensor_find(const struct tensor_set *set, const char *name);
const char *metadata_find(const struct tensor_set *set, const char *key);
/* Build by_name; negative with DRAGOMAN_MODEL_CORRUPT if a name comes twice, or DRAGOMAN_MEMORY. */
int tensor_set_sort(struct tensor_set *set, dragoman_error *error);
/* "(256,1024)", in a buffer of the caller's. */
const char *shape_text(const size_t *shape, size_t rank, char *buffer, size_t size);

#endif
