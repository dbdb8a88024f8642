/* `make bench`: what one core of this machine can do at most, and what Dragoman makes of it.
 *
 *   peak.c, memory.c                  the most that a core multiplies and reads
 *   kernels.c                         what share of that each kernel reaches
 *   text.c, random_model.c            what is translated, and with what
 *   process.c, program.c, start.c     the whole program from outside
 *   layers.c, timing.c                where its time goes
 *   touch.c                           a program of its own: the least that starting could take
 *
 * Every part prints what it finds and adds it to one JSON object. Machines drift, so what is compared is measured in
 * turn. Of peaks the best sample counts, of all else the median: noise makes shares smaller, never greater.
 */
#ifndef BENCH_H
#define BENCH_H

#include <cjson/cJSON.h>

#include "../../src/opened_model.h"

struct settings {
    const char *program, *model, *target; /* target: a language to ask for, or NULL */
    const char *baseline, *baseline_model; /* another build to compare with, or NULL */
    const char *random;                    /* "tiny", "base" or NULL: no model file is needed */
    const char *json;
    const char *touch; /* the program of touch.c */
    bool quick;
    size_t lines; /* of the text */
    int cores;
};

/* ---- measure.c: time, statistics, output --------------------------------------------------------------------- */

double now(void); /* seconds */
double median(double *values, size_t count); /* sorts them */
static inline double greater(double a, double b) { return a > b ? a : b; }
/* Print why, and end the program with status 1. */
_Noreturn void stop(const char *format, ...) __attribute__((format(printf, 1, 2)));
void *room(size_t count, size_t bytes); /* calloc() that can't fail */
void random_bytes(void *bytes, size_t size, uint64_t *state); /* state: any number but 0 */
cJSON *add_row(cJSON *array);
void add_number(cJSON *row, const char *name, double value); /* four digits; null for NaN */

/* What the figures ought to be. found is NaN where it was not measured. */
void target_add(cJSON *json, const char *what, double found, bool at_least, double wanted);
void targets_print(const cJSON *json);

/* ---- peak.c -------------------------------------------------------------------------------------------------- */

/* A loop of independent instructions on registers. */
struct loop {
    const char *table, *instructions;
    double products; /* multiplications (each with its addition) of a turn */
    void (*run)(size_t turns, const void *operands);
};
/* The densest loop of int8 products that the table's instruction set has, and of float ones; NULL for a table that
 * has no such loop here. */
const struct loop *peak_dot(const char *table);
const struct loop *peak_fma(const char *table);
double peak_sample(const struct loop *loop); /* products a second, measured once, in about 0.2 ms */
void peaks_run(cJSON *json);

/* ---- memory.c ------------------------------------------------------------------------------------------------ */

/* Memory to go round in, piece by piece, as the program goes through its weights. */
struct pool {
    char *bytes;
    size_t size, at;
};
struct pool pool_open(size_t size);
void pool_close(struct pool *pool);
const char *pool_next(struct pool *pool, size_t bytes);
double pool_read_sample(struct pool *pool); /* bytes a second, measured once over the next part of it */

size_t cache_size(int level); /* bytes of the first core's data cache of level 1, 2 or 3; 0 if there is none */
const char *level_name(size_t bytes); /* the smallest of L1, L2, L3, memory that holds so many */
void memory_run(const struct settings *settings, cJSON *json);

/* ---- kernels.c ----------------------------------------------------------------------------------------------- */

/* The shares of the products of every table; the targets too. */
void kernels_run(const struct settings *settings, const struct config *config, cJSON *json);

/* ---- text.c, random_model.c ---------------------------------------------------------------------------------- */

struct text {
    char path[64];
    dragoman_text *lines; /* (count) */
    size_t count, words;
};
size_t words_count(dragoman_text line);
/* Write `count` lines made of the test's sentences to a file and read them back. */
struct text text_sentences(size_t count, cJSON *json);
/* The same of a file that is there. */
struct text text_read(const char *path, cJSON *json);
void text_free(struct text *text);

enum { RANDOM_WORDS = 30 }; /* of a line: 32 ids with tag and end, so 74 of output */
/* Write a model of random weights that never ends a sentence, and lines for it. name: "tiny" or "base". */
void random_model_write(const char *name, const char *model_path, const char *text_path, size_t lines);

/* ---- process.c ----------------------------------------------------------------------------------------------- */

struct command {
    const char *program, *model, *target;
    int threads; /* 0: the program's default */
};
struct usage {
    double seconds, cpu_seconds, peak_mb; /* cpu: of all threads, user and system */
    size_t lines;                         /* of command_lines() */
};
/* Translate a file. */
struct usage command_file(const struct command *command, const char *path);
/* Translate lines, each sent when the one before has been answered; no more of them after so many seconds. */
struct usage command_lines(const struct command *command, const dragoman_text *lines, size_t count, double limit);
/* Seconds from exec to the first line of output. */
double command_first(char *const *arguments);

/* ---- program.c ----------------------------------------------------------------------------------------------- */

struct program;
/* Measure the whole program. Begin with this: the peak memory that the system tells of a process is never less than
 * that of the one which started it. */
struct program *program_run(const struct settings *settings, const struct text *text);
/* What later parts need: seconds of a run in one thread, those of the processor, and the peak of int8 products (a second)
 * in turn with it. */
double program_seconds(const struct program *program);
double program_cpu_seconds(const struct program *program);
double program_peak(const struct program *program);
/* Print it; the model counts the tokens. */
void program_report(struct program *program, const struct settings *settings, const dragoman_model *model,
                    const struct text *text, cJSON *json);
void program_free(struct program *program);

/* ---- start.c, layers.c, timing.c ----------------------------------------------------------------------------- */

/* From exec to the first translation of a short sentence. */
void start_run(const struct settings *settings, const char *sentence, cJSON *json);
/* Where the time of one thread goes; the model's kernels are replaced meanwhile. */
void layers_run(const struct settings *settings, dragoman_model *model, const struct text *text,
                struct program *program, cJSON *json);

/* The kinds of work, each attention's heads right after its projections. */
enum kind {
    EMBEDDING, ENCODER_PROJECTIONS, ENCODER_HEADS, ENCODER_FFN, ENCODER_NORMS, MEMORY_PROJECTIONS, SELF_PROJECTIONS,
    SELF_HEADS, CROSS_PROJECTIONS, CROSS_HEADS, DECODER_FFN, DECODER_NORMS, OUTPUT, SEARCH, QUANTIZING, STORING, KINDS
};
struct timing {
    double seconds[KINDS], products[KINDS]; /* multiplications of weights and inputs */
    double products_i8;                     /* those of int8, all kinds together */
};
/* Begin to time the kernels of a model that one thread uses; end, and put its own kernels back. */
void timing_begin(struct model *model);
struct timing timing_end(void);

#endif
