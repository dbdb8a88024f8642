/* AVX2 with FMA and F16C: a vector of 16 floats is two registers. Part of avx2.c and avxvnni.c. */
#include <immintrin.h>
#include <stddef.h>

typedef struct {
    __m256 low, high;
} v16;
enum { BLOCK_M = 2, BLOCK_N = 2, BLOCK_N1 = 4, ROWS_T = 1 };
#define BOTH(operation, a, b) ((v16){operation((a).low, (b).low), operation((a).high, (b).high)})

static inline v16 v_zero(void) { return (v16){_mm256_setzero_ps(), _mm256_setzero_ps()}; }
static inline v16 v_set1(float f) { return (v16){_mm256_set1_ps(f), _mm256_set1_ps(f)}; }
static inline v16 v_load(const float *p) { return (v16){_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
static inline void v_store(float *p, v16 v)
{
    _mm256_storeu_ps(p, v.low);
    _mm256_storeu_ps(p + 8, v.high);
}
/* The first n of 8 lanes. */
static inline __m256i first_lanes(size_t n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static inline __m256 load_part8(const float *p, size_t n, float rest)
{
    const __m256i lanes = first_lanes(n);
    return _mm256_blendv_ps(_mm256_set1_ps(rest), _mm256_maskload_ps(p, lanes), _mm256_castsi256_ps(lanes));
}
static inline v16 v_load_part(const float *p, size_t n, float rest)
{
    return n < 8 ? (v16){load_part8(p, n, rest), _mm256_set1_ps(rest)}
                 : (v16){_mm256_loadu_ps(p), load_part8(p + 8, n - 8, rest)};
}
static inline void v_store_part(float *p, v16 v, size_t n)
{
    if (n >= 8)
        _mm256_storeu_ps(p, v.low);
    _mm256_maskstore_ps(n < 8 ? p : p + 8, first_lanes(n < 8 ? n : n - 8), n < 8 ? v.low : v.high);
}
static inline v16 v_load_f16(const void *p)
{
    return (v16){_mm256_cvtph_ps(_mm_loadu_si128(p)), _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p + 1))};
}
static inline v16 v_load_i8(const void *p)
{
    __m128i bytes = _mm_loadu_si128(p);
    return (v16){_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes)),
                 _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_srli_si128(bytes, 8)))};
}
static inline v16 v_add(v16 a, v16 b) { return BOTH(_mm256_add_ps, a, b); }
static inline v16 v_sub(v16 a, v16 b) { return BOTH(_mm256_sub_ps, a, b); }
static inline v16 v_mul(v16 a, v16 b) { return BOTH(_mm256_mul_ps, a, b); }
static inline v16 v_div(v16 a, v16 b) { return BOTH(_mm256_div_ps, a, b); }
static inline v16 v_min(v16 a, v16 b) { return BOTH(_mm256_min_ps, a, b); }
static inline v16 v_max(v16 a, v16 b) { return BOTH(_mm256_max_ps, a, b); }
static inline v16 v_fma(v16 a, v16 b, v16 c)
{
    return (v16){_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}
static inline __m256 rint8(__m256 v) { return _mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
static inline v16 v_rint(v16 v) { return (v16){rint8(v.low), rint8(v.high)}; }
static inline __m256 power8(__m256 n)
{
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23));
}
static inline v16 v_power(v16 n) { return (v16){power8(n.low), power8(n.high)}; }
/* 16 lanes to 4: 8+8, 4+4. */
static inline __m128 v_sum_quarters(v16 v)
{
    __m256 t = _mm256_add_ps(v.low, v.high);
    return _mm_add_ps(_mm256_castps256_ps128(t), _mm256_extractf128_ps(t, 1));
}
static inline float v_max1(v16 v)
{
    __m256 t = _mm256_max_ps(v.low, v.high);
    __m128 u = _mm_max_ps(_mm256_castps256_ps128(t), _mm256_extractf128_ps(t, 1));
    u = _mm_max_ps(u, _mm_movehl_ps(u, u));
    return _mm_cvtss_f32(_mm_max_ss(u, _mm_shuffle_ps(u, u, 1)));
}

#include "sse_sums.h"
