/* A model: configuration and weights, immutable once bound and shared by threads. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "../base/tensor.h"
#include "../nn/attention.h"
#include "../nn/feed_forward.h"
#include "../nn/norm.h"

/* The fields of a MarianMT config.json that matter here. */
struct config {
    size_t d_model, heads_encoder, heads_decoder, layers_encoder, layers_decoder, ffn_encoder, ffn_decoder, vocab;
    enum activation activation;
    bool scale_embedding; /* embeddings x sqrt(d_model) */
    int32_t pad, eos, start;
};

struct encoder_layer {
    struct attention self;
    struct norm self_norm;
    struct feed_forward ffn;
    struct norm ffn_norm;
};

struct decoder_layer {
    struct attention self;
    struct norm self_norm;
    struct attention cross;
    struct norm cross_norm;
    struct feed_forward ffn;
    struct norm ffn_norm;
};

struct model {
    struct config config;
    const struct kernels *kernels;
    struct matrix embedding; /* (V, D), of both languages */
    float embedding_factor;  /* sqrt(D), or 1 */
    struct linear output;    /* (V, D): the embedding's weights again, and a bias */
    struct encoder_layer *encoder;
    struct decoder_layer *decoder;
    float *converted; /* vectors that the file holds as F16 */
};

/* Read the configuration, a JSON object as in config.json. 0, or negative: DRAGOMAN_MODEL_CORRUPT. */
int config_read(struct config *config, const char *json, const char *path, dragoman_error *error);

/* Find and check every tensor of a MarianMT model in set, whose data are used in place and must outlive the model.
 * 0, or negative: DRAGOMAN_MODEL_CORRUPT (the message names tensor, found and wanted), DRAGOMAN_MEMORY. */
int model_bind(struct model *model, const struct config *config, const struct kernels *kernels,
               const struct tensor_set *set, dragoman_error *error);
void model_free(struct model *model);

#endif
