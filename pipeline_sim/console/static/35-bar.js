// The bar: what its buttons, fields and keys do. How it is built stands in console.html.

// What each key does; a button names the key that does the same.
const KEYS = {
  " ": host => timePlay(host, !host.playing),
  ArrowRight: host => timeStep(host, 1), ArrowLeft: host => timeStep(host, -1),
  "Shift+ArrowRight": host => timeJump(host, "moment", 1), "Shift+ArrowLeft": host => timeJump(host, "moment", -1),
  Home: host => host.seek(0), End: host => timeTo(host, host.film.end),
  s: host => timeJump(host, "stage", 1), S: host => timeJump(host, "stage", -1),
  f: host => timeJump(host, "failure", 1), F: host => timeJump(host, "failure", -1),
  d: host => timeJump(host, "decision", 1), D: host => timeJump(host, "decision", -1),
  r: timeRun, b: timeBreak, t: host => host.find(".pls-until").focus(),
  "+": host => host.pace(1), "=": host => host.pace(1), "-": host => host.pace(-1),
  ArrowDown: host => roveNext(host, 1), j: host => roveNext(host, 1),
  ArrowUp: host => roveNext(host, -1), k: host => roveNext(host, -1),
  c: host => host.follow(host.followed ? 0 : Number(host.selected?.match(/^execution-(\d+)/)?.[1] ?? 0)),
  a: host => host.toggle("flows"), p: host => host.toggle("presenting"), l: host => laneNext(host),
  "?": host => host.find(".pls-sheet").showModal(),
  Escape: host => { host.find(".pls-stops").open = false; host.select(null); host.follow(0); },
};

function barOf(host) {
  const { find, root } = host;
  for (const button of root.querySelectorAll("button")) {
    const { key, sign, jump, zoom } = button.dataset;
    button.type = "button";
    if (sign) fill(button, { title: button.ariaLabel + (key ? ` (${key === " " ? "Space" : key.replace("Arrow", "")})` : "") }).innerHTML = icon(sign);
    button.onclick = () => (key ? settled(host, () => KEYS[key](host)) : jump ? settled(host, () => timeJump(host, find(".pls-kind").value, Number(jump)))
      : zoom ? laneZoom(host.lanes, Number(zoom)) : find(".pls-sheet").close());
  }
  const until = find(".pls-until");
  until.onkeydown = event => { if (event.key === "Enter") timeRunTo(host, until.value); };
  find(".pls-sheet").onkeydown = event => event.stopPropagation();
  host.toggle = what => {
    if (what === "flows") barFlows(host); else root.classList.toggle("presenting");
    find("[data-key=a]").ariaPressed = host.picture.flows;
    find("[data-key=p]").ariaPressed = root.classList.contains("presenting");
    pictureFit(host.picture);
    host.echo();
  };
  barSpeed(host);
  barStops(host);
  barTimeline(host);
  barClock(host);
}

function barClock(host) {
  const [hour, day, past] = host.root.querySelectorAll(".pls-clock b, .pls-clock span"), range = host.find(".pls-range");
  host.showTime = () => {
    const at = clockOf(host.film, host.time);
    range.value = host.time;
    if (hour.textContent === at.hour && day.textContent === at.day) return;
    hour.textContent = at.hour;
    day.textContent = at.day;
    past.textContent = `+${since(host.time)}`;
    range.ariaValueText = `${at.hour}, ${since(host.time)} since the start`;
  };
}

function barSpeed(host) {
  const slider = host.find(".pls-speed input");
  slider.max = PACES.length - 1;
  const show = () => { slider.nextSibling.textContent = slider.ariaValueText = `${lasting(host.speed)} a second`; };
  slider.oninput = () => host.pace(0);
  host.pace = step => {
    slider.value = Number(slider.value) + step;
    host.speed = PACES[slider.value];
    show();
    host.echo();
  };
  host.speed = host.model.get("speed") || timeSpeed(host.film);
  slider.value = PACES.findLastIndex(pace => pace <= host.speed);
  show();
}

function barStops(host) {
  const { stops, find } = host, box = find(".pls-stops");
  find("[data-stop=status]").append(...Object.keys(host.film.looks).filter(each => each !== "approval").map(each => h("option", {}, each)));
  box.onchange = ({ target }) => {
    stops[target.dataset.stop] = target.type === "checkbox" ? target.checked : target.value;
    host.tell("stops");
  };
  host.on("stops", () => {
    const count = stops.things.size + stops.failure + stops.decision + stops.wait + Boolean(stops.status);
    box.firstChild.textContent = count ? `Stops: ${count}` : "Stops";
    box.querySelector("ul").replaceChildren(...[...stops.things].map(id => h("li", {}, host.film.nameOf(id), signButton("close",
      `Remove the breakpoint at ${host.film.nameOf(id)}`, "", () => { stops.things.delete(id); host.tell("stops"); }))));
    pictureStops(host.picture);
  });
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
  const range = host.find(".pls-range");
  range.oninput = () => { timePlay(host, false); settled(host, () => timeTo(host, Number(range.value))); };
  const draw = () => {
    const { kinds, times, end } = host.film;
    range.max = end || 1;
    for (const what of ["failure", "decision"]) {
      const d = kinds.map((kind, i) => (kind & KIND[what] ? `M${(times[i] / (end || 1) * 1000).toFixed(1)} 0v8` : "")).join("");
      host.find(`.pls-marks .${what}`).setAttribute("d", d);
    }
  };
  draw();
  host.on("film", draw);
}

// ---------------------------------------------------------------------------------------------- keys

// The next thing in the picture, or in the timeline where the focus is there.
function roveNext(host, step) {
  const { picture, lanes, root } = host, inLanes = lanes.box.contains(root.getRootNode().activeElement);
  const all = [...(inLanes ? lanes : picture).box.querySelectorAll("[role=button]")];
  const at = all.findIndex(each => each.tabIndex === 0);
  rove(all, all[(at + step + all.length) % all.length]);
}

function rove(all, button, focus = true) {
  for (const each of all) if (each.tabIndex === 0) each.setAttribute("tabindex", -1);
  button?.setAttribute("tabindex", 0);
  if (focus) button?.focus({ preventScroll: true });
}

// JupyterLab has meanings of its own for keys: none of those pressed here reach it.
function keyPressed(host, event) {
  event.stopPropagation();
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (target.matches("textarea, select, input:not([type=range], [type=checkbox])")) return void (key === "Escape" && host.picture.box.focus());
  if (key === "Enter" || key === " ") {
    if (target.matches("button, summary, [type=checkbox]")) return;
    if (target.matches("[role=button]")) {
      event.preventDefault();
      return void target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    }
  }
  const pressed = event.shiftKey && key.length > 1 ? `Shift+${key}` : key;
  if (!KEYS[pressed] || (target.matches("[role=tab]") && pressed.startsWith("Arrow"))) return;
  event.preventDefault();
  settled(host, () => KEYS[pressed](host));
}
