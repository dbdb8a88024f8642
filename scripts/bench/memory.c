/* How fast one core reads: from each cache, from memory, and from as much memory as a model has. */
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

/* ---- reading ------------------------------------------------------------------------------------------------- */

enum { STEP = 512 }; /* bytes of a turn of the loops */

static void read_words(const char *p, size_t bytes)
{
    uint64_t a = 0, b = 0, c = 0, d = 0;
    const uint64_t *words = (const uint64_t *)p, *end = (const uint64_t *)(p + bytes);
    for (; words < end; words += 8) {
        a |= words[0] | words[4];
        b |= words[1] | words[5];
        c |= words[2] | words[6];
        d |= words[3] | words[7];
    }
    __asm__ volatile("" : : "r"(a | b | c | d) : "memory");
}

#if defined(__x86_64__)
#define LOAD_Y(at, n) "vpor " #at "(%0),%%ymm" #n ",%%ymm" #n "\n\t"
#define LOAD_Z(at, n) "vporq " #at "(%0),%%zmm" #n ",%%zmm" #n "\n\t"
#define REGISTERS "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7"

__attribute__((target("avx2"))) static void read_ymm(const char *p, size_t bytes)
{
    const char *end = p + bytes;
    __asm__ volatile("1:\n\t" LOAD_Y(0, 0) LOAD_Y(32, 1) LOAD_Y(64, 2) LOAD_Y(96, 3) LOAD_Y(128, 4) LOAD_Y(160, 5)
                         LOAD_Y(192, 6) LOAD_Y(224, 7) LOAD_Y(256, 0) LOAD_Y(288, 1) LOAD_Y(320, 2) LOAD_Y(352, 3)
                             LOAD_Y(384, 4) LOAD_Y(416, 5) LOAD_Y(448, 6) LOAD_Y(480, 7)
                     "add $512,%0\n\tcmp %1,%0\n\tjb 1b\n\tvzeroupper"
                     : "+r"(p)
                     : "r"(end)
                     : "cc", "memory", REGISTERS);
}

__attribute__((target("avx512f"))) static void read_zmm(const char *p, size_t bytes)
{
    const char *end = p + bytes;
    __asm__ volatile("1:\n\t" LOAD_Z(0, 0) LOAD_Z(64, 1) LOAD_Z(128, 2) LOAD_Z(192, 3) LOAD_Z(256, 4) LOAD_Z(320, 5)
                         LOAD_Z(384, 6) LOAD_Z(448, 7)
                     "add $512,%0\n\tcmp %1,%0\n\tjb 1b\n\tvzeroupper"
                     : "+r"(p)
                     : "r"(end)
                     : "cc", "memory", REGISTERS);
}
#endif

/* Read bytes, a multiple of STEP, with the widest loads of this processor. */
static void read_all(const char *p, size_t bytes)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
        read_zmm(p, bytes);
        return;
    }
    if (__builtin_cpu_supports("avx2")) {
        read_ymm(p, bytes);
        return;
    }
#endif
    read_words(p, bytes);
}

/* ---- the pool ------------------------------------------------------------------------------------------------ */

struct pool pool_open(size_t size)
{
    struct pool pool = {.size = round_up(size, STEP)};
    pool.bytes = mmap(NULL, pool.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pool.bytes == MAP_FAILED)
        stop("%zu bytes of memory can't be had", pool.size);
#ifdef MADV_NOHUGEPAGE
    madvise(pool.bytes, pool.size, MADV_NOHUGEPAGE); /* a mapped file has small pages too */
#endif
    random_bytes(pool.bytes, pool.size, &(uint64_t){1});
    return pool;
}

void pool_close(struct pool *pool)
{
    munmap(pool->bytes, pool->size);
}

const char *pool_next(struct pool *pool, size_t bytes)
{
    if (bytes > pool->size)
        stop("a pool of %zu bytes has no room for %zu", pool->size, bytes);
    if (pool->at + bytes > pool->size)
        pool->at = 0;
    const char *next = pool->bytes + pool->at;
    pool->at += round_up(bytes, STEP);
    return next;
}

double pool_read_sample(struct pool *pool)
{
    enum { PART = 1 << 20, LEAST = 1 << 22 };
    const size_t part = pool->size < PART ? pool->size : PART;
    const double start = now();
    size_t bytes = 0;
    for (; bytes < LEAST; bytes += part)
        read_all(pool_next(pool, part), part);
    return (double)bytes / (now() - start);
}

/* ---- levels -------------------------------------------------------------------------------------------------- */

/* A line of a file of /sys; false if there is none. */
static bool read_line(int index, const char *name, char *line, size_t size)
{
    char path[96];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/%s", index, name);
    FILE *f = fopen(path, "r");
    const bool found = f && fgets(line, (int)size, f);
    if (f)
        fclose(f);
    return found;
}

size_t cache_size(int level)
{
    char line[32];
    for (int i = 0; read_line(i, "level", line, sizeof line); i++) {
        size_t size = 0;
        char unit = 0;
        if (line[0] - '0' != level || !read_line(i, "type", line, sizeof line) || line[0] == 'I')
            continue;
        if (read_line(i, "size", line, sizeof line) && sscanf(line, "%zu%c", &size, &unit) == 2)
            return unit == 'M' ? size << 20 : size << 10;
    }
    static const int names[] = {_SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE};
    const long size = sysconf(names[level - 1]);
    return size > 0 ? (size_t)size : 0;
}

const char *level_name(size_t bytes)
{
    static const char *const names[] = {"L1", "L2", "L3"};
    for (int level = 1; level <= 3; level++)
        if (bytes <= cache_size(level))
            return names[level - 1];
    return "memory";
}

void memory_run(const struct settings *settings, cJSON *json)
{
    const size_t last = cache_size(3) ? cache_size(3) : cache_size(2) ? cache_size(2) : 1 << 24;
    const size_t most = 4 * last < ((size_t)1 << 28) ? 4 * last : (size_t)1 << 28;
    const size_t sizes[] = {cache_size(1) / 2, cache_size(2) / 2, cache_size(3) / 2, most};
    cJSON *rows = cJSON_AddArrayToObject(json, "read_bandwidth");
    printf("\nReading with the widest loads, round and round in so many bytes, best of %d samples.\n\n"
           "| level | KB read | GB/s |\n|---|---:|---:|\n", settings->quick ? 10 : 50);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        if (!sizes[i])
            continue;
        struct pool pool = pool_open(sizes[i]);
        double speed = 0;
        for (size_t read = 0; read < 2 * pool.size; read += 1 << 22)
            pool_read_sample(&pool);
        for (int s = 0; s < (settings->quick ? 10 : 50); s++)
            speed = greater(speed, pool_read_sample(&pool));
        pool_close(&pool);
        printf("| %s | %zu | %.1f |\n", level_name(sizes[i]), sizes[i] >> 10, 1e-9 * speed);
        cJSON *row = add_row(rows);
        cJSON_AddStringToObject(row, "level", level_name(sizes[i]));
        add_number(row, "kb", (double)(sizes[i] >> 10));
        add_number(row, "gb_per_s", 1e-9 * speed);
    }
}
