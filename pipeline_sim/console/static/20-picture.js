// The pipeline's picture: which layout fits, what each element shows now, and what can be chosen in it.

function pictureOf(host) {
  const picture = { host, box: h("div", { class: "pls-picture", tabindex: "-1" }), layout: null, nodes: new Map(),
    tokens: new Map(), flows: false };
  picture.box.addEventListener("click", event => pictureClick(picture, event));
  picture.watch = new ResizeObserver(() => pictureFit(picture));
  picture.watch.observe(picture.box);
  return picture;
}

// The widest layout that the cell has room for; the narrowest one is made smaller where even that does not fit.
function pictureFit(picture, anew) {
  const { film, k } = picture.host;
  const drawn = film.pictures.findLast(each => each.k <= k) ?? film.pictures[0];
  const choice = (picture.flows && drawn?.flows.length ? drawn.flows : drawn?.plain) ?? [];
  const scale = parseFloat(getComputedStyle(picture.box).fontSize) / 14;
  const room = picture.box.clientWidth / scale;
  const layout = choice.findLast(each => each.width <= room) ?? choice[0] ?? null;
  if (layout !== picture.layout || anew) pictureMount(picture, layout);
  if (layout) picture.svg.style.width = `${layout.width * scale}px`;
}

function pictureMount(picture, layout) {
  const { host } = picture;
  picture.layout = layout;
  picture.nodes.clear();
  picture.tokens.clear();
  picture.more = new Map();
  if (!layout) return void picture.box.replaceChildren(h("p", { class: "pls-none" }, "There is no pipeline at this moment."));
  const root = document.importNode(new DOMParser().parseFromString(layout.svg, "image/svg+xml").documentElement, true);
  root.setAttribute("role", "group");
  root.style.height = "auto";
  for (const g of root.querySelectorAll("g[id]")) pictureElement(picture, g);
  picture.layer = svg("g", { class: "tokens" });
  root.append(picture.layer);
  picture.svg = root;
  picture.box.replaceChildren(root);
  for (const id of picture.nodes.keys()) picturePaint(picture, id);
  tokensPlace(picture, host.reel.executions, false);
  pictureSelect(picture);
  picture.nodes.keys().next().value && pictureRove(picture, [...picture.box.querySelectorAll("[role=button]")][0]);
}

// Ids become `data-thing`, for several consoles stand in one page. What can be chosen is a button with a name.
function pictureElement(picture, g) {
  const id = g.id, place = picture.layout.places[id];
  g.removeAttribute("id");
  g.dataset.thing = id;
  if (!place) return;
  const kind = g.getAttribute("class");
  let button = g;
  if (id.startsWith("stage")) {
    const [x, y, width, height] = place.head;
    button = g.insertBefore(svg("rect", { class: "hit", x, y, width, height, rx: 10 }), g.querySelector("path.head").nextSibling);
    g.setAttribute("role", "group");
  }
  fill(button, { role: "button", tabindex: -1 }, []);
  picture.nodes.set(id, { g, button, place, kind, title: g.querySelector("title"), name: g.dataset.name, shown: undefined });
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
  node.g.setAttribute("class", key ? `${node.kind} status-${key}` : node.kind);
  const label = word ? `${film.nameOf(id).split("/").at(-1)}: ${word}` : film.nameOf(id).split("/").at(-1);
  node.button.setAttribute("aria-label", label);
  if (node.button !== node.g) node.g.setAttribute("aria-label", `Stage ${label}`);
  const told = film.names[id]?.[1] || node.name;
  node.title.textContent = word ? `${told}. ${word}` : told;
  if (node.place.at) pictureSign(picture, node, key, word);
  else pictureChip(picture, node, key);
}

function pictureWord(film, id, status) {
  if (!status) return "";
  const approval = film.names[id]?.[2] && status === "InProgress";
  return film.looks[approval ? "approval" : status]?.[0] ?? status;
}

function pictureSign(picture, node, key, word) {
  node.status?.remove();
  if (!key) return void (node.status = null);
  const [x, y] = node.place.at;
  const sign = svg("g", { class: "sign", transform: `translate(${x} ${y - 8})` });
  sign.innerHTML = picture.host.film.looks[key][1];
  node.status = svg("g", { class: "status" }, sign, svg("text", { class: "word", x: x + 20, y: y + 4 }, word));
  node.g.append(node.status);
}

function pictureChip(picture, node, key) {
  const sign = node.g.querySelector(".sign");
  node.glyph ??= sign.innerHTML;
  sign.innerHTML = key ? picture.host.film.looks[key][1] : node.glyph;
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
  node.g.setAttribute("class", `transition ${reason === null ? "enabled" : "disabled"}`);
  const [x, y, wide, high] = node.place.switch, radius = high / 2;
  node.g.querySelector(".knob").setAttribute("cx", reason === null ? x + wide - radius : x + radius);
  node.told?.remove();
  node.told = reason === null ? null : pictureDisabled(node.place, x, y, wide);
  if (node.told) node.g.append(node.told);
}

function pictureDisabled(place, x, y, wide) {
  const [left, line] = place.at;
  return svg("g", {}, svg("path", { class: "bar", d: `M${x + wide - 13} ${y + 5}l8 8m0 -8l-8 8` }),
    svg("rect", { class: "plate", x: left - 5, y: line - 9, width: 64, height: 18, rx: 4 }),
    svg("text", { class: "word", x: left, y: line + 4 }, "Disabled"));
}

// Everything that the cursor's way has changed.
function pictureUpdate(picture, animate) {
  const { reel, film } = picture.host;
  const drawn = film.pictures.findLast(each => each.k <= reel.k) ?? film.pictures[0];
  if (drawn !== picture.drawn) { picture.drawn = drawn; pictureFit(picture, true); }
  else {
    for (const number of reel.changed) picturePaint(picture, film.elements[number]);
    if (reel.moved.size) tokensPlace(picture, reel.moved, animate);
    for (const id of picture.nodes.keys()) if (reel.moved.size && id.startsWith("transition")) picturePaint(picture, id);
  }
  reel.changed.clear();
  reel.moved.clear();
}

// ---------------------------------------------------------------------------------------------- choosing

function pictureClick(picture, event) {
  const at = event.target.closest("[data-thing]");
  if (!at || !picture.box.contains(at)) return;
  picture.host.select(at.dataset.thing);
  const button = at.matches("[role=button]") ? at : at.querySelector("[role=button]");
  if (button) pictureRove(picture, button, true);
}

function pictureSelect(picture) {
  for (const each of picture.box.querySelectorAll(".selected")) each.classList.remove("selected");
  const chosen = picture.box.querySelector(`[data-thing="${CSS.escape(picture.host.selected ?? "")}"]`);
  chosen?.classList.add("selected");
}

// One stop for Tab in the whole picture; arrows with Alt, or j and k, go on from there.
function pictureRove(picture, button, focus) {
  if (!button) return;
  picture.roving?.setAttribute("tabindex", "-1");
  picture.roving = button;
  button.setAttribute("tabindex", "0");
  if (focus) button.focus({ preventScroll: true });
}

function pictureNext(picture, step) {
  const all = [...picture.box.querySelectorAll("[role=button]")];
  const at = all.indexOf(picture.roving);
  pictureRove(picture, all[(at + step + all.length) % all.length], true);
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
