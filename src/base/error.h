/* Errors as values: a function fills *error and returns a negative number (or NULL). */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "../dragoman.h"

/* Fill *error (unless NULL) with a code and a formatted message; returns -1, so `return fail(...)` works. */
int fail(dragoman_error *error, enum dragoman_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* fail() for an allocation of `bytes` that did not succeed. */
int fail_memory(dragoman_error *error, size_t bytes);

/* The path, or its end if it is so long that a message would hold nothing else. */
const char *path_tail(const char *path);

#endif
