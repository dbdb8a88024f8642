#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../dragoman.h"
#include "message.h"

enum { BUFFER_BYTES = 1 << 16 };

/* The files that the handlers below remove: the one global, since handlers have no arguments. */
enum { FILES = 8 };
static const char *volatile to_remove[FILES];

static void remove_temporary(void)
{
    for (size_t i = 0; i < FILES; i++) {
        const char *path = to_remove[i];
        if (path)
            unlink(path);
    }
}

/* Put `new` in the place of `old`. */
static void remember(const char *old, const char *new)
{
    for (size_t i = 0; i < FILES; i++)
        if (to_remove[i] == old) {
            to_remove[i] = new;
            return;
        }
}

static void remove_and_die(int signal_number)
{
    remove_temporary();
    signal(signal_number, SIG_DFL); /* so that the shell sees what ended us: status 130 for ^C */
    raise(signal_number);
}

void writer_catch_end(void)
{
    atexit(remove_temporary); /* libgomp exits where it can't start a thread */
    static const int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) {
        struct sigaction old, new = {.sa_handler = remove_and_die};
        sigemptyset(&new.sa_mask);
        if (sigaction(deadly[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) /* nohup ignores SIGHUP */
            sigaction(deadly[i], &new, NULL);
    }
}

static int open_failed(const char *path, const char *what, int reason)
{
    message("%s: %s: %s", path, what, strerror(reason));
    return DRAGOMAN_OUTPUT;
}

/* Create the temporary file in a directory: the first bytes of `directory`. 0, an errno, or -1 without memory. */
static int create_temporary(struct writer *writer, const char *directory, int length)
{
    char *temporary = NULL;
    if (asprintf(&temporary, "%.*s.dragoman-XXXXXX", length, directory) < 0)
        return -1;
    writer->fd = mkostemp(temporary, O_CLOEXEC);
    if (writer->fd < 0) {
        int reason = errno;
        free(temporary);
        return reason;
    }
    writer->temporary = temporary;
    remember(NULL, temporary);
    return 0;
}

/* Create the temporary file in the target's directory; for a target that is there also in /tmp, from where it is
 * copied in the end. 0, or an exit code after a message. */
static int open_temporary(struct writer *writer, const char *path, bool there)
{
    const char *slash = strrchr(writer->target, '/');
    int reason = create_temporary(writer, writer->target, slash ? (int)(slash - writer->target) + 1 : 0);
    if (there && (reason == EACCES || reason == EPERM || reason == EROFS) && create_temporary(writer, "/tmp/", 5) == 0)
        return 0;
    if (reason < 0)
        return out_of_memory();
    return reason ? open_failed(path, "no file can be created in its directory", reason) : 0;
}

/* Open the file in place: a device, a FIFO, a link to a file that is not there. */
static int open_in_place(struct writer *writer, const char *path)
{
    writer->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return writer->fd < 0 ? open_failed(path, "can't be opened", errno) : 0;
}

static int open_path(struct writer *writer, const char *path)
{
    struct stat st;
    mode_t mask = umask(0);
    umask(mask);
    writer->mode = 0666 & ~mask;
    if (stat(path, &st) == 0) {
        if (!S_ISREG(st.st_mode))
            return open_in_place(writer, path);
        int fd = open(path, O_WRONLY | O_CLOEXEC); /* may we write it? */
        if (fd < 0)
            return open_failed(path, "can't be opened", errno);
        close(fd);
        writer->mode = st.st_mode & 07777;
        writer->target = realpath(path, NULL); /* a symbolic link stays one */
        if (!writer->target)
            return open_failed(path, "can't be opened", errno);
        return open_temporary(writer, path, true);
    }
    if (errno != ENOENT || !*path || path[strlen(path) - 1] == '/' || lstat(path, &st) == 0)
        return open_in_place(writer, path);
    writer->target = strdup(path);
    return writer->target ? open_temporary(writer, path, false) : out_of_memory();
}

int writer_open(struct writer *writer, const char *path)
{
    *writer = (struct writer){.fd = STDOUT_FILENO, .name = "standard output"};
    writer->buffer = malloc(BUFFER_BYTES);
    if (!writer->buffer)
        return out_of_memory();
    if (!path || strcmp(path, "-") == 0)
        return 0;
    writer->fd = -1;
    writer->name = path;
    return open_path(writer, path);
}

static void write_all(struct writer *writer, const char *bytes, size_t length)
{
    while (length && !writer->error) {
        ssize_t written = write(writer->fd, bytes, length);
        if (written >= 0) {
            bytes += written;
            length -= (size_t)written;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) /* we were given a descriptor that does not wait */
            poll(&(struct pollfd){.fd = writer->fd, .events = POLLOUT}, 1, -1);
        else if (errno != EINTR)
            writer->error = errno;
    }
}

void writer_put(struct writer *writer, const char *bytes, size_t length)
{
    if (length > BUFFER_BYTES - writer->used) {
        write_all(writer, writer->buffer, writer->used);
        writer->used = 0;
    }
    if (length > BUFFER_BYTES)
        write_all(writer, bytes, length);
    else if (length) {
        memcpy(writer->buffer + writer->used, bytes, length);
        writer->used += length;
    }
}

void writer_print(struct writer *writer, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0) {
        writer->error = ENOMEM;
        return;
    }
    writer_put(writer, text, (size_t)length);
    free(text);
}

static int write_failed(const struct writer *writer, int reason)
{
    if (reason == EPIPE)
        return CLOSED_PIPE;
    message("%s: can't be written: %s", writer->name, strerror(reason));
    return DRAGOMAN_OUTPUT;
}

int writer_flush(struct writer *writer)
{
    write_all(writer, writer->buffer, writer->used);
    writer->used = 0;
    return writer->error ? write_failed(writer, writer->error) : 0;
}

/* Copy the temporary file into the target that is there. */
static bool copy_in_place(const struct writer *writer)
{
    char bytes[4096];
    ssize_t length = -1;
    struct writer copy = {.fd = -1};
    int from = open(writer->temporary, O_RDONLY | O_CLOEXEC);
    if (from >= 0 && (copy.fd = open(writer->target, O_WRONLY | O_TRUNC | O_CLOEXEC)) >= 0)
        while ((length = read(from, bytes, sizeof bytes)) > 0)
            write_all(&copy, bytes, (size_t)length);
    if (from >= 0)
        close(from);
    return copy.fd >= 0 && close(copy.fd) == 0 && length == 0 && !copy.error;
}

/* Put the finished temporary file in the target's place. */
static int replace_target(struct writer *writer)
{
    if (rename(writer->temporary, writer->target) == 0)
        return 0;
    int reason = errno; /* a sticky directory, a bind mount, another disk */
    remember(writer->temporary, NULL); /* from here on it may be all there is */
    if (copy_in_place(writer)) {
        unlink(writer->temporary);
        return 0;
    }
    message("%s: can't be replaced: %s; the translation is in %s", writer->name, strerror(reason), writer->temporary);
    return DRAGOMAN_OUTPUT;
}

/* Give the temporary file the target's permissions and, where we may, its owner. */
static int copy_rights(const struct writer *writer)
{
    struct stat st;
    if (fchmod(writer->fd, writer->mode) < 0)
        return write_failed(writer, errno);
    if (stat(writer->target, &st) == 0)
        (void)!fchown(writer->fd, st.st_uid, st.st_gid);
    return 0;
}

int writer_close(struct writer *writer, int code)
{
    if (!code && writer->buffer)
        code = writer_flush(writer);
    if (!code && writer->temporary)
        code = copy_rights(writer);
    if (writer->fd >= 0 && close(writer->fd) < 0 && !code) /* some disks say only here that they are full */
        code = write_failed(writer, errno);
    if (writer->temporary && code)
        unlink(writer->temporary);
    else if (writer->temporary)
        code = replace_target(writer);
    if (writer->temporary)
        remember(writer->temporary, NULL);
    free(writer->temporary);
    free(writer->target);
    free(writer->buffer);
    *writer = (struct writer){.fd = -1};
    return code;
}
