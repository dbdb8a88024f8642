#!/usr/bin/env python3
"""Train the English<->German model from the corpus. Runs until --minutes are over; run again to go on.

The run directory holds spm.model (the vocabulary), data.npz (the encoded corpus), last.pt (everything needed to
resume) and train.log (a line of progress every 100 steps, dev BLEU/chrF every --eval-minutes). A file named `stop` there
ends the run after the next hundred steps, with a checkpoint.

usage: train.py --corpus DIR --run DIR [--minutes N] [...]
"""
import argparse
import math
import os
import random
import time

import numpy as np
import sentencepiece
import torch

import corpus
import mteval
import safetensors
from model import Transformer

# Short everyday sentences first: on the whole mixture a young model learns no alignment for a long time.
FIRST_SHARES = 'everyday=92,handwritten=8'
SHARES = 'everyday=36,augmented=9,handwritten=27,research=19,prose=6,tech=2,ui=0.5,words=0.5'


def arguments():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--corpus', required=True, help='directory of DOMAIN.SOURCE.tsv.xz, dev.tsv, dev.de-en.tsv')
    ap.add_argument('--handwritten', nargs='*', default=[], help='directories of hand-written pairs, .tsv')
    ap.add_argument('--run', required=True, help='run directory')
    ap.add_argument('--start', metavar='MODEL', help='MarianMT directory, or model file, whose weights a new run starts from')
    ap.add_argument('--minutes', type=float, default=1e9)
    ap.add_argument('--cooldown', type=float, default=0, help='let the rate fall to zero over the last N minutes')
    ap.add_argument('--eval-minutes', type=float, default=15)
    ap.add_argument('--vocab', type=int, default=8000, help='pieces, without the padding row')
    ap.add_argument('--everyday-steps', type=int, default=4000, help=f'steps on {FIRST_SHARES}')
    ap.add_argument('--shares', default=SHARES, help='domain=share of the examples,... after that')
    ap.add_argument('--width', type=int, default=256)
    ap.add_argument('--heads', type=int, default=8)
    ap.add_argument('--ffn', type=int, default=1024)
    ap.add_argument('--encoder-layers', type=int, default=6)
    ap.add_argument('--decoder-layers', type=int, default=2)
    ap.add_argument('--tokens', type=int, default=2100, help='padded tokens a batch')
    ap.add_argument('--rate', type=float, default=8e-4, help='peak learning rate')
    ap.add_argument('--warmup', type=int, default=600)
    ap.add_argument('--dropout', type=float, default=0)
    ap.add_argument('--smoothing', type=float, default=0.1)
    ap.add_argument('--average', type=float, default=0.999, help='decay of the running average of the weights')
    ap.add_argument('--workers', type=int, default=os.cpu_count(), help='processes, each with one thread (CPU only)')
    return ap.parse_args()


def load_data(args):
    """The encoded training sources; made once, then read from the run directory."""
    cache, vocabulary = os.path.join(args.run, 'data.npz'), os.path.join(args.run, 'spm.model')
    if not os.path.exists(cache):
        sources, _ = corpus.load(args.corpus, args.handwritten)
        if not os.path.exists(vocabulary):
            corpus.train_vocabulary(sources, vocabulary, args.vocab)
        sources['augmented.everyday'] = corpus.augment(sources)
        encoded = corpus.encode(sources, vocabulary)
        np.savez(cache + '.new.npz',
                 **{f'{name}/{part}': a for name, parts in encoded.items() for part, a in zip('fs', parts)})
        os.replace(cache + '.new.npz', cache)
    with np.load(cache) as data:
        return {key[:-2]: (data[key], data[key[:-2] + '/s']) for key in data.files if key.endswith('/f')}


def mixtures(args, data, workers):
    """The Mixture of the first steps and that of the others."""
    return [corpus.Mixture(data, {k: float(v) for k, v in (item.split('=') for item in shares.split(','))},
                           args.tokens // workers) for shares in (FIRST_SHARES, args.shares)]


def forward(net, batch):
    """Logits (N,V) and gold ids (N,) of all target tokens of a batch of (source ids, target ids)."""
    x, y = (net.pad_batch([example[side] for example in batch]) for side in (0, 1))
    shifted = torch.cat([torch.full_like(y[:, :1], net.pad), y[:, :-1]], 1)
    real = y != net.pad
    return net.logits(net.decode(shifted, *net.encode(x))[real]), y[real]


class SmoothedLoss(torch.autograd.Function):
    """Sum of the negative log likelihoods of gold (N,) under logits (N,V), whose gradient is that of the
    label-smoothed loss: softmax - (1-smoothing) onehot - smoothing/V."""

    @staticmethod
    def forward(ctx, logits, gold, smoothing):
        p = torch.softmax(logits, -1, dtype=torch.float32)
        ctx.save_for_backward(p, gold)
        ctx.smoothing, ctx.dtype = smoothing, logits.dtype
        return -p.gather(-1, gold[:, None]).clamp_(min=1e-30).log_().sum()

    @staticmethod
    def backward(ctx, scale):
        p, gold = ctx.saved_tensors
        p.sub_(ctx.smoothing / p.shape[-1])
        p.scatter_add_(1, gold[:, None], torch.full(gold.shape, ctx.smoothing - 1, device=p.device)[:, None])
        return p.mul_(scale).to(ctx.dtype), None, None


class Adam:
    """Adam (section 5.3) over float32 master weights in one flat buffer, with a running average of the weights. It
    remembers the squares longer than the paper's 0.98 does: the batches are far smaller.

    The model works on bfloat16 copies of its matrices (its embedding stays float32). Every worker process computes
    the gradient of its own batch; the buffers are shared, and each worker updates its own part of them, in pieces
    that fit a cache.
    """
    CHUNK = 1 << 17

    def __init__(self, net, average, workers):
        self.parameters = dict(net.named_parameters())
        self.average, self.workers, self.step = average, workers, 0
        device = net.positions.device
        self.master = torch.cat([p.detach().float().reshape(-1) for p in self.parameters.values()])
        self.mean, self.square = torch.zeros_like(self.master), torch.zeros_like(self.master)
        self.averaged, self.working = self.master.clone(), self.master.to(torch.bfloat16)
        self.grads = [torch.zeros_like(self.master) for _ in range(workers)]
        self.sums = torch.zeros(workers, 3, dtype=torch.float64)       # tokens, loss, squared norm of the gradient
        self.clock = torch.zeros(2, dtype=torch.float64)                # seconds since the start, the evaluation
        for t in (self.master, self.mean, self.square, self.averaged, self.working, *self.grads, self.sums, self.clock):
            if device.type == 'cpu':
                t.share_memory_()
        at = 0
        for name, p in self.parameters.items():
            whole = self.master if name in ('model.shared.weight', 'final_logits_bias') else self.working
            p.data = whole[at:at + p.numel()].view(p.shape)
            at += p.numel()
        # The padding row opens the decoder and has to stay zero, as in Marian: the output projection would move it.
        self.start_row = net.model.shared.weight.data[net.pad]
        self.barrier = torch.multiprocessing.Barrier(workers) if workers > 1 else None

    def wait(self):
        if self.barrier:
            self.barrier.wait()

    def update(self, rank, tokens, loss, rate, clip=1.0, beta1=0.9, beta2=0.999):
        """One step on the gradients that backward() left in the parameters; the tokens and loss of all workers."""
        at = 0
        for p in self.parameters.values():
            self.grads[rank][at:at + p.numel()].copy_(p.grad.view(-1))
            at += p.numel()
            p.grad = None
        self.sums[rank, 0], self.sums[rank, 1] = tokens, loss
        self.wait()
        self.step += 1
        share = -(-len(self.master) // self.workers)
        mine = slice(rank * share, (rank + 1) * share)
        total, grad = float(self.sums[:, 0].sum()), self.grads[0][mine]
        for other in self.grads[1:]:
            grad.add_(other[mine])
        self.sums[rank, 2] = float(grad.norm()) ** 2
        self.wait()
        norm, loss = math.sqrt(float(self.sums[:, 2].sum())) / total, float(self.sums[:, 1].sum())
        if math.isfinite(norm):
            scale = min(1.0, clip / (norm + 1e-6)) / total
            decay = min(self.average, (1 + self.step) / (10 + self.step))
            root = math.sqrt(1 - beta2 ** self.step)
            parts = (t[mine].split(self.CHUNK if not t.is_cuda else len(t)) for t in
                     (self.grads[0], self.master, self.mean, self.square, self.averaged, self.working))
            for g, w, m, v, a, work in zip(*parts):
                g.mul_(scale)
                m.mul_(beta1).add_(g, alpha=1 - beta1)
                v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
                w.addcdiv_(m, v.sqrt().add_(1e-9 * root), value=-rate * root / (1 - beta1 ** self.step))
                a.lerp_(w, 1 - decay)
                work.copy_(w)
        self.wait()
        self.start_row.zero_()
        return total, loss, norm

    def state(self):
        return {k: getattr(self, k) for k in ('master', 'mean', 'square', 'averaged', 'step')}

    def load(self, state):
        for key in ('master', 'mean', 'square', 'averaged'):
            getattr(self, key).copy_(state[key])
        self.step = state['step']
        self.working.copy_(self.master)
        self.start_row.zero_()


@torch.no_grad()
def start_from(net, sp, model):
    """Start from a MarianMT directory or a model file (models/README.md) of the same width: a piece that its
    vocabulary lacks begins as the mean of the pieces it is cut into there; an encoder layer more than it has begins as
    (nearly) the identity."""
    if os.path.isdir(model):
        weights = safetensors.floats(safetensors.read(os.path.join(model, 'model.safetensors'))[0])
        old = sentencepiece.SentencePieceProcessor(model_file=os.path.join(model, 'source.spm'))
    else:
        tensors = safetensors.read(model)[0]
        weights = safetensors.floats(tensors)
        old = sentencepiece.SentencePieceProcessor(model_proto=tensors['tokenizer.spm'].tobytes())
    rows, bias = torch.tensor(weights.pop('model.shared.weight')), torch.tensor(weights.pop('final_logits_bias'))
    for i in range(sp.get_piece_size()):
        piece = sp.id_to_piece(i)
        known = old.piece_to_id(piece)
        if old.id_to_piece(known) == piece:
            ids = [known]
        elif sp.is_byte(i):
            continue
        else:
            ids = [j for j in old.encode_as_ids(piece.replace('\u2581', ' ')) if j != old.unk_id()]
        if ids:
            net.model.shared.weight[i] = rows[ids].mean(0)
            net.final_logits_bias[0, i] = bias[0, ids].mean() - (0 if ids == [known] else 2)
    state, top = net.state_dict(), 'model.encoder.layers.0.'
    for name, w in weights.items():
        state[name].copy_(torch.tensor(w))
        top = max(top, name[:len(top)]) if name.startswith('model.encoder.layers.') else top
    gamma, beta = state[top + 'final_layer_norm.weight'], state[top + 'final_layer_norm.bias']
    spread, middle = (gamma.square().mean() + beta.var()).sqrt(), beta.mean()
    for name, w in state.items():
        if name.startswith('model.encoder.layers.') and name not in weights:
            if name.endswith('layer_norm.weight'):
                w.fill_(spread)
            elif name.endswith('layer_norm.bias'):
                w.fill_(middle)
            elif 'out_proj' in name or 'fc2' in name:
                w.zero_()


def averaged_model(config, names_shapes, averaged):
    """The float32 model whose weights are the running average."""
    net, at = Transformer(**config), 0
    state = {}
    for name, shape in names_shapes:
        n = math.prod(shape)
        state[name] = averaged[at:at + n].view(shape).clone()
        at += n
    net.load_state_dict(state)
    return net.eval()


def evaluate(net, args, lines=500):
    """Dev BLEU and chrF by direction, with three examples."""
    sp = sentencepiece.SentencePieceProcessor(model_file=os.path.join(args.run, 'spm.model'))
    report = []
    for target, path in (('de', 'dev.tsv'), ('en', 'dev.de-en.tsv')):
        rows = corpus.read_tsv(os.path.join(args.corpus, path))[:lines]
        sources = [[sp.piece_to_id(f'>>{target}<<')] + sp.encode(r[0]) + [sp.eos_id()] for r in rows]
        order = sorted(range(len(rows)), key=lambda i: len(sources[i]))
        hyps = [''] * len(rows)
        for i in range(0, len(order), 50):
            some = order[i:i + 50]
            for j, ids in zip(some, net.greedy([sources[j] for j in some])):
                hyps[j] = sp.decode(ids)
        refs = [[r[1] for r in rows]]
        report.append(f'dev ->{target}: BLEU {mteval.bleu(hyps, refs):.2f} chrF {mteval.chrf(hyps, refs):.2f}  '
                      + ' | '.join(f'{rows[i][0]} => {hyps[i]}' for i in (0, 1, 2)))
    return report


def main():
    args = arguments()
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    workers = 1 if device == 'cuda' else args.workers
    # One thread a worker: teams of threads in lockstep crawl as soon as anything else runs on the machine.
    torch.set_num_threads(1)
    torch.manual_seed(1)
    os.makedirs(args.run, exist_ok=True)
    data = load_data(args)
    phases = mixtures(args, data, workers)
    sp = sentencepiece.SentencePieceProcessor(model_file=os.path.join(args.run, 'spm.model'))
    net = Transformer(sp.get_piece_size() + 1, args.width, args.heads, args.ffn, args.encoder_layers,
                      args.decoder_layers, args.dropout).to(device)
    if args.start:
        start_from(net, sp, args.start)
    adam = Adam(net, args.average, workers)
    if workers == 1:
        train(0, args, net, adam, phases)
    else:
        torch.multiprocessing.start_processes(train, (args, net, adam, phases), workers, start_method='fork')


def train(rank, args, net, adam, phases):
    """The training loop of one worker; the first one logs, evaluates and saves."""
    last, stop = os.path.join(args.run, 'last.pt'), os.path.join(args.run, 'stop')
    shapes = [(name, tuple(p.shape)) for name, p in net.named_parameters()]
    shard, tokens_seen, seconds_before = 0, 0, 0.0
    if os.path.exists(last):
        state = torch.load(last, map_location=net.positions.device)
        if rank == 0:
            adam.load(state['adam'])
        adam.step, shard = state['adam']['step'], state['shard'] + 1     # not the same examples again
        tokens_seen, seconds_before = state['tokens'], state['seconds']
    random.seed(1000 * adam.step + rank)
    torch.manual_seed(1000 * adam.step + rank)
    start = eval_at = report_at = time.time()
    log_file = open(os.path.join(args.run, 'train.log'), 'a', encoding='utf-8')

    def log(line):
        if rank == 0:
            print(line, flush=True)
            print(line, file=log_file, flush=True)

    def checkpoint():
        if rank == 0:
            seconds = seconds_before + time.time() - start
            torch.save({'adam': adam.state(), 'config': net.config, 'shapes': shapes, 'shard': shard,
                        'tokens': tokens_seen, 'seconds': seconds}, last + '.new')
            os.replace(last + '.new', last)
            averaged = averaged_model(net.config, shapes, adam.averaged.cpu())
            for line in evaluate(averaged, args):
                log(f'{adam.step} {tokens_seen / 1e6:.2f}M {seconds / 60:.0f}min {line}')
        adam.wait()

    log(f'# {sum(p.numel() for p in net.parameters()) / 1e6:.2f} M parameters, vocabulary {net.pad} + padding, '
        f'{net.positions.device}, step {adam.step}, shares {args.shares}')
    adam.wait()
    tokens = nll = 0
    over = False
    while not over:
        first = adam.step < args.everyday_steps
        mixture = phases[not first]
        batches = mixture.shard(shard)
        whole = len(batches) - len(batches) % adam.workers
        for batch in batches[rank:whole:adam.workers]:
            logits, gold = forward(net, batch)
            loss = SmoothedLoss.apply(logits, gold, args.smoothing)
            loss.backward()
            t = adam.step + 1
            left = (args.minutes * 60 - float(adam.clock[0])) / (args.cooldown * 60 + 1e-9)
            rate = args.rate * min(t / args.warmup, math.sqrt(args.warmup / t)) * min(1.0, max(0.0, left))
            n, loss, norm = adam.update(rank, len(gold), float(loss), rate)
            tokens, nll, tokens_seen = tokens + n, nll + loss, tokens_seen + n
            if adam.step % 100 == 0:
                now = time.time()
                log(f'{adam.step} {tokens_seen / 1e6:.2f}M rate {rate:.1e} perplexity {math.exp(nll / tokens):.2f} '
                    f'gradient {norm:.2f} {tokens / (now - report_at):.0f} tokens/s')
                tokens, nll, report_at = 0, 0.0, now
                # The workers agree on what to do by the clock of the first.
                if rank == 0:
                    adam.clock[0], adam.clock[1] = now - start, now - eval_at
                    if os.path.exists(stop):
                        os.remove(stop)
                        adam.clock[0] = args.minutes * 60 + 1
                adam.wait()
                over = float(adam.clock[0]) > args.minutes * 60
                if float(adam.clock[1]) > args.eval_minutes * 60 and not over:
                    checkpoint()
                    eval_at = report_at = time.time()
            if over or first and adam.step >= args.everyday_steps:
                break
        else:
            shard += 1
    checkpoint()


if __name__ == '__main__':
    main()
