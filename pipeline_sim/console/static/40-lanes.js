// The timeline: executions, stages or actions as lanes, with what ran and what waited, and for what.

const IN_FRONT = 1; // what a span is spent in: in front of a stage
const ROW = 18, AXIS = 20, MANY_ROWS = 40;
const STEPS = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400, 172800, 604800, 2592000];

function lanesOf(host) {
  const lanes = { host, box: host.find(".pls-lanes"), choice: host.find(".pls-by"), from: 0, to: 0, open: null };
  lanes.choice.onchange = () => laneDraw(lanes);
  lanes.box.addEventListener("click", event => laneClick(lanes, event));
  host.find(".pls-gantt").ontoggle = () => laneDraw(lanes);
  lanes.watch = new ResizeObserver(() => setTimeout(laneDraw, 0, lanes));
  lanes.watch.observe(lanes.box);
  host.on("film", () => { if (!lanes.zoomed) lanes.to = 0; laneDraw(lanes); });
  host.on("follow", () => laneDraw(lanes));
  return lanes;
}

function laneNext({ lanes }) {
  lanes.choice.selectedIndex = (lanes.choice.selectedIndex + 1) % lanes.choice.length;
  laneDraw(lanes);
}

function laneZoom(lanes, factor) {
  const { end } = lanes.host.film, wide = Math.min(end, Math.max(10, (lanes.to - lanes.from) * factor));
  lanes.from = Math.max(0, Math.min(lanes.host.time - wide / 2, end - wide));
  lanes.to = lanes.from + wide;
  lanes.zoomed = wide < end;
  laneDraw(lanes);
}

// The rows to draw: [thing, label, the stage below which it is folded or "", [span, level, …]].
function laneRows({ host, choice, open }) {
  const { lanes, spans } = host.film, kept = host.followed;
  return lanes[choice.value].filter(row => !row[2] || open.has(row[2])).map(row => {
    if (!kept) return row;
    const own = row[3].filter((_, at) => spans.who[row[3][at - at % 2]] === kept);
    return [...row.slice(0, 3), own];
  }).filter(row => row[3].length);
}

// Of a large pipeline, actions are folded below their stages until somebody opens them.
function laneFold(lanes) {
  const rows = lanes.host.film.lanes.actions;
  lanes.open ??= new Set(rows.length > MANY_ROWS ? [] : rows.map(row => row[2]));
}

// ---------------------------------------------------------------------------------------------- drawing

// How much room names get: a quarter, in a narrow console as much as `Execution 12` needs, but never more than half.
function laneRoom(lanes, wide) {
  const longest = Math.max(0, ...lanes.host.film.lanes[lanes.choice.value].map(row => row[1].length));
  return Math.round(Math.min(150, wide / 2, Math.max(wide * 0.24, Math.min(96, 14 + 7 * longest))));
}

function laneDraw(lanes) {
  const { host, box } = lanes, { film } = host;
  const zoom = lanes.zoom = zoomOf(box), wide = box.clientWidth / zoom;
  if (!wide || !film) return;
  if (!lanes.to) [lanes.from, lanes.to] = [0, Math.max(1, film.end)];
  lanes.left = laneRoom(lanes, wide);
  lanes.scale = (wide - lanes.left - 8) / (lanes.to - lanes.from);
  lanes.x = time => lanes.left + (time - lanes.from) * lanes.scale;
  const bars = svg("g"), labels = svg("g", { class: "labels" });
  let y = AXIS;
  laneFold(lanes);
  for (const [thing, label, of, spans] of laneRows(lanes)) {
    let levels = 1;
    for (let at = 0; at < spans.length; at += 2) {
      bars.append(laneBar(lanes, spans[at], y + spans[at + 1] * ROW) ?? "");
      levels = Math.max(levels, spans[at + 1] + 1);
    }
    labels.append(laneLabel(lanes, thing, of ? `· ${label}` : label, y));
    bars.append(svg("path", { class: "rule", d: `M0 ${y + levels * ROW + 1.5}H${wide}` }));
    y += levels * ROW + 4;
  }
  lanes.veil = svg("rect", { class: "veil", y: AXIS, height: y, width: wide });
  lanes.line = svg("path", { class: "cursor", d: `M0 ${AXIS - 6}V${y}` });
  const clip = svg("svg", { x: lanes.left, width: wide - lanes.left, height: y, viewBox: `${lanes.left} 0 ${wide - lanes.left} ${y}` }, laneAxis(lanes, y), bars, lanes.veil, lanes.line);
  box.replaceChildren(svg("svg", { width: wide * zoom, height: y * zoom, viewBox: `0 0 ${wide} ${y}`, role: "group", "aria-label": "Timeline" },
    svg("defs", {}, svg("pattern", { id: `${host.uid}-hatch`, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, svg("path", { class: "hatch", d: "M0 0v6" }))), clip, labels));
  box.querySelector("[role=button]")?.setAttribute("tabindex", "0");
  laneCursor(lanes);
}

function laneAxis(lanes, height) {
  const room = 90 / lanes.scale, step = STEPS.find(each => each >= room) ?? STEPS.at(-1), axis = svg("g", { class: "axis" });
  for (let time = Math.ceil(lanes.from / step) * step; time <= lanes.to; time += step) {
    const at = clockOf(lanes.host.film, time), told = step >= 86400 || (step >= 3600 && at.hour.startsWith("00:00")) ? at.day.slice(0, -5) : at.hour.slice(0, step % 60 ? 8 : 5);
    axis.append(svg("path", { d: `M${lanes.x(time)} ${AXIS - 4}V${height}` }), (lanes.to - time) * lanes.scale < told.length * 6 ? "" : svg("text", { x: lanes.x(time) + 3, y: 12 }, told));
  }
  return axis;
}

function laneLabel(lanes, thing, label, y) {
  const fits = Math.floor((lanes.left - 10) / 6.8), folds = lanes.choice.value === "actions" && thing.startsWith("stage"), open = lanes.open.has(thing);
  const text = folds ? `${open ? "▾" : "▸"} ${label}` : label, name = folds ? `${label}: its actions` : label;
  return svg("g", { "data-thing": thing, "data-fold": folds && "yes", role: "button", tabindex: -1, "aria-label": name,
    "aria-expanded": folds ? String(open) : null }, svg("title", {}, name),
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
  const word = waits ? `waits${cause ? ` (${cause})` : ""}` : film.looks[key][0];
  const said = `${name}${again}, execution ${spans.who[i]}: ${cause && !waits ? `${cause}, ` : ""}${word}, ${clockOf(film, spans.start[i]).hour}, ${lasting(lasts)}`;
  const shape = { x, y, width, height: ROW - 3, rx: 3 };
  const short = waits ? `${cause || "waits"}` : lanes.choice.value === "executions" ? name.split("/").at(-1) : `#${spans.who[i]}`;
  const inside = Math.max(x, lanes.left), room = Math.floor((x + width - inside - 8) / 7.2), text = short + (waits ? "" : again);
  return svg("g", { class: waits ? "wait" : `action status-${key}`, "data-span": i, role: "button", tabindex: -1, "aria-label": said },
    svg("title", {}, texts[spans.reason[i]] ? `${said}\n${texts[spans.reason[i]]}` : said), svg("rect", { class: "card", ...shape }),
    failed && svg("rect", { ...shape, fill: `url(#${host.uid}-hatch)` }),
    room >= Math.min(4, text.length) && svg("text", { x: inside + 5, y: y + 11.5 }, text.length > room ? `${text.slice(0, room - 1)}…` : text));
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
  for (const each of [lanes.line, lanes.veil]) each.style.transform = `translate(${lanes.x(time)}px)`;
}

function laneClick(lanes, event) {
  const { host } = lanes, { spans, elements } = host.film, bar = event.target.closest("[data-span]"), label = event.target.closest("[data-thing]");
  const i = bar?.dataset.span, time = lanes.from + (event.offsetX / lanes.zoom - lanes.left) / lanes.scale;
  if (bar) {
    const thing = spans.what[i] === IN_FRONT ? `execution-${spans.who[i]}` : elements[spans.where[i]] || null, k = spans.record[i] + 1;
    settled(host, () => { host.seek(k); host.select(thing); });
  } else if (label?.dataset.fold) {
    const { thing } = label.dataset;
    if (!lanes.open.delete(thing)) lanes.open.add(thing);
    laneDraw(lanes);
    lanes.box.querySelector(`[data-thing=${thing}]`).focus();
  } else if (label) host.select(label.dataset.thing);
  else if (time > lanes.from) settled(host, () => timeTo(host, time));
}
