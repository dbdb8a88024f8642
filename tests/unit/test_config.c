/* The configuration: what is read from it, and each field that is missing, no number or out of bounds refused by
 * name. */
#include <stdlib.h>

#include "../../src/model/model.h"
#include "test.h"

static const char good[] =
    "{\"d_model\": 24, \"encoder_layers\": 2, \"decoder_layers\": 3, \"encoder_attention_heads\": 4, "
    "\"decoder_attention_heads\": 6, \"encoder_ffn_dim\": 40, \"decoder_ffn_dim\": 50, \"vocab_size\": 61, "
    "\"pad_token_id\": 60, \"eos_token_id\": 0, \"decoder_start_token_id\": 59, \"activation_function\": \"relu\", "
    "\"scale_embedding\": true, \"normalize_before\": false, \"normalize_embedding\": false, "
    "\"add_final_layer_norm\": false, \"static_position_embeddings\": true, "
    "\"share_encoder_decoder_embeddings\": true, \"tie_word_embeddings\": true, \"something_else\": [1, {}]}";

/* Read `good` with the first `from` replaced by `to`. */
static int read_changed(const char *from, const char *to, struct config *config, dragoman_error *error)
{
    static char text[sizeof good + 200];
    const char *at = strstr(good, from);
    CHECK(at, "no %s", from);
    if (!at)
        abort();
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
    *config = (struct config){0};
    return config_read(config, text, "m.safetensors", error);
}

static void test_good(void)
{
    struct config c;
    dragoman_error error = {0};
    CHECK(read_changed("{", "{", &c, &error) == 0, "%s", error.message);
    CHECK(c.d_model == 24 && c.layers_encoder == 2 && c.layers_decoder == 3 && c.heads_encoder == 4 &&
          c.heads_decoder == 6 && c.ffn_encoder == 40 && c.ffn_decoder == 50 && c.vocab == 61, "counts");
    CHECK(c.pad == 60 && c.eos == 0 && c.start == 59, "ids %d %d %d", c.pad, c.eos, c.start);
    CHECK(c.activation == ACTIVATION_RELU && c.scale_embedding, "activation, factor");

    static const char *const swish[] = {"\"swish\"", "\"silu\""};
    for (int i = 0; i < 2; i++)
        CHECK(read_changed("\"relu\"", swish[i], &c, &error) == 0 && c.activation == ACTIVATION_SWISH, "%s", swish[i]);
    CHECK(read_changed("\"scale_embedding\": true", "\"scale_embedding\": false", &c, &error) == 0 && !c.scale_embedding,
          "a factor");
    CHECK(read_changed("\"scale_embedding\"", "\"scale\"", &c, &error) == 0 && !c.scale_embedding, "a factor by default");

    static const char *const optional[] = {"\"normalize_before\"", "\"normalize_embedding\"", "\"add_final_layer_norm\"",
                                           "\"static_position_embeddings\"", "\"tie_word_embeddings\"",
                                           "\"share_encoder_decoder_embeddings\""};
    for (size_t i = 0; i < sizeof optional / sizeof *optional; i++)
        CHECK(read_changed(optional[i], "\"x\"", &c, &error) == 0, "without %s: %s", optional[i], error.message);
}

static void test_bounds(void)
{
    static const struct {
        const char *field, *value;
        double low, high; /* high: 0 if another field forbids it */
    } fields[] = {{"d_model", "24", 2, 0},
                  {"encoder_attention_heads", "4", 1, 0},
                  {"decoder_attention_heads", "6", 1, 0},
                  {"encoder_layers", "2", 1, 64},
                  {"decoder_layers", "3", 1, 64},
                  {"encoder_ffn_dim", "40", 1, 65536},
                  {"decoder_ffn_dim", "50", 1, 65536},
                  {"vocab_size", "61", 4, 1 << 20},
                  {"pad_token_id", "60", 0, 60},
                  {"eos_token_id", "0", 0, 60},
                  {"decoder_start_token_id", "59", 0, 60}};
    static const char *const wrong[] = {"0.5", "-1", "1e300", "-1e300", "2000000", "\"8\"", "null", "true", "[]", "{}"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        char from[80], to[80];
        struct config c;
        snprintf(from, sizeof from, "\"%s\": %s", fields[i].field, fields[i].value);
        for (size_t j = 0; j < sizeof wrong / sizeof *wrong; j++) {
            dragoman_error error = {0};
            snprintf(to, sizeof to, "\"%s\": %s", fields[i].field, wrong[j]);
            CHECK(read_changed(from, to, &c, &error) < 0 && error.code == DRAGOMAN_MODEL_CORRUPT, "%s: code %d", to,
                  error.code);
            CHECK(strstr(error.message, "m.safetensors: config") && strstr(error.message, fields[i].field), "%s: %s", to,
                  error.message);
        }
        dragoman_error error = {0};
        snprintf(to, sizeof to, "\"%c%s\": %s", fields[i].field[0] - 32, fields[i].field + 1, fields[i].value);
        CHECK(read_changed(from, to, &c, &error) < 0 && strstr(error.message, "nothing"), "%s: %s", to, error.message);
        if (fields[i].high == 0)
            continue;
        for (int over = 0; over < 2; over++) {
            snprintf(to, sizeof to, "\"%s\": %.0f", fields[i].field, fields[i].high + over);
            CHECK((read_changed(from, to, &c, &error) < 0) == over, "%s: %s", to, error.message);
        }
        snprintf(to, sizeof to, "\"%s\": %.0f", fields[i].field, fields[i].low - 1);
        CHECK(read_changed(from, to, &c, &error) < 0, "%s", to);
    }
}

static void test_refused(void)
{
    static const struct {
        const char *from, *to, *word;
    } faults[] = {
        {"\"d_model\": 24", "\"d_model\": 12345", "12345"},
        {"\"d_model\": 24", "\"d_model\": 9", "even"},
        {"\"d_model\": 24", "\"d_model\": 28", "heads"},
        {"\"encoder_attention_heads\": 4", "\"encoder_attention_heads\": 5", "heads"},
        {"\"decoder_attention_heads\": 6", "\"decoder_attention_heads\": 48", "heads"},
        {"\"vocab_size\": 61", "\"vocab_size\": 60", "pad_token_id"},
        {"\"relu\"", "\"gelu\"", "gelu"},
        {"\"relu\"", "\"\"", "activation_function"},
        {"\"relu\"", "1", "nothing"},
        {"\"normalize_before\": false", "\"normalize_before\": true", "normalize_before"},
        {"\"normalize_embedding\": false", "\"normalize_embedding\": true", "normalize_embedding"},
        {"\"add_final_layer_norm\": false", "\"add_final_layer_norm\": true", "add_final_layer_norm"},
        {"\"static_position_embeddings\": true", "\"static_position_embeddings\": false", "static_position_embeddings"},
        {"\"share_encoder_decoder_embeddings\": true", "\"share_encoder_decoder_embeddings\": false", "share_encoder"},
        {"\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false", "tie_word_embeddings"},
        {"{", "[", "JSON object"},
        {"{", "{,", "JSON object"},
    };
    struct config c;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        dragoman_error error = {0};
        CHECK(read_changed(faults[i].from, faults[i].to, &c, &error) < 0, "%s", faults[i].to);
        CHECK(error.code == DRAGOMAN_MODEL_CORRUPT && strstr(error.message, faults[i].word), "%s: %s", faults[i].to,
              error.message);
        CHECK(read_changed(faults[i].from, faults[i].to, &c, NULL) < 0, "%s without an error to fill", faults[i].to);
    }
    static const char *const no_object[] = {"", " ", "[]", "1", "\"d_model\"", "null", "{", "{\"d_model\": 24", "\xFF"};
    for (size_t i = 0; i < sizeof no_object / sizeof *no_object; i++) {
        dragoman_error error = {0};
        CHECK(config_read(&c, no_object[i], "m", &error) < 0 && strstr(error.message, "JSON object"), "'%s': %s",
              no_object[i], error.message);
    }
}

int main(void)
{
    test_good();
    test_bounds();
    test_refused();
    return test_report();
}
