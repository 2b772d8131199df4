// One console in one cell: the host that all parts share, and what the widget's model has to do with it.

function hostOf(model, film, root, live) {
  const { on, tell } = listeners();
  const host = { model, film, root, live, on, tell, icon, selected: model.get("selected") || null, followed: 0, reel: reelOf(film) };
  Object.defineProperties(host, {
    k: { get: () => host.reel.k }, last: { get: () => host.film.last }, busy: { get: () => asked.size > 0 } });
  const asked = new Map();
  let number = 0;
  host.ask = (door, body = {}) => new Promise((done, failed) => {
    if (!host.live) return failed(new Error("This is a saved page: there is no kernel that could answer."));
    asked.set(++number, { done, failed });
    tell("busy", true);
    model.send({ id: number, door, body: { k: host.k, ...body } });
  });
  host.hear = message => {
    const waiting = asked.get(message.id);
    if (!waiting) return;
    asked.delete(message.id);
    tell("busy", asked.size > 0);
    if (message.error) waiting.failed(new Error(message.error)); else waiting.done(message.answer);
  };
  host.say = sentence => { host.said.textContent = sentence; };
  host.select = thing => {
    if (thing === host.selected) return;
    host.selected = thing;
    pictureSelect(host.picture);
    tell("select", thing);
    host.echo();
  };
  host.seek = (k, animate) => {
    reelSeek(host.reel, Math.max(0, Math.min(k, host.last)));
    pictureUpdate(host.picture, animate);
    tell("cursor", host.k);
    host.echo();
  };
  let timer = 0;
  host.echo = () => { clearTimeout(timer); timer = setTimeout(hostEcho, 150, host); };
  return host;
}

// The kernel hears of a position when a gesture has ended, not at each move.
function hostEcho(host) {
  const { model } = host, time = host.time ?? host.film.times[host.k - 1] ?? 0;
  host.echoing = true;
  model.set("position", host.k);
  model.set("time", Math.floor(time));
  model.set("selected", host.selected ?? "");
  model.save_changes();
  host.echoing = false;
}

function tabsOf(host) {
  const bar = h("div", { class: "pls-tabs", role: "tablist", "aria-label": "Panes" }), body = h("div", { class: "pls-pane", role: "tabpanel" });
  const open = new Map();
  let shown = null;
  const show = pane => {
    shown = pane.id;
    for (const tab of bar.children) tab.setAttribute("aria-selected", tab.dataset.pane === pane.id);
    if (!open.has(pane.id)) { const root = h("div"); open.set(pane.id, { root, pane: pane.open(host, root) }); }
    body.replaceChildren(open.get(pane.id).root);
    open.get(pane.id).pane.update();
  };
  for (const pane of PANES) bar.append(h("button", { type: "button", role: "tab", "data-pane": pane.id, "aria-selected": false, onclick: () => show(pane) }, pane.label));
  const update = () => open.get(shown)?.pane.update();
  for (const name of ["cursor", "select", "film"]) host.on(name, update);
  if (PANES.length) show(PANES[0]);
  return h("div", { class: "pls-panes" }, bar, body);
}

async function render({ model, el }) {
  const root = h("div", { class: "pls", "data-lm-suppress-shortcuts": "true" });
  el.append(root);
  const film = await filmOpen(model.get("film"));
  const host = hostOf(model, film, root, model.get("live") !== false);
  host.picture = pictureOf(host);
  host.said = h("p", { class: "pls-said", "aria-live": "polite" });
  const theme = () => {
    const dark = document.body.dataset.jpThemeLight ? document.body.dataset.jpThemeLight === "false" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.classList.toggle("dark", dark);
    host.picture.box.className = `pls-picture theme-${dark ? "dark" : "light"}`;
  };
  theme();
  const themes = new MutationObserver(theme);
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  const bar = h("div", { class: "pls-bar" },
    signButton("first", "First", "Home", () => host.seek(0)), signButton("back", "Step back", "←", () => host.seek(host.k - 1, true)),
    signButton("forward", "Step", "→", () => host.seek(host.k + 1, true)), signButton("last", "Last", "End", () => host.seek(host.last)));
  root.append(bar, host.said, host.picture.box, tabsOf(host));
  host.on("cursor", k => host.say(k ? film.sentence(k - 1) : "Before the beginning."));
  reelSeek(host.reel, model.get("position"));
  pictureUpdate(host.picture, false);
  host.tell("cursor", host.k);
  const heard = message => host.hear(message);
  const moved = () => { if (!host.echoing && model.get("position") !== host.k) host.seek(model.get("position"), true); };
  const filmed = async () => {
    host.film = await filmOpen(model.get("film"));
    host.reel = reelOf(host.film);
    reelSeek(host.reel, Math.min(model.get("position"), host.last));
    host.picture.drawn = null;
    pictureUpdate(host.picture, false);
    host.tell("film", host.film);
    host.tell("cursor", host.k);
  };
  model.on("msg:custom", heard);
  model.on("change:position", moved);
  model.on("change:film", filmed);
  return () => { themes.disconnect(); host.picture.watch.disconnect(); model.off("msg:custom", heard); model.off("change:position", moved); model.off("change:film", filmed); };
}

export default { render };
