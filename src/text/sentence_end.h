/* Whether a full stop or another mark ends a sentence. */
#ifndef TEXT_SENTENCE_END_H
#define TEXT_SENTENCE_END_H

#include "../base/error.h"

/* Does the run of marks [mark, marks_end) end the sentence that starts at `start`, if behind it come perhaps closing
 * quotes, then a blank and then [next, end)? no_capitals: the whole text has none. */
bool sentence_ends(dragoman_text text, size_t start, size_t mark, size_t marks_end, size_t next, size_t end,
                   bool no_capitals);

/* Is what stands at `next` behind "3. " a word that makes it a German ordinal ("Oktober", "Jahrhundert")? */
bool sentence_ordinal_follows(dragoman_text text, size_t next, size_t end);

#endif
