/* The loader on damaged model files: each fault gets DRAGOMAN_MODEL_CORRUPT and a message that names it, and no
 * damage at any byte of the header makes it crash. Tensors that are not what the model needs: test_bind.c. */
#include "damaged.h"

static void test_faults(void)
{
    static const struct {
        const char *what, *from, *to, *words[4];
    } faults[] = {
        {"shape and size differ", "\"I8\",\"shape\":[3,7,16,4]", "\"I8\",\"shape\":[3,8,16,4]",
         {"found 1344 bytes", "want 1536"}},
        {"unknown dtype", "\"dtype\":\"I8\"", "\"dtype\":\"BF16\"", {"dtype", "found BF16"}},
        {"no dtype", "\"dtype\":\"I8\"", "\"dtipe\":\"I8\"", {"dtype", "found none"}},
        {"overflowing shape", "\"shape\":[3,7,16,4]", "\"shape\":[9007199254740992,9007199254740992]", {"below 2^64"}},
        {"fractional shape", "\"shape\":[3,7,16,4]", "\"shape\":[3,7.5,16,4]", {"whole numbers"}},
        {"negative shape", "\"shape\":[3,7,16,4]", "\"shape\":[3,-7,16,4]", {"whole numbers"}},
        {"rank of five", "\"shape\":[3,7,16,4]", "\"shape\":[3,7,16,4,1]", {"up to 4"}},
        {"no offsets", "\"data_offsets\"", "\"data_offset\"", {"data_offsets"}},
        {"twice the name", "\"model.encoder.layers.1.fc2.bias\"", "\"model.encoder.layers.1.fc1.bias\"",
         {"model.encoder.layers.1.fc1.bias", "twice"}},
        {"tokenizer too small", "\\\"vocab_size\\\": ", "\\\"vocab_size\\\": 1", {"pieces", "want"}},
        {"heads", "\\\"encoder_attention_heads\\\": 2", "\\\"encoder_attention_heads\\\": 5", {"heads", "d_model 26", "5"}},
        {"odd width", "\\\"d_model\\\": 26", "\\\"d_model\\\": 25", {"d_model 25"}},
        {"huge width", "\\\"d_model\\\": 26", "\\\"d_model\\\": 24000000", {"d_model", "24000000", "8192"}},
        {"no layers", "\\\"encoder_layers\\\": 2", "\\\"encoder_layers\\\": 0", {"encoder_layers"}},
        {"activation", "\\\"relu\\\"", "\\\"gelu\\\"", {"activation_function", "gelu"}},
        {"pre-norm", "\\\"normalize_before\\\": false", "\\\"normalize_before\\\": true", {"normalize_before"}},
        {"padding id", "\\\"pad_token_id\\\": ", "\\\"pad_token_id\\\": 99", {"pad_token_id"}},
        {"config no JSON", "\"config\":\"{", "\"config\":\"[", {"config", "JSON"}},
        {"no config", "\"config\":", "\"konfig\":", {"config", "none"}},
        {"no languages", "\"languages\":", "\"sprachen\":", {"languages", "none"}},
        {"unknown language", "\"languages\":\"de en\"", "\"languages\":\"de fr\"", {">>fr<<"}},
        {"one language", "\"languages\":\"de en\"", "\"languages\":\"de\"", {"languages", "two"}},
        {"half a trie", "\"tokenizer.trie_bytes\"", "\"tokenizer.tree_bytes\"", {"tokenizer.trie", "one of them alone"}},
        {"the other half", "\"tokenizer.trie\"", "\"tokenizer.tree\"", {"tokenizer.trie", "one of them alone"}},
        {"no tokenizer", "\"tokenizer.spm\"", "\"tokenizer.bpe\"", {"tokenizer.spm", "none"}},
        {"metadata no string", "\"format\":\"dragoman 2\"", "\"format\":1", {"format", "string"}},
        {"the old format", "dragoman 2", "dragoman 1", {"format", "want 'dragoman 2'", "found dragoman 1"}},
        {"a later format", "dragoman 2", "dragoman 3", {"format", "want 'dragoman 2'", "found dragoman 3"}},
        {"no JSON", "{", "{ {", {"JSON"}},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        replace(faults[i].from, faults[i].to);
        expect(faults[i].what, DRAGOMAN_MODEL_CORRUPT, faults[i].words);
    }
}

/* Move the last tensor's beginning, so that it overlaps its neighbour or leaves a hole. */
static void test_ranges(void)
{
    char from[64], to[64];
    unsigned long a, b;
    char *header = malloc(header_size + 1), *at;
    memcpy(header, original + 8, header_size);
    header[header_size] = 0;
    a = b = 0;
    for (at = header; (at = strstr(at, "\"data_offsets\":[")); at++) {
        unsigned long begin, end;
        if (sscanf(at, "\"data_offsets\":[%lu,%lu]", &begin, &end) == 2 && end > b)
            a = begin, b = end;
    }
    free(header);
    snprintf(from, sizeof from, "[%lu,%lu]", a, b);
    snprintf(to, sizeof to, "[%lu,%lu]", a, b + 1);
    replace(from, to);
    expect("beyond the file", DRAGOMAN_MODEL_CORRUPT, (const char *const[]){"data_offsets", "within", NULL});
    snprintf(to, sizeof to, "[%lu,%lu]", b, a);
    replace(from, to);
    expect("backwards", DRAGOMAN_MODEL_CORRUPT, (const char *const[]){"data_offsets", NULL});
    replace("\"data_offsets\":[0,", "\"data_offsets\":[1,");
    expect("shifted", DRAGOMAN_MODEL_CORRUPT, (const char *const[]){"bytes", NULL});
    /* the last tensor begins inside the one before it */
    snprintf(to, sizeof to, "[%lu,%lu]", a - 4, b - 4);
    replace(from, to);
    expect("overlap", DRAGOMAN_MODEL_CORRUPT, (const char *const[]){"overlap", NULL});
    unsigned char *longer = calloc(1, original_size + 1);
    memcpy(longer, original, original_size);
    write_file(longer, original_size + 1);
    free(longer);
    expect("a byte too many", DRAGOMAN_MODEL_CORRUPT, (const char *const[]){"end", NULL});
}

static void test_file(void)
{
    uint64_t length = original_size;
    unsigned char *bytes = malloc(original_size);
    memcpy(bytes, original, original_size);
    memcpy(bytes, &length, 8);
    write_file(bytes, original_size);
    expect("header longer than the file", DRAGOMAN_MODEL_CORRUPT, (const char *const[]){"header", "truncated", NULL});
    length = UINT64_MAX;
    memcpy(bytes, &length, 8);
    write_file(bytes, original_size);
    expect("enormous header", DRAGOMAN_MODEL_CORRUPT, (const char *const[]){"header", NULL});
    memcpy(bytes, original, 8);
    bytes[8] = 'P';
    write_file(bytes, original_size);
    expect("wrong magic", DRAGOMAN_MODEL_CORRUPT, (const char *const[]){"not a safetensors file", "0x50", NULL});
    write_file(bytes, 0);
    expect("empty", DRAGOMAN_MODEL_CORRUPT, (const char *const[]){"empty", NULL});
    free(bytes);
    unlink(damaged);
    expect("missing", DRAGOMAN_MODEL_MISSING, (const char *const[]){damaged, NULL});
}

/* Every truncation of the header and some of the data fail; no flipped byte of the header crashes. */
static void test_damage(void)
{
    size_t opened = 0, failed = 0;
    unsigned char *bytes = malloc(original_size);
    for (size_t n = 0; n < original_size; n += n < header_size + 8 ? 1 : 997) {
        write_file(original, n);
        if (open_damaged().code != DRAGOMAN_MODEL_CORRUPT)
            failed++;
    }
    CHECK(failed == 0, "%zu truncated files were not refused", failed);
    for (size_t i = 0; i < 8 + header_size; i++)
        for (int kind = 0; kind < 2; kind++) {
            memcpy(bytes, original, original_size);
            bytes[i] = kind == 0 ? bytes[i] ^ 1 : i % 2 ? 0 : bytes[i] ^ 0x80;
            write_file(bytes, original_size);
            dragoman_error error = open_damaged();
            opened += error.code == DRAGOMAN_OK;
            if (error.code != DRAGOMAN_OK && error.code != DRAGOMAN_MODEL_CORRUPT)
                failed++;
        }
    CHECK(failed == 0, "%zu damaged files gave another code", failed);
    CHECK(opened < header_size, "%zu damaged headers of %zu went unseen", opened, 2 * header_size);
    free(bytes);
}

int main(void)
{
    damaged_begin();
    CHECK(open_damaged().code == DRAGOMAN_OK, "the undamaged file");
    test_faults();
    test_ranges();
    test_file();
    test_damage();
    damaged_end();
    return test_report();
}
