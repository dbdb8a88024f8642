/* The least that starting with a model could take: map the file, read a byte of each page, say so. A program of its
 * own; usage: touch FILE. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int count, char **arguments)
{
    struct stat st;
    const int fd = count == 2 ? open(arguments[1], O_RDONLY) : -1;
    if (fd < 0 || fstat(fd, &st) < 0)
        return 1;
    const volatile char *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        return 1;
    unsigned sum = 0;
    const long page = sysconf(_SC_PAGESIZE);
    for (off_t at = 0; at < st.st_size; at += page)
        sum += (unsigned char)p[at];
    char out[] = {(char)('a' + sum % 26), '\n'};
    return write(STDOUT_FILENO, out, sizeof out) == sizeof out ? 0 : 1;
}
