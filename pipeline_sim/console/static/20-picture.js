// The pipeline's picture: which layout fits, what each element shows now, and what can be chosen in it.

const MANY_CHANGES = 80; // elements that are painted within a frame, in sight or not

function pictureOf(host, box = h("div", { class: "pls-picture", tabindex: "-1" })) {
  const picture = { host, box, layout: null, nodes: new Map(),
    tokens: new Map(), more: new Map(), signs: new Map(), later: new Set(), view: [0, 2000], cut: null, stale: true, flows: false };
  picture.box.addEventListener("click", event => pictureClick(picture, event));
  picture.box.addEventListener("scroll", () => { pictureView(picture); pictureRest(picture); }, { passive: true });
  picture.watch = new ResizeObserver(() => pictureFit(picture));
  picture.watch.observe(picture.box);
  return picture;
}

// The widest layout that the cell has room for, made up to a sixth smaller; else the narrowest one.
function pictureFit(picture, anew) {
  const { cut } = picture.host.film;
  const choice = (picture.flows && cut.flows.length ? cut.flows : cut.plain) ?? [];
  const scale = zoomOf(picture.box);
  const room = picture.box.clientWidth / scale;
  if (!room) return; // not in the page yet: the watch will call again
  const layout = choice.findLast(each => each.width <= room * 1.18) ?? choice[0] ?? null;
  if (layout !== picture.layout || anew) pictureMount(picture, layout);
  if (!layout) return;
  picture.wide = layout.width * scale;
  picture.svg.style.cssText = `height:auto;width:${picture.wide}px;${layout.width < 700 || layout.width <= room * 1.18 ? "max-width:100%" : ""}`;
  pictureView(picture);
}

function pictureMount(picture, layout) {
  const { host } = picture;
  picture.layout = layout;
  picture.nodes.clear();
  picture.tokens.clear();
  picture.more = new Map();
  picture.later.clear();
  if (!layout) return void picture.box.replaceChildren(h("p", { class: "pls-none" }, "There is no pipeline at this moment."));
  const root = document.importNode(new DOMParser().parseFromString(layout.svg, "image/svg+xml").documentElement, true);
  root.setAttribute("role", "group");
  for (const g of root.querySelectorAll("g[id]")) pictureElement(picture, g);
  picture.layer = svg("g", { class: "tokens" });
  root.append(picture.layer);
  picture.svg = root;
  picture.box.replaceChildren(root);
  picturePaintAll(picture, [...picture.nodes.keys()]);
  tokensPlace(picture, false);
  pictureSelect(picture);
  pictureStops(picture);
  pictureRove(picture, picture.box.querySelector("[role=button]"));
}

// Ids become `data-thing`, for several consoles stand in one page. What can be chosen is a button with a name.
function pictureElement(picture, g) {
  const id = g.id, place = picturePlace(picture.layout, g);
  g.removeAttribute("id");
  if (!place) return;
  g.dataset.thing = id;
  const kind = g.getAttribute("class");
  let button = g;
  if (id.startsWith("stage")) {
    const [x, y, width, height] = place.head;
    button = g.insertBefore(svg("rect", { class: "hit", x, y, width, height, rx: 10 }), g.querySelector("path.head").nextSibling);
    g.setAttribute("role", "group");
  }
  fill(button, { role: "button", tabindex: -1 });
  const title = g.querySelector("title"), sign = g.querySelector(":scope>.sign");
  picture.nodes.set(id, { g, button, place, kind, title, told: title.textContent, name: g.dataset.name, sign, glyph: [...sign?.childNodes ?? []] });
}

// Where an element's status and tokens go: as Python says, or, of an action, as it says of all actions.
function picturePlace(layout, g) {
  if (layout.places[g.id]) return { box: boxOf(g.querySelector(".card")), ...layout.places[g.id] };
  if (!/^(action|entry|success|failure)-/.test(g.id)) return null;
  const box = boxOf(g.querySelector(".card")), [x, y, wide, high] = box;
  if (!g.id.startsWith("action") || !layout.in) return { box };
  const { at, tokens } = layout.in;
  return { box, at: [x + at[0], y + high + at[1]], tokens: tokens.map(([right, top]) => [x + wide + right, y + top]) };
}

function boxOf(rect) { return rect && ["x", "y", "width", "height"].map(name => Number(rect.getAttribute(name))); }

// Of very many elements, those in sight are painted at once, the others when the cursor rests or the box is scrolled.
function picturePaintAll(picture, ids) {
  const { later, view: [from, to] } = picture;
  for (const id of ids) {
    const [, y, , high] = picture.nodes.get(id)?.place.box ?? [0, from, 0, 0];
    if (ids.length > MANY_CHANGES && (y > to || y + high < from)) later.add(id); else picturePaint(picture, id);
  }
  clearTimeout(picture.resting);
  if (later.size) picture.resting = setTimeout(pictureRest, 100, picture);
}

function pictureRest(picture) {
  for (const id of picture.later) picturePaint(picture, id);
  picture.later.clear();
}

// Which stretch of the drawing is in sight, in its own measure.
function pictureView(picture) {
  const { box, layout } = picture, scale = layout ? layout.width / Math.min(picture.wide, box.clientWidth || 1) : 1;
  picture.view = [box.scrollTop * scale, (box.scrollTop + box.clientHeight) * scale];
}

function picturePaint(picture, id) {
  const node = picture.nodes.get(id);
  if (!node) return;
  if (id.startsWith("transition")) pictureDoor(picture, id, node);
  else pictureStatus(picture, id, node);
}

function pictureStatus(picture, id, node) {
  const { host } = picture, { film } = host;
  const status = reelStatus(host.reel, id, host.followed);
  if (status === node.shown) return;
  node.shown = status;
  const key = !status ? "" : status in film.looks ? status : "DidntRun";
  const word = pictureWord(film, id, status);
  node.g.setAttribute("class", `${key ? `${node.kind} status-${key}` : node.kind}${host.selected === id ? " selected" : ""}`);
  const name = film.nameOf(id).split("/").at(-1), label = word ? `${name}: ${word}` : name;
  node.button.setAttribute("aria-label", label);
  if (node.button !== node.g) node.g.setAttribute("aria-label", `Stage ${label}`);
  const told = film.cut.names[id]?.[1] || node.told;
  node.title.textContent = word ? `${told}. ${word}` : told;
  if (node.place.at) pictureSign(picture, node, key, word);
  else node.sign.replaceChildren(...(key ? [signOf(picture, key)] : node.glyph));
}

function pictureWord(film, id, status) {
  if (!status) return "";
  const approval = film.cut.names[id]?.[2] && status === "InProgress";
  return film.looks[approval ? "approval" : status]?.[0] ?? status;
}

function pictureSign(picture, node, key, word) {
  if (!node.status) {
    const [x, y] = node.place.at;
    node.sign = svg("g", { class: "sign", transform: `translate(${x} ${y - 8})` });
    node.word = svg("text", { class: "word", x: x + 20, y: y + 4 });
    node.g.append(node.status = svg("g", { class: "status" }, node.sign, node.word));
  }
  node.status.style.display = key ? "" : "none";
  if (key) node.sign.replaceChildren(signOf(picture, key));
  node.word.textContent = word;
}

// The sign of a status, parsed once.
function signOf(picture, key) {
  if (!picture.signs.has(key)) {
    const made = svg("g");
    made.innerHTML = picture.host.film.looks[key][1];
    picture.signs.set(key, made);
  }
  return picture.signs.get(key).cloneNode(true);
}

// A transition's switch: the knob stands left and is crossed out where the transition is disabled.
function pictureDoor(picture, id, node) {
  const { host } = picture, reason = reelClosed(host.reel, id);
  const waiting = [...host.reel.executions].filter(each => reelPlace(host.reel, each) === id).sort((a, b) => a - b);
  const state = (reason === null ? "enabled" : reason ? `disabled: ${reason}` : "disabled")
    + (waiting.length ? `; waiting: ${waiting.map(each => `#${each}`).join(", ")}` : "");
  if (state === node.shown) return;
  node.shown = state;
  const label = `Transition into ${node.name}: ${state}`;
  node.button.setAttribute("aria-label", label);
  node.title.textContent = label;
  node.g.setAttribute("class", `transition ${reason === null ? "enabled" : "disabled"}${host.selected === id ? " selected" : ""}`);
  const [x, y, wide, high] = node.place.switch, radius = high / 2;
  node.g.querySelector(".knob").setAttribute("cx", reason === null ? x + wide - radius : x + radius);
  node.closed?.remove();
  node.closed = reason === null ? null : pictureDisabled(node.place, x, y, wide);
  if (node.closed) node.g.append(node.closed);
}

function pictureDisabled(place, x, y, wide) {
  const [left, line] = place.at;
  return svg("g", {}, svg("path", { class: "bar", d: `M${x + wide - 13} ${y + 5}l8 8m0 -8l-8 8` }),
    svg("rect", { class: "plate", x: left - 5, y: line - 9, width: 69, height: 18, rx: 4 }),
    svg("text", { class: "word", x: left, y: line + 4 }, "Disabled"));
}

// Everything that the cursor's way has changed.
function pictureUpdate(picture, animate) {
  const { reel, film } = picture.host;
  const cut = film.pictures.cuts.findLast(each => each.k <= reel.k) ?? film.pictures.cuts[0] ?? NO_CUT;
  film.cut = cut;
  if (cut !== picture.cut) { picture.cut = cut; pictureFit(picture, true); }
  else {
    picture.box.classList.toggle("slow", Boolean(animate) && picture.nodes.size < 200 && reel.changed.size < MANY_CHANGES);
    picturePaintAll(picture, picture.stale ? [...picture.nodes.keys()] : [...reel.changed].map(number => film.elements[number]));
    if (picture.stale || reel.moved.size) {
      tokensPlace(picture, animate);
      for (const id of picture.nodes.keys()) if (id.startsWith("transition")) picturePaint(picture, id);
    }
  }
  picture.stale = false;
  reel.changed.clear();
  reel.moved.clear();
}

// What a record is about comes into sight, within the picture's box alone.
function pictureReveal(picture, id) {
  if (picture.revealed === undefined) afterPaint(() => { pictureScroll(picture, picture.revealed); picture.revealed = undefined; });
  picture.revealed = id ?? "";
}

function pictureScroll(picture, id) {
  const at = (picture.nodes.get(id)?.g ?? picture.box).getBoundingClientRect(), box = picture.box.getBoundingClientRect();
  if (box.height < picture.box.scrollHeight && (at.top < box.top || at.bottom > box.bottom))
    picture.box.scrollTop += at.top - box.top - box.height / 3;
  if (box.width < picture.box.scrollWidth && (at.left < box.left || at.right > box.right))
    picture.box.scrollLeft += at.left - box.left - box.width / 3;
}

// ---------------------------------------------------------------------------------------------- choosing

function pictureClick(picture, event) {
  const at = event.target.closest("[data-thing]");
  if (!at || !picture.box.contains(at)) return;
  picture.host.select(at.dataset.thing);
  pictureRove(picture, at.matches("[role=button]") ? at : at.querySelector("[role=button]"), true);
}

// One stop for Tab in the whole picture: arrows go on from there.
function pictureRove(picture, button, focus = false) { rove(picture.box.querySelectorAll("[role=button]"), button, focus); }

function pictureSelect(picture) {
  for (const each of picture.box.querySelectorAll(".selected")) each.classList.remove("selected");
  const chosen = picture.box.querySelector(`[data-thing="${CSS.escape(picture.host.selected ?? "")}"]`);
  chosen?.classList.add("selected");
}

// A mark at whatever has a breakpoint.
function pictureStops(picture) {
  for (const each of picture.box.querySelectorAll(".breakpoint")) each.remove();
  for (const id of picture.host.stops.things) {
    const node = picture.nodes.get(id);
    if (!node) continue;
    const [x, y] = node.place.box ?? node.place.switch;
    node.g.append(svg("path", { class: "breakpoint", d: `M${x - 7} ${y - 3}l4 -4h6l4 4v6l-4 4h-6l-4 -4z` }));
  }
}
