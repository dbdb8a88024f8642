/* dragoman attend --html: one page that shows every head of every sentence, without anything from a network. */
#ifndef CLI_ATTEND_HTML_H
#define CLI_ATTEND_HTML_H

#include <stddef.h>

#include "attend.h"

/* A page that is being written, sentence by sentence. */
struct attend_page {
    struct writer *writer;
    size_t sentences, left_out; /* in the page; not, because it would get too large */
    size_t bytes;               /* of the sentences */
};

/* Write to an open writer: first the page's beginning, which shows `which` when it is opened (every head: the first);
 * then any number of sentences; then the end. Errors wait in the writer. */
void attend_page_begin(struct attend_page *page, struct writer *writer, const struct selection *which);
void attend_page_sentence(struct attend_page *page, const dragoman_attention *sentence);
void attend_page_end(struct attend_page *page);

#endif
