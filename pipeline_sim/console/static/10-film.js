// A film: the run as it came from Python, and the table of values at the cursor, into which patches are laid.

const KIND = { call: 1, push: 2, execution: 4, stage: 8, action: 16, rule: 32, alarm: 64, failure: 128, decision: 256,
  wait: 512, refused: 1024 };
const STATUS = 0, SHOWN = 1, TOKEN = 2, CLOSED = 3;

const NO_CUT = { k: 0, names: {}, plain: [], flows: [] };

function textOf(bytes) { return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text(); }

async function unpacked(bytes) { return JSON.parse(await textOf(bytes)); }

// A model's film. On what it is drawn travels by itself, and is kept until it changes.
async function filmOpen(model, before) {
  const packed = model.get("pictures"), source = model.get("film");
  const pictures = before?.packed === packed ? before.pictures : await unpacked(packed);
  Object.assign(SIGNS, pictures.signs);
  return filmLater({ source, packed, pictures, text: await textOf(source) }, model);
}

// The film as it travelled, with what has come to it since.
function filmLater({ source, packed, pictures, text }, model) {
  const later = model.get("later");
  return filmOf({ ...filmLaid(JSON.parse(text), JSON.parse(later || "{}")), source, packed, pictures, text, later, looks: pictures.looks });
}

// Lays news over a film: by name or place; `+` follows at the end, null takes away.
function filmLaid(film, news) {
  for (const [name, value] of Object.entries(news)) {
    if (name === "+") film.push(...value);
    else if (value === null) delete film[name];
    else if (film[name] && value.constructor === Object) filmLaid(film[name], value);
    else film[name] = value;
  }
  return film;
}

function filmIs(film, model) { return film.source === model.get("film") && film.later === model.get("later"); }

function filmOf(raw) {
  const film = { ...raw, last: raw.times.length, cut: raw.pictures.cuts.at(-1) ?? NO_CUT };
  film.times = filmSums(raw.times);
  film.spans.start = filmSums(raw.spans.start);
  film.end = Math.max(raw.now, film.times.at(-1) ?? 0);
  film.element = new Map(raw.elements.map((id, number) => [id, number]));
  film.members = filmMembers(raw.elements);
  filmPatches(film, raw.patches);
  film.sentence = i => film.texts[film.said[i]];
  film.nameOf = id => film.cut.names[id]?.[0] ?? (id.startsWith("execution-") ? `Execution ${id.slice(10)}` : id);
  return film;
}

function filmSums(steps) { let sum = 0; return steps.map(step => (sum += step)); }

// The elements in each stage, by the stage's place: what is drawn anew when it shows another execution.
function filmMembers(elements) {
  const found = {};
  elements.forEach((id, number) => { if (id && !id.startsWith("transition")) (found[id.split("-")[1]] ??= []).push(number); });
  return found;
}

// `first[k]` is the first patch of record k; `before` is what each patch replaces, so that it can be taken off again.
function filmPatches(film, patches) {
  const count = patches.record.length, wide = film.elements.length;
  const record = filmSums(patches.record), table = new Map();
  film.patches = patches;
  film.first = new Int32Array(film.last + 1).fill(count);
  film.keys = new Float64Array(count);
  film.before = new Int32Array(count);
  for (let i = count - 1; i >= 0; i--) film.first[record[i]] = i;
  for (let k = film.last - 1; k >= 0; k--) film.first[k] = Math.min(film.first[k], film.first[k + 1]);
  for (let i = 0; i < count; i++) {
    const key = film.keys[i] = filmKey(wide, patches.what[i], patches.who[i], patches.element[i]);
    film.before[i] = table.get(key) ?? 0;
    table.set(key, patches.value[i]);
  }
}

function filmKey(wide, what, who, element) { return (who * 4 + what) * wide + element; }

// How many records have happened by a time: the cursor there.
function filmAt(film, time) {
  let low = 0, high = film.last;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (film.times[middle] <= time) low = middle + 1; else high = middle;
  }
  return low;
}

// The values at a cursor. `changed` collects what must be painted: elements by number, executions whose token moves.
function reelOf(film) {
  return { film, k: 0, table: new Map(), executions: new Set(), changed: new Set(), moved: new Set() };
}

function reelSeek(reel, k) {
  const { film } = reel;
  const to = film.first[k] ?? film.keys.length;
  let at = film.first[reel.k] ?? film.keys.length;
  for (; at < to; at++) reelPut(reel, at, film.patches.value[at]);
  while (at > to) { at--; reelPut(reel, at, film.before[at]); }
  reel.k = k;
}

function reelPut(reel, i, value) {
  const { film, table } = reel, what = film.patches.what[i], element = film.patches.element[i];
  if (value) table.set(film.keys[i], value); else table.delete(film.keys[i]);
  if (what === TOKEN) {
    reel.moved.add(film.patches.who[i]);
    if (value) reel.executions.add(film.patches.who[i]); else reel.executions.delete(film.patches.who[i]);
  } else if (what === SHOWN) {
    for (const each of film.members[film.elements[element].slice(6)]) reel.changed.add(each);
  } else reel.changed.add(element);
}

function reelValue(reel, what, who, element) {
  return reel.table.get(filmKey(reel.film.elements.length, what, who, element)) ?? 0;
}

// The execution that a stage shows: the one that is followed, else the one that entered last.
function reelShown(reel, place, followed) {
  return followed || reelValue(reel, SHOWN, 0, reel.film.element.get(`stage-${place}`) ?? -1);
}

// The status of an element by its id, as AWS writes it; "" where there is none.
function reelStatus(reel, id, followed) {
  const shown = reelShown(reel, id.split("-")[1], followed);
  return reel.film.texts[reelValue(reel, STATUS, shown, reel.film.element.get(id) ?? -1) - 1] ?? "";
}

// The reason for which a transition is disabled; null where it is not.
function reelClosed(reel, id) {
  return reel.film.texts[reelValue(reel, CLOSED, 0, reel.film.element.get(id) ?? -1) - 1] ?? null;
}

function reelPlace(reel, execution) {
  return reel.film.elements[reelValue(reel, TOKEN, execution, reel.film.element.get("") ?? 0) - 1] ?? "";
}
