#include "progress.h"

#include <stdio.h>

#include "message.h"

void progress_start(struct progress *progress, bool on, size_t total_bytes)
{
    *progress = (struct progress){.on = on && total_bytes, .total = total_bytes, .start = seconds_now()};
}

void progress_update(struct progress *progress, size_t bytes, size_t lines)
{
    double now = seconds_now(), elapsed = now - progress->start;
    if (!progress->on || elapsed < 0.5 || now - progress->drawn < 0.2)
        return;
    double share = bytes < progress->total ? (double)bytes / (double)progress->total : 1;
    double left = share > 0 ? elapsed / share - elapsed : 0;
    char text[120], time[40];
    if (left < 100)
        snprintf(time, sizeof time, "%.0f s", left);
    else if (left < 6000)
        snprintf(time, sizeof time, "%.0f min", left / 60);
    else
        snprintf(time, sizeof time, "%.1f h", left / 3600);
    int width = snprintf(text, sizeof text, "%3.0f%%  %zu lines  %.0f lines/s  %s left", share * 100, lines,
                         (double)lines / elapsed, time);
    fprintf(stderr, "\r%s%*s", text, progress->width > width ? progress->width - width : 0, "");
    fflush(stderr);
    progress->width = width > progress->width ? width : progress->width;
    progress->drawn = now;
}

void progress_end(struct progress *progress)
{
    if (progress->width)
        fprintf(stderr, "\r%*s\r", progress->width, "");
    progress->on = false;
    progress->width = 0;
}
