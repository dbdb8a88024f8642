#include "decoder.h"

#include <string.h>

void decoder_layout(struct decoder_cache *c, const struct model *model, const struct source_batch *batch,
                    const size_t *limits, size_t steps, int threads, struct arena *arena)
{
    const size_t D = model->config.d_model, F = model->config.ffn_decoder, L = model->config.layers_decoder;
    const size_t B = batch->sentences, rows = B * steps;
    size_t R = 0, seen = 0; /* seen: the most keys that a query may see */
    c->capacity = c->cross_capacity = 0;
    for (size_t b = 0; b < B; b++) {
        R += batch->lengths[b];
        c->capacity += round_up(limits[b], KEY_LANES);
        c->cross_capacity += round_up(batch->lengths[b], KEY_LANES);
        seen = batch->lengths[b] > seen ? batch->lengths[b] : seen;
        seen = limits[b] > seen ? limits[b] : seen;
    }
    c->offsets = arena_take(arena, B, sizeof *c->offsets);
    c->cross_offsets = arena_take(arena, B, sizeof *c->cross_offsets);
    c->views = arena_take(arena, B, sizeof *c->views);
    c->self_keys = arena_take(arena, L * c->capacity * D, sizeof(float));
    c->self_values = arena_take(arena, L * c->capacity * D, sizeof(float));
    c->cross_keys = arena_take(arena, L * c->cross_capacity * D, sizeof(float));
    c->cross_values = arena_take(arena, L * R * D, sizeof(float));
    c->x = arena_take(arena, rows * D, sizeof(float));
    c->new_keys = arena_take(arena, (rows > R ? rows : R) * D, sizeof(float));
    c->new_values = arena_take(arena, rows * D, sizeof(float));
    c->sublayer = arena_take(arena, rows * D, sizeof(float));
    c->hidden = arena_take(arena, rows * F, sizeof(float));
    c->attention_scratch = arena_take(arena, attention_scratch(model->kernels, rows, D, steps, seen, threads),
                                      sizeof(float));
    const size_t memory = input_scratch(model->kernels, R, D), row = input_scratch(model->kernels, rows, D > F ? D : F);
    c->quantized = arena_take(arena, memory > row ? memory : row, 1);
}

void decoder_begin(struct decoder_cache *c, const struct model *model, const struct source_batch *batch,
                   const struct encoder_state *encoder, const size_t *limits, int threads)
{
    const size_t D = model->config.d_model, B = batch->sentences, R = encoder->starts[B];
    c->length = 0;
    c->memory_starts = encoder->starts;
    c->memory_rows = R;
    for (size_t b = 0, offset = 0, cross = 0; b < B; b++) {
        c->offsets[b] = offset;
        c->cross_offsets[b] = cross;
        offset += round_up(limits[b], KEY_LANES);
        cross += round_up(batch->lengths[b], KEY_LANES);
    }
    const struct input memory =
        input_prepare(model->kernels, &model->decoder[0].cross.k, encoder->memory, R, c->quantized);
    for (size_t l = 0; l < model->config.layers_decoder; l++) {
        attention_keys_values(model->kernels, &model->decoder[l].cross, &memory, threads, c->new_keys,
                              c->cross_values + l * R * D);
        for (size_t b = 0; b < B; b++)
            keys_store(c->new_keys + encoder->starts[b] * D, batch->lengths[b], D, 0,
                       c->cross_keys + (l * c->cross_capacity + c->cross_offsets[b]) * D);
    }
}

/* Masked self-attention of layer l: the new rows' keys and values join the cache, then every row looks at itself and
 * what came before it. */
static void self_attention(struct decoder_cache *c, const struct model *model, size_t l, const size_t *rows,
                           size_t active, size_t steps, int threads)
{
    const struct attention *self = &model->decoder[l].self;
    const size_t D = model->config.d_model, bytes = steps * D * sizeof(float);
    const struct input input = input_prepare(model->kernels, &self->q, c->x, active * steps, c->quantized);
    attention_keys_values(model->kernels, self, &input, threads, c->new_keys, c->new_values);
    for (size_t r = 0; r < active; r++) {
        float *keys = c->self_keys + (l * c->capacity + c->offsets[rows[r]]) * D;
        float *values = c->self_values + (l * c->capacity + c->offsets[rows[r]]) * D;
        keys_store(c->new_keys + r * steps * D, steps, D, c->length, keys);
        memcpy(values + c->length * D, c->new_values + r * steps * D, bytes);
        c->views[r] = (struct attention_view){steps, keys, values, c->length + 1, 1, NULL};
    }
    if (c->self_record)
        c->views[0].record = c->self_record + l * self->heads * steps * steps;
    multi_head_attention(model->kernels, self, &input, c->views, active, threads, c->attention_scratch, c->sublayer);
}

/* Cross-attention of layer l: every row looks at the whole source sentence. */
static void cross_attention(struct decoder_cache *c, const struct model *model, size_t l, const size_t *rows,
                            size_t active, size_t steps, int threads)
{
    const size_t D = model->config.d_model, R = c->memory_rows;
    for (size_t r = 0; r < active; r++) {
        const size_t start = c->memory_starts[rows[r]], S = c->memory_starts[rows[r] + 1] - start;
        c->views[r] = (struct attention_view){steps, c->cross_keys + (l * c->cross_capacity + c->cross_offsets[rows[r]]) * D,
                                              c->cross_values + (l * R + start) * D, S, 0, NULL};
        if (c->cross_record)
            c->views[r].record = c->cross_record + l * model->decoder[l].cross.heads * steps * S;
    }
    const struct attention *cross = &model->decoder[l].cross;
    const struct input input = input_prepare(model->kernels, &cross->q, c->x, active * steps, c->quantized);
    multi_head_attention(model->kernels, cross, &input, c->views, active, threads, c->attention_scratch, c->sublayer);
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
        feed_forward_run(k, &layer->ffn, c->x, M, threads, c->quantized, c->hidden, c->sublayer);
        norm_run(k, &layer->ffn_norm, c->sublayer, M, D, c->x);
    }
    c->length += steps;
    return c->x;
}
