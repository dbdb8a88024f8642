/* The tiny models of tests/golden, opened for the parts below the public functions. */
#ifndef TEST_TINY_H
#define TEST_TINY_H

#include <stdlib.h>

#include "../../src/decode/greedy.h"
#include "../../src/formats/safetensors.h"
#include "tables.h"
#include "test.h"

struct tiny {
    struct safetensors file;
    struct model model;
};
static const char *const tiny_names[] = {"tiny-f32", "tiny-f16", "tiny-i8", "tiny-swish"};
enum { TINY_COUNT = sizeof tiny_names / sizeof *tiny_names };

/* Without the model there is no test: a program that ends before its tally has failed. */
static inline void tiny_open_path(struct tiny *tiny, const char *path, const struct kernels *kernels)
{
    dragoman_error error = {0};
    struct config config;
    if (safetensors_open(&tiny->file, path, &error) < 0 ||
        config_read(&config, metadata_find(&tiny->file.set, "config"), path, &error) < 0 ||
        model_bind(&tiny->model, &config, kernels, &tiny->file.set, &error) < 0) {
        printf("not ok %s\n", error.message);
        exit(1);
    }
}

static inline void tiny_open(struct tiny *tiny, const char *name, const struct kernels *kernels)
{
    char path[96];
    snprintf(path, sizeof path, "tests/golden/%s.safetensors", name);
    tiny_open_path(tiny, path, kernels);
}

static inline void tiny_close(struct tiny *tiny)
{
    model_free(&tiny->model);
    safetensors_close(&tiny->file);
}

/* A batch of B sentences of different lengths, `tag ids </s>`; free ids[0]. */
enum { TINY_SENTENCES = 6 };
static const size_t tiny_lengths[TINY_SENTENCES] = {7, 2, 15, 3, 21, 11};
static inline struct source_batch tiny_batch(const struct model *model, const int32_t *ids[TINY_SENTENCES])
{
    int32_t *all = malloc(100 * sizeof *all);
    uint32_t state = 7;
    for (size_t b = 0; b < TINY_SENTENCES; b++) {
        ids[b] = all;
        for (size_t i = 0; i < tiny_lengths[b]; i++) {
            state = state * 1664525 + 1013904223;
            *all++ = i == 0 ? 2 + (int32_t)b % 2
                     : i + 1 == tiny_lengths[b] ? model->config.eos
                                                : 4 + (int32_t)((state >> 8) % (model->config.vocab - 5));
        }
    }
    return (struct source_batch){ids, tiny_lengths, TINY_SENTENCES};
}

#endif
