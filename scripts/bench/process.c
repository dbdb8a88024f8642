/* Running a program and measuring it from outside. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

enum { ARGUMENTS = 16 };
struct arguments {
    char *values[ARGUMENTS], threads[16];
};

static void arguments_make(struct arguments *a, const struct command *command, const char *path)
{
    size_t n = 0;
    *a = (struct arguments){0};
    a->values[n++] = (char *)command->program;
    a->values[n++] = "-q";
    if (command->model) {
        a->values[n++] = "-m";
        a->values[n++] = (char *)command->model;
    }
    if (command->target) {
        a->values[n++] = "-t";
        a->values[n++] = (char *)command->target;
    }
    if (command->threads) {
        snprintf(a->threads, sizeof a->threads, "-j%d", command->threads);
        a->values[n++] = a->threads;
    }
    if (path) {
        a->values[n++] = "-i";
        a->values[n++] = (char *)path;
        a->values[n++] = "-o";
        a->values[n++] = "/dev/null";
    }
}

/* Start a program with these as its standard input and output; -1: /dev/null. */
static pid_t start(char *const *arguments, int input, int output)
{
    pid_t pid;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (input >= 0)
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    else
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (output >= 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    else
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (posix_spawn(&pid, arguments[0], &actions, NULL, arguments, environ) != 0)
        stop("%s: can't be started", arguments[0]);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

/* Wait for its end; fill in what the system tells of it. */
static void finish(pid_t pid, const char *program, struct usage *usage)
{
    int status;
    struct rusage told;
    if (wait4(pid, &status, 0, &told) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        stop("%s: wait status %d", program, status);
    usage->peak_mb = (double)told.ru_maxrss / 1024;
    usage->cpu_seconds = seconds_of(told.ru_utime) + seconds_of(told.ru_stime);
}

static void open_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) < 0)
        stop("a pipe can't be had");
}

/* Read until a line ends. */
static void await_line(int fd, const char *program)
{
    char buffer[1 << 16];
    ssize_t got;
    do {
        got = read(fd, buffer, sizeof buffer);
        if (got <= 0)
            stop("%s: its output ended before a line did", program);
    } while (buffer[got - 1] != '\n');
}

struct usage command_file(const struct command *command, const char *path)
{
    struct arguments a;
    struct usage usage = {0};
    arguments_make(&a, command, path);
    const double begin = now();
    finish(start(a.values, -1, -1), command->program, &usage);
    usage.seconds = now() - begin;
    return usage;
}

struct usage command_lines(const struct command *command, const dragoman_text *lines, size_t count, double limit)
{
    struct arguments a;
    struct usage usage = {0};
    int to[2], from[2];
    arguments_make(&a, command, NULL);
    open_pipe(to);
    open_pipe(from);
    const double begin = now();
    const pid_t pid = start(a.values, to[0], from[1]);
    close(to[0]);
    close(from[1]);
    for (; usage.lines < count && now() - begin < limit; usage.lines++) {
        const dragoman_text *text = &lines[usage.lines];
        char line[1 << 12];
        const int length = snprintf(line, sizeof line, "%.*s\n", (int)text->length, text->bytes);
        if (length >= (int)sizeof line || write(to[1], line, (size_t)length) != length)
            stop("%s: a line can't be sent", command->program);
        await_line(from[0], command->program);
    }
    close(to[1]);
    finish(pid, command->program, &usage);
    usage.seconds = now() - begin;
    close(from[0]);
    return usage;
}

double command_first(char *const *arguments)
{
    int from[2];
    open_pipe(from);
    const double begin = now();
    const pid_t pid = start(arguments, -1, from[1]);
    close(from[1]);
    await_line(from[0], arguments[0]);
    const double seconds = now() - begin;
    close(from[0]);
    finish(pid, arguments[0], &(struct usage){0});
    return seconds;
}
