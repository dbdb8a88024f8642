/* What the program says besides translations: to stderr, one line each, with the program's name in front. */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

#include <stddef.h>
#include <stdio.h>

/* Not an exit code: the reader of our output went away. The program then ends quietly, with status 0. */
enum { CLOSED_PIPE = -1 };

/* Print "dragoman: ..." to stderr; what print_escaped() escapes (a file's name may hold it) is escaped. */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* message() and the exit code of the matter. */
int usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
int out_of_memory(void);

/* Print text so that a terminal only shows it: bytes of control and format characters (those that turn the direction of
 * writing, say), of line separators and of what is not UTF-8 come out as \xNN. */
void print_escaped(FILE *file, const char *bytes, size_t length);
/* The columns that takes. */
size_t escaped_width(const char *bytes, size_t length);

/* Flush stdout after printf: 0, DRAGOMAN_OUTPUT after a message, or CLOSED_PIPE. */
int stdout_finish(void);

/* Seconds on a clock that only goes forward. */
double seconds_now(void);

#endif
