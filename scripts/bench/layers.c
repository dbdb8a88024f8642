/* Where the time of one thread goes, by kind of layer. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

enum { ROUNDS_MOST = 3, WINDOW = 512, BY_LINE = 300 }; /* WINDOW: lines at a time, as the program takes them */

static const char *const names[KINDS] = {
    [EMBEDDING] = "embedding",
    [ENCODER_PROJECTIONS] = "encoder: self-attention, projections",
    [ENCODER_HEADS] = "encoder: self-attention, scores, softmax, mix",
    [ENCODER_FFN] = "encoder: feed-forward",
    [ENCODER_NORMS] = "encoder: residual and norm",
    [MEMORY_PROJECTIONS] = "decoder: keys and values of the memory",
    [SELF_PROJECTIONS] = "decoder: self-attention, projections",
    [SELF_HEADS] = "decoder: self-attention, scores, softmax, mix",
    [CROSS_PROJECTIONS] = "decoder: cross-attention, projections",
    [CROSS_HEADS] = "decoder: cross-attention, scores, softmax, mix",
    [DECODER_FFN] = "decoder: feed-forward",
    [DECODER_NORMS] = "decoder: residual and norm",
    [OUTPUT] = "output projection",
    [SEARCH] = "search (argmax)",
    [QUANTIZING] = "quantizing",
    [STORING] = "storing keys and values",
};

/* The text in one thread, so many lines at a time. */
struct run {
    double seconds;      /* in dragoman_translate() without timers */
    double with_timers;  /* the same with them */
    double tokenizing;   /* cutting the lines in pieces and joining those of the outputs, measured by itself */
    struct timing timing;
};

/* Add the time that the public tokenizer takes for lines and their translations. */
static double tokenizing(const dragoman_model *model, const dragoman_text *lines, const dragoman_text *outputs,
                         size_t count)
{
    const dragoman_tokenizer *tokenizer = dragoman_model_tokenizer(model);
    double seconds = 0;
    for (size_t i = 0; i < count; i++) {
        int32_t *in, *out;
        size_t in_count, out_count;
        dragoman_text text;
        const double start = now();
        if (dragoman_tokenize(tokenizer, lines[i], &in, &in_count, NULL) < 0)
            stop("out of memory");
        seconds += now() - start;
        if (dragoman_tokenize(tokenizer, outputs[i], &out, &out_count, NULL) < 0)
            stop("out of memory");
        const double again = now();
        if (dragoman_detokenize(tokenizer, out, out_count, &text, NULL) < 0)
            stop("out of memory");
        seconds += now() - again;
        free(in);
        free(out);
        free((char *)text.bytes);
    }
    return seconds;
}

/* Translate; returns the seconds in the library. */
static double translate(const struct settings *settings, const dragoman_model *model, const dragoman_text *lines,
                        size_t count, size_t window, double *tokens)
{
    const dragoman_options options = {.target = settings->target};
    dragoman_error error;
    dragoman_text outputs[WINDOW];
    double seconds = 0;
    dragoman_session *session = dragoman_session_open(model, 1, &error);
    for (size_t i = 0; session && i < count; i += window) {
        const size_t n = count - i < window ? count - i : window;
        const double start = now();
        if (dragoman_translate(session, &options, lines + i, n, outputs, &error) < 0)
            stop("%s", error.message);
        seconds += now() - start;
        if (tokens)
            *tokens += tokenizing(model, lines + i, outputs, n);
    }
    if (!session)
        stop("%s", error.message);
    dragoman_session_close(session);
    return seconds;
}

/* With and without timers in turn; the medians. */
static struct run measure(const struct settings *settings, dragoman_model *model, const dragoman_text *lines,
                          size_t count, size_t window)
{
    size_t rounds = settings->quick ? 1 : ROUNDS_MOST;
    const double end = now() + 20;
    double plain[ROUNDS_MOST], timed[ROUNDS_MOST], tokens[ROUNDS_MOST], kinds[KINDS][ROUNDS_MOST];
    struct run run = {0};
    for (size_t r = 0; r < rounds; r++) {
        tokens[r] = 0;
        plain[r] = translate(settings, model, lines, count, window, &tokens[r]);
        timing_begin(&model->model);
        timed[r] = translate(settings, model, lines, count, window, NULL);
        run.timing = timing_end();
        for (int k = 0; k < KINDS; k++)
            kinds[k][r] = run.timing.seconds[k];
        if (now() > end) /* a slow machine: no further round */
            rounds = r + 1;
    }
    run.seconds = median(plain, rounds);
    run.with_timers = median(timed, rounds);
    run.tokenizing = median(tokens, rounds);
    for (int k = 0; k < KINDS; k++)
        run.timing.seconds[k] = median(kinds[k], rounds);
    return run;
}

static void print_row(const char *name, double seconds, double products, const struct run *batch, double peak,
                      double by_line, const struct run *one, cJSON *rows)
{
    printf("| %s | %.3f | %.1f%% | ", name, seconds, 100 * seconds / batch->with_timers);
    if (products > 0 && peak > 0)
        printf("%.1f | %.0f%% | ", 1e-9 * products / seconds, 100 * products / seconds / peak);
    else
        printf("- | - | ");
    printf("%.1f%% |\n", 100 * by_line / one->with_timers);
    cJSON *row = add_row(rows);
    cJSON_AddStringToObject(row, "kind", name);
    add_number(row, "seconds", seconds);
    add_number(row, "share", seconds / batch->with_timers);
    add_number(row, "gmac_per_s", products > 0 ? 1e-9 * products / seconds : NAN);
    add_number(row, "share_line_by_line", by_line / one->with_timers);
}

void layers_run(const struct settings *settings, dragoman_model *model, const struct text *text,
                struct program *program, cJSON *json)
{
    const size_t few = text->count < BY_LINE ? text->count : BY_LINE;
    const struct run batch = measure(settings, model, text->lines, text->count, WINDOW);
    const struct run one = measure(settings, model, text->lines, few, 1);
    const double peak = program_peak(program);
    double rest = batch.with_timers - batch.tokenizing, rest_one = one.with_timers - one.tokenizing;
    cJSON *rows = cJSON_AddArrayToObject(json, "time");
    printf("\n## Where the time goes\n\nOne thread, inside dragoman_translate(): %zu lines in %.2f s (%.2f s with the timers "
           "below); %zu lines one at a time in %.2f s (%.2f s).\n\n"
           "| work | s | share | 10^9 products/s | of the int8 peak | share, one line at a time |\n|---|---:|---:|---:|---:|---:|\n",
           text->count, batch.seconds, batch.with_timers, few, one.seconds, one.with_timers);
    for (int k = 0; k < KINDS; k++) {
        print_row(names[k], batch.timing.seconds[k], batch.timing.products[k], &batch, peak, one.timing.seconds[k], &one,
                  rows);
        rest -= batch.timing.seconds[k];
        rest_one -= one.timing.seconds[k];
    }
    print_row("tokenizing both ways (measured by itself)", batch.tokenizing, 0, &batch, peak, one.tokenizing, &one, rows);
    print_row("the rest: sentences, batches, timers", rest, 0, &batch, peak, rest_one, &one, rows);
    const double alone = batch.timing.products_i8 / peak;
    printf("\nThe text's %.1f * 10^9 int8 products alone would take %.2f s at the peak of %.1f * 10^9 a second: %.0f%% of "
           "the %.2f s that the\nwhole program takes in one thread (%.0f%% of its processor time), %.0f%% of those inside the library.\n",
           1e-9 * batch.timing.products_i8, alone, 1e-9 * peak, 100 * alone / program_seconds(program),
           program_seconds(program), 100 * alone / program_cpu_seconds(program), 100 * alone / batch.seconds);
    add_number(json, "int8_gmac_of_text", 1e-9 * batch.timing.products_i8);
    add_number(json, "seconds_at_peak", alone);
    add_number(json, "seconds_in_library", batch.seconds);
    add_number(json, "processor_seconds_of_program", program_cpu_seconds(program));
    target_add(json, "whole program, batched, one thread: what its int8 products alone would take at peak, of its time",
               batch.timing.products_i8 > 0 ? alone / program_seconds(program) : NAN, true, 0.45);
}
