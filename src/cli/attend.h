/* dragoman attend: what its parts share. Shapes as in dragoman.h: a map has a row a query and a column a key. */
#ifndef CLI_ATTEND_H
#define CLI_ATTEND_H

#include <stdbool.h>

#include "../dragoman.h"
#include "reader.h"
#include "writer.h"

/* What --kind, --layer and --head choose. */
struct selection {
    enum dragoman_attention_kind kind;
    size_t layer, head; /* head: MEAN_HEAD, EVERY_HEAD too */
};
#define MEAN_HEAD SIZE_MAX
#define EVERY_HEAD (SIZE_MAX - 1)

/* "encoder self-attention" and so on. */
extern const char *const kind_names[DRAGOMAN_ATTENTION_KINDS];

/* The probability at a row and a column; MEAN_HEAD: the mean over the layer's heads. */
float attend_probability(const dragoman_attention *attention, const struct selection *which, size_t row, size_t column);
/* The pieces that the rows and the columns of a map stand for. */
const char *const *attend_rows(const dragoman_attention *attention, enum dragoman_attention_kind kind);
const char *const *attend_columns(const dragoman_attention *attention, enum dragoman_attention_kind kind);

/* How a terminal, or what is none, is to be written to. */
struct screen {
    enum { SCREEN_ASCII, SCREEN_256, SCREEN_TRUE } colours;
    size_t width; /* columns */
};
/* By NO_COLOR, TERM, COLORTERM, the size of the terminal fd, COLUMNS. */
struct screen screen_find(int fd);
/* The bytes that begin a cell's colour, or the character that shades it: for a share from 0 to 1. */
void screen_begin(const struct screen *screen, float share, char *bytes, size_t size);
char screen_shade(float share);
#define SCREEN_END "\033[0m"

/* The map, or with EVERY_HEAD the maps side by side. */
void attend_write_map(struct writer *writer, const dragoman_attention *attention, const struct selection *which,
                      const struct screen *screen);
/* A JSON document: begin, any number of texts' sentences, end. */
void attend_json_begin(struct writer *writer, const char *model);
void attend_json_sentences(struct writer *writer, const dragoman_attention *sentences, size_t count, bool first);
void attend_json_end(struct writer *writer);
/* The i-th text's word pairs as Pharaoh wrote them, "0-0 1-2", with the line's ending. */
void attend_write_pairs(struct writer *writer, const dragoman_session *session, size_t i, const struct line *line);

/* dragoman attend --report: an exit code. */
int attend_report(const struct options *options);

#endif
