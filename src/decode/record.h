/* Attention on record: the model once more over a sentence and its translation, all steps at once.
 *
 * Translating is left as it is. A whole prefix at once gives the bits of the steps one by one, so what is recorded are
 * the probabilities that the translation was made with; and any other translation can be looked at the same way. */
#ifndef DECODE_RECORD_H
#define DECODE_RECORD_H

#include "../model/decoder.h"

/* What one thread needs to record. Start with {0}. */
struct recorder {
    struct arena arena;
    struct position_table positions;
    struct encoder_state encoder;
    struct decoder_cache cache;
};

/* A sentence, and where its probabilities go (NULL: not wanted). */
struct recording {
    const int32_t *source; /* (S) */
    size_t source_length;  /* S */
    const float *memory;   /* (S, D) if it is known: the encoder is not run then */
    const int32_t *inputs; /* (T) what the decoder reads: the start symbol and the translation */
    size_t target_length;  /* T */
    size_t decoder_layers; /* run the first of them only, 1 at least */
    float *encoder_self;   /* (L, H, S, S) */
    float *decoder_self;   /* (decoder_layers, H, T, T) */
    float *cross;          /* (decoder_layers, H, T, S) */
};

/* 0, or negative: DRAGOMAN_MEMORY. */
int record_run(struct recorder *recorder, const struct model *model, const struct recording *recording, int threads,
               dragoman_error *error);
void recorder_free(struct recorder *recorder);

#endif
