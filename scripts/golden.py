#!/usr/bin/env python3
"""Write the golden files of the parity tests: what PyTorch's own Transformer layers, in double precision, say of a
model file. If its matrices are int8, the input of every product is rounded as int8 demands: each row to 127ths of its
greatest magnitude.

  tiny-f32, tiny-f16, tiny-i8, tiny-swish .safetensors   models of a few KB with random weights
  tiny-*.golden, bundled.golden                          source ids, greedy ids, logits of every step
  bundled-float.golden                                   some of the same without that rounding: float arithmetic
  tiny-*.attention                                       what every head looks at in the first of these sentences

A golden file is little-endian: u32 sentences, u32 columns; then for each sentence u32 S, S source ids, u32 T, T ids
of the greedy translation (the last is end-of-sentence unless the length limit was reached), and for each of the T
steps the f32 log of the sum of exp over all V logits and `columns` pairs of u32 column, f32 logit: the id taken, the
next likeliest, and some others.
An attention file: u32 sentences; for each u32 S, S source ids, u32 T, T ids that the decoder reads, and the f32
probabilities of torch.nn.MultiheadAttention: encoder (L,H,S,S), decoder self (L,H,T,T), cross (L,H,T,S).
tests/unit/test_golden.c reads both.

usage: golden.py [--model FILE] [--sentences FILE] [--out DIR]      a few minutes on one core
"""
import argparse
import contextlib
import io
import json
import os
import struct

import numpy as np
import sentencepiece
import torch
from torch import nn

import export
import safetensors
from model import Transformer

HERE = os.path.dirname(os.path.abspath(__file__))
TINY_TEXT = ['The quick brown fox jumps over the lazy dog.', 'Der schnelle braune Fuchs springt über den faulen Hund.',
             'Good morning!', 'Guten Morgen!', 'How are you?', 'Wie geht es dir?', 'äöüß ÄÖÜ 0123456789']


def load(path):
    """{name: tensor} in double precision, whether the matrices are int8, the config and the tokenizer of a file."""
    tensors, metadata = safetensors.read(path)
    c = json.loads(metadata['config'])
    weights = {k: torch.tensor(v).double() for k, v in safetensors.floats(tensors).items()}
    int8 = [k for k, v in tensors.items() if v.dtype == np.int8]
    for k in int8:                                       # packed columns are rounded up
        side = 'decoder' if 'decoder' in k else 'encoder'
        weights[k] = weights[k][:, :c[side + '_ffn_dim'] if 'fc2' in k else c['d_model']]
    return weights, bool(int8), c, sentencepiece.SentencePieceProcessor(model_proto=tensors['tokenizer.spm'].tobytes())


@contextlib.contextmanager
def rounded_inputs(wanted, products):
    """Let torch.nn.functional.linear, through which all layers of torch.nn go, round the rows of its input to 127ths
    of their greatest magnitude. There must be so many products, lest a layer takes a shortcut around it."""
    plain, count = nn.functional.linear, 0

    def linear(x, weight, bias=None):
        nonlocal count
        count += 1
        if wanted:
            step = x.abs().amax(-1, keepdim=True).clamp(min=1e-30) / 127
            x = (x / step).round() * step
        return plain(x, weight, bias)
    nn.functional.linear = linear
    try:
        yield
    finally:
        nn.functional.linear = plain
    if products is not None and count != products:
        raise RuntimeError(f'want {products} products, found {count}')


def loops(ids):
    """[(period, how many times the last `period` ids follow one another at the end, a part of one more included)]"""
    found = []
    for period in range(1, min(8, len(ids)) + 1):
        same = 0
        while same + period < len(ids) and ids[-1 - same] == ids[-1 - same - period]:
            same += 1
        found.append((period, 1 + same / period))
    return found


class Reference:
    """The model from torch.nn's TransformerEncoderLayer and TransformerDecoderLayer."""

    def __init__(self, path, rounding=True):
        w, int8, c, self.sp = load(path)
        self.c, self.rounding = c, int8 and rounding
        self.embedding, self.bias = w['model.shared.weight'], w['final_logits_bias'][0]
        self.encoder = [self.layer(nn.TransformerEncoderLayer, w, f'model.encoder.layers.{i}.', 'encoder')
                        for i in range(c['encoder_layers'])]
        self.decoder = [self.layer(nn.TransformerDecoderLayer, w, f'model.decoder.layers.{i}.', 'decoder')
                        for i in range(c['decoder_layers'])]

    def layer(self, kind, w, prefix, side):
        c = self.c
        act = torch.relu if c['activation_function'] == 'relu' else nn.functional.silu
        layer = kind(c['d_model'], c[side + '_attention_heads'], c[side + '_ffn_dim'], 0.0, act,
                     batch_first=True).double().train()            # train: no fused shortcut; dropout is 0
        attentions = [('self_attn', 'self_attn')] + [('multihead_attn', 'encoder_attn')] * (side == 'decoder')
        state = {}
        for part in ('weight', 'bias'):
            for ours, theirs in attentions:
                state[f'{ours}.in_proj_{part}'] = torch.cat([w[f'{prefix}{theirs}.{x}_proj.{part}'] for x in 'qkv'])
                state[f'{ours}.out_proj.{part}'] = w[f'{prefix}{theirs}.out_proj.{part}']
            norms = ['self_attn_layer_norm'] + ['encoder_attn_layer_norm'] * (side == 'decoder') + ['final_layer_norm']
            for i, norm in enumerate(norms):
                state[f'norm{i + 1}.{part}'] = w[f'{prefix}{norm}.{part}']
            for ours, theirs in (('linear1', 'fc1'), ('linear2', 'fc2')):
                state[f'{ours}.{part}'] = w[f'{prefix}{theirs}.{part}']
        layer.load_state_dict(state)
        return layer

    def embed(self, ids):
        d = self.c['d_model']
        angle = torch.arange(len(ids)).double()[:, None] / 10000 ** (torch.arange(0, d, 2).double() / d)
        factor = d ** 0.5 if self.c['scale_embedding'] else 1
        return (self.embedding[ids] * factor + torch.cat([angle.sin(), angle.cos()], 1))[None]

    @torch.no_grad()
    def logits(self, source, target, is_plain=True):
        """(T,V): what follows each prefix of the target, whose first id opens the decoder. is_plain: nothing else is
        asked of the layers meanwhile."""
        T = len(target)
        memory, x, mask = self.embed(source), self.embed(target), torch.full((T, T), -torch.inf).double().triu(1)
        # q k v in one, out, fc1, fc2; in the decoder also q, k v in one, out of cross-attention; the logits
        with rounded_inputs(self.rounding, 4 * len(self.encoder) + 7 * len(self.decoder) + 1 if is_plain else None):
            for layer in self.encoder:
                memory = layer(memory)
            for layer in self.decoder:
                x = layer(x, memory, tgt_mask=mask)
            return nn.functional.linear(x[0], self.embedding, self.bias)

    def allowed(self, logits, source, ids):
        """The logits of all steps that write ids, with those of the padding, of the unknown piece and of the ids that
        would say up to 8 ids a fourth time in a row (or once more than the source does) out of reach."""
        logits = logits.clone()
        logits[:, [self.c['pad_token_id'], self.sp.unk_id()]] = -torch.inf
        most = max([3.0] + [times for n in range(1, len(source) + 1) for _, times in loops(source[:n])])
        for step in range(1, min(len(logits), len(ids) + 1)):
            for period, times in loops(ids[:step]):
                if times >= most:
                    logits[step, ids[step - period]] = -torch.inf
        return logits

    @torch.no_grad()
    def attention(self, source, target):
        """[encoder (L,H,S,S), decoder self (L,H,T,T), cross (L,H,T,S)]: what the layers' attention is asked for while
        the logits are computed, asked again with its weights."""
        mask = torch.full((len(target), len(target)), -torch.inf).double().triu(1)
        maps, hooks = [[], [], []], []
        for kind, layers, name in ((0, self.encoder, 'self_attn'), (1, self.decoder, 'self_attn'),
                                   (2, self.decoder, 'multihead_attn')):
            for layer in layers:
                def ask(module, inputs, kind=kind):
                    hidden = mask if kind == 1 else None
                    out = module.forward(*inputs[:3], attn_mask=hidden, need_weights=True, average_attn_weights=False)
                    maps[kind].append(out[1][0])
                hooks.append(getattr(layer, name).register_forward_pre_hook(ask))
        self.logits(source, target, is_plain=False)
        for hook in hooks:
            hook.remove()
        return [torch.stack(kind).numpy().astype(np.float32) for kind in maps]

    def translate(self, source, guess=()):
        """Greedy ids and the logits (T,V) of every step. A right guess saves the steps one by one."""
        ids, limit = list(guess), 2 * len(source) + 10
        while True:
            logits = self.logits(source, [self.c['decoder_start_token_id']] + ids)[:limit]
            best = self.allowed(logits, source, ids).argmax(-1).tolist()
            right = next((i for i, (a, b) in enumerate(zip(best, ids)) if a != b), min(len(ids), limit - 1))
            if best[right] == self.c['eos_token_id'] or right == limit - 1:
                return best[:right + 1], logits[:right + 1]
            ids = best[:right + 1]


def write_golden(path, reference, sources, columns, guesses=None):
    """Of each step keep `columns` logits: those of the two likeliest ids and others at places that depend on the step."""
    vocab, out = reference.c['vocab_size'], []
    for s, source in enumerate(sources):
        ids, logits = reference.translate(source, guesses[s] if guesses else ())
        out.append(struct.pack(f'<I{len(source)}II{len(ids)}I', len(source), *source, len(ids), *ids))
        likeliest = reference.allowed(logits, source, ids).topk(2).indices.tolist()
        for step, row in enumerate(logits):
            out.append(struct.pack('<f', row.logsumexp(0)))
            for j in range(columns):
                column = likeliest[step][j] if j < 2 else (s * 7919 + step * 104729 + j * 1299709) % vocab
                out.append(struct.pack('<If', column, row[column]))
    with open(path, 'wb') as f:
        f.write(struct.pack('<II', len(sources), columns) + b''.join(out))
    print(f'{path}: {len(sources)} sentences, {os.path.getsize(path)} bytes')


def write_attention(path, reference, sources):
    with open(path, 'wb') as f:
        f.write(struct.pack('<I', len(sources)))
        for source in sources:
            ids, _ = reference.translate(source)
            inputs = [reference.c['decoder_start_token_id']] + ids[:-1]
            f.write(struct.pack(f'<I{len(source)}II{len(inputs)}I', len(source), *source, len(inputs), *inputs))
            for kind in reference.attention(source, inputs):
                f.write(kind.astype('<f4').tobytes())
    print(f'{path}: {len(sources)} sentences, {os.path.getsize(path)} bytes')


def tiny_model(path, dtype, activation, D, H, F):
    """A model of random weights; the length and variety of its output are what chance makes them."""
    spm = io.BytesIO()                                   # a file would leave its path in the model
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TINY_TEXT), model_writer=spm, vocab_size=60, hard_vocab_limit=False,
        control_symbols=['>>de<<', '>>en<<'], eos_id=0, unk_id=1, bos_id=-1, pad_id=-1,
        normalization_rule_name='identity', minloglevel=2)
    spm = spm.getvalue()
    vocab = sentencepiece.SentencePieceProcessor(model_proto=spm).get_piece_size() + 1
    rng = np.random.default_rng(len(activation) + ord(dtype[0]))
    config = dict(export.hf_config(vocab, D, H, F, 2, 2), activation_function=activation)
    weights = {'model.shared.weight': rng.normal(0, 0.5, (vocab, D)), 'final_logits_bias': rng.normal(0, 1, (1, vocab))}
    weights['model.shared.weight'][-1] = 0
    for side, cross in (('encoder', False), ('decoder', True)):
        for i in range(2):
            p = f'model.{side}.layers.{i}.'
            shapes = {'fc1': (F, D), 'fc2': (D, F)}
            for a in ('self_attn', 'encoder_attn')[:1 + cross]:
                shapes.update({f'{a}.{x}_proj': (D, D) for x in ('q', 'k', 'v', 'out')})
                weights[p + a + '_layer_norm.weight'] = rng.normal(1, 0.2, D)
                weights[p + a + '_layer_norm.bias'] = rng.normal(0, 0.2, D)
            weights[p + 'final_layer_norm.weight'] = rng.normal(1, 0.2, D)
            weights[p + 'final_layer_norm.bias'] = rng.normal(0, 0.2, D)
            for name, shape in shapes.items():
                weights[p + name + '.weight'] = rng.normal(0, 1.5 * shape[1] ** -0.5, shape)
                weights[p + name + '.bias'] = rng.normal(0, 0.2, shape[0])
    tensors = export.convert(weights, dtype)
    if dtype == 'f16':                                   # everything, as Hugging Face writes it
        tensors = {k: v.astype(np.float16) for k, v in tensors.items()}
    tensors.update(export.tokenizer_tensors(spm))
    safetensors.write(path, tensors, {'format': 'dragoman 2', 'name': 'tiny', 'languages': 'de en',
                                      'config': json.dumps(config), 'licence': 'CC0'})


def guesses(path, rounding, sources):
    """What the training code makes of the sources: fast, in float32, and checked step by step by the reference."""
    weights, int8, c, _ = load(path)
    net = Transformer(c['vocab_size'], c['d_model'], c['encoder_attention_heads'], c['encoder_ffn_dim'],
                      c['encoder_layers'], c['decoder_layers']).eval()
    net.load_state_dict(weights)
    with rounded_inputs(int8 and rounding, None):
        return [ids for i in range(0, len(sources), 50) for ids in net.greedy(sources[i:i + 50])]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    golden = os.path.join(HERE, '..', 'tests', 'golden')
    ap.add_argument('--model', default=os.path.join(HERE, '..', 'models', 'en-de.safetensors'))
    ap.add_argument('--sentences', default=os.path.join(golden, 'sentences.tsv'), help='tag<TAB>sentence lines')
    ap.add_argument('--out', default=golden)
    ap.add_argument('--columns', type=int, default=4, help='logits a step kept of the bundled model')
    args = ap.parse_args()
    torch.set_num_threads(1)
    for name, dtype, activation, *sizes in (
            ('tiny-f32', 'f32', 'relu', 24, 3, 40), ('tiny-f16', 'f16', 'relu', 24, 3, 40),
            ('tiny-i8', 'i8', 'relu', 26, 2, 41), ('tiny-swish', 'f32', 'swish', 24, 3, 40)):
        path = os.path.join(args.out, name + '.safetensors')
        tiny_model(path, dtype, activation, *sizes)
        reference = Reference(path)
        sources = [[2 + i % 2] + reference.sp.encode(line) + [0] for i, line in enumerate(TINY_TEXT[2:6])]
        write_golden(os.path.join(args.out, name + '.golden'), reference, sources, 16)
        write_attention(os.path.join(args.out, name + '.attention'), reference, sources[:2])
    with open(args.sentences, encoding='utf-8') as f:
        rows = [line.rstrip('\n').split('\t') for line in f]
    sp = load(args.model)[3]
    sources = [[sp.piece_to_id(f'>>{to}<<')] + sp.encode(text) + [0] for to, text in rows]
    for name, rounding, some in (('bundled', True, sources), ('bundled-float', False, sources[::10])):
        write_golden(os.path.join(args.out, name + '.golden'), Reference(args.model, rounding), some, args.columns,
                     guesses(args.model, rounding, some))


if __name__ == '__main__':
    main()
