/* A line on stderr that says how far a long file is, redrawn in place and erased at the end. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress {
    bool on;
    size_t total; /* bytes */
    double start, drawn; /* seconds */
    int width;           /* columns in use */
};

void progress_start(struct progress *progress, bool on, size_t total_bytes);
void progress_update(struct progress *progress, size_t bytes, size_t lines);
void progress_end(struct progress *progress);

#endif
