/* The pieces of a sentence as labels in a figure. */
#ifndef CLI_ATTEND_LABELS_H
#define CLI_ATTEND_LABELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "../dragoman.h"

struct label {
    char text[512]; /* as it stands in XML; a long piece is cut, with an ellipsis */
    size_t width;   /* in hundredths of the font's size; estimated, fonts differ */
    bool tag;       /* no text: a language tag, a mark of beginning or end */
};

/* The word that piece i of a row of pieces (attend_rows(), attend_columns()) belongs to, SIZE_MAX for a tag. */
size_t attend_word(const dragoman_attention *attention, const char *const *pieces, size_t i);

/* The label of a piece whose word is `word` (SIZE_MAX: a tag). A piece that continues a word starts with a dot. */
void label_make(struct label *label, const char *piece, size_t word);

/* Draw it with its base line at (x, y); upright: turned by a quarter, reading upwards. */
void label_draw(FILE *out, const struct label *label, size_t x, size_t y, bool upright);

/* Text in XML, without what XML can't hold. */
void put_xml(FILE *out, const char *bytes, size_t length);

#endif
