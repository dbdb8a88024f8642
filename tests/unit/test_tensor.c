/* Tensors by name, metadata by key, shapes as text. */
#include <stdint.h>
#include <stdlib.h>

#include "../../src/base/tensor.h"
#include "test.h"

static void test_find(void)
{
    static const char *const names[] = {"model.layers.10.w", "b", "", "model.layers.1.w", "gr\xC3\xB6\xC3\x9F" "e", "bb", "B"};
    enum { COUNT = sizeof names / sizeof *names };
    struct tensor tensors[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        tensors[i] = (struct tensor){.name = names[i], .rank = i};
    struct tensor_set set = {.path = "m.safetensors", .tensors = tensors, .count = COUNT};
    CHECK(tensor_set_sort(&set, NULL) == 0, "sort");
    for (size_t i = 0; i < COUNT; i++) {
        CHECK(tensor_find(&set, names[i]) == &tensors[i], "'%s'", names[i]);
        CHECK(tensors[i].rank == i, "the order of the file changed at %zu", i);
    }
    static const char *const none[] = {"a", "bbb", "model.layers.1", "model.layers.1.w ", "z", "gr"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        CHECK(tensor_find(&set, none[i]) == NULL, "'%s'", none[i]);
    free(set.by_name);

    struct tensor_set empty = {.path = "m"};
    CHECK(tensor_set_sort(&empty, NULL) == 0 && tensor_find(&empty, "b") == NULL, "no tensors");
    free(empty.by_name);
}

static void test_twice(void)
{
    char name[300];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = 0;
    struct tensor tensors[] = {{.name = "a"}, {.name = name}, {.name = "b"}, {.name = name}};
    struct tensor_set set = {.path = "m.safetensors", .tensors = tensors, .count = 4};
    dragoman_error error = {0};
    CHECK(tensor_set_sort(&set, &error) < 0 && error.code == DRAGOMAN_MODEL_CORRUPT, "code %d", error.code);
    CHECK(strstr(error.message, "m.safetensors: tensor xxx") && strstr(error.message, "twice, want once"), "%s",
          error.message);
    free(set.by_name);
}

static void test_metadata(void)
{
    struct metadata_entry entries[] = {{"format", "1"}, {"config", "{}"}, {"", "nothing"}};
    const struct tensor_set set = {.metadata = entries, .metadata_count = 3}, empty = {0};
    CHECK(metadata_find(&set, "config") == entries[1].value && metadata_find(&set, "") == entries[2].value, "found");
    CHECK(!metadata_find(&set, "Config") && !metadata_find(&set, "conf") && !metadata_find(&empty, "config"), "not found");
}

/* However small the buffer, it gets the beginning of the text, ended by NUL, and nothing is written past it. */
static void test_shape_text(void)
{
    static const struct {
        size_t rank, shape[TENSOR_RANK_MAX];
        const char *want;
    } shapes[] = {{0, {0}, "()"},
                  {1, {7}, "(7)"},
                  {2, {256, 1024}, "(256,1024)"},
                  {4, {1, 0, 3, SIZE_MAX}, "(1,0,3,18446744073709551615)"}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const size_t full = strlen(shapes[i].want);
        for (size_t size = 1; size <= full + 2; size++) {
            char *buffer = malloc(size);
            const char *got = shape_text(shapes[i].shape, shapes[i].rank, buffer, size);
            const size_t want = size - 1 < full ? size - 1 : full;
            CHECK(got == buffer && strlen(got) == want && strncmp(got, shapes[i].want, want) == 0,
                  "%zu bytes: want the first %zu of %s, got %s", size, want, shapes[i].want, got);
            free(buffer);
        }
    }
}

int main(void)
{
    test_find();
    test_twice();
    test_metadata();
    test_shape_text();
    static const char *const names[] = {"F32", "F16", "I8", "U8", "I32"};
    static const size_t bytes[] = {4, 2, 1, 1, 4};
    for (int d = 0; d < DTYPE_COUNT; d++)
        CHECK(strcmp(dtype_name((enum dtype)d), names[d]) == 0 && dtype_bytes((enum dtype)d) == bytes[d], "%s", names[d]);
    return test_report();
}
