#!/usr/bin/env python3
"""Measure which heads of cross-attention align words best, and store them in the model file.

The pairs of tests/align/gold.tsv (source, translation, sure links `0-0 1-2`) go through the program by forced decoding;
a word of the translation goes with the source word that the heads look at most. Measured is the alignment error rate,
1 - 2 |A & S| / (|A| + |S|) (Och and Ney 2003, sure links alone), of every head and of every layer's mean, by the step
that writes a word and by the one that reads it (`+1`). Then heads are added to the best as long as their mean gets
better. What that choice is worth on sentences it has not seen: chosen on every other sentence, measured on the rest.

usage: align.py [--model FILE] [--gold FILE] [--program ./dragoman] [--set]
"""
import argparse
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MOST_HEADS, LEAST_GAIN = 4, 0.002


def run(args, *options):
    command = [args.program, 'attend', '--pairs', '-q', '-i', args.gold, *options]
    command += ['--model', args.model] if args.model else []
    done = subprocess.run(command, capture_output=True, encoding='utf-8', check=False)
    if done.returncode:
        sys.exit(f'{" ".join(command)}: exit status {done.returncode}: {done.stderr.strip()}')
    return done.stdout


def read_links(text):
    return {tuple(map(int, pair.split('-'))) for pair in text.split()}


def word_sums(sentence, rows_later):
    """{target word: {source word: [what each head of each layer looks at it]}}"""
    maps, steps = sentence['cross']['probabilities'], len(sentence['target_pieces'])
    sums = {}
    for t, word in enumerate(sentence['target_words']):
        row = min(t + rows_later, steps - 1)
        for j, source in enumerate(sentence['source_words']):
            if word is not None and source is not None:
                cell = [head[row][j] for layer in maps for head in layer]
                old = sums.setdefault(word, {}).get(source)
                sums[word][source] = [a + b for a, b in zip(old, cell)] if old else cell
    return sums


class Corpus:
    def __init__(self, sentences, gold):
        self.gold = gold
        self.layers, self.heads = sentences[0]['cross']['shape'][:2]
        self.sums = [[word_sums(s, later) for later in (0, 1)] for s in sentences]

    def links(self, i, choice):
        """choice: [(layer, head or None for the mean, 0 or 1)]"""
        out = set()
        for word in self.sums[i][0]:
            score = {}
            for source in self.sums[i][0][word]:
                score[source] = 0
                for layer, head, later in choice:
                    of_layer = self.sums[i][later][word][source][layer * self.heads:(layer + 1) * self.heads]
                    score[source] += sum(of_layer) / self.heads if head is None else of_layer[head]
            if score:
                out.add((max(score, key=score.get), word))
        return out

    def error(self, choice, which=None):
        hits = found = sure = 0
        for i in which if which is not None else range(len(self.gold)):
            links = self.links(i, choice)
            hits, found, sure = hits + len(links & self.gold[i]), found + len(links), sure + len(self.gold[i])
        return 1 - 2 * hits / (found + sure)

    def choose(self, which=None):
        candidates = [(layer, head, later) for layer in range(self.layers) for head in [*range(self.heads), None]
                      for later in (0, 1)]
        best, error = [], 2
        while len(best) < MOST_HEADS:
            at, i = min((self.error(best + [c], which), i) for i, c in enumerate(candidates) if c not in best)
            if at > error - LEAST_GAIN:
                break
            best, error = best + [candidates[i]], at
        return best


def spell(choice):
    return ' '.join(f'{layer}:{"mean" if head is None else head}{"+1" * later}' for layer, head, later in choice)


def store(path, key, value):
    """Set an entry of the metadata; the tensors' bytes stay as they are."""
    with open(path, 'rb') as f:
        size = int.from_bytes(f.read(8), 'little')
        header = json.loads(f.read(size))
        data = f.read()
    header['__metadata__'][key] = value
    text = json.dumps(header, ensure_ascii=False, separators=(',', ':')).encode()
    text += b' ' * (-(len(text) + 8) % 64)
    with open(path + '.new', 'wb') as f:
        f.write(len(text).to_bytes(8, 'little') + text + data)
    os.replace(path + '.new', path)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = os.path.join(HERE, '..')
    ap.add_argument('--model', default=os.path.join(root, 'models', 'en-de.safetensors'))
    ap.add_argument('--gold', default=os.path.join(root, 'tests', 'align', 'gold.tsv'))
    ap.add_argument('--program', default=os.path.join(root, 'dragoman'))
    ap.add_argument('--set', action='store_true', help='store the choice in the model file')
    args = ap.parse_args()
    with open(args.gold, encoding='utf-8') as f:
        gold = [read_links(line.split('\t')[2]) for line in f]
    corpus = Corpus(json.loads(run(args, '--json=-'))['sentences'], gold)
    print('alignment error rate, % | by the step that writes a word | by the step that reads it')
    for layer in range(corpus.layers):
        for head in [*range(corpus.heads), None]:
            print(f'{spell([(layer, head, 0)]):23} | {100 * corpus.error([(layer, head, 0)]):30.1f} | '
                  f'{100 * corpus.error([(layer, head, 1)]):25.1f}')
    best = corpus.choose()
    halves = [range(half, len(gold), 2) for half in (0, 1)]
    unseen = sum(corpus.error(corpus.choose(halves[1 - half]), halves[half]) for half in (0, 1)) / 2
    print(f'best: {spell(best)}, {100 * corpus.error(best):.1f} %; chosen on one half, on the other: {100 * unseen:.1f} %')
    if args.set:
        store(args.model, 'alignment', spell(best))
        written = [read_links(line) for line in run(args, '--align').splitlines()]
        if written != [corpus.links(i, best) for i in range(len(gold))]:
            sys.exit(f'{args.model}: the program aligns otherwise than it was measured')
        print(f'{args.model}: alignment = {spell(best)}')


if __name__ == '__main__':
    main()
