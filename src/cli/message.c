#include "message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../dragoman.h"

/* The length of the UTF-8 sequence at p, 0 if it is none or is a control character. */
static size_t printable_length(const unsigned char *p, size_t left)
{
    if (*p < 0x80)
        return *p >= 0x20 && *p != 0x7f;
    size_t length = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;
    if (*p < 0xc2 || *p > 0xf4 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if (*p == 0xc2 && p[1] < 0xa0) /* U+0080 to U+009F: control characters, too */
        return 0;
    return length;
}

void print_escaped(FILE *file, const char *bytes, size_t length)
{
    for (size_t i = 0, n; i < length; i += n) {
        n = printable_length((const unsigned char *)bytes + i, length - i);
        if (n)
            fwrite(bytes + i, 1, n, file);
        else
            fprintf(file, "\\x%02x", (unsigned char)bytes[i]), n = 1;
    }
}

static void print_message(const char *format, va_list args, const char *ending)
{
    char *text = NULL;
    int length = vasprintf(&text, format, args);
    fputs("dragoman: ", stderr);
    if (length >= 0)
        print_escaped(stderr, text, (size_t)length);
    fprintf(stderr, "%s\n", ending);
    if (length >= 0)
        free(text);
}

void message(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_message(format, args, "");
    va_end(args);
}

int usage_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_message(format, args, ". Try 'dragoman --help'.");
    va_end(args);
    return DRAGOMAN_USAGE;
}

int out_of_memory(void)
{
    fputs("dragoman: out of memory\n", stderr);
    return DRAGOMAN_MEMORY;
}

int stdout_finish(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    if (errno == EPIPE)
        return CLOSED_PIPE;
    message("standard output: can't be written: %s", strerror(errno));
    return DRAGOMAN_OUTPUT;
}

double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}
