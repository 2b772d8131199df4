// Executions as discs with their number: where each stands, and its way from one place to the next.

const TOKEN_SIZE = 22;

function tokensPlace(picture, animate) {
  const { reel } = picture.host, places = new Map();
  for (const each of [...reel.executions].sort((a, b) => a - b)) {
    const place = reelPlace(reel, each), at = picture.nodes.get(place)?.place.tokens ? place : `stage-${place.split("-")[1]}`;
    places.set(at, [...places.get(at) ?? [], each]);
  }
  for (const each of [...picture.tokens.keys()]) if (!reel.executions.has(each)) tokenGone(picture, each, animate);
  for (const each of [...picture.more.keys()]) if (!places.has(each)) tokenMore(picture, each, null, 0);
  for (const [id, all] of places) tokensAt(picture, id, all, animate);
}

// Those who stand at one place; the last spot there counts the others where they are too many.
function tokensAt(picture, id, all, animate) {
  const spots = picture.nodes.get(id)?.place.tokens;
  if (!spots) return;
  const shown = all.length <= spots.length ? all : all.slice(0, spots.length - 1);
  all.forEach((each, i) => tokenAt(picture, each, id, shown[i] === undefined ? null : spots[i], animate));
  tokenMore(picture, id, spots.at(-1), all.length - shown.length);
}

function tokenAt(picture, number, place, spot, animate) {
  const token = picture.tokens.get(number) ?? tokenMade(picture, number);
  const from = token.spot, kind = place.startsWith("transition") ? "waiting" : "inside";
  const label = `Execution ${number}, ${kind === "waiting" ? "waiting in front of" : "in"} ${tokenNear(picture, place)}`;
  token.g.setAttribute("class", `token ${kind} token-hue-${(number - 1) % 7}${picture.host.selected === token.id ? " selected" : ""}`);
  token.g.setAttribute("aria-label", label);
  token.title.textContent = label;
  token.g.style.display = spot ? "" : "none";
  if (spot && (!from || from[0] !== spot[0] || from[1] !== spot[1])) {
    token.way?.cancel();
    token.g.style.transform = `translate(${spot[0]}px, ${spot[1]}px)`;
    if (animate && from && !reduced()) tokenMove(picture, token, from, spot, place);
  }
  token.spot = spot;
  token.place = place;
}

function tokenNear(picture, place) {
  const { film } = picture.host;
  return place.startsWith("transition") ? film.nameOf(`stage-${place.split("-")[1]}`) : film.nameOf(place);
}

function tokenMade(picture, number) {
  const id = `execution-${number}`, text = String(number), wide = Math.max(TOKEN_SIZE, text.length * 8 + 8);
  const title = svg("title");
  const g = svg("g", { "data-thing": id, role: "button", tabindex: -1 }, title,
    svg("rect", { x: -wide / 2, y: -TOKEN_SIZE / 2, width: wide, height: TOKEN_SIZE, rx: TOKEN_SIZE / 2 }),
    svg("text", { y: 4 }, text));
  picture.layer.append(g);
  const token = { id, g, title, spot: null, place: "" };
  picture.tokens.set(number, token);
  return token;
}

function tokenGone(picture, number, animate) {
  const { g } = picture.tokens.get(number);
  picture.tokens.delete(number);
  if (!animate || reduced()) return void g.remove();
  g.removeAttribute("role");
  g.setAttribute("aria-hidden", "true");
  g.animate({ opacity: [1, 0] }, { duration: 260, fill: "forwards" }).finished.then(() => g.remove(), () => g.remove());
}

function tokenMore(picture, id, spot, count) {
  picture.more.get(id)?.remove();
  picture.more.delete(id);
  if (!count) return;
  const g = svg("g", { class: "token more" }, svg("title", {}, `${count} more executions`),
    svg("rect", { x: -15, y: -11, width: 30, height: 22, rx: 11 }), svg("text", { y: 4 }, `+${count}`));
  g.style.transform = `translate(${spot[0]}px, ${spot[1]}px)`;
  picture.more.set(id, g);
  picture.layer.append(g);
}

// Along the edge: out of the old place, the way of the transition, into the new place.
function tokenMove(picture, token, from, to, place) {
  const points = [from, ...tokenWay(picture, token.place, place), to];
  token.way = token.g.animate({ transform: points.map(([x, y]) => `translate(${x}px, ${y}px)`), offset: tokenOffsets(points) },
    { duration: picture.host.hurry ? 180 : 420, easing: "ease-in-out" });
}

function tokenOffsets(points) {
  const lengths = points.map(([x, y], i) => (i ? Math.hypot(x - points[i - 1][0], y - points[i - 1][1]) : 0));
  const total = lengths.reduce((sum, each) => sum + each, 0) || 1;
  let sum = 0;
  return lengths.map((each, i) => (i === lengths.length - 1 ? 1 : Math.min(1, (sum += each) / total)));
}

function tokenWay(picture, from, to) {
  const [a, b] = [from, to].map(id => Number(id.split("-")[1]));
  const path = picture.nodes.get(`transition-${b}`)?.place.path ?? [];
  if (from === `transition-${b}`) return path.slice(-1);
  if (a !== b - 1) return [];
  return to.startsWith("transition") ? path.slice(0, 1) : path;
}
