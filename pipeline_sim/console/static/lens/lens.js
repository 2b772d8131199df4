// The mode lens: several films with one clock. A console's bar leads; each mode has a picture and a timeline of its own.

const LENS_STEPS = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

// What stands for a host in picture and timeline: time is the leader's, and so is whatever moves it.
function lensSide(lens, { film, pictures, ...facts }) {
  const { host } = lens, heard = listeners();
  const side = { ...facts, film: filmOf({ ...film, pictures, looks: pictures.looks }), followed: 0, selected: null, stops: stopsOf(), uid: `${host.uid}-${facts.mode}`,
    on: heard.on, tell: heard.tell, hurry: false, get time() { return host.time; }, get k() { return this.reel.k; } };
  side.film.end = host.film.end;
  side.reel = reelOf(side.film);
  side.select = thing => lensSelect(lens, side, thing);
  side.seek = k => timeTo(host, side.film.times[k - 1] ?? 0, true);
  side.move = (k, time, animate) => timeTo(host, time, animate);
  side.picture = pictureOf(side);
  fill(side.picture.box, { role: "group", "aria-label": `The pipeline in mode ${side.mode}` });
  side.told = h("dl", { class: "pll-told" });
  side.root = h("section", { class: "pll-side", "aria-label": side.mode }, h("h3", {}, side.mode), h("p", { class: "pll-rule" }, side.rule), side.told,
    h("details", { class: "pls-gantt", open: true }, h("summary", {}, "Timeline"), h("select", { class: "pls-by", hidden: true }, h("option", { value: "executions" })), h("div", { class: "pls-lanes" })),
    side.picture.box);
  side.find = selector => side.root.querySelector(selector);
  side.lanes = lanesOf(side);
  side.root.addEventListener("keydown", event => {
    if (!LENS_STEPS[event.key] || event.target.matches("select, input")) return;
    event.preventDefault();
    event.stopPropagation();
    roveNext(side, LENS_STEPS[event.key]);
  });
  return side;
}

function lensStep(lens, side, animate) {
  const { host } = lens, k = host.k ? filmAt(side.film, host.time) : 0, moved = k !== side.k;
  side.hurry = host.playing;
  reelSeek(side.reel, k);
  if (moved || side.picture.stale) pictureUpdate(side.picture, animate);
  laneCursor(side.lanes);
  lensTell(side, host.k ? host.time : -1);
}

// What has come of it by now: deployments with what they carry, who was superseded, how long was waited.
function lensTell(side, time) {
  const done = side.deployments.filter(([at]) => at <= time), gone = side.superseded.filter(([at]) => at <= time);
  const waited = side.waits.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to < 0 ? time : to, time) - from), 0);
  const key = [done.length, gone.length, Math.floor(waited)].join();
  if (key === side.key) return;
  side.key = key;
  const name = number => lensDisc(number, side.changes[number]);
  side.told.replaceChildren(
    h("div", {}, h("dt", {}, "Deployments"), h("dd", { "data-fact": "deployments" }, String(done.length))),
    h("div", {}, h("dt", {}, "Superseded"), h("dd", { "data-fact": "superseded" }, String(gone.length))),
    h("div", {}, h("dt", {}, "Waited"), h("dd", { "data-fact": "waited" }, waited ? lasting(waited) : "0s")),
    h("div", { class: "pll-wide" }, h("dt", {}, "Carried"), h("dd", { "data-fact": "carried" }, done.length ? done.map(([, number, status, names]) =>
      h("p", {}, name(number), status === "Succeeded" ? ` brings ${names.join(", ") || "nothing new"}` : " failed")) : "nothing yet")),
    h("div", { class: "pll-wide" }, h("dt", {}, "Who was superseded"), h("dd", { "data-fact": "gone" }, gone.length ? gone.map(([, number]) => name(number)) : "nobody")));
}

function lensDisc(number, change) {
  return h("span", { class: "pll-who" }, svg("svg", { class: `token token-hue-${(number - 1) % 7}`, width: 20, height: 20, viewBox: "-11 -11 22 22", "aria-hidden": "true" },
    svg("g", { class: `token token-hue-${(number - 1) % 7}` }, svg("rect", { x: -10, y: -10, width: 20, height: 20, rx: 10 }), svg("text", { y: 4 }, `${number}`))), change);
}

// ---------------------------------------------------------------------------------------------- following

function lensSelect(lens, side, thing) {
  const number = Number(thing?.match(/^execution-(\d+)/)?.[1] ?? 0);
  if (number) return lensFollow(lens, side.changes[number]);
  side.selected = thing;
  pictureSelect(side.picture);
}

// The same change in every mode, whatever the execution's number is there.
function lensFollow(lens, change) {
  const { host, sides } = lens;
  lens.change = change === lens.change ? "" : change;
  for (const side of sides) {
    const found = Object.keys(side.changes).find(number => side.changes[number] === lens.change);
    side.followed = lens.change ? Number(found ?? -1) : 0;
    side.selected = found ? `execution-${found}` : null;
    for (const id of side.picture.nodes.keys()) picturePaint(side.picture, id);
    pictureSelect(side.picture);
    side.tell("follow", side.followed);
  }
  for (const each of lens.pushes.querySelectorAll("button")) each.ariaPressed = each.dataset.change === lens.change;
  if (host.model.get("follow") !== lens.change) { host.model.set("follow", lens.change); host.model.save_changes(); }
}

function lensPushes(lens, pushes) {
  const numbers = lens.sides[0].changes, at = change => Object.keys(numbers).find(number => numbers[number] === change) ?? 1;
  return h("div", { class: "pls-bar pll-pushes", role: "group", "aria-label": "Pushes: follow one" }, h("b", {}, "Pushes"),
    pushes.map(([change, time]) => h("button", { "data-change": change, "aria-pressed": "false", onclick: () => lensFollow(lens, change) },
      lensDisc(Number(at(change)), change), h("small", {}, clockOf(lens.host.film, time).hour.slice(0, 5)))));
}

async function renderLens({ model, el }) {
  const root = h("section", { class: "pls pll", "data-lm-suppress-shortcuts": "true", "aria-label": "Three execution modes side by side" });
  el.append(root);
  const film = await filmOpen(model), { sides, missing, pushes } = await unpacked(model.get("modes"));
  const host = hostOf(model, film, root), lens = { host, change: "" };
  host.ask = () => Promise.resolve({ flows: [] });
  host.picture = pictureOf(host, host.find(".pls-picture")); // neither it nor its timeline is shown: the sides have theirs
  host.lanes = lanesOf(host);
  barOf(host);
  lens.sides = sides.map(each => lensSide(lens, each));
  lens.pushes = lensPushes(lens, pushes);
  host.follow = () => { if (lens.change) lensFollow(lens, ""); };
  const { move, toggle } = host;
  host.move = (k, time, animate) => { move(k, time, animate); for (const side of lens.sides) lensStep(lens, side, animate); };
  host.toggle = what => {
    toggle(what);
    for (const { picture, lanes } of lens.sides) { picture.flows = host.picture.flows; pictureFit(picture); laneDraw(lanes); }
  };
  host.said.before(lens.pushes);
  root.append(h("div", { class: "pll-sides" }, lens.sides.map(side => side.root),
    Object.entries(missing).map(([mode, why]) => h("section", { class: "pll-side" }, h("h3", {}, mode), h("p", {}, `AWS would refuse the pipeline in this mode. ${why}`)))));
  root.addEventListener("keydown", event => keyPressed(host, event));
  if (model.get("presenting")) host.toggle("presenting");
  const themed = themeOf(host), unheard = modelOf(host), followed = () => { if (model.get("follow") !== lens.change) lensFollow(lens, model.get("follow")); };
  followed();
  model.on("change:follow", followed);
  if (model.get("playing")) timePlay(host, true);
  root.host = host;
  root.lens = lens;
  return () => {
    host.playing = false;
    themed(); unheard(); model.off("change:follow", followed);
    for (const each of [host, ...lens.sides]) { each.picture.watch.disconnect(); each.lanes.watch.disconnect(); }
  };
}

export default { render: renderLens };
