#!/usr/bin/env python3
"""Translate test sets with ./dragoman and print a table of quality: BLEU (13a tokens) against the first and against
all references, chrF2, length ratio, and the share of outputs that are empty, copied from the source or looping.

The sets are test-everyday of the corpus and the lines held out from training, by domain (corpus.py).

usage: evaluate.py --corpus DIR [--model FILE] [--program ./dragoman] [--dev]
"""
import argparse
import os
import re
import subprocess
import sys

import corpus
import mteval

HERE = os.path.dirname(os.path.abspath(__file__))
LOOP = re.compile(r'(\b\S.{0,30}?)(?:\W*\1){3,}')        # something four times in a row


def translate(program, model, target, lines):
    command = [program, '--quiet', '--to', target] + (['--model', model] if model else [])
    done = subprocess.run(command, input=''.join(line + '\n' for line in lines), capture_output=True, text=True,
                          encoding='utf-8', check=False)
    if done.returncode:
        sys.exit(f'{" ".join(command)}: exit status {done.returncode}: {done.stderr.strip()}')
    return done.stdout.split('\n')[:-1]


def sets(args):
    """(name, target language, rows of source and references)"""
    name = 'dev' if args.dev else 'test-everyday'
    yield name, 'de', corpus.read_tsv(os.path.join(args.corpus, name + '.tsv'))
    yield name, 'en', corpus.read_tsv(os.path.join(args.corpus, name + '.de-en.tsv'))
    if not args.dev:
        for domain, pairs in corpus.load(args.corpus)[1].items():
            yield domain, 'de', pairs
            yield domain, 'en', [pair[::-1] for pair in pairs]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--corpus', required=True)
    ap.add_argument('--model')
    ap.add_argument('--program', default=os.path.join(HERE, '..', 'dragoman'))
    ap.add_argument('--dev', action='store_true', help='the dev set instead of the test sets')
    args = ap.parse_args()
    if not os.path.isdir(args.corpus):
        sys.exit(f'{args.corpus}: no such directory; the corpus is not part of the repository')
    print('| set | to | lines | BLEU | BLEU, all references | chrF2 | length | empty % | copied % | looping % |')
    print('|---|---|---:|---:|---:|---:|---:|---:|---:|---:|')
    for name, target, rows in sets(args):
        sources = [row[0] for row in rows]
        hyps, n = translate(args.program, args.model, target, sources), len(rows)
        if len(hyps) != n:
            sys.exit(f'{name}: {n} lines in, {len(hyps)} out')
        first = [[row[1] for row in rows]]
        every = [[row[i] if len(row) > i else '' for row in rows] for i in range(1, max(map(len, rows)))]
        ratio = sum(len(h.split()) for h in hyps) / max(1, sum(len(r.split()) for r in first[0]))
        shares = [100 * sum(bool(test(s, h)) for s, h in zip(sources, hyps)) / n for test in (
            lambda s, h: not h.strip(),
            lambda s, h: len(s.split()) > 3 and corpus.fingerprint(s) == corpus.fingerprint(h),
            lambda s, h: LOOP.search(h) and not LOOP.search(s))]
        print(f'| {name} | {target} | {n} | {mteval.bleu(hyps, first):.1f} | {mteval.bleu(hyps, every):.1f} | '
              f'{mteval.chrf(hyps, first):.1f} | {ratio:.2f} | ' + ' | '.join(f'{s:.1f}' for s in shares) + ' |',
              flush=True)


if __name__ == '__main__':
    main()
