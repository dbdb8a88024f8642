/* The assembler puts the files here as they are. The Makefile knows that this object depends on them. */
#include "page_files.h"

#define FILE_BYTES(name) ".incbin \"src/cli/page/" name "\"\n"

__asm__(".pushsection .rodata\n"
        "page_html_start:\n" FILE_BYTES("page.html")
        "page_style_start:\n" FILE_BYTES("style.css")
        "page_script_start:\n" FILE_BYTES("data.js") FILE_BYTES("map.js") FILE_BYTES("words.js") FILE_BYTES("page.js")
        "page_end:\n"
        ".popsection\n");

extern const char page_html_start[], page_style_start[], page_script_start[], page_end[];

dragoman_text page_html(void)
{
    return (dragoman_text){page_html_start, (size_t)(page_style_start - page_html_start)};
}

dragoman_text page_style(void)
{
    return (dragoman_text){page_style_start, (size_t)(page_script_start - page_style_start)};
}

dragoman_text page_script(void)
{
    return (dragoman_text){page_script_start, (size_t)(page_end - page_script_start)};
}
