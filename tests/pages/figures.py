"""Figures (--svg): their cells are the numbers of --json, they can be read in grey, and no label is cut or covered."""

import re
import xml.etree.ElementTree as ElementTree

from pointing import map_of

SVG = "{http://www.w3.org/2000/svg}"
CELL = re.compile(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+z")
LEVELS = 50


def lightness(color):
    """Relative luminance of "#rgb" or "#rrggbb"."""
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    linear = []
    for i in (0, 2, 4):
        value = int(digits[i:i + 2], 16) / 255
        linear.append(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def read_maps(root):
    """Of each map: its frame (x, y, width, height), its cells {(x, y): color}, and the side of a cell."""
    maps = []
    for group in root.iter(SVG + "g"):
        frames = [rect for rect in group.findall(SVG + "rect") if rect.get("class") == "frame"]
        paths = [path for path in group.findall(SVG + "path") if CELL.match(path.get("d"))]
        if group.get("shape-rendering") and len(frames) == 1 and len(group.findall(SVG + "rect")) == 1:
            cells = {(int(x), int(y)): path.get("fill") for path in paths for x, y, _, _ in CELL.findall(path.get("d"))}
            side = int(CELL.match(paths[0].get("d")).group(3))
            maps.append(([int(frames[0].get(key)) for key in ("x", "y", "width", "height")], cells, side))
    return maps


def read_legend(root):
    group = next(group for group in root.iter(SVG + "g") if group.get("class") == "legend")
    return [rect.get("fill") for rect in group.iter(SVG + "rect") if rect.get("fill")]


def check_map(report, name, drawn, rows, shades):
    (x, y, width, height), cells, side = drawn
    report.check(name + ": size", (width, height) == (side * len(rows[0]), side * len(rows)), width, height, side)
    wrong = []
    for i, row in enumerate(rows):
        for j, weight in enumerate(row):
            color = cells.pop((x + j * side, y + i * side), shades[0])
            if abs(shades.index(color) - weight * LEVELS) > 0.501:
                wrong.append((i, j, weight, color))
    report.check(name + ": cells", not wrong and not cells, wrong[:3], len(cells))


def check_figure(report, name, path, sentences, kind, layer, heads):
    root = ElementTree.parse(path).getroot()
    shades, maps = read_legend(root), read_maps(root)
    report.check(name + ": one map a head", len(maps) == len(heads) * len(sentences), len(maps))
    wanted = [(i, head) for i in range(len(sentences)) for head in heads]
    for (i, head), drawn in zip(wanted, maps):
        check_map(report, f"{name}, sentence {i}, head {head}", drawn, map_of(sentences[i], kind, layer, head), shades)
    light = [lightness(shade) for shade in shades]
    report.check(name + ": the legend goes from white to dark, in grey as well",
                 len(shades) == LEVELS + 1 and light[0] == 1 and light[-1] < 0.03 and
                 all(a > b for a, b in zip(light, light[1:])), light)
    groups = [group for group in root.iter(SVG + "g") if group.get("text-anchor") == "middle"]
    for element in (element for group in groups for element in group):
        value = int(element.text)
        ink, paper = lightness(element.get("fill", "#000")), light[round(value * LEVELS / 100)]
        contrast = (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05)
        report.check(f"{name}: the number {value} can be read", contrast >= 4.5, contrast)
    report.check(name + ": a title and descriptions", root.find(SVG + "title").text and
                 len(list(root.iter(SVG + "desc"))) == len(sentences))
    attributes = [f"{key}={value}" for element in root.iter() for key, value in element.attrib.items()]
    report.check(name + ": nothing from elsewhere", not re.search(r"(href|src|url\((?!#))", " ".join(attributes)) and
                 "@import" not in root.find(SVG + "style").text)


def check_files(report, pictures):
    """What needs no browser."""
    report.part = "figures:"
    check_figure(report, "tiny", pictures["tiny"].figure, pictures["tiny"].sentences, 1, 1, [0, 1, 2])
    check_figure(report, "two", pictures["two"].figure, pictures["two"].sentences, 1, 0, [2])
    check_figure(report, "nasty", pictures["nasty"].figure, pictures["nasty"].sentences, 2, 1, [None])
    check_figure(report, "long", pictures["long"].figure, pictures["long"].sentences, 0, 5, list(range(8)))
    source = pictures["nasty"].sentences[0]["source"]
    described = [element.text for element in ElementTree.parse(pictures["nasty"].figure).getroot().iter(SVG + "desc")]
    report.check("nasty: the sentence is text", len(described) == 1 and described[0].startswith(source), described)


# Texts that stick out of the figure, and texts that overlap a map or one another. Boxes are a little larger than ink.
LAID_OUT = """(() => {
    const [, , width, height] = document.documentElement.getAttribute("viewBox").split(" ").map(Number);
    const origin = document.documentElement.getBoundingClientRect();
    const boxes = selector => Array.from(document.querySelectorAll(selector), element => {
        const box = element.getBoundingClientRect();
        return {left: box.left - origin.left + 1, right: box.right - origin.left - 1, top: box.top - origin.top + 2,
                bottom: box.bottom - origin.top - 2, text: element.textContent};
    });
    const texts = boxes("text:not(g[text-anchor=middle] text)"), frames = boxes("rect.frame");
    const meet = (a, b) => a !== b && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    return {count: texts.length,
            out: texts.filter(t => t.left < 0 || t.top < 0 || t.right > width || t.bottom > height).map(t => t.text),
            over: texts.filter(t => frames.some(f => meet(t, f))).map(t => t.text),
            crossing: texts.filter(t => texts.some(other => meet(t, other))).map(t => t.text)};
})()"""


def check(report, browser, pictures, shots):
    """Laid out by a browser: labels have the room they need."""
    report.part = "figures:"
    for name, picture in pictures.items():
        browser.resize(1600, 1000)
        browser.open(picture.figure)
        seen = browser.run(LAID_OUT)
        report.check(f"{name}: no label is cut off", seen["count"] > 10 and not seen["out"], seen["count"], seen["out"])
        report.check(f"{name}: no label covers a map", not seen["over"], seen["over"])
        report.check(f"{name}: no label covers another", not seen["crossing"], seen["crossing"])
        report.check(f"{name}: the console is quiet", not browser.complaints(), browser.complaints())
        if shots:
            browser.screenshot(f"{shots}/{name}-figure.png")
