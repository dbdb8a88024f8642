#include "mapped_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int mapped_file_open(struct mapped_file *file, const char *path, dragoman_error *error)
{
    struct stat st;
    *file = (struct mapped_file){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* O_NONBLOCK: a FIFO without a writer must not hang */
    if (fd < 0)
        return fail(error, DRAGOMAN_MODEL_MISSING, "%s: %s", path_tail(path), strerror(errno));
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return fail(error, DRAGOMAN_MODEL_MISSING, "%s: want a regular file, found %s", path_tail(path),
                    S_ISDIR(st.st_mode) ? "a directory" : "something else");
    }
    if (st.st_size == 0) {
        close(fd);
        return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: the file is empty", path_tail(path));
    }
    void *data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    int reason = errno;
    close(fd);
    if (data == MAP_FAILED)
        return fail(error, DRAGOMAN_MODEL_MISSING, "%s: can't be mapped: %s", path_tail(path), strerror(reason));
    file->data = data;
    file->size = (size_t)st.st_size;
    return 0;
}

void mapped_file_close(struct mapped_file *file)
{
    if (file->data)
        munmap((void *)file->data, file->size);
    *file = (struct mapped_file){0};
}
