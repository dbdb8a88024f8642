/* The command line: one table of commands and one of options feed the parsing and --help. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct options;

/* Which commands an option goes with. A command is a row in options.c, a bit here and a function in commands.h. */
enum {
    TRANSLATE = 1,
    INSPECT = 2,
    TOKENIZE = 4,
    DETOKENIZE = 8,
    HELP = 16,
    VERSION = 32,
    ATTEND = 64,
    ANY = 127,
};

struct command {
    const char *name; /* NULL: what is done when no command is named */
    unsigned bit;
    size_t most_words; /* operands it takes at most */
    const char *synopsis, *help;
    int (*run)(const struct options *options); /* an exit code, or CLOSED_PIPE */
};

enum option_kind {
    OPTION_FLAG,
    OPTION_STRING,
    OPTION_OPTIONAL, /* a string that may be left out, "-" then: --name or --name=VALUE */
    OPTION_NUMBER,
    OPTION_COMMAND,
};

struct option_row {
    char letter; /* 0: only the long form */
    const char *name;
    const char *value; /* what --help calls its value; NULL if it takes none */
    enum option_kind kind;
    size_t field;      /* of struct options; OPTION_COMMAND: the command it stands for */
    unsigned commands; /* it goes with */
    const char *help;  /* lines of it */
};

struct options {
    const char *model, *spm, *target, *input, *output; /* NULL: not given */
    int threads;                                       /* 0: one a core */
    bool quiet, verbose, ids;
    /* attend; head is a number, "all" or "mean", layer negative: the last */
    const char *kind, *head, *given, *align, *json, *svg, *html, *report;
    int layer;
    bool pairs;
    const struct command *command;
    const char **words; /* the operands without the command */
    size_t word_count;
};

/* The i-th row, NULL past the last. The first command is the one without a name. */
const struct command *command_row(size_t i);
const struct option_row *option_row(size_t i);

/* 0, or an exit code after a message. options_free() in either case. */
int options_parse(struct options *options, int argc, char **argv);
void options_free(struct options *options);

#endif
