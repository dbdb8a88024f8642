#include "attention.h"

#include <math.h>
#include <omp.h>
#include <string.h>

void attention_keys_values(const struct kernels *kernels, const struct attention *attention, const struct input *input,
                           int threads, float *keys, float *values)
{
    linear_run(kernels, &attention->k, input, threads, keys);
    linear_run(kernels, &attention->v, input, threads, values);
}

void keys_store(const float *rows, size_t count, size_t D, size_t first, float *keys)
{
    for (size_t s = first, end = first + count, part; s < end; s += part, rows += part * D) {
        const size_t lane = s % KEY_LANES;
        float *block = keys + (s - lane) * D + lane;
        part = KEY_LANES - lane < end - s ? KEY_LANES - lane : end - s;
        for (size_t d = 0; d < D; d++)
            for (size_t i = 0; i < part; i++)
                block[d * KEY_LANES + i] = rows[i * D + d];
    }
}

size_t attention_scratch(const struct kernels *kernels, size_t R, size_t D, size_t T, size_t S, int threads)
{
    return 2 * R * D + (size_t)threads * T * round_up(S, KEY_LANES) + input_scratch(kernels, R, D) / sizeof(float) + 1;
}

/* Section 3.2.1, equation 1, for head h of one sentence: Attention(Q, K, V) = softmax(Q K^T / sqrt(d_k)) V.
 * q and head (T, d_k) point at the sentence's first row and the head's columns, D from row to row; scores has room for
 * T rows of S, rounded up to KEY_LANES. */
static void scaled_dot_product_attention(const struct kernels *kernels, const struct attention_view *view, size_t h,
                                         size_t d_k, size_t D, const float *q, float *scores, float *head)
{
    const size_t T = view->queries, S = view->visible + (T - 1) * view->growth, stride = round_up(S, KEY_LANES);
    const float *keys = view->keys + h * d_k * KEY_LANES, *values = view->values + h * d_k;
    const float scale = 1.0f / sqrtf((float)d_k);

    kernels->scores(q, D, T, keys, KEY_LANES * D, S, d_k, scores, stride); /* Q K^T */
    for (size_t t = 0; t < T; t++) {
        /* The mask: keys beyond `seen` get probability 0, as a score of -infinity would give them. */
        const size_t seen = view->visible + t * view->growth;
        float *p = scores + t * stride;
        kernels->softmax(p, seen, scale); /* P = softmax(Q K^T / sqrt(d_k)) */
        memset(p + seen, 0, (S - seen) * sizeof *p);
        if (view->record)
            memcpy(view->record + (h * T + t) * S, p, S * sizeof *p);
    }
    kernels->mix(scores, stride, T, values, D, S, d_k, head, D); /* head = P V */
}

/* Heads first .. end of every sentence, one sentence after another, so that its keys and values are met in the cache:
 * q and concat (R, D). */
static void run_heads(const struct kernels *kernels, const struct attention_view *views, size_t sentences, size_t first,
                      size_t end, size_t d_k, size_t D, const float *q, float *scores, float *concat)
{
    for (size_t b = 0, row = 0; b < sentences; row += views[b++].queries)
        for (size_t h = first; h < end; h++)
            scaled_dot_product_attention(kernels, &views[b], h, d_k, D, q + row * D + h * d_k, scores,
                                         concat + row * D + h * d_k);
}

/* Section 3.2.2: MultiHead(Q, K, V) = Concat(head_1, ..., head_H) W^O. Each head works on its own slice of d_k of the
 * D columns, so that writing its result into the same slice is the concatenation. */
void multi_head_attention(const struct kernels *kernels, const struct attention *attention, const struct input *input,
                          const struct attention_view *views, size_t sentences, int threads, float *scratch, float *y)
{
    const size_t D = attention->o.weight.rows, H = attention->heads, d_k = D / H, R = input->rows;
    size_t largest = 0, work = 0; /* scores of a head, multiplications or their like */
    for (size_t b = 0; b < sentences; b++) {
        size_t T = views[b].queries, scores = T * round_up(views[b].visible + (T - 1) * views[b].growth, KEY_LANES);
        largest = scores > largest ? scores : largest;
        work += 2 * scores * D; /* Q K^T and P V; the exponentials take as long as one of them */
    }
    float *q = scratch, *concat = q + R * D, *scores = concat + R * D; /* (R,D), (R,D), (threads, largest) */

    /* Q W^Q here; K W^K and V W^V are attention_keys_values: cached by the decoder, once a sentence in cross-attention. */
    linear_run(kernels, &attention->q, input, threads, q);
    if (threads > 1 && work >= PARALLEL_WORK) {
#pragma omp parallel for num_threads(threads) schedule(static)
        for (size_t h = 0; h < H; h++)
            run_heads(kernels, views, sentences, h, h + 1, d_k, D, q,
                      scores + (size_t)omp_get_thread_num() * largest, concat);
    } else {
        run_heads(kernels, views, sentences, 0, H, d_k, D, q, scores, concat);
    }
    const struct input heads = input_prepare(kernels, &attention->o, concat, R, scores + (size_t)threads * largest);
    linear_run(kernels, &attention->o, &heads, threads, y);
}
