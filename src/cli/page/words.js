// The two columns of pieces, the lines between them, and the list of where every head looks.
"use strict";

const LEAST_LINE = 0.02;  // a thinner line is not drawn
const LEAST_AT_REST = 0.1; // nor one below this while nothing is pointed at

// The weight between what is pointed at and piece i of the other side.
function weightAcross(maps, weights, point, i) {
  return point.side === "query" ? weights[point.index * maps.columns + i] : weights[i * maps.columns + point.index];
}

function makeChips(list, pieces, side) {
  list.replaceChildren(...pieces.map((piece, index) => {
    const item = document.createElement("li");
    const chip = document.createElement("button");
    chip.type = "button";
    chip.dataset.side = side;
    chip.dataset.index = index;
    chip.tabIndex = index === 0 ? 0 : -1;
    const share = document.createElement("span");
    share.className = "share";
    chip.title = piece.text;
    chip.append(pieceElement(piece), share);
    item.classList.toggle("joined", Boolean(piece.joined));
    item.append(chip);
    return item;
  }));
}

function chipsOf(side) {
  return Array.from(byId(side === "query" ? "queries" : "keys").querySelectorAll("button"));
}

// Mark what is pointed at, and say on the other side how much weight each piece has.
function lightChips(maps, weights, point, held) {
  for (const side of ["query", "key"])
    chipsOf(side).forEach((chip, i) => {
      const own = point && point.side === side;
      const hidden = point && !own && (side === "key" ? maps.masked(point.index, i) : maps.masked(i, point.index));
      const weight = point && !own ? weightAcross(maps, weights, point, i) : 0;
      chip.classList.toggle("on", Boolean(own && point.index === i));
      chip.classList.toggle("masked", Boolean(hidden));
      chip.setAttribute("aria-pressed", String(Boolean(held && held.side === side && held.index === i)));
      chip.style.setProperty("--share", weight);
      chip.lastChild.textContent = !point || own ? "" : hidden ? "masked" : percent(weight);
    });
}

function makeLine(from, to, weight, query, key) {
  const box = byId("columns").getBoundingClientRect();
  const a = from.getBoundingClientRect(), b = to.getBoundingClientRect();
  const x1 = a.right - box.left, x2 = b.left - box.left;
  const y1 = (a.top + a.bottom) / 2 - box.top, y2 = (b.top + b.bottom) / 2 - box.top;
  const middle = (x1 + x2) / 2;
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`);
  line.setAttribute("stroke-width", (1 + 5 * weight).toFixed(2));
  line.setAttribute("stroke-opacity", (0.2 + 0.8 * weight).toFixed(2));
  line.dataset.query = query;
  line.dataset.key = key;
  return line;
}

// A line from each query to each key; only those of what is pointed at, if anything is.
function drawLines(maps, weights, point) {
  const queries = chipsOf("query"), keys = chipsOf("key"), lines = [];
  for (let row = 0; row < maps.rows; row++)
    for (let column = 0; column < maps.columns; column++) {
      const weight = weights[row * maps.columns + column];
      if (weight >= (point ? LEAST_LINE : LEAST_AT_REST) && isLit(point, row, column))
        lines.push([weight, row, column]);
    }
  lines.sort((a, b) => a[0] - b[0]); // the strongest on top
  byId("lines").replaceChildren(...lines.map(
    ([weight, row, column]) => makeLine(queries[row], keys[column], weight, row, column)));
  byId("lines").classList.toggle("rest", !point);
}

// The pieces that have most of the weight, as [index, weight].
function strongest(maps, weights, point, most) {
  const count = point.side === "query" ? maps.columns : maps.rows;
  const all = Array.from({length: count}, (_, i) => [i, weightAcross(maps, weights, point, i)]);
  return all.sort((a, b) => b[1] - a[1]).slice(0, most).filter(([, weight]) => weight > 0);
}

// For each head of the layer: the piece it looks at most from the query pointed at (or which looks most at the key).
function listTops(maps, layer, chosen, point) {
  const items = [];
  for (let head = 0; head <= maps.heads; head++) {
    const [top] = point ? strongest(maps, maps.head(layer, head), point, 1) : [];
    const item = document.createElement("li");
    const [name, bar, share] = Array.from({length: 3}, () => document.createElement("span"));
    name.className = "name";
    name.textContent = head < maps.heads ? `head ${head}` : "mean";
    bar.className = "bar-of";
    bar.style.setProperty("--share", top ? top[1] : 0);
    bar.append(top ? pieceElement((point.side === "query" ? maps.keys : maps.queries)[top[0]]) : "\u2013");
    share.className = "share";
    share.textContent = top ? percent(top[1]) : "";
    item.classList.toggle("on", head === chosen);
    item.append(name, bar, share);
    items.push(item);
  }
  byId("tops").replaceChildren(...items);
}

// What is pointed at, in words.
function describePoint(maps, layer, head, weights, point) {
  const [own, other] = point.side === "query" ? [maps.queries, maps.keys] : [maps.keys, maps.queries];
  const name = piece => `\u201c\u2068${piece.joined ? "\u00b7" : ""}${piece.text}\u2069\u201d`; // isolated, too
  if (point.other !== undefined) {
    const weight = weights[point.index * maps.columns + point.other];
    return `${name(own[point.index])} looks at ${name(other[point.other])}: ` +
      (maps.masked(point.index, point.other) ? "masked." : `${percent(weight)}.`);
  }
  const tops = strongest(maps, weights, point, 3).map(([i, weight]) => `${name(other[i])} ${percent(weight)}`);
  const verb = point.side === "query" ? "looks most at" : "is looked at most by";
  return `Layer ${layer}, ${headName(maps, head)}: ${name(own[point.index])} ${verb} ` +
    `${tops.length ? tops.join(", ") : "nothing"}.`;
}
