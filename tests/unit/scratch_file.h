/* A file in a directory of its own under /tmp, for tests that write what they read. */
#ifndef TEST_SCRATCH_FILE_H
#define TEST_SCRATCH_FILE_H

#include <stdlib.h>
#include <unistd.h>

#include "test.h"

static char scratch_directory[] = "/tmp/dragoman-test-XXXXXX", scratch_path[64];

static inline void scratch_make(void)
{
    if (!mkdtemp(scratch_directory))
        abort();
    snprintf(scratch_path, sizeof scratch_path, "%s/file", scratch_directory);
}

static inline void scratch_write(const void *bytes, size_t length)
{
    FILE *f = fopen(scratch_path, "wb");
    if (!f || fwrite(bytes, 1, length, f) != length || fclose(f) != 0)
        abort();
}

static inline void scratch_remove(void)
{
    unlink(scratch_path);
    rmdir(scratch_directory);
}

#endif
