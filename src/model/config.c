/* The configuration: a MarianMT config.json. */
#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "model.h"

/* A whole number from low to high. */
static int read_count(const cJSON *json, const char *key, double low, double high, size_t *value, const char *path,
                      dragoman_error *error)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    if (!cJSON_IsNumber(item))
        return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: config: %s: want a number, found %s", path, key,
                    item ? "something else" : "nothing");
    if (!(item->valuedouble >= low && item->valuedouble <= high) || item->valuedouble != floor(item->valuedouble))
        return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: config: %s: want a whole number from %.0f to %.0f, found %.12g",
                    path, key, low, high, item->valuedouble);
    *value = (size_t)item->valuedouble;
    return 0;
}

static int read_id(const cJSON *json, const char *key, size_t vocab, int32_t *id, const char *path,
                   dragoman_error *error)
{
    size_t value;
    if (read_count(json, key, 0, (double)vocab - 1, &value, path, error) < 0)
        return -1;
    *id = (int32_t)value;
    return 0;
}

/* Options that would change the arithmetic in a way that is not supported. */
static int refuse_variants(const cJSON *json, const char *path, dragoman_error *error)
{
    static const struct {
        const char *key;
        bool wanted;
    } flags[] = {{"normalize_before", false},       {"normalize_embedding", false},
                 {"add_final_layer_norm", false},   {"static_position_embeddings", true},
                 {"share_encoder_decoder_embeddings", true}, {"tie_word_embeddings", true}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, flags[i].key);
        if (item && cJSON_IsTrue(item) != flags[i].wanted)
            return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: config: %s: only %s is supported", path, flags[i].key,
                        flags[i].wanted ? "true" : "false");
    }
    return 0;
}

static int read_fields(struct config *c, const cJSON *json, const char *path, dragoman_error *error)
{
    const struct {
        const char *key;
        double low, high;
        size_t *value;
    } counts[] = {
        {"d_model", 2, 8192, &c->d_model},
        {"encoder_attention_heads", 1, 256, &c->heads_encoder},
        {"decoder_attention_heads", 1, 256, &c->heads_decoder},
        {"encoder_layers", 1, 64, &c->layers_encoder},
        {"decoder_layers", 1, 64, &c->layers_decoder},
        {"encoder_ffn_dim", 1, 65536, &c->ffn_encoder},
        {"decoder_ffn_dim", 1, 65536, &c->ffn_decoder},
        {"vocab_size", 4, 1 << 20, &c->vocab},
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (read_count(json, counts[i].key, counts[i].low, counts[i].high, counts[i].value, path, error) < 0)
            return -1;
    if (c->d_model % 2 || c->d_model % c->heads_encoder || c->d_model % c->heads_decoder)
        return fail(error, DRAGOMAN_MODEL_CORRUPT,
                    "%s: config: want heads that divide an even d_model, found d_model %zu with %zu and %zu heads", path,
                    c->d_model, c->heads_encoder, c->heads_decoder);
    if (read_id(json, "pad_token_id", c->vocab, &c->pad, path, error) < 0 ||
        read_id(json, "eos_token_id", c->vocab, &c->eos, path, error) < 0 ||
        read_id(json, "decoder_start_token_id", c->vocab, &c->start, path, error) < 0)
        return -1;
    const char *activation = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "activation_function"));
    if (activation && strcmp(activation, "relu") == 0)
        c->activation = ACTIVATION_RELU;
    else if (activation && (strcmp(activation, "swish") == 0 || strcmp(activation, "silu") == 0))
        c->activation = ACTIVATION_SWISH;
    else
        return fail(error, DRAGOMAN_MODEL_CORRUPT,
                    "%s: config: activation_function: want relu, swish or silu, found %.40s", path,
                    activation ? activation : "nothing");
    c->scale_embedding = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "scale_embedding"));
    return refuse_variants(json, path, error);
}

int config_read(struct config *config, const char *json_text, const char *path, dragoman_error *error)
{
    cJSON *json = cJSON_ParseWithOpts(json_text, NULL, true);
    if (!cJSON_IsObject(json)) {
        cJSON_Delete(json);
        return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: config: want a JSON object, found '%.40s'", path, json_text);
    }
    int result = read_fields(config, json, path, error);
    cJSON_Delete(json);
    return result;
}
