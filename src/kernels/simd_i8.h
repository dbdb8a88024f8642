/* The int8 products; part of simd.h. A file that includes this defines, for its instruction set, the types and static
 * functions below, QUANTIZED_BYTES, the block sizes I8_M and I8_N, and I8_CHAINS.
 *
 *   i8_weights, i8_weights_load(p)    a group of a block: 16 rows by 4 columns, 64 bytes
 *   i8_four, i8_four_load(q)          4 columns of a quantized row, for all 16 rows
 *   i8_sums, i8_zero(), i8_start(offset), i8_dot(sums, four, weights), i8_plus(a, b)
 *                                     the int32 sums of a block's 16 rows
 *   i8_float(sums)                    those, as 16 floats
 *   v_store_quantized(q, v)           16 integral floats of [-127, 127] as elements of a quantized row
 */

/* What an output row needs at the end, for the 16 rows of a block. */
struct ending {
    v16 scale, bias;
};

/* part: how many of the 16 rows there are. */
INLINE struct ending ending_load(const struct matrix *w, const float *bias, size_t n0, size_t part)
{
    if (part == PACK_ROWS)
        return (struct ending){v_load(w->scale + n0), bias ? v_load(bias + n0) : v_zero()};
    return (struct ending){v_load_part(w->scale + n0, part, 0), bias ? v_load_part(bias + n0, part, 0) : v_zero()};
}

INLINE void ending_store(i8_sums sums, const struct ending *end, float scale, float least, float *y,
                         size_t part)
{
    v16 v = v_max(v_fma(i8_float(sums), v_mul(v_set1(scale), end->scale), end->bias), v_set1(least));
    if (part == PACK_ROWS)
        v_store(y, v);
    else
        v_store_part(y, v, part);
}

/* M rows of input by N blocks of weights, M and N known when compiling. `ahead`: a block to fetch meanwhile, or NULL,
 * which is known when compiling, too. */
INLINE void tile_i8(const size_t M, const size_t N, const struct matrix *w, size_t n0, const float *bias, float least,
                    const char *q, const float *scale, float *y, size_t y_stride, const char *ahead)
{
    const size_t row = w->stride * QUANTIZED_BYTES, block_bytes = w->stride * PACK_ROWS;
    const char *weights = (const char *)w->data + n0 * w->stride;
    i8_sums sums[I8_M][I8_N], done[I8_M][I8_N];
#pragma GCC unroll 16
    for (size_t m = 0; m < M; m++)
#pragma GCC unroll 8
        for (size_t n = 0; n < N; n++)
            sums[m][n] = i8_start(w->offset + n0 + n * PACK_ROWS);
    for (size_t m = 0; m < M; m++) /* a wide output's rows lie far apart: fetch what will be written meanwhile */
        for (size_t n = 0; n < N; n++)
            __builtin_prefetch(y + m * y_stride + n0 + n * PACK_ROWS, 1);
    for (size_t k = 0; k < w->stride; k += PACK_COLUMNS) {
        i8_weights b[I8_N];
        if (ahead)
            __builtin_prefetch(ahead + k * PACK_ROWS);
#pragma GCC unroll 8
        for (size_t n = 0; n < N; n++)
            b[n] = i8_weights_load(weights + n * block_bytes + k * PACK_ROWS);
#pragma GCC unroll 16
        for (size_t m = 0; m < M; m++) {
            const i8_four a = i8_four_load(q + m * row + k * QUANTIZED_BYTES);
#pragma GCC unroll 8
            for (size_t n = 0; n < N; n++)
                sums[m][n] = i8_dot(sums[m][n], a, b[n]);
        }
    }
    /* A copy, so that the compiler sees that the sums themselves can stay in registers. */
#pragma GCC unroll 16
    for (size_t m = 0; m < M; m++)
#pragma GCC unroll 8
        for (size_t n = 0; n < N; n++)
            done[m][n] = sums[m][n];
    for (size_t n = 0; n < N; n++) {
        const size_t at = n0 + n * PACK_ROWS, part = w->rows - at < PACK_ROWS ? w->rows - at : PACK_ROWS;
        const struct ending end = ending_load(w, bias, at, part);
        for (size_t m = 0; m < M; m++)
            ending_store(done[m][n], &end, scale[m], least, y + m * y_stride + at, part);
    }
}

/* One row of input by one block: the weights go by in the order of memory, and several chains of sums hide the
 * latency of each. */
INLINE void row_i8(const struct matrix *w, size_t n0, const float *bias, float least, const char *q,
                   const float *scale, float *y)
{
    const char *weights = (const char *)w->data + n0 * w->stride;
    i8_sums sums[I8_CHAINS];
    sums[0] = i8_start(w->offset + n0);
    for (size_t i = 1; i < I8_CHAINS; i++)
        sums[i] = i8_zero();
    size_t k = 0;
    for (; k + I8_CHAINS * PACK_COLUMNS <= w->stride; k += I8_CHAINS * PACK_COLUMNS)
#pragma GCC unroll 8
        for (size_t i = 0; i < I8_CHAINS; i++) {
            const size_t at = k + i * PACK_COLUMNS;
            sums[i] = i8_dot(sums[i], i8_four_load(q + at * QUANTIZED_BYTES), i8_weights_load(weights + at * PACK_ROWS));
        }
    for (; k < w->stride; k += PACK_COLUMNS)
        sums[0] = i8_dot(sums[0], i8_four_load(q + k * QUANTIZED_BYTES), i8_weights_load(weights + k * PACK_ROWS));
    for (size_t i = 1; i < I8_CHAINS; i++)
        sums[0] = i8_plus(sums[0], sums[i]);
    const size_t part = w->rows - n0 < PACK_ROWS ? w->rows - n0 : PACK_ROWS;
    const struct ending end = ending_load(w, bias, n0, part);
    ending_store(sums[0], &end, *scale, least, y + n0, part);
}

/* All rows of input by N blocks. Where there are many, the first N tiles fetch the N blocks that come next. */
INLINE void panel_i8(const size_t N, const struct matrix *w, size_t n0, const float *bias, float least,
                     const char *q, const float *scale, size_t M, float *y, size_t y_stride)
{
    const size_t row = w->stride * QUANTIZED_BYTES;
    const char *ahead = (const char *)w->data + (n0 + N * PACK_ROWS) * w->stride;
    size_t fetches = M >= 4 * I8_M ? N : 0;
    for (; M >= I8_M; M -= I8_M, q += I8_M * row, scale += I8_M, y += I8_M * y_stride)
        if (fetches) {
            tile_i8(I8_M, N, w, n0, bias, least, q, scale, y, y_stride, ahead);
            ahead += PACK_ROWS * w->stride;
            fetches--;
        } else {
            tile_i8(I8_M, N, w, n0, bias, least, q, scale, y, y_stride, NULL);
        }
    switch (M) { /* the rows that are left, together */
#if I8_M > 5
    case 5: tile_i8(5, N, w, n0, bias, least, q, scale, y, y_stride, NULL); break;
#endif
#if I8_M > 4
    case 4: tile_i8(4, N, w, n0, bias, least, q, scale, y, y_stride, NULL); break;
#endif
#if I8_M > 3
    case 3: tile_i8(3, N, w, n0, bias, least, q, scale, y, y_stride, NULL); break;
#endif
    case 2: tile_i8(2, N, w, n0, bias, least, q, scale, y, y_stride, NULL); break;
    case 1: tile_i8(1, N, w, n0, bias, least, q, scale, y, y_stride, NULL); break;
    default: break;
    }
}

INLINE void gemm_i8(const struct matrix *w, const float *bias, float least, const char *q,
                    const float *scale, size_t M, float *y, size_t y_stride)
{
    size_t n = 0;
    if (M == 1) {
        for (; n < w->rows; n += PACK_ROWS)
            row_i8(w, n, bias, least, q, scale, y);
        return;
    }
    for (; n + (I8_N - 1) * PACK_ROWS < w->rows; n += I8_N * PACK_ROWS)
        panel_i8(I8_N, w, n, bias, least, q, scale, M, y, y_stride);
    for (; n < w->rows; n += PACK_ROWS)
        panel_i8(1, w, n, bias, least, q, scale, M, y, y_stride);
}

static void simd_gemm_i8(const struct matrix *w, const float *bias, float least, const void *q,
                         const float *scale, size_t M, float *y, size_t y_stride)
{
    gemm_i8(w, bias, least, q, scale, M, y, y_stride);
}

static void simd_quantize(const float *x, size_t M, size_t K, void *quantized, float *scale)
{
    const size_t row = round_up(K, PACK_COLUMNS), whole = K - K % LANES, rest = K - whole;
    for (size_t m = 0; m < M; m++, x += K) {
        char *q = (char *)quantized + m * row * QUANTIZED_BYTES;
        v16 greatest = v_zero();
        for (size_t k = 0; k < whole; k += LANES) {
            const v16 v = v_load(x + k);
            greatest = v_max(v_max(v, v_sub(v_zero(), v)), greatest);
        }
        if (rest) {
            const v16 v = v_load_part(x + whole, rest, 0);
            greatest = v_max(v_max(v, v_sub(v_zero(), v)), greatest);
        }
        const float max = v_max1(greatest);
        const v16 factor = v_set1(max >= QUANTIZE_LEAST ? 127.0f / max : 0.0f);
        const v16 low = v_set1(-127.0f), high = v_set1(127.0f);
        scale[m] = max / 127.0f;
        for (size_t k = 0; k < whole; k += LANES)
            v_store_quantized(q + k * QUANTIZED_BYTES, v_min(v_max(v_mul(v_load(x + k), factor), low), high));
        if (rest) {
            char t[LANES * QUANTIZED_BYTES];
            v_store_quantized(t, v_min(v_max(v_mul(v_load_part(x + whole, rest, 0), factor), low), high));
            memcpy(q + whole * QUANTIZED_BYTES, t, (row - whole) * QUANTIZED_BYTES);
        }
    }
}
