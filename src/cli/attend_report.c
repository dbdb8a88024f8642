/* dragoman attend --report: a table of what each head does, over the lines of a file. A line is a text; or
 * SOURCE<tab>TRANSLATION, looked at as it is; or that with <tab>LINKS, by which alignment is judged. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attend.h"
#include "find_model.h"
#include "head_stats.h"
#include "message.h"

enum { WINDOW_LINES = 256, WINDOW_BYTES = 1 << 18, COLUMNS = 3 };

struct job {
    const struct options *options;
    struct loaded_model loaded;
    dragoman_session *session;
    dragoman_options how;
    struct reader reader;
    struct writer writer;
    struct head_stats *stats[DRAGOMAN_ATTENTION_KINDS]; /* (layers * heads) each */
    size_t layers[DRAGOMAN_ATTENTION_KINDS], heads[DRAGOMAN_ATTENTION_KINDS];
    dragoman_pair *pairs; /* room for a sentence's, */
    size_t pair_room;
    dragoman_pair *links; /* and for a line's */
    size_t link_count, link_room;
    size_t lines, linked, wanted, sentences, source_pieces, target_pieces;
};

/* ---- reading -------------------------------------------------------------------------------------------------- */

static int out_of_links(const struct job *job, const char *at, const char *end)
{
    message("%s:%zu: want links like 0-0 1-2, found '%.*s'", job->reader.name, job->lines,
            (int)(end - at < 40 ? end - at : 40), at);
    return DRAGOMAN_INPUT;
}

static bool read_number(const char **at, const char *end, size_t *number)
{
    const char *start = *at;
    for (*number = 0; *at < end && **at >= '0' && **at <= '9' && *number < 1000000; (*at)++)
        *number = *number * 10 + (size_t)(**at - '0');
    return *at > start;
}

static int read_links(struct job *job, const char *at, const char *end)
{
    const char *start = at;
    if ((size_t)(end - at) / 3 + 1 > job->link_room) {
        job->link_room = (size_t)(end - at) + 64;
        dragoman_pair *links = realloc(job->links, job->link_room * sizeof *links);
        if (!links)
            return out_of_memory();
        job->links = links;
    }
    for (job->link_count = 0; at < end; at++) {
        dragoman_pair *link = &job->links[job->link_count];
        if (*at == ' ')
            continue;
        if (!read_number(&at, end, &link->source) || at == end || *at++ != '-' || !read_number(&at, end, &link->target) ||
            (at < end && *at != ' '))
            return out_of_links(job, start, end);
        job->link_count++;
    }
    return 0;
}

/* ---- measuring ------------------------------------------------------------------------------------------------ */

/* `linked`: the line came with links. Once there are some, only those count. */
static int measure_sentence(struct job *job, const dragoman_attention *a, bool linked)
{
    if (a->target_length > job->pair_room) {
        dragoman_pair *pairs = realloc(job->pairs, 2 * a->target_length * sizeof *pairs);
        if (!pairs)
            return out_of_memory();
        job->pairs = pairs;
        job->pair_room = a->target_length;
    }
    dragoman_pair *anchors = job->pairs + job->pair_room;
    const size_t count = linked ? job->link_count : anchors_find(a, anchors);
    job->wanted += count;
    for (int kind = 0; kind < DRAGOMAN_ATTENTION_KINDS; kind++)
        for (size_t i = 0; i < a->layers[kind] * a->heads[kind]; i++) {
            struct head_stats *stats = &job->stats[kind][i];
            const size_t layer = i / a->heads[kind], head = i % a->heads[kind];
            head_stats_add(stats, a, (enum dragoman_attention_kind)kind, layer, head);
            if (kind == DRAGOMAN_CROSS && linked == (job->linked > 0))
                head_stats_align(stats, a, layer, head, linked ? job->links : anchors, count, !linked, job->pairs);
        }
    job->source_pieces += a->source_length;
    job->target_pieces += a->target_length;
    return 0;
}

static int measure_line(struct job *job, const struct line *line)
{
    const dragoman_attention *sentences;
    dragoman_error error = {0};
    dragoman_text columns[COLUMNS] = {{0}};
    size_t count = 0, used = 0;
    const char *end = line->bytes + line->length, *at = line->bytes, *tab = NULL;
    job->lines++;
    for (; used < COLUMNS && at <= end; at = tab + 1) {
        tab = memchr(at, '\t', (size_t)(end - at));
        tab = tab ? tab : end;
        columns[used++] = (dragoman_text){at, (size_t)(tab - at)};
    }
    job->how.translation = columns[1];
    job->linked += used == COLUMNS;
    int code = used == COLUMNS ? read_links(job, columns[2].bytes, columns[2].bytes + columns[2].length) : 0;
    if (!code && dragoman_attend(job->session, &job->how, columns[0], &sentences, &count, &error) < 0) {
        message("%s:%zu: %s", job->reader.name, job->lines, error.message);
        code = error.code;
    }
    for (size_t i = 0; !code && i < count; i++)
        code = measure_sentence(job, &sentences[i], used == COLUMNS);
    job->sentences += count;
    return code;
}

static int measure_file(struct job *job)
{
    struct line lines[WINDOW_LINES];
    size_t count;
    int code;
    while ((code = reader_take(&job->reader, WINDOW_LINES, WINDOW_BYTES, lines, &count)) == 0 && count)
        for (size_t i = 0; i < count; i++)
            if ((code = measure_line(job, &lines[i])) != 0)
                return code;
    return code;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

struct rank {
    size_t index;
    const char *name;
    double share;
};

static int by_share(const void *a, const void *b)
{
    const struct rank *r = a, *s = b;
    const int names = strcmp(r->name, s->name);
    if (names)
        return names;
    return r->share != s->share ? (r->share < s->share) - (r->share > s->share) : (r->index > s->index) - (r->index < s->index);
}

static void write_quality(struct job *job, const struct head_alignment *alignment)
{
    const double quality = head_alignment_quality(alignment);
    if (quality < 0)
        writer_print(&job->writer, " %8s", "-");
    else
        writer_print(&job->writer, " %8.1f", 100 * (1 - quality));
}

static void write_row(struct job *job, int kind, const struct rank *rank)
{
    const struct head_stats *s = &job->stats[kind][rank->index];
    const double n = s->queries ? (double)s->queries : 1, percent = 100 / n;
    writer_print(&job->writer, "%5zu %4zu  %7.2f %8.1f %5.0f %5.0f %5.0f %5.0f %5.0f %5.0f", rank->index / job->heads[kind],
                 rank->index % job->heads[kind], fabs(s->entropy / n), s->distance / n, s->own * percent,
                 s->previous * percent, s->next * percent, s->edge * percent, s->punctuation * percent, s->tag * percent);
    if (kind == DRAGOMAN_CROSS) {
        write_quality(job, &s->written);
        write_quality(job, &s->read);
    }
    writer_print(&job->writer, rank->share < 0 ? "  %s\n" : "  %s (%.0f%%)\n", rank->name, 100 * rank->share);
}

static int write_kind(struct job *job, int kind)
{
    const size_t count = job->layers[kind] * job->heads[kind];
    struct rank *ranks = malloc(count * sizeof *ranks);
    if (!ranks)
        return out_of_memory();
    for (size_t i = 0; i < count; i++) {
        ranks[i].index = i;
        ranks[i].name = head_stats_name(&job->stats[kind][i], (enum dragoman_attention_kind)kind, &ranks[i].share);
    }
    qsort(ranks, count, sizeof *ranks, by_share);
    writer_print(&job->writer, "\n%s\nlayer head  entropy distance  %s  prev  next %5s punct   tag%s  mostly\n",
                 kind_names[kind], kind == DRAGOMAN_CROSS ? "diag" : " own",
                 kind == DRAGOMAN_DECODER_SELF ? "<s>" : "</s>", kind == DRAGOMAN_CROSS ? "  written     read" : "");
    for (size_t i = 0; i < count; i++)
        write_row(job, kind, &ranks[i]);
    free(ranks);
    return 0;
}

static int write_report(struct job *job)
{
    int code = 0;
    writer_print(&job->writer, "%zu lines, %zu sentences, %zu source and %zu target pieces\n", job->lines, job->sentences,
                 job->source_pieces, job->target_pieces);
    if (!job->sentences)
        return 0;
    writer_print(&job->writer,
                 "entropy: bits; distance: pieces; the rest: percent of the probability\n"
                 "written, read: alignment error rate, percent, by the step that writes a word and by the\n"
                 "one that reads it, against %zu %s\n",
                 job->wanted, job->linked ? "links given"
                                          : "names and numbers that are the same in both texts");
    for (int kind = 0; kind < DRAGOMAN_ATTENTION_KINDS && !code; kind++)
        code = write_kind(job, kind);
    return code;
}

/* ---- the command ---------------------------------------------------------------------------------------------- */

/* One thread by default: a line at a time is too little work for more. */
static int prepare(struct job *job)
{
    struct options input = *job->options;
    dragoman_error error = {0};
    input.input = input.report;
    int code = reader_open(&job->reader, &input);
    if (!code)
        code = model_load(&job->loaded, input.model);
    if (!code)
        code = model_language(job->loaded.model, input.target, &job->how.target);
    if (!code && !(job->session = dragoman_session_open(job->loaded.model, input.threads ? input.threads : 1, &error))) {
        message("%s", error.message);
        code = error.code;
    }
    for (int kind = 0; kind < DRAGOMAN_ATTENTION_KINDS && !code; kind++) {
        dragoman_model_heads(job->loaded.model, (enum dragoman_attention_kind)kind, &job->layers[kind], &job->heads[kind]);
        job->stats[kind] = calloc(job->layers[kind] * job->heads[kind], sizeof *job->stats[kind]);
        code = job->stats[kind] ? 0 : out_of_memory();
    }
    return code ? code : writer_open(&job->writer, input.output);
}

int attend_report(const struct options *options)
{
    struct job job = {.options = options, .writer = {.fd = -1}, .reader = {.fd = -1}};
    int code = prepare(&job);
    if (!code)
        code = measure_file(&job);
    if (!code)
        code = write_report(&job);
    code = writer_close(&job.writer, code);
    for (int kind = 0; kind < DRAGOMAN_ATTENTION_KINDS; kind++)
        free(job.stats[kind]);
    free(job.pairs);
    free(job.links);
    dragoman_session_close(job.session);
    model_unload(&job.loaded);
    reader_close(&job.reader);
    return code;
}
