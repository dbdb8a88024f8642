/* Which table this processor runs. On x86 CPUID says what it has, XGETBV what the operating system saves; on ARM Linux
 * says both. */
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>

static unsigned long long saved_state(void)
{
    unsigned low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (unsigned long long)high << 32 | low;
}

static bool has(const struct kernels *table)
{
    unsigned a, b, c, d, b7, c7, d7, a71 = 0;
    if (table == &kernels_scalar)
        return true;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !(c & bit_FMA) || !(c & bit_F16C))
        return false;
    if (!__get_cpuid_count(7, 0, &a, &b7, &c7, &d7) || !(b7 & bit_AVX2) || (saved_state() & 6) != 6)
        return false;
    if (a >= 1)
        __get_cpuid_count(7, 1, &a71, &b, &c, &d);
    if (table == &kernels_avx2)
        return true;
#ifndef NO_AVXVNNI
    if (table == &kernels_avxvnni)
        return a71 & bit_AVXVNNI;
#endif
    const unsigned wanted = bit_AVX512F | bit_AVX512BW | bit_AVX512VL | bit_AVX512DQ;
    return (b7 & wanted) == wanted && (saved_state() & 0xe6) == 0xe6 &&
           (table == &kernels_avx512 || c7 & bit_AVX512VNNI);
}

static const struct kernels *const tables[] = {
    &kernels_avx512vnni,
#ifndef NO_AVXVNNI /* the Makefile's word that the compiler doesn't know it */
    &kernels_avxvnni,
#endif
    &kernels_avx512, &kernels_avx2, &kernels_scalar,
};
#elif defined(__aarch64__)
#include <sys/auxv.h>

static bool has(const struct kernels *table)
{
    return table == &kernels_scalar || getauxval(AT_HWCAP) & HWCAP_ASIMDDP;
}

static const struct kernels *const tables[] = {&kernels_neon, &kernels_scalar};
#else
static bool has(const struct kernels *table)
{
    return table == &kernels_scalar;
}

static const struct kernels *const tables[] = {&kernels_scalar};
#endif

enum { TABLES = sizeof tables / sizeof *tables };

const struct kernels *kernels_available(size_t i)
{
    for (size_t t = 0; t < TABLES; t++)
        if (has(tables[t]) && i-- == 0)
            return tables[t];
    return NULL;
}

const struct kernels *kernels_choose(dragoman_error *error)
{
    const char *wanted = getenv("DRAGOMAN_CPU");
    if (!wanted || !*wanted)
        return kernels_available(0);
    for (size_t t = 0; t < TABLES; t++)
        if (strcmp(wanted, tables[t]->name) == 0 && has(tables[t]))
            return tables[t];
    char names[64] = "";
    for (size_t i = 0; kernels_available(i); i++) {
        strcat(names, i ? ", " : "");
        strcat(names, kernels_available(i)->name);
    }
    fail(error, DRAGOMAN_USAGE, "DRAGOMAN_CPU: found '%.40s', want one that this processor has: %s", wanted, names);
    return NULL;
}
