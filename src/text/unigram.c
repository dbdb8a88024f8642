/* The unigram model: the segmentation whose pieces have the highest sum of scores (Kudo 2018, section 3.2), found by
 * Viterbi over the bytes of the text. */
#include "tokenizer_parts.h"
#include "utf8.h"

#include <stdlib.h>

/* An unknown character scores this much less than the worst piece. */
static const float UNKNOWN_PENALTY = 10.0f;

/* The best way to cut the text up to here. */
struct ending {
    float score;   /* of all its pieces */
    int32_t start; /* of its last piece, -1 if there is no way; later, where the next piece ends */
    int32_t id;    /* of its last piece */
};

/* Sums are compared in double and kept in float, and of two equal ways the first found stays, all as SentencePiece
 * does it: its ids are to be met even where rounding decides. */
static void ending_offer(struct ending *ending, double score, int32_t start, int32_t id)
{
    if (ending->start < 0 || score > ending->score)
        *ending = (struct ending){(float)score, start, id};
}

/* A user-defined piece beats any segmentation of its text, for a normal piece never scores above max_score. */
static double piece_score(const struct dragoman_tokenizer *t, const struct spm_piece *piece)
{
    if (piece->type != PIECE_USER_DEFINED)
        return piece->score;
    float most = (float)piece->text.length * t->max_score;
    return most - 0.1;
}

/* Offer all pieces that begin at `start`. */
static void pieces_offer(const struct dragoman_tokenizer *t, const char *text, size_t length, size_t start,
                         struct ending *endings)
{
    float before = endings[start].score;
    size_t step = utf8_step(text + start, length - start);
    bool has_character = false;
    uint32_t node = 0;
    for (size_t end = start; end < length && (node = trie_step(&t->pieces, node, (unsigned char)text[end]));) {
        int32_t id = t->pieces.nodes[node].id;
        end++;
        if (id < 0 || t->file.pieces[id].type == PIECE_UNUSED)
            continue;
        ending_offer(&endings[end], piece_score(t, &t->file.pieces[id]) + before, (int32_t)start, id);
        has_character |= end - start == step;
    }
    if (!has_character) {
        float unknown = t->min_score - UNKNOWN_PENALTY;
        ending_offer(&endings[start + step], unknown + before, (int32_t)start, t->unk);
    }
}

int unigram_cut(const struct dragoman_tokenizer *t, const char *text, size_t length, struct piece_sink *sink,
                dragoman_error *error)
{
    struct ending *endings = malloc((length + 1) * sizeof *endings);
    if (!endings)
        return fail_memory(error, (length + 1) * sizeof *endings);
    for (size_t i = 0; i <= length; i++)
        endings[i] = (struct ending){0, -1, -1};
    for (size_t start = 0; start < length; start += utf8_step(text + start, length - start))
        pieces_offer(t, text, length, start, endings);

    /* Turn the links round: from where a piece starts, to where the next one ends. */
    int32_t end = (int32_t)length, next_end = -1;
    while (end > 0) {
        int32_t start = endings[end].start;
        endings[end].start = next_end;
        next_end = end;
        end = start;
    }
    int status = 0;
    for (int32_t start = 0; status == 0 && next_end >= 0; start = end, next_end = endings[end].start) {
        end = next_end;
        status = piece_sink_add(sink, text + start, (size_t)(end - start), endings[end].id, error);
    }
    free(endings);
    return status;
}
