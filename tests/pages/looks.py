"""The page's looks: widths, themes, contrast, hostile text, and that the numbers in it are those of --json."""

import array
import base64

from pointing import KINDS, check_pixels, choose, map_of, see

# The contrast (WCAG 2) of every piece of text against what lies under it; a bar that shows a share may lie there, too.
CONTRAST = """(() => {
    const rgba = text => { const n = text.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
    const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
    const linear = v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
    const light = c => {
        const [r, g, b] = c.slice(0, 3).map(v => linear(v / 255));
        return .2126 * r + .7152 * g + .0722 * b;
    };
    const contrast = (a, b) => {
        const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
        return (x + .05) / (y + .05);
    };
    const probe = document.createElement("i");
    document.body.append(probe);
    const color = value => { probe.style.color = value; return rgba(getComputedStyle(probe).color); };
    const bar = color("var(--share-bar)"), found = [];
    const under = element => {
        const layers = [];
        for (let at = element; at; at = at.parentElement) {
            layers.push(rgba(getComputedStyle(at).backgroundColor));
            if (layers.at(-1)[3] === 1) break;
        }
        return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        const words = walker.currentNode.data.trim().slice(0, 30);
        if (!words || !element.getClientRects().length || element.closest("script, style, noscript, :disabled, option"))
            continue;
        const text = rgba(getComputedStyle(element).color), grounds = [under(element)];
        const chip = element.closest(".side button, .bar-of");
        if (chip && !chip.classList.contains("on") && Number(chip.style.getPropertyValue("--share")) > 0)
            grounds.push(bar);
        for (const ground of grounds)
            found.push([contrast(text, ground), words, element.className || element.tagName]);
    }
    const marks = ["#kinds span", "#theme"].map(s => document.querySelector(s)).map(
        element => contrast(rgba(getComputedStyle(element).borderTopColor), under(element.parentElement)));
    probe.remove();
    return {count: found.length, texts: found.filter(([ratio]) => ratio < 4.5), marks,
            page: light(rgba(getComputedStyle(document.body).backgroundColor))};
})()"""

NAMELESS = """(() => {
    const controls = document.querySelectorAll("button, select, input, a, summary, [tabindex], canvas[role=img]");
    const named = element => element.getAttribute("aria-label") || element.textContent.trim() ||
        (element.labels && element.labels.length);
    return Array.from(controls).filter(element => element.getClientRects().length && !named(element))
        .map(element => element.outerHTML.slice(0, 80));
})()"""


def check_theme(report, browser, name, dark):
    seen = browser.run(CONTRAST)
    report.check(f"{name}: the page is {'dark' if dark else 'light'}", (seen["page"] < 0.2) == dark, seen["page"])
    report.check(f"{name}: contrast of text", seen["count"] > 40 and not seen["texts"], seen["count"],
                 seen["texts"][:5])
    report.check(f"{name}: contrast of controls", min(seen["marks"]) >= 3, seen["marks"])


def themes(report, browser, pictures, shots):
    """As the system wants it, and the other at the push of a button; every text can be read in both."""
    browser.resize(1280, 900)
    for system in ("light", "dark"):
        browser.prefer(prefers_color_scheme=system, prefers_reduced_motion="reduce")
        browser.open(pictures.page)
        choose(browser, 1, 1, 1)
        for dark in (system == "dark", system != "dark"):
            browser.hover("#queries button", 3)
            name = f"system {system}, {'dark' if dark else 'light'}"
            check_theme(report, browser, name, dark)
            check_pixels(report, name, see(browser), map_of(pictures.sentences[0], 1, 1, 1), 1, "query", 3, int(dark))
            if shots:
                browser.screenshot(f"{shots}/theme-{system}-{'dark' if dark else 'light'}.png")
            browser.click("#theme")
    browser.prefer(prefers_color_scheme="light", prefers_reduced_motion="reduce")
    motion = "getComputedStyle(document.querySelector('#queries button')).transitionDuration"
    still = browser.run(motion)
    browser.prefer(prefers_reduced_motion="no-preference")
    report.check("nothing moves for those who want it so", still == "0s" and browser.run(motion) != "0s", still)
    browser.prefer(prefers_color_scheme="light", prefers_reduced_motion="reduce")
    report.check("every control has a name", browser.run(NAMELESS) == [], browser.run(NAMELESS))


def widths(report, browser, pictures, shots):
    """The page never scrolls sideways, with any kind and a word pointed at; what can be tapped is large enough
    (WCAG 2.2: 24 px)."""
    for name in ("long", "nasty", "unbroken"):
        for width in (320, 360, 1280):
            browser.resize(width, 740, width < 500)
            browser.open(pictures[name].page)
            rooms = browser.run("""Array.from(document.querySelectorAll("input[name=kind]"), input => {
                input.click();
                document.querySelector("#queries button").focus();
                return [document.documentElement.scrollWidth, document.documentElement.clientWidth];
            })""")
            report.check(f"{name}, {width} px: no scrolling sideways",
                         len(rooms) == len(KINDS) and all(inside <= room for inside, room in rooms), rooms)
            small = browser.run("""Array.from(document.querySelectorAll("button"), b => b.getBoundingClientRect())
                .filter(b => b.width && (b.width < 24 || b.height < 24)).length""")
            report.check(f"{name}, {width} px: buttons are large enough", small == 0, small)
            if shots:
                browser.screenshot(f"{shots}/{name}-{width}.png")


def resizing(report, browser, pictures):
    """A page that gets wider: the large map has the room it can have, and no more."""
    browser.resize(320, 740)
    browser.open(pictures.page)
    for width in (700, 1280, 1079, 360):
        browser.resize(width, 740)
        browser.settle()
        sizes = browser.run("""(() => {
            const scroll = document.getElementById("scroll"), canvas = document.getElementById("canvas");
            return [scroll.clientWidth, scroll.scrollWidth, canvas.clientWidth / canvas.width];
        })()""")
        report.check(f"{width} px, without loading anew: the map fits",
                     sizes[0] >= sizes[1] and 12 <= sizes[2] <= 30, sizes)


def hostile_text(report, browser, pictures):
    """Markup, quotes and words from right to left are text, in the sentence and in the pieces; nothing of it runs."""
    browser.resize(1280, 900)
    browser.open(pictures.page)
    sentence = pictures.sentences[0]
    shown = browser.run("""[document.getElementById("source").textContent,
        document.getElementById("translation").textContent, document.scripts.length, document.images.length,
        typeof window.pwned, document.querySelectorAll("b").length]""")
    report.check("the sentences are shown as they are",
                 shown[:2] == [sentence["source"], sentence["translation"]], shown[:2])
    report.check("nothing of them is markup", shown[2:] == [2, 0, "undefined", 0], shown[2:])
    keys = browser.run("Array.from(document.querySelectorAll('#keys bdi'), e => e.textContent)")
    report.check("right-to-left letters are among the pieces", any("\u05e9" in key for key in keys), keys[:30])
    report.check("a piece is there for each", len(keys) == len(sentence["source_pieces"]), len(keys))
    isolated = browser.run("getComputedStyle(document.querySelector('#source')).unicodeBidi")
    report.check("they are isolated", isolated == "isolate", isolated)
    report.check("the console is quiet", not browser.complaints(), browser.complaints())
    blocked = browser.run("""(() => { const script = document.createElement("script");
        try { script.textContent = "window.pwned = 1"; document.body.append(script); } catch (error) { }
        return typeof window.pwned; })()""")
    report.check("the page's policy stops scripts that are not its own", blocked == "undefined", blocked)


def check_numbers(report, name, browser, pictures):
    """The page's numbers are those of --json, rounded; rows of these sum to 1, and the mask is exactly 0 in both."""
    browser.open(pictures.page)
    stored = browser.run("page.sentences.map(sentence => sentence.maps)")
    for i, sentence in enumerate(pictures.sentences):
        for kind, kind_name in enumerate(KINDS):
            layers, heads, rows, columns = shape = sentence[kind_name]["shape"]
            numbers = array.array("H", base64.b64decode(stored[i][kind]["weights"]))
            exact = [row for layer in sentence[kind_name]["probabilities"] for head in layer for row in head]
            flat = [weight for row in exact for weight in row]
            where = f"{name}, sentence {i}, {kind_name}"
            report.check(where + ": shape", len(numbers) == len(flat) == layers * heads * rows * columns and
                         [stored[i][kind][key] for key in ("layers", "heads", "rows", "columns")] == shape, shape)
            report.check(where + ": numbers", max(abs(a / 65535 - b) for a, b in zip(numbers, flat)) < 0.51 / 65535)
            report.check(where + ": rows sum to 1", max(abs(sum(row) - 1) for row in exact) < 1e-5,
                         max(abs(sum(row) - 1) for row in exact))
            if kind == 1:
                mask = [r * columns + c for r in range(rows) for c in range(r + 1, columns)]
                maps = range(0, len(flat), rows * columns)
                report.check(where + ": the upper triangle is exactly 0",
                             all(flat[at + m] == 0 and numbers[at + m] == 0 for at in maps for m in mask))


def check(report, browser, pictures, shots):
    report.part = "numbers:"
    for name in ("tiny", "two", "nasty"):
        check_numbers(report, name, browser, pictures[name])
    report.part = "themes:"
    themes(report, browser, pictures["two"], shots)
    report.part = "widths:"
    widths(report, browser, pictures, shots)
    resizing(report, browser, pictures["two"])
    report.part = "hostile text:"
    hostile_text(report, browser, pictures["nasty"])
