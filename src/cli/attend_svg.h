/* dragoman attend --svg: a figure of one head, of the mean, or of all heads of a layer side by side. */
#ifndef CLI_ATTEND_SVG_H
#define CLI_ATTEND_SVG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "attend.h"

/* A figure that is being drawn: sentences one below another. Lengths are in pixels. */
struct attend_figure {
    struct selection which;
    FILE *body;           /* writes to body_text */
    char *body_text;      /* malloc'ed */
    size_t body_length;
    size_t width, height; /* of what is drawn so far */
    bool masked;          /* it shows a mask */
};

/* Each returns 0, or an exit code after a message. */
int attend_figure_begin(struct attend_figure *figure, const struct selection *which);
int attend_figure_sentence(struct attend_figure *figure, const dragoman_attention *sentence);
/* Write the figure to an open writer (NULL: don't), and free it. Errors of writing wait in the writer. */
int attend_figure_end(struct attend_figure *figure, struct writer *writer);

#endif
