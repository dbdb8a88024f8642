#include "trie.h"

#include <stdlib.h>
#include <string.h>

/* While the trie grows: each node owns a run of keys that share the bytes up to its depth. */
struct run {
    uint32_t start, end; /* keys */
};

struct build {
    struct trie_node *nodes;
    unsigned char *bytes;
    size_t count;
    struct trie_key *keys, *spare;
    struct run *runs; /* a run a node */
    const char *name;
    dragoman_error *error;
};

/* Put count keys in the order of their byte at `depth`, which all of them have. */
static void keys_sort(struct trie_key *keys, size_t count, uint32_t depth, struct trie_key *spare)
{
    if (count < 64) {
        for (size_t i = 1; i < count; i++) {
            struct trie_key key = keys[i];
            size_t at = i;
            for (; at > 0 && keys[at - 1].bytes[depth] > key.bytes[depth]; at--)
                keys[at] = keys[at - 1];
            keys[at] = key;
        }
        return;
    }
    size_t starts[256] = {0};
    for (size_t i = 0; i < count; i++)
        starts[keys[i].bytes[depth]]++;
    for (size_t byte = 0, sum = 0; byte < 256; byte++) {
        size_t n = starts[byte];
        starts[byte] = sum;
        sum += n;
    }
    for (size_t i = 0; i < count; i++)
        spare[starts[keys[i].bytes[depth]]++] = keys[i];
    memcpy(keys, spare, count * sizeof *keys);
}

/* Give a node its id and its children. */
static int node_expand(struct build *b, uint32_t node, uint32_t depth)
{
    struct run run = b->runs[node];
    b->nodes[node] = (struct trie_node){.children = (uint32_t)b->count, .id = -1};
    for (uint32_t i = run.start; i < run.end; i++) {
        struct trie_key key = b->keys[i];
        if (key.length > depth)
            continue;
        if (b->nodes[node].id >= 0)
            return fail(b->error, DRAGOMAN_MODEL_CORRUPT, "%s: found the pieces %d and %d with the same text, "
                        "wanted different ones", b->name, (int)b->nodes[node].id, (int)key.id);
        b->nodes[node].id = key.id;
        b->keys[i] = b->keys[run.start];
        b->keys[run.start++] = key;
    }
    keys_sort(b->keys + run.start, run.end - run.start, depth, b->spare);
    for (uint32_t i = run.start; i < run.end;) {
        uint32_t child = (uint32_t)b->count++;
        unsigned char byte = b->keys[i].bytes[depth];
        b->bytes[child] = byte;
        b->runs[child].start = i;
        while (i < run.end && b->keys[i].bytes[depth] == byte)
            i++;
        b->runs[child].end = i;
    }
    return 0;
}

/* Make a trie of nodes and bytes. */
static void trie_set(struct trie *trie, const struct trie_node *nodes, const unsigned char *bytes, size_t count)
{
    trie->nodes = nodes;
    trie->bytes = bytes;
    trie->count = count;
    for (uint32_t child = nodes[0].children; child < nodes[1].children; child++)
        trie->root[bytes[child]] = child;
}

int trie_build(struct trie *trie, struct trie_key *keys, size_t count, const char *name, dragoman_error *error)
{
    size_t most = 2; /* the root, and one past the last node */
    *trie = (struct trie){0};
    if (count == 0)
        return 0;
    for (size_t i = 0; i < count; i++)
        most += keys[i].length;
    if (most > UINT32_MAX / sizeof *trie->nodes)
        return fail_memory(error, most * sizeof *trie->nodes);
    struct build b = {malloc(most * sizeof *b.nodes), malloc(most), 1, keys, malloc(count * sizeof *keys),
                      malloc(most * sizeof *b.runs), name, error};
    int status = -1;
    if (!b.spare || !b.runs || !b.nodes || !b.bytes) {
        fail_memory(error, most * (sizeof *b.runs + sizeof *b.nodes + 1));
        goto fail;
    }
    b.runs[0] = (struct run){0, (uint32_t)count};
    b.bytes[0] = 0;
    uint32_t node = 0;
    for (uint32_t depth = 0; node < b.count; depth++)
        for (size_t level = b.count; node < level; node++)
            if (node_expand(&b, node, depth) < 0)
                goto fail;
    b.nodes[b.count] = (struct trie_node){.children = (uint32_t)b.count, .id = -1};
    void *nodes = realloc(b.nodes, (b.count + 1) * sizeof *b.nodes), *bytes = realloc(b.bytes, b.count);
    trie->owned_nodes = nodes ? nodes : b.nodes;
    trie->owned_bytes = bytes ? bytes : b.bytes;
    trie_set(trie, trie->owned_nodes, trie->owned_bytes, b.count);
    status = 0;
fail:
    free(b.spare);
    free(b.runs);
    if (status < 0) {
        free(b.nodes);
        free(b.bytes);
    }
    return status;
}

int trie_view(struct trie *trie, const void *data, const unsigned char *bytes, size_t count, size_t ids,
              const char *name, dragoman_error *error)
{
    const struct trie_node *nodes = data;
    *trie = (struct trie){0};
    for (size_t i = 0; i <= count; i++) {
        const size_t least = i == count ? count : i + 1; /* a child comes after its parent, so every walk ends */
        if (nodes[i].children < least || nodes[i].children > count ||
            (i && nodes[i].children < nodes[i - 1].children) || nodes[i].id < -1 ||
            (nodes[i].id >= 0 && (size_t)nodes[i].id >= ids))
            return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: node %zu of %zu: found children from %u and id %d, want "
                        "children behind it and those of the node before, and an id below %zu", name, i, count,
                        nodes[i].children, nodes[i].id, ids);
    }
    trie_set(trie, nodes, bytes, count);
    return 0;
}

void trie_free(struct trie *trie)
{
    free(trie->owned_nodes);
    free(trie->owned_bytes);
    *trie = (struct trie){0};
}
