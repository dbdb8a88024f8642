#!/usr/bin/env python3
"""Learn src/text/language_table.h: which letter sequences speak for German and which for English.

A logistic regression over the letter sequences of the lower-cased words ('_' is a word boundary; up to six
symbols), thinned out in steps to the SIZE sequences that matter most and rounded to integers. It learns from whole
lines, from one to three words out of them, and from both in lower case and in capitals, so that short input works.
features() says the same as src/text/language.c.

usage: language_table.py --corpus DIR [--handwritten DIR] >src/text/language_table.h
"""
import argparse
import collections
import glob
import os
import random
import re
import sys

import numpy as np

from corpus import LEFT_OUT, read_tsv

SIZE, LONGEST, SCALE = 1450, 6, 24
LINES = {'everyday': 40000, 'prose': 15000, 'tech': 8000, 'ui': 5000, 'words': 10000}      # read per domain
REPEAT = {'words': 3, 'handwritten': 5, 'short': 60}
# What people try first, by itself.
SHORT = ('hello|hallo hi|hi bye|tschüs bye|tschüss yes|ja no|nein please|bitte thanks|danke sorry|entschuldigung'
         ' cheers|prost help|hilfe good|gut morning|morgen water|wasser bread|brot cake|kuchen house|haus stop|halt'
         ' what|was who|wer why|warum where|wo how|wie when|wann and|und i|ich you|du he|er she|sie we|wir the|die'
         ' the|der the|das a|ein one|eins two|zwei three|drei four|vier five|fünf today|heute tomorrow|morgen'
         ' yesterday|gestern love|liebe')
LETTERS = str.maketrans('äöüß', 'AOUS')
WORD = re.compile(r'[^\W\d_]+')
NOUN = 'noun'     # a capitalised word right after one in lower case


def features(text):
    found, end, lower = [], -1, False
    for match in WORD.finditer(text):
        word = match.group()
        if word[0].isupper() and len(word) > 1 and word[1].islower() and lower and text[end:match.start()] == ' ':
            found.append(NOUN)
        end, lower = match.end(), word[0].islower()
        letters = re.sub('[^a-zAOUS]', '?', word.lower().translate(LETTERS))
        letters = '_' + letters + '_'
        for n in range(1, LONGEST + 1):
            found += [letters[i:i + n] for i in range(len(letters) - n + 1)]
    return [f for f in found if '?' not in f and f != '_']


def variants(text, rng):
    """The text, a few words of it, and each of them as people also type them."""
    words = text.split()
    size = rng.randint(1, 3)
    at = rng.randrange(max(1, len(words) - size + 1))
    for part in (text, ' '.join(words[at:at + size])):
        yield part
        draw = rng.random()
        if draw < 0.3:
            yield part.lower()
        elif draw < 0.4:
            yield part.upper()
        elif draw < 0.5:
            for letter, plain in zip('äöüßÄÖÜ', ('ae', 'oe', 'ue', 'ss', 'Ae', 'Oe', 'Ue')):
                part = part.replace(letter, plain)
            yield part


def vocabulary(pairs):
    """[(word, label)]: the words that nearly always stand on one side."""
    counts = [collections.Counter(), collections.Counter()]
    for pair in pairs:
        for label in (0, 1):
            counts[label].update(set(WORD.findall(pair[label].lower())))
    return [(word, label) for label in (0, 1) for word, count in sorted(counts[label].items())
            if count >= 3 and count > 20 * counts[1 - label][word]]


def load(corpus, handwritten):
    """[(text, 1 for German, 0 for English)]; every tenth line of words.* is left to measure with."""
    rng, pairs = random.Random(1), collections.defaultdict(list)
    paths = glob.glob(os.path.join(corpus, '*.tsv.xz'))
    paths += glob.glob(os.path.join(handwritten, '*.tsv')) if handwritten else []
    for path in sorted(paths):
        name = os.path.basename(path)
        domain = name.split('.')[0] if path.endswith('.xz') else 'handwritten'
        if not name.startswith(LEFT_OUT) and domain != 'research':
            rows = read_tsv(path)
            pairs[domain] += [r for i, r in enumerate(rows) if domain != 'words' or i % 10]
    pairs['short'] = [pair.split('|') for pair in SHORT.split()]
    texts = [(word, label) for word, label in vocabulary(row for rows in pairs.values() for row in rows)]
    for domain, rows in sorted(pairs.items()):
        rows = rng.sample(rows, min(len(rows), LINES.get(domain, len(rows)))) * REPEAT.get(domain, 1)
        texts += [(part, label) for row in rows if row[0].lower() != row[1].lower()
                  for label in (0, 1) for part in variants(row[label], rng)]
    rng.shuffle(texts)
    return texts


def candidates(texts, count):
    """The sequences with the highest chi-square of their counts in the two languages."""
    seen = [collections.Counter(), collections.Counter()]
    for text, label in texts:
        seen[label].update(features(text))
    score = {f: (seen[0][f] - seen[1][f]) ** 2 / (seen[0][f] + seen[1][f] + 20) for f in seen[0] | seen[1]}
    return sorted(sorted(score), key=score.get, reverse=True)[:count]


def fit(ids, starts, labels, weights, steps):
    """Adam on the full batch, with a little weight decay."""
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    sizes = np.diff(np.append(starts, len(ids)))
    for step in range(1, steps + 1):
        sums = np.add.reduceat(weights[ids], starts)
        error = 1 / (1 + np.exp(-np.clip(sums, -30, 30))) - labels
        gradient = np.bincount(ids, np.repeat(error, sizes), len(weights)) / len(labels) + 2e-6 * weights
        mean, square = 0.9 * mean + 0.1 * gradient, 0.99 * square + 0.01 * gradient ** 2
        weights = weights - 0.05 * (mean / (1 - 0.9 ** step)) / (np.sqrt(square / (1 - 0.99 ** step)) + 1e-9)
        weights[0] = 0      # the empty feature that keeps reduceat from empty texts
    return weights


def learn(texts):
    names = [''] + candidates(texts[:150000], 12000)
    index = {f: i for i, f in enumerate(names)}
    ids, starts = [], []
    for text, _ in texts:
        starts.append(len(ids))
        ids.append(0)
        ids += [index[f] for f in features(text) if f in index]
    ids, starts = np.array(ids), np.array(starts)
    labels = np.array([label for _, label in texts], float)
    weights, counts = np.zeros(len(names)), np.bincount(ids, minlength=len(names))
    for steps, keep in ((50, 6000), (50, 3000), (50, 2000), (60, SIZE), (120, SIZE)):
        weights = fit(ids, starts, labels, weights, steps)
        kept = np.argsort(-np.abs(weights) * np.sqrt(counts))[:keep]
        mask = np.zeros(len(names), bool)
        mask[kept] = True
        ids = np.where(mask[ids], ids, 0)
        weights = np.where(mask, weights, 0)
        print(f'{keep}: {weights.min():.2f} to {weights.max():.2f}', file=sys.stderr)
    return {names[i]: int(np.clip(round(weights[i] * SCALE), -127, 127)) for i in np.flatnonzero(weights)}


def correct(table):
    """Give the words of SHORT that come out wrong a weight of their own (or their first letters)."""
    for pair in SHORT.split():
        for sign, word in zip((-1, 1), pair.split('|')):
            total = sign * sum(table.get(f, 0) for f in features(word))
            if total < 20 and word not in ('hi', 'was'):      # words of both languages
                whole = ('_' + word.translate(LETTERS) + '_')[:LONGEST]
                table[whole] = int(np.clip(table.get(whole, 0) + sign * (40 - total), -127, 127))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--corpus', required=True)
    ap.add_argument('--handwritten')
    args = ap.parse_args()
    table = learn(load(args.corpus, args.handwritten))
    correct(table)
    noun = table.pop(NOUN, 0)
    entries = [f'{{"{f}",{w}}},' for f, w in sorted(table.items()) if w]
    print('/* Written by scripts/language_table.py: letter sequences and their weights, > 0 for German, in the order\n'
          ' * of strcmp. _ is a word boundary; A O U S stand for the German letters. */')
    print(f'enum {{ LANGUAGE_LONGEST = {LONGEST}, LANGUAGE_NOUN = {noun} }};')
    print(f'static const struct {{ char letters[LANGUAGE_LONGEST + 1]; signed char weight; }} language_table[] = {{')
    line = ''
    for entry in entries + [None]:
        if entry is None or len(line) + len(entry) > 118:
            print(line)
            line = ''
        line += entry or ''
    print('};')


if __name__ == '__main__':
    main()
