/* What a terminal can show, and the colours and characters of a heat map. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "attend.h"

enum { WIDTH_UNKNOWN = 80, WIDTH_LEAST = 20, WIDTH_MOST = 10000 };

static size_t find_width(int fd)
{
    struct winsize size = {0};
    const char *columns = getenv("COLUMNS");
    long width = WIDTH_UNKNOWN;
    if (isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col)
        width = size.ws_col;
    else if (columns && strtol(columns, NULL, 10) > 0)
        width = strtol(columns, NULL, 10);
    return (size_t)(width < WIDTH_LEAST ? WIDTH_LEAST : width > WIDTH_MOST ? WIDTH_MOST : width);
}

/* https://no-color.org: any value that is not empty. */
struct screen screen_find(int fd)
{
    const char *term = getenv("TERM"), *colour = getenv("COLORTERM"), *none = getenv("NO_COLOR");
    struct screen screen = {SCREEN_ASCII, find_width(fd)};
    if (!isatty(fd) || (none && *none) || !term || strcmp(term, "dumb") == 0)
        return screen;
    if ((colour && (strcmp(colour, "truecolor") == 0 || strcmp(colour, "24bit") == 0)) || strstr(term, "-direct"))
        screen.colours = SCREEN_TRUE;
    else if (strstr(term, "256color"))
        screen.colours = SCREEN_256;
    return screen;
}

/* From black by way of violet and orange to a light yellow, lighter from stop to stop. */
static void find_colour(float share, int rgb[3])
{
    static const float stops[][3] = {{0, 0, 0}, {87, 16, 110}, {188, 55, 84}, {249, 142, 9}, {252, 255, 164}};
    enum { INTERVALS = sizeof stops / sizeof *stops - 1 };
    const float at = share * INTERVALS;
    const int stop = at >= INTERVALS ? INTERVALS - 1 : (int)at;
    for (int i = 0; i < 3; i++)
        rgb[i] = (int)lrintf(stops[stop][i] + (at - (float)stop) * (stops[stop + 1][i] - stops[stop][i]));
}

/* The root spreads small probabilities, which would all be black. */
static float spread(float share)
{
    return share <= 0 ? 0 : share >= 1 ? 1 : sqrtf(share);
}

void screen_begin(const struct screen *screen, float share, char *bytes, size_t size)
{
    int rgb[3], cube[3];
    find_colour(spread(share), rgb);
    const bool dark = 2 * rgb[0] + 5 * rgb[1] + rgb[2] < 4 * 255; /* luminance below a half */
    for (int i = 0; i < 3; i++)
        cube[i] = rgb[i] < 48 ? 0 : rgb[i] < 115 ? 1 : (rgb[i] - 35) / 40; /* levels 0, 95, 135, ... 255 */
    if (screen->colours == SCREEN_TRUE)
        snprintf(bytes, size, "\033[38;5;%d;48;2;%d;%d;%dm", dark ? 231 : 16, rgb[0], rgb[1], rgb[2]);
    else
        snprintf(bytes, size, "\033[38;5;%d;48;5;%dm", dark ? 231 : 16, 16 + 36 * cube[0] + 6 * cube[1] + cube[2]);
}

char screen_shade(float share)
{
    static const char shades[] = " .:-=+*#%@";
    return shades[(int)lrintf(spread(share) * (sizeof shades - 2))];
}
