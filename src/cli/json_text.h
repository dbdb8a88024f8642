/* Text in JSON. */
#ifndef CLI_JSON_TEXT_H
#define CLI_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "writer.h"

/* Write a JSON string. What is not UTF-8 (in a file's name, say) becomes U+FFFD. in_page: what HTML or JavaScript could
 * take for something else is escaped, too, so that it can stand in a script element. */
void json_put_string(struct writer *writer, const char *bytes, size_t length, bool in_page);

#endif
