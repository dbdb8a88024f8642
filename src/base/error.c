#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fail(dragoman_error *error, enum dragoman_code code, const char *format, ...)
{
    if (error) {
        va_list args;
        va_start(args, format);
        error->code = code;
        vsnprintf(error->message, sizeof error->message, format, args);
        va_end(args);
    }
    return -1;
}

int fail_memory(dragoman_error *error, size_t bytes)
{
    return fail(error, DRAGOMAN_MEMORY, "out of memory: %zu bytes wanted", bytes);
}

const char *path_tail(const char *path)
{
    enum { LONGEST = 200 };
    const size_t length = strlen(path);
    return length > LONGEST ? path + length - LONGEST : path;
}
