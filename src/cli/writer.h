/* Writing the output. A file given with -o is written beside its place and moved there at the end, so that a failure
 * leaves what was there, and -i and -o may be the same. Where it can't be moved there, it is copied. */
#ifndef CLI_WRITER_H
#define CLI_WRITER_H

#include <stddef.h>

struct writer {
    int fd;
    const char *name;
    char *target, *temporary; /* malloc'ed; NULL: written in place */
    unsigned mode;            /* permissions of the target */
    char *buffer;
    size_t used;
    int error; /* errno of a write that failed */
};

/* Open path, or the standard output for NULL and "-". 0, or an exit code after a message. */
int writer_open(struct writer *writer, const char *path);

/* Append bytes. An error waits for writer_flush(). */
void writer_put(struct writer *writer, const char *bytes, size_t length);

/* Append formatted text; the same. */
void writer_print(struct writer *writer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* 0, an exit code after a message, or CLOSED_PIPE. */
int writer_flush(struct writer *writer);

/* With code 0: flush, and put the file in its place; returns 0, an exit code or CLOSED_PIPE.
 * With another: leave nothing behind; returns that code. Output that is finished is never removed: if it can't be put
 * in its place, a message says where it is. */
int writer_close(struct writer *writer, int code);

/* Have signals that end the program, and exit(), remove the temporary file first. Called once, by main. */
void writer_catch_end(void);

#endif
