/* The rules:
 *
 * 1. Behind the marks (. ! ? and their kin) must stand something that begins a sentence: a capital letter, a letter
 *    of a script without case, a digit, a symbol such as an emoji, each perhaps after quotes, brackets or a dash. In
 *    a text without any capital a small letter will do, except after an ellipsis.
 * 2. A mark other than a full stop right after an opening bracket is no end: "(!)". Nor is that in "Yahoo! Inc.".
 * 3. A single full stop does not end a sentence after
 *    - an abbreviation that something always follows: "Dr.", "z. B.", "e.g.";
 *    - an abbreviation that may stand last ("etc.", "U.S."), or a single letter, unless the next word is one that
 *      often begins sentences (`starters`): "Vitamin C. Das ..." has an end, "J. K. Rowling" has none;
 *    - an abbreviation that takes a number ("No.", "Abb.", "Okt.") if a number follows;
 *    - a number of up to three digits that reads as a German ordinal: a number follows, or else the next word is none
 *      that often begins sentences, and what stands before ("am", "der", a comma) or behind ("Oktober") is typical of
 *      ordinals.
 *
 * Looking back and ahead is bounded, so that a text costs linear time.
 */
#include "sentence_end.h"

#include <string.h>

#include "characters.h"

enum { LOOK_BACK = 32, OPENERS = 8, WORD_LETTERS = 20, WORD_ROOM = 4 * WORD_LETTERS + 4 };

/* Words in lower case, each between blanks. */
static const char always_goes_on[] =
    " abzgl approx bspw bzgl bzw ca cf d.h dgl dipl dr e.g ehem engl evtl exkl frz geb gest ggf hl hr hrn hrsg i.a"
    " i.d.r i.e ing inkl insb kath lat lt m.e mind mme mr mrs ms o.g prof resp sog sra st u.u urspr v.a verh"
    " vgl vs z.b z.t z.zt zz zzgl ";
static const char goes_on_as_title[] = " capt cmdr col fr gen gov hon mag maj pres rep rev sen sgt ";
static const char may_end[] =
    " allg ave blvd bros co corp dept est etc exp inc jh jhd jr ltd mio mrd mt n.chr o.ä ph.d rd sek sr std str"
    " tsd u.ä univ usf usw v.chr ";
static const char may_end_if_small[] = " max min ";
static const char takes_number[] =
    " abb abs anm apr art aufl aug bd bde ch chap dec dez eq feb fig jan jul jun kap mär mar no nos nov nr nrn oct"
    " okt pp ref sec sect sep sept tab tel vol ziff ";
static const char company[] = " ag corp gmbh inc ltd ";
static const char before_ordinal[] =
    " , ab als am bis das dem den der des die diesem diesen dieser dieses ein eine einem einen einer ihr ihre"
    " ihrem ihren ihrer im ins jede jedem jeden jeder jedes mein meine meinem meinen meiner oder sein seine seinem"
    " seinen seiner seit und unser unsere unserem unseren vom zum zur ";
static const char after_ordinal[] =
    " advent april apr aug august auflage bezirk bis bundesliga dez dezember etage fc feb februar geburtstag"
    " halbjahr halbzeit jahrestag jahrhundert jahrhunderte jahrhunderten jahrhunderts jahrtausend jan januar"
    " jänner jh jhd jul juli jun juni kapitel klasse liga mai mal mär märz november nov oder og okt oktober platz"
    " quartal runde semester sep sept september stock stockwerk teil und weihnachtsfeiertag weihnachtstag"
    " weltkrieg weltkriege weltkrieges weltkriegs ";
static const char starters[] =
    " a after all although and another are as at because before both but by can could did do does don't during"
    " each even every everyone everything finally for from have he her here his how however i i'd i'll i'm i've if"
    " in is it it's its last let let's many maybe more most my nobody not now of on once one only or our perhaps"
    " please she since so some someone sometimes soon still such thank thanks that that's the their then there"
    " there's these they they're this those though thus to today tomorrow until was we we're were what what's when"
    " where whether which while who whose why will with would yes yesterday you you're your aber alle allerdings"
    " als also am auch auf aus außerdem bei beim bis bitte da dabei dadurch dafür daher damals damit danach dann"
    " daran darauf darum das dass davon dazu dein deine dem den denn der deren deshalb dessen die dies diese"
    " diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines einige er erst es etwas euer"
    " für gestern hat heute hier hinter ich ihm ihn ihr ihre im ist ja jede jeder jetzt kann kein keine leider man"
    " manche mein meine mit nach nein nicht niemand noch nun nur ob oder ohne schließlich sein seine seit sie sind"
    " sogar später trotzdem über um und unser unsere unter viele vielleicht vom von vor wann war waren warum weil"
    " welche wenn wer wie wir wird wo zu zudem zum zunächst zur zwar zwischen ";

static bool listed(const char *list, const char *word)
{
    char key[WORD_ROOM + 2] = " ";
    if (!*word)
        return false;
    strcat(strcat(key, word), " ");
    return strstr(list, key) != NULL;
}

static void append_lower(char *word, int32_t c)
{
    size_t used = strlen(word);
    utf8proc_ssize_t n = utf8proc_encode_char(utf8proc_tolower(c), (utf8proc_uint8_t *)word + used);
    word[used + (size_t)n] = '\0';
}

/* The word at `at`, in lower case; "" if there is none, or a long one, or an initial with its full stop. */
static void word_at(dragoman_text text, size_t at, size_t end, char word[WORD_ROOM])
{
    int32_t c = 0;
    int letters = 0;
    for (word[0] = '\0'; at < end; letters++) {
        size_t n = read_at(text, at, &c);
        if (c == 0x2019) /* the typographic apostrophe */
            c = '\'';
        if ((!is_letter(c) && c != '\'') || letters == WORD_LETTERS)
            break;
        append_lower(word, c);
        at += n;
    }
    if (letters == WORD_LETTERS || (letters == 1 && at < end && c == '.'))
        word[0] = '\0';
}

/* What may begin a sentence. */
struct beginning {
    enum { NOTHING, SMALL, CAPITAL, DIGIT, OTHER } kind;
    char word[WORD_ROOM]; /* the first word in lower case */
};

static void beginning_read(dragoman_text text, size_t at, size_t end, struct beginning *b)
{
    int32_t c = 0, second = 0;
    b->kind = NOTHING;
    b->word[0] = '\0';
    for (int i = 0; i < OPENERS && at < end && b->kind == NOTHING; i++) {
        size_t n = read_at(text, at, &c);
        utf8proc_category_t k = utf8proc_category(c);
        if (is_letter(c)) {
            if (at + n < end)
                read_at(text, at + n, &second);
            b->kind = is_capital(c) || is_capital(second) ? CAPITAL : k == UTF8PROC_CATEGORY_LL ? SMALL : OTHER;
            word_at(text, at, end, b->word);
        } else if (k >= UTF8PROC_CATEGORY_ND && k <= UTF8PROC_CATEGORY_NO) {
            b->kind = DIGIT;
        } else if (k == UTF8PROC_CATEGORY_SO) {
            b->kind = OTHER;
        } else if (!is_opener(c) && !is_bullet(c) && !is_blank(c)) {
            break;
        }
        at += n;
    }
}

/* What stands before a full stop. */
struct ending {
    char word[WORD_ROOM];     /* in lower case, with inner full stops, without the blanks in "z. B" */
    char previous[WORD_ROOM]; /* the word before that one, or "," */
    int letters, digits;      /* in word */
    bool dotted;              /* full stops in word */
    bool initials;            /* and single letters between them: "U.S", "z. B" */
    bool titled;              /* "Gen": a capital, then a small letter */
    bool small;               /* "gen" */
};

/* Letters, digits and full stops before the one at `dot`: the length of that run in back[], where back[0] is the last
 * character before it. "z. B", "i. d. R": the blanks in such a chain of single letters belong to it. */
static int ending_size(const int32_t back[LOOK_BACK + 4])
{
    int size = 0;
    while (is_letter(back[size]) || is_digit(back[size]) || back[size] == '.')
        size++;
    while (size > 0 && size + 3 < LOOK_BACK && is_letter(back[size - 1]) && (size == 1 || back[size - 2] == '.') &&
           is_blank(back[size]) && back[size + 1] == '.' && is_letter(back[size + 2]) && !is_letter(back[size + 3]))
        size += 3;
    return size;
}

static void ending_read(dragoman_text text, size_t start, size_t dot, struct ending *e)
{
    int32_t back[LOOK_BACK + 4] = {0};
    int count = 0;
    *e = (struct ending){0};
    for (size_t at = dot; at > start && count < LOOK_BACK; count++)
        at = read_before(text, at, &back[count]);
    int size = ending_size(back), from = size;
    e->initials = true;
    for (int i = size - 1; i >= 0; i--) {
        if (!is_blank(back[i]) && size < WORD_LETTERS)
            append_lower(e->word, back[i]);
        e->letters += is_letter(back[i]);
        e->digits += is_digit(back[i]);
        e->dotted |= back[i] == '.';
        e->initials &= i == 0 || !is_letter(back[i]) || !is_letter(back[i - 1]);
    }
    e->initials &= e->dotted;
    e->small = size > 0 && !is_capital(back[size - 1]);
    e->titled = size > 1 && is_capital(back[size - 1]) && !is_capital(back[size - 2]);
    while (is_blank(back[from]))
        from++;
    int to = from + (back[from] == ',');
    while (is_letter(back[to]) && back[from] != ',')
        to++;
    bool i_am = is_blank(back[to]) && back[to + 1] == 'I' && !is_letter(back[to + 2]); /* "I am 19.": no ordinal */
    for (int i = to - 1; i >= from && from > size && to - from < WORD_LETTERS && !i_am; i--)
        append_lower(e->previous, back[i]);
}

/* Rule 3. */
static bool stop_ends(dragoman_text text, size_t start, size_t dot, const struct beginning *next)
{
    struct ending e;
    ending_read(text, start, dot, &e);
    bool starter = listed(starters, next->word) && next->kind != SMALL;
    if (e.digits && !e.letters) {
        if (e.digits > 3 && !e.dotted)
            return true;
        if (next->kind == DIGIT || next->kind == SMALL)
            return false;
        return starter || !(listed(before_ordinal, e.previous) || listed(after_ordinal, next->word));
    }
    if (listed(always_goes_on, e.word) || (e.titled && listed(goes_on_as_title, e.word)))
        return false;
    if (listed(takes_number, e.word))
        return next->kind != DIGIT;
    size_t length = strlen(e.word);
    bool street = length > 4 && e.titled && strcmp(e.word + length - 3, "str") == 0;
    if (e.letters == 1 || e.initials || street || listed(may_end, e.word) ||
        (e.small && listed(may_end_if_small, e.word)))
        return starter;
    return true;
}

bool sentence_ends(dragoman_text text, size_t start, size_t mark, size_t marks_end, size_t next, size_t end,
                   bool no_capitals)
{
    struct beginning b;
    int32_t first, last, before = 0;
    beginning_read(text, next, end, &b);
    read_at(text, mark, &first);
    read_before(text, marks_end, &last);
    if (mark > start)
        read_before(text, mark, &before);
    bool single = marks_end == mark + 1, ellipsis = last == 0x2026 || (last == '.' && !single);
    if (b.kind == NOTHING || (b.kind == SMALL && (!no_capitals || ellipsis)))
        return false;
    if (first != '.' && utf8proc_category(before) == UTF8PROC_CATEGORY_PS)
        return false;
    if (first == '!' && single && listed(company, b.word))
        return false;
    return first != '.' || !single || stop_ends(text, start, mark, &b);
}

bool sentence_ordinal_follows(dragoman_text text, size_t next, size_t end)
{
    struct beginning b;
    char word[WORD_ROOM];
    beginning_read(text, next, end, &b);
    word_at(text, next, end, word);
    return b.kind == DIGIT || listed(after_ordinal, word);
}
