/* Parsing by the tables of options.c, with GNU habits: options and operands in any order, `--` ends the options,
 * -xyz is -x -y -z, -mMODEL or -m MODEL, --model=MODEL or --model MODEL, and long names may be shortened. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../dragoman.h"
#include "message.h"
#include "options.h"

static const struct option_row *row_by_letter(char letter)
{
    for (size_t i = 0; option_row(i); i++)
        if (letter && option_row(i)->letter == letter)
            return option_row(i);
    usage_error("unknown option -%c", letter);
    return NULL;
}

/* The row that `length` bytes name, in full or as the beginning of one name only. */
static const struct option_row *row_by_name(const char *name, size_t length)
{
    const struct option_row *found = NULL;
    for (size_t i = 0; option_row(i); i++) {
        const struct option_row *row = option_row(i);
        if (strncmp(row->name, name, length) != 0)
            continue;
        if (row->name[length] == '\0')
            return row;
        if (found) {
            usage_error("--%.*s may be --%s or --%s", (int)length, name, found->name, row->name);
            return NULL;
        }
        found = row;
    }
    if (!found)
        usage_error("unknown option --%.*s", (int)length, name);
    return found;
}

static const struct command *command_by_name(const char *name)
{
    for (size_t i = 1; command_row(i); i++)
        if (strcmp(command_row(i)->name, name) == 0)
            return command_row(i);
    return NULL;
}

static int set_number(const struct option_row *row, const char *value, int *number)
{
    enum { MOST = 1024 };
    char *end;
    errno = 0;
    long n = strtol(value, &end, 10);
    if (*value < '0' || *value > '9' || *end || errno || n > MOST)
        return usage_error("--%s: want a number from 0 to %d, found '%s'", row->name, MOST, value);
    *number = (int)n;
    return 0;
}

static int set_option(struct options *options, const struct option_row *row, const char *value)
{
    char *field = (char *)options + row->field;
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)field = true;
        break;
    case OPTION_STRING:
    case OPTION_OPTIONAL:
        *(const char **)field = value;
        break;
    case OPTION_NUMBER:
        return set_number(row, value, (int *)field);
    case OPTION_COMMAND: /* --help wins over the command named */
        for (size_t i = 0; command_row(i); i++)
            if (command_row(i)->bit == row->field)
                options->command = command_row(i);
        break;
    }
    return 0;
}

/* Parse the option in argv[*at], and its value, which may be in the next one; *at is left at the last one used. */
static int parse_long(struct options *options, char **argv, int *at, unsigned *seen)
{
    const char *name = argv[*at] + 2, *equals = strchr(name, '='), *value = equals ? equals + 1 : NULL;
    const struct option_row *row = row_by_name(name, equals ? (size_t)(equals - name) : strlen(name));
    if (!row)
        return DRAGOMAN_USAGE;
    if (!row->value && value)
        return usage_error("--%s takes no value, found '%s'", row->name, value);
    if (row->kind == OPTION_OPTIONAL)
        value = value ? value : "-";
    if (row->value && !value && !(value = argv[++*at]))
        return usage_error("--%s wants a value: --%s=%s", row->name, row->name, row->value);
    *seen |= 1u << (row - option_row(0));
    return set_option(options, row, value);
}

static int parse_letters(struct options *options, char **argv, int *at, unsigned *seen)
{
    for (const char *letter = argv[*at] + 1; *letter; letter++) {
        const struct option_row *row = row_by_letter(*letter);
        const char *value = NULL;
        if (!row)
            return DRAGOMAN_USAGE;
        if (row->value && !(value = letter[1] ? letter + 1 : argv[++*at]))
            return usage_error("-%c wants a value: -%c %s", row->letter, row->letter, row->value);
        *seen |= 1u << (row - option_row(0));
        int code = set_option(options, row, value);
        if (code || value)
            return code;
    }
    return 0;
}

/* attend writes files (--json, --svg, --html), or word pairs, or a report, or maps. */
static int check_files(const struct options *options)
{
    const struct {
        const char *name, *path;
    } files[] = {{"json", options->json}, {"svg", options->svg}, {"html", options->html}};
    const char *other = options->align ? "align" : options->report ? "report" : options->output ? "output" : NULL;
    const char *to_stdout = NULL;
    if (options->align && options->report)
        return usage_error("both --align and --report given, want one of them");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (files[i].path && other)
            return usage_error("both --%s and --%s given, want one of them", options->align ? other : files[i].name,
                               options->align ? files[i].name : other);
        if (!files[i].path || strcmp(files[i].path, "-") != 0)
            continue;
        if (to_stdout)
            return usage_error("--%s and --%s: want a file for one of them, found '-' for both", to_stdout,
                               files[i].name);
        to_stdout = files[i].name;
    }
    return 0;
}

/* What is left to check when all is read. */
static int check(const struct options *options, unsigned seen)
{
    const struct command *command = options->command;
    const char *name = command->name ? command->name : "translating";
    for (size_t i = 0; option_row(i); i++)
        if (seen >> i & 1 && !(option_row(i)->commands & command->bit))
            return usage_error("--%s does not go with %s", option_row(i)->name, name);
    if (options->word_count > command->most_words)
        return usage_error("%s takes %s, found '%s' (to translate text that begins with '%s', put -- before it)", name,
                           command->most_words ? "one operand" : "no operands", options->words[command->most_words],
                           name);
    if (options->word_count && options->input)
        return usage_error("both --input and '%s' given, want one of them", options->words[0]);
    if (options->model && options->spm)
        return usage_error("both --model and --spm given, want one of them");
    if (options->report && (options->word_count || options->input))
        return usage_error("both --report and %s given, want one of them", options->input ? "--input" : "TEXT");
    if (options->pairs && options->given)
        return usage_error("both --pairs and --target given, want one of them");
    int code = check_files(options);
    if (code)
        return code;
    if (command->bit == TRANSLATE && options->align && strcmp(options->align, "-") == 0 &&
        (!options->output || strcmp(options->output, "-") == 0))
        return usage_error("--align: want a file: standard output has the translations");
    if (command->bit == INSPECT && options->word_count && options->model)
        return usage_error("both --model and '%s' given, want one of them", options->words[0]);
    return 0;
}

int options_parse(struct options *options, int argc, char **argv)
{
    unsigned seen = 0; /* rows */
    bool only_words = false, standard_input = false;
    const struct command *named = NULL;
    *options = (struct options){.command = command_row(0), .layer = -1};
    options->words = calloc((size_t)argc + 1, sizeof *options->words);
    if (!options->words)
        return out_of_memory();
    for (int at = 1; at < argc; at++) {
        const char *word = argv[at];
        int code = 0;
        if (only_words || word[0] != '-' || !word[1]) {
            if (!only_words && !named && !options->word_count && (named = command_by_name(word)))
                continue;
            standard_input |= !only_words && strcmp(word, "-") == 0;
            options->words[options->word_count++] = word;
        } else if (strcmp(word, "--") == 0)
            only_words = true;
        else
            code = word[1] == '-' ? parse_long(options, argv, &at, &seen) : parse_letters(options, argv, &at, &seen);
        if (code)
            return code;
        if (options->command != command_row(0)) /* --help, --version: what follows does not matter */
            return options->word_count = 0;
    }
    if (named)
        options->command = named;
    if (standard_input && options->word_count == 1) /* `dragoman -` reads, as elsewhere */
        options->word_count = 0;
    return check(options, seen);
}

void options_free(struct options *options)
{
    free(options->words);
    *options = (struct options){0};
}
