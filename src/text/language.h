/* A guess of the language of a text: English or German. */
#ifndef TEXT_LANGUAGE_H
#define TEXT_LANGUAGE_H

#include <stddef.h>

/* "de" or "en" for valid UTF-8 text; see language.c for the rule. A text that shows nothing either way (a number, a
 * name) counts as "en". */
const char *language_guess(const char *text, size_t length);

#endif
