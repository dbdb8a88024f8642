/* Text all in capitals: read as if it were in lower case, and written in capitals again. */
#ifndef TEXT_LETTER_CASE_H
#define TEXT_LETTER_CASE_H

#include <stdbool.h>

#include "tokenizer.h"

/* Whether all letters of valid UTF-8 text are capitals, and they are enough for words: four or more. */
bool text_in_capitals(const char *text, size_t length);
/* Append valid UTF-8 text in lower case, or in capitals, to *out, letter by letter (ß becomes SS).
 * 0, or negative: DRAGOMAN_MEMORY. */
int text_lower(const char *text, size_t length, struct byte_string *out, dragoman_error *error);
int text_upper(const char *text, size_t length, struct byte_string *out, dragoman_error *error);

#endif
