#include "find_model.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"

static const char default_model[] = "en-de", suffix[] = ".safetensors";

/* A search for a name, directory after directory. */
struct search {
    const char *name;
    char *found;  /* malloc'ed */
    char *looked; /* malloc'ed: the directories, for the message */
    bool failed;  /* out of memory */
};

static bool is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

/* Look in the directory `base` followed by `rest`. */
static void look_in(struct search *search, const char *base, size_t base_length, const char *rest)
{
    if (search->found || search->failed || base_length == 0)
        return;
    char *path = NULL, *looked = NULL;
    for (int with_suffix = 0; with_suffix < 2; with_suffix++) {
        if (asprintf(&path, "%.*s%s/%s%s", (int)base_length, base, rest, search->name, with_suffix ? suffix : "") < 0) {
            search->failed = true;
            return;
        }
        if (is_file(path)) {
            search->found = path;
            return;
        }
        free(path);
    }
    if (asprintf(&looked, "%s%s%.*s%s", search->looked ? search->looked : "", search->looked ? ", " : "",
                 (int)base_length, base, rest) < 0) {
        search->failed = true;
        return;
    }
    free(search->looked);
    search->looked = looked;
}

static void look_in_path(struct search *search, const char *path)
{
    for (const char *end; path; path = *end ? end + 1 : NULL) {
        end = strchrnul(path, ':');
        look_in(search, path, (size_t)(end - path), "");
    }
}

static void look_beside_program(struct search *search)
{
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0)
        return;
    program[length] = '\0';
    char *slash = strrchr(program, '/');
    size_t directory = slash ? (size_t)(slash - program) : 0;
    look_in(search, program, directory, "");
    look_in(search, program, directory, "/models");
    look_in(search, program, directory, "/../share/dragoman");
}

static void look_everywhere(struct search *search)
{
    const char *data_home = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    look_in_path(search, getenv("DRAGOMAN_PATH"));
    if (data_home && data_home[0] == '/') /* the XDG specification: anything else is to be ignored */
        look_in(search, data_home, strlen(data_home), "/dragoman");
    else if (home && *home)
        look_in(search, home, strlen(home), "/.local/share/dragoman");
    look_in(search, DRAGOMAN_DATADIR, strlen(DRAGOMAN_DATADIR), "");
    look_beside_program(search);
}

/* The path of the file, malloc'ed in *path. 0, or an exit code after a message. */
static int model_find(const char *name, char **path)
{
    const char *wanted = name ? name : getenv("DRAGOMAN_MODEL");
    bool is_default = !wanted || (!name && !*wanted);
    struct search search = {.name = is_default ? default_model : wanted};
    if (!*search.name)
        return usage_error("--model: want a file or a name, found ''");
    if (!is_default && (strchr(wanted, '/') || is_file(wanted))) {
        *path = strdup(wanted);
        return *path ? 0 : out_of_memory();
    }
    look_everywhere(&search);
    *path = search.found;
    int code = search.found ? 0 : DRAGOMAN_MODEL_MISSING;
    if (search.failed)
        code = out_of_memory();
    else if (code)
        message("model '%s' not found: want %s or %s%s in one of %s", search.name, search.name, search.name, suffix,
                search.looked);
    free(search.looked);
    return code;
}

int model_load(struct loaded_model *loaded, const char *name)
{
    dragoman_error error = {0};
    *loaded = (struct loaded_model){0};
    int code = model_find(name, &loaded->path);
    if (code)
        return code;
    double start = seconds_now();
    loaded->model = dragoman_model_open(loaded->path, &error);
    loaded->load_ms = (seconds_now() - start) * 1e3;
    if (loaded->model)
        return 0;
    message("%s", error.message);
    model_unload(loaded);
    return error.code;
}

void model_unload(struct loaded_model *loaded)
{
    dragoman_model_close(loaded->model);
    free(loaded->path);
    *loaded = (struct loaded_model){0};
}

int model_language(const dragoman_model *model, const char *asked, const char **language)
{
    char known[200];
    *language = NULL;
    if (!asked)
        return 0;
    for (size_t i = 0; (*language = dragoman_model_language(model, i)); i++)
        if (strcasecmp(*language, asked) == 0)
            return 0;
    languages_join(model, ", ", known, sizeof known);
    message("--to: found '%s', want a language of the model: %s", asked, known);
    return DRAGOMAN_USAGE;
}

void languages_join(const dragoman_model *model, const char *joint, char *text, size_t size)
{
    const char *language;
    *text = '\0';
    for (size_t i = 0; (language = dragoman_model_language(model, i)); i++) {
        size_t used = strlen(text);
        snprintf(text + used, size - used, "%s%s", i ? joint : "", language);
    }
}
