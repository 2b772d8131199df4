// One console in one cell: the host that all parts share, and what the widget's model has to do with it.

let consoles = 0;

function hostOf(model, film, root) {
  const { on, tell } = listeners();
  const host = { model, film, root, led: false, on, tell, live: model.get("live") !== false, selected: model.get("selected") || null,
    followed: 0, reel: reelOf(film), time: 0, played: 0, playing: false, stops: stopsOf(), uid: `pls${++consoles}` };
  root.innerHTML = film.pictures.skeleton;
  host.find = selector => root.querySelector(selector);
  host.said = host.find(".pls-said");
  Object.defineProperties(host, { k: { get: () => host.reel.k }, last: { get: () => host.film.last },
    next: { get: () => host.filming } }); // the film that is under way
  host.say = sentence => { if (host.said.textContent !== sentence) host.said.textContent = sentence; };
  host.select = thing => {
    if (thing === host.selected) return;
    host.selected = thing;
    pictureSelect(host.picture);
    tell("select", thing);
    host.echo();
  };
  host.follow = number => {
    if (number === host.followed) return;
    host.followed = number;
    for (const id of host.picture.nodes.keys()) picturePaint(host.picture, id);
    tell("follow", number);
    tell("cursor", host.k);
  };
  host.seek = (k, animate) => {
    const to = Math.max(0, Math.min(k, host.last));
    host.move(to, host.film.times[to - 1] ?? 0, animate);
  };
  hostCursor(host);
  hostAsk(host);
  return host;
}

// The cursor moves: the picture is painted, then everybody hears of it; while playing, panes hear ten times a second.
function hostCursor(host) {
  let told = 0, timer = 0;
  host.move = (k, time, animate) => {
    const moved = k !== host.k;
    host.time = Math.min(time, host.film.end);
    host.hurry = host.playing;
    reelSeek(host.reel, k);
    if (moved || host.picture.stale) pictureUpdate(host.picture, animate);
    host.showTime();
    laneCursor(host.lanes);
    if (host.playing && performance.now() - told < 100) return;
    told = performance.now();
    if (animate && k) pictureReveal(host.picture, host.film.elements[host.film.where[k - 1]]);
    host.say(k ? host.film.sentence(k - 1) : "Before the beginning.");
    host.tell("cursor", k);
    if (!host.playing) host.echo();
  };
  // The kernel hears of a position when a gesture has ended, not at each move.
  host.echo = () => { if (!host.led) { clearTimeout(timer); timer = setTimeout(hostEcho, 150, host); } };
  // What the kernel has said is not said back to it.
  host.lead = fn => { host.led = true; fn(); host.led = false; };
  host.on("playing", on => {
    host.said.setAttribute("aria-live", on ? "off" : "polite");
    const button = host.find(".pls-play");
    button.innerHTML = icon(on ? "pause" : "play");
    button.ariaLabel = on ? "Pause" : "Play";
    if (!on) { host.say(host.k ? host.film.sentence(host.k - 1) : ""); host.tell("cursor", host.k); }
  });
}

function hostEcho(host) {
  const { model } = host;
  if (host.acting || host.ahead) return host.echo(); // told meanwhile, it would undo where the call leads to
  if (!filmIs(host.film, model)) return; // it is about another film
  const now = { position: host.k, time: Math.floor(host.time), selected: host.selected ?? "", playing: host.playing,
    speed: host.speed, presenting: host.root.classList.contains("presenting") };
  host.lead(() => { for (const [name, value] of Object.entries(now)) if (model.get(name) !== value) model.set(name, value); });
  model.save_changes();
}

// One round trip to Python. What is not answered for a while is said to be so (a kernel may be busy, or gone), until it is.
const LATE = "The kernel has not answered yet: it is busy, or it was restarted (then run the cell again).";
function hostAsk(host) {
  const asked = new Map();
  let number = 0;
  host.ask = (door, body = {}) => new Promise((done, failed) => {
    if (!host.live) return failed(new Error("This is a saved page: there is no kernel that could answer."));
    const id = `${host.uid}-${++number}`;
    const late = setTimeout(() => host.say(LATE), 4000);
    asked.set(id, { done, failed, late });
    host.tell("busy", true);
    host.model.send({ id, door, body: { k: host.k, ...body } });
  });
  host.hear = message => {
    const waiting = asked.get(message.id);
    if (!waiting) return;
    asked.delete(message.id);
    clearTimeout(waiting.late);
    if (host.said.textContent === LATE) host.say(host.k ? host.film.sentence(host.k - 1) : "");
    host.tell("busy", asked.size > 0);
    if (message.error) waiting.failed(new Error(message.error)); else waiting.done(message.answer);
  };
}

function tabsOf(host) {
  const bar = host.find(".pls-tabs"), body = host.find(".pls-pane"), open = new Map();
  body.id = `${host.uid}-pane`;
  let shown = null;
  const show = (pane, focus) => {
    shown = pane.id;
    for (const tab of bar.children) {
      const chosen = tab.dataset.pane === pane.id;
      fill(tab, { "aria-selected": chosen ? "true" : "false", tabindex: chosen ? 0 : -1 });
      if (chosen) { body.setAttribute("aria-labelledby", tab.id); if (focus) tab.focus(); }
    }
    if (!open.has(pane.id)) { const root = h("div"); open.set(pane.id, { root, pane: pane.open(host, root) }); }
    body.replaceChildren(open.get(pane.id).root);
    open.get(pane.id).pane.update();
  };
  for (const pane of PANES) bar.append(h("button", { role: "tab", id: `${host.uid}-tab-${pane.id}`, "data-pane": pane.id,
    "aria-controls": body.id, onclick: () => show(pane) }, pane.label));
  bar.addEventListener("keydown", event => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) show(PANES[(PANES.findIndex(pane => pane.id === shown) + step + PANES.length) % PANES.length], true);
  });
  for (const name of ["cursor", "select", "film"]) host.on(name, () => open.get(shown)?.pane.update());
  host.showPane = id => show(PANES.find(pane => pane.id === id));
  if (PANES.length) show(PANES[host.live ? 0 : 1]); // what a saved page cannot do does not stand first
}

// Several pipelines of one simulation: which one is shown. Who is followed, and what is to be said of this run.
function headOf(host) {
  const choice = host.find(".pls-pipeline"), [says, who] = host.find(".pls-follow").children, note = host.find(".pls-note");
  who.onchange = () => host.follow(Number(who.value));
  choice.onchange = () => host.ask("pipeline", { name: choice.value }).catch(fault => host.say(fault.message));
  const show = () => {
    const { pipelines, pipeline } = host.film;
    choice.replaceChildren(...pipelines.map(name => h("option", { value: name, selected: name === pipeline }, name)));
    choice.hidden = pipelines.length < 2 || !host.live;
    note.textContent = host.model.get("note") ?? "";
    note.hidden = !note.textContent;
  };
  const followed = () => {
    const { film } = host, parallel = film.cut.mode === "PARALLEL";
    if (who.film !== film) whoFill(host, who);
    who.value = host.followed;
    who.parentNode.hidden = !parallel && !host.followed;
    says.textContent = parallel ? "In PARALLEL mode AWS's console shows each execution by itself. Here you see" : "You see";
  };
  show();
  host.on("film", show);
  host.on("cursor", followed);
}

// Who can be looked at: all, or one execution alone.
function whoFill({ film }, select) {
  select.film = film;
  select.replaceChildren(h("option", { value: 0 }, "All executions"),
    ...Object.entries(film.executions).map(([number, [, , told]]) => h("option", { value: number }, `Execution ${number}${told && `: ${told}`}`)));
}

function themeOf(host) {
  const system = matchMedia("(prefers-color-scheme: dark)"), lab = document.body.dataset, { classList } = host.root;
  const apply = () => {
    const dark = lab.jpThemeLight ? lab.jpThemeLight === "false" : system.matches;
    classList.toggle("theme-dark", dark);
    classList.toggle("theme-light", !dark);
  };
  apply();
  const watch = new MutationObserver(apply);
  watch.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  system.addEventListener("change", apply);
  return () => { watch.disconnect(); system.removeEventListener("change", apply); };
}

// What the kernel changes: another film, a position, playing.
function modelOf(host) {
  const { model } = host;
  const place = (k, animate) => host.move(k, filmAt(host.film, model.get("time")) === k ? model.get("time") : host.film.times[k - 1] ?? 0, animate);
  const take = film => {
    const to = host.ahead?.();
    if (film.pictures !== host.film.pictures) host.lanes.open = null;
    host.film = film;
    host.reel = reelOf(film);
    if (!(host.followed in film.executions)) host.followed = 0;
    host.picture.stale = true; // another run, most often on the same drawing
    host.tell("film", film);
    if (to >= 0) place(Math.min(to, host.last), true); else host.lead(() => place(Math.min(model.get("position"), host.last)));
  };
  const film = async () => {
    const opened = await filmOpen(model, host.film);
    if (opened.source !== model.get("film")) return host.filming; // a newer one is on its way
    take(opened);
    host.arriving = false;
  };
  const all = {
    position() { if (!host.ahead && model.get("position") !== host.k && filmIs(host.film, model)) place(model.get("position"), true); },
    playing() { timePlay(host, model.get("playing")); },
    selected() { host.select(model.get("selected") || null); },
    presenting() { if (model.get("presenting") !== host.root.classList.contains("presenting")) host.toggle("presenting"); },
    film() { host.arriving = true; host.filming = film(); },
    later() { if (host.film.source === model.get("film") && !host.arriving) take(filmLater(host.film, model)); },
  };
  const heard = Object.entries(all).map(([name, fn]) => [`change:${name}`, () => { if (!host.led) host.lead(fn); }]);
  heard.push(["msg:custom", host.hear]);
  for (const [name, fn] of heard) model.on(name, fn);
  host.lead(() => place(Math.min(model.get("position"), host.last), false));
  if (host.film.source !== model.get("film")) all.film();
  return () => { for (const [name, fn] of heard) model.off(name, fn); };
}

async function render({ model, el }) {
  const root = h("section", { class: "pls", "data-lm-suppress-shortcuts": "true", "aria-label": `Console of ${model.get("pipeline_name") || "a simulation"}` });
  el.append(root);
  const host = hostOf(model, await filmOpen(model), root);
  host.picture = pictureOf(host, host.find(".pls-picture"));
  host.lanes = lanesOf(host);
  headOf(host);
  barOf(host);
  tabsOf(host);
  root.addEventListener("keydown", event => keyPressed(host, event));
  if (model.get("presenting")) host.toggle("presenting");
  const themed = themeOf(host), unheard = modelOf(host);
  if (model.get("playing")) timePlay(host, true);
  root.host = host;
  return () => { host.playing = false; themed(); unheard(); host.picture.watch.disconnect(); host.lanes.watch.disconnect(); };
}

export default { render };
