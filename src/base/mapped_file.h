/* A file mapped read-only into memory. */
#ifndef BASE_MAPPED_FILE_H
#define BASE_MAPPED_FILE_H

#include "error.h"

struct mapped_file {
    const unsigned char *data; /* NULL if nothing is mapped */
    size_t size;               /* bytes, > 0 when mapped */
};

/* Map the regular file at path. 0, or negative: DRAGOMAN_MODEL_MISSING if it can't be opened or read or is no
 * regular file, DRAGOMAN_MODEL_CORRUPT if it is empty. */
int mapped_file_open(struct mapped_file *file, const char *path, dragoman_error *error);
void mapped_file_close(struct mapped_file *file);

#endif
