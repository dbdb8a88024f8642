#include "record.h"

#include <string.h>

int record_run(struct recorder *r, const struct model *whole, const struct recording *recording, int threads,
               dragoman_error *error)
{
    const size_t S = recording->source_length, T = recording->target_length, row = 0;
    const struct source_batch batch = {&recording->source, &S, 1};
    struct model model = *whole;
    model.config.layers_decoder = recording->decoder_layers;
    if (position_table_grow(&r->positions, S > T ? S : T, model.config.d_model, error) < 0)
        return -1;
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 0)
            arena_count(&r->arena);
        else if (arena_reserve(&r->arena, error) < 0)
            return -1;
        encoder_layout(&r->encoder, &model, &batch, threads, &r->arena);
        decoder_layout(&r->cache, &model, &batch, &T, T, threads, &r->arena);
    }
    r->encoder.record = recording->encoder_self;
    r->cache.self_record = recording->decoder_self;
    r->cache.cross_record = recording->cross;
    if (recording->memory) {
        memcpy(r->encoder.memory, recording->memory, S * model.config.d_model * sizeof *recording->memory);
        r->encoder.starts[0] = 0;
        r->encoder.starts[1] = S;
    } else {
        encoder_run(&r->encoder, &model, &batch, &r->positions, threads);
    }
    decoder_begin(&r->cache, &model, &batch, &r->encoder, &T, threads);
    decoder_run(&r->cache, &model, &row, 1, recording->inputs, T, &r->positions, threads);
    return 0;
}

void recorder_free(struct recorder *r)
{
    arena_free(&r->arena);
    position_table_free(&r->positions);
    *r = (struct recorder){0};
}
