/* Errors as values: code and message, cut where they are too long, and nothing at all for NULL. */
#include <stdint.h>

#include "../../src/base/error.h"
#include "test.h"

int main(void)
{
    struct {
        dragoman_error error;
        char guard[8];
    } e = {.guard = "guarded"};
    char name[2000], want[64];
    CHECK(fail(&e.error, DRAGOMAN_INPUT, "%s: found %d", "a.txt", 7) == -1, "what fail returns");
    CHECK(e.error.code == DRAGOMAN_INPUT && strcmp(e.error.message, "a.txt: found 7") == 0, "%s", e.error.message);

    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = 0;
    CHECK(fail(&e.error, DRAGOMAN_USAGE, "%s", name) == -1, "a long message");
    CHECK(strlen(e.error.message) == sizeof e.error.message - 1, "%zu characters", strlen(e.error.message));
    CHECK(strcmp(e.guard, "guarded") == 0, "written past the message");
    CHECK(e.error.code == DRAGOMAN_USAGE, "code %d", e.error.code);

    CHECK(fail_memory(&e.error, SIZE_MAX) == -1 && e.error.code == DRAGOMAN_MEMORY, "code %d", e.error.code);
    snprintf(want, sizeof want, "%zu bytes", SIZE_MAX);
    CHECK(strstr(e.error.message, want), "%s", e.error.message);
    CHECK(fail(NULL, DRAGOMAN_INPUT, "%s", name) == -1 && fail_memory(NULL, 1) == -1, "NULL");
    return test_report();
}
