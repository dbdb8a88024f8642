/* The end of the sums of both x86 tables: from v_sum_quarters(), four lanes, to one float. */
static inline float v_sum(v16 v)
{
    __m128 t = v_sum_quarters(v);
    t = _mm_add_ps(t, _mm_movehl_ps(t, t));
    return _mm_cvtss_f32(_mm_add_ss(t, _mm_shuffle_ps(t, t, 1)));
}

static inline void v_sum4(const v16 v[4], float out[4])
{
    __m128 a = v_sum_quarters(v[0]), b = v_sum_quarters(v[1]), c = v_sum_quarters(v[2]), d = v_sum_quarters(v[3]);
    _MM_TRANSPOSE4_PS(a, b, c, d);
    _mm_storeu_ps(out, _mm_add_ps(_mm_add_ps(a, c), _mm_add_ps(b, d)));
}
