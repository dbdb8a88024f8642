#include "decoder.h"

#include <string.h>

void decoder_layout(struct decoder_cache *c, const struct model *model, const struct source_batch *batch,
                    const size_t *limits, size_t steps, int threads, struct arena *arena)
{
    const size_t D = model->config.d_model, F = model->config.ffn_decoder, L = model->config.layers_decoder;
    const size_t B = batch->sentences, rows = B * steps;
    size_t R = 0, capacity = 0, seen = 0; /* seen: the most keys that a query may see */
    for (size_t b = 0; b < B; b++) {
        R += batch->lengths[b];
        capacity += limits[b];
        seen = batch->lengths[b] > seen ? batch->lengths[b] : seen;
        seen = limits[b] > seen ? limits[b] : seen;
    }
    c->capacity = capacity;
    c->offsets = arena_take(arena, B, sizeof *c->offsets);
    c->views = arena_take(arena, B, sizeof *c->views);
    c->self_keys = arena_take(arena, L * capacity * D, sizeof(float));
    c->self_values = arena_take(arena, L * capacity * D, sizeof(float));
    c->cross_keys = arena_take(arena, L * R * D, sizeof(float));
    c->cross_values = arena_take(arena, L * R * D, sizeof(float));
    c->x = arena_take(arena, rows * D, sizeof(float));
    c->new_keys = arena_take(arena, rows * D, sizeof(float));
    c->new_values = arena_take(arena, rows * D, sizeof(float));
    c->sublayer = arena_take(arena, rows * D, sizeof(float));
    c->hidden = arena_take(arena, rows * F, sizeof(float));
    c->attention_scratch = arena_take(arena, attention_scratch(rows, D, steps, seen, threads), sizeof(float));
}

void decoder_begin(struct decoder_cache *c, const struct model *model, const struct source_batch *batch,
                   const struct encoder_state *encoder, const size_t *limits, int threads)
{
    const size_t D = model->config.d_model, B = batch->sentences, R = encoder->starts[B];
    c->length = 0;
    c->memory_starts = encoder->starts;
    c->memory_rows = R;
    for (size_t b = 0, offset = 0; b < B; offset += limits[b++])
        c->offsets[b] = offset;
    for (size_t l = 0; l < model->config.layers_decoder; l++)
        attention_keys_values(model->kernels, &model->decoder[l].cross, encoder->memory, R, threads,
                              c->cross_keys + l * R * D, c->cross_values + l * R * D);
}

/* Masked self-attention of layer l: the new rows' keys and values join the cache, then every row looks at itself and
 * what came before it. */
static void self_attention(struct decoder_cache *c, const struct model *model, size_t l, const size_t *rows,
                           size_t active, size_t steps, int threads)
{
    const struct attention *self = &model->decoder[l].self;
    const size_t D = model->config.d_model, bytes = steps * D * sizeof(float);
    attention_keys_values(model->kernels, self, c->x, active * steps, threads, c->new_keys, c->new_values);
    for (size_t r = 0; r < active; r++) {
        float *keys = c->self_keys + (l * c->capacity + c->offsets[rows[r]]) * D;
        float *values = c->self_values + (l * c->capacity + c->offsets[rows[r]]) * D;
        memcpy(keys + c->length * D, c->new_keys + r * steps * D, bytes);
        memcpy(values + c->length * D, c->new_values + r * steps * D, bytes);
        c->views[r] = (struct attention_view){steps, keys, values, c->length + 1, 1, NULL};
    }
    if (c->self_record)
        c->views[0].record = c->self_record + l * self->heads * steps * steps;
    multi_head_attention(model->kernels, self, c->x, c->views, active, threads, c->attention_scratch, c->sublayer);
}

/* Cross-attention of layer l: every row looks at the whole source sentence. */
static void cross_attention(struct decoder_cache *c, const struct model *model, size_t l, const size_t *rows,
                            size_t active, size_t steps, int threads)
{
    const size_t D = model->config.d_model, R = c->memory_rows;
    for (size_t r = 0; r < active; r++) {
        const size_t start = c->memory_starts[rows[r]], S = c->memory_starts[rows[r] + 1] - start;
        c->views[r] = (struct attention_view){steps, c->cross_keys + (l * R + start) * D,
                                              c->cross_values + (l * R + start) * D, S, 0, NULL};
        if (c->cross_record)
            c->views[r].record = c->cross_record + l * model->decoder[l].cross.heads * steps * S;
    }
    multi_head_attention(model->kernels, &model->decoder[l].cross, c->x, c->views, active, threads,
                         c->attention_scratch, c->sublayer);
}

const float *decoder_run(struct decoder_cache *c, const struct model *model, const size_t *rows, size_t active,
                         const int32_t *ids, size_t steps, const struct position_table *positions, int threads)
{
    const struct kernels *k = model->kernels;
    const size_t D = model->config.d_model, M = active * steps;
    for (size_t r = 0; r < active; r++)
        embedding_run(model, ids + r * steps, steps, positions, c->length,
                      c->x + r * steps * D);
    for (size_t l = 0; l < model->config.layers_decoder; l++) {
        const struct decoder_layer *layer = &model->decoder[l];
        self_attention(c, model, l, rows, active, steps, threads);
        norm_run(k, &layer->self_norm, c->sublayer, M, D, c->x);
        cross_attention(c, model, l, rows, active, steps, threads);
        norm_run(k, &layer->cross_norm, c->sublayer, M, D, c->x);
        feed_forward_run(k, &layer->ffn, c->x, M, threads, c->hidden, c->sublayer);
        norm_run(k, &layer->ffn_norm, c->sublayer, M, D, c->x);
    }
    c->length += steps;
    return c->x;
}
