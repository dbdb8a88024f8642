/* The safetensors container: u64 header length, JSON header, raw little-endian tensors (models/README.md). */
#ifndef FORMATS_SAFETENSORS_H
#define FORMATS_SAFETENSORS_H

#include "../base/mapped_file.h"
#include "../base/tensor.h"

struct safetensors {
    struct mapped_file file;
    struct tensor_set set; /* points into the mapping and the header's strings */
    struct cJSON *header;
};

/* Map the file at path and check its whole header. 0, or negative: DRAGOMAN_MODEL_MISSING, DRAGOMAN_MODEL_CORRUPT
 * (the message names what was found and wanted), DRAGOMAN_MEMORY. */
int safetensors_open(struct safetensors *st, const char *path, dragoman_error *error);
void safetensors_close(struct safetensors *st);

#endif
