/* The safetensors container: what a good file gives, at the edges of what is good. Damage to a model file is the
 * business of test_model.c. */
#include "../../src/formats/safetensors.h"
#include "scratch_file.h"

static void write_parts(const char *header, size_t header_bytes, const void *data, size_t data_bytes)
{
    const uint64_t length = header_bytes;
    unsigned char *bytes = malloc(8 + header_bytes + data_bytes);
    memcpy(bytes, &length, 8);
    memcpy(bytes + 8, header, header_bytes);
    memcpy(bytes + 8 + header_bytes, data, data_bytes);
    scratch_write(bytes, 8 + header_bytes + data_bytes);
    free(bytes);
}

static bool opens(struct safetensors *st, const char *header, const void *data, size_t data_bytes)
{
    dragoman_error error = {0};
    write_parts(header, strlen(header), data, data_bytes);
    bool good = safetensors_open(st, scratch_path, &error) == 0;
    CHECK(good, "%s: %s", header, error.message);
    return good;
}

static void test_good(void)
{
    static const unsigned char data[] = "halves--floatFLOATfloatFLOAT0123";
    struct safetensors st;
    if (!opens(&st, "{\"w\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[8,24]},"
                    "\"offset\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[24,32]},"
                    "\"__metadata__\":{\"gr\xC3\xB6\xC3\x9F" "e\":\"\\u00fc\\n\\\"\",\"\":\"\"},"
                    "\"scalar\":{\"shape\":[],\"dtype\":\"F16\",\"data_offsets\":[0,2]},"
                    "\"gr\\u00f6\xC3\x9F" "e \\ud83d\\ude00\":{\"data_offsets\":[2,8],\"dtype\":\"I8\",\"shape\":[1,2,1,3],"
                    "\"note\":null}}    ", data, 32))
        return;
    const struct tensor *w = tensor_find(&st.set, "w"), *scalar = tensor_find(&st.set, "scalar"),
                        *unicode = tensor_find(&st.set, "gr\xC3\xB6\xC3\x9F" "e \xF0\x9F\x98\x80");
    const struct tensor *offset = tensor_find(&st.set, "offset");
    CHECK(st.set.count == 4 && w == &st.set.tensors[2], "%zu tensors, in the order of the data", st.set.count);
    CHECK(offset && offset->dtype == DTYPE_I32 && offset->bytes == 8 && memcmp(offset->data, data + 24, 8) == 0, "offset");
    CHECK(strcmp(st.set.path, scratch_path) == 0, "%s", st.set.path);
    CHECK(w && w->dtype == DTYPE_F32 && w->rank == 2 && w->shape[0] == 2 && w->shape[1] == 2 && w->bytes == 16 &&
          memcmp(w->data, data + 8, 16) == 0, "w");
    CHECK(scalar && scalar->dtype == DTYPE_F16 && scalar->rank == 0 && scalar->bytes == 2 &&
          memcmp(scalar->data, data, 2) == 0, "scalar");
    CHECK(unicode && unicode->dtype == DTYPE_I8 && unicode->rank == 4 && unicode->shape[3] == 3 &&
          memcmp(unicode->data, data + 2, 6) == 0, "a name that is not ASCII");
    const char *value = metadata_find(&st.set, "gr\xC3\xB6\xC3\x9F" "e"), *none = metadata_find(&st.set, "");
    CHECK(st.set.metadata_count == 2 && value && strcmp(value, "\xC3\xBC\n\"") == 0 && none && !*none, "metadata");
    safetensors_close(&st);
    safetensors_close(&st);
}

static void test_nothing(void)
{
    static const char *const headers[] = {"{}", "{}      ", "{ }", "{\"__metadata__\":{}}", "{\n}"};
    struct safetensors st;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (opens(&st, headers[i], "", 0)) {
            CHECK(st.set.count == 0 && !tensor_find(&st.set, "w") && !metadata_find(&st.set, "w"), "%s", headers[i]);
            safetensors_close(&st);
        }
}

/* Tensors without elements may lie anywhere between the others, several at one place. */
static void test_no_elements(void)
{
    struct safetensors st;
    if (!opens(&st, "{\"c\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[4,4]},"
                    "\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                    "\"x\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]},"
                    "\"a\":{\"dtype\":\"F32\",\"shape\":[0,9007199254740992],\"data_offsets\":[0,0]},"
                    "\"b\":{\"dtype\":\"I8\",\"shape\":[5,0,5],\"data_offsets\":[4,4]},"
                    "\"z\":{\"dtype\":\"F16\",\"shape\":[0],\"data_offsets\":[8,8]}}", "abcdefgh", 8))
        return;
    const struct tensor *a = tensor_find(&st.set, "a"), *w = tensor_find(&st.set, "w"), *x = tensor_find(&st.set, "x");
    CHECK(st.set.count == 6 && a && a->bytes == 0 && a->rank == 2, "%zu tensors", st.set.count);
    CHECK(w && memcmp(w->data, "abcd", 4) == 0 && x && memcmp(x->data, "efgh", 4) == 0, "their neighbours");
    safetensors_close(&st);
}

static void expect(const char *header, size_t header_bytes, size_t data_bytes, const char *word)
{
    struct safetensors st;
    dragoman_error error = {0};
    write_parts(header, header_bytes, "abcdefgh", data_bytes);
    CHECK(safetensors_open(&st, scratch_path, &error) < 0 && error.code == DRAGOMAN_MODEL_CORRUPT, "%s: code %d", header,
          error.code);
    CHECK(strstr(error.message, word) && strstr(error.message, scratch_path), "%s: want '%s' in: %s", header, word,
          error.message);
    CHECK(safetensors_open(&st, scratch_path, NULL) < 0, "%s: without an error to fill", header);
}
#define EXPECT(header, data_bytes, word) expect(header, sizeof(header) - 1, data_bytes, word)

static void test_refused(void)
{
    EXPECT("{}", 1, "want 1");
    EXPECT("{}\0", 0, "JSON");
    EXPECT("{}}", 0, "JSON");
    EXPECT("{} x", 0, "JSON");
    EXPECT("{", 0, "want a safetensors file");
    EXPECT("{{", 0, "JSON");
    EXPECT(" {}", 0, "0x20");
    EXPECT("{\"w\":1}", 0, "w: want a JSON object");
    EXPECT("{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", 1, "data_offsets");
    EXPECT("{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,0.5]}}", 1, "data_offsets");
    EXPECT("{\"w\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[1,1]}}", 0, "data_offsets");
    EXPECT("{\"w\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,0]}}", 0, "want 4 for F32 ()");
    EXPECT("{\"w\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "want 8 for I32 (2)");
    EXPECT("{\"w\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}", 8, "want F32, F16, I8, U8 or I32");
    EXPECT("{\"v\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
           "\"w\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[2,2]}}", 4, "overlap");
    EXPECT("{\"v\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
           "\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}", 4, "hole");
    EXPECT("{\"w\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
           "\"\\u0077\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0, "twice");
    EXPECT("{\"__metadata__\":[]}", 0, "one JSON object");
    EXPECT("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "one JSON object");
    EXPECT("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, "a: found twice");
}

int main(void)
{
    scratch_make();
    test_good();
    test_nothing();
    test_no_elements();
    test_refused();
    scratch_remove();
    return test_report();
}
