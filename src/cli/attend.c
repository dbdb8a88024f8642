/* dragoman attend: a text's translation and a map of what the attention looked at, on the terminal or as JSON. */
#include "attend.h"

#include <stdlib.h>
#include <string.h>

#include "attend_pictures.h"
#include "commands.h"
#include "find_model.h"
#include "message.h"

enum { WINDOW_LINES = 512, WINDOW_BYTES = 1 << 18, MOST_BYTES = 1 << 22 };

const char *const kind_names[] = {"encoder self-attention", "decoder self-attention", "cross-attention"};

struct job {
    const struct options *options;
    struct loaded_model loaded;
    dragoman_session *session;
    dragoman_options how;
    struct selection which;
    struct reader reader;
    struct writer writer, json;
    struct attend_pictures pictures;
    struct screen screen;
    size_t sentences; /* so far */
};

/* ---- maps ----------------------------------------------------------------------------------------------------- */

float attend_probability(const dragoman_attention *a, const struct selection *which, size_t row, size_t column)
{
    const size_t H = a->heads[which->kind], map = a->rows[which->kind] * a->columns[which->kind];
    const float *p = a->probabilities[which->kind] + which->layer * H * map + row * a->columns[which->kind] + column;
    float sum = 0;
    if (which->head != MEAN_HEAD)
        return p[which->head * map];
    for (size_t h = 0; h < H; h++)
        sum += p[h * map];
    return sum / (float)H;
}

const char *const *attend_rows(const dragoman_attention *a, enum dragoman_attention_kind kind)
{
    return kind == DRAGOMAN_ENCODER_SELF ? a->source_pieces
           : kind == DRAGOMAN_CROSS      ? a->target_pieces
                                         : a->decoder_inputs;
}

const char *const *attend_columns(const dragoman_attention *a, enum dragoman_attention_kind kind)
{
    return kind == DRAGOMAN_DECODER_SELF ? a->decoder_inputs : a->source_pieces;
}

void attend_write_pairs(struct writer *writer, const dragoman_session *session, size_t i, const struct line *line)
{
    size_t count;
    const dragoman_pair *pairs = dragoman_session_alignment(session, i, &count);
    for (size_t k = 0; k < count; k++)
        writer_print(writer, "%s%zu-%zu", k ? " " : "", pairs[k].source, pairs[k].target);
    writer_put(writer, line->bytes + line->length, line->ending);
}

/* ---- options -------------------------------------------------------------------------------------------------- */

static int choose_kind(const char *name, enum dragoman_attention_kind *kind)
{
    static const char *const names[] = {"enc", "dec", "cross"};
    for (int i = 0; i < DRAGOMAN_ATTENTION_KINDS; i++)
        if (strcmp(name, names[i]) == 0) {
            *kind = (enum dragoman_attention_kind)i;
            return 0;
        }
    return usage_error("--kind: want enc, dec or cross, found '%s'", name);
}

static int choose_head(const char *name, size_t heads, size_t *head)
{
    const bool all = strcmp(name, "all") == 0, mean = strcmp(name, "mean") == 0;
    const size_t digits = strspn(name, "0123456789");
    *head = all ? EVERY_HEAD : mean ? MEAN_HEAD : strtoul(name, NULL, 10);
    if (all || mean || (digits && digits < 5 && !name[digits] && *head < heads))
        return 0;
    return usage_error("--head: want a number from 0 to %zu, all or mean, found '%s'", heads - 1, name);
}

static int choose(struct job *job)
{
    const struct options *options = job->options;
    size_t layers, heads;
    int code = choose_kind(options->kind ? options->kind : "cross", &job->which.kind);
    if (code)
        return code;
    dragoman_model_heads(job->loaded.model, job->which.kind, &layers, &heads);
    job->which.layer = options->layer < 0 ? layers - 1 : (size_t)options->layer;
    if (job->which.layer >= layers)
        return usage_error("--layer: want a number from 0 to %zu, found %d", layers - 1, options->layer);
    return choose_head(options->head ? options->head : "mean", heads, &job->which.head);
}

/* ---- texts ---------------------------------------------------------------------------------------------------- */

/* Whether files are written instead of maps on the terminal. */
static bool wants_files(const struct options *options)
{
    return options->json || options->svg || options->html;
}

static int library_failed(const dragoman_error *error)
{
    message("%s", error->message);
    return error->code;
}

/* The translation of a text, then a map of each of its sentences. */
static int write_maps(struct job *job, dragoman_text text, dragoman_text given)
{
    const dragoman_attention *sentences;
    dragoman_text output = given;
    dragoman_error error = {0};
    size_t count;
    if (!given.bytes && dragoman_translate(job->session, &job->how, &text, 1, &output, &error) < 0)
        return library_failed(&error);
    writer_put(&job->writer, output.bytes, output.length);
    if (output.length == 0 || output.bytes[output.length - 1] != '\n')
        writer_put(&job->writer, "\n", 1);
    job->how.translation = given;
    if (dragoman_attend(job->session, &job->how, text, &sentences, &count, &error) < 0)
        return library_failed(&error);
    for (size_t i = 0; i < count; i++)
        attend_write_map(&job->writer, &sentences[i], &job->which, &job->screen);
    job->sentences += count;
    return writer_flush(&job->writer);
}

/* Everything but maps on the terminal. */
static int write_files(struct job *job, dragoman_text text, dragoman_text given)
{
    const dragoman_attention *sentences;
    dragoman_error error = {0};
    size_t count;
    job->how.translation = given;
    if (dragoman_attend(job->session, &job->how, text, &sentences, &count, &error) < 0)
        return library_failed(&error);
    if (job->options->json)
        attend_json_sentences(&job->json, sentences, count, job->sentences == 0);
    job->sentences += count;
    int code = attend_pictures_add(&job->pictures, sentences, count);
    return code || !job->options->json ? code : writer_flush(&job->json);
}

static int write_pairs(struct job *job, dragoman_text text, dragoman_text given, const struct line *line)
{
    const dragoman_attention *sentences;
    dragoman_error error = {0};
    size_t count;
    job->how.align = true;
    job->how.translation = given;
    if (dragoman_attend(job->session, &job->how, text, &sentences, &count, &error) < 0)
        return library_failed(&error);
    job->sentences += count;
    attend_write_pairs(&job->writer, job->session, 0, line);
    return writer_flush(&job->writer);
}

/* What was asked for, of one text; line: its line's ending. */
static int write_text(struct job *job, dragoman_text text, dragoman_text given, const struct line *line)
{
    if (job->options->align)
        return write_pairs(job, text, given, line);
    return wants_files(job->options) ? write_files(job, text, given) : write_maps(job, text, given);
}

/* All of the input as one text. */
static int read_text(struct job *job, char **text, size_t *length)
{
    struct line lines[WINDOW_LINES];
    size_t count;
    int code;
    *text = NULL;
    *length = 0;
    while ((code = reader_take(&job->reader, WINDOW_LINES, WINDOW_BYTES, lines, &count)) == 0 && count) {
        const struct line *last = &lines[count - 1];
        const size_t more = (size_t)(last->bytes + last->length + last->ending - lines[0].bytes);
        char *longer = more <= MOST_BYTES - *length ? realloc(*text, *length + more) : NULL;
        if (more > MOST_BYTES - *length) {
            message("%s: want a text of at most %d MB", job->reader.name, MOST_BYTES >> 20);
            return DRAGOMAN_INPUT;
        }
        if (!longer)
            return out_of_memory();
        memcpy(longer + *length, lines[0].bytes, more);
        *text = longer;
        *length += more;
    }
    return code;
}

static int attend_text(struct job *job)
{
    const char *target = job->options->given;
    struct line line = {"\n", 0, 1};
    char *bytes;
    size_t length;
    int code = read_text(job, &bytes, &length);
    const dragoman_text text = {bytes ? bytes : "", length}, given = {target, target ? strlen(target) : 0};
    if (!code)
        code = write_text(job, text, given, &line);
    free(bytes);
    return code;
}

/* Lines SOURCE<tab>TRANSLATION; what follows a second tabulator is not looked at. */
static int attend_pairs(struct job *job)
{
    struct line lines[WINDOW_LINES];
    size_t count, number = 0;
    int code;
    while ((code = reader_take(&job->reader, WINDOW_LINES, WINDOW_BYTES, lines, &count)) == 0 && count)
        for (size_t i = 0; i < count && !code; i++) {
            const char *end = lines[i].bytes + lines[i].length, *tab = memchr(lines[i].bytes, '\t', lines[i].length);
            const char *second = tab ? memchr(tab + 1, '\t', (size_t)(end - tab - 1)) : NULL;
            number++;
            if (!tab) {
                message("%s:%zu: found no tabulator, want SOURCE<tab>TRANSLATION", job->reader.name, number);
                return DRAGOMAN_INPUT;
            }
            const dragoman_text text = {lines[i].bytes, (size_t)(tab - lines[i].bytes)};
            const dragoman_text given = {tab + 1, (size_t)((second ? second : end) - tab - 1)};
            code = write_text(job, text, given, &lines[i]);
            if (code)
                return code;
        }
    return code;
}

/* ---- the command ---------------------------------------------------------------------------------------------- */

static int open_all(struct job *job)
{
    const struct options *options = job->options;
    const bool to_align = options->align && strcmp(options->align, "-") != 0;
    dragoman_error error = {0};
    int code = reader_open(&job->reader, options);
    if (!code)
        code = model_load(&job->loaded, options->model);
    if (!code)
        code = model_language(job->loaded.model, options->target, &job->how.target);
    if (!code)
        code = choose(job);
    if (!code && !(job->session = dragoman_session_open(job->loaded.model, options->threads, &error)))
        code = library_failed(&error);
    if (!code)
        code = attend_pictures_open(&job->pictures, options, &job->which);
    if (!code && options->json)
        code = writer_open(&job->json, options->json);
    if (!code && !wants_files(options))
        code = writer_open(&job->writer, to_align ? options->align : options->output);
    return code;
}

static int attend(struct job *job)
{
    int code = open_all(job);
    if (!code && job->options->json)
        attend_json_begin(&job->json, job->loaded.path);
    if (!code) {
        job->screen = screen_find(job->writer.fd);
        code = job->options->pairs ? attend_pairs(job) : attend_text(job);
    }
    if (!code && job->options->json)
        attend_json_end(&job->json);
    code = attend_pictures_close(&job->pictures, code, job->options);
    code = writer_close(&job->json, code);
    code = writer_close(&job->writer, code);
    if (!code && !job->sentences && !job->options->quiet)
        message("no sentence was translated: there is no attention to show");
    dragoman_session_close(job->session);
    model_unload(&job->loaded);
    reader_close(&job->reader);
    return code;
}

int command_attend(const struct options *options)
{
    struct job job = {.options = options, .writer = {.fd = -1}, .json = {.fd = -1}, .reader = {.fd = -1},
                      .pictures = {.svg_writer = {.fd = -1}, .html_writer = {.fd = -1}}};
    if (options->report)
        return attend_report(options);
    if (options->align && !options->pairs && !options->given)
        return command_translate(options);
    return attend(&job);
}
