/* Which file a model's name means, and opening it. */
#ifndef CLI_FIND_MODEL_H
#define CLI_FIND_MODEL_H

#include "../dragoman.h"

/* A model that is open. */
struct loaded_model {
    dragoman_model *model;
    char *path;
    double load_ms;
};

/* Open the model that `name` means (NULL: the default). 0, or an exit code after a message. */
int model_load(struct loaded_model *loaded, const char *name);
void model_unload(struct loaded_model *loaded);

/* The model's own spelling of the language that --to asks for (NULL: none). 0, or an exit code after a message. */
int model_language(const dragoman_model *model, const char *asked, const char **language);
/* The languages the model translates into, joined. */
void languages_join(const dragoman_model *model, const char *joint, char *text, size_t size);

#endif
