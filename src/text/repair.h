/* Making any bytes valid UTF-8. */
#ifndef TEXT_REPAIR_H
#define TEXT_REPAIR_H

#include "tokenizer.h"

/* Append bytes to *out with each byte that is not part of valid UTF-8 replaced by U+FFFD; *replaced counts those.
 * 0, or negative: DRAGOMAN_MEMORY. */
int utf8_repair(const char *bytes, size_t length, struct byte_string *out, size_t *replaced, dragoman_error *error);

#endif
