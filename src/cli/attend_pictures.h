/* The pictures that dragoman attend writes: --svg, --html. */
#ifndef CLI_ATTEND_PICTURES_H
#define CLI_ATTEND_PICTURES_H

#include "attend_html.h"
#include "attend_svg.h"
#include "options.h"

struct attend_pictures {
    bool svg, html; /* asked for */
    struct writer svg_writer, html_writer;
    struct attend_figure figure;
    struct attend_page page;
};

/* Each returns 0, or an exit code (after a message), or CLOSED_PIPE. attend_pictures_close() in any case: with code 0 it
 * puts the files in their places, with another it leaves nothing behind and returns that code. */
int attend_pictures_open(struct attend_pictures *pictures, const struct options *options,
                         const struct selection *which);
int attend_pictures_add(struct attend_pictures *pictures, const dragoman_attention *sentences, size_t count);
int attend_pictures_close(struct attend_pictures *pictures, int code, const struct options *options);

#endif
