/* AVX2: int8 products as int16 pairs, which cannot saturate (VPMADDUBSW could). */
#if defined(__x86_64__)
#include "avx2_floats.h"

enum { QUANTIZED_BYTES = 2, I8_CHAINS = 1 };
#define I8_M 2
#define I8_N 1
#define TABLE kernels_avx2
#define TABLE_NAME "avx2"

/* Four rows of a block at a time, and of each row two sums, of columns 0 and 1 and of columns 2 and 3. */
typedef struct {
    __m256i rows[4];
} i8_weights, i8_sums;
typedef __m256i i8_four; /* 4 columns as int16, four times */

static inline i8_weights i8_weights_load(const char *p)
{
    const __m128i *rows = (const __m128i *)p;
    return (i8_weights){{_mm256_cvtepi8_epi16(_mm_loadu_si128(rows)), _mm256_cvtepi8_epi16(_mm_loadu_si128(rows + 1)),
                         _mm256_cvtepi8_epi16(_mm_loadu_si128(rows + 2)),
                         _mm256_cvtepi8_epi16(_mm_loadu_si128(rows + 3))}};
}
static inline i8_four i8_four_load(const char *q) { return _mm256_castpd_si256(_mm256_broadcast_sd((const double *)q)); }
static inline i8_sums i8_zero(void) { return (i8_sums){0}; }
static inline i8_sums i8_start(const int32_t *offset)
{
    (void)offset;
    return i8_zero();
}
static inline i8_sums i8_dot(i8_sums s, i8_four a, i8_weights b)
{
    for (int i = 0; i < 4; i++)
        s.rows[i] = _mm256_add_epi32(s.rows[i], _mm256_madd_epi16(a, b.rows[i]));
    return s;
}
static inline i8_sums i8_plus(i8_sums a, i8_sums b)
{
    for (int i = 0; i < 4; i++)
        a.rows[i] = _mm256_add_epi32(a.rows[i], b.rows[i]);
    return a;
}
static inline __m256 pairs(__m256i a, __m256i b)
{
    return _mm256_cvtepi32_ps(_mm256_permute4x64_epi64(_mm256_hadd_epi32(a, b), 0xd8));
}
static inline v16 i8_float(i8_sums s) { return (v16){pairs(s.rows[0], s.rows[1]), pairs(s.rows[2], s.rows[3])}; }
static inline void v_store_quantized(char *q, v16 v)
{
    const __m256i words = _mm256_packs_epi32(_mm256_cvtps_epi32(v.low), _mm256_cvtps_epi32(v.high));
    _mm256_storeu_si256((__m256i *)q, _mm256_permute4x64_epi64(words, 0xd8));
}

#include "simd.h"
#else
typedef int avx2_not_here;
#endif
