#!/usr/bin/env python3
"""The pictures of `dragoman attend` as a person sees them: pages and figures are opened in a headless Chromium, and
what lights up is compared with the numbers that --json gives. No translation is written down here. Ends with a tally.

usage: [DRAGOMAN=program] tests/pages/run_pages.py [SCREENSHOTS]     a folder for pictures to look at
"""

import json
import os
import subprocess
import sys
import tempfile

from browser import Browser, find_chromium
import figures
import looks
import pointing

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TINY = os.path.join(ROOT, "tests/golden/tiny-f32.safetensors")
BUNDLED = os.path.join(ROOT, "models/en-de.safetensors")

# Two sentences; what a page must not take for markup, in both languages; a text that is too wide for a telephone.
TWO = "The old bridge over the river was closed last winter. Nobody knows when it will be opened again."
NASTY = ("</script><script>window.pwned = 1</script> & \"quoted\" 'text' <b>bold</b> <!-- note --> &lt; "
         "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 a\u2028b \\u0041 ]]> ${x}")
NASTY_TARGET = ("<img src=x onerror=window.pwned=1> & \"\u05e2\u05d5\u05dc\u05dd\" </title></style> '\u00e4' "
                "\U0001f642")
LONG = ("We walked along the narrow path beside the old stone wall until we reached the small wooden gate that my "
        "grandfather had painted green in the summer before he moved to the city with his two brothers and their dog")
UNBROKEN = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft" * 2


class Report:
    def __init__(self):
        self.passed = self.failed = 0
        self.part = ""

    def check(self, name, good, *shown):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print("not ok pages:", self.part, name, *(repr(item)[:300] for item in shown))


class Pictures:
    """A text's page, figure and numbers; `shot` keeps a picture of what the browser shows if that was asked for."""

    def __init__(self, program, work, name, model, text, *options):
        self.page, self.figure, numbers = (os.path.join(work, name + ending) for ending in (".html", ".svg", ".json"))
        subprocess.run([program, "attend", "-m", model, "--html", self.page, "--svg", self.figure, "--json", numbers,
                        *options, "--", text], check=True, stdout=subprocess.PIPE)
        with open(numbers, encoding="utf-8") as file:
            self.sentences = json.load(file)["sentences"]


def main():
    program = os.path.abspath(os.environ.get("DRAGOMAN", os.path.join(ROOT, "dragoman")))
    report, chromium = Report(), find_chromium()
    shots = sys.argv[1] if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as work:
        def make(name, model, text, *options):
            return Pictures(program, work, name, model, text, *options)

        pictures = {
            "tiny": make("tiny", TINY, "ab ba", "--kind", "dec", "--head", "all"),
            "two": make("two", BUNDLED, TWO, "--to", "de", "--kind", "dec", "--head", "2", "--layer", "0"),
            "nasty": make("nasty", BUNDLED, NASTY, "--to", "de", "--target", NASTY_TARGET),
            "long": make("long", BUNDLED, LONG, "--to", "de", "--kind", "enc", "--head", "all"),
            "short": make("short", BUNDLED, "Oh!", "--kind", "dec"),
            "unbroken": make("unbroken", BUNDLED, UNBROKEN, "--target", UNBROKEN, "--head", "all"),
        }
        figures.check_files(report, pictures)
        if not chromium:
            print("skip pages: no chromium; scripts/install-deps.sh test installs it")
            print(f"tally {report.passed} {report.failed} 1")
            return report.failed
        browser = Browser(chromium)
        try:
            browser.prefer(prefers_reduced_motion="reduce")
            for part in (pointing.check, looks.check, figures.check):
                try:
                    part(report, browser, pictures, shots)
                except Exception as error:  # a part that breaks is one failure, not the end
                    report.check(f"{part.__module__}: {error!r}", False)
        finally:
            browser.close()
    print(f"tally {report.passed} {report.failed} 0")
    return report.failed


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
