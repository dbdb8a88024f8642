/* A session from inside: what translate.c, align.c and attend.c share. */
#ifndef SESSION_H
#define SESSION_H

#include "align.h"
#include "decode/greedy.h"
#include "opened_model.h"

enum {
    SEGMENT_BYTES = 512,  /* a sentence longer than that is cut */
    SENTENCE_TOKENS = 128, /* so is one of more tokens: the model was trained on shorter ones */
    WORD_BYTES = 128,     /* a longer run without a blank is no word but data: a hash, base64, DNA */
    BATCH_TOKENS = 384,  /* more would share each fetch of the weights, but crowd keys and values out of the cache */
    LEAST_BATCH_TOKENS = 128,
    BATCH_SENTENCES = 128,
};

/* A sentence on its way: its source ids in the session's id list, its translation as text. */
struct sentence {
    size_t first, length;
    size_t start, bytes; /* of the session's input */
    size_t target_tokens;
    bool truncated;
    bool capitals; /* read in lower case: the translation is written in capitals */
    struct byte_string text;
    struct id_list target;  /* the translation's ids without end-of-sentence, if the session keeps them */
    struct pair_list pairs; /* of the sentence's own words, if the session aligns */
};

/* A stretch of a text's output: a sentence's translation, or bytes to copy. */
struct part {
    size_t sentence;      /* index, or NOT_A_SENTENCE */
    size_t start, length; /* bytes of the repaired input, copied if there is no sentence or no translation */
};
#define NOT_A_SENTENCE SIZE_MAX

struct dragoman_session {
    const struct dragoman_model *model;
    int threads, workspace_count;
    bool counts_cores; /* the physical cores are still to be counted, which are as many threads or fewer */
    bool aligns, keeps; /* what the call under way wants of each sentence: pairs; ids */
    struct workspace *workspaces; /* (workspace_count) */
    struct byte_string input, output, scratch; /* scratch: a sentence in lower case, while it is read */
    struct id_list ids;
    struct sentence *sentences;
    size_t sentence_count, sentence_room;
    struct part *parts;
    size_t part_count, part_room;
    struct pair_list pairs; /* of the last call: those of text i end at pair_ends[i] */
    size_t *pair_ends, pair_texts;
    struct dragoman_attention *attention; /* (sentences of the last call), in the arena */
    struct arena records;
    dragoman_stats stats;
};

/* The language of that name, NULL: for each text the one it is not written in. 0, or negative: DRAGOMAN_USAGE. */
int session_language(const struct dragoman_session *s, const char *name, const struct language **language,
                     dragoman_error *error);
/* The language to translate the text into, where none was asked for: the first that it is not written in. */
const struct language *session_other_language(const struct dragoman_session *s, const char *text, size_t length);
/* Forget the texts of the last call. */
void session_clear(struct dragoman_session *s);
/* Repair and cut every text. bounds (count + 1): text i has the parts bounds[i] .. bounds[i+1]. */
int session_read(struct dragoman_session *s, const struct language *target, const dragoman_text *texts, size_t count,
                 size_t *bounds, dragoman_error *error);
/* A sentence of the ids from `first` to the end of the list, which are start .. start+length of the input. */
int session_add_sentence(struct dragoman_session *s, size_t first, size_t start, size_t length, dragoman_error *error);
/* Translate all sentences. What they are to keep of it besides: */
int session_run(struct dragoman_session *s, dragoman_error *error);
/* The ids of a translation; the word pairs of a translation, of sentence b of the workspace's batch. */
int session_keep(struct sentence *sentence, const struct translation *translation, dragoman_error *error);
int session_align(struct dragoman_session *s, struct workspace *workspace, struct sentence *sentence, size_t b,
                  const struct translation *translation, int threads, dragoman_error *error);
/* The steps of a translation of `length` ids: one more for end-of-sentence unless it was cut short. */
size_t session_steps(size_t length, bool truncated);
/* What the decoder reads at the T steps that write ids and end-of-sentence -> inputs (T). */
void session_shift_right(int32_t *inputs, const struct model *model, const int32_t *ids, size_t T);
/* The words of a source -> words (S), and of a translation of `length` ids in T steps -> words (T), counted from the
 * sentence's first; SIZE_MAX for the tag and end-of-sentence. */
int session_source_words(const struct dragoman_session *s, const struct sentence *sentence, size_t *words,
                         dragoman_error *error);
int session_target_words(const struct dragoman_session *s, const struct byte_string *text, const int32_t *ids,
                         size_t length, size_t T, size_t *words, dragoman_error *error);
/* Put the sentences' word pairs together, text by text. */
int session_collect(struct dragoman_session *s, size_t count, const size_t *bounds, dragoman_error *error);
/* Where parts begin, counted in words of their text and of its translation. */
struct word_place {
    size_t source, target;           /* words begun */
    bool inside_source, inside_target; /* in the middle of one */
};
/* The words that the part's first words are (its bytes may begin in the middle of one); *place moves behind it. */
dragoman_pair session_place(const struct dragoman_session *s, const struct part *part, struct word_place *place);
/* Count what the call did. */
void session_count(struct dragoman_session *s, size_t texts);

#endif
