/* NEON with the dot products of ARMv8.2 (SDOT, signed by signed bytes, exact in int32): a vector of 16 floats is four
 * registers. */
#if defined(__aarch64__)
#include <arm_neon.h>
#include <stddef.h>
#include <string.h>

typedef struct {
    float32x4_t part[4];
} v16;
enum { BLOCK_M = 2, BLOCK_N = 2, BLOCK_N1 = 4, SCORES_T = 2, MIX_T = 2, ROWS_T = 1 };
enum { QUANTIZED_BYTES = 1, I8_CHAINS = 4 };
#define I8_M 6
#define I8_N 1
#define TABLE kernels_neon
#define TABLE_NAME "neon"
#define FOUR(f, a) {{f((a).part[0]), f((a).part[1]), f((a).part[2]), f((a).part[3])}}
#define FOUR2(f, a, b)                                                                                            \
    {{f((a).part[0], (b).part[0]), f((a).part[1], (b).part[1]), f((a).part[2], (b).part[2]),                      \
      f((a).part[3], (b).part[3])}}

static inline v16 v_set1(float f) { return (v16){{vdupq_n_f32(f), vdupq_n_f32(f), vdupq_n_f32(f), vdupq_n_f32(f)}}; }
static inline v16 v_zero(void) { return v_set1(0.0f); }
static inline v16 v_load(const float *p)
{
    return (v16){{vld1q_f32(p), vld1q_f32(p + 4), vld1q_f32(p + 8), vld1q_f32(p + 12)}};
}
static inline void v_store(float *p, v16 v)
{
    for (int i = 0; i < 4; i++)
        vst1q_f32(p + 4 * i, v.part[i]);
}
static inline v16 v_load_part(const float *p, size_t n, float rest)
{
    float t[16];
    v_store(t, v_set1(rest));
    memcpy(t, p, n * sizeof *p);
    return v_load(t);
}
static inline void v_store_part(float *p, v16 v, size_t n)
{
    float t[16];
    v_store(t, v);
    memcpy(p, t, n * sizeof *p);
}
static inline v16 v_load_f16(const void *p)
{
    const uint8_t *bytes = p;
    const float16x8_t low = vreinterpretq_f16_u8(vld1q_u8(bytes)), high = vreinterpretq_f16_u8(vld1q_u8(bytes + 16));
    return (v16){{vcvt_f32_f16(vget_low_f16(low)), vcvt_high_f32_f16(low), vcvt_f32_f16(vget_low_f16(high)),
                  vcvt_high_f32_f16(high)}};
}
static inline v16 v_load_i8(const void *p)
{
    const int8x16_t bytes = vld1q_s8(p);
    const int16x8_t low = vmovl_s8(vget_low_s8(bytes)), high = vmovl_high_s8(bytes);
    return (v16){{vcvtq_f32_s32(vmovl_s16(vget_low_s16(low))), vcvtq_f32_s32(vmovl_high_s16(low)),
                  vcvtq_f32_s32(vmovl_s16(vget_low_s16(high))), vcvtq_f32_s32(vmovl_high_s16(high))}};
}
/* FMIN and FMAX would give NaN for NaN. */
static inline float32x4_t less4(float32x4_t a, float32x4_t b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
static inline float32x4_t greater4(float32x4_t a, float32x4_t b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
static inline float32x4_t power4(float32x4_t n)
{
    return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtq_s32_f32(n), vdupq_n_s32(127)), 23));
}
static inline v16 v_add(v16 a, v16 b) { return (v16)FOUR2(vaddq_f32, a, b); }
static inline v16 v_sub(v16 a, v16 b) { return (v16)FOUR2(vsubq_f32, a, b); }
static inline v16 v_mul(v16 a, v16 b) { return (v16)FOUR2(vmulq_f32, a, b); }
static inline v16 v_div(v16 a, v16 b) { return (v16)FOUR2(vdivq_f32, a, b); }
static inline v16 v_min(v16 a, v16 b) { return (v16)FOUR2(less4, a, b); }
static inline v16 v_max(v16 a, v16 b) { return (v16)FOUR2(greater4, a, b); }
static inline v16 v_rint(v16 v) { return (v16)FOUR(vrndnq_f32, v); }
static inline v16 v_power(v16 n) { return (v16)FOUR(power4, n); }
static inline v16 v_fma(v16 a, v16 b, v16 c)
{
    return (v16){{vfmaq_f32(c.part[0], a.part[0], b.part[0]), vfmaq_f32(c.part[1], a.part[1], b.part[1]),
                  vfmaq_f32(c.part[2], a.part[2], b.part[2]), vfmaq_f32(c.part[3], a.part[3], b.part[3])}};
}
/* 16 lanes to 4: 8+8, 4+4. */
static inline float32x4_t v_sum_quarters(v16 v)
{
    return vaddq_f32(vaddq_f32(v.part[0], v.part[2]), vaddq_f32(v.part[1], v.part[3]));
}
/* 2+2 of each. */
static inline float32x4_t sum_halves(float32x4_t a, float32x4_t b)
{
    const float64x2_t x = vreinterpretq_f64_f32(a), y = vreinterpretq_f64_f32(b);
    return vaddq_f32(vreinterpretq_f32_f64(vzip1q_f64(x, y)), vreinterpretq_f32_f64(vzip2q_f64(x, y)));
}
static inline float v_sum(v16 v)
{
    const float32x4_t t = v_sum_quarters(v);
    return vpadds_f32(vadd_f32(vget_low_f32(t), vget_high_f32(t)));
}
static inline void v_sum4(const v16 v[4], float out[4])
{
    vst1q_f32(out, vpaddq_f32(sum_halves(v_sum_quarters(v[0]), v_sum_quarters(v[1])),
                              sum_halves(v_sum_quarters(v[2]), v_sum_quarters(v[3]))));
}
static inline float v_max1(v16 v)
{
    return vmaxnmvq_f32(vmaxnmq_f32(vmaxnmq_f32(v.part[0], v.part[1]), vmaxnmq_f32(v.part[2], v.part[3])));
}

typedef struct {
    int8x16_t rows[4]; /* 4 rows of 4 columns each */
} i8_weights;
typedef struct {
    int32x4_t rows[4];
} i8_sums;
typedef int8x8_t i8_four; /* in lane 0: SDOT by element takes it for all rows */

static inline i8_weights i8_weights_load(const char *p)
{
    const int8_t *rows = (const int8_t *)p;
    return (i8_weights){{vld1q_s8(rows), vld1q_s8(rows + 16), vld1q_s8(rows + 32), vld1q_s8(rows + 48)}};
}
static inline i8_four i8_four_load(const char *q)
{
    int32_t four;
    memcpy(&four, q, sizeof four);
    return vreinterpret_s8_s32((int32x2_t){four, 0});
}
static inline i8_sums i8_zero(void)
{
    return (i8_sums){{vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)}};
}
static inline i8_sums i8_start(const int32_t *offset)
{
    (void)offset;
    return i8_zero();
}
static inline i8_sums i8_dot(i8_sums s, i8_four a, i8_weights b)
{
    return (i8_sums){{vdotq_lane_s32(s.rows[0], b.rows[0], a, 0), vdotq_lane_s32(s.rows[1], b.rows[1], a, 0),
                      vdotq_lane_s32(s.rows[2], b.rows[2], a, 0), vdotq_lane_s32(s.rows[3], b.rows[3], a, 0)}};
}
static inline i8_sums i8_plus(i8_sums a, i8_sums b)
{
    return (i8_sums){{vaddq_s32(a.rows[0], b.rows[0]), vaddq_s32(a.rows[1], b.rows[1]),
                      vaddq_s32(a.rows[2], b.rows[2]), vaddq_s32(a.rows[3], b.rows[3])}};
}
static inline v16 i8_float(i8_sums s)
{
    return (v16){{vcvtq_f32_s32(s.rows[0]), vcvtq_f32_s32(s.rows[1]), vcvtq_f32_s32(s.rows[2]),
                  vcvtq_f32_s32(s.rows[3])}};
}
static inline void v_store_quantized(char *q, v16 v)
{
    const int16x8_t low = vcombine_s16(vmovn_s32(vcvtnq_s32_f32(v.part[0])), vmovn_s32(vcvtnq_s32_f32(v.part[1])));
    const int16x8_t high = vcombine_s16(vmovn_s32(vcvtnq_s32_f32(v.part[2])), vmovn_s32(vcvtnq_s32_f32(v.part[3])));
    vst1q_s8((int8_t *)q, vcombine_s8(vmovn_s16(low), vmovn_s16(high)));
}

#include "simd.h"
#else
typedef int neon_not_here;
#endif
