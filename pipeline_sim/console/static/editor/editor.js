// The editor: the picture with its + buttons, forms, faults and the text. What a button or field means Python knows;
// here it is shown, and what was pressed or typed is sent back.

const WAYS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };
const PAUSE = 250; // ms after the last letter
let editors = 0;

function editorOf(model, root) {
  const find = selector => root.querySelector(selector);
  const ed = { model, root, find, uid: `ple${++editors}`, kind: "json", box: find(".pls-picture"), form: find("form"), area: find(".ple-text"),
    get view() { return model.get("view"); } };
  ed.send = message => { editorFlush(ed); model.send(message); };
  ed.active = () => root.getRootNode().activeElement;
  for (const each of root.querySelectorAll("button")) {
    each.type = "button";
    if (each.dataset.do) each.onclick = () => ed.send({ do: each.dataset.do });
    if (each.dataset.kind) each.onclick = () => { editorFlush(ed); ed.kind = each.dataset.kind; editorText(ed); };
  }
  find(".ple-big").onclick = event => { event.target.ariaPressed = root.classList.toggle("presenting"); editorFit(ed); };
  find(".ple-goto").onclick = () => editorGo(ed);
  ed.form.onsubmit = event => event.preventDefault();
  ed.area.oninput = () => { clearTimeout(ed.timer); ed.waits = true; ed.timer = setTimeout(editorFlush, PAUSE, ed); };
  ed.area.onblur = () => editorFlush(ed);
  ed.box.onclick = ({ target }) => { const at = target.closest("[role=button]"); if (at) { editorRove(ed, at, true); ed.send(JSON.parse(at.dataset.message)); } };
  root.onkeydown = event => editorKey(ed, event);
  return ed;
}

// ---------------------------------------------------------------------------------------------- the picture

function editorPicture(ed) {
  const { view, box } = ed, key = each => each?.dataset?.message;
  if (ed.drawn !== view.svg) {
    const had = box.contains(ed.active()) && key(ed.active()), before = key(box.querySelector("[tabindex='0']"));
    ed.drawn = view.svg;
    box.replaceChildren(document.importNode(new DOMParser().parseFromString(view.svg, "image/svg+xml").documentElement, true));
    const all = editorButtons(ed);
    editorRove(ed, all.find(each => key(each) === (had || before)) ?? all[0], Boolean(had));
    editorFit(ed);
  }
  for (const each of editorButtons(ed)) each.classList.toggle("selected", Boolean(view.selected) && each.dataset.thing === view.selected);
}

function editorButtons(ed) { return [...ed.box.querySelectorAll("[role=button]")]; }

function editorRove(ed, to, focus) {
  for (const each of editorButtons(ed)) each.setAttribute("tabindex", each === to ? 0 : -1);
  if (focus) to?.focus({ preventScroll: true });
}

// The picture is laid out in Python for the room there is; letters may be larger on a projector.
function editorFit(ed) {
  const { model, box } = ed, scale = zoomOf(box), width = Math.floor(box.clientWidth / scale / 20) * 20;
  if (box.firstChild) box.firstChild.style.cssText = `width:${box.firstChild.viewBox.baseVal.width * scale}px;height:auto`;
  if (width > 0 && width !== model.get("width")) { model.set("width", width); model.save_changes(); }
}

// The next one in the direction of an arrow: near, and rather straight ahead than aside.
function editorNear(ed, from, key) {
  const across = key.endsWith("t"), sign = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
  const middle = each => { const r = each.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; };
  const [x, y] = middle(from), far = each => {
    const [a, b] = middle(each), ahead = (across ? a - x : b - y) * sign;
    return ahead > 3 ? ahead + 2.5 * Math.abs(across ? b - y : a - x) : 1e9;
  };
  const [next] = editorButtons(ed).sort((one, other) => far(one) - far(other));
  return far(next) < 1e9 ? next : from;
}

function editorKey(ed, event) {
  event.stopPropagation(); // JupyterLab has meanings of its own for keys
  const { key, target, shiftKey } = event, place = target.dataset.thing;
  if ((event.ctrlKey || event.metaKey) && /^[zy]$/i.test(key) && !target.matches("input, textarea")) ed.send({ do: key === "y" || shiftKey ? "redo" : "undo" });
  else if (target.matches("input") && key === "Enter") target.blur();
  else if (key === "Escape" && !ed.box.contains(target)) editorRove(ed, editorButtons(ed).find(each => each.tabIndex === 0), true);
  else if (!target.matches("[role=button]")) return;
  else if (key === "Enter" && place && place === ed.view.selected) ed.form.elements[0].focus();
  else if (key === "Enter" || key === " ") target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  else if (key === "Delete" && place) ed.send({ do: "delete", place });
  else if (WAYS[key] && shiftKey && place) ed.send({ do: "move", place, way: WAYS[key] });
  else if (WAYS[key]) editorRove(ed, editorNear(ed, target, key), true);
  else return;
  event.preventDefault();
}

// ---------------------------------------------------------------------------------------------- form and faults

// The same fields stay where they are, with what is being typed in one of them; others are built anew.
function editorForm(ed) {
  const { form, view } = ed, { fields, title } = view.form, shape = JSON.stringify([view.selected, fields.map(each => [each.key, each.kind, each.group, each.options])]);
  ed.find("h3").textContent = title;
  ed.find(".ple-tools").replaceChildren(...view.tools.map(({ label, sign, message }) => {
    const press = () => ed.send(message);
    return sign ? signButton(sign, label, "", press) : h("button", { onclick: press }, label);
  }));
  const focused = form.contains(ed.active()) ? ed.active().name : "";
  if (shape !== ed.shape) form.replaceChildren(...editorGroups(ed, fields));
  ed.shape = shape;
  for (const each of fields) editorFill(ed, form.elements[each.key], each);
  const next = view.focus && form.elements[view.focus];
  if (next) { next.focus(); next.select?.(); }
  else if (view.focus) editorRove(ed, editorButtons(ed).find(each => each.dataset.thing === view.selected) ?? editorButtons(ed)[0], true);
  else if (focused && !form.contains(ed.active())) form.elements[focused]?.focus();
}

// Fields of one group stand in a frame below its name.
function editorGroups(ed, fields) {
  const groups = new Map();
  fields.forEach((each, number) => groups.set(each.group, [...groups.get(each.group) ?? [], editorField(ed, each, number)]));
  return [...groups].flatMap(([name, all]) => (name ? h("fieldset", {}, h("legend", {}, name), ...all) : all));
}

function editorField(ed, field, number) {
  if (field.kind === "press") return h("button", { name: field.key, onclick: () => ed.send({ do: "press", place: ed.view.selected, key: field.key }) });
  const id = `${ed.uid}-${number}`, tag = { choice: "select", lines: "textarea" }[field.kind] ?? "input";
  const input = h(tag, { id, name: field.key, "aria-describedby": `${id}-told`, required: field.required, autocomplete: "off", spellcheck: "false" });
  if (tag === "select") input.append(...editorOptions(field.options));
  input.give = () => { input.touched = false; input.kept = input.value; ed.send({ do: "set", place: ed.view.selected, key: field.key, value: input.value }); };
  input.oninput = () => { input.touched = true; };
  // a choice is given when no further letter or arrow comes: each of them is a change
  input.onchange = tag === "select" ? () => { clearTimeout(ed.choosing); ed.choosing = setTimeout(editorFlush, PAUSE, ed); } : input.give;
  if (tag === "select") input.onblur = () => { if (input.touched) input.give(); };
  return h("div", {}, h("label", { for: id }, field.label, field.required && h("span", { class: "ple-must", title: "required" }, " *")), input, h("small", { id: `${id}-told` }));
}

function editorOptions(options) {
  const groups = new Map();
  for (const [value, words, group] of options) groups.set(group, [...groups.get(group) ?? [], h("option", { value }, words || "—")]);
  return [...groups].flatMap(([label, all]) => (label ? h("optgroup", { label }, ...all) : all));
}

function editorFill(ed, input, { kind, label, value, faults, hint }) {
  if (kind === "press") return void (input.textContent = label);
  const told = input.parentNode.lastChild;
  if (value !== input.kept || input !== ed.active()) input.value = input.kept = value;
  fill(input, { "aria-invalid": String(faults.length > 0) });
  told.textContent = faults.join(" ") || hint;
  told.className = faults.length ? "ple-bad" : "";
}

function editorFaults(ed) {
  const { faults, changes, command } = ed.view, differs = ed.find(".ple-changes"), [, list, code] = differs.children;
  ed.find(".ple-faults").replaceChildren(...faults.map(row => h("li", { class: row.warning && "mild" },
    h("button", { onclick: () => ed.send({ do: "select", place: row.thing }) }, h("code", {}, row.path || "pipeline"), ` ${row.where}`),
    h("p", {}, row.warning && "Warning: ", row.message), row.fix && h("p", {}, h("b", {}, "Fix: "), row.fix))));
  differs.hidden = !changes.length;
  list.replaceChildren(...changes.map(each => h("li", {}, each)));
  code.textContent = command;
}

// ---------------------------------------------------------------------------------------------- the text

// What is typed and not sent yet goes before whatever else is done.
function editorFlush(ed) {
  for (const input of ed.form.elements) if (input.touched) input.give();
  clearTimeout(ed.timer);
  if (ed.waits) ed.model.send({ do: "text", kind: ed.kind, text: ed.area.value });
  ed.waits = false;
}

// What was typed is left as it is, also where it cannot be read; the other form follows as soon as it can.
function editorText(ed) {
  const { area, kind, find } = ed, { texts, broken, typed } = ed.view, mine = broken?.kind === kind;
  for (const tab of ed.root.querySelectorAll("[data-kind]")) tab.ariaPressed = tab.dataset.kind === kind;
  fill(area, { "aria-label": `Definition as ${kind.toUpperCase()}`, "aria-invalid": String(mine) });
  area.readOnly = Boolean(broken) && !mine;
  const typing = ed.waits || (typed === kind && area === ed.active() && ed.shown === kind);
  if (!typing && area.value !== texts[kind]) area.value = texts[kind];
  ed.shown = kind;
  find("[role=alert]").textContent = broken ? `${broken.kind.toUpperCase()}: ${broken.sentence}` : "";
  find(".ple-goto").hidden = !mine || !broken.line;
  find("[data-do=discard]").hidden = !broken;
}

function editorGo({ view, area }) {
  const { line, column } = view.broken, at = area.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1) + column - 1;
  area.focus();
  area.setSelectionRange(at, at + 1);
  area.scrollTop = Math.max(0, line - 4) * parseFloat(getComputedStyle(area).lineHeight);
}

// ---------------------------------------------------------------------------------------------- the whole

function editorShow(ed) {
  const { view, find } = ed, apply = find("[data-do=apply]"), said = find(".pls-said");
  for (const what of ["undo", "redo"]) fill(find(`[data-do=${what}]`), { title: view[what] }).disabled = !view[what];
  apply.hidden = !view.apply;
  apply.disabled = !view.changes.length;
  if (said.textContent !== view.said) said.textContent = view.said;
  editorPicture(ed);
  editorForm(ed);
  editorFaults(ed);
  editorText(ed);
}

function render({ model, el }) {
  const root = h("section", { class: "pls ple", "data-lm-suppress-shortcuts": "true", "aria-label": "Pipeline editor" }), system = matchMedia("(prefers-color-scheme: dark)");
  el.append(root);
  root.innerHTML = model.get("view").frame;
  Object.assign(SIGNS, model.get("view").signs);
  const ed = editorOf(model, root), show = () => editorShow(ed), sizes = new ResizeObserver(() => editorFit(ed));
  const theme = () => {
    const { jpThemeLight } = document.body.dataset, dark = jpThemeLight ? jpThemeLight === "false" : system.matches;
    root.classList.toggle("theme-dark", dark);
    root.classList.toggle("theme-light", !dark);
  };
  const themes = new MutationObserver(theme);
  theme();
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  system.addEventListener("change", theme);
  sizes.observe(ed.box);
  model.on("change:view", show);
  show();
  return () => { themes.disconnect(); sizes.disconnect(); system.removeEventListener("change", theme); model.off("change:view", show); };
}

export default { render };
