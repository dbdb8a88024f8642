#include "options.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../dragoman.h"
#include "commands.h"
#include "message.h"

static const struct command commands[] = {
    {NULL, TRANSLATE, SIZE_MAX, "[OPTION...] [TEXT...]", "translate TEXT or the standard input",
     command_translate},
    {"inspect", INSPECT, 1, "[MODEL]", "show what a model file holds", command_inspect},
    {"attend", ATTEND, SIZE_MAX, "[TEXT...]", "show what attention looks at", command_attend},
    {"tokenize", TOKENIZE, SIZE_MAX, "[--ids] [TEXT...]", "cut text into the model's pieces", command_tokenize},
    {"detokenize", DETOKENIZE, SIZE_MAX, "[ID...]", "turn ids back into text", command_detokenize},
    {"help", HELP, 0, "", NULL, command_help},
    {"version", VERSION, 0, "", NULL, command_version},
};

#define FIELD(name) offsetof(struct options, name)
static const struct option_row rows[] = {
    {'t', "to", "LANG", OPTION_STRING, FIELD(target), TRANSLATE | ATTEND,
     "translate into LANG: de or en (without it, each\nline's language is guessed)"},
    {'m', "model", "MODEL", OPTION_STRING, FIELD(model), TRANSLATE | ATTEND | INSPECT | TOKENIZE | DETOKENIZE,
     "a model file, or the name of one (default: en-de)"},
    {'i', "input", "FILE", OPTION_STRING, FIELD(input), TRANSLATE | ATTEND | TOKENIZE | DETOKENIZE,
     "read FILE ('-': the standard input)"},
    {'o', "output", "FILE", OPTION_STRING, FIELD(output), TRANSLATE | ATTEND | TOKENIZE | DETOKENIZE,
     "write FILE; it appears only when all is done"},
    {'j', "threads", "N", OPTION_NUMBER, FIELD(threads), TRANSLATE | ATTEND, "use N threads (default 0: one a physical core)"},
    {'q', "quiet", NULL, OPTION_FLAG, FIELD(quiet), ANY, "no banner, progress or warnings"},
    {'v', "verbose", NULL, OPTION_FLAG, FIELD(verbose), ANY, "statistics at the end"},
    {0, "align", "FILE", OPTION_OPTIONAL, FIELD(align), TRANSLATE | ATTEND,
     "write word pairs, 0-0 1-2, a line for a line"},
    {0, "kind", "KIND", OPTION_STRING, FIELD(kind), ATTEND, "attend: enc, dec or cross (the default)"},
    {0, "layer", "N", OPTION_NUMBER, FIELD(layer), ATTEND, "attend: the layer, from 0 (default: the last)"},
    {0, "head", "HEAD", OPTION_STRING, FIELD(head), ATTEND, "attend: 0, 1, ..., all or mean (the default)"},
    {0, "target", "TEXT", OPTION_STRING, FIELD(given), ATTEND, "attend: to this translation of TEXT"},
    {0, "pairs", NULL, OPTION_FLAG, FIELD(pairs), ATTEND, "attend: lines are SOURCE<tab>TRANSLATION"},
    {0, "json", "FILE", OPTION_STRING, FIELD(json), ATTEND, "attend: write all probabilities ('-': to stdout)"},
    {0, "svg", "FILE", OPTION_STRING, FIELD(svg), ATTEND, "attend: write a figure of the maps"},
    {0, "html", "FILE", OPTION_STRING, FIELD(html), ATTEND, "attend: write a page to explore every head in a browser"},
    {0, "report", "FILE", OPTION_STRING, FIELD(report), ATTEND, "attend: what each head does, over FILE's lines"},
    {0, "ids", NULL, OPTION_FLAG, FIELD(ids), TOKENIZE, "tokenize: print ids instead of pieces"},
    {0, "spm", "FILE", OPTION_STRING, FIELD(spm), TOKENIZE | DETOKENIZE,
     "tokenize, detokenize: use a SentencePiece model"},
    {'h', "help", NULL, OPTION_COMMAND, HELP, ANY, "print this help"},
    {'V', "version", NULL, OPTION_COMMAND, VERSION, ANY, "print the version"},
};

const struct command *command_row(size_t i)
{
    return i < sizeof commands / sizeof *commands ? &commands[i] : NULL;
}

const struct option_row *option_row(size_t i)
{
    return i < sizeof rows / sizeof *rows ? &rows[i] : NULL;
}

static void print_option(const struct option_row *row)
{
    enum { HELP_COLUMN = 23 };
    int column = row->letter ? printf("  -%c, --%s", row->letter, row->name) : printf("      --%s", row->name);
    if (row->value)
        column += printf(row->kind == OPTION_OPTIONAL ? "[=%s]" : "=%s", row->value);
    for (const char *line = row->help, *end; line; line = end ? end + 1 : NULL) {
        end = strchr(line, '\n');
        int length = end ? (int)(end - line) : (int)strlen(line);
        printf("%*s%.*s\n", column < HELP_COLUMN ? HELP_COLUMN - column : 1, "", length, line);
        column = 0;
    }
}

int command_help(const struct options *options)
{
    (void)options;
    puts("Dragoman translates between English and German, without a network.\n");
    for (size_t i = 0; command_row(i); i++)
        if (commands[i].help) {
            int column = printf("%s dragoman %s%s%s", i ? "      " : "Usage:", commands[i].name ? commands[i].name : "",
                                commands[i].name ? " " : "", commands[i].synopsis);
            printf("%*s%s\n", column < 43 ? 43 - column : 1, "", commands[i].help);
        }
    puts("\nWithout TEXT each line of the standard input is translated; on a terminal there\n"
         "is a prompt. '--' before TEXT that starts with '-' or with a command's name.\n");
    for (size_t i = 0; option_row(i); i++)
        print_option(option_row(i));
    puts("\n"
         "  dragoman 'Where is the station?'           echo 'Guten Morgen' | dragoman\n"
         "  dragoman -t de -i letter.txt -o brief.txt  dragoman inspect\n\n"
         "A model's NAME is looked for, with and without .safetensors, in $DRAGOMAN_PATH,\n"
         "$XDG_DATA_HOME/dragoman, " DRAGOMAN_DATADIR " and beside the\n"
         "program. $DRAGOMAN_MODEL is the default model.\n\n"
         "Exit status: 0 done (also if nobody reads the output any more), 2 usage,\n"
         "3 no such model, 4 model damaged or unsupported, 5 input, 6 output, 7 memory,\n"
         "130 ^C.");
    return stdout_finish();
}

int command_version(const struct options *options)
{
    (void)options;
    puts("dragoman " DRAGOMAN_VERSION);
    return stdout_finish();
}
