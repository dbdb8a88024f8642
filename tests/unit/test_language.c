/* Guessing the language of phrases, as written, in lower case and in capitals. */
#include "../../src/text/language.h"

#include "../../src/dragoman.h"
#include <stdlib.h>
#include <utf8proc.h>

#include "test.h"

static const char *const english[] = {
    "Hello", "Hello!", "Hi there", "Good morning", "Good evening", "Good night", "Goodbye", "Bye", "See you later",
    "Thanks", "Thank you", "Thank you very much", "You're welcome", "Please", "Yes", "No", "Excuse me", "Sorry",
    "I'm sorry", "Cheers", "Congratulations", "Happy birthday", "Merry Christmas", "How are you?", "What's up?",
    "My name is Anna.", "Where is the train station?", "train station", "cake", "the house", "bread", "water",
    "breakfast", "yesterday", "tomorrow", "a cup of tea", "How much does it cost?", "I don't understand.",
    "I love you", "Help!", "Stop!", "Be careful!", "Come here", "Let's go", "What time is it?", "It's raining.",
    "Turn left", "Enjoy your meal", "I was in the war.", "So what?", "He was born in Berlin.", "The die is cast.",
    "Also, I will be in Hamburg.", "Man of the year", "The big hat was on the table.",
    "An old bald man was in the bus.",
    "Save file", "Permission denied", "Settings", "Search", "Open the door", "Do you speak German?",
    "The Kindergarten is closed.", "Angela Merkel was the first woman in that office.",
    "Please wait while the page is loading.", "this is only a test", "lol that was so funny",
};

static const char *const german[] = {
    "Hallo", "Hallo!", "Guten Morgen", "Guten Tag", "Guten Abend", "Gute Nacht", "Auf Wiedersehen", "Tschüs",
    "Tschüss", "Bis später", "Danke", "Danke schön", "Vielen Dank", "Bitte", "Bitte schön", "Ja", "Nein", "Doch",
    "Entschuldigung", "Tut mir leid", "Prost", "Glückwunsch", "Herzlichen Glückwunsch", "Frohe Weihnachten",
    "Alles Gute zum Geburtstag", "Wie geht es dir?", "Wie geht's?", "Was ist los?", "Ich heiße Anna.",
    "Wo ist der Bahnhof?", "Bahnhof", "Kuchen", "das Haus", "Brot", "Wasser", "Frühstück", "gestern", "morgen früh",
    "eine Tasse Tee", "Was kostet das?", "Ich verstehe nicht.", "Ich liebe dich", "Hilfe!", "Vorsicht!", "Komm her",
    "Los geht's", "Wie spät ist es?", "Es regnet.", "Links abbiegen", "Guten Appetit", "Ich war im Krieg.",
    "Na und?",
    "Er hat einen Hut.", "Was man so hat.", "Die Arme!", "Er will in die Stadt.", "Ich bin bald da.", "Gut so",
    "Also gut", "Datei speichern", "Zugriff verweigert", "Einstellungen", "Suche", "Mach die Tür auf",
    "Sprechen Sie Englisch?", "Der Download läuft.", "Das Meeting ist gecancelt.", "Schoene Gruesse aus Koeln",
    "Bitte warten Sie, bis die Seite geladen ist.", "das ist nur ein test", "haha das war so lustig",
};

static char *with_case(const char *text, utf8proc_int32_t (*convert)(utf8proc_int32_t), size_t *length)
{
    char *out = malloc(2 * strlen(text) + 1);
    int32_t c;
    *length = 0;
    for (size_t at = 0; out && text[at];) {
        at += (size_t)utf8proc_iterate((const utf8proc_uint8_t *)text + at, -1, &c);
        *length += (size_t)utf8proc_encode_char(convert(c), (utf8proc_uint8_t *)out + *length);
    }
    return out;
}

static void test_phrase(const char *text, const char *wanted)
{
    size_t length;
    const char *found = language_guess(text, strlen(text));
    CHECK(strcmp(found, wanted) == 0, "%s: %s", text, found);
    char *lower = with_case(text, utf8proc_tolower, &length);
    found = lower ? language_guess(lower, length) : "";
    CHECK(strcmp(found, wanted) == 0, "%s in lower case: %s", text, found);
    free(lower);
    char *upper = with_case(text, utf8proc_toupper, &length);
    found = upper ? language_guess(upper, length) : "";
    CHECK(strcmp(found, wanted) == 0, "%s in capitals: %s", text, found);
    free(upper);
}

static void test_nothing(void)
{
    static const dragoman_text nothing[] = {{"", 0}, {" ", 1}, {"\0", 1}, {"123 + 4", 7}, {"?!", 2}, {"你好", 6}};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        CHECK(strcmp(language_guess(nothing[i].bytes, nothing[i].length), "en") == 0, "%zu", i);
    CHECK(strcmp(language_guess("Hallo\0 du", 9), "de") == 0, "NUL inside");
}

/* A long text is judged by its start, whatever byte the look ends in, and without reading past the end. */
static void test_long(void)
{
    size_t room = 1 << 20;
    for (size_t shift = 0; shift < 4; shift++) {
        char *text = malloc(room);
        if (!text)
            return;
        memset(text, 'x', shift);
        for (size_t at = shift; at < room; at++)
            text[at] = " schöne grüße"[(at - shift) % 15];
        CHECK(strcmp(language_guess(text, room), "de") == 0, "shift %zu", shift);
        memset(text, ' ', 2000);
        CHECK(strcmp(language_guess(text, room), "en") == 0, "looked further than wanted");
        memset(text, 'a', room);
        language_guess(text, room);
        free(text);
    }
}

int main(void)
{
    for (size_t i = 0; i < sizeof english / sizeof *english; i++)
        test_phrase(english[i], "en");
    for (size_t i = 0; i < sizeof german / sizeof *german; i++)
        test_phrase(german[i], "de");
    test_nothing();
    test_long();
    return test_report();
}
