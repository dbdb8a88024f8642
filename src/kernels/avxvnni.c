/* AVX-VNNI: AVX2 and 256-bit dot products of unsigned by signed bytes (VPDPBUSD), exact in int32. A quantized element is
 * stored 128 greater, which makes it unsigned; the matrix's offset takes that away again. */
#if defined(__x86_64__) && !defined(NO_AVXVNNI)
#include "avx2_floats.h"

enum { QUANTIZED_BYTES = 1, I8_CHAINS = 2 };
#define I8_M 6
#define I8_N 1
#define TABLE kernels_avxvnni
#define TABLE_NAME "avxvnni"

#ifdef __AVXVNNI__
#define DPBUSD _mm256_dpbusd_avx_epi32
#else /* the same instruction as AVX-512 encodes it: for the test on processors that have only that */
#define DPBUSD _mm256_dpbusd_epi32
#endif

typedef struct {
    __m256i low, high; /* 8 rows each */
} i8_weights, i8_sums;
typedef __m256i i8_four;

static inline i8_weights i8_weights_load(const char *p)
{
    return (i8_weights){_mm256_loadu_si256((const __m256i *)p), _mm256_loadu_si256((const __m256i *)p + 1)};
}
static inline i8_four i8_four_load(const char *q) { return _mm256_castps_si256(_mm256_broadcast_ss((const float *)q)); }
static inline i8_sums i8_zero(void) { return (i8_sums){_mm256_setzero_si256(), _mm256_setzero_si256()}; }
static inline i8_sums i8_start(const int32_t *offset)
{
    return (i8_sums){_mm256_loadu_si256((const __m256i *)offset), _mm256_loadu_si256((const __m256i *)offset + 1)};
}
static inline i8_sums i8_dot(i8_sums s, i8_four a, i8_weights b)
{
    return (i8_sums){DPBUSD(s.low, a, b.low), DPBUSD(s.high, a, b.high)};
}
static inline i8_sums i8_plus(i8_sums a, i8_sums b)
{
    return (i8_sums){_mm256_add_epi32(a.low, b.low), _mm256_add_epi32(a.high, b.high)};
}
static inline v16 i8_float(i8_sums s) { return (v16){_mm256_cvtepi32_ps(s.low), _mm256_cvtepi32_ps(s.high)}; }
static inline void v_store_quantized(char *q, v16 v)
{
    const __m256i words = _mm256_packs_epi32(_mm256_cvtps_epi32(v.low), _mm256_cvtps_epi32(v.high));
    const __m256i in_order = _mm256_permute4x64_epi64(words, 0xd8);
    const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(in_order), _mm256_extracti128_si256(in_order, 1));
    _mm_storeu_si128((__m128i *)q, _mm_xor_si128(bytes, _mm_set1_epi8((char)0x80)));
}

#include "simd.h"
#else
typedef int avxvnni_not_here;
#endif
