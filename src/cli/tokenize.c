/* dragoman tokenize, dragoman detokenize: text into pieces or ids and ids into text, a line in, a line out. As with
 * spm_encode, a line is the bytes up to \n, and every line written ends with one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../dragoman.h"
#include "commands.h"
#include "find_model.h"
#include "message.h"
#include "reader.h"
#include "writer.h"

enum { WINDOW_LINES = 512, WINDOW_BYTES = 1 << 18 };

struct job {
    const struct options *options;
    const dragoman_tokenizer *tokenizer;
    struct reader reader;
    struct writer writer;
    size_t line_number;
};

typedef int line_handler(struct job *job, const struct line *line);

static int report_error(const struct job *job, const dragoman_error *error)
{
    message("%s:%zu: %s", job->reader.name, job->line_number, error->message);
    return error->code;
}

static int tokenize_line(struct job *job, const struct line *line)
{
    dragoman_error error = {0};
    int32_t *ids = NULL;
    size_t count = 0;
    if (dragoman_tokenize(job->tokenizer, (dragoman_text){line->bytes, line->length}, &ids, &count, &error) < 0)
        return report_error(job, &error);
    for (size_t i = 0; i < count; i++) {
        char number[16];
        const char *piece = number;
        if (job->options->ids)
            snprintf(number, sizeof number, "%d", (int)ids[i]);
        else if (!(piece = dragoman_tokenizer_piece(job->tokenizer, ids[i])))
            piece = "";
        writer_put(&job->writer, " ", i > 0);
        writer_put(&job->writer, piece, strlen(piece));
    }
    free(ids);
    writer_put(&job->writer, "\n", 1);
    return 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The id that the bytes from p to end spell. 0, or an exit code after a message. */
static int read_id(const struct job *job, const char *p, const char *end, int32_t *id)
{
    char word[16] = "", *rest = word;
    size_t length = (size_t)(end - p);
    if (length < sizeof word) {
        memcpy(word, p, length);
        errno = 0;
        long value = strtol(word, &rest, 10);
        if (*p >= '0' && *p <= '9' && rest == word + length && !errno && value <= INT32_MAX) {
            *id = (int32_t)value;
            return 0;
        }
    }
    message("%s:%zu: found '%.*s', want an id from 0 to %zu", job->reader.name, job->line_number,
            (int)(length < 40 ? length : 40), p, dragoman_tokenizer_size(job->tokenizer) - 1);
    return DRAGOMAN_INPUT;
}

static int detokenize_line(struct job *job, const struct line *line)
{
    dragoman_error error = {0};
    dragoman_text text = {0};
    const char *p = line->bytes, *end = p + line->length;
    size_t count = 0;
    int code = 0;
    int32_t *ids = malloc((line->length / 2 + 1) * sizeof *ids);
    if (!ids)
        return out_of_memory();
    while (!code && p < end) {
        const char *start = p;
        while (p < end && !is_blank(*p))
            p++;
        if (p > start)
            code = read_id(job, start, p, &ids[count++]);
        p += p < end;
    }
    if (!code && dragoman_detokenize(job->tokenizer, ids, count, &text, &error) < 0)
        code = report_error(job, &error);
    if (!code) {
        writer_put(&job->writer, text.bytes, text.length);
        writer_put(&job->writer, "\n", 1);
        free((char *)text.bytes);
    }
    free(ids);
    return code;
}

static int handle_lines(struct job *job, line_handler *handler)
{
    struct line lines[WINDOW_LINES];
    size_t count = 0;
    int code;
    while ((code = reader_take(&job->reader, WINDOW_LINES, WINDOW_BYTES, lines, &count)) == 0 && count) {
        for (size_t i = 0; i < count && !code; i++) {
            job->line_number++;
            code = handler(job, &lines[i]);
        }
        int flushed = writer_flush(&job->writer); /* also what came before a bad line */
        if (code || flushed)
            return code ? code : flushed;
    }
    return code;
}

static int run(const struct options *options, line_handler *handler)
{
    struct job job = {.options = options, .writer = {.fd = -1}};
    struct loaded_model loaded = {0};
    dragoman_tokenizer *own = NULL;
    dragoman_error error = {0};
    int code = reader_open(&job.reader, options);
    job.reader.keep_return = true;
    if (!code && options->spm) {
        job.tokenizer = own = dragoman_tokenizer_open(options->spm, &error);
        if (!own) {
            message("%s", error.message);
            code = error.code;
        }
    } else if (!code && !(code = model_load(&loaded, options->model)))
        job.tokenizer = dragoman_model_tokenizer(loaded.model);
    if (!code)
        code = writer_open(&job.writer, options->output);
    if (!code)
        code = handle_lines(&job, handler);
    code = writer_close(&job.writer, code);
    dragoman_tokenizer_close(own);
    model_unload(&loaded);
    reader_close(&job.reader);
    return code;
}

int command_tokenize(const struct options *options)
{
    return run(options, tokenize_line);
}

int command_detokenize(const struct options *options)
{
    return run(options, detokenize_line);
}
