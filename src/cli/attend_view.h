#ifndef CLI_ATTEND_VIEW_H
#define CLI_ATTEND_VIEW_H
#include <stddef.h>
#include "../dragoman.h"
#define VIEW_ALL SIZE_MAX
#define VIEW_MEAN (SIZE_MAX - 1)
struct attend_view { enum dragoman_attention_kind kind; size_t layer, head; };
#endif
