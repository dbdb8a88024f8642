/* Lengths are whole pixels; those of texts are estimates. */
#include "attend_svg.h"

#include <stdlib.h>
#include <string.h>

#include "attend_labels.h"
#include "message.h"
#include "svg_map.h"

enum {
    MARGIN = 12,
    GAP = 14,         /* between maps */
    TITLE = 26,       /* height of a sentence's title */
    HEAD_TITLE = 18,  /* of a map's, where there are several */
    AXIS = 18,        /* of an axis' title */
    AXIS_TITLE = 150, /* its length, at most */
    LEGEND = 300,     /* its width, at most */
    WANTED_WIDTH = 1000,
    NUMBER_CELL = 20, /* cells from this size on have room for a number */
};

static const char ARROW_LEFT[] = "\342\206\220", ARROW_RIGHT[] = "\342\206\222";

/* How the maps of a sentence are laid out. */
struct layout {
    const dragoman_attention *a;
    struct selection which; /* the first map */
    size_t maps;            /* the others are the heads that follow */
    size_t rows, columns;   /* of a map, in cells */
    size_t cell, font;
    size_t across;                 /* maps side by side */
    size_t left, top;              /* the first map's corner */
    size_t step_across, step_down; /* from one map to the next */
    struct label *queries, *keys;  /* (rows), (columns) */
};

/* ---- a sentence ----------------------------------------------------------------------------------------------- */

static void draw_map(const struct attend_figure *figure, const struct layout *l, size_t i)
{
    struct svg_map map = {.sentence = l->a, .which = l->which, .cell = l->cell};
    map.x = l->left + i % l->across * l->step_across;
    map.y = l->top + i / l->across * l->step_down;
    map.which.head += i;
    if (l->maps > 1)
        fprintf(figure->body, "<text x=\"%zu\" y=\"%zu\">head %zu</text>\n", map.x,
                i < l->across ? figure->height + TITLE + AXIS + 12 : map.y - 5, map.which.head);
    svg_map_draw(figure->body, &map, l->maps == 1 && l->cell >= NUMBER_CELL);
}

static size_t most_width(const struct label *labels, size_t count)
{
    size_t most = 0;
    for (size_t i = 0; i < count; i++)
        most = labels[i].width > most ? labels[i].width : most;
    return most;
}

static void draw_labels(FILE *out, const struct layout *l)
{
    const size_t middle = l->cell / 2 + l->font * 7 / 20; /* from a cell's edge to its label's base line */
    const size_t down = (l->maps + l->across - 1) / l->across;
    fprintf(out, "<g font-size=\"%zu\" text-anchor=\"end\">\n", l->font);
    for (size_t i = 0; i < down; i++)
        for (size_t row = 0; row < l->rows; row++)
            label_draw(out, &l->queries[row], l->left - 5, l->top + i * l->step_down + row * l->cell + middle, false);
    fprintf(out, "</g>\n<g font-size=\"%zu\">\n", l->font);
    for (size_t i = 0; i < l->across; i++)
        for (size_t column = 0; column < l->columns; column++)
            label_draw(out, &l->keys[column], l->left + i * l->step_across + column * l->cell + middle, l->top - 5,
                       true);
    fputs("</g>\n", out);
}

/* The titles of the sentence and of both axes; the width that the first takes. */
static size_t draw_titles(const struct attend_figure *figure, const struct layout *l)
{
    static const char *const names[] = {"Encoder self-attention", "Masked decoder self-attention", "Cross-attention"};
    static const char *const axes[][2] = {{"queries: source", "keys: source"},
                                          {"queries: what was read", "keys: what was read"},
                                          {"queries: translation", "keys: source"}};
    const int kind = l->which.kind;
    char title[120], heads[40] = "";
    if (l->which.head == MEAN_HEAD)
        snprintf(heads, sizeof heads, ", mean of %zu heads", l->a->heads[kind]);
    else if (l->maps == 1)
        snprintf(heads, sizeof heads, ", head %zu", l->which.head);
    snprintf(title, sizeof title, "%s, layer %zu%s", names[kind], l->which.layer, heads);
    fprintf(figure->body, "<text class=\"title\" x=\"%d\" y=\"%zu\">%s</text>\n", MARGIN, figure->height + 16, title);
    fprintf(figure->body, "<text class=\"axis\" x=\"%zu\" y=\"%zu\">%s %s</text>\n", l->left,
            figure->height + TITLE + 10, axes[kind][1], ARROW_RIGHT);
    fprintf(figure->body,
            "<text class=\"axis\" text-anchor=\"end\" transform=\"translate(%d %zu)rotate(-90)\">%s %s</text>\n",
            MARGIN + 10, l->top, ARROW_LEFT, axes[kind][0]);
    return strlen(title) * 9;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Sizes and places, for a sentence below what is drawn. */
static void lay_out(struct layout *l, const struct attend_figure *figure)
{
    const bool several = l->maps > 1;
    const size_t longest = larger(l->rows, l->columns);
    const size_t least = several ? 8 : 10, most = several ? 15 : 30, wanted = (several ? 190 : 600) / longest;
    l->cell = wanted < least ? least : wanted > most ? most : wanted;
    l->font = l->cell - l->cell / 8 < 13 ? l->cell - l->cell / 8 : 13;
    l->left = MARGIN + AXIS + 5 + most_width(l->queries, l->rows) * l->font / 100;
    l->top = figure->height + TITLE + AXIS + (several ? HEAD_TITLE : 0) + 5;
    l->top += most_width(l->keys, l->columns) * l->font / 100;
    l->step_across = l->columns * l->cell + GAP;
    l->step_down = l->rows * l->cell + GAP + HEAD_TITLE;
    l->across = (WANTED_WIDTH + GAP) / l->step_across;
    l->across = l->across < 1 ? 1 : l->across > 4 ? 4 : l->across;
    l->across = l->across < l->maps ? l->across : l->maps;
}

static void draw_sentence(struct attend_figure *figure, struct layout *l)
{
    lay_out(l, figure);
    fputs("<g>\n<desc>", figure->body);
    put_xml(figure->body, l->a->source.bytes, l->a->source.length);
    fprintf(figure->body, " %s ", ARROW_RIGHT);
    put_xml(figure->body, l->a->translation.bytes, l->a->translation.length);
    fputs("</desc>\n", figure->body);
    const size_t title = draw_titles(figure, l);
    for (size_t i = 0; i < l->maps; i++)
        draw_map(figure, l, i);
    draw_labels(figure->body, l);
    fputs("</g>\n", figure->body);
    const size_t maps_across = l->across * l->step_across - GAP;
    const size_t maps_down = (l->maps + l->across - 1) / l->across * l->step_down - HEAD_TITLE - GAP;
    const size_t right = larger(MARGIN + title, l->left + larger(maps_across, AXIS_TITLE));
    figure->width = larger(figure->width, right + MARGIN);
    figure->height = l->top + larger(maps_down, AXIS_TITLE) + 2 * GAP;
}

static void make_labels(struct layout *l)
{
    const char *const *rows = attend_rows(l->a, l->which.kind), *const *columns = attend_columns(l->a, l->which.kind);
    for (size_t row = 0; row < l->rows; row++)
        label_make(&l->queries[row], l->a, rows, row);
    for (size_t column = 0; column < l->columns; column++)
        label_make(&l->keys[column], l->a, columns, column);
}

int attend_figure_sentence(struct attend_figure *figure, const dragoman_attention *a)
{
    const enum dragoman_attention_kind kind = figure->which.kind;
    struct layout l = {.a = a, .which = figure->which, .maps = 1, .rows = a->rows[kind], .columns = a->columns[kind]};
    if (l.which.head == EVERY_HEAD) {
        l.which.head = 0;
        l.maps = a->heads[kind];
    }
    l.queries = malloc(l.rows * sizeof *l.queries);
    l.keys = malloc(l.columns * sizeof *l.keys);
    const bool there = l.queries && l.keys;
    if (there) {
        make_labels(&l);
        draw_sentence(figure, &l);
    }
    free(l.queries);
    free(l.keys);
    return there ? 0 : out_of_memory();
}

/* ---- the figure ----------------------------------------------------------------------------------------------- */

static void draw_legend(struct attend_figure *figure)
{
    enum { STEP = 3, HEIGHT = 10 };
    FILE *out = figure->body;
    const size_t y = figure->height, x = MARGIN;
    fputs("<g class=\"legend\">\n<g shape-rendering=\"crispEdges\">\n", out);
    for (size_t level = 0; level <= SVG_LEVELS; level++) {
        char color[8];
        svg_level_color(level, color);
        fprintf(out, "<rect x=\"%zu\" y=\"%zu\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", x + level * STEP, y, STEP,
                HEIGHT, color);
    }
    fprintf(out, "<rect class=\"frame\" x=\"%zu\" y=\"%zu\" width=\"%d\" height=\"%d\"/>\n", x, y,
            (SVG_LEVELS + 1) * STEP, HEIGHT);
    if (figure->masked)
        fprintf(out, "<rect class=\"frame hatched\" x=\"%zu\" y=\"%zu\" width=\"22\" height=\"%d\"/>\n", x + 190, y,
                HEIGHT);
    fputs("</g>\n", out);
    for (size_t tick = 0; tick <= 4; tick++)
        fprintf(out, "<text text-anchor=\"middle\" x=\"%zu\" y=\"%zu\">%zu</text>\n",
                x + tick * SVG_LEVELS * STEP / 4 + 2, y + HEIGHT + 11, 25 * tick);
    fprintf(out, "<text x=\"%zu\" y=\"%zu\">attention weight, in %%</text>\n", x, y + HEIGHT + 24);
    if (figure->masked)
        fprintf(out, "<text x=\"%zu\" y=\"%zu\">masked</text>\n", x + 217, y + 9);
    fputs("</g>\n", out);
    figure->height = y + HEIGHT + 24 + MARGIN;
    figure->width = larger(figure->width, LEGEND);
}

int attend_figure_begin(struct attend_figure *figure, const struct selection *which)
{
    *figure = (struct attend_figure){.which = *which, .height = MARGIN, .masked = which->kind == DRAGOMAN_DECODER_SELF};
    figure->body = open_memstream(&figure->body_text, &figure->body_length);
    return figure->body ? 0 : out_of_memory();
}

static const char HEADER[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" height=\"%zu\" viewBox=\"0 0 %zu %zu\" role=\"img\""
    " font-family=\"Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif\" font-size=\"11\">\n"
    "<title>Attention: the weight that each query (row) gives each key (column)</title>\n"
    "<style>.title{font-size:14px;font-weight:bold}.axis{font-style:italic;fill:#444}.tag{font-style:italic;fill:#555}"
    ".hair{fill:none;stroke:#ddd;stroke-width:.5}.frame{fill:none;stroke:#444}.hatched{fill:url(#masked)}</style>\n"
    "<defs><pattern id=\"masked\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\">"
    "<path d=\"M-1 1L1 -1M0 4L4 0M3 5L5 3\" stroke=\"#999\" stroke-width=\".7\"/></pattern></defs>\n"
    "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n";

int attend_figure_end(struct attend_figure *figure, struct writer *writer)
{
    char *header = NULL;
    if (!figure->body)
        return 0;
    draw_legend(figure);
    const bool drawn = fclose(figure->body) == 0;
    const size_t width = figure->width, height = figure->height;
    const int length = asprintf(&header, HEADER, width, height, width, height);
    if (drawn && length >= 0 && writer) {
        writer_put(writer, header, (size_t)length);
        writer_put(writer, figure->body_text, figure->body_length);
        writer_put(writer, "</svg>\n", 7);
    }
    if (length >= 0)
        free(header);
    free(figure->body_text);
    *figure = (struct attend_figure){0};
    return drawn && length >= 0 ? 0 : out_of_memory();
}
