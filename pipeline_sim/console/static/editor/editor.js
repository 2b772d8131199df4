// The editor: the picture with its + buttons, forms, faults and the text. What a button or field means Python knows;
// here it is shown and sent back.

const WAY_OF = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };
const WAY_SIGNS = { left: "M10 3L5 8l5 5", right: "M6 3l5 5-5 5", up: "M3 10l5-5 5 5", down: "M3 6l5 5 5-5" };
const PAUSE = 250; // ms after the last letter
let editors = 0;

function button(label, message, ed, more = {}) {
  return h("button", { type: "button", onclick: () => ed.send(message), ...more }, label);
}

function editorOf(model, root) {
  const ed = { model, root, uid: `ple${++editors}`, kind: "json", get view() { return model.get("view"); } };
  ed.send = message => { editorFlush(ed); model.send(message); };
  ed.select = id => { model.set("selected", id); model.save_changes(); };
  ed.active = () => root.getRootNode().activeElement;
  ed.undo = button("Undo", { do: "undo" }, ed);
  ed.redo = button("Redo", { do: "redo" }, ed);
  ed.apply = button("Update the pipeline", { do: "apply" }, ed, { class: "pls-play" });
  ed.whole = h("button", { type: "button", onclick: () => ed.select("") }, "Pipeline settings");
  ed.big = h("button", { type: "button", "aria-pressed": "false", onclick: () => ed.big.setAttribute("aria-pressed", root.classList.toggle("presenting")) }, "Projector");
  ed.said = h("p", { class: "pls-said", role: "status" });
  ed.box = h("div", { class: "pls-picture", role: "group", "aria-label": "The pipeline" });
  ed.form = h("form", { class: "ple-form", onsubmit: event => event.preventDefault() });
  ed.list = h("ul", { class: "ple-faults", "aria-label": "Faults" });
  ed.title = h("h3");
  ed.tools = h("div", { class: "pls-bar", role: "group", "aria-label": "What to do with it" });
  ed.changes = h("ul");
  ed.differs = h("details", { class: "ple-changes" }, h("summary", {}, "What changes"), ed.changes, h("code", {}));
  editorText(ed);
  root.append(h("div", { class: "pls-bar" }, ed.undo, ed.redo, ed.whole, ed.big, ed.apply), ed.said,
    h("div", { class: "ple-main" }, h("div", {}, ed.box, h("p", { class: "ple-keys" }, "Arrows go round, Enter opens, Shift and an arrow move, Delete deletes, Ctrl+Z undoes."), ed.list, ed.differs),
      h("div", { class: "ple-side" }, h("section", { "aria-label": "Form" }, ed.title, ed.tools, ed.form), ed.text)));
  ed.box.addEventListener("click", event => editorClick(ed, event));
  root.addEventListener("keydown", event => editorKey(ed, event));
  return ed;
}

// ---------------------------------------------------------------------------------------------- the picture

function editorPicture(ed) {
  const { view, box } = ed;
  if (ed.drawn !== view.svg) {
    const had = box.contains(ed.active()) && (ed.active().dataset.thing ?? ed.active().dataset.plus);
    ed.drawn = view.svg;
    const drawing = document.importNode(new DOMParser().parseFromString(view.svg, "image/svg+xml").documentElement, true);
    drawing.setAttribute("role", "group");
    for (const g of drawing.querySelectorAll("g[id]")) editorThing(g);
    view.plus.forEach((plus, number) => drawing.append(editorPlus(plus, number)));
    box.replaceChildren(drawing);
    const again = had && [...box.querySelectorAll("[role=button]")].find(each => (each.dataset.thing ?? each.dataset.plus) === had);
    editorRove(ed, again || box.querySelector("[role=button]"), Boolean(again));
  }
  for (const each of box.querySelectorAll(".selected")) each.classList.remove("selected");
  editorThingOf(ed, view.selected)?.closest("g").classList.add("selected");
  editorMarks(ed);
}

// What can be chosen is a button: an action's card, a stage's head.
function editorThing(g) {
  const id = g.id;
  g.removeAttribute("id");
  if (!/^(stage|action)-/.test(id)) return;
  const stage = id.startsWith("stage");
  const at = stage ? g.insertBefore(svg("path", { class: "hit", d: g.querySelector("path.head").getAttribute("d") }), g.querySelector("path.head").nextSibling) : g;
  fill(at, { role: "button", tabindex: -1, "data-thing": id, "aria-label": g.querySelector("title").textContent });
}

function editorThingOf(ed, id) { return [...ed.box.querySelectorAll("[data-thing]")].find(each => each.dataset.thing === id); }

function editorPlus({ x, y, label, message }, number) {
  const g = svg("g", { class: "plus", role: "button", tabindex: -1, "aria-label": label, "data-plus": label, "data-number": number }, svg("title", {}, label),
    svg("circle", { cx: x, cy: y, r: 12, class: "hit" }), svg("circle", { cx: x, cy: y, r: 8 }), svg("path", { d: `M${x - 4} ${y}h8M${x} ${y - 4}v8` }));
  g.message = message;
  return g;
}

// A mark with the number of faults at every card that has some; the button's name tells them.
function editorMarks(ed) {
  for (const each of ed.box.querySelectorAll(".mark")) each.remove();
  for (const at of ed.box.querySelectorAll("[data-thing]")) {
    const g = at.closest("g"), own = ed.view.faults.filter(row => row.thing === at.dataset.thing);
    at.told ??= at.getAttribute("aria-label");
    at.setAttribute("aria-label", [at.told, ...own.map(row => row.message)].join(". "));
    g.classList.toggle("faulty", own.some(row => !row.warning));
    if (!own.length) continue;
    const card = g.querySelector(".card"), x = Number(card.getAttribute("x")) + 4, y = Number(card.getAttribute("y")) + 2;
    g.append(svg("g", { class: own.every(row => row.warning) ? "mark mild" : "mark" }, svg("title", {}, own.map(row => row.message).join("\n")),
      svg("circle", { cx: x, cy: y, r: 9 }), svg("text", { x, y: y + 4 }, `${own.length}`)));
  }
}

function editorRove(ed, to, focus) {
  for (const each of ed.box.querySelectorAll("[tabindex='0']")) each.setAttribute("tabindex", -1);
  to?.setAttribute("tabindex", 0);
  if (focus) to?.focus({ preventScroll: true });
}

function editorClick(ed, event) {
  const at = event.target.closest("[role=button]");
  if (!at) return;
  editorRove(ed, at, true);
  if (at.message) ed.send(at.message); else ed.select(at.dataset.thing);
}

// The next one in the direction of an arrow: near, and rather straight ahead than aside.
function editorNear(ed, from, key) {
  const across = key === "ArrowLeft" || key === "ArrowRight", sign = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
  const middle = each => { const r = each.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; };
  const [x, y] = middle(from), far = each => {
    const [a, b] = middle(each), ahead = (across ? a - x : b - y) * sign, aside = Math.abs(across ? b - y : a - x);
    return ahead > 3 ? ahead + 2.5 * aside : Infinity;
  };
  const all = [...ed.box.querySelectorAll("[role=button]")].sort((one, other) => far(one) - far(other));
  return far(all[0]) < Infinity ? all[0] : from;
}

function editorKey(ed, event) {
  event.stopPropagation(); // JupyterLab has meanings of its own for keys
  const { key, target } = event, own = target.matches("input, textarea, select");
  if ((event.ctrlKey || event.metaKey) && !own && /^[zy]$/i.test(key)) {
    event.preventDefault();
    return ed.send({ do: key.toLowerCase() === "y" || event.shiftKey ? "redo" : "undo" });
  }
  if (!target.matches("[role=button]")) return;
  const place = target.dataset.thing;
  if (key === "Enter" || key === " ") target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  else if (key === "Delete" && place) ed.send({ do: "delete", place });
  else if (WAY_OF[key] && event.shiftKey && place) ed.send({ do: "move", place, way: WAY_OF[key] });
  else if (WAY_OF[key]) editorRove(ed, editorNear(ed, target, key), true);
  else return;
  event.preventDefault();
}

// ---------------------------------------------------------------------------------------------- form and faults

// The same fields stay where they are, with what is being typed in one of them; others are built anew.
function editorForm(ed) {
  const { form, view } = ed, { fields } = view.form, shape = JSON.stringify([view.selected, fields.map(each => [each.key, each.kind, each.options])]);
  ed.title.textContent = view.form.title;
  ed.tools.replaceChildren(...view.tools.map(({ label, sign, message }) => {
    const made = button(sign ? "" : label, message, ed, sign ? { "aria-label": label, title: label } : {});
    if (sign) made.append(svg("svg", { class: "pls-icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: WAY_SIGNS[sign] })));
    return made;
  }));
  const focused = form.contains(ed.active()) ? ed.active().name : "";
  if (shape !== ed.shape) form.replaceChildren(...fields.map((each, number) => editorField(ed, each, number)));
  ed.shape = shape;
  fields.forEach((each, number) => {
    const input = form.elements[number], told = input.parentNode.lastChild, faults = each.faults.join(" ");
    if (each.value !== input.kept) input.value = input.kept = each.value;
    else if (input !== ed.active()) input.value = each.value;
    fill(input, { "aria-invalid": String(Boolean(faults)) });
    told.textContent = faults || each.hint;
    told.className = faults ? "ple-bad" : "";
  });
  const wanted = view.focus === "name" ? form.elements[0] : focused && shape && form.elements[focused];
  if (wanted && wanted !== ed.active()) { wanted.focus({ preventScroll: true }); if (view.focus === "name") wanted.select(); }
  if (view.focus === "card") { const at = editorThingOf(ed, view.selected); if (at) editorRove(ed, at, true); else ed.box.querySelector("[role=button]")?.focus(); }
}

function editorField(ed, field, number) {
  const id = `${ed.uid}-${number}`, tag = { choice: "select", lines: "textarea" }[field.kind] ?? "input";
  const input = h(tag, { id, name: field.key, "aria-describedby": `${id}-told`, required: field.required, autocomplete: "off", spellcheck: "false",
    type: tag === "input" ? "text" : null, inputmode: field.kind === "number" ? "numeric" : null });
  if (tag === "select") input.append(...editorOptions(field.options));
  input.onchange = () => { input.kept = input.value; ed.send({ do: "set", place: ed.view.selected, key: field.key, value: input.value }); };
  if (tag === "input") input.onkeydown = event => { if (event.key === "Enter") input.blur(); };
  return h("div", {}, h("label", { for: id }, field.label, field.required && h("span", { class: "ple-must", title: "required" }, " *")), input, h("small", { id: `${id}-told` }));
}

function editorOptions(options) {
  const groups = new Map();
  for (const [value, words, group] of options) groups.set(group, [...groups.get(group) ?? [], h("option", { value }, words || "—")]);
  return [...groups].flatMap(([group, all]) => (group ? h("optgroup", { label: group }, ...all) : all));
}

function editorFaults(ed) {
  const { faults, changes, command } = ed.view;
  ed.list.replaceChildren(...faults.length ? faults.map(row => h("li", { class: row.warning ? "mild" : null },
    button([h("code", {}, row.path || "pipeline"), row.where && ` ${row.where}`].filter(Boolean), null, ed, { onclick: () => ed.select(row.thing === "pipeline" ? "" : row.thing) }),
    h("p", {}, row.warning ? "Warning: " : "", row.message), row.fix && h("p", {}, h("b", {}, "Fix: "), row.fix))) : [h("li", { class: "none" }, "No faults: AWS would take this definition.")]);
  ed.differs.hidden = !changes.length;
  ed.differs.firstChild.textContent = `What changes, and what an update does (${changes.length})`;
  ed.changes.replaceChildren(...changes.map(each => h("li", {}, each)));
  ed.differs.lastChild.textContent = command;
}

// ---------------------------------------------------------------------------------------------- the text

function editorText(ed) {
  ed.area = h("textarea", { class: "ple-text", spellcheck: "false", rows: 18, oninput: () => { clearTimeout(ed.timer); ed.waits = true; ed.timer = setTimeout(editorFlush, PAUSE, ed); }, onblur: () => editorFlush(ed) });
  ed.tabs = ["json", "yaml"].map(kind => h("button", { type: "button", "data-kind": kind, onclick: () => { editorFlush(ed); ed.kind = kind; editorShowText(ed); } }, kind.toUpperCase()));
  ed.bad = h("p", { class: "ple-bad", role: "alert" });
  ed.goto = h("button", { type: "button", onclick: () => editorGo(ed) }, "Go there");
  ed.drop = button("Give this text up", { do: "discard" }, ed);
  ed.text = h("section", { "aria-label": "Definition" }, h("div", { class: "pls-bar" }, ...ed.tabs), ed.area, ed.bad, h("div", { class: "pls-bar" }, ed.goto, ed.drop));
}

function editorFlush(ed) {
  clearTimeout(ed.timer);
  if (!ed.waits) return;
  ed.waits = false;
  ed.model.send({ do: "text", kind: ed.kind, text: ed.area.value });
}

// What was typed is left as it is, also where it cannot be read; the other form follows as soon as it can.
function editorShowText(ed) {
  const { texts, broken, typed } = ed.view, mine = broken?.kind === ed.kind;
  for (const tab of ed.tabs) tab.setAttribute("aria-pressed", String(tab.dataset.kind === ed.kind));
  fill(ed.area, { "aria-label": `Definition as ${ed.kind.toUpperCase()}`, "aria-invalid": String(mine) });
  ed.area.readOnly = Boolean(broken) && !mine;
  const typing = typed === ed.kind && ed.area === ed.active() && ed.shown === ed.kind;
  if (!typing && !ed.waits && ed.area.value !== texts[ed.kind]) ed.area.value = texts[ed.kind];
  ed.shown = ed.kind;
  ed.bad.textContent = broken ? `${mine ? "" : `The ${broken.kind.toUpperCase()} cannot be read: `}${broken.sentence}` : "";
  ed.goto.hidden = !mine || !broken.line;
  ed.drop.hidden = !broken;
}

function editorGo(ed) {
  const { line, column } = ed.view.broken, lines = ed.area.value.split("\n");
  const at = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
  ed.area.focus();
  ed.area.setSelectionRange(at, at + 1);
  ed.area.scrollTop = Math.max(0, line - 4) * parseFloat(getComputedStyle(ed.area).lineHeight);
}

// ---------------------------------------------------------------------------------------------- the whole

function editorShow(ed) {
  const { view } = ed;
  Object.assign(SIGNS, view.signs);
  for (const [what, label] of [["undo", view.undo], ["redo", view.redo]]) {
    ed[what].disabled = !label;
    ed[what].title = label ? `${what === "undo" ? "Undo" : "Redo"}: ${label}` : "";
  }
  ed.apply.hidden = !view.apply;
  ed.apply.disabled = !view.changes.length;
  if (ed.said.textContent !== view.said) ed.said.textContent = view.said;
  editorPicture(ed);
  editorForm(ed);
  editorFaults(ed);
  editorShowText(ed);
}

function editorTheme(root) {
  const dark = document.body.dataset.jpThemeLight ? document.body.dataset.jpThemeLight === "false" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.classList.toggle("theme-dark", dark);
  root.classList.toggle("theme-light", !dark);
}

function render({ model, el }) {
  const root = h("section", { class: "pls ple", "data-lm-suppress-shortcuts": "true", "aria-label": "Pipeline editor" });
  el.append(root);
  editorTheme(root);
  const ed = editorOf(model, root), show = () => editorShow(ed);
  const themes = new MutationObserver(() => editorTheme(root));
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  const sizes = new ResizeObserver(() => {
    const width = Math.floor(ed.box.clientWidth / 20) * 20;
    if (width && width !== model.get("width")) { model.set("width", width); model.save_changes(); }
  });
  sizes.observe(ed.box);
  model.on("change:view", show);
  show();
  return () => { themes.disconnect(); sizes.disconnect(); model.off("change:view", show); };
}

export default { render };
