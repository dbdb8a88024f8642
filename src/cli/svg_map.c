#include "svg_map.h"

void svg_level_color(size_t level, char color[8])
{
    static const unsigned char stops[][3] = {
        {255, 255, 255}, {181, 205, 232}, {106, 159, 208}, {42, 105, 170}, {10, 39, 87}};
    const size_t segments = sizeof stops / sizeof *stops - 1, at = level * segments / SVG_LEVELS;
    const size_t next = at < segments ? at + 1 : at, share = level * segments - at * SVG_LEVELS;
    unsigned c[3];
    for (int i = 0; i < 3; i++)
        c[i] = (unsigned)((stops[at][i] * (SVG_LEVELS - share) + stops[next][i] * share + SVG_LEVELS / 2) / SVG_LEVELS);
    snprintf(color, 8, "#%02x%02x%02x", c[0], c[1], c[2]);
}

static size_t weight_level(float weight)
{
    return weight >= 1 ? SVG_LEVELS : weight > 0 ? (size_t)(weight * SVG_LEVELS + 0.5F) : 0;
}

static size_t map_rows(const struct svg_map *m)
{
    return m->sentence->rows[m->which.kind];
}

static size_t map_columns(const struct svg_map *m)
{
    return m->sentence->columns[m->which.kind];
}

/* A path for each shade, so that a figure of many heads stays small. */
static void draw_cells(FILE *out, const struct svg_map *m)
{
    const size_t c = m->cell, rows = map_rows(m), columns = map_columns(m);
    for (size_t level = 1; level <= SVG_LEVELS; level++) {
        bool any = false;
        for (size_t row = 0; row < rows; row++)
            for (size_t column = 0; column < columns; column++) {
                if (weight_level(attend_probability(m->sentence, &m->which, row, column)) != level)
                    continue;
                char color[8];
                svg_level_color(level, color);
                if (!any)
                    fprintf(out, "<path fill=\"%s\" d=\"", color);
                fprintf(out, "M%zu %zuh%zuv%zuh-%zuz", m->x + column * c, m->y + row * c, c, c, c);
                any = true;
            }
        if (any)
            fputs("\"/>\n", out);
    }
}

/* The cells right of the diagonal, hatched. */
static void draw_mask(FILE *out, const struct svg_map *m)
{
    const size_t rows = map_rows(m), columns = map_columns(m);
    if (rows < 2)
        return;
    fprintf(out, "<path fill=\"url(#masked)\" d=\"M%zu %zuH%zuV%zu", m->x + m->cell, m->y, m->x + columns * m->cell,
            m->y + (rows - 1) * m->cell);
    for (size_t row = rows - 1; row > 1; row--)
        fprintf(out, "H%zuV%zu", m->x + row * m->cell, m->y + (row - 1) * m->cell);
    fprintf(out, "H%zuz\"/>\n", m->x + m->cell);
}

/* Hairlines between the cells, under them. */
static void draw_hairs(FILE *out, const struct svg_map *m)
{
    const size_t rows = map_rows(m), columns = map_columns(m);
    fputs("<path class=\"hair\" d=\"", out);
    for (size_t row = 1; row < rows; row++)
        fprintf(out, "M%zu %zuh%zu", m->x, m->y + row * m->cell, columns * m->cell);
    for (size_t column = 1; column < columns; column++)
        fprintf(out, "M%zu %zuv%zu", m->x + column * m->cell, m->y, rows * m->cell);
    fputs("\"/>\n", out);
}

/* The weights from 10 % on, in percent. */
static void draw_numbers(FILE *out, const struct svg_map *m)
{
    const size_t rows = map_rows(m), columns = map_columns(m);
    fprintf(out, "<g font-size=\"%zu\" text-anchor=\"middle\">\n", m->cell * 2 / 5);
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++) {
            const float weight = attend_probability(m->sentence, &m->which, row, column);
            if (weight >= 0.1F)
                fprintf(out, "<text x=\"%zu\" y=\"%zu\"%s>%d</text>\n", m->x + column * m->cell + m->cell / 2,
                        m->y + row * m->cell + m->cell * 16 / 25, weight > 0.66F ? " fill=\"#fff\"" : "",
                        (int)(100 * weight + 0.5F));
        }
    fputs("</g>\n", out);
}

void svg_map_draw(FILE *out, const struct svg_map *m, bool numbers)
{
    draw_hairs(out, m);
    fputs("<g shape-rendering=\"crispEdges\">\n", out);
    draw_cells(out, m);
    if (m->which.kind == DRAGOMAN_DECODER_SELF)
        draw_mask(out, m);
    fprintf(out, "<rect class=\"frame\" x=\"%zu\" y=\"%zu\" width=\"%zu\" height=\"%zu\"/>\n</g>\n", m->x, m->y,
            map_columns(m) * m->cell, map_rows(m) * m->cell);
    if (numbers)
        draw_numbers(out, m);
}
