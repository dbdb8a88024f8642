/* Tries: built from keys, and viewed ready-made; a damaged one is refused or stays within its bounds. */
#include <stdlib.h>

#include "../../src/text/trie.h"
#include "test.h"

static const char *const words[] = {"a", "ab", "abc", "abd", "b", "bcd", "\xc3\xa4", "\xc3\xa4h", "zzz", "zzzzzzzz"};
enum { WORDS = sizeof words / sizeof *words };

static struct trie build(void)
{
    struct trie trie;
    struct trie_key keys[WORDS];
    for (size_t i = 0; i < WORDS; i++)
        keys[i] = (struct trie_key){(const unsigned char *)words[i], (uint32_t)strlen(words[i]), (int32_t)i};
    CHECK(trie_build(&trie, keys, WORDS, "test", NULL) == 0, "trie_build");
    return trie;
}

/* Nodes and bytes of a file, in memory of just their size. */
struct copy {
    struct trie_node *nodes;
    unsigned char *bytes;
};

static struct copy copy_of(const struct trie *trie)
{
    struct copy c = {malloc((trie->count + 1) * sizeof *c.nodes), malloc(trie->count)};
    memcpy(c.nodes, trie->nodes, (trie->count + 1) * sizeof *c.nodes);
    memcpy(c.bytes, trie->bytes, trie->count);
    return c;
}

static void copy_free(struct copy *c)
{
    free(c->nodes), free(c->bytes);
}

static void check_words(const struct trie *trie, const char *what)
{
    for (size_t i = 0; i < WORDS; i++)
        CHECK(trie_find(trie, words[i], strlen(words[i])) == (int32_t)i, "%s: %s", what, words[i]);
    CHECK(trie_find(trie, "abx", 3) == -1 && trie_find(trie, "zz", 2) == -1 && trie_find(trie, "x", 1) == -1, "%s", what);
    CHECK(trie_longest(trie, "abcabd", 6) == 3 && trie_longest(trie, "zzzzz", 5) == 3 && trie_longest(trie, "x", 1) == 0,
          "%s", what);
}

static void test_twice(void)
{
    struct trie trie;
    dragoman_error error = {0};
    struct trie_key keys[] = {{(const unsigned char *)"ab", 2, 7}, {(const unsigned char *)"ab", 2, 9}};
    CHECK(trie_build(&trie, keys, 2, "twice.spm", &error) < 0 && error.code == DRAGOMAN_MODEL_CORRUPT &&
              strstr(error.message, "twice.spm") && strstr(error.message, "same text"), "%s", error.message);
    CHECK(trie_build(&trie, keys, 0, "none", NULL) == 0 && trie_find(&trie, "a", 1) == -1, "no keys");
    trie_free(&trie);
}

/* Every field of every node set to numbers that it should not have. */
static void test_damage(const struct trie *trie)
{
    size_t refused = 0, viewed = 0;
    for (size_t i = 0; i <= trie->count; i++)
        for (int field = 0; field < 2; field++) {
            const uint32_t values[] = {0, 1, (uint32_t)i, (uint32_t)trie->count - 1, (uint32_t)trie->count,
                                       (uint32_t)trie->count + 1, WORDS - 1, WORDS, 0x7fffffff, 0x80000000, 0xfffffffe};
            for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
                struct copy c = copy_of(trie);
                struct trie damaged;
                dragoman_error error = {0};
                if (field)
                    c.nodes[i].id = (int32_t)values[v];
                else
                    c.nodes[i].children = values[v];
                if (trie_view(&damaged, c.nodes, c.bytes, trie->count, WORDS, "bad.safetensors", &error) < 0) {
                    refused++;
                    if (error.code != DRAGOMAN_MODEL_CORRUPT || !strstr(error.message, "bad.safetensors"))
                        CHECK(false, "code %d: %s", error.code, error.message);
                } else { /* another trie, but one: all walks end and give ids in range */
                    viewed++;
                    for (size_t w = 0; w < WORDS; w++)
                        if (trie_find(&damaged, words[w], strlen(words[w])) >= WORDS)
                            CHECK(false, "%s: an id out of range", words[w]);
                    trie_free(&damaged);
                }
                copy_free(&c);
            }
        }
    CHECK(refused > viewed, "%zu damaged tries refused, %zu viewed", refused, viewed);
}

int main(void)
{
    struct trie trie = build(), view;
    check_words(&trie, "built");
    struct copy c = copy_of(&trie);
    CHECK(trie_view(&view, c.nodes, c.bytes, trie.count, WORDS, "test", NULL) == 0, "trie_view");
    check_words(&view, "viewed");
    trie_free(&view); /* leaves the copy alone */
    test_damage(&trie);
    test_twice();
    copy_free(&c);
    trie_free(&trie);
    return test_report();
}
