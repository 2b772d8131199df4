// What every part of the console is made with: elements, signs, and the list of panes.
// All files of this folder are one ES module, put together in the order of their names; only the last one exports.

const PANES = [];
const SVG = "http://www.w3.org/2000/svg";

// An element. Properties are attributes; `onclick` and its like are listeners; null and false leave one out.
function h(tag, props, ...children) { return fill(document.createElement(tag), { type: tag === "button" && tag, ...props }, children); }

function svg(tag, props, ...children) { return fill(document.createElementNS(SVG, tag), props, children); }

function fill(element, props, children = []) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter(child => child != null && child !== false));
  return element;
}

// Signs are drawn, for glyphs like ⏸ are boxes on machines without the right font. They come from signs.json.
const SIGNS = {};

function icon(name) {
  return `<svg class="pls-icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${SIGNS[name] ?? ""}</svg>`;
}

// A button with a sign; its name is heard, and shown as a tip together with its key.
function signButton(sign, name, key, onclick) {
  const made = h("button", { "aria-label": name, title: key ? `${name} (${key})` : name, onclick });
  made.innerHTML = icon(sign);
  return made;
}

// When what has been done is on the screen: what asks for places then costs no layout of its own.
function afterPaint(fn) { requestAnimationFrame(() => setTimeout(fn)); }

// How much larger letters are than usual: what is drawn grows with them.
function zoomOf(box) { return parseFloat(getComputedStyle(box).fontSize) / 14; }

function reduced() { return matchMedia("(prefers-reduced-motion: reduce)").matches; }

// Who wants to know of what: on(name, fn) gives back the way to stop listening.
function listeners() {
  const all = new Map();
  return {
    on(name, fn) {
      if (!all.has(name)) all.set(name, new Set());
      all.get(name).add(fn);
      return () => all.get(name).delete(fn);
    },
    tell(name, value) { for (const fn of [...all.get(name) ?? []]) fn(value); },
  };
}
