#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../dragoman.h"
#include "message.h"

enum { READ_BYTES = 1 << 16 };

/* The words joined by blanks, and a line end. */
static int open_words(struct reader *reader, const char *const *words, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += strlen(words[i]) + 1;
    reader->name = "the command line";
    reader->regular = reader->at_end = true;
    reader->buffer = malloc(bytes);
    if (!reader->buffer)
        return out_of_memory();
    char *p = reader->buffer;
    for (size_t i = 0; i < count; i++) {
        p = stpcpy(p, words[i]);
        *p++ = i + 1 < count ? ' ' : '\n';
    }
    reader->end = reader->room = bytes;
    return 0;
}

int reader_open(struct reader *reader, const struct options *options)
{
    struct stat st;
    *reader = (struct reader){.fd = -1};
    if (options->word_count)
        return open_words(reader, options->words, options->word_count);
    bool is_standard = !options->input || strcmp(options->input, "-") == 0;
    reader->name = is_standard ? "standard input" : options->input;
    reader->fd = is_standard ? STDIN_FILENO : open(options->input, O_RDONLY | O_CLOEXEC);
    if (reader->fd < 0 || fstat(reader->fd, &st) < 0) {
        message("%s: can't be opened: %s", reader->name, strerror(errno));
        return DRAGOMAN_INPUT;
    }
    if (S_ISDIR(st.st_mode)) {
        message("%s: found a directory, want a file", reader->name);
        return DRAGOMAN_INPUT;
    }
    reader->regular = S_ISREG(st.st_mode);
    off_t at = reader->regular ? lseek(reader->fd, 0, SEEK_CUR) : 0;
    if (reader->regular && at >= 0 && at < st.st_size)
        reader->size = (size_t)(st.st_size - at);
    return 0;
}

static bool is_ready(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    return poll(&wait, 1, 0) > 0;
}

/* Read on, waiting if need be; sets at_end or error. 0, or an exit code. */
static int read_more(struct reader *reader)
{
    if (reader->room - reader->end < READ_BYTES) {
        size_t room = reader->room ? reader->room : READ_BYTES;
        if (room > SIZE_MAX / 2)
            return out_of_memory();
        char *buffer = realloc(reader->buffer, room * 2);
        if (!buffer)
            return out_of_memory();
        reader->buffer = buffer;
        reader->room = room * 2;
    }
    for (;;) {
        ssize_t got = read(reader->fd, reader->buffer + reader->end, reader->room - reader->end);
        if (got > 0)
            reader->end += (size_t)got;
        else if (got == 0)
            reader->at_end = true;
        else if (errno == EINTR)
            continue;
        else if (errno == EAGAIN || errno == EWOULDBLOCK) { /* we were given a descriptor that does not wait */
            poll(&(struct pollfd){.fd = reader->fd, .events = POLLIN}, 1, -1);
            continue;
        } else
            reader->error = errno;
        return 0;
    }
}

/* Hand out the bytes up to `end` as a line. */
static void take_line(struct reader *reader, size_t end, struct line *line)
{
    const char *bytes = reader->buffer + reader->next;
    size_t length = end - reader->next, ending = 0;
    if (bytes[length - 1] == '\n')
        ending = 1;
    if (!reader->keep_return && length > ending && bytes[length - ending - 1] == '\r')
        ending++;
    line->length = length - ending;
    line->ending = ending;
    reader->next = reader->scanned = end;
}

/* Take the complete lines that the buffer holds. True when the window is full. */
static bool take_complete(struct reader *reader, size_t most_lines, size_t most_bytes, struct line *lines, size_t *count)
{
    while (*count < most_lines && reader->next < most_bytes) {
        const char *newline = reader->buffer
                                  ? memchr(reader->buffer + reader->scanned, '\n', reader->end - reader->scanned)
                                  : NULL;
        if (!newline) {
            reader->scanned = reader->end;
            return false;
        }
        take_line(reader, (size_t)(newline - reader->buffer) + 1, &lines[(*count)++]);
    }
    return true;
}

int reader_take(struct reader *reader, size_t most_lines, size_t most_bytes, struct line *lines, size_t *count)
{
    *count = 0;
    if (reader->next) {
        memmove(reader->buffer, reader->buffer + reader->next, reader->end - reader->next);
        reader->end -= reader->next;
        reader->scanned -= reader->next;
        reader->next = 0;
    }
    if (reader->fd < 0 && reader->end) /* words: one line, whatever they hold */
        take_line(reader, reader->end, &lines[(*count)++]);
    while (reader->fd >= 0 && !take_complete(reader, most_lines, most_bytes, lines, count)) {
        if (reader->at_end) {
            if (reader->next < reader->end)
                take_line(reader, reader->end, &lines[(*count)++]);
            break;
        }
        if (*count && (reader->error || reader->end >= most_bytes || (!reader->regular && !is_ready(reader->fd))))
            break;
        if (reader->error) {
            message("%s: can't be read: %s", reader->name, strerror(reader->error));
            return DRAGOMAN_INPUT;
        }
        int code = read_more(reader);
        if (code)
            return code;
    }
    const char *bytes = reader->buffer;
    for (size_t i = 0; i < *count; i++) {
        lines[i].bytes = bytes;
        bytes += lines[i].length + lines[i].ending;
    }
    reader->taken += reader->next;
    return 0;
}

void reader_close(struct reader *reader)
{
    if (reader->fd > STDERR_FILENO)
        close(reader->fd);
    free(reader->buffer);
    *reader = (struct reader){.fd = -1};
}
