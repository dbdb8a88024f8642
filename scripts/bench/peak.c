/* The most that one core multiplies: loops of independent instructions on registers alone, as many as hide their
 * latency. In assembly, because a compiler would drop, spill or reorder them. */
#include <stdio.h>
#include <string.h>

#include "bench.h"

enum { TURNS = 20000 };

#if defined(__x86_64__)
/* clang-format off */
#define TWELVE(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11)
#define TWENTY_FOUR(F) TWELVE(F) F(12) F(13) F(14) F(15) F(16) F(17) F(18) F(19) F(20) F(21) F(22) F(23)
#define ZERO_Z(n) "vpxorq %%zmm" #n ",%%zmm" #n ",%%zmm" #n "\n\t"
#define DOT_Z(n) "vpdpbusd %%zmm31,%%zmm30,%%zmm" #n "\n\t"
#define FMA_Z(n) "vfmadd231ps %%zmm31,%%zmm30,%%zmm" #n "\n\t"
#define PAIR_Z(t) "vpmaddwd %%zmm31,%%zmm30,%%zmm" #t "\n\t"
#define ADD_Z(t, n) "vpaddd %%zmm" #t ",%%zmm" #n ",%%zmm" #n "\n\t"
#define PAIRS_Z(a, b, c, d) PAIR_Z(24) PAIR_Z(25) PAIR_Z(26) PAIR_Z(27) ADD_Z(24, a) ADD_Z(25, b) ADD_Z(26, c) ADD_Z(27, d)
#define ZERO_Y(n) "vpxor %%ymm" #n ",%%ymm" #n ",%%ymm" #n "\n\t"
#define DOT_Y(n) "%{vex%} vpdpbusd %%ymm15,%%ymm14,%%ymm" #n "\n\t"
#define FMA_Y(n) "vfmadd231ps %%ymm15,%%ymm14,%%ymm" #n "\n\t"
#define PAIR_Y(t) "vpmaddwd %%ymm15,%%ymm14,%%ymm" #t "\n\t"
#define ADD_Y(t, n) "vpaddd %%ymm" #t ",%%ymm" #n ",%%ymm" #n "\n\t"
#define PAIRS_Y(a, b, c, d) PAIR_Y(10) PAIR_Y(11) PAIR_Y(12) PAIR_Y(13) ADD_Y(10, a) ADD_Y(11, b) ADD_Y(12, c) ADD_Y(13, d)
#define EIGHT(F) F(0, 1, 2, 3) F(4, 5, 6, 7) /* in fours */
/* clang-format on */

#define LOW_REGISTERS                                                                                              \
    "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",     \
        "xmm13", "xmm14", "xmm15"
#define HIGH_REGISTERS                                                                                             \
    "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25", "xmm26", "xmm27",    \
        "xmm28", "xmm29", "xmm30", "xmm31"

#define LOOP_Z(NAME, BODY)                                                                                         \
    __attribute__((target("avx512f"))) static void NAME(size_t turns, const void *operands)                        \
    {                                                                                                              \
        __asm__ volatile("vmovdqu64 (%1),%%zmm30\n\tvmovdqu64 64(%1),%%zmm31\n\t" TWENTY_FOUR(ZERO_Z)              \
                         "1:\n\t" BODY "dec %0\n\tjnz 1b\n\tvzeroupper"                                            \
                         : "+r"(turns)                                                                             \
                         : "r"(operands)                                                                           \
                         : "cc", "memory", LOW_REGISTERS, HIGH_REGISTERS);                                         \
    }
#define LOOP_Y(NAME, BODY)                                                                                         \
    __attribute__((target("avx2"))) static void NAME(size_t turns, const void *operands)                           \
    {                                                                                                              \
        __asm__ volatile("vmovdqu (%1),%%ymm14\n\tvmovdqu 64(%1),%%ymm15\n\t" TWELVE(ZERO_Y)                       \
                         "1:\n\t" BODY "dec %0\n\tjnz 1b\n\tvzeroupper"                                            \
                         : "+r"(turns)                                                                             \
                         : "r"(operands)                                                                           \
                         : "cc", "memory", LOW_REGISTERS);                                                         \
    }

LOOP_Z(dot_zmm, TWENTY_FOUR(DOT_Z))
LOOP_Z(pairs_zmm, EIGHT(PAIRS_Z) PAIRS_Z(8, 9, 10, 11) PAIRS_Z(12, 13, 14, 15) PAIRS_Z(16, 17, 18, 19) PAIRS_Z(20, 21, 22, 23))
LOOP_Z(fma_zmm, TWENTY_FOUR(FMA_Z))
LOOP_Y(dot_ymm, TWELVE(DOT_Y) TWELVE(DOT_Y))
LOOP_Y(pairs_ymm, EIGHT(PAIRS_Y) EIGHT(PAIRS_Y) EIGHT(PAIRS_Y))
LOOP_Y(fma_ymm, TWELVE(FMA_Y) TWELVE(FMA_Y))

static const struct loop dots[] = {
    {"avx512vnni", "vpdpbusd zmm", 24 * 64, dot_zmm},
    {"avxvnni", "vpdpbusd ymm", 24 * 32, dot_ymm},
    {"avx512", "vpmaddwd, vpaddd zmm", 24 * 32, pairs_zmm},
    {"avx2", "vpmaddwd, vpaddd ymm", 24 * 16, pairs_ymm},
    {NULL, NULL, 0, NULL},
};
static const struct loop fmas[] = {
    {"avx512vnni", "vfmadd231ps zmm", 24 * 16, fma_zmm},
    {"avxvnni", "vfmadd231ps ymm", 24 * 8, fma_ymm},
    {"avx512", "vfmadd231ps zmm", 24 * 16, fma_zmm},
    {"avx2", "vfmadd231ps ymm", 24 * 8, fma_ymm},
    {NULL, NULL, 0, NULL},
};
#else
static const struct loop dots[] = {{NULL, NULL, 0, NULL}}, fmas[] = {{NULL, NULL, 0, NULL}};
#endif

static const struct loop *find(const struct loop *loops, const char *table)
{
    for (; loops->table; loops++)
        if (strcmp(loops->table, table) == 0)
            return loops;
    return NULL;
}

const struct loop *peak_dot(const char *table)
{
    return find(dots, table);
}

const struct loop *peak_fma(const char *table)
{
    return find(fmas, table);
}

double peak_sample(const struct loop *loop)
{
    static float operands[32]; /* as floats, and as bytes that are not all alike */
    for (int i = 0; i < 32; i++)
        operands[i] = 0.001f * (float)(i + 1);
    const double start = now();
    loop->run(TURNS, operands);
    return TURNS * loop->products / (now() - start);
}

static double best(const struct loop *loop)
{
    double found = 0;
    for (int i = 0; i < 50; i++)
        found = greater(found, peak_sample(loop));
    return found;
}

void peaks_run(cJSON *json)
{
    cJSON *rows = cJSON_AddArrayToObject(json, "peaks");
    printf("\n## The most that one core does\n\n"
           "Independent instructions on registers alone, best of 50 samples; 10^9 multiplications with addition a second.\n"
           "A table without a dot-product instruction is held against its own best sequence.\n\n"
           "| kernels | int8 | G/s | float | G/s |\n|---|---|---:|---|---:|\n");
    for (size_t i = 0; kernels_available(i); i++) {
        const char *table = kernels_available(i)->name;
        const struct loop *dot = peak_dot(table), *fma = peak_fma(table);
        if (!dot || !fma) {
            printf("| %s | no loop written for it | - | - | - |\n", table);
            continue;
        }
        const double dot_peak = best(dot), fma_peak = best(fma);
        printf("| %s | %s | %.1f | %s | %.1f |\n", table, dot->instructions, 1e-9 * dot_peak, fma->instructions,
               1e-9 * fma_peak);
        cJSON *row = add_row(rows);
        cJSON_AddStringToObject(row, "kernels", table);
        cJSON_AddStringToObject(row, "int8_instructions", dot->instructions);
        add_number(row, "int8_gmac_per_s", 1e-9 * dot_peak);
        cJSON_AddStringToObject(row, "float_instructions", fma->instructions);
        add_number(row, "float_gmac_per_s", 1e-9 * fma_peak);
    }
}
