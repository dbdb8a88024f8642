#!/usr/bin/env python3
"""Translate test sets with ./dragoman and print the tables of the model's card: BLEU (13a tokens) against the first and
against all references, chrF2, length ratio, and the share of outputs that are empty, copied from the source, looping or
cut short; the same by the length of the source; and how many of 5,000 varied inputs come out degenerate.

The sets are test-everyday of the corpus and the lines held out from training, by domain (corpus.py), or one of your own.

usage: evaluate.py --corpus DIR [--model FILE] [--program ./dragoman] [--dev]
       evaluate.py --set FILE --to LANG [...]      FILE: source<TAB>reference[<TAB>reference...]
"""
import argparse
import os
import random
import re
import subprocess
import sys

import corpus
import mteval

HERE = os.path.dirname(os.path.abspath(__file__))
LOOP = re.compile(r'(\b\S.{0,30}?)(?:\W*\1){3,}')        # something four times in a row
LENGTHS = ((1, 5), (6, 10), (11, 15), (16, 25), (26, 10 ** 6))


def translate(args, target, lines):
    """(translations, sentences cut short)"""
    command = [args.program, '--to', target] + (['--model', args.model] if args.model else [])
    done = subprocess.run(command, input=''.join(line + '\n' for line in lines), capture_output=True, text=True,
                          encoding='utf-8', check=False)
    if done.returncode:
        sys.exit(f'{" ".join(command)}: exit status {done.returncode}: {done.stderr.strip()}')
    hyps, cut = done.stdout.split('\n')[:-1], re.search(r'(\d+) sentences? cut short', done.stderr)
    if len(hyps) != len(lines):
        sys.exit(f'{" ".join(command)}: {len(lines)} lines in, {len(hyps)} out')
    return hyps, int(cut.group(1)) if cut else 0


def degenerate(sources, hyps):
    """How many outputs are empty, copied (of four words or more) and looping."""
    return [sum(bool(test(s, h)) for s, h in zip(sources, hyps)) for test in (
        lambda s, h: not h.strip(),
        lambda s, h: len(s.split()) > 3 and corpus.fingerprint(s) == corpus.fingerprint(h),
        lambda s, h: LOOP.search(h) and not LOOP.search(s))]


def quality(rows, hyps):
    """The columns BLEU, BLEU against all references, chrF2 and length ratio."""
    first = [[row[1] for row in rows]]
    every = [[row[i] if len(row) > i else '' for row in rows] for i in range(1, max(map(len, rows)))]
    ratio = sum(len(h.split()) for h in hyps) / max(1, sum(len(r.split()) for r in first[0]))
    return f'{mteval.bleu(hyps, first):.1f} | {mteval.bleu(hyps, every):.1f} | {mteval.chrf(hyps, first):.1f} | {ratio:.2f}'


def sets(args):
    """(name, target language, rows of source and references)"""
    if args.set:
        yield os.path.basename(args.set), args.to, corpus.read_tsv(args.set)
        return
    name = 'dev' if args.dev else 'test-everyday'
    yield name, 'de', corpus.read_tsv(os.path.join(args.corpus, name + '.tsv'))
    yield name, 'en', corpus.read_tsv(os.path.join(args.corpus, name + '.de-en.tsv'))
    if not args.dev:
        for domain, pairs in corpus.load(args.corpus)[1].items():
            yield domain, 'de', pairs
            yield domain, 'en', [pair[::-1] for pair in pairs]


def varied(done, args):
    """5,000 lines of all kinds: (target language, lines), those of the sets and interface texts and single terms."""
    rng, lines = random.Random(5000), {'de': [], 'en': []}
    for name, target, rows, _ in done:
        sources = [row[0] for row in rows]
        lines[target] += sources if name in corpus.HELD_OUT_DOMAINS else rng.sample(sources, 500)
    others = [pair for name, pairs in sorted(corpus.load(args.corpus)[0].items()) if name.startswith(('ui', 'words'))
              for pair in pairs]
    for target, side in (('de', 0), ('en', 1)):
        lines[target] += [pair[side] for pair in rng.sample(others, 2500 - len(lines[target]))]
    return lines.items()


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--corpus')
    ap.add_argument('--set')
    ap.add_argument('--to', choices=('de', 'en'))
    ap.add_argument('--model')
    ap.add_argument('--program', default=os.path.join(HERE, '..', 'dragoman'))
    ap.add_argument('--dev', action='store_true', help='the dev set instead of the test sets')
    args = ap.parse_args()
    if bool(args.set) != bool(args.to) or bool(args.set) == bool(args.corpus):
        ap.error('want --corpus DIR, or --set FILE and --to LANG')
    if args.corpus and not os.path.isdir(args.corpus):
        sys.exit(f'{args.corpus}: no such directory; the corpus is not part of the repository')
    print('| set | to | lines | BLEU | BLEU, all references | chrF2 | length | empty % | copied % | looping % | cut short % |')
    print('|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|')
    done = []
    for name, target, rows in sets(args):
        sources, n = [row[0] for row in rows], len(rows)
        hyps, cut = translate(args, target, sources)
        shares = ' | '.join(f'{100 * count / n:.1f}' for count in degenerate(sources, hyps) + [cut])
        print(f'| {name} | {target} | {n} | {quality(rows, hyps)} | {shares} |', flush=True)
        done.append((name, target, rows, hyps))
    print('\n| set | to | source words | lines | BLEU | BLEU, all references | chrF2 | length |')
    print('|---|---|---|---:|---:|---:|---:|---:|')
    for name, target, rows, hyps in done:
        for least, most in LENGTHS:
            some = [(row, h) for row, h in zip(rows, hyps) if least <= len(row[0].split()) <= most]
            if len(some) >= 50:
                print(f'| {name} | {target} | {least}-{most if most < 10 ** 6 else ""} | {len(some)} | '
                      f'{quality([row for row, _ in some], [h for _, h in some])} |')
    if args.corpus and not args.dev:
        total = [0] * 4
        for target, lines in varied(done, args):
            hyps, cut = translate(args, target, lines)
            total = [a + b for a, b in zip(total, degenerate(lines, hyps) + [cut])]
        print('\nOf 5,000 varied inputs: {} empty, {} copied, {} looping, {} cut short.'.format(*total))


if __name__ == '__main__':
    main()
