#include "attention.h"

#include <math.h>
#include <omp.h>
#include <string.h>

void attention_keys_values(const struct kernels *kernels, const struct attention *attention, const float *x, size_t M,
                           int threads, float *keys, float *values)
{
    linear_run(kernels, &attention->k, x, M, threads, keys);
    linear_run(kernels, &attention->v, x, M, threads, values);
}

size_t attention_scratch(size_t R, size_t D, size_t T, size_t S, int threads)
{
    return 2 * R * D + (size_t)threads * T * S;
}

/* Section 3.2.1, equation 1, for head h of one sentence: Attention(Q, K, V) = softmax(Q K^T / sqrt(d_k)) V.
 * q and head (T, d_k) point at the sentence's first row and the head's columns, D from row to row; scores is (T, S). */
static void scaled_dot_product_attention(const struct kernels *kernels, const struct attention_view *view, size_t h,
                                         size_t d_k, size_t D, const float *q, float *scores, float *head)
{
    const size_t T = view->queries, S = view->visible + (T - 1) * view->growth;
    const struct matrix keys = {.data = view->keys + h * d_k, .dtype = DTYPE_F32, .rows = S, .columns = d_k, .stride = D};

    const float scale = 1.0f / sqrtf((float)d_k);

    kernels->gemm(&keys, NULL, q, D, T, scores, S); /* Q K^T */
    for (size_t t = 0; t < T; t++) {
        /* The mask: keys beyond `seen` are left out of the sums, as a score of -infinity would leave them out. */
        const size_t seen = view->visible + t * view->growth;
        float *p = scores + t * S;
        kernels->softmax(p, seen, scale);                                    /* P = softmax(Q K^T / sqrt(d_k)) */
        kernels->mix(p, view->values + h * d_k, D, seen, d_k, head + t * D); /* head = P V */
        if (view->record) {
            float *row = view->record + (h * T + t) * S;
            memcpy(row, p, seen * sizeof *row);
            memset(row + seen, 0, (S - seen) * sizeof *row);
        }
    }
}

/* Section 3.2.2: MultiHead(Q, K, V) = Concat(head_1, ..., head_H) W^O. Each head works on its own slice of d_k of the
 * D columns, so that writing its result into the same slice is the concatenation. */
void multi_head_attention(const struct kernels *kernels, const struct attention *attention, const float *x,
                          const struct attention_view *views, size_t sentences, int threads, float *scratch, float *y)
{
    const size_t D = attention->o.weight.rows, H = attention->heads, d_k = D / H;
    size_t R = 0, largest = 0, work = 0; /* rows, scores of a head, multiplications or their like */
    for (size_t b = 0; b < sentences; b++) {
        size_t T = views[b].queries, scores = T * (views[b].visible + (T - 1) * views[b].growth);
        R += T;
        largest = scores > largest ? scores : largest;
        work += 8 * scores * D; /* a score costs 2 d_k multiplications, two short sums and an exponential */
    }
    float *q = scratch, *concat = q + R * D, *scores = concat + R * D; /* (R,D), (R,D), (threads, largest) */

    /* Q W^Q here; K W^K and V W^V are attention_keys_values: cached by the decoder, once a sentence in cross-attention. */
    linear_run(kernels, &attention->q, x, R, threads, q);
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1 && work >= PARALLEL_WORK)
    for (size_t h = 0; h < H; h++) {
        float *head_scores = scores + (size_t)omp_get_thread_num() * largest;
        size_t row = 0;
        for (size_t b = 0; b < sentences; row += views[b++].queries)
            scaled_dot_product_attention(kernels, &views[b], h, d_k, D, q + row * D + h * d_k, head_scores,
                                         concat + row * D + h * d_k);
    }
    linear_run(kernels, &attention->o, concat, R, threads, y);
}
