/* The public functions of models: opening a file, and what it holds. */
#include "opened_model.h"

#include <stdlib.h>
#include <string.h>

#include "text/language.h"

/* The target languages of the metadata entry "languages", e.g. "de en", each with its tag among the pieces. */
static int read_languages(struct dragoman_model *m, const char *path, dragoman_error *error)
{
    const char *at = metadata_find(&m->file.set, "languages");
    if (!at)
        return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: __metadata__: want an entry 'languages', found none", path);
    while (*(at += strspn(at, " "))) {
        struct language *l = &m->languages[m->language_count];
        const size_t n = strcspn(at, " ");
        char tag[sizeof l->name + 4];
        if (m->language_count == LANGUAGES_MAX || n >= sizeof l->name)
            return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: __metadata__: languages: want up to %d names of up to %zu bytes, found '%.40s'",
                        path, LANGUAGES_MAX, sizeof l->name - 1, at);
        memcpy(l->name, at, n);
        memcpy(memcpy(tag, ">>", 2) + 2, at, n);
        memcpy(tag + 2 + n, "<<", 3);
        l->tag = tokenizer_id(m->tokenizer, tag);
        if (l->tag == tokenizer_unk(m->tokenizer))
            return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: tokenizer: want a piece %s, found none", path, tag);
        m->language_count++;
        at += n;
    }
    if (m->language_count < 2)
        return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: __metadata__: languages: want two or more, found %zu", path,
                    m->language_count);
    return 0;
}

/* The tokenizer's ids are the model's: its pieces are all rows of the embedding but the last, the padding. */
static int read_tokenizer(struct dragoman_model *m, const struct config *config, const char *path,
                          dragoman_error *error)
{
    const struct tensor *spm = tensor_find(&m->file.set, "tokenizer.spm");
    if (!spm || spm->dtype != DTYPE_U8 || spm->rank != 1)
        return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: tensor tokenizer.spm: want a list of U8, found %s", path,
                    spm ? "something else" : "none of that name");
    m->tokenizer = tokenizer_read(spm->data, spm->bytes, path, error);
    if (!m->tokenizer)
        return -1;
    if (tokenizer_size(m->tokenizer) + 1 != config->vocab)
        return fail(error, DRAGOMAN_MODEL_CORRUPT,
                    "%s: tokenizer.spm: found %zu pieces, want %zu: the embedding has %zu rows with the padding", path,
                    tokenizer_size(m->tokenizer), config->vocab - 1, config->vocab);
    if (config->pad != (int32_t)config->vocab - 1 || config->eos != tokenizer_eos(m->tokenizer))
        return fail(error, DRAGOMAN_MODEL_CORRUPT,
                    "%s: config: want pad_token_id %zu and eos_token_id %d as the tokenizer has them, found %d and %d",
                    path, config->vocab - 1, tokenizer_eos(m->tokenizer), config->pad, config->eos);
    return read_languages(m, path, error);
}

static int model_read(struct dragoman_model *m, const char *path, dragoman_error *error)
{
    struct config config;
    const struct kernels *kernels = kernels_choose(error);
    if (!kernels || safetensors_open(&m->file, path, error) < 0)
        return -1;
    const char *json = metadata_find(&m->file.set, "config"), *format = metadata_find(&m->file.set, "format");
    path = m->file.set.path;
    if (!format || strcmp(format, "dragoman 1") != 0)
        return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: __metadata__: format: want 'dragoman 1', found %.40s", path,
                    format ? format : "none");
    if (!json)
        return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: __metadata__: want an entry 'config', found none", path);
    if (config_read(&config, json, path, error) < 0 || read_tokenizer(m, &config, path, error) < 0)
        return -1;
    if (alignment_read(&m->alignment, metadata_find(&m->file.set, "alignment"), config.layers_decoder,
                       config.heads_decoder, path, error) < 0)
        return -1;
    return model_bind(&m->model, &config, kernels, &m->file.set, error);
}

dragoman_model *dragoman_model_open(const char *path, dragoman_error *error)
{
    struct dragoman_model *m = calloc(1, sizeof *m);
    if (!m) {
        fail_memory(error, sizeof *m);
        return NULL;
    }
    if (model_read(m, path, error) < 0) {
        dragoman_model_close(m);
        return NULL;
    }
    return m;
}

void dragoman_model_close(dragoman_model *m)
{
    if (!m)
        return;
    model_free(&m->model);
    tokenizer_free(m->tokenizer);
    safetensors_close(&m->file);
    free(m);
}

const char *dragoman_model_language(const dragoman_model *m, size_t i)
{
    return i < m->language_count ? m->languages[i].name : NULL;
}

const dragoman_tokenizer *dragoman_model_tokenizer(const dragoman_model *m)
{
    return m->tokenizer;
}

bool dragoman_model_tensor(const dragoman_model *m, size_t i, dragoman_tensor_info *info)
{
    if (i >= m->file.set.count)
        return false;
    const struct tensor *t = &m->file.set.tensors[i];
    *info = (dragoman_tensor_info){.name = t->name, .dtype = dtype_name(t->dtype), .rank = t->rank, .bytes = t->bytes};
    memcpy(info->shape, t->shape, sizeof info->shape);
    return true;
}

bool dragoman_model_metadata(const dragoman_model *m, size_t i, const char **key, const char **value)
{
    if (i >= m->file.set.metadata_count)
        return false;
    *key = m->file.set.metadata[i].key;
    *value = m->file.set.metadata[i].value;
    return true;
}

dragoman_text dragoman_model_file(const dragoman_model *m)
{
    return (dragoman_text){(const char *)m->file.file.data, m->file.file.size};
}

const char *dragoman_model_kernels(const dragoman_model *m)
{
    return m->model.kernels->name;
}

void dragoman_model_heads(const dragoman_model *m, enum dragoman_attention_kind kind, size_t *layers, size_t *heads)
{
    const struct config *c = &m->model.config;
    *layers = kind == DRAGOMAN_ENCODER_SELF ? c->layers_encoder : c->layers_decoder;
    *heads = kind == DRAGOMAN_ENCODER_SELF ? c->heads_encoder : c->heads_decoder;
}

const char *dragoman_guess_language(const dragoman_model *m, dragoman_text text)
{
    const char *guess = language_guess(text.bytes, text.length);
    for (size_t i = 0; i < m->language_count; i++)
        if (strcmp(m->languages[i].name, guess) == 0)
            return m->languages[i].name;
    return m->languages[0].name;
}
