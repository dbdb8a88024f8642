/* Mapping files: what is no regular file with something in it gets the code and the message that it should. */
#include <sys/stat.h>

#include "../../src/base/mapped_file.h"
#include "scratch_file.h"

static void expect(const char *path, enum dragoman_code code, const char *word)
{
    struct mapped_file file = {(const unsigned char *)"left over", 9};
    dragoman_error error = {0};
    CHECK(mapped_file_open(&file, path, &error) < 0 && error.code == code, "%s: code %d", path, error.code);
    CHECK(strstr(error.message, path) == error.message && strstr(error.message, word), "want %s: %s in: %s", path, word,
          error.message);
    CHECK(file.data == NULL && file.size == 0, "%s: something is mapped", path);
    CHECK(mapped_file_open(&file, path, NULL) < 0, "%s: without an error to fill", path);
    mapped_file_close(&file);
}

static void test_content(size_t size)
{
    struct mapped_file file;
    dragoman_error error = {0};
    unsigned char *bytes = malloc(size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(i * 7 + i / 256);
    scratch_write(bytes, size);
    CHECK(mapped_file_open(&file, scratch_path, &error) == 0, "%s", error.message);
    unlink(scratch_path); /* the mapping outlives the name */
    CHECK(file.size == size && file.data && memcmp(file.data, bytes, size) == 0, "%zu bytes", size);
    mapped_file_close(&file);
    CHECK(file.data == NULL && file.size == 0, "closed");
    mapped_file_close(&file);
    free(bytes);
}

int main(void)
{
    scratch_make();
    alarm(20); /* a FIFO that hangs ends this program without its tally */
    expect(scratch_path, DRAGOMAN_MODEL_MISSING, "No such file");
    expect("", DRAGOMAN_MODEL_MISSING, "No such file");
    expect(scratch_directory, DRAGOMAN_MODEL_MISSING, "a directory");
    expect("/dev/null", DRAGOMAN_MODEL_MISSING, "regular file");
    expect("/dev/null/file", DRAGOMAN_MODEL_MISSING, "Not a directory");
    if (mkfifo(scratch_path, 0600) == 0)
        expect(scratch_path, DRAGOMAN_MODEL_MISSING, "regular file");
    else
        SKIP("mkfifo does not work here");
    unlink(scratch_path);
    scratch_write("", 0);
    expect(scratch_path, DRAGOMAN_MODEL_CORRUPT, "empty");
    scratch_write("secret", 6);
    chmod(scratch_path, 0);
    if (geteuid() != 0 || seteuid(65534) == 0) /* root may read any file */
        expect(scratch_path, DRAGOMAN_MODEL_MISSING, "Permission denied");
    else
        SKIP("root, and no other user to become");
    if (getuid() == 0 && seteuid(0) < 0)
        abort();
    unlink(scratch_path);
    static const size_t sizes[] = {1, 4095, 4096, 4097, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        test_content(sizes[i]);
    scratch_remove();
    return test_report();
}
