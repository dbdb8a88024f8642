// The data of the page: sentences with their pieces and maps. See attend_html.c, which writes them.
"use strict";

const byId = id => document.getElementById(id);

const page = JSON.parse(byId("data").textContent);

const KINDS = [
  {name: "Encoder self-attention", queries: "Source looks", keys: "at source",
   text: "Each piece of the source looks at all pieces of the source, itself included."},
  {name: "Masked decoder self-attention", queries: "What was read looks", keys: "at what was read",
   text: "Each piece that the decoder has read looks at itself and those before it; later ones are masked."},
  {name: "Cross-attention", queries: "Translation looks", keys: "at source",
   text: "While it writes a piece of the translation, the decoder looks at the pieces of the source."},
];

// Unsigned 16-bit numbers, little-endian, in base64: 65535 is the weight 1.
function decodeWeights(text) {
  const bytes = atob(text);
  const weights = new Float32Array(bytes.length / 2);
  for (let i = 0; i < weights.length; i++)
    weights[i] = (bytes.charCodeAt(2 * i) | bytes.charCodeAt(2 * i + 1) << 8) / 65535;
  return weights;
}

// The map of one kind: weights of (layers, heads, rows, columns); head `heads` is the mean of the others.
class Maps {
  constructor(kind, stored, queries, keys) {
    Object.assign(this, stored, {kind, queries, keys});
    this.weights = decodeWeights(stored.weights);
    this.means = [];
  }

  // The (rows, columns) of one head.
  head(layer, head) {
    const size = this.rows * this.columns;
    if (head < this.heads)
      return this.weights.subarray((layer * this.heads + head) * size, (layer * this.heads + head + 1) * size);
    if (!this.means[layer]) {
      const mean = new Float32Array(size);
      for (let h = 0; h < this.heads; h++)
        this.head(layer, h).forEach((weight, i) => { mean[i] += weight / this.heads; });
      this.means[layer] = mean;
    }
    return this.means[layer];
  }

  masked(row, column) {
    return this.kind === 1 && column > row;
  }
}

// The maps of sentence i, made when they are first asked for: an array by kind.
function sentenceMaps(i) {
  const sentence = page.sentences[i];
  if (!sentence.made) {
    const {source_pieces: source, target_pieces: target, decoder_inputs: read} = sentence;
    sentence.made = [[source, source], [read, read], [target, source]].map(
      ([queries, keys], kind) => new Maps(kind, sentence.maps[kind], queries, keys));
  }
  return sentence.made;
}

function headName(maps, head) {
  return head < maps.heads ? `head ${head}` : "mean of the heads";
}

function percent(weight) {
  const value = 100 * weight;
  return value === 0 ? "0\u00a0%" : value < 0.1 ? "<0.1\u00a0%" : `${value.toFixed(value < 9.95 ? 1 : 0)}\u00a0%`;
}
