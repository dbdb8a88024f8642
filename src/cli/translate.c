/* dragoman [TEXT...]: translating words, a stream of lines, or what is typed at the prompt. And dragoman attend
 * --align, which is the same without the translations. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../dragoman.h"
#include "attend.h"
#include "commands.h"
#include "find_model.h"
#include "message.h"
#include "progress.h"
#include "prompt.h"
#include "reader.h"
#include "writer.h"

/* A window is what is handed to the library at once. It is bounded, so memory is, too. The more lines, the better they
 * sort into batches of like length; they are fewer where the machine is slow, so that output and progress keep coming. */
enum { FIRST_LINES = 64, LEAST_LINES = 32, MOST_LINES = 2048, WINDOW_BYTES = 1 << 20 };
static const double WINDOW_SECONDS = 2;

/* A translation under way. */
struct job {
    const struct options *options;
    struct loaded_model loaded;
    dragoman_session *session;
    dragoman_options how;
    struct reader reader;
    struct writer writer, pairs; /* translations; word pairs, if they are asked for */
    size_t lines, words;
    double seconds; /* spent in the library */
};

static size_t words_count(const char *bytes, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += !isspace((unsigned char)bytes[i]) && (i == 0 || isspace((unsigned char)bytes[i - 1]));
    return count;
}

/* Translate lines and write them, each with the line end it had. */
static int translate_lines(struct job *job, const struct line *lines, size_t count)
{
    dragoman_text texts[MOST_LINES], outputs[MOST_LINES];
    dragoman_error error = {0};
    for (size_t i = 0; i < count; i++) {
        texts[i] = (dragoman_text){lines[i].bytes, lines[i].length};
        job->words += words_count(lines[i].bytes, lines[i].length);
    }
    double start = seconds_now();
    if (dragoman_translate(job->session, &job->how, texts, count, outputs, &error) < 0) {
        message("%s", error.message);
        return error.code;
    }
    job->seconds += seconds_now() - start;
    job->lines += count;
    for (size_t i = 0; i < count && job->writer.buffer; i++) {
        writer_put(&job->writer, outputs[i].bytes, outputs[i].length);
        writer_put(&job->writer, lines[i].bytes + lines[i].length, lines[i].ending);
    }
    for (size_t i = 0; i < count && job->how.align; i++)
        attend_write_pairs(&job->pairs, job->session, i, &lines[i]);
    int code = writer_flush(&job->pairs);
    return code ? code : writer_flush(&job->writer);
}

/* As many lines as take about WINDOW_SECONDS, going by the last `count`. */
static size_t window_next(size_t count, double took)
{
    double lines = (double)count * WINDOW_SECONDS / (took + 1e-3);
    return lines < LEAST_LINES ? LEAST_LINES : lines < MOST_LINES ? (size_t)lines : MOST_LINES;
}

static int translate_stream(struct job *job)
{
    struct line lines[MOST_LINES];
    struct progress progress;
    size_t count, window = FIRST_LINES;
    int code;
    bool watched = isatty(STDERR_FILENO) && !isatty(job->writer.fd) && !job->options->quiet;
    progress_start(&progress, watched, job->reader.size);
    while ((code = reader_take(&job->reader, window, WINDOW_BYTES, lines, &count)) == 0 && count) {
        double start = seconds_now();
        if ((code = translate_lines(job, lines, count)) != 0)
            break;
        double took = seconds_now() - start;
        if (count == window || took > WINDOW_SECONDS)
            window = window_next(count, took);
        progress_update(&progress, job->reader.taken, job->lines);
    }
    progress_end(&progress);
    return code;
}

static int translate_typed(void *context, const char *bytes, size_t length)
{
    char *text = malloc(length + 1);
    if (!text)
        return out_of_memory();
    memcpy(text, bytes, length);
    text[length] = '\n';
    int code = translate_lines(context, &(struct line){text, length, 1}, 1);
    free(text);
    return code;
}

static int translate_prompt(struct job *job)
{
    char *banner = NULL, known[200];
    if (job->options->quiet)
        return prompt_run(NULL, translate_typed, job);
    const char *file = strrchr(job->loaded.path, '/');
    languages_join(job->loaded.model, " or ", known, sizeof known);
    int length = asprintf(&banner, "Dragoman " DRAGOMAN_VERSION ", model %s. Type a line %s %s; ^D leaves.\n",
                          file ? file + 1 : job->loaded.path, job->how.target ? "to translate into" : "in",
                          job->how.target ? job->how.target : known);
    int code = prompt_run(length < 0 ? NULL : banner, translate_typed, job);
    if (length >= 0)
        free(banner);
    return code;
}

/* What is to be said at the end. */
static void report(const struct job *job)
{
    dragoman_stats stats = dragoman_session_stats(job->session);
    if (stats.invalid_bytes && !job->options->quiet)
        message("%zu invalid byte%s replaced (not UTF-8)", stats.invalid_bytes, stats.invalid_bytes == 1 ? "" : "s");
    if (stats.truncated && !job->options->quiet)
        message("%zu sentence%s cut short (the translation reached the length limit)", stats.truncated,
                stats.truncated == 1 ? "" : "s");
    if (stats.untranslated && !job->options->quiet)
        message("%zu sentence%s copied: the model found no translation", stats.untranslated,
                stats.untranslated == 1 ? "" : "s");
    if (!job->options->verbose)
        return;
    char threads[20] = "one thread a core";
    if (job->options->threads)
        snprintf(threads, sizeof threads, "%d thread%s", job->options->threads, job->options->threads == 1 ? "" : "s");
    message("%s: loaded in %.1f ms, %s kernels, %s", job->loaded.path, job->loaded.load_ms,
            dragoman_model_kernels(job->loaded.model), threads);
    message("%zu lines, %zu sentences, %zu words, %zu tokens read, %zu written; %.3f s, %.0f words/s", job->lines,
            stats.sentences, job->words, stats.source_tokens, stats.target_tokens, job->seconds,
            job->seconds > 0 ? (double)job->words / job->seconds : 0);
}

/* A person at a terminal, and nothing else to translate. */
static bool wants_prompt(const struct options *options)
{
    const bool reads = !options->word_count && (!options->input || strcmp(options->input, "-") == 0);
    return options->command->bit == TRANSLATE && reads && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* Open the files that are written: translations, unless only word pairs are wanted, and word pairs. */
static int open_output(struct job *job)
{
    const struct options *options = job->options;
    const bool only_pairs = options->command->bit == ATTEND;
    int code = only_pairs ? 0 : writer_open(&job->writer, options->output);
    job->how.align = options->align;
    if (!code && options->align)
        code = writer_open(&job->pairs, only_pairs && strcmp(options->align, "-") == 0 ? options->output : options->align);
    return code;
}

int command_translate(const struct options *options)
{
    struct job job = {.options = options, .writer = {.fd = -1}, .pairs = {.fd = -1}};
    dragoman_error error = {0};
    int code = reader_open(&job.reader, options);
    if (!code)
        code = model_load(&job.loaded, options->model);
    if (!code)
        code = model_language(job.loaded.model, options->target, &job.how.target);
    if (!code && !(job.session = dragoman_session_open(job.loaded.model, options->threads, &error))) {
        message("%s", error.message);
        code = error.code;
    }
    if (!code)
        code = open_output(&job);
    if (!code)
        code = wants_prompt(options) ? translate_prompt(&job) : translate_stream(&job);
    code = writer_close(&job.pairs, code);
    code = writer_close(&job.writer, code);
    if (job.session && code == 0)
        report(&job);
    dragoman_session_close(job.session);
    model_unload(&job.loaded);
    reader_close(&job.reader);
    return code;
}
