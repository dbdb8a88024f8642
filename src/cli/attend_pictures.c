#include "attend_pictures.h"

#include "message.h"

int attend_pictures_open(struct attend_pictures *pictures, const struct options *options,
                         const struct selection *which)
{
    int code = 0;
    *pictures = (struct attend_pictures){.svg_writer = {.fd = -1}, .html_writer = {.fd = -1}};
    if (options->svg && !(code = writer_open(&pictures->svg_writer, options->svg))) {
        pictures->svg = true;
        code = attend_figure_begin(&pictures->figure, which);
    }
    if (!code && options->html && !(code = writer_open(&pictures->html_writer, options->html))) {
        pictures->html = true;
        attend_page_begin(&pictures->page, &pictures->html_writer, which);
    }
    return code;
}

int attend_pictures_add(struct attend_pictures *pictures, const dragoman_attention *sentences, size_t count)
{
    int code = 0;
    for (size_t i = 0; i < count && !code; i++) {
        if (pictures->html)
            attend_page_sentence(&pictures->page, &sentences[i]);
        if (pictures->svg)
            code = attend_figure_sentence(&pictures->figure, &sentences[i]);
    }
    if (!code && pictures->html)
        code = writer_flush(&pictures->html_writer);
    return code;
}

int attend_pictures_close(struct attend_pictures *pictures, int code, const struct options *options)
{
    const int drawn = attend_figure_end(&pictures->figure, !code && pictures->svg ? &pictures->svg_writer : NULL);
    code = code ? code : drawn;
    if (!code && pictures->html) {
        attend_page_end(&pictures->page);
        if (pictures->page.left_out && !options->quiet)
            message("%s: holds the first %zu sentences; %zu more would make it too large", options->html,
                    pictures->page.sentences, pictures->page.left_out);
    }
    code = writer_close(&pictures->html_writer, code);
    return writer_close(&pictures->svg_writer, code);
}
