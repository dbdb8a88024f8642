"""Reading and writing safetensors files (u64 header length, JSON header, raw little-endian tensors)."""
import json
import struct

import numpy as np

DTYPES = {'F32': np.float32, 'F16': np.float16, 'I8': np.int8, 'U8': np.uint8, 'I32': np.int32}
NAMES = {np.dtype(t): name for name, t in DTYPES.items()}


def write(path, tensors, metadata):
    """Write {name: array} and {key: string}. The data begin at a multiple of 64, and so does every tensor whose
    predecessors are multiples of 64 bytes long: those come first, so that the weights can be used in place."""
    def order(item):
        name, a = item
        return (a.nbytes % 64 != 0, a.dtype.itemsize == 1 and a.nbytes % 4 != 0, name)
    header, at, items = {'__metadata__': metadata}, 0, sorted(tensors.items(), key=order)
    for name, a in items:
        header[name] = {'dtype': NAMES[a.dtype], 'shape': list(a.shape), 'data_offsets': [at, at + a.nbytes]}
        at += a.nbytes
    text = json.dumps(header, ensure_ascii=False, separators=(',', ':')).encode()
    text += b' ' * (-(len(text) + 8) % 64)
    with open(path, 'wb') as f:
        f.write(struct.pack('<Q', len(text)) + text)
        for _, a in items:
            f.write(np.ascontiguousarray(a).tobytes())


def read(path):
    """{name: array}, {key: string} of a file."""
    with open(path, 'rb') as f:
        data = f.read()
    n, = struct.unpack('<Q', data[:8])
    header, tensors = json.loads(data[8:8 + n]), {}
    metadata = header.pop('__metadata__', {})
    for name, t in header.items():
        a, b = t['data_offsets']
        tensors[name] = np.frombuffer(data[8 + n + a:8 + n + b], DTYPES[t['dtype']]).reshape(t['shape'])
    return tensors, metadata


def quantize(w):
    """A matrix as int8 with one float32 scale a row: w[r, c] ~ scale[r] * q[r, c]."""
    w = w.astype(np.float32)
    scale = np.maximum(np.abs(w).max(1), 1e-12) / np.float32(127)
    return np.clip(np.rint(w / scale[:, None]), -127, 127).astype(np.int8), scale.astype(np.float32)


def pack(q):
    """An int8 matrix as blocks of 16 rows, each in groups of 4 columns: (rows / 16, columns / 4, 16, 4), and -128 times
    the sum of each row of the blocks (int32)."""
    rows, columns = q.shape
    q = np.pad(q, ((0, -rows % 16), (0, -columns % 4)))
    return q.reshape(len(q) // 16, 16, -1, 4).transpose(0, 2, 1, 3), -128 * q.sum(1, dtype=np.int32)


def unpack(packed, rows):
    """The first rows of a packed matrix, with columns rounded up to a multiple of 4."""
    return packed.transpose(0, 2, 1, 3).reshape(packed.shape[0] * 16, -1)[:rows]


def floats(tensors):
    """{name: float32 array}, int8 matrices unpacked (their columns a multiple of 4) and times their scales."""
    out = {}
    for name, a in tensors.items():
        if a.dtype == np.int8:
            scale = tensors[name + '_scale']
            out[name] = unpack(a, len(scale)).astype(np.float32) * scale[:, None]
        elif a.dtype in (np.float32, np.float16) and not name.endswith('_scale'):
            out[name] = a.astype(np.float32)
    return out
