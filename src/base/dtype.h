/* The number types a weight may have in memory, which are those of the model files. */
#ifndef BASE_DTYPE_H
#define BASE_DTYPE_H

#include <stddef.h>

enum dtype { DTYPE_F32, DTYPE_F16, DTYPE_I8, DTYPE_U8, DTYPE_I32, DTYPE_COUNT };

static inline size_t dtype_bytes(enum dtype dtype)
{
    static const size_t bytes[DTYPE_COUNT] = {4, 2, 1, 1, 4};
    return bytes[dtype];
}

static inline const char *dtype_name(enum dtype dtype)
{
    static const char *const names[DTYPE_COUNT] = {"F32", "F16", "I8", "U8", "I32"};
    return names[dtype];
}

#endif
