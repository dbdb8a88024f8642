/* The interactive prompt: line editing and history on the terminal. */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

/* Handles a line; 0, or what ends the prompt. */
typedef int prompt_handler(void *context, const char *line, size_t length);

/* Read lines until the end of the input, with this banner first (NULL: none). 0, or what the handler returned. */
int prompt_run(const char *banner, prompt_handler *handler, void *context);

#endif
