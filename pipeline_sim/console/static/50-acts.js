// What may be done with the chosen thing: every call in place, with the command that does the same.

const ACTS_PAUSE = 120; // ms that the cursor must rest before Python is asked

PANES.push({ id: "act", label: "Act", open: actsOpen });

function para(text) { return h("p", { class: "pls-where" }, text ?? ""); }

function failing(host) { return fault => host.say(fault.message); }

function hidden(text) { return h("span", { class: "pls-hidden" }, text); }

// Asks at once about another thing; where the cursor moved, or the run went on, when it rests. `show` gets what is new.
function askAtRest(host, question, show, fail) {
  let timer = 0, asked = {};
  const now = () => ({ thing: host.selected ?? "pipeline", k: host.k, follow: host.followed, film: host.film });
  const same = (a, b) => Object.keys(b).every(key => a[key] === b[key]);
  const ask = async () => {
    const body = now();
    if (same(asked, body)) return;
    asked = body;
    try {
      const { film, ...rest } = body, answer = await question(rest);
      if (asked === body) show(answer);
    } catch (fault) { if (asked === body) fail(fault.message); }
  };
  return again => {
    if (again) asked = {};
    clearTimeout(timer);
    timer = setTimeout(ask, same(asked, { ...now(), k: asked.k, film: asked.film }) ? ACTS_PAUSE : 0);
  };
}

function actsOpen(host, root) {
  const done = h("div", { class: "pls-done", role: "status", tabindex: -1 }), box = h("div");
  const panel = { host, done, box, open: new Map(), seen: host.k };
  root.append(done, box);
  panel.update = askAtRest(host, body => host.ask("offers", body), found => actsShow(panel, found), message => actsNone(panel, message));
  host.on("cursor", k => { panel.seen = Math.max(panel.seen, k); });
  host.on("film", () => { panel.seen = 0; });
  return { update: () => (host.live ? panel.update() : actsNone(panel, "A saved page can be looked at; calls need a console in a notebook.")) };
}

function actsNone(panel, message) { panel.box.replaceChildren(para(message)); }

function actsShow(panel, found) {
  const focus = panel.box.contains(document.activeElement) ? document.activeElement.dataset.key ?? "" : null;
  const legal = found.offers.filter(each => !each.refused), refused = found.offers.filter(each => each.refused);
  const number = Number(found.thing.match(/^execution-(.*)/)?.[1] ?? 0);
  panel.box.replaceChildren(
    h("h3", { class: "pls-title" }, found.title),
    h("p", {}, found.why, " ", h("button", { class: "pls-link", onclick: () => panel.host.showPane("why") }, "Why?"),
      number > 0 && [" ", h("button", { class: "pls-link", onclick: () => panel.host.follow(number) }, "Follow it alone")]),
    h("p", { class: "pls-luck" }, found.luck),
    para(`${found.where} Seed ${found.seed}.`),
    h("ul", { class: "pls-offers", "aria-label": `What may be done with ${found.title}` }, legal.map(each => actsOffer(panel, found, each))),
    refused.length ? actsRefused(refused) : "");
  if (focus !== null) (panel.box.querySelector(`[data-key="${CSS.escape(focus)}"]`) ?? panel.done).focus({ preventScroll: true });
}

function actsRefused(refused) {
  return h("details", { class: "pls-refused" }, h("summary", {}, `Not possible now (${refused.length})`),
    h("dl", {}, refused.flatMap(each => [h("dt", {}, each.label), h("dd", {}, actsAgainst(each.refused))])));
}

function actsAgainst({ error, message }) { return [error && h("code", {}, error), error ? `: ${message}` : message]; }

// One offer: a button that does it as the form stands, and the form with the command beside it.
function actsOffer(panel, found, offer) {
  const { host, open } = panel, key = `${found.thing} ${offer.id}`, inputs = new Map(), note = h("div", { class: "pls-command" });
  const values = () => Object.fromEntries([...inputs].map(([name, input]) => [name, input.value]));
  const tell = row => { go.disabled = Boolean(row.refused); note.replaceChildren(...actsCommand(host, row)); };
  const go = h("button", { class: "pls-do", "data-key": key, onclick: () => actsDo(panel, found, offer, values()) }, offer.label);
  let timer = 0;
  const changed = () => {
    open.set(key, values());
    clearTimeout(timer);
    timer = setTimeout(() => host.ask("offer", { thing: found.thing, offer: offer.id, values: values() }).then(tell, failing(host)), ACTS_PAUSE);
  };
  const form = h("form", { class: "pls-form", hidden: !open.has(key), oninput: changed, onsubmit: event => { event.preventDefault(); go.click(); } },
    offer.fields.map(each => actsField(each, inputs, open.get(key))), note);
  const more = h("button", { class: "pls-open", "data-key": `${key} more`, "aria-expanded": String(!form.hidden), onclick: () => {
    form.hidden = !form.hidden;
    more.setAttribute("aria-expanded", !form.hidden);
    if (form.hidden) open.delete(key); else open.set(key, {});
  } }, offer.fields.length ? "Details" : "Command", hidden(` of: ${offer.label}`));
  tell(offer);
  if (Object.keys(open.get(key) ?? {}).length) changed();
  return h("li", { "data-offer": offer.id }, h("div", { class: "pls-row" }, go, more), form);
}

// A choice of one is none, and is not shown.
function actsField({ name, label, kind, value, choices, hint }, inputs, typed) {
  const input = kind === "choice" ? h("select", { name }, choices.map(([each, text]) => h("option", { value: each }, text)))
    : kind === "lines" ? h("textarea", { name, rows: 2 }) : h("input", { name, type: kind, autocomplete: "off" });
  input.value = typed?.[name] ?? value;
  if (kind === "choice" && !input.value) input.value = value;
  inputs.set(name, input);
  return h("label", { hidden: kind === "choice" && choices.length < 2 }, h("span", {}, label), input, hint && h("small", {}, hint));
}

function actsCommand(host, row) {
  return [row.refused && h("p", { class: "pls-against" }, actsAgainst(row.refused)), row.note && h("p", {}, row.note),
    row.command && copyLine(host, row.command, "the command"), row.python && copyLine(host, row.python, "the Python line")].filter(Boolean);
}

// A line to copy. Where the page may not write to the clipboard, the text is chosen, and a key does the rest.
function copyLine(host, text, what) {
  const code = h("code", { tabindex: 0 }, text);
  const copied = async () => {
    try { await navigator.clipboard.writeText(text); host.say(`Copied ${what}.`); } catch {
      getSelection().selectAllChildren(code);
      host.say(document.execCommand("copy") ? `Copied ${what}.` : `${what} is chosen: press Ctrl+C.`);
    }
  };
  return h("div", { class: "pls-line" }, code, signButton("copy", `Copy ${what}`, "", copied));
}

async function actsDo(panel, found, offer, values) {
  const { host } = panel;
  if (host.acting) return;
  host.acting = true;
  await settled(host, () => null);
  try {
    const answer = await host.ask("act", { thing: found.thing, offer: offer.id, values, seen: panel.seen });
    panel.open.delete(`${found.thing} ${offer.id}`);
    panel.done.replaceChildren(h("p", {}, answer.said), ...actsCommand(host, answer));
  } catch (fault) {
    panel.done.replaceChildren(h("p", { class: "pls-against" }, fault.message));
  }
  host.acting = false;
  panel.update(true);
}
