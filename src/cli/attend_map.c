/* Heat maps of attention on the terminal: keys along the top, queries down the side. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "attend.h"
#include "message.h"

enum { LABEL_WIDTH = 16, CELL_WIDTH = 3, GAP = 2 };
static const char SPACE[] = "\xE2\x96\x81";       /* U+2581, a blank in pieces */
static const char LEFT_TO_RIGHT[] = "\xE2\x80\x8E"; /* U+200E: keeps a piece of Hebrew or Arabic in its place */

/* A map being written. */
struct map {
    FILE *file;
    const dragoman_attention *attention;
    struct selection which; /* head: never EVERY_HEAD */
    const struct screen *screen;
    const char *const *rows, *const *columns;
    size_t row_count, column_count, label_width;
    size_t at; /* columns of the line in use, in running text */
};

/* ---- labels --------------------------------------------------------------------------------------------------- */

/* The columns a piece takes; a character that a terminal must not get is shown as its bytes. */
static size_t piece_width(const char *piece)
{
    const size_t width = escaped_width(piece, strlen(piece));
    return width < LABEL_WIDTH ? width : LABEL_WIDTH;
}

static bool is_right_to_left(const char *piece)
{
    utf8proc_int32_t c;
    for (utf8proc_ssize_t n; (n = utf8proc_iterate((const utf8proc_uint8_t *)piece, -1, &c)) > 0 && c; piece += n) {
        const int class = utf8proc_get_property(c)->bidi_class;
        if (class == UTF8PROC_BIDI_CLASS_R || class == UTF8PROC_BIDI_CLASS_AL)
            return true;
    }
    return false;
}

/* Print as much of the piece as fits, and blanks up to the width. */
static void print_label(const struct map *map, const char *piece, size_t width)
{
    const char *isolate = is_right_to_left(piece) ? LEFT_TO_RIGHT : "";
    size_t used = 0;
    fputs(isolate, map->file);
    for (size_t n; *piece; piece += n) {
        utf8proc_int32_t c;
        const utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)piece, -1, &c);
        n = length > 0 ? (size_t)length : 1;
        const size_t columns = escaped_width(piece, n);
        if (used + columns > width)
            break;
        if (map->screen->colours == SCREEN_ASCII && strncmp(piece, SPACE, strlen(SPACE)) == 0)
            fputc('_', map->file);
        else
            print_escaped(map->file, piece, n);
        used += columns;
    }
    fprintf(map->file, "%s%*s", isolate, (int)(width - used), "");
}

/* Before something of that width in a running text: a blank, or a new line if it would not fit. */
static void make_room(struct map *map, size_t width)
{
    if (map->at && map->at + 1 + width > map->screen->width) {
        fputc('\n', map->file);
        map->at = 0;
    } else if (map->at) {
        fputc(' ', map->file);
        map->at++;
    }
    map->at += width;
}

static void print_title(struct map *map, size_t head)
{
    char title[100], *rest = title;
    const size_t H = map->attention->heads[map->which.kind];
    int length = snprintf(title, sizeof title, "%s, layer %zu, ", kind_names[map->which.kind], map->which.layer);
    if (head == EVERY_HEAD || head == MEAN_HEAD)
        snprintf(title + length, sizeof title - (size_t)length, head == MEAN_HEAD ? "mean of %zu heads" : "%zu heads", H);
    else
        snprintf(title + length, sizeof title - (size_t)length, "head %zu", head);
    fputc('\n', map->file);
    for (const char *word; (word = strtok_r(rest, " ", &rest));) {
        make_room(map, strlen(word));
        fputs(word, map->file);
    }
    fputc('\n', map->file);
    map->at = 0;
}

static size_t widest(const char *const *pieces, size_t count)
{
    size_t width = 0;
    for (size_t i = 0; i < count; i++)
        width = piece_width(pieces[i]) > width ? piece_width(pieces[i]) : width;
    return width;
}

/* ---- cells ---------------------------------------------------------------------------------------------------- */

/* A cell of `width` columns, with the percentage if it is to show one and there is colour to tell it by. */
static void print_cell(const struct map *map, float share, size_t width, bool number)
{
    char begin[64];
    if (map->screen->colours == SCREEN_ASCII) {
        for (size_t i = 0; i < width; i++)
            fputc(number && i == 0 ? ' ' : screen_shade(share), map->file);
        return;
    }
    screen_begin(map->screen, share, begin, sizeof begin);
    if (number && share >= 0.005f)
        fprintf(map->file, "%s%*.0f" SCREEN_END, begin, (int)width, (double)share * 100);
    else
        fprintf(map->file, "%s%*s" SCREEN_END, begin, (int)width, "");
}

static void print_legend(struct map *map)
{
    static const float shares[] = {0, 0.01f, 0.05f, 0.1f, 0.25f, 0.5f, 0.75f, 1};
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        char number[16];
        const size_t digits = (size_t)snprintf(number, sizeof number, i ? "%.0f%%" : "%.0f", (double)shares[i] * 100);
        make_room(map, digits + 4);
        fprintf(map->file, "%s ", number);
        if (map->screen->colours == SCREEN_ASCII)
            fprintf(map->file, "'%c'", screen_shade(shares[i]));
        else
            print_cell(map, shares[i], 3, false);
    }
    fputc('\n', map->file);
}

static float share_at(const struct map *map, size_t row, size_t column)
{
    return attend_probability(map->attention, &map->which, row, column);
}

/* ---- one map -------------------------------------------------------------------------------------------------- */

static size_t column_width(const struct map *map, size_t column)
{
    const size_t width = piece_width(map->columns[column]);
    return width < CELL_WIDTH ? CELL_WIDTH : width;
}

/* The columns first .. end, which fit the screen. */
static void print_block(const struct map *map, size_t first, size_t end)
{
    fprintf(map->file, "%*s", (int)map->label_width, "");
    for (size_t j = first; j < end; j++) {
        fputc(' ', map->file);
        print_label(map, map->columns[j], column_width(map, j));
    }
    fputc('\n', map->file);
    for (size_t t = 0; t < map->row_count; t++) {
        print_label(map, map->rows[t], map->label_width);
        for (size_t j = first; j < end; j++)
            print_cell(map, share_at(map, t, j), column_width(map, j) + 1, true);
        fputc('\n', map->file);
    }
}

static void print_map(const struct map *map)
{
    for (size_t first = 0, end; first < map->column_count; first = end) {
        size_t width = map->label_width;
        for (end = first; end < map->column_count; end++) {
            width += column_width(map, end) + 1;
            if (width > map->screen->width && end > first)
                break;
        }
        print_block(map, first, end);
        if (end < map->column_count)
            fputc('\n', map->file);
    }
}

/* ---- every head ----------------------------------------------------------------------------------------------- */

/* The columns' pieces in a row, as wide as the screen. */
static void print_names(struct map *map)
{
    map->at = (size_t)fprintf(map->file, "from left to right:");
    for (size_t j = 0; j < map->column_count; j++) {
        make_room(map, piece_width(map->columns[j]));
        print_label(map, map->columns[j], piece_width(map->columns[j]));
    }
    fputs("\n\n", map->file);
    map->at = 0;
}

/* The maps of the heads first .. end side by side, each `slot` wide, the columns begin .. stop of each. */
static void print_heads(struct map *map, size_t first, size_t end, size_t slot, size_t begin, size_t stop, size_t cell)
{
    fprintf(map->file, "%*s", (int)map->label_width, "");
    for (size_t h = first; h < end; h++) {
        const int used = fprintf(map->file, "%*shead %zu", h > first ? GAP : 1, "", h) - (h > first ? GAP : 1);
        fprintf(map->file, "%*s", (int)slot > used ? (int)slot - used : 0, "");
    }
    fputc('\n', map->file);
    for (size_t t = 0; t < map->row_count; t++) {
        print_label(map, map->rows[t], map->label_width);
        for (map->which.head = first; map->which.head < end; map->which.head++) {
            fprintf(map->file, "%*s", map->which.head > first ? GAP : 1, "");
            for (size_t j = begin; j < stop; j++)
                print_cell(map, share_at(map, t, j), cell, false);
            fprintf(map->file, "%*s", (int)(slot - (stop - begin) * cell), "");
        }
        fputc('\n', map->file);
    }
    fputc('\n', map->file);
}

static void print_all_heads(struct map *map)
{
    enum { TITLE = 7 };
    const size_t heads = map->attention->heads[map->which.kind], room = map->screen->width - map->label_width - 1;
    const size_t cell = map->screen->colours != SCREEN_ASCII && 2 * (2 * map->column_count + GAP) <= room ? 2 : 1;
    const size_t fit = map->column_count * cell <= room ? map->column_count : room / cell;
    const size_t slot = fit * cell < TITLE ? TITLE : fit * cell, side = slot >= room ? 1 : (room + GAP) / (slot + GAP);
    print_names(map);
    for (size_t begin = 0; begin < map->column_count; begin += fit)
        for (size_t h = 0; h < heads; h += side)
            print_heads(map, h, h + side < heads ? h + side : heads, slot, begin,
                        begin + fit < map->column_count ? begin + fit : map->column_count, cell);
}

void attend_write_map(struct writer *writer, const dragoman_attention *a, const struct selection *which,
                      const struct screen *screen)
{
    char *text = NULL;
    size_t length = 0;
    struct map map = {open_memstream(&text, &length), a, *which, screen, attend_rows(a, which->kind),
                      attend_columns(a, which->kind), a->rows[which->kind], a->columns[which->kind], 0, 0};
    if (!map.file) {
        writer->error = ENOMEM;
        return;
    }
    map.label_width = widest(map.rows, map.row_count);
    if (map.label_width > screen->width / 2)
        map.label_width = screen->width / 2;
    print_title(&map, which->head);
    if (which->head == EVERY_HEAD)
        print_all_heads(&map);
    else
        print_map(&map);
    print_legend(&map);
    if (fclose(map.file) != 0)
        writer->error = ENOMEM;
    else
        writer_put(writer, text, length);
    free(text);
}
