/* The kernel tables that this processor can test. */
#ifndef TEST_TABLES_H
#define TEST_TABLES_H

#include <string.h>

#include "../../src/kernels/kernels.h"

/* The i-th table, best first; NULL past the last. Beside those that a user can choose: AVX-VNNI's as AVX-512 encodes
 * it, where the processor has only that. */
static inline const struct kernels *test_table(size_t i)
{
    const struct kernels *table = kernels_available(i);
#if defined(__x86_64__)
    extern const struct kernels kernels_avxvnni_evex;
    bool can_run = false, has_own = false;
    for (size_t t = 0; kernels_available(t); t++) {
        can_run |= kernels_available(t) == &kernels_avx512vnni;
        has_own |= strcmp(kernels_available(t)->name, "avxvnni") == 0; /* the compiler may not know it */
    }
    if (!table && can_run && !has_own && i > 0 && kernels_available(i - 1))
        return &kernels_avxvnni_evex;
#endif
    return table;
}

#endif
