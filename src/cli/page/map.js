// Drawing maps: a pixel a cell on a canvas, which CSS enlarges. Colours come from the style sheet.
"use strict";

const RAMP_STOPS = 5, FADED = 0.25;

// The colours of weights 0 to 1 in the theme that is on, 256 of them, as pixels: {lit, faded}.
function readRamp() {
  const probe = byId("ramp"), stops = [];
  for (let i = 0; i < RAMP_STOPS; i++) {
    probe.style.color = `var(--ramp-${i})`;
    stops.push(getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number));
  }
  const lit = new Uint8ClampedArray(4 * 256).fill(255), faded = lit.slice();
  for (let i = 0; i < 256; i++) {
    const place = i / 255 * (RAMP_STOPS - 1);
    const stop = Math.min(Math.floor(place), RAMP_STOPS - 2);
    for (let k = 0; k < 3; k++) {
      lit[4 * i + k] = stops[stop][k] + (stops[stop + 1][k] - stops[stop][k]) * (place - stop);
      faded[4 * i + k] = stops[0][k] + (lit[4 * i + k] - stops[0][k]) * FADED;
    }
  }
  return {lit: new Uint32Array(lit.buffer), faded: new Uint32Array(faded.buffer)};
}

let ramp = readRamp();

// Is cell (row, column) part of what is pointed at? With nothing pointed at, every cell is.
function isLit(point, row, column) {
  return !point || (point.side === "query" ? row : column) === point.index;
}

// Draw (rows, columns) weights on the canvas. Cells that are not lit fade; masked ones stay transparent.
function drawMap(canvas, maps, weights, point) {
  const {rows, columns} = maps;
  canvas.width = columns;
  canvas.height = rows;
  canvas.classList.toggle("fine", rows > canvas.clientHeight || columns > canvas.clientWidth);
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows), pixels = new Uint32Array(image.data.buffer);
  for (let row = 0, i = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, i++)
      if (!maps.masked(row, column))
        pixels[i] = (isLit(point, row, column) ? ramp.lit : ramp.faded)[Math.round(255 * Math.min(weights[i], 1))];
  context.putImageData(image, 0, 0);
}

function drawLegend() {
  const canvas = byId("ramp"), context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, 1), pixels = new Uint32Array(image.data.buffer);
  pixels.forEach((_, i) => { pixels[i] = ramp.lit[Math.round(255 * i / (canvas.width - 1))]; });
  context.putImageData(image, 0, 0);
}

// The labels along one side of the large map.
function makeLabels(list, pieces) {
  list.replaceChildren(...pieces.map(piece => {
    const label = document.createElement("div");
    label.append(pieceElement(piece));
    return label;
  }));
}

// A piece as an element: isolated, so that its direction of writing stays its own.
function pieceElement(piece) {
  const element = document.createElement("bdi");
  element.textContent = (piece.joined ? "\u00b7" : "") + piece.text;
  element.classList.toggle("tag", Boolean(piece.tag));
  return element;
}

// Fit the cells of the large map into the width there is; past a point it scrolls instead.
function sizeMap(maps) {
  const LEAST = 12, MOST = 30, canvas = byId("canvas");
  byId("sheet").style.setProperty("--cell", `${MOST}px`); // the labels at their largest
  const room = byId("scroll").clientWidth - byId("query-labels").offsetWidth - 8;
  const cell = Math.max(LEAST, Math.min(MOST, Math.floor(room / maps.columns)));
  byId("sheet").style.setProperty("--cell", `${cell}px`);
  canvas.style.width = `${cell * maps.columns}px`;
  canvas.style.height = `${cell * maps.rows}px`;
}

function placeBox(box, row, column, rows, columns) {
  const cell = "var(--cell)";
  box.style.top = `calc(${row} * ${cell})`;
  box.style.left = `calc(${column} * ${cell})`;
  box.style.height = `calc(${rows} * ${cell})`;
  box.style.width = `calc(${columns} * ${cell})`;
  box.hidden = false;
}

// Frame the row or the column that is pointed at, and the one cell, if it is one.
function frameCells(maps, point) {
  const band = byId("band"), cell = byId("cell");
  band.hidden = cell.hidden = true;
  byId("query-labels").querySelectorAll(".on").forEach(label => label.classList.remove("on"));
  byId("key-labels").querySelectorAll(".on").forEach(label => label.classList.remove("on"));
  if (!point)
    return;
  if (point.side === "query")
    placeBox(band, point.index, 0, 1, maps.columns);
  else
    placeBox(band, 0, point.index, maps.rows, 1);
  byId(point.side === "query" ? "query-labels" : "key-labels").children[point.index].classList.add("on");
  if (point.other !== undefined) {
    placeBox(cell, point.index, point.other, 1, 1);
    byId("key-labels").children[point.other].classList.add("on");
  }
}

// The cell under a mouse event on the large map: {side, index, other}, or null.
function cellAt(maps, event) {
  const box = byId("canvas").getBoundingClientRect();
  const row = Math.floor((event.clientY - box.top) / box.height * maps.rows);
  const column = Math.floor((event.clientX - box.left) / box.width * maps.columns);
  if (row < 0 || column < 0 || row >= maps.rows || column >= maps.columns)
    return null;
  return {side: "query", index: row, other: column};
}
