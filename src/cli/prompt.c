#include "prompt.h"

#include <editline/readline.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"

enum { HISTORY_LINES = 1000 };

/* Where the history is kept, malloc'ed: dragoman/history in $XDG_STATE_HOME or ~/.local/state. The directories are
 * made if they are missing. NULL if there is no such place. */
static char *history_path(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char *path = NULL;
    int length = -1;
    if (state && state[0] == '/')
        length = asprintf(&path, "%s/dragoman/history", state);
    else if (home && home[0] == '/')
        length = asprintf(&path, "%s/.local/state/dragoman/history", home);
    if (length < 0)
        return NULL;
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    return path;
}

/* Give the lines of the file to the editor, but for what is older than the last HISTORY_LINES; if the file has grown
 * to twice that, write it anew. */
static void history_load(const char *path)
{
    char *lines[HISTORY_LINES] = {NULL}, *line = NULL;
    size_t room = 0, count = 0;
    ssize_t length;
    FILE *file = path ? fopen(path, "re") : NULL;
    while (file && (length = getline(&line, &room, file)) > 0) {
        line[length - (line[length - 1] == '\n')] = '\0';
        free(lines[count % HISTORY_LINES]);
        lines[count++ % HISTORY_LINES] = strdup(line);
    }
    free(line);
    if (file)
        fclose(file);
    file = count >= 2 * HISTORY_LINES ? fopen(path, "we") : NULL;
    for (size_t i = count > HISTORY_LINES ? count - HISTORY_LINES : 0; i < count; i++) {
        char *kept = lines[i % HISTORY_LINES];
        if (kept)
            add_history(kept);
        if (kept && file)
            fprintf(file, "%s\n", kept);
    }
    if (file)
        fclose(file);
    for (size_t i = 0; i < HISTORY_LINES; i++)
        free(lines[i]);
}

/* Remember a line, here and, at once, in the file: ^C does not lose it, and prompts side by side share the file. */
static void history_keep(const char *path, const char *line, char **last)
{
    if (!*line || (*last && strcmp(*last, line) == 0))
        return;
    free(*last);
    *last = strdup(line);
    add_history(line);
    int fd = path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd < 0)
        return;
    dprintf(fd, "%s\n", line);
    close(fd);
}

/* The editor wants to know that the terminal speaks UTF-8, also where no locale is set up. */
static void use_utf8(void)
{
    if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
}

int prompt_run(const char *banner, prompt_handler *handler, void *context)
{
    static char name[] = "dragoman";
    char *last = NULL, *path = history_path();
    int code = 0;
    use_utf8();
    if (banner)
        fputs(banner, stderr);
    rl_readline_name = name;
    rl_outstream = stderr; /* the standard output is for translations */
    rl_catch_signals = 1;  /* ^C gives the terminal back as it was, then ends the program */
    rl_initialize();
    rl_bind_key('\t', rl_insert); /* no completion of file names */
    stifle_history(HISTORY_LINES);
    history_load(path);
    while (!code) {
        char *line = readline("> ");
        if (!line)
            break;
        code = handler(context, line, strlen(line));
        history_keep(path, line, &last);
        free(line);
    }
    if (!code)
        fputc('\n', stderr); /* ^D left the cursor behind the prompt */
    free(last);
    free(path);
    return code;
}
