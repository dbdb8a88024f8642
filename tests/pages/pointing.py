"""Pointing at words and cells, with mouse, finger and keys: what lights up is what --json says."""

import os
import re

STYLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../src/cli/page/style.css")
KINDS = ("encoder_self", "decoder_self", "cross")
LEAST_LINE = 0.02
FADED = 0.25

# Everything about what is pointed at, as the page shows it. All in one call: a call is slow.
SEEN = """(() => {
    const texts = selector => Array.from(document.querySelectorAll(selector), element => element.textContent);
    const chips = Array.from(document.querySelectorAll("#queries button, #keys button"), chip => ({
        side: chip.dataset.side, on: chip.classList.contains("on"), masked: chip.classList.contains("masked"),
        pressed: chip.getAttribute("aria-pressed"), weight: Number(chip.style.getPropertyValue("--share")),
        share: chip.querySelector(".share").textContent}));
    const canvas = document.getElementById("canvas"), copy = new OffscreenCanvas(canvas.width, canvas.height);
    const context = copy.getContext("2d", {willReadFrequently: true});
    context.drawImage(canvas, 0, 0);
    const frame = document.getElementById("band");
    const box = element => { const b = element.getBoundingClientRect(); return [b.left, b.top, b.width, b.height]; };
    return {
        chips, title: document.getElementById("chosen").textContent,
        readout: document.getElementById("readout").textContent,
        lines: Array.from(document.querySelectorAll("#lines path"), line => ({
            query: Number(line.dataset.query), key: Number(line.dataset.key), d: line.getAttribute("d"),
            width: Number(line.getAttribute("stroke-width")), opacity: Number(line.getAttribute("stroke-opacity"))})),
        tops: Array.from(document.querySelectorAll("#tops li"), item => [
            item.querySelector("bdi") ? item.querySelector("bdi").textContent : "",
            item.querySelector(".share").textContent, item.classList.contains("on")]),
        size: [canvas.width, canvas.height], canvas: box(canvas), frame: frame.hidden ? null : box(frame),
        pixels: Array.from(context.getImageData(0, 0, canvas.width, canvas.height).data),
        labelled: texts("#query-labels .on, #key-labels .on"),
        names: {query: texts("#queries bdi"), key: texts("#keys bdi")},
        focus: [document.activeElement.dataset.side || "", document.activeElement.dataset.index || ""],
    };
})()"""


def percent(weight):
    """As the page writes it."""
    value = 100 * weight
    if value == 0:
        return "0\u00a0%"
    return "<0.1\u00a0%" if value < 0.1 else f"{value:.{1 if value < 9.95 else 0}f}\u00a0%"


def number(share):
    """The number that a percentage shows; those below 0.1 % as 0."""
    return 0 if share.startswith("<") else float(share.split("\u00a0")[0])


def read_ramp(theme):
    """The 256 shades of the style sheet's ramp: theme 0 is light, 1 dark."""
    with open(STYLE, encoding="utf-8") as file:
        stops = re.findall(r"--ramp-\d: light-dark\(#(\w{6}), #(\w{6})\)", file.read())
    stops = [[int(stop[theme][i:i + 2], 16) for i in (0, 2, 4)] for stop in stops]
    shades = []
    for i in range(256):
        place = i / 255 * (len(stops) - 1)
        at = min(int(place), len(stops) - 2)
        shades.append([a + (b - a) * (place - at) for a, b in zip(stops[at], stops[at + 1])])
    return shades


def map_of(sentence, kind, layer, head):
    """The rows of a map; head None: the mean."""
    heads = sentence[KINDS[kind]]["probabilities"][layer]
    if head is not None:
        return heads[head]
    return [[sum(cells) / len(heads) for cells in zip(*rows)] for rows in zip(*heads)]


def strongest(weights):
    return max(range(len(weights)), key=lambda i: (round(weights[i], 6), -i))


def weights_from(rows, side, index):
    return rows[index] if side == "query" else [row[index] for row in rows]


def check_pixels(report, name, seen, rows, kind, side, index, theme):
    """The cells of the row or column pointed at have their shade, all others a paler one, masked ones none."""
    shades, wrong = read_ramp(theme), []
    for i, row in enumerate(rows):
        for j, weight in enumerate(row):
            pixel = seen["pixels"][4 * (i * len(row) + j):][:4]
            lit = side is None or (i if side == "query" else j) == index
            shade = shades[round(255 * min(weight, 1))]
            # a weight may lie at the edge between two shades, and is rounded on its way into the page
            want = [a + (b - a) * (1 if lit else FADED) for a, b in zip(shades[0], shade)]
            masked = kind == 1 and j > i
            if masked != (pixel[3] == 0) or (not masked and max(abs(a - b) for a, b in zip(pixel, want)) > 4):
                wrong.append((i, j, pixel, want))
    report.check(name + ": cells", not wrong and len(seen["pixels"]) == 4 * sum(map(len, rows)), wrong[:3])


def check_lines(report, name, seen, weights, side, index):
    """A line for each weight that counts, as wide and as strong as it is, from one chip to the other."""
    across, own = ("key", "query") if side == "query" else ("query", "key")
    lines = {line[across]: line for line in seen["lines"]}
    sure = {i for i, weight in enumerate(weights) if weight > LEAST_LINE + 1e-4}
    maybe = {i for i, weight in enumerate(weights) if weight > LEAST_LINE - 1e-4}
    report.check(name + ": lines", sure <= set(lines) <= maybe and all(line[own] == index for line in seen["lines"]),
                 sorted(lines), sorted(sure))
    wrong = [i for i, line in lines.items() if abs(line["width"] - (1 + 5 * weights[i])) > 0.02 or
             abs(line["opacity"] - (0.2 + 0.8 * weights[i])) > 0.02]
    report.check(name + ": a line is as wide and strong as its weight", not wrong, wrong)


def check_point(report, name, seen, sentence, kind, layer, head, side, index, theme=0):
    """All that has to light up for one word of one head."""
    rows = map_of(sentence, kind, layer, head)
    weights = weights_from(rows, side, index)
    own = [chip for chip in seen["chips"] if chip["side"] == side]
    other = [chip for chip in seen["chips"] if chip["side"] != side]
    report.check(name + ": the word is marked", [i for i, chip in enumerate(own) if chip["on"]] == [index])
    hidden = [kind == 1 and (i > index if side == "query" else index > i) for i in range(len(other))]
    wrong = [(i, chip["share"], weights[i]) for i, chip in enumerate(other)
             if chip["masked"] != hidden[i] or abs(chip["weight"] - weights[i]) > 2e-5 or chip["on"] or
             (chip["share"] != "masked" if hidden[i] else
              abs(number(chip["share"]) - number(percent(weights[i]))) > (0.11 if weights[i] < 0.0996 else 1.01))]
    report.check(name + ": the other side has its shares", len(other) == len(weights) and not wrong, wrong[:3])
    check_lines(report, name, seen, weights, side, index)
    check_pixels(report, name, seen, rows, kind, side, index, theme)
    check_frame(report, name, seen, rows, side, index)
    check_heads(report, name, seen, sentence, kind, layer, head, side, index)


def check_frame(report, name, seen, rows, side, index):
    left, top, width, height = seen["canvas"]
    cell = width / len(rows[0])
    want = [left, top + index * cell, width, cell] if side == "query" else [left + index * cell, top, cell, height]
    good = seen["frame"] and all(abs(a - b) < 1.5 for a, b in zip(seen["frame"], want))
    report.check(name + ": the frame is around its cells", good, seen["frame"], want)


def check_heads(report, name, seen, sentence, kind, layer, head, side, index):
    """The list of what each head of the layer looks at most."""
    names = seen["names"]["key" if side == "query" else "query"]
    heads = [*range(len(sentence[KINDS[kind]]["probabilities"][layer])), None]
    wrong = []
    for item, h in zip(seen["tops"], heads):
        weights = weights_from(map_of(sentence, kind, layer, h), side, index)
        best = max(weights)
        near = {names[i] for i, weight in enumerate(weights) if weight > best - 4e-5}
        if (best > 0 and item[0] not in near) or item[2] != (h == head):
            wrong.append((h, item, near))
    report.check(name + ": each head's strongest piece", len(seen["tops"]) == len(heads) and not wrong, wrong[:2])


def see(browser):
    return browser.run(SEEN)


def choose(browser, kind, layer, head):
    browser.run(f"""document.querySelector('input[name=kind][value="{kind}"]').click(),
        document.querySelector('#grid button[data-layer="{layer}"][data-head="{head}"]').click()""")
    browser.settle()


def point_at_words(report, browser, pictures, shots):
    """Both sides, all kinds, at two widths; with the mouse, and with a finger on the telephone."""
    for width, height, mobile in ((1280, 900, False), (360, 740, True)):
        browser.resize(width, height, mobile)
        browser.open(pictures.page)
        sentence = pictures.sentences[0]
        heads = len(sentence["cross"]["probabilities"][0])
        for kind, layer, head in ((0, 1, 1), (1, 0, 0), (2, 1, 2), (2, 1, None)):
            choose(browser, kind, layer, heads if head is None else head)
            rows = map_of(sentence, kind, layer, head)
            for side, ids, index in (("query", "queries", len(rows) // 2), ("key", "keys", len(rows[0]) // 2),
                                     ("query", "queries", 0)):
                (browser.tap if mobile else browser.hover)(f"#{ids} button", index)
                name = f"{width} px, {KINDS[kind]}, layer {layer}, head {head}, {side} {index}"
                check_point(report, name, see(browser), sentence, kind, layer, head, side, index)
        if shots:
            browser.screenshot(f"{shots}/words-{width}.png")
        report.check(f"{width} px: the console is quiet", not browser.complaints(), browser.complaints())


def point_at_cells(report, browser, pictures):
    browser.resize(1280, 900)
    browser.open(pictures.page)
    choose(browser, 2, 1, 0)
    rows = map_of(pictures.sentences[0], 2, 1, 0)
    browser.middle("#canvas")
    left, top, width, height = browser.run(SEEN)["canvas"]
    i, j = len(rows) // 2, strongest(rows[len(rows) // 2])
    browser.point(left + (j + 0.5) * width / len(rows[0]), top + (i + 0.5) * height / len(rows))
    seen = see(browser)
    check_point(report, "a cell", seen, pictures.sentences[0], 2, 1, 0, "query", i)
    shown = re.findall(r"[\d.]+\u00a0%", seen["readout"])
    report.check("a cell: its weight is read out", len(shown) == 1 and
                 abs(number(shown[0]) - 100 * rows[i][j]) < 1, seen["readout"])
    report.check("a cell: both labels are marked", len(seen["labelled"]) == 2, seen["labelled"])
    browser.point(2, 2)
    report.check("pointing elsewhere unmarks", not any(chip["on"] for chip in see(browser)["chips"]))


def hold_words(report, browser, pictures):
    browser.open(pictures.page)
    browser.click("#queries button", 1)
    browser.point(2, 2)
    seen = see(browser)
    report.check("a click holds a word", [chip["pressed"] for chip in seen["chips"]].index("true") == 1 and
                 seen["chips"][1]["on"], seen["focus"])
    browser.hover("#keys button", 2)
    report.check("others can be pointed at meanwhile", sum(chip["on"] for chip in see(browser)["chips"]) == 1)
    browser.point(2, 2)
    browser.press("Escape")
    report.check("Escape lets it go", not any(chip["pressed"] == "true" for chip in see(browser)["chips"]))


def use_keys(report, browser, pictures):
    """Tab goes through the parts in the order of the page; arrows move within a part."""
    browser.resize(1280, 900)
    browser.open(pictures.page)
    sentence = pictures.sentences[0]
    heads, layers = len(sentence["cross"]["probabilities"][0]), len(sentence["cross"]["probabilities"])
    place = """(() => {
        const at = document.activeElement, part = at.closest("[id]");
        return at.name === "kind" ? "kind" : at.tagName === "A" ? "paper" : at.tagName === "SUMMARY" ? "help" : part.id;
    })()"""
    order = []
    for _ in range(20):
        browser.press("Tab")
        order.append(browser.run(place))
        if order[-1] == "help":
            break
    report.check("the focus goes through the page in order",
                 " ".join(order) == "theme paper sentence next kind grid queries keys scroll help", order)
    ring = browser.run("getComputedStyle(document.activeElement).outlineStyle")
    report.check("the focus is seen", ring == "solid", ring)
    choose(browser, 2, 0, 0)
    browser.run("document.querySelector('#grid [aria-pressed=true]').focus()")
    browser.press("ArrowRight", "ArrowDown")
    title = see(browser)["title"]
    report.check("arrows move among heads and layers", title.endswith("layer 1, head 1"), title)
    browser.press("End", "ArrowRight")
    report.check("End goes to the mean, and no further", see(browser)["title"].endswith("layer 1, mean of the heads"))
    browser.press("Home", "ArrowUp", "ArrowUp", "ArrowLeft")
    report.check("and stop at the ends", see(browser)["title"].endswith("layer 0, head 0"), layers, heads)
    browser.run("document.querySelector('#queries button').focus()")
    browser.press("ArrowDown", "ArrowDown")
    check_point(report, "by keys", see(browser), sentence, 2, 0, 0, "query", 2)
    browser.press("ArrowRight", "Home")
    seen = see(browser)
    report.check("the right arrow goes to the other side", seen["focus"] == ["key", "0"], seen["focus"])
    check_point(report, "by keys, on the other side", seen, sentence, 2, 0, 0, "key", 0)
    browser.press("End", "Enter", "Tab")
    seen = see(browser)
    report.check("Enter holds the word", [chip["pressed"] for chip in seen["chips"]][-1] == "true")
    browser.press("ArrowDown", "ArrowRight")
    report.check("arrows go from cell to cell", "looks at" in see(browser)["readout"], see(browser)["readout"])
    browser.press("Escape")
    browser.run("document.querySelector('input[name=kind]:checked').focus()")
    browser.press("ArrowLeft")
    seen = see(browser)
    report.check("arrows switch the kind", seen["title"].startswith("Masked decoder self-attention"), seen["title"])
    rows = map_of(sentence, 1, 0, 0)
    check_pixels(report, "nothing pointed at", seen, rows, 1, None, None, 0)


def switch_sentences(report, browser, pictures):
    browser.open(pictures.page)
    seen = see(browser)
    report.check("--kind, --layer and --head say what is shown first",
                 seen["title"] == "Masked decoder self-attention, layer 0, head 2", seen["title"])
    for button, i in (("next", 1), ("previous", 0)):
        browser.click("#" + button)
        shown = browser.run("""[document.getElementById("source").textContent,
            document.getElementById("translation").textContent, document.querySelectorAll("#keys button").length,
            document.title]""")
        sentence = pictures.sentences[i]
        report.check(f"the sentence {i}", shown[:3] == [sentence["source"], sentence["translation"],
                                                        len(sentence["decoder_inputs"])] and
                     " ".join(sentence["source"].split()) in shown[3], shown)
    choose(browser, 2, 0, 1)
    browser.run("(s => { s.value = 1; s.dispatchEvent(new Event('change')); })(document.getElementById('sentence'))")
    browser.hover("#queries button", 1)
    check_point(report, "the second sentence", see(browser), pictures.sentences[1], 2, 0, 1, "query", 1)


def check(report, browser, pictures, shots):
    for part, run in (("tiny:", lambda: point_at_words(report, browser, pictures["tiny"], None)),
                      ("two:", lambda: point_at_words(report, browser, pictures["two"], shots)),
                      ("two:", lambda: point_at_cells(report, browser, pictures["two"])),
                      ("two:", lambda: hold_words(report, browser, pictures["two"])),
                      ("two:", lambda: use_keys(report, browser, pictures["two"])),
                      ("two:", lambda: switch_sentences(report, browser, pictures["two"]))):
        report.part = part
        run()
