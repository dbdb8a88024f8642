/* AVX-512 with VNNI: dot products of unsigned by signed bytes (VPDPBUSD), exact in int32. A quantized element is stored
 * 128 greater, which makes it unsigned; the matrix's offset takes that away again. */
#if defined(__x86_64__)
#include "avx512_floats.h"

enum { QUANTIZED_BYTES = 1, I8_CHAINS = 4 };
#define I8_M 6
#define I8_N 4
#define TABLE kernels_avx512vnni
#define TABLE_NAME "avx512vnni"

typedef __m512i i8_weights, i8_sums, i8_four;

static inline i8_weights i8_weights_load(const char *p) { return _mm512_loadu_si512(p); }
static inline i8_four i8_four_load(const char *q)
{
    return _mm512_castps_si512(_mm512_broadcastss_ps(_mm_load_ss((const float *)q)));
}
static inline i8_sums i8_zero(void) { return _mm512_setzero_si512(); }
static inline i8_sums i8_start(const int32_t *offset) { return _mm512_loadu_si512(offset); }
static inline i8_sums i8_dot(i8_sums s, i8_four a, i8_weights b) { return _mm512_dpbusd_epi32(s, a, b); }
static inline i8_sums i8_plus(i8_sums a, i8_sums b) { return _mm512_add_epi32(a, b); }
static inline v16 i8_float(i8_sums s) { return _mm512_cvtepi32_ps(s); }
static inline void v_store_quantized(char *q, v16 v)
{
    const __m128i bytes = _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(v));
    _mm_storeu_si128((__m128i *)q, _mm_xor_si128(bytes, _mm_set1_epi8((char)0x80)));
}

#include "simd.h"
#else
typedef int avx512vnni_not_here;
#endif
