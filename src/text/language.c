/* The rule: a text is German if the sum of the weights of what is found in it is above zero. What counts are
 * sequences of one to six letters of its words, word boundaries included, in lower case: "_the_", "ung_", "sch".
 * Some 1,450 of them have a weight (language_table.h, learnt by scripts/language_table.py). A capitalised word right
 * after a word in lower case has one too: most often it is a German noun. Only the first 2,000 bytes count. Nothing
 * but integers are summed, so that the result is the same everywhere.
 */
#include "language.h"

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "language_table.h"

enum { LOOKED_AT = 2000, TABLE_SIZE = sizeof language_table / sizeof *language_table };
_Static_assert(sizeof *language_table == sizeof(uint64_t), "an entry is read as one number");

/* The sign that stands for a letter in the table, '?' for a letter that has none, 0 for what is no letter. */
static char sign(int32_t c)
{
    utf8proc_category_t k = utf8proc_category(c);
    if (k < UTF8PROC_CATEGORY_LU || k > UTF8PROC_CATEGORY_LO)
        return 0;
    c = utf8proc_tolower(c);
    if (c >= 'a' && c <= 'z')
        return (char)c;
    return c == 0xe4 ? 'A' : c == 0xf6 ? 'O' : c == 0xfc ? 'U' : c == 0xdf ? 'S' : '?';
}

/* A sequence and its zeros as a number, in the order of strcmp. */
static uint64_t key(const char letters[LANGUAGE_LONGEST + 2])
{
    uint64_t k;
    memcpy(&k, letters, sizeof k);
    return be64toh(k);
}

static int weight_of(const char letters[LANGUAGE_LONGEST + 2])
{
    const uint64_t wanted = key(letters);
    size_t low = 0, high = TABLE_SIZE;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        const uint64_t found = key((const char *)&language_table[middle]) & ~(uint64_t)0xff; /* the weight follows */
        if (wanted == found)
            return language_table[middle].weight;
        if (wanted < found)
            high = middle;
        else
            low = middle + 1;
    }
    return 0;
}

/* The weights of all sequences that end at the last of the signs. */
static int weight_ending(const char *signs, size_t count)
{
    int sum = 0;
    for (size_t n = 1; n <= LANGUAGE_LONGEST && n <= count; n++) {
        char letters[LANGUAGE_LONGEST + 2] = "";
        memcpy(letters, signs + count - n, n);
        sum += weight_of(letters);
        if (letters[0] == '?' || (n > 1 && letters[0] == '_'))
            break;
    }
    return sum;
}

const char *language_guess(const char *text, size_t length)
{
    char signs[LOOKED_AT + 2] = "_"; /* of the word so far */
    size_t count = 1;
    bool capital = false, small = false, after_small = false; /* the word, and the one before a single blank */
    int sum = 0;
    int32_t c;
    if (length > LOOKED_AT)
        length = LOOKED_AT;
    for (size_t at = 0; at <= length;) {
        utf8proc_ssize_t n = 1;
        c = 0;
        if (at < length)
            n = utf8proc_iterate((const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(length - at), &c);
        char letter = n > 0 ? sign(c) : 0;
        if (letter) {
            if (count == 1) {
                capital = utf8proc_isupper(c);
                small = utf8proc_islower(c);
            } else if (count == 2 && capital && after_small && utf8proc_islower(c)) {
                sum += LANGUAGE_NOUN;
            }
            signs[count++] = letter;
            sum += weight_ending(signs, count);
        } else {
            if (count > 1) {
                signs[count++] = '_';
                sum += weight_ending(signs, count);
            }
            after_small = c == ' ' && count > 1 && small;
            count = 1;
        }
        at += n > 0 ? (size_t)n : 1;
    }
    return sum > 0 ? "de" : "en";
}
