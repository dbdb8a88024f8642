#include "repair.h"

#include "utf8.h"

int utf8_repair(const char *bytes, size_t length, struct byte_string *out, size_t *replaced, dragoman_error *error)
{
    size_t from = 0, at = 0; /* from: the start of what is valid and not yet copied */
    while (at < length) {
        const size_t n = utf8_character(bytes + at, length - at);
        if (n > 0) {
            at += n;
            continue;
        }
        if (byte_string_append(out, bytes + from, at - from, error) < 0 ||
            byte_string_append(out, "\xEF\xBF\xBD", 3, error) < 0)
            return -1;
        from = ++at;
        ++*replaced;
    }
    return byte_string_append(out, bytes + from, at - from, error);
}
