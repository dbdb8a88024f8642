#include "encoder.h"

void encoder_layout(struct encoder_state *s, const struct model *model, const struct source_batch *batch, int threads,
                    struct arena *arena)
{
    const size_t D = model->config.d_model, F = model->config.ffn_encoder;
    size_t R = 0, longest = 0;
    for (size_t b = 0; b < batch->sentences; b++) {
        R += batch->lengths[b];
        longest = batch->lengths[b] > longest ? batch->lengths[b] : longest;
    }
    s->memory = arena_take(arena, R * D, sizeof(float));
    s->starts = arena_take(arena, batch->sentences + 1, sizeof *s->starts);
    s->views = arena_take(arena, batch->sentences, sizeof *s->views);
    s->keys = arena_take(arena, R * D, sizeof(float));
    s->values = arena_take(arena, R * D, sizeof(float));
    s->sublayer = arena_take(arena, R * D, sizeof(float));
    s->hidden = arena_take(arena, R * F, sizeof(float));
    s->attention_scratch = arena_take(arena, attention_scratch(R, D, longest, longest, threads), sizeof(float));
}

void encoder_run(struct encoder_state *s, const struct model *model, const struct source_batch *batch,
                 const struct position_table *positions, int threads)
{
    const struct kernels *k = model->kernels;
    const size_t D = model->config.d_model, B = batch->sentences;
    float *x = s->memory;

    s->starts[0] = 0;
    for (size_t b = 0; b < B; b++) {
        const size_t S = batch->lengths[b], start = s->starts[b];
        embedding_run(model, batch->ids[b], S, positions, 0, x + start * D);
        s->views[b] = (struct attention_view){S, s->keys + start * D, s->values + start * D, S, 0, NULL};
        s->starts[b + 1] = start + S;
    }
    const size_t R = s->starts[B];
    for (size_t i = 0; i < model->config.layers_encoder; i++) {
        const struct encoder_layer *layer = &model->encoder[i];
        if (s->record)
            s->views[0].record = s->record + i * layer->self.heads * R * R;
        attention_keys_values(k, &layer->self, x, R, threads, s->keys, s->values);
        multi_head_attention(k, &layer->self, x, s->views, B, threads, s->attention_scratch, s->sublayer);
        norm_run(k, &layer->self_norm, s->sublayer, R, D, x);
        feed_forward_run(k, &layer->ffn, x, R, threads, s->hidden, s->sublayer);
        norm_run(k, &layer->ffn_norm, s->sublayer, R, D, x);
    }
}
