/* Binding names to weights: tensors that are missing, or not of the shape, dtype or kind that the model needs. Each
 * fault is named, with what was wanted and found. The model's matrices are int8, (26,26), (41,26), (26,41) and (61,26).
 */
#include <math.h>

#include "damaged.h"

static void test_headers(void)
{
    static const struct {
        const char *what, *from, *to, *words[4];
    } faults[] = {
        {"missing tensor", "\"model.encoder.layers.1.fc1.weight\"", "\"model.encoder.layers.1.fc9.weight\"",
         {"model.encoder.layers.1.fc1.weight", "want (41,26)", "found none"}},
        {"missing scale", "\"model.encoder.layers.1.fc1.weight_scale\"", "\"something\"",
         {"model.encoder.layers.1.fc1.weight_scale", "found none"}},
        {"missing offset", "\"model.encoder.layers.1.fc1.weight_offset\"", "\"something\"",
         {"model.encoder.layers.1.fc1.weight_offset", "want (48)", "found none"}},
        {"dtype of an offset", "fc1.weight_offset\":{\"dtype\":\"I32\"", "fc1.weight_offset\":{\"dtype\":\"F32\"",
         {"fc1.weight_offset", "want I32", "found F32"}},
        {"shape of an offset", "fc1.weight_offset\":{\"dtype\":\"I32\",\"shape\":[48]",
         "fc1.weight_offset\":{\"dtype\":\"I32\",\"shape\":[3,16]", {"fc1.weight_offset", "want (48)", "found (3,16)"}},
        {"dtype of a scale", "fc1.weight_scale\":{\"dtype\":\"F32\"", "fc1.weight_scale\":{\"dtype\":\"I32\"",
         {"fc1.weight_scale", "want F32 or F16", "found I32"}},
        {"shape of a scale", "fc1.weight_scale\":{\"dtype\":\"F32\",\"shape\":[41]",
         "fc1.weight_scale\":{\"dtype\":\"F32\",\"shape\":[1,41]", {"fc1.weight_scale", "want (41)", "found (1,41)"}},
        {"blocks the other way round", "fc1.weight\":{\"dtype\":\"I8\",\"shape\":[3,7,16,4]",
         "fc1.weight\":{\"dtype\":\"I8\",\"shape\":[7,3,16,4]", {"fc1.weight", "want (3,7,16,4)", "found (7,3,16,4)"}},
        {"packed, but of rank two", "fc1.weight\":{\"dtype\":\"I8\",\"shape\":[3,7,16,4]",
         "fc1.weight\":{\"dtype\":\"I8\",\"shape\":[48,28]", {"fc1.weight", "want (3,7,16,4)", "found (48,28)"}},
        {"wrong rank", "fc1.weight\":{\"dtype\":\"I8\",\"shape\":[3,7,16,4]",
         "fc1.weight\":{\"dtype\":\"I8\",\"shape\":[1344]", {"fc1.weight", "want (3,7,16,4)", "found (1344)"}},
        {"packed, but not int8", "fc1.weight\":{\"dtype\":\"I8\"", "fc1.weight\":{\"dtype\":\"U8\"",
         {"fc1.weight", "want (41,26)", "found (3,7,16,4)"}},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        replace(faults[i].from, faults[i].to);
        expect(faults[i].what, DRAGOMAN_MODEL_CORRUPT, faults[i].words);
    }
}

/* Matrices of another kind: as format 1 had them, or float where others are int8. */
static void test_matrices(void)
{
    static const struct {
        const char *what, *name, *dtype, *shape;
        size_t bytes;
        const char *words[4];
    } faults[] = {
        {"int8 row by row", "model.encoder.layers.1.fc1.weight", "I8", "[41,26]", 41 * 26,
         {"layers.1.fc1.weight", "want (3,7,16,4)", "found (41,26)"}},
        {"embedding row by row", "model.shared.weight", "I8", "[61,26]", 61 * 26,
         {"model.shared.weight", "want (4,7,16,4)", "found (61,26)"}},
        {"the wrong dtype", "model.decoder.layers.0.fc2.weight", "U8", "[26,41]", 26 * 41,
         {"layers.0.fc2.weight", "want F32, F16 or I8", "found U8"}},
        {"a wrong float shape", "model.encoder.layers.1.fc1.weight", "F32", "[26,41]", 26 * 41 * 4,
         {"layers.1.fc1.weight", "want (41,26)", "found (26,41)"}},
        {"a layer of F32", "model.decoder.layers.1.fc2.weight", "F32", "[26,41]", 26 * 41 * 4,
         {"decoder.layers.1.fc2.weight", "want I8, as other layers have", "found F32"}},
        {"a layer of F16", "model.encoder.layers.1.self_attn.v_proj.weight", "F16", "[26,26]", 26 * 26 * 2,
         {"layers.1.self_attn.v_proj.weight", "want I8, as other layers have", "found F16"}},
        {"the first layer of F32", "model.encoder.layers.0.self_attn.q_proj.weight", "F32", "[26,26]", 26 * 26 * 4,
         {"layers.0.self_attn.k_proj.weight", "want F32 or F16, as other layers have", "found I8"}},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        replace_tensor(faults[i].name, faults[i].dtype, faults[i].shape, faults[i].bytes);
        expect(faults[i].what, DRAGOMAN_MODEL_CORRUPT, faults[i].words);
    }
    /* The embedding and the logits are no layer. */
    replace_tensor("model.shared.weight", "F32", "[61,26]", 61 * 26 * 4);
    expect("int8 layers and a float embedding", DRAGOMAN_OK, (const char *const[]){NULL});
    replace_tensor("model.shared.weight", "F16", "[61,26]", 61 * 26 * 2);
    expect("int8 layers and a half embedding", DRAGOMAN_OK, (const char *const[]){NULL});
}

/* Numbers that would spoil everything. */
static void test_numbers(void)
{
    static const char *const names[] = {"model.encoder.layers.1.fc1.weight_scale", "model.shared.weight_scale",
                                        "model.decoder.layers.0.fc2.bias", "final_logits_bias",
                                        "model.decoder.layers.1.final_layer_norm.weight"};
    static const float numbers[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t j = 0; j < 3; j++) {
            replace_data(names[i], 4 * (7 + j), &numbers[j], sizeof numbers[j]);
            const char at[] = {'a', 't', ' ', (char)('7' + j), 0}; /* at 7, 8, 9 */
            expect("a number", DRAGOMAN_MODEL_CORRUPT, (const char *const[]){names[i], "finite", at, NULL});
        }
}

int main(void)
{
    damaged_begin();
    test_headers();
    test_matrices();
    test_numbers();
    damaged_end();
    return test_report();
}
