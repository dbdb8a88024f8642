/* A trie over strings of bytes: which pieces does this text begin with?
 *
 * Nodes are numbered breadth first, so the children of a node lie side by side in the order of their bytes.
 */
#ifndef TEXT_TRIE_H
#define TEXT_TRIE_H

#include "../base/error.h"

struct trie_key {
    const unsigned char *bytes;
    uint32_t length; /* > 0 */
    int32_t id;      /* >= 0 */
};

struct trie_node {
    uint32_t children; /* the number of the first child; the next node's is one past the last */
    int32_t id;        /* of the key that ends here, -1 if none does */
};

struct trie {
    const struct trie_node *nodes; /* (count + 1); node 0 is the root; NULL if there are no keys */
    const unsigned char *bytes;    /* (count): the byte that leads to a node */
    uint32_t root[256];            /* the children of the root by byte, 0 if none */
    size_t count;
    void *owned_nodes, *owned_bytes; /* what trie_free() frees: the same two, unless they are a file's */
};

/* Build a trie over keys, which it puts in another order. The bytes are copied. 0, or negative with nothing to free:
 * DRAGOMAN_MEMORY, DRAGOMAN_MODEL_CORRUPT (the same key twice; name is for this message). */
int trie_build(struct trie *trie, struct trie_key *keys, size_t count, const char *name, dragoman_error *error);
/* A trie as trie_build() would have built it, ready-made in a file that outlives it: nodes (count + 1, 2) and bytes
 * (count). Checked so far that walking it stays within it and ids are below `ids`. 0, or negative with nothing to free:
 * DRAGOMAN_MODEL_CORRUPT. */
int trie_view(struct trie *trie, const void *nodes, const unsigned char *bytes, size_t count, size_t ids,
              const char *name, dragoman_error *error);
void trie_free(struct trie *trie);

/* The child of a node by a byte, 0 if there is none. The trie must not be empty (nodes not NULL). */
static inline uint32_t trie_step(const struct trie *trie, uint32_t node, unsigned char byte)
{
    if (node == 0)
        return trie->root[byte];
    uint32_t low = trie->nodes[node].children, high = trie->nodes[node + 1].children;
    while (high - low > 8) {
        uint32_t middle = low + (high - low) / 2;
        if (trie->bytes[middle] <= byte)
            low = middle;
        else
            high = middle;
    }
    for (; low < high; low++)
        if (trie->bytes[low] == byte)
            return low;
    return 0;
}

/* The node that bytes lead to from a node, 0 if there is none. */
static inline uint32_t trie_walk(const struct trie *trie, uint32_t node, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!(node = trie_step(trie, node, (unsigned char)bytes[i])))
            return 0;
    return node;
}

/* The id of a key, -1 if there is none. */
static inline int32_t trie_find(const struct trie *trie, const char *bytes, size_t length)
{
    return trie->nodes ? trie->nodes[trie_walk(trie, 0, bytes, length)].id : -1;
}

/* The length of the longest key that text begins with, 0 if there is none. */
static inline size_t trie_longest(const struct trie *trie, const char *text, size_t length)
{
    size_t longest = 0;
    uint32_t node = 0;
    if (!trie->nodes)
        return 0;
    for (size_t i = 0; i < length && (node = trie_step(trie, node, (unsigned char)text[i]));)
        if (i++, trie->nodes[node].id >= 0)
            longest = i;
    return longest;
}

#endif
