/* What the program can do. Each function is a row of the table in options.c; it returns an exit code or CLOSED_PIPE. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "options.h"

int command_translate(const struct options *options);
int command_attend(const struct options *options);
int command_inspect(const struct options *options);
int command_tokenize(const struct options *options);
int command_detokenize(const struct options *options);
int command_help(const struct options *options);
int command_version(const struct options *options);

#endif
