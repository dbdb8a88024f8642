/* The files of src/cli/page, inside the program. */
#ifndef CLI_PAGE_FILES_H
#define CLI_PAGE_FILES_H

#include "../dragoman.h"

dragoman_text page_html(void);
dragoman_text page_style(void);
dragoman_text page_script(void); /* all scripts, one after another */

#endif
