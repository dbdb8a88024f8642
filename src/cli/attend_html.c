/* The page is src/cli/page/page.html with four comments replaced: the policy, the style, the data and the script. The
 * data is JSON:
 *
 *     {"maker": "Dragoman 0.1.0", "start": {"kind": 2, "layer": 0, "head": null},
 *      "sentences": [{"source": "...", "translation": "...", "source_pieces": [{"text": ">>de<<", "tag": true}, ...],
 *        "target_pieces": [{"text": "Haus"}, {"text": "es", "joined": true}, ...], "decoder_inputs": [...],
 *        "maps": [{"layers": 6, "heads": 8, "rows": 9, "columns": 9, "weights": "..."}, ... by kind]}, ...],
 *      "left_out": 0}
 *
 * A head that is null is the mean. Weights are 16-bit numbers (65535 is 1, little-endian) in base64: 2.7 bytes a
 * weight, less than half of four decimals, and finer. A page of an everyday sentence has some 80 KB; --json has the
 * numbers themselves. */
#include "attend_html.h"

#include <sha256.h>
#include <string.h>

#include "attend_labels.h"
#include "json_text.h"
#include "page_files.h"

enum { MOST_BYTES = 32 << 20 }; /* of the sentences; one of the longest has 7 million */

static void put(struct writer *writer, const char *text)
{
    writer_put(writer, text, strlen(text));
}

/* ---- numbers and pieces --------------------------------------------------------------------------------------- */

/* Three bytes to four characters; `count` of them are there, the others 0. */
static void encode_group(const unsigned char bytes[3], size_t count, char text[4])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned group = (unsigned)bytes[0] << 16 | (unsigned)bytes[1] << 8 | bytes[2];
    for (size_t i = 0; i < 4; i++)
        text[i] = i <= count ? digits[group >> (18 - 6 * i) & 63] : '=';
}

static void put_base64(struct writer *writer, const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i += 3) {
        unsigned char group[3] = {0};
        char text[4];
        const size_t count = length - i < 3 ? length - i : 3;
        memcpy(group, bytes + i, count);
        encode_group(group, count, text);
        writer_put(writer, text, sizeof text);
    }
}

/* A list of pieces, as they are to be read. */
static void put_pieces(struct writer *writer, const char *name, const dragoman_attention *a, const char *const *pieces,
                       size_t count)
{
    writer_print(writer, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++) {
        struct label label;
        label_make(&label, a, pieces, i);
        put(writer, i ? ",{\"text\":" : "{\"text\":");
        json_put_string(writer, label.text, strlen(label.text), true);
        put(writer, label.joined ? ",\"joined\":true}" : label.tag ? ",\"tag\":true}" : "}");
    }
    put(writer, "]");
}

/* (count) weights. */
static void put_weights(struct writer *writer, const float *weights, size_t count)
{
    enum { CHUNK = 3 * 256 }; /* whole groups of base64, so that chunks can follow one another */
    unsigned char bytes[2 * CHUNK];
    for (size_t start = 0, n; start < count; start += n) {
        n = count - start < CHUNK ? count - start : CHUNK;
        for (size_t i = 0; i < n; i++) {
            const float weight = weights[start + i];
            const unsigned value = weight >= 1 ? 65535 : weight > 0 ? (unsigned)(weight * 65535 + 0.5F) : 0;
            bytes[2 * i] = value & 255;
            bytes[2 * i + 1] = (unsigned char)(value >> 8);
        }
        put_base64(writer, bytes, 2 * n);
    }
}

/* ---- the page ------------------------------------------------------------------------------------------------- */

static void put_hash(struct writer *writer, const char *directive, dragoman_text text)
{
    SHA256_CTX context;
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256_Init(&context);
    SHA256_Update(&context, (const uint8_t *)text.bytes, text.length);
    SHA256_Final(digest, &context);
    writer_print(writer, "%s 'sha256-", directive);
    put_base64(writer, digest, sizeof digest);
    put(writer, "'; ");
}

/* Only the page's own script and style run, and nothing is loaded: whatever the text holds. */
static void put_policy(struct writer *writer)
{
    put(writer, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; ");
    put_hash(writer, "script-src", page_script());
    put_hash(writer, "style-src", page_style());
    put(writer, "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'\">");
}

static void put_element(struct writer *writer, const char *name, dragoman_text text)
{
    writer_print(writer, "<%s>", name);
    writer_put(writer, text.bytes, text.length);
    writer_print(writer, "</%s>", name);
}

/* Write the page from *place up to the comment `mark` and step over it; up to the end for NULL. */
static void put_until(struct writer *writer, dragoman_text html, size_t *place, const char *mark)
{
    const char *start = html.bytes + *place, *end = html.bytes + html.length;
    const char *at = mark ? memmem(start, html.length - *place, mark, strlen(mark)) : NULL;
    writer_put(writer, start, (size_t)((at ? at : end) - start));
    *place = (size_t)((at ? at + strlen(mark) : end) - html.bytes);
}

static const char DATA_MARK[] = "<!--data-->";

void attend_page_begin(struct attend_page *page, struct writer *writer, const struct selection *which)
{
    const dragoman_text html = page_html();
    size_t place = 0;
    *page = (struct attend_page){.writer = writer};
    put_until(writer, html, &place, "<!--policy-->");
    put_policy(writer);
    put_until(writer, html, &place, "<!--style-->");
    put_element(writer, "style", page_style());
    put_until(writer, html, &place, DATA_MARK);
    put(writer, "{\"maker\":\"Dragoman " DRAGOMAN_VERSION "\",");
    writer_print(writer, "\"start\":{\"kind\":%d,\"layer\":%zu,\"head\":", (int)which->kind, which->layer);
    if (which->head == MEAN_HEAD)
        put(writer, "null");
    else
        writer_print(writer, "%zu", which->head == EVERY_HEAD ? 0 : which->head);
    put(writer, "},\"sentences\":[");
}

/* About the bytes that the sentence takes. */
static size_t sentence_bytes(const dragoman_attention *a)
{
    size_t weights = 0;
    for (int kind = 0; kind < DRAGOMAN_ATTENTION_KINDS; kind++)
        weights += a->layers[kind] * a->heads[kind] * a->rows[kind] * a->columns[kind];
    return weights * 2 / 3 * 4 + 40 * (a->source_length + 2 * a->target_length) + a->source.length +
           a->translation.length;
}

void attend_page_sentence(struct attend_page *page, const dragoman_attention *a)
{
    struct writer *writer = page->writer;
    const size_t bytes = sentence_bytes(a);
    if (page->left_out || page->bytes + bytes > MOST_BYTES) {
        page->left_out++;
        return;
    }
    page->bytes += bytes;
    put(writer, page->sentences++ ? ",\n{\"source\":" : "\n{\"source\":");
    json_put_string(writer, a->source.bytes, a->source.length, true);
    put(writer, ",\"translation\":");
    json_put_string(writer, a->translation.bytes, a->translation.length, true);
    put_pieces(writer, "source_pieces", a, a->source_pieces, a->source_length);
    put_pieces(writer, "target_pieces", a, a->target_pieces, a->target_length);
    put_pieces(writer, "decoder_inputs", a, a->decoder_inputs, a->target_length);
    put(writer, ",\"maps\":[");
    for (int kind = 0; kind < DRAGOMAN_ATTENTION_KINDS; kind++) {
        const size_t L = a->layers[kind], H = a->heads[kind], rows = a->rows[kind], columns = a->columns[kind];
        put(writer, kind ? "," : "");
        writer_print(writer, "{\"layers\":%zu,\"heads\":%zu,\"rows\":%zu,\"columns\":%zu,\"weights\":\"", L, H, rows,
                     columns);
        put_weights(writer, a->probabilities[kind], L * H * rows * columns);
        put(writer, "\"}");
    }
    put(writer, "]}");
}

void attend_page_end(struct attend_page *page)
{
    const dragoman_text html = page_html();
    size_t place = (size_t)((const char *)memmem(html.bytes, html.length, DATA_MARK, strlen(DATA_MARK)) - html.bytes);
    place += strlen(DATA_MARK);
    writer_print(page->writer, "\n],\"left_out\":%zu}", page->left_out);
    put_until(page->writer, html, &place, "<!--script-->");
    put_element(page->writer, "script", page_script());
    put_until(page->writer, html, &place, NULL);
}
