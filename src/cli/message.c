#include "message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utf8proc.h>

#include "../dragoman.h"

/* The length of the character at bytes; its columns on a terminal, or -1 if it must not get there. */
static size_t next_character(const char *bytes, size_t left, int *columns)
{
    utf8proc_int32_t character;
    utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)bytes, (utf8proc_ssize_t)left, &character);
    *columns = -1;
    if (length <= 0)
        return 1;
    switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_CC: /* control characters */
    case UTF8PROC_CATEGORY_CF: /* such as turn the direction of writing */
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CS:
        break;
    default:
        *columns = utf8proc_charwidth(character);
    }
    return (size_t)length;
}

void print_escaped(FILE *file, const char *bytes, size_t length)
{
    int columns;
    for (size_t i = 0, n; i < length; i += n) {
        n = next_character(bytes + i, length - i, &columns);
        if (columns >= 0)
            fwrite(bytes + i, 1, n, file);
        else
            for (size_t k = 0; k < n; k++)
                fprintf(file, "\\x%02x", (unsigned char)bytes[i + k]);
    }
}

size_t escaped_width(const char *bytes, size_t length)
{
    size_t width = 0;
    int columns;
    for (size_t i = 0, n; i < length; i += n) {
        n = next_character(bytes + i, length - i, &columns);
        width += columns >= 0 ? (size_t)columns : n * strlen("\\xNN");
    }
    return width;
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
