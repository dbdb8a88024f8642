/* The public functions of the tokenizer, on a small model made by hand and on a model file's own. */
#include "scratch_file.h"
#include "spm_writer.h"

static void test_round(const dragoman_tokenizer *t)
{
    int32_t *ids = NULL;
    size_t count = 99;
    dragoman_text text = {0};
    dragoman_error error = {0};
    CHECK(dragoman_tokenize(t, (dragoman_text){"bab  a", 6}, &ids, &count, &error) == 0, "%s", error.message);
    CHECK(count == 4 && ids[0] == 3 && ids[1] == 5 && ids[2] == 6 && ids[3] == 7, "%zu ids", count);
    CHECK(dragoman_detokenize(t, ids, count, &text, &error) == 0, "%s", error.message);
    CHECK(text.length == 5 && strcmp(text.bytes, "bab a") == 0, "'%s'", text.bytes);
    free(ids), free((char *)text.bytes);

    ids = NULL;
    CHECK(dragoman_tokenize(t, (dragoman_text){"a\0\xFF", 3}, &ids, &count, NULL) == 0 && count == 2 && ids[1] == 0,
          "NUL and a bad byte are unknown: %zu ids", count);
    free(ids);
    ids = NULL;
    CHECK(dragoman_tokenize(t, (dragoman_text){NULL, 0}, &ids, &count, NULL) == 0 && count == 0, "no text: %zu ids", count);
    free(ids);
    CHECK(dragoman_detokenize(t, NULL, 0, &text, NULL) == 0 && text.length == 0 && text.bytes && !*text.bytes, "no ids");
    free((char *)text.bytes);
}

static void test_pieces(const dragoman_tokenizer *t)
{
    CHECK(dragoman_tokenizer_size(t) == 12, "%zu pieces", dragoman_tokenizer_size(t));
    for (int32_t id = 0; id < 12; id++)
        CHECK(dragoman_tokenizer_id(t, dragoman_tokenizer_piece(t, id)) == id, "piece %d", id);
    CHECK(!dragoman_tokenizer_piece(t, 12) && !dragoman_tokenizer_piece(t, -1) && !dragoman_tokenizer_piece(t, INT32_MAX),
          "out of range");
    CHECK(dragoman_tokenizer_id(t, "no such piece") == 0, "the unknown id");
    static const int32_t wrong[] = {12, -1, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < 4; i++) {
        const int32_t ids[] = {4, wrong[i], 4};
        dragoman_text text = {"untouched", 9};
        dragoman_error error = {0};
        CHECK(dragoman_detokenize(t, ids, 3, &text, &error) < 0 && error.code == DRAGOMAN_INPUT, "id %d: code %d", wrong[i],
              error.code);
        CHECK(text.length == 9 && dragoman_detokenize(t, ids, 3, &text, NULL) < 0, "id %d", wrong[i]);
    }
}

static void test_open(void)
{
    struct byte_string m = {0};
    dragoman_error error = {0};
    put_unigram(&m);
    scratch_write(m.bytes, m.length);
    dragoman_tokenizer *t = dragoman_tokenizer_open(scratch_path, &error);
    CHECK(t, "%s", error.message);
    if (t) {
        test_round(t);
        test_pieces(t);
    }
    dragoman_tokenizer_close(t);
    dragoman_tokenizer_close(NULL);

    scratch_write(m.bytes, m.length - 3); /* cut in the last piece */
    CHECK(!dragoman_tokenizer_open(scratch_path, &error) && error.code == DRAGOMAN_MODEL_CORRUPT &&
          strstr(error.message, scratch_path), "damaged: %d, %s", error.code, error.message);
    CHECK(!dragoman_tokenizer_open(scratch_path, NULL), "damaged");
    unlink(scratch_path);
    CHECK(!dragoman_tokenizer_open(scratch_path, &error) && error.code == DRAGOMAN_MODEL_MISSING &&
          strstr(error.message, scratch_path), "missing: %d, %s", error.code, error.message);
    CHECK(!dragoman_tokenizer_open(scratch_path, NULL), "missing");
    free(m.bytes);
}

/* The tokenizer inside a model file. */
static void test_of_model(void)
{
    dragoman_error error = {0};
    dragoman_model *model = dragoman_model_open("tests/golden/tiny-i8.safetensors", &error);
    CHECK(model, "%s", error.message);
    if (!model)
        return;
    const dragoman_tokenizer *t = dragoman_model_tokenizer(model);
    static const char sentence[] = "Der schnelle braune Fuchs springt \xC3\xBC" "ber den faulen Hund.";
    int32_t *ids = NULL;
    size_t count = 0;
    dragoman_text text = {0};
    CHECK(dragoman_tokenize(t, (dragoman_text){sentence, sizeof sentence - 1}, &ids, &count, &error) == 0 && count > 10,
          "%zu ids", count);
    CHECK(dragoman_detokenize(t, ids, count, &text, &error) == 0 && strcmp(text.bytes, sentence) == 0, "'%s'", text.bytes);
    CHECK(dragoman_tokenizer_id(t, ">>de<<") == 2 && dragoman_tokenizer_id(t, ">>en<<") == 3, "the languages' tags");
    free(ids), free((char *)text.bytes);
    dragoman_model_close(model);
}

int main(void)
{
    scratch_make();
    test_open();
    test_of_model();
    scratch_remove();
    return test_report();
}
