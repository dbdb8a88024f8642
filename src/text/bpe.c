/* Byte pair encoding (Sennrich et al. 2016, section 3.2): begin with the characters and join two neighbours, always
 * those whose union has the highest score, the leftmost first. */
#include "tokenizer_parts.h"
#include "utf8.h"

#include <stdlib.h>

#define NONE UINT32_MAX

/* A stretch of text; joining two leaves the right one with length 0. */
struct symbol {
    uint32_t start, length; /* bytes */
    uint32_t previous, next; /* symbols, NONE at the ends */
    uint32_t node;           /* in the trie of pieces, 0 if no piece begins with this text */
    bool frozen;             /* a user-defined piece: never joined */
};

/* Two neighbours whose union is a piece. Out of date if the two have another length by now. */
struct pair {
    float score;
    uint32_t left, right, length;
};

struct bpe {
    const struct dragoman_tokenizer *tokenizer;
    const char *text;
    struct symbol *symbols; /* (count) */
    size_t count;
    struct pair *heap; /* (pairs), the best at 0; the children of i at 2i+1 and 2i+2 */
    size_t pairs, room;
    uint32_t *left_lengths; /* (pieces): how an unused piece was last put together; NULL if there are none */
    dragoman_error *error;
};

/* ---- the heap of pairs --------------------------------------------------------------------------------------- */

static bool pair_before(const struct pair *a, const struct pair *b)
{
    return a->score > b->score || (a->score == b->score && a->left < b->left);
}

static int heap_push(struct bpe *b, struct pair pair)
{
    if (b->pairs == b->room) {
        size_t room = b->room ? 2 * b->room : 64; /* at most 6 times the bytes of the text */
        struct pair *heap = realloc(b->heap, room * sizeof *heap);
        if (!heap)
            return fail_memory(b->error, room * sizeof *heap);
        b->heap = heap;
        b->room = room;
    }
    size_t i = b->pairs++;
    for (; i > 0 && pair_before(&pair, &b->heap[(i - 1) / 2]); i = (i - 1) / 2)
        b->heap[i] = b->heap[(i - 1) / 2];
    b->heap[i] = pair;
    return 0;
}

static struct pair heap_pop(struct bpe *b)
{
    struct pair top = b->heap[0], last = b->heap[--b->pairs];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < b->pairs; i = child) {
        if (child + 1 < b->pairs && pair_before(&b->heap[child + 1], &b->heap[child]))
            child++;
        if (!pair_before(&b->heap[child], &last))
            break;
        b->heap[i] = b->heap[child];
    }
    b->heap[i] = last;
    return top;
}

/* ---- joining ------------------------------------------------------------------------------------------------- */

/* Offer the union of two neighbours if it is a piece. */
static int pair_offer(struct bpe *b, uint32_t left, uint32_t right)
{
    const struct trie *trie = &b->tokenizer->pieces;
    if (left == NONE || right == NONE)
        return 0;
    const struct symbol *l = &b->symbols[left], *r = &b->symbols[right];
    if (l->frozen || r->frozen || l->node == 0)
        return 0;
    uint32_t node = trie_walk(trie, l->node, b->text + r->start, r->length);
    if (node == 0 || trie->nodes[node].id < 0)
        return 0;
    int32_t id = trie->nodes[node].id;
    const struct spm_piece *piece = &b->tokenizer->file.pieces[id];
    if (piece->type == PIECE_UNUSED)
        b->left_lengths[id] = l->length;
    return heap_push(b, (struct pair){piece->score, left, right, l->length + r->length});
}

static int pairs_join(struct bpe *b)
{
    for (uint32_t i = 1; i < b->count; i++)
        if (pair_offer(b, i - 1, i) < 0)
            return -1;
    while (b->pairs) {
        struct pair pair = heap_pop(b);
        struct symbol *left = &b->symbols[pair.left], *right = &b->symbols[pair.right];
        if (left->length == 0 || right->length == 0 || left->length + right->length != pair.length)
            continue;
        left->node = trie_walk(&b->tokenizer->pieces, left->node, b->text + right->start, right->length);
        left->length = pair.length;
        left->next = right->next;
        if (right->next != NONE)
            b->symbols[right->next].previous = pair.left;
        right->length = 0;
        if (pair_offer(b, left->previous, pair.left) < 0 || pair_offer(b, pair.left, left->next) < 0)
            return -1;
    }
    return 0;
}

/* Cut the text into characters and user-defined pieces. */
static void symbols_cut(struct bpe *b, size_t length)
{
    const struct dragoman_tokenizer *t = b->tokenizer;
    for (size_t at = 0, n; at < length; at += n) {
        size_t fixed = trie_longest(&t->symbols, b->text + at, length - at);
        n = fixed ? fixed : utf8_step(b->text + at, length - at);
        uint32_t i = (uint32_t)b->count++;
        b->symbols[i] = (struct symbol){
            .start = (uint32_t)at,
            .length = (uint32_t)n,
            .previous = i == 0 ? NONE : i - 1,
            .next = at + n < length ? i + 1 : NONE,
            .node = t->pieces.nodes ? trie_walk(&t->pieces, 0, b->text + at, n) : 0,
            .frozen = fixed > 0,
        };
    }
}

/* A stretch of a symbol. */
struct part {
    uint32_t start, length; /* bytes */
};

/* Add an unused piece: it is taken apart again into what it was put together from. Each part is shorter than the
 * whole and the parts still to do don't overlap, so there are never more of them than bytes in the piece. */
static int unused_emit(struct bpe *b, const struct symbol *symbol, struct part *todo, struct piece_sink *sink)
{
    const struct dragoman_tokenizer *t = b->tokenizer;
    size_t count = 1;
    todo[0] = (struct part){symbol->start, symbol->length};
    while (count) {
        struct part part = todo[--count];
        int32_t id = piece_find(t, b->text + part.start, part.length);
        uint32_t left = t->file.pieces[id].type == PIECE_UNUSED ? b->left_lengths[id] : 0;
        if (left) {
            todo[count++] = (struct part){part.start + left, part.length - left};
            todo[count++] = (struct part){part.start, left};
        } else if (piece_sink_add(sink, b->text + part.start, part.length, id, b->error) < 0) {
            return -1;
        }
    }
    return 0;
}

static int symbols_emit(struct bpe *b, struct part *todo, struct piece_sink *sink)
{
    const struct dragoman_tokenizer *t = b->tokenizer;
    int status = 0;
    for (uint32_t i = 0; i != NONE && status == 0; i = b->symbols[i].next) {
        const struct symbol *symbol = &b->symbols[i];
        const char *bytes = b->text + symbol->start;
        int32_t id = symbol->node ? t->pieces.nodes[symbol->node].id : -1;
        if (id < 0 || t->file.pieces[id].shown_as != t->file.pieces[id].type)
            id = piece_find(t, bytes, symbol->length);
        status = t->file.pieces[id].type == PIECE_UNUSED ? unused_emit(b, symbol, todo, sink)
                                                         : piece_sink_add(sink, bytes, symbol->length, id, b->error);
    }
    return status;
}

int bpe_cut(const struct dragoman_tokenizer *t, const char *text, size_t length, struct piece_sink *sink,
            dragoman_error *error)
{
    struct bpe b = {.tokenizer = t, .text = text, .error = error};
    struct part *todo = NULL;
    int status = -1;
    b.symbols = malloc(length * sizeof *b.symbols);
    if (t->has_unused) {
        b.left_lengths = calloc(t->file.count, sizeof *b.left_lengths);
        todo = malloc(SPM_PIECE_BYTES * sizeof *todo);
    }
    if (!b.symbols || (t->has_unused && (!b.left_lengths || !todo))) {
        fail_memory(error, length * sizeof *b.symbols);
        goto fail;
    }
    symbols_cut(&b, length);
    if (pairs_join(&b) == 0)
        status = symbols_emit(&b, todo, sink);
fail:
    free(b.symbols);
    free(b.heap);
    free(b.left_lengths);
    free(todo);
    return status;
}
