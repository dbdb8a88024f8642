/* AVX-512 without VNNI: int8 products as int16 pairs, which cannot saturate (VPMADDUBSW could). */
#if defined(__x86_64__)
#include "avx512_floats.h"

enum { QUANTIZED_BYTES = 2, I8_CHAINS = 2 };
#define I8_M 6
#define I8_N 2
#define TABLE kernels_avx512
#define TABLE_NAME "avx512"

/* Eight rows of a block at a time, and of each row two sums, of columns 0 and 1 and of columns 2 and 3. */
typedef struct {
    __m512i low, high;
} i8_weights, i8_sums;
typedef __m512i i8_four; /* 4 columns as int16, eight times */

static inline i8_weights i8_weights_load(const char *p)
{
    return (i8_weights){_mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)p)),
                        _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)p + 1))};
}
static inline i8_four i8_four_load(const char *q)
{
    return _mm512_castpd_si512(_mm512_broadcastsd_pd(_mm_load_sd((const double *)q)));
}
static inline i8_sums i8_zero(void) { return (i8_sums){_mm512_setzero_si512(), _mm512_setzero_si512()}; }
static inline i8_sums i8_start(const int32_t *offset)
{
    (void)offset;
    return i8_zero();
}
static inline i8_sums i8_dot(i8_sums s, i8_four a, i8_weights b)
{
    return (i8_sums){_mm512_add_epi32(s.low, _mm512_madd_epi16(a, b.low)),
                     _mm512_add_epi32(s.high, _mm512_madd_epi16(a, b.high))};
}
static inline i8_sums i8_plus(i8_sums a, i8_sums b)
{
    return (i8_sums){_mm512_add_epi32(a.low, b.low), _mm512_add_epi32(a.high, b.high)};
}
static inline v16 i8_float(i8_sums s)
{
    const __m512i even = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
    return _mm512_cvtepi32_ps(_mm512_add_epi32(
        _mm512_permutex2var_epi32(s.low, even, s.high),
        _mm512_permutex2var_epi32(s.low, _mm512_add_epi32(even, _mm512_set1_epi32(1)), s.high)));
}
static inline void v_store_quantized(char *q, v16 v)
{
    _mm256_storeu_si256((__m256i *)q, _mm512_cvtepi32_epi16(_mm512_cvtps_epi32(v)));
}

#include "simd.h"
#else
typedef int avx512_not_here;
#endif
