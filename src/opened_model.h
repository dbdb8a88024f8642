/* An opened model file: what dragoman.h calls a model. */
#ifndef OPENED_MODEL_H
#define OPENED_MODEL_H

#include "align.h"
#include "formats/safetensors.h"
#include "model/model.h"
#include "text/tokenizer.h"

enum { LANGUAGES_MAX = 16 };

struct language {
    char name[16];
    int32_t tag; /* the id of >>name<<, a source's first token */
};

struct dragoman_model {
    struct safetensors file;
    struct model model;
    struct dragoman_tokenizer *tokenizer;
    struct language languages[LANGUAGES_MAX];
    size_t language_count;
    struct alignment alignment;
};

#endif
