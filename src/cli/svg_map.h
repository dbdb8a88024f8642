/* One map in an SVG figure, without its labels. All lengths are whole pixels. */
#ifndef CLI_SVG_MAP_H
#define CLI_SVG_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "attend.h"

enum { SVG_LEVELS = 50 }; /* a shade a 2 % */

/* The shade of a level from 0 to SVG_LEVELS, "#rrggbb": from white to a blue that is nearly black, its lightness going
 * one way, so that it reads in grey as well. */
void svg_level_color(size_t level, char color[8]);

struct svg_map {
    const dragoman_attention *sentence;
    struct selection which;
    size_t x, y, cell; /* the left upper corner, and the size of a cell */
};

/* Draw the cells with hairlines between them, the mask of the decoder's (a fill named "masked") and a frame; numbers:
 * the weights from 10 % on in percent as well. */
void svg_map_draw(FILE *out, const struct svg_map *map, bool numbers);

#endif
