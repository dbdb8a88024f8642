/* The test harness: CHECK counts, a failed check says where and what, test_report closes with a tally that
 * tests/run.sh adds up. A program that stops early prints no tally, which counts as a failure. */
#ifndef TEST_H
#define TEST_H

#include <stdio.h>
#include <string.h>

static int tests_passed, tests_failed, tests_skipped;

#define CHECK(condition, ...)                                                      \
    do {                                                                           \
        if (condition) {                                                           \
            tests_passed++;                                                        \
        } else {                                                                   \
            tests_failed++;                                                        \
            printf("not ok %s:%d: %s: ", __FILE__, __LINE__, #condition);          \
            printf("" __VA_ARGS__);                                                \
            printf("\n");                                                          \
        }                                                                          \
    } while (0)

#define SKIP(...)                                                                  \
    do {                                                                           \
        tests_skipped++;                                                           \
        printf("skip " __VA_ARGS__);                                               \
        printf("\n");                                                              \
    } while (0)

static inline int test_report(void)
{
    printf("tally %d %d %d\n", tests_passed, tests_failed, tests_skipped);
    return tests_failed != 0;
}

#endif
