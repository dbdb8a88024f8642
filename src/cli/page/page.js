// What is chosen and pointed at, and the mouse, finger and keyboard that change it.
"use strict";

// The head after the last one is the mean. `held` is a point that stays; `point` is there only for a while.
const state = {sentence: 0, kind: page.start.kind, layer: page.start.layer, head: page.start.head ?? Infinity,
               point: null, held: null};

const currentMaps = () => sentenceMaps(state.sentence)[state.kind];
const currentWeights = () => currentMaps().head(state.layer, state.head);
const clamp = (value, most) => Math.max(0, Math.min(value, most));

// ---- drawing ------------------------------------------------------------------------------------------------------

// What depends on where one points, and on the head.
function showPoint() {
  const maps = currentMaps(), weights = currentWeights(), point = state.point || state.held;
  lightChips(maps, weights, point, state.held);
  drawLines(maps, weights, point);
  drawMap(byId("canvas"), maps, weights, point);
  frameCells(maps, point);
  byId("grid").querySelectorAll("button").forEach(button =>
    drawMap(button.firstChild, maps, maps.head(Number(button.dataset.layer), Number(button.dataset.head)), point));
  listTops(maps, state.layer, state.head, point);
  byId("look-title").textContent = `From each head of layer ${state.layer}`;
  byId("readout").textContent = point ? describePoint(maps, state.layer, state.head, weights, point)
    : "Point at a word to see here where each head looks.";
}

function showHead() {
  const maps = currentMaps();
  const name = `${KINDS[state.kind].name}, layer ${state.layer}, ${headName(maps, state.head)}`;
  byId("chosen").textContent = name;
  byId("canvas").setAttribute("aria-label", `Map of ${name}: ${maps.rows} rows, the queries, by ${maps.columns} ` +
    "columns, the keys. The words say the same.");
  byId("grid").querySelectorAll("button").forEach(button => {
    const chosen = Number(button.dataset.layer) === state.layer && Number(button.dataset.head) === state.head;
    button.setAttribute("aria-pressed", String(chosen));
    button.tabIndex = chosen ? 0 : -1;
  });
  showPoint();
}

function makeGrid(maps) {
  const grid = byId("grid"), parts = [document.createElement("span")];
  grid.style.setProperty("--heads", maps.heads + 1);
  const mark = text => {
    const element = document.createElement("span");
    element.setAttribute("aria-hidden", "true");
    element.textContent = text;
    parts.push(element);
  };
  for (let head = 0; head <= maps.heads; head++)
    mark(head < maps.heads ? head : "mean");
  for (let layer = 0; layer < maps.layers; layer++) {
    mark(layer);
    for (let head = 0; head <= maps.heads; head++) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.layer = layer;
      button.dataset.head = head;
      button.setAttribute("aria-label", `Layer ${layer}, ${headName(maps, head)}`);
      button.title = `Layer ${layer}, ${headName(maps, head)}`;
      button.append(document.createElement("canvas"));
      parts.push(button);
    }
  }
  grid.replaceChildren(...parts);
}

function showKind() {
  const maps = currentMaps(), kind = KINDS[state.kind];
  state.layer = clamp(state.layer, maps.layers - 1);
  state.head = clamp(state.head, maps.heads);
  state.point = state.held = null;
  document.querySelector(`input[name=kind][value="${state.kind}"]`).checked = true;
  byId("kind-text").textContent = kind.text;
  byId("query-title").textContent = kind.queries;
  byId("key-title").textContent = kind.keys;
  byId("masked").hidden = state.kind !== 1;
  makeGrid(maps);
  makeChips(byId("queries"), maps.queries, "query");
  makeChips(byId("keys"), maps.keys, "key");
  makeLabels(byId("query-labels"), maps.queries);
  makeLabels(byId("key-labels"), maps.keys);
  sizeMap(maps);
  showHead();
}

function showSentence() {
  const sentence = page.sentences[state.sentence];
  document.title = `Attention: ${sentence.source}`;
  byId("source").textContent = sentence.source;
  byId("translation").textContent = sentence.translation;
  byId("sentence").value = state.sentence;
  byId("previous").disabled = state.sentence === 0;
  byId("next").disabled = state.sentence === page.sentences.length - 1;
  showKind();
}

// ---- choosing and pointing ----------------------------------------------------------------------------------------

function chooseHead(layer, head, focus) {
  const maps = currentMaps();
  state.layer = clamp(layer, maps.layers - 1);
  state.head = clamp(head, maps.heads);
  showHead();
  if (focus)
    byId("grid").querySelector("[aria-pressed=true]").focus();
}

// The words are about to be replaced: none of them keeps the focus.
function leaveWords() {
  if (byId("columns").contains(document.activeElement))
    document.activeElement.blur();
}

function chooseKind(kind) {
  leaveWords();
  state.kind = kind;
  showKind();
}

function chooseSentence(i) {
  leaveWords();
  state.sentence = clamp(i, page.sentences.length - 1);
  showSentence();
}

const pointOf = chip => ({side: chip.dataset.side, index: Number(chip.dataset.index)});

function isSame(a, b) {
  return a === b || Boolean(a && b) && ["side", "index", "other"].every(name => a[name] === b[name]);
}

function pointAt(point) {
  if (isSame(point, state.point))
    return;
  state.point = point;
  showPoint();
}

// Where one points without a mouse: at the word that has the keyboard's focus, if one has.
function pointAtFocus() {
  const focused = document.activeElement;
  pointAt(focused && focused.matches("[data-side]:focus-visible") ? pointOf(focused) : null);
}

function hold(point) {
  state.held = isSame(point, state.held) ? null : point;
  state.point = null;
  showPoint();
}

// ---- keys ---------------------------------------------------------------------------------------------------------

const STEPS = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
               Home: [0, -Infinity], End: [0, Infinity]};

function keyInGrid(event) {
  const step = STEPS[event.key];
  if (!step || event.ctrlKey || event.altKey || event.metaKey)
    return;
  event.preventDefault();
  chooseHead(state.layer + step[0], state.head + step[1], true);
}

function keyInWords(event) {
  const chip = event.target.closest("[data-side]"), step = STEPS[event.key];
  if (!chip || !step || event.ctrlKey || event.altKey || event.metaKey)
    return;
  event.preventDefault();
  const {side, index} = pointOf(chip);
  const across = event.key === "ArrowLeft" || event.key === "ArrowRight";
  const chips = chipsOf(across ? (event.key === "ArrowLeft" ? "query" : "key") : side);
  const ends = {Home: 0, End: chips.length - 1};
  chips[clamp(event.key in ends ? ends[event.key] : index + step[0], chips.length - 1)].focus();
}

function keyInMap(event) {
  const step = STEPS[event.key], maps = currentMaps();
  if (!step || event.ctrlKey || event.altKey || event.metaKey)
    return;
  event.preventDefault();
  const from = state.point || state.held || {side: "query", index: 0};
  const [row, column] = from.other !== undefined ? [from.index + step[0], from.other + step[1]]
    : from.side === "query" ? [from.index, 0] : [0, from.index];
  pointAt({side: "query", index: clamp(row, maps.rows - 1), other: clamp(column, maps.columns - 1)});
}

// ---- events -------------------------------------------------------------------------------------------------------

function listenToWords() {
  const columns = byId("columns");
  const chipOf = event => event.target.closest("[data-side]");
  columns.addEventListener("pointerover", event => {
    if (event.pointerType !== "touch" && chipOf(event))
      pointAt(pointOf(chipOf(event)));
  });
  columns.addEventListener("pointerleave", pointAtFocus);
  columns.addEventListener("focusin", event => {
    const chip = chipOf(event);
    chipsOf(chip.dataset.side).forEach(other => { other.tabIndex = other === chip ? 0 : -1; });
    pointAt(pointOf(chip));
  });
  columns.addEventListener("focusout", () => pointAt(null));
  columns.addEventListener("click", event => {
    if (chipOf(event))
      hold(pointOf(chipOf(event)));
  });
  columns.addEventListener("keydown", keyInWords);
}

function listenToMaps() {
  const cells = byId("cells"), scroll = byId("scroll"), grid = byId("grid");
  cells.addEventListener("pointermove", event => {
    if (event.pointerType !== "touch")
      pointAt(cellAt(currentMaps(), event));
  });
  cells.addEventListener("pointerleave", pointAtFocus);
  cells.addEventListener("click", event => hold(cellAt(currentMaps(), event)));
  scroll.addEventListener("keydown", keyInMap);
  scroll.addEventListener("blur", () => pointAt(null));
  grid.addEventListener("click", event => {
    const button = event.target.closest("button");
    if (button)
      chooseHead(Number(button.dataset.layer), Number(button.dataset.head), true);
  });
  grid.addEventListener("keydown", keyInGrid);
}

function repaint() {
  ramp = readRamp();
  drawLegend();
  showPoint();
}

function listenToTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)"), root = document.documentElement, button = byId("theme");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const show = () => {
    button.textContent = isDark() ? "Light theme" : "Dark theme";
    repaint();
  };
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    show();
  });
  dark.addEventListener("change", show);
  show();
}

function listen() {
  listenToWords();
  listenToMaps();
  document.querySelectorAll("input[name=kind]").forEach(
    input => input.addEventListener("change", () => chooseKind(Number(input.value))));
  byId("sentence").addEventListener("change", event => chooseSentence(Number(event.target.value)));
  byId("previous").addEventListener("click", () => chooseSentence(state.sentence - 1));
  byId("next").addEventListener("click", () => chooseSentence(state.sentence + 1));
  document.addEventListener("keydown", event => {
    if (event.key === "Escape") {
      state.point = null;
      hold(null);
    }
  });
  new ResizeObserver(() => {
    sizeMap(currentMaps());
    showPoint();
  }).observe(document.querySelector("main"));
  listenToTheme();
}

function start() {
  byId("maker").textContent = page.maker;
  byId("left-out").textContent = page.left_out ? `${page.left_out} more were left out, to keep the page small.` : "";
  byId("sentences").hidden = page.sentences.length === 1 && !page.left_out;
  byId("sentence").replaceChildren(...page.sentences.map(
    (sentence, i) => new Option(`${i + 1}. ${sentence.source.slice(0, 80)}`, i)));
  showSentence();
  listen();
}

if (page.sentences.length)
  start();
else
  document.querySelector("main").replaceChildren("Nothing of this text was translated.");
