// What every part of the console is made with: elements, signs, and the list of panes.
// All files of this folder are one ES module, put together in the order of their names; only the last one exports.

const PANES = [];
const SVG = "http://www.w3.org/2000/svg";

// An element. Properties are attributes; `onclick` and its like are listeners; null and false leave one out.
function h(tag, props, ...children) { return fill(document.createElement(tag), props, children); }

function svg(tag, props, ...children) { return fill(document.createElementNS(SVG, tag), props, children); }

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter(child => child != null && child !== false));
  return element;
}

// Signs are drawn, for glyphs like ⏸ are boxes on machines without the right font.
const SIGNS = {
  play: "<path class='solid' d='M4 2.5v11l9-5.5z'/>",
  pause: "<path class='solid' d='M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z'/>",
  forward: "<path class='solid' d='M3 3v10l7-5z'/><path d='M12 3v10'/>",
  back: "<path class='solid' d='M13 3v10L6 8z'/><path d='M4 3v10'/>",
  first: "<path class='solid' d='M14 3v10L8.5 8zM8.5 3v10L3 8z'/><path d='M2 3v10'/>",
  last: "<path class='solid' d='M2 3v10l5.5-5zM7.5 3v10l5.5-5z'/><path d='M14 3v10'/>",
  previous: "<path d='M10 3L5 8l5 5'/>",
  next: "<path d='M6 3l5 5-5 5'/>",
  run: "<path class='solid' d='M2 3v10l5-5zM7 3v10l5-5z'/><path d='M12.5 3.500h2v9h-2z'/>",
  stop: "<path d='M5.3 1.800h5.400l3.5 3.500v5.400l-3.5 3.500H5.300l-3.5-3.500V5.300z'/><path d='M8 4.500v4M8 10.800v.7'/>",
  help: "<circle cx='8' cy='8' r='6.3'/><path d='M6 6.200a2 2 0 1 1 2.6 2c-.5.2-.6.5-.6 1M8 11.300v.5'/>",
  screen: "<path d='M1.8 2.800h12.400v8.400H1.800zM8 11.200v3M5 14.200h6'/>",
  flows: "<path d='M2 4h5c3 0 0 8 4 8h3M11.5 9.500L14 12l-2.5 2.5'/>",
  plus: "<path d='M8 3v10M3 8h10'/>",
  minus: "<path d='M3 8h10'/>",
  fit: "<path d='M2 5V2h3M11 2h3v3M14 11v3h-3M5 14H2v-3'/>",
  close: "<path d='M4 4l8 8M12 4l-8 8'/>",
  keys: "<path d='M1.5 4h13v8h-13zM4 6.500h.5M7 6.500h.5M10 6.500h.5M5 9.500h6'/>",
  lanes: "<path d='M2 4h6M5 8h8M3 12h5'/>",
  copy: "<path d='M5.5 5.500h8v8h-8zM10.5 5.500v-3h-8v8h3'/>",
};

function icon(name) {
  return `<svg class="pls-icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${SIGNS[name] ?? ""}</svg>`;
}

// A button with a sign; its name is heard, and shown as a tip together with its key.
function signButton(sign, name, key, onclick, props) {
  const tip = key ? `${name} (${key})` : name;
  const made = h("button", { type: "button", "aria-label": name, title: tip, "aria-keyshortcuts": ariaKey(key), onclick, ...props });
  made.innerHTML = icon(sign);
  return made;
}

function ariaKey(key) {
  const known = { "←": "ArrowLeft", "→": "ArrowRight", "⇧←": "Shift+ArrowLeft", "⇧→": "Shift+ArrowRight" };
  return key ? known[key] ?? key : null;
}

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
