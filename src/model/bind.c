/* From named tensors to the weights of the forward pass, every name, shape and dtype checked. */
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

enum { NAME_MAX_BYTES = 128 };
static const float LAYER_NORM_EPSILON = 1e-5f; /* MarianMT's */

struct binder {
    struct model *model;
    const struct tensor_set *set;
    dragoman_error *error;
    bool failed; /* the first failure stands; what comes after it does nothing */
    size_t converted; /* floats of model->converted that are taken */
    const struct tensor *first; /* matrix of a layer */
};

/* The tensor of that name, which must have that shape and lie where its elements can be read; NULL after a failure. */
static const struct tensor *find(struct binder *b, const char *name, const size_t *shape, size_t rank)
{
    if (b->failed)
        return NULL;
    const struct tensor *t = tensor_find(b->set, name);
    char want[64], found[64];
    if (!t)
        fail(b->error, DRAGOMAN_MODEL_CORRUPT, "%s: tensor %s: want %s, found none of that name", b->set->path, name,
             shape_text(shape, rank, want, sizeof want));
    else if (t->rank != rank || memcmp(t->shape, shape, rank * sizeof *shape))
        fail(b->error, DRAGOMAN_MODEL_CORRUPT, "%s: tensor %s: want %s, found %s", b->set->path, name,
             shape_text(shape, rank, want, sizeof want), shape_text(t->shape, t->rank, found, sizeof found));
    else if ((uintptr_t)t->data % dtype_bytes(t->dtype))
        fail(b->error, DRAGOMAN_MODEL_CORRUPT, "%s: tensor %s: want data aligned to %zu bytes, found them %zu off",
             b->set->path, name, dtype_bytes(t->dtype), (size_t)((uintptr_t)t->data % dtype_bytes(t->dtype)));
    else
        return t;
    b->failed = true;
    return NULL;
}

static void wrong_dtype(struct binder *b, const struct tensor *t, const char *wanted)
{
    fail(b->error, DRAGOMAN_MODEL_CORRUPT, "%s: tensor %s: want %s, found %s", b->set->path, t->name, wanted,
         dtype_name(t->dtype));
    b->failed = true;
}

/* A damaged scale or bias would spoil every output. */
static const float *check_finite(struct binder *b, const struct tensor *t, const float *x, size_t n)
{
    for (size_t i = 0; i < n && !b->failed; i++)
        if (!isfinite(x[i])) {
            fail(b->error, DRAGOMAN_MODEL_CORRUPT, "%s: tensor %s: want finite numbers, found %g at %zu", b->set->path,
                 t->name, (double)x[i], i);
            b->failed = true;
        }
    return x;
}

/* The tensor's elements as floats: in place, or converted once if they are F16. */
static const float *floats(struct binder *b, const struct tensor *t)
{
    struct model *m = b->model;
    if (!t)
        return NULL;
    if (t->dtype == DTYPE_F32)
        return check_finite(b, t, t->data, t->bytes / 4);
    if (t->dtype != DTYPE_F16) {
        wrong_dtype(b, t, "F32 or F16");
        return NULL;
    }
    const struct matrix row = {.data = t->data, .dtype = DTYPE_F16, .rows = 1, .columns = t->bytes / 2};
    float *copy = m->converted + b->converted;
    b->converted += row.columns;
    m->kernels->widen(&row, 0, 1.0f, copy);
    return check_finite(b, t, copy, row.columns);
}

static const float *vector(struct binder *b, const char *name, size_t n)
{
    return floats(b, find(b, name, &n, 1));
}

/* The scales and offsets of the I8 matrix `name`. */
static void bind_packed(struct binder *b, const char *name, struct matrix *w)
{
    char of[NAME_MAX_BYTES];
    const size_t rows = round_up(w->rows, PACK_ROWS);
    snprintf(of, sizeof of, "%s_scale", name);
    w->scale = vector(b, of, w->rows);
    snprintf(of, sizeof of, "%s_offset", name);
    const struct tensor *offset = find(b, of, &rows, 1);
    if (offset && offset->dtype != DTYPE_I32)
        wrong_dtype(b, offset, "I32");
    else if (offset)
        w->offset = offset->data;
}

static struct matrix matrix(struct binder *b, const char *name, size_t rows, size_t columns)
{
    struct matrix w = {.rows = rows, .columns = columns, .stride = columns};
    const struct tensor *t = b->failed ? NULL : tensor_find(b->set, name);
    const bool is_packed = t && t->dtype == DTYPE_I8;
    const size_t plain[] = {rows, columns};
    const size_t packed[] = {round_up(rows, PACK_ROWS) / PACK_ROWS, round_up(columns, PACK_COLUMNS) / PACK_COLUMNS,
                             PACK_ROWS, PACK_COLUMNS};
    t = is_packed ? find(b, name, packed, 4) : find(b, name, plain, 2);
    if (!t)
        return w;
    w.data = t->data;
    w.dtype = t->dtype;
    if (is_packed) {
        w.stride = round_up(columns, PACK_COLUMNS);
        bind_packed(b, name, &w);
    } else if (t->dtype != DTYPE_F32 && t->dtype != DTYPE_F16) {
        wrong_dtype(b, t, "F32, F16 or I8");
    }
    return w;
}

/* Layers share their input, quantized or not: their matrices are all I8 or none is. */
static void check_alike(struct binder *b, const char *name)
{
    const struct tensor *t = b->failed ? NULL : tensor_find(b->set, name);
    if (!b->first)
        b->first = t;
    if (t && (t->dtype == DTYPE_I8) != (b->first->dtype == DTYPE_I8))
        wrong_dtype(b, t, b->first->dtype == DTYPE_I8 ? "I8, as other layers have" : "F32 or F16, as other layers have");
}

/* prefix.weight (out, in) and prefix.bias (out). */
static struct linear linear(struct binder *b, const char *prefix, const char *part, size_t out, size_t in)
{
    char name[NAME_MAX_BYTES];
    struct linear l = {0};
    snprintf(name, sizeof name, "%s.%s.weight", prefix, part);
    l.weight = matrix(b, name, out, in);
    check_alike(b, name);
    snprintf(name, sizeof name, "%s.%s.bias", prefix, part);
    l.bias = vector(b, name, out);
    return l;
}

static struct norm norm(struct binder *b, const char *prefix, const char *part, size_t n)
{
    char name[NAME_MAX_BYTES];
    struct norm l = {.epsilon = LAYER_NORM_EPSILON};
    snprintf(name, sizeof name, "%s.%s.weight", prefix, part);
    l.gamma = vector(b, name, n);
    snprintf(name, sizeof name, "%s.%s.bias", prefix, part);
    l.beta = vector(b, name, n);
    return l;
}

static struct attention attention(struct binder *b, const char *layer, const char *part, size_t D, size_t heads)
{
    char prefix[NAME_MAX_BYTES / 2];
    snprintf(prefix, sizeof prefix, "%s.%s", layer, part);
    return (struct attention){linear(b, prefix, "q_proj", D, D), linear(b, prefix, "k_proj", D, D),
                              linear(b, prefix, "v_proj", D, D), linear(b, prefix, "out_proj", D, D), heads};
}

static struct feed_forward feed_forward(struct binder *b, const char *layer, size_t D, size_t F)
{
    struct feed_forward ffn = {linear(b, layer, "fc1", F, D), linear(b, layer, "fc2", D, F)};
    ffn.in.activation = b->model->config.activation;
    return ffn;
}

static void bind_layers(struct binder *b)
{
    const struct config *c = &b->model->config;
    const size_t D = c->d_model;
    char p[NAME_MAX_BYTES / 2];
    for (size_t i = 0; i < c->layers_encoder; i++) {
        struct encoder_layer *l = &b->model->encoder[i];
        snprintf(p, sizeof p, "model.encoder.layers.%zu", i);
        l->self = attention(b, p, "self_attn", D, c->heads_encoder);
        l->self_norm = norm(b, p, "self_attn_layer_norm", D);
        l->ffn = feed_forward(b, p, D, c->ffn_encoder);
        l->ffn_norm = norm(b, p, "final_layer_norm", D);
    }
    for (size_t i = 0; i < c->layers_decoder; i++) {
        struct decoder_layer *l = &b->model->decoder[i];
        snprintf(p, sizeof p, "model.decoder.layers.%zu", i);
        l->self = attention(b, p, "self_attn", D, c->heads_decoder);
        l->self_norm = norm(b, p, "self_attn_layer_norm", D);
        l->cross = attention(b, p, "encoder_attn", D, c->heads_decoder);
        l->cross_norm = norm(b, p, "encoder_attn_layer_norm", D);
        l->ffn = feed_forward(b, p, D, c->ffn_decoder);
        l->ffn_norm = norm(b, p, "final_layer_norm", D);
    }
}

/* Room for every F16 vector there could be, so that the buffer never moves. */
static int make_room(struct model *model, const struct tensor_set *set, dragoman_error *error)
{
    const struct config *c = &model->config;
    size_t floats = 0;
    for (size_t i = 0; i < set->count; i++) {
        const struct tensor *t = &set->tensors[i];
        if (t->dtype == DTYPE_F16 && (t->rank == 1 || (t->rank == 2 && t->shape[0] == 1)))
            floats += t->bytes / 2;
    }
    model->converted = malloc((floats + 1) * sizeof(float));
    model->encoder = calloc(c->layers_encoder, sizeof *model->encoder);
    model->decoder = calloc(c->layers_decoder, sizeof *model->decoder);
    if (!model->converted || !model->encoder || !model->decoder)
        return fail_memory(error, floats * sizeof(float));
    return 0;
}

int model_bind(struct model *model, const struct config *config, const struct kernels *kernels,
               const struct tensor_set *set, dragoman_error *error)
{
    *model = (struct model){.config = *config, .kernels = kernels};
    if (make_room(model, set, error) < 0) {
        model_free(model);
        return -1;
    }
    struct binder b = {.model = model, .set = set, .error = error};
    model->embedding = matrix(&b, "model.shared.weight", config->vocab, config->d_model);
    model->output.weight = model->embedding;
    model->output.bias = floats(&b, find(&b, "final_logits_bias", (size_t[]){1, config->vocab}, 2));
    model->embedding_factor = config->scale_embedding ? sqrtf((float)config->d_model) : 1.0f;
    bind_layers(&b);
    if (b.failed) {
        model_free(model);
        return -1;
    }
    return 0;
}

void model_free(struct model *model)
{
    free(model->encoder);
    free(model->decoder);
    free(model->converted);
    *model = (struct model){0};
}
