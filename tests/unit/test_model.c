/* The loader on damaged model files: each fault gets DRAGOMAN_MODEL_CORRUPT and a message that names it, and no
 * damage at any byte of the header makes it crash. The files are made from the tiny model of the golden tests. */
#include <stdlib.h>
#include <unistd.h>

#include "../../src/dragoman.h"
#include "test.h"

static const char *const TINY = "tests/golden/tiny-i8.safetensors";
static unsigned char *original;
static size_t original_size, header_size;
static char damaged[64];

static void write_file(const void *bytes, size_t size)
{
    FILE *f = fopen(damaged, "wb");
    if (!f || fwrite(bytes, 1, size, f) != size || fclose(f) != 0)
        abort();
}

static dragoman_error open_damaged(void)
{
    dragoman_error error = {0};
    dragoman_model *model = dragoman_model_open(damaged, &error);
    if (model) { /* a change that the loader can't see, in a name of the metadata say: it must still run */
        dragoman_session *session = dragoman_session_open(model, 1, NULL);
        dragoman_text text = {"How are you?", 12}, output;
        CHECK(session && dragoman_translate(session, NULL, &text, 1, &output, NULL) == 0, "translate");
        dragoman_session_close(session);
        dragoman_model_close(model);
    }
    return error;
}

static void expect(const char *what, enum dragoman_code code, const char *const *words)
{
    dragoman_error error = open_damaged();
    CHECK(error.code == code, "%s: code %d: %s", what, error.code, error.message);
    for (; *words; words++)
        CHECK(strstr(error.message, *words) != NULL, "%s: want '%s' in: %s", what, *words, error.message);
}

/* Write the model with the first `from` in its header replaced by `to`. */
static void replace(const char *from, const char *to)
{
    char *header = malloc(header_size + 1), *at;
    memcpy(header, original + 8, header_size);
    header[header_size] = 0;
    at = strstr(header, from);
    CHECK(at != NULL, "no '%s' in the header", from);
    if (!at)
        abort();
    const size_t used = header_size - strlen(from) + strlen(to), rest = original_size - 8 - header_size;
    const size_t new_header = used + (64 - (8 + used) % 64) % 64; /* blanks at the end keep the data aligned */
    unsigned char *bytes = malloc(8 + new_header + rest);
    memset(bytes, ' ', 8 + new_header);
    uint64_t length = new_header;
    size_t before = (size_t)(at - header);
    memcpy(bytes, &length, 8);
    memcpy(bytes + 8, header, before);
    memcpy(bytes + 8 + before, to, strlen(to));
    memcpy(bytes + 8 + before + strlen(to), at + strlen(from), header_size - before - strlen(from));
    memcpy(bytes + 8 + new_header, original + 8 + header_size, rest);
    write_file(bytes, 8 + new_header + rest);
    free(bytes), free(header);
}

static void test_faults(void)
{
    static const struct {
        const char *what, *from, *to, *words[4];
    } faults[] = {
        {"missing tensor", "\"model.encoder.layers.1.fc1.weight\"", "\"model.encoder.layers.1.fc9.weight\"",
         {"model.encoder.layers.1.fc1.weight", "want (40,24)", "found none"}},
        {"missing scale", "\"model.encoder.layers.1.fc1.weight_scale\"", "\"something\"",
         {"model.encoder.layers.1.fc1.weight_scale", "found none"}},
        {"wrong shape", "fc1.weight\":{\"dtype\":\"I8\",\"shape\":[40,24]", "fc1.weight\":{\"dtype\":\"I8\",\"shape\":[24,40]",
         {"fc1.weight", "want (40,24)", "found (24,40)"}},
        {"wrong rank", "fc1.weight\":{\"dtype\":\"I8\",\"shape\":[40,24]", "fc1.weight\":{\"dtype\":\"I8\",\"shape\":[960]",
         {"fc1.weight", "want (40,24)", "found (960)"}},
        {"shape and size differ", "\"I8\",\"shape\":[40,24]", "\"I8\",\"shape\":[40,25]", {"found 960 bytes", "want 1000"}},
        {"wrong dtype", "fc1.weight\":{\"dtype\":\"I8\"", "fc1.weight\":{\"dtype\":\"U8\"",
         {"fc1.weight", "want F32, F16 or I8", "found U8"}},
        {"unknown dtype", "\"dtype\":\"I8\"", "\"dtype\":\"BF16\"", {"dtype", "found BF16"}},
        {"no dtype", "\"dtype\":\"I8\"", "\"dtipe\":\"I8\"", {"dtype", "found none"}},
        {"overflowing shape", "\"shape\":[40,24]", "\"shape\":[9007199254740992,9007199254740992]", {"below 2^64"}},
        {"fractional shape", "\"shape\":[40,24]", "\"shape\":[40.5,24]", {"whole numbers"}},
        {"negative shape", "\"shape\":[40,24]", "\"shape\":[-40,24]", {"whole numbers"}},
        {"rank of five", "\"shape\":[40,24]", "\"shape\":[40,24,1,1,1]", {"up to 4"}},
        {"no offsets", "\"data_offsets\"", "\"data_offset\"", {"data_offsets"}},
        {"twice the name", "\"model.encoder.layers.1.fc2.bias\"", "\"model.encoder.layers.1.fc1.bias\"",
         {"model.encoder.layers.1.fc1.bias", "twice"}},
        {"tokenizer too small", "\\\"vocab_size\\\": ", "\\\"vocab_size\\\": 1", {"pieces", "want"}},
        {"heads", "\\\"encoder_attention_heads\\\": 3", "\\\"encoder_attention_heads\\\": 5", {"heads", "d_model 24", "5"}},
        {"odd width", "\\\"d_model\\\": 24", "\\\"d_model\\\": 23", {"d_model 23"}},
        {"huge width", "\\\"d_model\\\": 24", "\\\"d_model\\\": 24000000", {"d_model", "24000000", "8192"}},
        {"no layers", "\\\"encoder_layers\\\": 2", "\\\"encoder_layers\\\": 0", {"encoder_layers"}},
        {"activation", "\\\"relu\\\"", "\\\"gelu\\\"", {"activation_function", "gelu"}},
        {"pre-norm", "\\\"normalize_before\\\": false", "\\\"normalize_before\\\": true", {"normalize_before"}},
        {"padding id", "\\\"pad_token_id\\\": ", "\\\"pad_token_id\\\": 99", {"pad_token_id"}},
        {"config no JSON", "\"config\":\"{", "\"config\":\"[", {"config", "JSON"}},
        {"no config", "\"config\":", "\"konfig\":", {"config", "none"}},
        {"no languages", "\"languages\":", "\"sprachen\":", {"languages", "none"}},
        {"unknown language", "\"languages\":\"de en\"", "\"languages\":\"de fr\"", {">>fr<<"}},
        {"one language", "\"languages\":\"de en\"", "\"languages\":\"de\"", {"languages", "two"}},
        {"no tokenizer", "\"tokenizer.spm\"", "\"tokenizer.bpe\"", {"tokenizer.spm", "none"}},
        {"metadata no string", "\"format\":\"dragoman 1\"", "\"format\":1", {"format", "string"}},
        {"another format", "dragoman 1", "dragoman 2", {"format", "want 'dragoman 1'", "found dragoman 2"}},
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
    at = strstr(strstr(header, "\"tokenizer.spm\""), "\"data_offsets\":[");
    if (!at || sscanf(at, "\"data_offsets\":[%lu,%lu]", &a, &b) != 2)
        abort();
    free(header);
    snprintf(from, sizeof from, "[%lu,%lu]", a, b);
    snprintf(to, sizeof to, "[%lu,%lu]", a, b + 1);
    replace(from, to);
    expect("beyond the file", DRAGOMAN_MODEL_CORRUPT, (const char *const[]){"tokenizer.spm", "data_offsets", "within", NULL});
    snprintf(to, sizeof to, "[%lu,%lu]", b, a);
    replace(from, to);
    expect("backwards", DRAGOMAN_MODEL_CORRUPT, (const char *const[]){"tokenizer.spm", "data_offsets", NULL});
    replace("\"data_offsets\":[0,", "\"data_offsets\":[1,");
    expect("shifted", DRAGOMAN_MODEL_CORRUPT, (const char *const[]){"bytes", NULL});
    /* the first two I8 matrices of the same size on the same place */
    snprintf(to, sizeof to, "[%lu,%lu]", a - 4, b - 4);
    replace(from, to);
    expect("overlap", DRAGOMAN_MODEL_CORRUPT, (const char *const[]){"tokenizer.spm", "overlap", NULL});
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
    FILE *f = fopen(TINY, "rb");
    if (!f)
        return 1;
    fseek(f, 0, SEEK_END);
    original_size = (size_t)ftell(f);
    rewind(f);
    original = malloc(original_size);
    if (fread(original, 1, original_size, f) != original_size)
        return 1;
    fclose(f);
    uint64_t length;
    memcpy(&length, original, 8);
    header_size = (size_t)length;
    snprintf(damaged, sizeof damaged, "/tmp/dragoman-test-%d.safetensors", (int)getpid());
    write_file(original, original_size);
    CHECK(open_damaged().code == DRAGOMAN_OK, "the undamaged file");
    test_faults();
    test_ranges();
    test_file();
    test_damage();
    unlink(damaged);
    free(original);
    return test_report();
}
