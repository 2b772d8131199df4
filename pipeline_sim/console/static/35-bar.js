// The bar: clock, buttons, timeline, stops, and the keys for all of them.

const KEYS = [
  [" ", "Space", "Play or pause", host => timePlay(host, !host.playing)],
  ["ArrowRight", "→", "Step", host => timeStep(host, 1)],
  ["ArrowLeft", "←", "Step back", host => timeStep(host, -1)],
  ["Shift+ArrowRight", "⇧→", "Next moment", host => timeJump(host, "moment", 1)],
  ["Shift+ArrowLeft", "⇧←", "Previous moment", host => timeJump(host, "moment", -1)],
  ["Home", "Home", "First", host => host.seek(0)],
  ["End", "End", "Last", host => timeTo(host, host.film.end)],
  ["s", "s", "Next stage change", host => timeJump(host, "stage", 1)],
  ["S", "⇧S", "Previous stage change", host => timeJump(host, "stage", -1)],
  ["f", "f", "Next failure", host => timeJump(host, "failure", 1)],
  ["F", "⇧F", "Previous failure", host => timeJump(host, "failure", -1)],
  ["d", "d", "Next decision that waits", host => timeJump(host, "decision", 1)],
  ["D", "⇧D", "Previous decision that waits", host => timeJump(host, "decision", -1)],
  ["r", "r", "Run to the next stop, or to the end", timeRun],
  ["b", "b", "Breakpoint at what is chosen", timeBreak],
  ["t", "t", "Run to a time", host => host.root.querySelector(".pls-until").focus()],
  ["+", "+", "Faster", host => host.pace(1)],
  ["-", "−", "Slower", host => host.pace(-1)],
  ["ArrowDown", "↓ or j", "Next thing in the picture", host => pictureNext(host.picture, 1)],
  ["ArrowUp", "↑ or k", "Previous thing in the picture", host => pictureNext(host.picture, -1)],
  ["j", "", "", host => pictureNext(host.picture, 1)],
  ["k", "", "", host => pictureNext(host.picture, -1)],
  ["a", "a", "Artifacts on the edges", host => host.toggle("flows")],
  ["l", "l", "Timeline lanes: executions, stages, actions", host => laneNext(host)],
  ["p", "p", "Projector: large, and only what a class needs", host => host.toggle("presenting")],
  ["?", "?", "This sheet", host => host.sheet.showModal()],
  ["Escape", "Esc", "Choose nothing, follow nobody", host => { host.select(null); host.follow(0); }],
];

function barOf(host) {
  host.playButton = signButton("play", "Play", "Space", () => timePlay(host, !host.playing), { class: "pls-play" });
  const kind = h("select", { "aria-label": "What to jump to", class: "pls-kind" },
    Object.entries(JUMPS).map(([value, text]) => h("option", { value }, text)));
  const moves = h("div", { class: "pls-group", role: "group", "aria-label": "Time" },
    signButton("first", "First", "Home", () => host.seek(0)), signButton("back", "Step back", "←", () => timeStep(host, -1)),
    host.playButton, signButton("forward", "Step", "→", () => timeStep(host, 1)), signButton("last", "Last", "End", () => timeTo(host, host.film.end)));
  const jumps = h("div", { class: "pls-group pls-more", role: "group", "aria-label": "Jump" },
    signButton("previous", "Previous", "", () => timeJump(host, kind.value, -1)), kind,
    signButton("next", "Next", "", () => timeJump(host, kind.value, 1)));
  return h("div", { class: "pls-bar" }, moves, jumps, barSpeed(host), barView(host), barClock(host));
}

function barClock(host) {
  const hour = h("b"), day = h("span"), past = h("span", { title: "Since the clock's start" });
  host.showTime = () => {
    const at = clockOf(host.film, host.time);
    if (hour.textContent === at.hour) return;
    hour.textContent = at.hour;
    if (day.textContent !== at.day) day.textContent = at.day;
    past.textContent = `+${since(host.time)}`;
  };
  return h("div", { class: "pls-clock", role: "timer", "aria-label": "Simulated time", "aria-live": "off" }, hour, h("small", {}, day, " ", past));
}

function barSpeed(host) {
  const slider = h("input", { type: "range", min: 0, max: PACES.length - 1, "aria-label": "Speed", oninput: () => host.pace(0) });
  const told = h("output");
  const show = () => {
    const said = `${lasting(host.speed)} a second`;
    told.textContent = said;
    slider.setAttribute("aria-valuetext", said);
  };
  host.pace = step => {
    slider.value = Number(slider.value) + step;
    host.speed = PACES[slider.value];
    show();
    host.echo();
  };
  host.speed = host.model.get("speed") || timeSpeed(host.film);
  slider.value = PACES.findLastIndex(pace => pace <= host.speed);
  show();
  return h("label", { class: "pls-speed pls-more" }, slider, told);
}

function barStops(host) {
  const check = (name, text) => h("label", {}, h("input", { type: "checkbox",
    onchange: event => { host.stops[name] = event.target.checked; host.tell("stops"); } }), ` ${text}`);
  const status = h("select", { "aria-label": "Stop at a status", onchange: event => { host.stops.status = event.target.value; host.tell("stops"); } },
    h("option", { value: "" }, "any status"), Object.keys(host.film.looks).filter(each => each !== "approval").map(each => h("option", {}, each)));
  const places = h("ul"), summary = h("summary", {}, "Stops");
  const until = h("input", { class: "pls-until", type: "text", placeholder: "37m, 10:30", "aria-label": "Run to a time",
    onkeydown: event => { if (event.key === "Enter") timeRunTo(host, until.value); } });
  host.on("stops", () => {
    const { stops } = host, count = stops.things.size + stops.failure + stops.decision + stops.wait + (stops.status ? 1 : 0);
    summary.textContent = count ? `Stops: ${count}` : "Stops";
    places.replaceChildren(...[...stops.things].map(id => h("li", {}, host.film.nameOf(id), signButton("close", `Remove the breakpoint at ${host.film.nameOf(id)}`, "",
      () => { stops.things.delete(id); host.tell("stops"); }))));
    pictureStops(host.picture);
  });
  const details = h("details", { class: "pls-stops pls-more" }, summary, h("div", {}, check("failure", "something fails"), check("decision", "a decision waits"),
    check("wait", "an execution waits"), h("label", {}, "a status: ", status), places,
    h("button", { type: "button", onclick: () => timeBreak(host) }, "Breakpoint at what is chosen (b)")));
  return h("div", { class: "pls-group pls-more" }, signButton("run", "Run to the next stop, or to the end", "r", () => timeRun(host)), details, until);
}

function barView(host) {
  const flows = signButton("flows", "Artifacts on the edges", "a", () => host.toggle("flows"), { "aria-pressed": "false", class: "pls-more" });
  const screen = signButton("screen", "Projector", "p", () => host.toggle("presenting"), { "aria-pressed": "false" });
  host.toggle = what => {
    if (what === "flows") barFlows(host); else host.root.classList.toggle("presenting");
    flows.setAttribute("aria-pressed", host.picture.flows);
    screen.setAttribute("aria-pressed", host.root.classList.contains("presenting"));
    pictureFit(host.picture);
    host.echo();
  };
  return h("div", { class: "pls-group" }, flows, screen, signButton("keys", "Keys", "?", () => host.sheet.showModal()));
}

// Artifacts of a large pipeline are drawn when somebody asks.
function barFlows(host) {
  const { picture, film } = host;
  picture.flows = !picture.flows;
  if (!picture.flows || film.cut.flows.length) return;
  host.ask("flows").then(({ flows }) => { film.cut.flows = flows; pictureFit(picture); }, fault => host.say(fault.message));
}

// The timeline: drag it, or click; marks where something failed or a decision waited.
function barTimeline(host) {
  const range = h("input", { type: "range", min: 0, step: 1, "aria-label": "Simulated time", class: "pls-range",
    oninput: () => { timePlay(host, false); timeTo(host, Number(range.value)); } });
  const marks = svg("svg", { class: "pls-marks", preserveAspectRatio: "none", viewBox: "0 0 1000 8", "aria-hidden": "true" });
  const draw = () => {
    const { film } = host, end = film.end || 1, paths = { failure: "", decision: "" };
    range.max = end;
    film.kinds.forEach((kind, i) => {
      const what = kind & KIND.failure ? "failure" : kind & KIND.decision ? "decision" : null;
      if (what) paths[what] += `M${(film.times[i] / end * 1000).toFixed(1)} 0v8`;
    });
    marks.replaceChildren(...Object.entries(paths).map(([what, d]) => svg("path", { class: what, d })));
  };
  draw();
  host.on("film", draw);
  host.showRange = () => {
    range.value = host.time;
    range.setAttribute("aria-valuetext", `${clockOf(host.film, host.time).hour}, ${since(host.time)} since the start`);
  };
  return h("div", { class: "pls-timeline" }, h("div", { class: "pls-track" }, range, marks), barStops(host));
}

// ---------------------------------------------------------------------------------------------- keys

function sheetOf(host) {
  const rows = KEYS.filter(([, key]) => key).map(([, key, text]) => h("tr", {}, h("th", { scope: "row" }, h("kbd", {}, key)), h("td", {}, text)));
  const sheet = h("dialog", { class: "pls-sheet", "aria-label": "Keys" }, h("h2", {}, "Keys"), h("table", {}, rows),
    h("p", {}, "Enter chooses what has the focus in the picture or in the timeline."),
    h("button", { type: "button", onclick: () => sheet.close() }, "Close"));
  sheet.addEventListener("keydown", event => event.stopPropagation());
  return sheet;
}

// JupyterLab has meanings of its own for keys: none of those pressed here reach it.
function keyPressed(host, event) {
  event.stopPropagation();
  const { target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (target.matches("textarea, select, input:not([type=range], [type=checkbox])")) return void (event.key === "Escape" && host.picture.box.focus());
  const chosen = target.closest("[data-thing][role=button], .hit[role=button]");
  if (chosen && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    return void chosen.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  }
  if (target.matches("button, summary, [type=checkbox]") && [" ", "Enter"].includes(event.key)) return;
  const pressed = event.shiftKey && event.key.length > 1 ? `Shift+${event.key}` : event.key;
  const found = KEYS.find(([key]) => key === pressed) ?? (pressed === "=" ? KEYS.find(([key]) => key === "+") : null);
  if (!found || (target.matches("[role=tab]") && pressed.startsWith("Arrow"))) return;
  event.preventDefault();
  found[3](host);
}
