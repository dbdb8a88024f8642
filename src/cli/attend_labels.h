/* Pieces as people are to read them, in figures and pages. */
#ifndef CLI_ATTEND_LABELS_H
#define CLI_ATTEND_LABELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "../dragoman.h"

struct label {
    char text[256]; /* UTF-8; a long piece is cut, with an ellipsis */
    size_t width;   /* in hundredths of the font's size; estimated, fonts differ */
    bool joined;    /* it continues a word; written with a dot before it */
    bool tag;       /* no text: a language tag, a mark of beginning or end */
};

/* Make the label of pieces[i]; pieces is one of the three lists of the sentence. A byte piece ("<0xC3>") becomes its
 * character, with its number among the character's bytes if those are several: "ä 1/2". */
void label_make(struct label *label, const dragoman_attention *sentence, const char *const *pieces, size_t i);

/* Draw it in SVG with its base line at (x, y); upright: turned by a quarter, reading upwards. */
void label_draw(FILE *out, const struct label *label, size_t x, size_t y, bool upright);

/* Text in XML, without what XML can't hold. */
void put_xml(FILE *out, const char *bytes, size_t length);

#endif
