/* The whole program from outside: speed, peak memory; against another build. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum { ROUNDS_MOST = 5, ROWS_MOST = 8, BY_LINE = 500 };
static const double LINES_SECONDS = 6; /* the most for lines one at a time */

/* One way to run it. */
struct row {
    const char *name;
    struct command command;
    bool by_line;
    double words[ROUNDS_MOST], seconds[ROUNDS_MOST], cpu_seconds[ROUNDS_MOST]; /* words: as many as were translated */
    double peak_mb;
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

static size_t words_of(const dragoman_text *lines, size_t count)
{
    size_t words = 0;
    for (size_t i = 0; i < count; i++)
        words += words_count(lines[i]);
    return words;
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
    const double end = now() + (settings->quick ? 20 : 150);
    for (size_t round = 0; round < p->rounds; round++) {
        for (size_t i = 0; i < p->count; i++) {
            struct row *row = &p->rows[i];
            sample_peak(p, loop);
            const struct usage usage = row->by_line ? command_lines(&row->command, text->lines, p->few, LINES_SECONDS)
                                                    : command_file(&row->command, text->path);
            sample_peak(p, loop);
            row->seconds[round] = usage.seconds;
            row->cpu_seconds[round] = usage.cpu_seconds;
            row->words[round] = (double)(row->by_line ? words_of(text->lines, usage.lines) : text->words);
            row->peak_mb = greater(row->peak_mb, usage.peak_mb);
        }
        if (now() > end) /* a slow machine: no further round */
            p->rounds = round + 1;
    }
    if (!loop)
        p->peak = NAN;
    return p;
}

/* The median of a[i] / b[i]. */
static double ratio(const double *a, const double *b, size_t count)
{
    double ratios[ROUNDS_MOST];
    for (size_t i = 0; i < count; i++)
        ratios[i] = a[i] / b[i];
    return median(ratios, count);
}

static double middle_of(const double *values, size_t count)
{
    double copy[ROUNDS_MOST];
    memcpy(copy, values, count * sizeof *copy);
    return median(copy, count);
}

double program_seconds(const struct program *p)
{
    return middle_of(p->rows[0].seconds, p->rounds);
}

double program_cpu_seconds(const struct program *p)
{
    return middle_of(p->rows[0].cpu_seconds, p->rounds);
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
    const dragoman_options options = {.target = settings->target};
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

/* The row of so many threads that translates the file, NULL if there is none. */
static const struct row *row_find(const struct program *p, const char *name, int threads)
{
    for (size_t i = 0; i < p->count; i++)
        if (!p->rows[i].by_line && strcmp(p->rows[i].name, name) == 0 && p->rows[i].command.threads == threads)
            return &p->rows[i];
    return NULL;
}

/* How many times as fast b is as a, in the rounds that ran both. */
static void target_faster(const struct program *p, const char *what, const struct row *a, const struct row *b,
                          double wanted, cJSON *json)
{
    target_add(json, what, a && b ? ratio(a->seconds, b->seconds, p->rounds) : NAN, true, wanted);
}

/* tokens: of the translation, a source word. */
static void print_row(const struct program *p, const struct row *row, double tokens, cJSON *rows)
{
    const double words = ratio(row->words, row->seconds, p->rounds);
    const double cpu_ms = 1e6 * ratio(row->cpu_seconds, row->words, p->rounds);
    const char *lines = row->by_line ? "one at a time" : "file";
    printf("| %s | %s | %d | %.0f | ", row->name, lines, row->command.threads, words);
    printf(isfinite(tokens) ? "%.0f | " : "- | ", words * tokens);
    printf("%.0f | %.0f |\n", cpu_ms, row->peak_mb);
    cJSON *object = add_row(rows);
    cJSON_AddStringToObject(object, "program", row->name);
    cJSON_AddStringToObject(object, "lines", lines);
    add_number(object, "threads", row->command.threads);
    add_number(object, "source_words_per_s", words);
    add_number(object, "target_tokens_per_s", words * tokens);
    add_number(object, "cpu_ms_per_1000_words", cpu_ms);
    add_number(object, "peak_mb", row->peak_mb);
}

void program_report(struct program *p, const struct settings *settings, const dragoman_model *model,
                    const struct text *text, cJSON *json)
{
    const double all_tokens = target_tokens(settings, model, text, text->count) / (double)text->words;
    const double few_tokens = target_tokens(settings, model, text, p->few) / (double)words_of(text->lines, p->few);
    cJSON *rows = cJSON_AddArrayToObject(json, "program");
    printf("\n## The whole program\n\nFrom start to end, in turn, median of %zu run%s (memory: the greatest). By file: %zu "
           "lines. One line at a time: up to %zu, each sent\nwhen the one before was answered. Processor time is of all "
           "threads; it suffers less from other programs.\n\n"
           "| program | lines | threads | source words/s | target tokens/s | processor ms for 1000 words | peak MB |\n"
           "|---|---|---:|---:|---:|---:|---:|\n", p->rounds, p->rounds == 1 ? "" : "s", text->count, p->few);
    for (size_t i = 0; i < p->count; i++) {
        const struct row *row = &p->rows[i];
        const bool is_baseline = row->command.program == settings->baseline; /* its tokens are not known */
        print_row(p, row, is_baseline ? NAN : row->by_line ? few_tokens : all_tokens, rows);
    }
    printf("\nA line of the source has %.1f words, its translation %.1f tokens.\n",
           (double)text->words / (double)text->count, all_tokens * (double)text->words / (double)text->count);
    const struct row *one = row_find(p, "dragoman", 1), *all = row_find(p, "dragoman", settings->cores);
    target_faster(p, "two threads, times as fast as one", one, row_find(p, "dragoman", 2), 1.85, json);
    target_faster(p, "one thread, times as fast as the baseline program", row_find(p, "baseline", 1), one, 3, json);
    if (settings->cores > 1)
        target_faster(p, "all cores, times as fast as the baseline program", row_find(p, "baseline", settings->cores), all,
                      3, json);
}
