/* Cutting a text into what is translated (sentences) and what is copied (blanks, control characters, stretches
 * without a letter). The segments follow one another without a hole: their bytes are the text. */
#ifndef TEXT_SEGMENT_H
#define TEXT_SEGMENT_H

#include "../base/error.h"

struct segment {
    size_t start, length; /* bytes in the text */
    bool translate;       /* false: copy the bytes as they are */
};
/* A growing list that a caller reuses; start with {0}, free(list.segments) at the end. */
struct segment_list {
    struct segment *segments;
    size_t count, room;
};

/* Append the segments of text, which is valid UTF-8 and may hold any characters. A sentence is no longer than
 * max_bytes (>= 16; longer ones are cut, best at a punctuation mark, else at a blank, else between characters).
 * 0, or negative: DRAGOMAN_MEMORY. */
int text_segment(const char *text, size_t length, size_t max_bytes, struct segment_list *list,
                 dragoman_error *error);

#endif
