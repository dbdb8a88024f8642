/* Time, statistics, output. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_value);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

void stop(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

void *room(size_t count, size_t bytes)
{
    void *p = calloc(count + 1, bytes);
    if (!p)
        stop("out of memory");
    return p;
}

void random_bytes(void *bytes, size_t size, uint64_t *state)
{
    for (size_t i = 0; i < size; i += sizeof *state) { /* Marsaglia 2003: xorshift */
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        memcpy((char *)bytes + i, state, size - i < sizeof *state ? size - i : sizeof *state);
    }
}

cJSON *add_row(cJSON *array)
{
    cJSON *row = cJSON_CreateObject();
    cJSON_AddItemToArray(array, row);
    return row;
}

void add_number(cJSON *row, const char *name, double value)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%.4g", value);
    if (isfinite(value))
        cJSON_AddNumberToObject(row, name, strtod(digits, NULL));
    else
        cJSON_AddNullToObject(row, name);
}

void target_add(cJSON *json, const char *what, double found, bool at_least, double wanted)
{
    cJSON *targets = cJSON_GetObjectItemCaseSensitive(json, "targets");
    cJSON *row = add_row(targets ? targets : cJSON_AddArrayToObject(json, "targets"));
    cJSON_AddStringToObject(row, "target", what);
    cJSON_AddStringToObject(row, "want", at_least ? "at least" : "at most");
    add_number(row, "wanted", wanted);
    add_number(row, "found", found);
    if (isfinite(found))
        cJSON_AddBoolToObject(row, "holds", at_least ? found >= wanted : found <= wanted);
    else
        cJSON_AddNullToObject(row, "holds");
}

void targets_print(const cJSON *json)
{
    const cJSON *row;
    printf("\n## Targets\n\n| target | want | found | holds |\n|---|---:|---:|---|\n");
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(json, "targets")) {
        const cJSON *found = cJSON_GetObjectItemCaseSensitive(row, "found");
        const cJSON *holds = cJSON_GetObjectItemCaseSensitive(row, "holds");
        printf("| %s | %s %.2f | ", cJSON_GetObjectItemCaseSensitive(row, "target")->valuestring,
               cJSON_GetObjectItemCaseSensitive(row, "want")->valuestring,
               cJSON_GetObjectItemCaseSensitive(row, "wanted")->valuedouble);
        if (cJSON_IsNumber(found))
            printf("%.3f | %s |\n", found->valuedouble, cJSON_IsTrue(holds) ? "yes" : "no");
        else
            printf("not measured | - |\n");
    }
}
