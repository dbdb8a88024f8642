/* The whole program from outside: speed, peak memory; against another build. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum { ROUNDS_MOST = 5, ROWS_MOST = 8, BY_LINE = 500 };

/* One way to run it. */
struct row {
    const char *name;
    struct command command;
    bool by_line;
    double seconds[ROUNDS_MOST], peak_mb;
};
struct program {
    struct row rows[ROWS_MOST];
    size_t count, rounds, few; /* few: lines that are sent one at a time, the first of the text */
    double peak;
};

static void row_add(struct program *p, const char *name, const char *program, const char *model, const char *target,
                    int threads, bool by_line)
{
    p->rows[p->count++] = (struct row){.name = name, .command = {program, model, target, threads}, .by_line = by_line};
}

static struct program *program_make(const struct settings *s, const struct text *text)
{
    struct program *p = room(1, sizeof *p);
    const size_t few = text->count / 4;
    p->few = few < BY_LINE ? few : BY_LINE;
    p->few = p->few ? p->few : text->count;
    p->rounds = s->quick ? 3 : ROUNDS_MOST;
    row_add(p, "dragoman", s->program, s->model, s->target, 1, false);
    if (s->cores > 1)
        row_add(p, "dragoman", s->program, s->model, s->target, 2, false);
    if (s->cores > 2)
        row_add(p, "dragoman", s->program, s->model, s->target, s->cores, false);
    if (s->baseline) {
        row_add(p, "baseline", s->baseline, s->baseline_model, s->target, 1, false);
        if (s->cores > 1)
            row_add(p, "baseline", s->baseline, s->baseline_model, s->target, s->cores, false);
    }
    row_add(p, "dragoman", s->program, s->model, s->target, 1, true);
    if (s->cores > 1)
        row_add(p, "dragoman", s->program, s->model, s->target, s->cores, true);
    return p;
}

static void sample_peak(struct program *p, const struct loop *loop)
{
    for (int i = 0; loop && i < 20; i++)
        p->peak = greater(p->peak, peak_sample(loop));
}

struct program *program_run(const struct settings *settings, const struct text *text)
{
    struct program *p = program_make(settings, text);
    const struct kernels *kernels = kernels_choose(NULL);
    const struct loop *loop = kernels ? peak_dot(kernels->name) : NULL;
    for (size_t round = 0; round < p->rounds; round++)
        for (size_t i = 0; i < p->count; i++) {
            struct row *row = &p->rows[i];
            sample_peak(p, loop);
            const struct usage usage = row->by_line ? command_lines(&row->command, text->lines, p->few)
                                                    : command_file(&row->command, text->path);
            sample_peak(p, loop);
            row->seconds[round] = usage.seconds;
            row->peak_mb = greater(row->peak_mb, usage.peak_mb);
        }
    if (!loop)
        p->peak = NAN;
    return p;
}

double program_seconds(struct program *p)
{
    double seconds[ROUNDS_MOST];
    memcpy(seconds, p->rows[0].seconds, sizeof seconds);
    return median(seconds, p->rounds);
}

double program_peak(const struct program *p)
{
    return p->peak;
}

void program_free(struct program *p)
{
    free(p);
}

/* ---- the report ---------------------------------------------------------------------------------------------- */

/* The tokens that the model makes of the first lines. */
static double target_tokens(const struct settings *settings, const dragoman_model *model, const struct text *text,
                            size_t count)
{
    const dragoman_options options = {settings->target};
    dragoman_error error;
    dragoman_text *outputs = room(count, sizeof *outputs);
    dragoman_session *session = dragoman_session_open(model, 0, &error);
    if (!session || dragoman_translate(session, &options, text->lines, count, outputs, &error) < 0)
        stop("%s", error.message);
    const double tokens = (double)dragoman_session_stats(session).target_tokens;
    dragoman_session_close(session);
    free(outputs);
    return tokens;
}

/* The row of so many threads, NULL if there is none. */
static const struct row *row_find(const struct program *p, const char *name, int threads)
{
    for (size_t i = 0; i < p->count; i++)
        if (!p->rows[i].by_line && strcmp(p->rows[i].name, name) == 0 && p->rows[i].command.threads == threads)
            return &p->rows[i];
    return NULL;
}

/* How many times as fast b is as a: the median over the rounds, each of which ran both. */
static double ratio(const struct program *p, const struct row *a, const struct row *b)
{
    double ratios[ROUNDS_MOST];
    if (!a || !b)
        return NAN;
    for (size_t r = 0; r < p->rounds; r++)
        ratios[r] = a->seconds[r] / b->seconds[r];
    return median(ratios, p->rounds);
}

void program_report(struct program *p, const struct settings *settings, const dragoman_model *model,
                    const struct text *text, cJSON *json)
{
    const double all_tokens = target_tokens(settings, model, text, text->count);
    const double few_tokens = target_tokens(settings, model, text, p->few);
    size_t few_words = 0;
    for (size_t i = 0; i < p->few; i++)
        few_words += words_count(text->lines[i]);
    cJSON *rows = cJSON_AddArrayToObject(json, "program");
    printf("\n## The whole program\n\nFrom start to end, in turn, median of %zu runs (memory: the greatest). By file: %zu "
           "lines. One line at a time: %zu lines, each\nsent when the one before was answered.\n\n"
           "| program | lines | threads | source words/s | target tokens/s | ms a line | peak MB |\n"
           "|---|---|---:|---:|---:|---:|---:|\n", p->rounds, text->count, p->few);
    for (size_t i = 0; i < p->count; i++) {
        struct row *row = &p->rows[i];
        const bool is_baseline = row->command.program == settings->baseline; /* its tokens are not known */
        double copy[ROUNDS_MOST];
        memcpy(copy, row->seconds, sizeof copy);
        const double seconds = median(copy, p->rounds);
        const double words = (double)(row->by_line ? few_words : text->words) / seconds;
        const double tokens = is_baseline ? NAN : (row->by_line ? few_tokens : all_tokens) / seconds;
        const double ms = 1000 * seconds / (double)(row->by_line ? p->few : text->count);
        printf("| %s | %s | %d | %.0f | ", row->name, row->by_line ? "one at a time" : "file", row->command.threads, words);
        printf(is_baseline ? "- | " : "%.0f | ", tokens);
        printf("%.2f | %.0f |\n", ms, row->peak_mb);
        cJSON *object = add_row(rows);
        cJSON_AddStringToObject(object, "program", row->name);
        cJSON_AddStringToObject(object, "lines", row->by_line ? "one at a time" : "file");
        add_number(object, "threads", row->command.threads);
        add_number(object, "source_words_per_s", words);
        add_number(object, "target_tokens_per_s", tokens);
        add_number(object, "ms_per_line", ms);
        add_number(object, "peak_mb", row->peak_mb);
    }
    const struct row *one = row_find(p, "dragoman", 1), *two = row_find(p, "dragoman", 2);
    printf("\nThe source is %.1f words a line, the translation %.1f tokens.\n",
           (double)text->words / (double)text->count, all_tokens / (double)text->count);
    target_add(json, "two threads, times as fast as one", ratio(p, one, two), true, 1.85);
    target_add(json, "one thread, times as fast as the baseline program", ratio(p, row_find(p, "baseline", 1), one), true,
               3);
    if (settings->cores > 1)
        target_add(json, "all cores, times as fast as the baseline program",
                   ratio(p, row_find(p, "baseline", settings->cores), row_find(p, "dragoman", settings->cores)), true, 3);
}
