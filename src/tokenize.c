/* The public functions of the tokenizer. */
#include <stdlib.h>

#include "text/tokenizer.h"

dragoman_tokenizer *dragoman_tokenizer_open(const char *path, dragoman_error *error)
{
    return tokenizer_open(path, error);
}

void dragoman_tokenizer_close(dragoman_tokenizer *tokenizer)
{
    tokenizer_free(tokenizer);
}

int dragoman_tokenize(const dragoman_tokenizer *tokenizer, dragoman_text text, int32_t **ids, size_t *count,
                      dragoman_error *error)
{
    struct id_list list = {0};
    if (tokenizer_encode(tokenizer, text.bytes, text.length, &list, error) < 0) {
        free(list.ids);
        return -1;
    }
    *ids = list.ids;
    *count = list.count;
    return 0;
}

int dragoman_detokenize(const dragoman_tokenizer *tokenizer, const int32_t *ids, size_t count, dragoman_text *text,
                        dragoman_error *error)
{
    struct byte_string s = {0};
    if (tokenizer_decode(tokenizer, ids, count, &s, error) < 0 || byte_string_append(&s, "", 1, error) < 0) {
        free(s.bytes);
        return -1;
    }
    *text = (dragoman_text){s.bytes, s.length - 1};
    return 0;
}

size_t dragoman_tokenizer_size(const dragoman_tokenizer *tokenizer)
{
    return tokenizer_size(tokenizer);
}

const char *dragoman_tokenizer_piece(const dragoman_tokenizer *tokenizer, int32_t id)
{
    return tokenizer_piece(tokenizer, id);
}

int32_t dragoman_tokenizer_id(const dragoman_tokenizer *tokenizer, const char *piece)
{
    return tokenizer_id(tokenizer, piece);
}
