#!/usr/bin/env python3
"""Draw the learning curve of train.log as SVG: dev BLEU of both directions over the target tokens seen. models/curve holds
the lines of the bundled model's runs that it takes.

usage: curve.py TRAIN.LOG [TRAIN.LOG...] OUT.svg       logs of runs that went on from one another, in order
"""
import re
import sys

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 320, 48, 16, 84, 44
LINE = re.compile(r'^\d+ ([\d.]+)M (?:\d+min )?dev ->(de|en): BLEU ([\d.]+)', re.M)


def points(paths):
    """{language: [(million tokens, BLEU)]}, the tokens of the logs added up."""
    before, curves = 0.0, {'de': [], 'en': []}
    for path in paths:
        with open(path, encoding='utf-8') as f:
            found = LINE.findall(f.read())
        for tokens, language, bleu in found:
            curves[language].append((before + float(tokens), float(bleu)))
        before += float(found[-1][0])
    return curves


def main():
    *paths, out = sys.argv[1:]
    curves = points(paths)
    most = max(x for curve in curves.values() for x, _ in curve)
    low = 5 * int(min(y for curve in curves.values() for _, y in curve) / 5)
    high = 5 * (int(max(y for curve in curves.values() for _, y in curve) / 5) + 1)

    def place(x, y):
        return (LEFT + (WIDTH - LEFT - RIGHT) * x / most, TOP + (HEIGHT - TOP - BOTTOM) * (high - y) / (high - low))
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
             'font-size="12"><title>Learning curve: dev BLEU over target tokens</title>'
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>']
    for y in range(low, high + 1, 5):
        x0, y0 = place(0, y)
        parts.append(f'<path d="M{x0:.1f} {y0:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
                     f'<text x="{x0 - 6:.1f}" y="{y0 + 4:.1f}" text-anchor="end">{y}</text>')
    step = 5 if most > 12 else 2
    for x in range(0, int(most) + 1, step):
        x0, y0 = place(x, low)
        parts.append(f'<text x="{x0:.1f}" y="{y0 + 16:.1f}" text-anchor="middle">{x}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">million target tokens</text>'
                 f'<text transform="translate(12 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">dev BLEU</text>')
    for language, dash in (('en', ''), ('de', ' stroke-dasharray="6 3"')):
        path = ' '.join(f'{x:.1f},{y:.1f}' for x, y in (place(*p) for p in curves[language]))
        x, y = place(*curves[language][-1])
        parts.append(f'<polyline points="{path}" fill="none" stroke="#1f4e8c" stroke-width="2"{dash}/>'
                     f'<text x="{x + 6:.1f}" y="{y + 4:.1f}">into {"German" if language == "de" else "English"}</text>'
                     .replace('into ', '→ '))
    with open(out, 'w', encoding='utf-8') as f:
        f.write('\n'.join(parts) + '\n</svg>\n')


if __name__ == '__main__':
    main()
