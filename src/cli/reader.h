/* Reading lines: any length, any bytes, and only as far ahead as the input can give without waiting. */
#ifndef CLI_READER_H
#define CLI_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "options.h"

struct line {
    const char *bytes;
    size_t length;
    size_t ending; /* bytes that follow the text: "\n", "\r\n", "\r" at the very end, or none there */
};

struct reader {
    int fd; /* -1: the text lies in the buffer */
    const char *name;
    bool regular;     /* a regular file: reading does not wait */
    bool keep_return; /* a \r before the \n belongs to the text */
    size_t size;      /* bytes to come at the opening, 0 if not known */
    size_t taken;     /* bytes in the lines handed out */
    char *buffer;
    size_t next, scanned, end, room; /* in the buffer: first byte not handed out, not searched for \n, not filled */
    bool at_end;
    int error; /* errno of a read that failed */
};

/* Open what the options say: the words joined by blanks as one line, --input, or the standard input.
 * 0, or an exit code after a message; reader_close() in either case. */
int reader_open(struct reader *reader, const struct options *options);

/* Take the next lines: at least one, waiting for it, then what is there without waiting, up to most_lines lines or
 * about most_bytes. *count is 0 at the end. The lines are valid until the next call. 0, or an exit code. */
int reader_take(struct reader *reader, size_t most_lines, size_t most_bytes, struct line *lines, size_t *count);

void reader_close(struct reader *reader);

#endif
