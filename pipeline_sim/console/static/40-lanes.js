// The timeline: executions, stages or actions as lanes, with what ran and what waited, and for what.

const LANES = { executions: "Executions", stages: "Stages", actions: "Actions" };
const ON_ACTION = 0, IN_FRONT = 1, ON_STAGE = 2, ON_RULE = 3; // what a span is spent in
const ROW = 18, AXIS = 20, MANY_SPANS = 1200, MANY_ACTIONS = 30;
const STEPS = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400, 172800, 604800, 2592000];

function lanesOf(host) {
  const lanes = host.lanes = { host, by: "executions", from: 0, to: 0, open: null, bars: new Map() };
  lanes.box = h("div", { class: "pls-lanes" });
  lanes.choice = h("select", { "aria-label": "Lanes", onchange: () => laneBy(lanes, lanes.choice.value) },
    Object.entries(LANES).map(([value, text]) => h("option", { value }, text)));
  const zoom = factor => () => laneZoom(lanes, factor);
  const bar = h("div", { class: "pls-group pls-more" }, lanes.choice, signButton("plus", "Zoom in", "", zoom(0.5)),
    signButton("minus", "Zoom out", "", zoom(2)), signButton("fit", "The whole run", "", zoom(Infinity)));
  lanes.box.addEventListener("click", event => laneClick(lanes, event));
  lanes.box.addEventListener("wheel", event => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    laneZoom(lanes, event.deltaY > 0 ? 1.25 : 0.8);
  }, { passive: false });
  lanes.watch = new ResizeObserver(() => laneDraw(lanes));
  lanes.watch.observe(lanes.box);
  host.on("film", () => { lanes.to = 0; laneDraw(lanes); });
  host.on("follow", () => laneDraw(lanes));
  return h("details", { class: "pls-gantt", open: true, ontoggle: () => laneDraw(lanes) }, h("summary", {}, "Timeline"), bar, lanes.box);
}

function laneBy(lanes, by) {
  lanes.by = lanes.choice.value = by;
  laneDraw(lanes);
}

function laneNext(host) {
  const all = Object.keys(LANES);
  laneBy(host.lanes, all[(all.indexOf(host.lanes.by) + 1) % all.length]);
}

function laneZoom(lanes, factor) {
  const { end } = lanes.host.film, wide = Math.min(end, Math.max(10, (lanes.to - lanes.from) * factor));
  lanes.from = Math.max(0, Math.min(lanes.host.time - wide / 2, end - wide));
  lanes.to = lanes.from + wide;
  laneDraw(lanes);
}

// ---------------------------------------------------------------------------------------------- which lanes

// [key, label, spans, what a click on the label does], from top to bottom. Of a large run an execution's lane shows its
// stages, and a stage's actions are folded until somebody opens them.
function laneRows(lanes) {
  const { host, by } = lanes, { film } = host, { spans } = film;
  const many = spans.who.length > MANY_SPANS;
  const place = i => film.elements[spans.where[i]].split("-")[1];
  const found = new Map();
  const put = (key, label, i) => { if (!found.has(key)) found.set(key, { key, label, spans: [] }); found.get(key).spans.push(i); };
  spans.who.forEach((who, i) => {
    const what = spans.what[i];
    if (host.followed && host.followed !== who) return;
    if (what === IN_FRONT && spans.lasts[i] === 0) return;
    if (by === "executions") {
      if (many ? what === IN_FRONT || what === ON_STAGE : what !== ON_STAGE) put(`execution-${who}`, `Execution ${who}`, i);
    } else if (what === IN_FRONT || what === ON_STAGE) put(`stage-${place(i)}`, film.nameOf(`stage-${place(i)}`), i);
    else if (by === "actions" && what === ON_ACTION && laneOpen(lanes).has(place(i))) put(film.elements[spans.where[i]], `· ${film.texts[spans.name[i]].split("/").at(-1)}`, i);
  });
  const rows = [...found.values()];
  const order = key => key.split("-").slice(1).reduce((sum, part) => sum * 1000 + 1 + Number(part), 0) * (key.split("-").length > 2 ? 1 : by === "executions" ? 1 : 1000);
  return rows.sort((a, b) => order(a.key) - order(b.key));
}

function laneOpen(lanes) {
  const actions = lanes.host.film.elements.filter(id => id.startsWith("action"));
  lanes.open ??= new Set(actions.length > MANY_ACTIONS ? [] : actions.map(id => id.split("-")[1]));
  return lanes.open;
}

// Spans that overlap lie below each other.
function lanePacked(lanes, row) {
  const { spans, end } = lanes.host.film, ends = [];
  return row.spans.map(i => {
    const free = ends.findIndex(until => until <= spans.start[i]);
    const level = free < 0 ? ends.length : free;
    ends[level] = spans.lasts[i] < 0 ? end : spans.start[i] + Math.max(1, spans.lasts[i]);
    return [i, level];
  });
}

// ---------------------------------------------------------------------------------------------- drawing

function laneDraw(lanes) {
  const { host, box } = lanes, { film } = host;
  const wide = box.clientWidth;
  if (!wide || !film) return;
  if (!lanes.to) [lanes.from, lanes.to] = [0, Math.max(1, film.end)];
  lanes.left = Math.min(150, Math.round(wide * 0.24));
  lanes.scale = (wide - lanes.left - 8) / (lanes.to - lanes.from);
  lanes.x = time => lanes.left + (time - lanes.from) * lanes.scale;
  const bars = svg("g"), labels = svg("g", { class: "labels" });
  let y = AXIS;
  lanes.bars.clear();
  for (const row of laneRows(lanes)) {
    const packed = lanePacked(lanes, row), levels = 1 + Math.max(...packed.map(([, level]) => level));
    labels.append(laneLabel(lanes, row, y));
    bars.append(svg("path", { class: "rule", d: `M0 ${y + levels * ROW + 1.5}H${wide}` }));
    for (const [i, level] of packed) { const made = laneBar(lanes, i, y + level * ROW); if (made) bars.append(made); }
    y += levels * ROW + 4;
  }
  lanes.veil = svg("rect", { class: "veil", y: AXIS, height: y, width: wide });
  lanes.line = svg("path", { class: "cursor", d: `M0 ${AXIS - 6}V${y}` });
  const clip = svg("svg", { x: lanes.left, width: wide - lanes.left, height: y, viewBox: `${lanes.left} 0 ${wide - lanes.left} ${y}` }, laneAxis(lanes, y), bars, lanes.veil, lanes.line);
  box.replaceChildren(svg("svg", { width: wide, height: y, viewBox: `0 0 ${wide} ${y}`, role: "group", "aria-label": "Timeline" },
    svg("defs", {}, svg("pattern", { id: `${host.uid}-hatch`, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, svg("path", { class: "hatch", d: "M0 0v6" }))), clip, labels));
  box.querySelector("[role=button]")?.setAttribute("tabindex", "0");
  laneCursor(lanes);
}

function laneAxis(lanes, height) {
  const room = 90 / lanes.scale, step = STEPS.find(each => each >= room) ?? STEPS.at(-1), axis = svg("g", { class: "axis" });
  for (let time = Math.ceil(lanes.from / step) * step; time <= lanes.to; time += step) {
    const at = clockOf(lanes.host.film, time), told = step >= 86400 || (step >= 3600 && at.hour.startsWith("00:00")) ? at.day.slice(0, -5) : at.hour.slice(0, step % 60 ? 8 : 5);
    axis.append(svg("path", { d: `M${lanes.x(time)} ${AXIS - 4}V${height}` }), svg("text", { x: lanes.x(time) + 3, y: 12 }, told));
  }
  return axis;
}

function laneLabel(lanes, row, y) {
  const fits = Math.floor((lanes.left - 10) / 6.8), folds = lanes.by === "actions" && row.key.startsWith("stage");
  const sign = folds ? (laneOpen(lanes).has(row.key.slice(6)) ? "▾ " : "▸ ") : "";
  const text = sign + row.label, name = folds ? `${row.label}: its actions` : row.label;
  return svg("g", { "data-thing": row.key, "data-fold": folds ? row.key.slice(6) : null, role: "button", tabindex: -1, "aria-label": name,
    "aria-expanded": folds ? String(laneOpen(lanes).has(row.key.slice(6))) : null }, svg("title", {}, name),
    svg("rect", { class: "hit", x: 0, y, width: lanes.left, height: ROW }), svg("text", { x: 4, y: y + 13 }, text.length > fits ? `${text.slice(0, fits - 1)}…` : text));
}

function laneBar(lanes, i, y) {
  const { host } = lanes, { film } = host, { spans, texts } = film;
  const lasts = spans.lasts[i] < 0 ? film.end - spans.start[i] : spans.lasts[i];
  if (spans.start[i] > lanes.to || spans.start[i] + lasts < lanes.from) return null;
  const x = lanes.x(spans.start[i]), width = Math.max(2, lasts * lanes.scale), status = texts[spans.status[i]], cause = texts[spans.cause[i]];
  const failed = status === "Failed" || status === "Errored", waits = spans.what[i] === IN_FRONT || (cause && cause !== "approval");
  const again = spans.attempt[i] > 1 ? ` · attempt ${spans.attempt[i]}` : "", name = texts[spans.name[i]];
  const key = status in film.looks ? status : "DidntRun";
  const word = waits ? `waits${cause ? ` (${cause})` : ""}` : film.looks[key === "DidntRun" ? "DidntRun" : key][0];
  const said = `${name}${again}, execution ${spans.who[i]}: ${cause && !waits ? `${cause}, ` : ""}${word}, ${clockOf(film, spans.start[i]).hour}, ${lasting(lasts)}`;
  const shape = { x, y, width, height: ROW - 3, rx: 3 };
  const short = waits ? `${cause || "waits"}` : lanes.by === "executions" ? name.split("/").at(-1) : `#${spans.who[i]}`;
  const inside = Math.max(x, lanes.left), room = Math.floor((x + width - inside - 8) / 6.3), text = short + (waits ? "" : again);
  const g = svg("g", { class: waits ? "wait" : `action status-${key}`, "data-span": i, role: "button", tabindex: -1, "aria-label": said },
    svg("title", {}, texts[spans.reason[i]] ? `${said}\n${texts[spans.reason[i]]}` : said), svg("rect", { class: "card", ...shape }),
    failed && svg("rect", { ...shape, fill: `url(#${host.uid}-hatch)` }),
    room >= Math.min(4, text.length) && svg("text", { x: inside + 5, y: y + 11.5 }, text.length > room ? `${text.slice(0, room - 1)}…` : text));
  lanes.bars.set(i, g);
  return g;
}

// What lies behind the cursor is veiled; while playing, the window goes along.
function laneCursor(lanes) {
  if (!lanes.line) return;
  const { time } = lanes.host;
  if (time < lanes.from || time > lanes.to) {
    const wide = lanes.to - lanes.from;
    lanes.from = Math.max(0, Math.min(time - wide * 0.1, lanes.host.film.end - wide));
    lanes.to = lanes.from + wide;
    return laneDraw(lanes);
  }
  lanes.line.setAttribute("transform", `translate(${lanes.x(time)})`);
  lanes.veil.setAttribute("x", lanes.x(time));
}

function laneClick(lanes, event) {
  const { host } = lanes, bar = event.target.closest("[data-span]"), label = event.target.closest("[data-thing]");
  if (bar) {
    const i = Number(bar.dataset.span), { spans } = host.film;
    host.seek(spans.record[i] + 1);
    host.select(spans.what[i] === IN_FRONT ? `execution-${spans.who[i]}` : host.film.elements[spans.where[i]] || null);
  } else if (label?.dataset.fold) {
    const open = laneOpen(lanes);
    if (!open.delete(label.dataset.fold)) open.add(label.dataset.fold);
    laneDraw(lanes);
    lanes.box.querySelector(`[data-fold="${label.dataset.fold}"]`)?.focus();
  } else if (label) host.select(label.dataset.thing);
  else if (event.offsetX > lanes.left) timeTo(host, lanes.from + (event.offsetX - lanes.left) / lanes.scale);
}
