#include "trie.h"

#include <stdlib.h>
#include <string.h>

/* While the trie grows: each node owns a run of keys that share the bytes up to its depth. */
struct run {
    uint32_t start, end; /* keys */
};

struct build {
    struct trie *trie;
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
    struct trie *trie = b->trie;
    struct run run = b->runs[node];
    trie->nodes[node] = (struct trie_node){.children = (uint32_t)trie->count, .id = -1};
    for (uint32_t i = run.start; i < run.end; i++) {
        struct trie_key key = b->keys[i];
        if (key.length > depth)
            continue;
        if (trie->nodes[node].id >= 0)
            return fail(b->error, DRAGOMAN_MODEL_CORRUPT, "%s: found the pieces %d and %d with the same text, "
                        "wanted different ones", b->name, (int)trie->nodes[node].id, (int)key.id);
        trie->nodes[node].id = key.id;
        b->keys[i] = b->keys[run.start];
        b->keys[run.start++] = key;
    }
    keys_sort(b->keys + run.start, run.end - run.start, depth, b->spare);
    for (uint32_t i = run.start; i < run.end;) {
        uint32_t child = (uint32_t)trie->count++;
        unsigned char byte = b->keys[i].bytes[depth];
        trie->bytes[child] = byte;
        b->runs[child].start = i;
        while (i < run.end && b->keys[i].bytes[depth] == byte)
            i++;
        b->runs[child].end = i;
    }
    return 0;
}

static void trie_shrink(struct trie *trie)
{
    void *nodes = realloc(trie->nodes, (trie->count + 1) * sizeof *trie->nodes);
    void *bytes = realloc(trie->bytes, trie->count);
    trie->nodes = nodes ? nodes : trie->nodes;
    trie->bytes = bytes ? bytes : trie->bytes;
    for (uint32_t child = trie->nodes[0].children; child < trie->nodes[1].children; child++)
        trie->root[trie->bytes[child]] = child;
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
    struct build b = {trie, keys, malloc(count * sizeof *keys), malloc(most * sizeof *b.runs), name, error};
    trie->nodes = malloc(most * sizeof *trie->nodes);
    trie->bytes = malloc(most);
    int status = -1;
    if (!b.spare || !b.runs || !trie->nodes || !trie->bytes) {
        fail_memory(error, most * (sizeof *b.runs + sizeof *trie->nodes + 1));
        goto fail;
    }
    b.runs[0] = (struct run){0, (uint32_t)count};
    trie->bytes[0] = 0;
    trie->count = 1;
    uint32_t node = 0;
    for (uint32_t depth = 0; node < trie->count; depth++)
        for (size_t level = trie->count; node < level; node++)
            if (node_expand(&b, node, depth) < 0)
                goto fail;
    trie->nodes[trie->count] = (struct trie_node){.children = (uint32_t)trie->count, .id = -1};
    trie_shrink(trie);
    status = 0;
fail:
    free(b.spare);
    free(b.runs);
    if (status < 0)
        trie_free(trie);
    return status;
}

void trie_free(struct trie *trie)
{
    free(trie->nodes);
    free(trie->bytes);
    *trie = (struct trie){0};
}
