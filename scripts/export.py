#!/usr/bin/env python3
"""Write a model file for dragoman (models/README.md) from a run of train.py or from a MarianMT directory, or a run
as a MarianMT directory (float16) for other tools.

usage: export.py --run DIR OUT.safetensors [--dtype i8|f16|f32] [--card FILE] [--alignment HEADS]
       export.py --run DIR OUTDIR --as-marianmt
       export.py --marianmt DIR OUT.safetensors [...]     (one shared vocabulary whose ids are the SentencePiece's)
"""
import argparse
import json
import os

import numpy as np

import safetensors


def hf_config(vocab, width, heads, ffn, encoder_layers, decoder_layers):
    """The configuration in the words of a MarianMT config.json."""
    return {
        'architectures': ['MarianMTModel'], 'model_type': 'marian', 'd_model': width,
        'encoder_layers': encoder_layers, 'decoder_layers': decoder_layers, 'encoder_attention_heads': heads,
        'decoder_attention_heads': heads, 'encoder_ffn_dim': ffn, 'decoder_ffn_dim': ffn,
        'activation_function': 'relu', 'scale_embedding': True, 'static_position_embeddings': True,
        'normalize_before': False, 'normalize_embedding': False, 'add_final_layer_norm': False,
        'share_encoder_decoder_embeddings': True, 'tie_word_embeddings': True, 'vocab_size': vocab,
        'decoder_vocab_size': vocab, 'max_position_embeddings': 512, 'max_length': 512, 'pad_token_id': vocab - 1,
        'decoder_start_token_id': vocab - 1, 'eos_token_id': 0, 'forced_eos_token_id': 0,
        'bad_words_ids': [[vocab - 1]], 'num_beams': 1, 'is_encoder_decoder': True,
    }


def from_run(directory):
    """(weights, config, SentencePiece bytes, [what training says of itself]) of a run of train.py."""
    import torch
    state = torch.load(os.path.join(directory, 'last.pt'), map_location='cpu')
    flat, weights, at = state['adam']['averaged'].numpy(), {}, 0
    for name, shape in state['shapes']:
        n = int(np.prod(shape))
        weights[name] = flat[at:at + n].reshape(shape)
        at += n
    with open(os.path.join(directory, 'spm.model'), 'rb') as f:
        spm = f.read()
    said = f"{state['adam']['step']} steps, {state['tokens'] / 1e6:.1f} M target tokens, " \
           f"{state['seconds'] / 3600:.1f} hours"
    return weights, hf_config(**state['config']), spm, said


def from_marianmt(directory):
    with open(os.path.join(directory, 'config.json'), encoding='utf-8') as f:
        config = json.load(f)
    with open(os.path.join(directory, 'source.spm'), 'rb') as f:
        spm = f.read()
    return safetensors.read(os.path.join(directory, 'model.safetensors'))[0], config, spm, None


def convert(weights, dtype):
    """Matrices as int8 with scales, f16 or f32; vectors and the output bias as f32."""
    out = {}
    for name, w in weights.items():
        if w.ndim == 1 or name == 'final_logits_bias':
            out[name] = w.astype(np.float32)
        elif dtype == 'i8':
            out[name], out[name + '_scale'] = safetensors.quantize(w)
        else:
            out[name] = w.astype(np.float16 if dtype == 'f16' else np.float32)
    return out


def write_marianmt(directory, weights, config, spm):
    """config.json, model.safetensors, source.spm, target.spm and vocab.json as Hugging Face's MarianMT has them."""
    import sentencepiece
    sp = sentencepiece.SentencePieceProcessor(model_proto=spm)
    os.makedirs(directory, exist_ok=True)
    safetensors.write(os.path.join(directory, 'model.safetensors'),
                      {name: w.astype(np.float16) for name, w in weights.items()}, {'format': 'pt'})
    for name in ('source.spm', 'target.spm'):
        with open(os.path.join(directory, name), 'wb') as f:
            f.write(spm)
    vocabulary = {sp.id_to_piece(i): i for i in range(sp.get_piece_size())}
    for name, content in (('config.json', config),
                          ('vocab.json', {**vocabulary, '<pad>': sp.get_piece_size()})):
        with open(os.path.join(directory, name), 'w', encoding='utf-8') as f:
            json.dump(content, f, ensure_ascii=False, indent=1)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = ap.add_mutually_exclusive_group(required=True)
    source.add_argument('--run', help='run directory of train.py')
    source.add_argument('--marianmt', help='MarianMT directory')
    ap.add_argument('out')
    ap.add_argument('--dtype', choices=('i8', 'f16', 'f32'), default='i8')
    ap.add_argument('--languages', default='de en', help='target languages, each with a piece >>xx<<')
    ap.add_argument('--alignment', help='the heads that align words, as align.py found them')
    ap.add_argument('--card', help='JSON file of further metadata: name, licence, data, attribution, ...')
    ap.add_argument('--as-marianmt', action='store_true', help='OUT is a MarianMT directory')
    args = ap.parse_args()
    weights, config, spm, training = from_run(args.run) if args.run else from_marianmt(args.marianmt)
    if args.as_marianmt:
        write_marianmt(args.out, weights, config, spm)
        return
    metadata = {'format': 'dragoman 1', 'languages': args.languages, 'config': json.dumps(config)}
    if args.card:
        with open(args.card, encoding='utf-8') as f:
            metadata.update(json.load(f))
    if args.alignment:
        metadata['alignment'] = args.alignment
    if training:
        metadata['training'] = ' '.join(filter(None, (metadata.get('training'), training)))
    tensors = convert(weights, args.dtype)
    tensors['tokenizer.spm'] = np.frombuffer(spm, np.uint8)
    safetensors.write(args.out, tensors, metadata)
    print(f'{args.out}: {sum(w.size for w in weights.values()) / 1e6:.2f} M parameters, '
          f'{os.path.getsize(args.out) / 1e6:.2f} MB')


if __name__ == '__main__':
    main()
