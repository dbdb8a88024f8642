/* The AVX-VNNI kernels with AVX-512's encoding of the one instruction that they add to AVX2, so that processors which
 * have only that can test them. Part of every unit test; see tables.h. */
#define kernels_avxvnni kernels_avxvnni_evex
#include "../../src/kernels/avxvnni.c"
