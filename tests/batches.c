/* Translate the lines of the standard input with dragoman_translate, COUNT lines a call, in THREADS threads; for
 * check_tables.sh. DRAGOMAN_CPU may also name a table that only the tests can choose (tables.h).
 *
 * usage: batches MODEL THREADS COUNT <TEXT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/dragoman.h"
#include "unit/tables.h"

/* The linker puts this in the place of kernels_choose, and that in the place of __real_kernels_choose. */
const struct kernels *__real_kernels_choose(dragoman_error *error);
const struct kernels *__wrap_kernels_choose(dragoman_error *error)
{
    const char *wanted = getenv("DRAGOMAN_CPU");
    for (size_t i = 0; wanted && test_table(i); i++)
        if (strcmp(test_table(i)->name, wanted) == 0)
            return test_table(i);
    return __real_kernels_choose(error);
}

/* Up to `count` lines, without their newlines. */
static size_t read_lines(dragoman_text *lines, size_t *rooms, size_t count)
{
    size_t n = 0;
    for (ssize_t length; n < count && (length = getline((char **)&lines[n].bytes, &rooms[n], stdin)) >= 0; n++)
        lines[n].length = (size_t)length - (length > 0 && lines[n].bytes[length - 1] == '\n');
    return n;
}

int main(int argc, char **argv)
{
    dragoman_error error = {0};
    const size_t count = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
    dragoman_model *model = count ? dragoman_model_open(argv[1], &error) : NULL;
    dragoman_session *session = model ? dragoman_session_open(model, atoi(argv[2]), &error) : NULL;
    dragoman_text *lines = calloc(count + 1, sizeof *lines), *outputs = calloc(count + 1, sizeof *outputs);
    size_t *rooms = calloc(count + 1, sizeof *rooms), n;
    int failed = !session || !lines || !outputs || !rooms;
    while (!failed && (n = read_lines(lines, rooms, count)) > 0) {
        failed = dragoman_translate(session, NULL, lines, n, outputs, &error);
        for (size_t i = 0; !failed && i < n; i++)
            printf("%.*s\n", (int)outputs[i].length, outputs[i].bytes);
    }
    if (failed)
        fprintf(stderr, "batches: %s\n", error.message);
    else
        fprintf(stderr, "%s\n", dragoman_model_kernels(model));
    for (size_t i = 0; lines && i < count; i++)
        free((void *)lines[i].bytes);
    free(lines), free(outputs), free(rooms);
    dragoman_session_close(session);
    dragoman_model_close(model);
    return failed != 0;
}
