/* dragoman, the program: what the options ask for, done with the library's public functions alone. */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "message.h"
#include "options.h"
#include "writer.h"

/* Where the caller closed a standard stream, put one that fails, so that no file we open takes its number. */
static void standard_streams_reserve(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
    struct options options;
    standard_streams_reserve();
    signal(SIGPIPE, SIG_IGN); /* a write says so, too, and can then end quietly */
    signal(SIGXFSZ, SIG_IGN); /* likewise for a file that got too large */
    writer_catch_end();
    int code = options_parse(&options, argc, argv);
    if (!code)
        code = options.command->run(&options);
    options_free(&options);
    return code == CLOSED_PIPE ? 0 : code;
}
