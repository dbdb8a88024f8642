#include "normalizer.h"

#include "utf8.h"

#include <string.h>

/* Longer replacements are refused: they would let a small text grow without bound. The longest of NFKC has 33. */
#define REPLACEMENT_BYTES 1024

static const char SPACE[] = "\xE2\x96\x81"; /* U+2581 */
#define SPACE_BYTES 3

static uint32_t u32_at(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

int normalizer_init(struct normalizer *n, const struct spm_rules *rules, const char *name, dragoman_error *error)
{
    struct spm_string map = rules->charsmap;
    *n = (struct normalizer){
        .add_dummy_prefix = rules->add_dummy_prefix,
        .remove_extra_whitespaces = rules->remove_extra_whitespaces,
        .escape_whitespaces = rules->escape_whitespaces,
    };
    if (map.length == 0)
        return 0;
    size_t trie_bytes = map.length < 4 ? 0 : u32_at(map.bytes);
    if (trie_bytes == 0 || trie_bytes % 4 || trie_bytes >= map.length - 4)
        return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: precompiled_charsmap: found %zu bytes with a trie of %zu, "
                    "wanted a trie of whole units and replacements", name, map.length, trie_bytes);
    n->units = map.bytes + 4;
    n->unit_count = trie_bytes / 4;
    n->replacements = (const char *)map.bytes + 4 + trie_bytes;
    n->replacements_bytes = map.length - 4 - trie_bytes;
    const char *end = n->replacements + n->replacements_bytes;
    for (const char *at = n->replacements; at < end;) {
        const char *nul = memchr(at, 0, (size_t)(end - at));
        if (!nul || nul - at > REPLACEMENT_BYTES)
            return fail(error, DRAGOMAN_MODEL_CORRUPT, "%s: precompiled_charsmap: found a replacement of %zu bytes, "
                        "wanted at most %d and a NUL", name, (size_t)((nul ? nul : end) - at), REPLACEMENT_BYTES);
        at = nul + 1;
    }
    return 0;
}

/* ---- the double array ---------------------------------------------------------------------------------------- */

/* A unit: bits 0-7 the label, bit 8 has a leaf, bit 9 the offset counts in 256s, bits 10-31 the offset to the
 * children. A leaf: bit 31 set, the others the value. The child by byte c of the unit at p is at p ^ offset ^ c. */
static uint32_t unit_offset(uint32_t unit)
{
    return unit >> 10 << (unit & 1u << 9 ? 8 : 0);
}

/* The length of the longest rule that text begins with, 0 if there is none; *value is the rule's value. */
static size_t charsmap_longest(const struct normalizer *n, const char *text, size_t length, uint32_t *value)
{
    size_t longest = 0;
    size_t at = unit_offset(u32_at(n->units));
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        at ^= byte;
        if (at >= n->unit_count)
            break;
        uint32_t unit = u32_at(n->units + 4 * at);
        if ((unit & 0x800000FFu) != byte)
            break;
        at ^= unit_offset(unit);
        if (unit & 1u << 8 && at < n->unit_count) {
            longest = i + 1;
            *value = u32_at(n->units + 4 * at) & 0x7FFFFFFFu;
        }
    }
    return longest;
}

/* ---- normalizing --------------------------------------------------------------------------------------------- */

/* What the text's next `consumed` bytes become. */
struct stretch {
    const char *bytes;
    size_t length, consumed;
};

static struct stretch stretch_next(const struct normalizer *n, const char *text, size_t length)
{
    uint32_t value = 0;
    size_t found = n->symbols ? trie_longest(n->symbols, text, length) : 0;
    if (found)
        return (struct stretch){text, found, found};
    if (n->units && (found = charsmap_longest(n, text, length, &value)) && value < n->replacements_bytes)
        return (struct stretch){n->replacements + value, strlen(n->replacements + value), found};
    if ((found = utf8_character(text, length)))
        return (struct stretch){text, found, found};
    return (struct stretch){"\xEF\xBF\xBD", 3, 1};
}

static int space_append(const struct normalizer *n, struct byte_string *out, dragoman_error *error)
{
    return n->escape_whitespaces ? byte_string_append(out, SPACE, SPACE_BYTES, error)
                                 : byte_string_append(out, " ", 1, error);
}

static int stretch_append(const struct normalizer *n, const char *bytes, size_t length, struct byte_string *out,
                          dragoman_error *error)
{
    while (length && n->escape_whitespaces) {
        const char *blank = memchr(bytes, ' ', length);
        if (!blank)
            break;
        size_t before = (size_t)(blank - bytes);
        if (byte_string_append(out, bytes, before, error) < 0 || space_append(n, out, error) < 0)
            return -1;
        bytes += before + 1;
        length -= before + 1;
    }
    return byte_string_append(out, bytes, length, error);
}

static void spaces_remove_at_end(const struct normalizer *n, struct byte_string *out, size_t start)
{
    const char *space = n->escape_whitespaces ? SPACE : " ";
    size_t bytes = strlen(space);
    while (out->length - start >= bytes && !memcmp(out->bytes + out->length - bytes, space, bytes))
        out->length -= bytes;
}

int normalizer_run(const struct normalizer *n, const char *text, size_t length, struct byte_string *normalized,
                   dragoman_error *error)
{
    if (length == 0)
        return 0;
    const char *end = text + length;
    size_t start = normalized->length;
    struct stretch next;
    if (n->remove_extra_whitespaces)
        while (text < end && (next = stretch_next(n, text, (size_t)(end - text))).length == 1 && *next.bytes == ' ')
            text += next.consumed;
    if (text == end)
        return 0;
    if (!n->whitespace_as_suffix && n->add_dummy_prefix && space_append(n, normalized, error) < 0)
        return -1;
    for (bool after_space = n->remove_extra_whitespaces; text < end; text += next.consumed) {
        next = stretch_next(n, text, (size_t)(end - text));
        while (after_space && next.length && *next.bytes == ' ')
            next.bytes++, next.length--;
        if (next.length == 0)
            continue;
        if (stretch_append(n, next.bytes, next.length, normalized, error) < 0)
            return -1;
        after_space = n->remove_extra_whitespaces && next.bytes[next.length - 1] == ' ';
    }
    if (n->remove_extra_whitespaces)
        spaces_remove_at_end(n, normalized, start);
    return n->whitespace_as_suffix && n->add_dummy_prefix ? space_append(n, normalized, error) : 0;
}
