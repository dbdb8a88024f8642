#!/usr/bin/env python3
"""What does each part of the training add? Goes on from a run's checkpoint for some hundred steps with one thing
changed, the rate falling to zero, and prints for each arm the cross-entropy (nats a target token, float32) of the dev
set and of other files that were not trained on, both ways, and the dev BLEU of the C program in int8, to German and to
English.

usage: ablate.py --run DIR --corpus DIR --set NAME=FILE... --arms ARM...

An ARM is a name and what it changes, `NAME[:KEY=VALUE]...`:
  beta2, dropout, smoothing, rate, tokens (a batch, the steps being fewer in proportion), share.DOMAIN,
  sampling (SentencePiece's alpha for half of the sources), without (prefixes of sources, joined by `+`)
"""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile

import sentencepiece
import torch

import corpus
import train
from model import Transformer

HERE = os.path.dirname(os.path.abspath(__file__))


def held_out(args, sp):
    """{name: examples} of the dev set and of at most 500 lines of each file of --set."""
    rows = {}
    for target, path in (('de', 'dev.tsv'), ('en', 'dev.de-en.tsv')):
        rows['dev', target] = corpus.read_tsv(os.path.join(args.corpus, path))
    for name, path in (item.split('=', 1) for item in args.set):
        pairs = corpus.read_tsv(path)
        pairs = random.Random(1).sample(pairs, min(500, len(pairs)))
        rows[name, 'de'], rows[name, 'en'] = pairs, [pair[::-1] for pair in pairs]
    return {f'{name} {target}': [([sp.piece_to_id(f'>>{target}<<')] + sp.encode(row[0]) + [sp.eos_id()],
                                  sp.encode(row[1]) + [sp.eos_id()]) for row in some]
            for (name, target), some in rows.items()}


@torch.no_grad()
def cross_entropy(net, examples):
    """Mean negative log likelihood of a target token."""
    examples, loss, tokens = sorted(examples, key=lambda e: len(e[1])), 0.0, 0
    for i in range(0, len(examples), 32):
        logits, gold = train.forward(net, examples[i:i + 32])
        loss += float(torch.nn.functional.cross_entropy(logits.float(), gold, reduction='sum'))
        tokens += len(gold)
    return loss / tokens


def dev_bleu(args, run):
    """BLEU of the dev set in both directions, by the C program with the run's weights in int8."""
    model = os.path.join(run, 'model.safetensors')
    subprocess.run([sys.executable, os.path.join(HERE, 'export.py'), '--run', run, model], check=True,
                   stdout=subprocess.DEVNULL)
    table = subprocess.run([sys.executable, os.path.join(HERE, 'evaluate.py'), '--corpus', args.corpus, '--model', model,
                            '--program', args.program, '--dev'], check=True, capture_output=True, text=True).stdout
    return [line.split(' | ')[3] for line in table.split('\n')[2:4]]


def resampled(source, sp, alpha, rng):
    """A source's ids, every other time of another segmentation of its text (subword regularisation, Kudo 2018)."""
    if not alpha or rng.random() < 0.5:
        return source
    text = sp.decode([int(i) for i in source[1:-1]])
    return [source[0], *sp.encode(text, enable_sampling=True, alpha=alpha, nbest_size=-1), source[-1]]


def train_arm(args, sp, data, changes):
    """The checkpoint, as export.py reads it, of one arm, and its model."""
    def setting(key, default):
        return float(changes.get(key, default))

    torch.manual_seed(1)
    rng, state = random.Random(1), torch.load(os.path.join(args.run, 'last.pt'), map_location='cpu')
    net = Transformer(**state['config'])
    net.drop.p = setting('dropout', 0)
    adam = train.Adam(net, 0.999, 1)
    adam.load(state['adam'])
    adam.step = 10 ** 6                                   # its moments are warm
    without = tuple(filter(None, changes.get('without', '').split('+')))
    data = {name: part for name, part in data.items() if not without or not name.startswith(without)}
    shares = {key: setting('share.' + key, value) for key, value in (s.split('=') for s in args.shares.split(','))}
    tokens = int(setting('tokens', 1400))
    mixture = corpus.Mixture(data, {k: v for k, v in shares.items() if any(n.split('.')[0] == k for n in data)}, tokens)
    steps, step, shard, seen = args.steps * 1400 // tokens, 0, state['shard'] + 1, 0
    while step < steps:
        for batch in mixture.shard(shard)[:steps - step]:
            logits, gold = train.forward(net, [(resampled(x, sp, setting('sampling', 0), rng), y) for x, y in batch])
            loss = train.SmoothedLoss.apply(logits, gold, setting('smoothing', 0.1))
            loss.backward()
            seen += adam.update(0, len(gold), float(loss), setting('rate', args.rate) * (1 - step / steps),
                                beta2=setting('beta2', 0.999))[0]
            step += 1
        shard += 1
    shapes = [(name, tuple(p.shape)) for name, p in net.named_parameters()]
    return ({'adam': {'averaged': adam.master.clone(), 'step': steps}, 'config': net.config, 'shapes': shapes,
             'tokens': seen, 'seconds': 0}, train.averaged_model(net.config, shapes, adam.master))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--run', required=True, help='run directory of train.py: its checkpoint, vocabulary and data')
    ap.add_argument('--corpus', required=True)
    ap.add_argument('--set', nargs='*', default=[], metavar='NAME=FILE', help='English<TAB>German')
    ap.add_argument('--arms', nargs='+', required=True, metavar='ARM')
    ap.add_argument('--shares', default=train.SHARES)
    ap.add_argument('--steps', type=int, default=600)
    ap.add_argument('--rate', type=float, default=2.5e-4)
    ap.add_argument('--program', default=os.path.join(HERE, '..', 'dragoman'))
    args = ap.parse_args()
    torch.set_num_threads(1)
    vocabulary = os.path.join(args.run, 'spm.model')
    sp, data = sentencepiece.SentencePieceProcessor(model_file=vocabulary), train.load_data(args)
    sets = held_out(args, sp)
    for spec in args.arms:
        name, *changes = spec.split(':')
        checkpoint, net = train_arm(args, sp, data, dict(change.split('=') for change in changes))
        with tempfile.TemporaryDirectory() as run:
            torch.save(checkpoint, os.path.join(run, 'last.pt'))
            shutil.copy(vocabulary, run)
            bleu = dev_bleu(args, run)
        print(f'{name}: {checkpoint["tokens"] / 1e6:.2f} M tokens; ' + ', '.join(
            f'{k} {cross_entropy(net, examples):.4f}' for k, examples in sets.items()) + f'; BLEU {" ".join(bleu)}', flush=True)


if __name__ == '__main__':
    main()
