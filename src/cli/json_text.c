#include "json_text.h"

#include <string.h>
#include <utf8proc.h>

static bool needs_escape(utf8proc_int32_t c, bool in_page)
{
    if (c < 0x20 || c == 0x7f)
        return true;
    return in_page && ((c < 0x80 && strchr("<>&'", c)) || c == 0x2028 || c == 0x2029);
}

void json_put_string(struct writer *writer, const char *bytes, size_t length, bool in_page)
{
    writer_put(writer, "\"", 1);
    for (size_t i = 0, n; i < length; i += n) {
        utf8proc_int32_t c;
        const utf8proc_ssize_t size =
            utf8proc_iterate((const utf8proc_uint8_t *)bytes + i, (utf8proc_ssize_t)(length - i), &c);
        n = size > 0 ? (size_t)size : 1;
        if (size <= 0)
            writer_print(writer, "\\ufffd");
        else if (needs_escape(c, in_page))
            writer_print(writer, "\\u%04x", (unsigned)c);
        else if (c == '"' || c == '\\')
            writer_print(writer, "\\%c", (char)c);
        else
            writer_put(writer, bytes + i, n);
    }
    writer_put(writer, "\"", 1);
}
