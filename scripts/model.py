"""The Transformer (Vaswani et al. 2017, post-norm) in PyTorch, with the parameter names of Hugging Face's MarianMT.

Shapes: B batch, S source length, T target length, D model width, H heads, V vocabulary (its last row is padding).
"""
import math
import random

import torch
import torch.nn.functional as F
from torch import nn


def sinusoids(length, width):
    """(length, D) positions: sin in the first half, cos in the second, frequencies 10000^(-2i/D)."""
    angle = torch.arange(length)[:, None] / torch.pow(10000, 2 * torch.arange(width // 2)[None] / width)
    return torch.cat([angle.sin(), angle.cos()], 1).float()


class Dropout:
    """Dropout whose masks are slices, at random places, of one pool of random bits: a CPU draws them too slowly."""
    POOL = 1 << 24

    def __init__(self, p):
        self.p, self.keep = p, None

    def __call__(self, x):
        if self.p == 0:
            return x
        if x.is_cuda:
            return F.dropout(x, self.p)
        if self.keep is None or self.keep.dtype != x.dtype:
            self.keep = (torch.rand(self.POOL) >= self.p).to(x.dtype).div_(1 - self.p)
        at = random.randrange(self.POOL - x.numel())
        return x * self.keep[at:at + x.numel()].view(x.shape)


class LayerNorm(nn.LayerNorm):
    def forward(self, x):
        """In float32: PyTorch's bfloat16 kernel is slow."""
        return F.layer_norm(x.float(), self.normalized_shape, self.weight.float(), self.bias.float()).to(x.dtype)


class Softmax(torch.autograd.Function):
    """softmax(scale * scores + mask) over the last dimension, the mask in float32. PyTorch's own is slow on many short
    rows of bfloat16; this one doesn't subtract the maximum, which scores of a trained model don't need in float32."""

    @staticmethod
    def forward(ctx, scores, scale, mask):
        e = torch.add(mask, scores, alpha=scale).exp_()
        p = e.div_(rows_summed(e)).to(scores.dtype)
        ctx.save_for_backward(p)
        ctx.scale = scale
        return p

    @staticmethod
    def backward(ctx, grad):
        p = ctx.saved_tensors[0].float()
        g = grad * p
        return g.sub_(p * rows_summed(g)).mul_(ctx.scale).to(grad.dtype), None, None


def rows_summed(x):
    """The sums over the last dimension, kept as 1: a product with ones, which is faster than sum() on short rows."""
    return (x.reshape(-1, x.shape[-1]) @ x.new_ones(x.shape[-1], 1)).view(*x.shape[:-1], 1)


class Attention(nn.Module):
    """Multi-head attention (section 3.2.2)."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        for name in ('q_proj', 'k_proj', 'v_proj', 'out_proj'):
            setattr(self, name, nn.Linear(width, width))

    def forward(self, x, memory, mask):
        """x (B,T,D) attends to memory (B,S,D); mask is added to the scores (B,H,T,S)."""
        (B, T, D), S, H = x.shape, memory.shape[1], self.heads
        q = self.q_proj(x).view(B, T, H, D // H).transpose(1, 2)
        k = self.k_proj(memory).view(B, S, H, D // H).permute(0, 2, 3, 1)
        v = self.v_proj(memory).view(B, S, H, D // H).transpose(1, 2)
        p = Softmax.apply(q @ k, (D // H) ** -0.5, mask)
        return self.out_proj((p @ v).transpose(1, 2).reshape(B, T, D))


class Layer(nn.Module):
    """An encoder layer, or a decoder layer when cross is set."""

    def __init__(self, width, heads, ffn, drop, cross):
        super().__init__()
        self.drop = drop
        self.self_attn, self.self_attn_layer_norm = Attention(width, heads), LayerNorm(width)
        if cross:
            self.encoder_attn, self.encoder_attn_layer_norm = Attention(width, heads), LayerNorm(width)
        self.fc1, self.fc2, self.final_layer_norm = nn.Linear(width, ffn), nn.Linear(ffn, width), LayerNorm(width)

    def forward(self, x, mask, memory=None, memory_mask=None):
        def sublayer(norm, y):
            return norm(x + self.drop(y) if self.training else x + y)
        x = sublayer(self.self_attn_layer_norm, self.self_attn(x, x, mask))
        if memory is not None:
            x = sublayer(self.encoder_attn_layer_norm, self.encoder_attn(x, memory, memory_mask))
        hidden = F.relu(self.fc1(x))
        return sublayer(self.final_layer_norm, self.fc2(self.drop(hidden) if self.training else hidden))


class Stack(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)


class Transformer(nn.Module):
    """Encoder and decoder with one shared embedding, which is the output projection too."""

    def __init__(self, vocab, width=256, heads=8, ffn=1024, encoder_layers=6, decoder_layers=2, p=0.1):
        super().__init__()
        self.config = dict(vocab=vocab, width=width, heads=heads, ffn=ffn,
                           encoder_layers=encoder_layers, decoder_layers=decoder_layers)
        self.pad, self.width, self.drop = vocab - 1, width, Dropout(p)
        self.model = nn.Module()
        self.model.shared = nn.Embedding(vocab, width)
        self.model.encoder = Stack(Layer(width, heads, ffn, self.drop, False) for _ in range(encoder_layers))
        self.model.decoder = Stack(Layer(width, heads, ffn, self.drop, True) for _ in range(decoder_layers))
        self.final_logits_bias = nn.Parameter(torch.zeros(1, vocab))
        self.register_buffer('positions', sinusoids(1024, width), persistent=False)
        for name, w in self.named_parameters():
            if w.dim() > 1 and 'proj' in name or 'fc' in name and w.dim() > 1:
                nn.init.xavier_uniform_(w)
            elif name.endswith('bias'):
                nn.init.zeros_(w)
        nn.init.normal_(self.model.shared.weight, 0, width ** -0.5)
        with torch.no_grad():
            self.model.shared.weight[self.pad] = 0

    @property
    def dtype(self):
        return self.model.encoder.layers[0].fc1.weight.dtype

    def embed(self, ids):
        """ids (B,T) -> (B,T,D): embedding x sqrt(D) + position; the padding row is zero, so it opens the decoder."""
        x = F.embedding(ids, self.model.shared.weight, padding_idx=self.pad) * math.sqrt(self.width)
        x = (x + self.positions[:ids.shape[1]]).to(self.dtype)
        return self.drop(x) if self.training else x

    def encode(self, source):
        """source (B,S) ids, padded -> memory (B,S,D) and its mask (B,1,1,S)."""
        mask = torch.zeros(source.shape, device=source.device)
        mask = mask.masked_fill_(source == self.pad, -1e4)[:, None, None]
        x = self.embed(source)
        for layer in self.model.encoder.layers:
            x = layer(x, mask)
        return x, mask

    def decode(self, target, memory, memory_mask):
        """target (B,T) ids, shifted right -> states (B,T,D), causally masked."""
        T = target.shape[1]
        mask = torch.full((T, T), -1e4, device=target.device).triu(1)
        x = self.embed(target)
        for layer in self.model.decoder.layers:
            x = layer(x, mask, memory, memory_mask)
        return x

    def logits(self, states):
        """states (...,D) -> logits (...,V)."""
        w = self.model.shared.weight.to(states.dtype)
        return F.linear(states, w, self.final_logits_bias[0].to(states.dtype))

    def pad_batch(self, sequences):
        """Lists of ids -> (B, longest) on the model's device."""
        out = torch.full((len(sequences), max(map(len, sequences))), self.pad)
        for row, ids in zip(out, sequences):
            row[:len(ids)] = torch.as_tensor(ids)
        return out.to(self.positions.device)

    @torch.no_grad()
    def greedy(self, sources, eos=0, unk=1, limit=lambda n: 2 * n + 10):
        """Lists of source ids -> lists of target ids without eos; at most limit(source length) of them."""
        memory, memory_mask = self.encode(self.pad_batch(sources))
        target = torch.full((len(sources), 1), self.pad, device=memory.device)
        done = torch.zeros(len(sources), dtype=torch.bool, device=memory.device)
        limits = torch.tensor([limit(len(s)) for s in sources], device=memory.device)
        for step in range(int(limits.max())):
            scores = self.logits(self.decode(target, memory, memory_mask)[:, -1]).float()
            scores[:, [self.pad, unk]] = -torch.inf
            best = torch.where(done, self.pad, scores.argmax(-1))
            target = torch.cat([target, best[:, None]], 1)
            done |= (best == eos) | (step + 1 >= limits)
            if done.all():
                break
        return [[t for t in row[1:] if t not in (self.pad, eos)] for row in target.tolist()]
