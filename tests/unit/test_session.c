/* Sessions: a text's translation is the same whatever the threads, the neighbours, their order and the session; and
 * what a model says of itself. */
#include <pthread.h>
#include <stdlib.h>

#include "../../src/dragoman.h"
#include "test.h"

enum { TEXTS = 40, TEXT_ROOM = 200 };
static const char *const PATH = "tests/golden/tiny-swish.safetensors";
static const dragoman_options german = {.target = "de"};
static dragoman_model *model;
static dragoman_text texts[TEXTS], want[TEXTS]; /* want: each translated alone, by one thread */

/* Texts of one to a dozen words, some of several sentences, some of none. */
static void make_texts(void)
{
    static const char *const words[] = {"The", "quick", "brown", "fox", "Der", "Hund", "springt", "lazy", "How", "are",
                                        "you", "Guten", "Morgen", "\xC3\xBC" "ber", "0123", "geht", "dir"};
    static char room[TEXTS][TEXT_ROOM];
    uint32_t state = 1;
    for (size_t i = 0; i < TEXTS; i++) {
        size_t length = 0;
        for (size_t w = 0; w < i % 12; w++) {
            state = state * 1664525 + 1013904223;
            length += (size_t)sprintf(room[i] + length, "%s%s", words[(state >> 16) % 17], w % 5 == 4 ? ". " : " ");
        }
        texts[i] = (dragoman_text){room[i], length};
    }
}

static dragoman_session *open_session(int threads)
{
    dragoman_error error = {0};
    dragoman_session *session = dragoman_session_open(model, threads, &error);
    if (!session) {
        printf("not ok %s\n", error.message);
        exit(1);
    }
    return session;
}

static bool same(dragoman_text a, dragoman_text b)
{
    return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

static void translate_alone(void)
{
    dragoman_session *session = open_session(1);
    size_t distinct = 0;
    for (size_t i = 0; i < TEXTS; i++) {
        dragoman_text output = {0};
        CHECK(dragoman_translate(session, &german, &texts[i], 1, &output, NULL) == 0, "text %zu", i);
        char *copy = malloc(output.length + 1);
        memcpy(copy, output.bytes, output.length);
        want[i] = (dragoman_text){copy, output.length};
        distinct += i > 0 && !same(want[i], want[i - 1]);
    }
    CHECK(distinct > TEXTS / 2, "the model says the same of most texts: %zu distinct", distinct);
    dragoman_session_close(session);
}

/* All texts at once, in the order (i * step) mod TEXTS. */
static size_t count_wrong(dragoman_session *session, size_t step)
{
    dragoman_text order[TEXTS], outputs[TEXTS];
    size_t wrong = 0;
    for (size_t i = 0; i < TEXTS; i++)
        order[i] = texts[i * step % TEXTS];
    if (dragoman_translate(session, &german, order, TEXTS, outputs, NULL) < 0)
        return TEXTS;
    for (size_t i = 0; i < TEXTS; i++)
        wrong += !same(outputs[i], want[i * step % TEXTS]);
    return wrong;
}

static void test_threads(void)
{
    static const int threads[] = {1, 2, 3, 8, 0};
    static const size_t steps[] = {1, TEXTS - 1, 7};
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
        dragoman_session *session = open_session(threads[t]);
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
            size_t wrong = count_wrong(session, steps[i]);
            CHECK(wrong == 0, "%d threads, order %zu: %zu texts differ", threads[t], steps[i], wrong);
        }
        dragoman_session_close(session);
    }
}

static void *own_session(void *count)
{
    size_t wrong = 0;
    dragoman_session *session = dragoman_session_open(model, 2, NULL);
    for (size_t i = 0; session && i < 2; i++)
        wrong += count_wrong(session, i % 2 ? 7 : 1);
    *(size_t *)count = session ? wrong : TEXTS;
    dragoman_session_close(session);
    return NULL;
}

/* Two threads at once, a session each, on one model. */
static void test_two_sessions(void)
{
    pthread_t threads[2];
    size_t wrong[2] = {TEXTS, TEXTS};
    for (int i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, own_session, &wrong[i]) != 0)
            abort();
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        CHECK(wrong[i] == 0, "thread %d: %zu texts differ", i, wrong[i]);
    }
}

static void test_model(void)
{
    dragoman_tensor_info info;
    const char *key, *value;
    size_t tensors = 0, bytes = 0, entries = 0;
    bool named = false;
    CHECK(strcmp(dragoman_model_language(model, 0), "de") == 0 && strcmp(dragoman_model_language(model, 1), "en") == 0 &&
          !dragoman_model_language(model, 2) && !dragoman_model_language(model, SIZE_MAX), "languages");
    while (dragoman_model_tensor(model, tensors, &info)) {
        size_t elements = 1;
        for (size_t i = 0; i < info.rank; i++)
            elements *= info.shape[i];
        CHECK(info.bytes == elements * (strstr(info.dtype, "32") ? 4 : 1), "%s: %zu bytes", info.name, info.bytes);
        bytes += info.bytes;
        tensors++;
    }
    CHECK(tensors > 60 && !dragoman_model_tensor(model, SIZE_MAX, &info), "%zu tensors", tensors);
    CHECK(bytes < dragoman_model_file(model).length && bytes > dragoman_model_file(model).length * 9 / 10, "%zu bytes", bytes);
    for (; dragoman_model_metadata(model, entries, &key, &value); entries++)
        named |= strcmp(key, "name") == 0 && strcmp(value, "tiny") == 0;
    CHECK(named && entries >= 4, "%zu entries", entries);
    CHECK(dragoman_model_file(model).bytes[8] == '{', "the file");
    CHECK(*dragoman_model_kernels(model), "kernels");
    static const dragoman_text german_text = {"Der Hund ist nicht da.", 22}, english_text = {"The dog is not here.", 20};
    CHECK(strcmp(dragoman_guess_language(model, german_text), "de") == 0, "a German text");
    CHECK(strcmp(dragoman_guess_language(model, english_text), "en") == 0, "an English text");
    CHECK(dragoman_guess_language(model, (dragoman_text){"\xFF\xC3\xE2\x82", 4}), "bytes that are not UTF-8");
    CHECK(dragoman_guess_language(model, (dragoman_text){NULL, 0}), "no text");
    dragoman_model_close(NULL);
    dragoman_session_close(NULL);
    CHECK(!dragoman_model_open("/nonexistent/model", NULL), "a missing model, without an error to fill");
}

int main(void)
{
    dragoman_error error = {0};
    model = dragoman_model_open(PATH, &error);
    CHECK(model, "%s", error.message);
    if (!model)
        return test_report();
    make_texts();
    translate_alone();
    test_threads();
    test_two_sessions();
    test_model();
    for (size_t i = 0; i < TEXTS; i++)
        free((void *)want[i].bytes);
    dragoman_model_close(model);
    return test_report();
}
