/* From exec to the first translation, against a program that only maps and touches the model file. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

enum { ROUNDS_MOST = 30, ROWS_MOST = 5, ARGUMENTS = 12 };

struct row {
    const char *name;
    char *arguments[ARGUMENTS];
    double seconds[ROUNDS_MOST];
};

static void add(struct row *row, const char *argument)
{
    size_t n = 0;
    while (row->arguments[n])
        n++;
    if (n + 1 == ARGUMENTS)
        stop("too many arguments");
    row->arguments[n] = (char *)argument;
}

static struct row program_row(const struct settings *settings, const char *name, const char *program,
                              const char *model, const char *threads, const char *sentence)
{
    struct row row = {.name = name};
    add(&row, program);
    add(&row, "-q");
    if (threads)
        add(&row, threads);
    if (model) {
        add(&row, "-m");
        add(&row, model);
    }
    if (settings->target) {
        add(&row, "-t");
        add(&row, settings->target);
    }
    add(&row, "--");
    add(&row, sentence);
    return row;
}

void start_run(const struct settings *settings, const char *sentence, cJSON *json)
{
    struct row rows[ROWS_MOST] = {{.name = "map and touch the model file", .arguments = {(char *)settings->touch}}};
    size_t count = 1, rounds = settings->quick ? 10 : ROUNDS_MOST;
    add(&rows[0], settings->model);
    rows[count++] = program_row(settings, "dragoman, all cores", settings->program, settings->model, NULL, sentence);
    rows[count++] = program_row(settings, "dragoman, one thread", settings->program, settings->model, "-j1", sentence);
    if (settings->baseline)
        rows[count++] = program_row(settings, "baseline, all cores", settings->baseline, settings->baseline_model, NULL,
                                    sentence);
    const double end = now() + 20;
    for (size_t r = 0; r < rounds; r++) {
        for (size_t i = 0; i < count; i++)
            rows[i].seconds[r] = command_first(rows[i].arguments);
        if (now() > end) /* a slow machine: no further round */
            rounds = r + 1;
    }
    cJSON *list = cJSON_AddArrayToObject(json, "start");
    printf("\n## The start\n\nFrom exec to the first line of output, the file in the system's cache, in turn, median of %zu "
           "runs: \"%s\"\n\n| program | ms | times as long as touching |\n|---|---:|---:|\n", rounds, sentence);
    double touch = NAN;
    for (size_t i = 0; i < count; i++) {
        const double seconds = median(rows[i].seconds, rounds);
        touch = i == 0 ? seconds : touch;
        printf("| %s | %.2f | %.2f |\n", rows[i].name, 1e3 * seconds, seconds / touch);
        cJSON *row = add_row(list);
        cJSON_AddStringToObject(row, "program", rows[i].name);
        add_number(row, "ms", 1e3 * seconds);
        if (i == 1 && !settings->random) /* whose translations are as long as they can be */
            target_add(json, "start to first translation, times as long as touching the model's pages", seconds / touch,
                       false, 3);
    }
}
