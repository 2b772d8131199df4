// Time in the hand: where the cursor goes, playing, and what stops it.

const UNITS = [["d", 86400], ["h", 3600], ["m", 60], ["s", 1]];

// A moment on the simulation's calendar, and the time since the clock's start.
function clockOf(film, time) {
  const zone = Number(`${film.zone[0]}1`) * (Number(film.zone.slice(1, 3)) * 60 + Number(film.zone.slice(3, 5)));
  const at = new Date((film.start + Math.floor(time) + zone * 60) * 1000);
  const day = () => `${"Sun Mon Tue Wed Thu Fri Sat".split(" ")[at.getUTCDay()]} ${at.getUTCDate()} ${
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ")[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
  return { get day() { return day(); }, hour: at.toISOString().slice(11, 19), today: at.getTime() / 1000 % 86400 };
}

function since(time) {
  const days = Math.floor(time / 86400), two = value => String(Math.floor(value)).padStart(2, "0");
  return `${days ? `${days}d ` : ""}${Math.floor(time / 3600) % 24}:${two(time / 60 % 60)}:${two(time % 60)}`;
}

// A length of time, exact to its two largest units: `3m 20s`, `1d 2h`.
function lasting(seconds) {
  const parts = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(seconds / size);
    seconds -= count * size;
    if (count) parts.push(`${count}${unit}`);
  }
  return parts.slice(0, 2).join(" ") || "0s";
}

// What somebody writes for a time: `37m`, `1h 30m`, `+10m` from here, `10:30` (the next one). NaN where it is none.
function timeRead(host, text) {
  const clock = text.trim().match(/^(\d{1,2}):(\d\d)(?::(\d\d))?$/);
  if (clock) {
    const wanted = clock[1] * 3600 + clock[2] * 60 + Number(clock[3] ?? 0), now = clockOf(host.film, host.time).today;
    return Math.floor(host.time) + (wanted - now + 86400) % 86400;
  }
  const parts = text.trim().match(/^(\+?)((?:\d+(?:\.\d+)?\s*[dhms]?\s*)+)$/);
  if (!parts) return NaN;
  const sizes = Object.fromEntries(UNITS);
  return [...parts[2].matchAll(/(\d+(?:\.\d+)?)\s*([dhms]?)/g)]
    .reduce((sum, [, count, unit]) => sum + count * (sizes[unit] ?? 1), parts[1] ? Math.floor(host.time) : 0);
}

// ---------------------------------------------------------------------------------------------- the cursor's way

// What somebody does while another film comes in is about that one.
function settled(host, fn) { return host.arriving ? host.filming.then(fn, fn) : fn(); }

function timeTo(host, time, animate) {
  const to = Math.max(0, Math.min(time, host.film.end));
  host.move(filmAt(host.film, to), to, animate);
}

// The cursor after the next (or before the last) record of a kind; after the last record of a moment.
function timeJump(host, kind, step) {
  const { times, kinds, last } = host.film;
  const fits = kind === "moment" ? i => i === last - 1 || times[i] !== times[i + 1] : i => kinds[i] & KIND[kind];
  let i = step > 0 ? host.k : host.k - 2;
  while (i >= 0 && i < last && !fits(i)) i += step;
  if (i >= 0 && i < last) return host.seek(i + 1, true);
  if (kind === "moment") return timeStep(host, step);
  const name = host.find(`.pls-kind [value=${kind}]`).textContent;
  host.say(`There is no ${step > 0 ? "further" : "earlier"} ${name}.`);
}

function timeStep(host, step) {
  if (step > 0 && host.k === host.last && timeGoesOn(host)) return timeMore(host, { step: true });
  host.seek(host.k + step, true);
}

// At the end of a run in which more can still happen, Python lets it go on.
function timeGoesOn(host) { return host.film.live && host.live; }

// The film that comes is shown where the cursor is; by a step, where it was left, one further.
function timeMore(host, body, then) {
  const from = host.k, ahead = host.ahead = () => host.k + (body.step && host.k === from ? 1 : 0);
  return host.ask("more", body).then(() => host.next).finally(() => { if (host.ahead === ahead) host.ahead = null; })
    .then(then, fault => host.say(fault.message));
}

async function timeRunTo(host, text) {
  const time = timeRead(host, text);
  if (Number.isNaN(time)) return host.say("Write a time as 37m, 1h 30m, +10m or 10:30.");
  if (time > host.film.end && timeGoesOn(host)) await timeMore(host, { until: Math.ceil(time) });
  const stop = timeStop(host, host.k, filmAt(host.film, time));
  if (stop) timeStopped(host, stop); else timeTo(host, time, true);
}

// ---------------------------------------------------------------------------------------------- stops

function stopsOf() { return { failure: false, decision: false, wait: false, status: "", things: new Set() }; }

// The first record from `from` up to `to` at which to stop: [its cursor, why]; null where there is none.
function timeStop(host, from, to) {
  const { film, stops } = host;
  const mask = (stops.failure && KIND.failure) | (stops.decision && KIND.decision) | (stops.wait && KIND.wait);
  const places = new Set([...stops.things].map(id => film.element.get(id)));
  const wanted = stops.status ? film.texts.indexOf(stops.status) + 1 : 0;
  for (let i = from; i < to; i++) {
    if (film.kinds[i] & mask) return [i + 1, "stops here"];
    if (places.has(film.where[i])) return [i + 1, `breakpoint at ${film.nameOf(film.elements[film.where[i]])}`];
    if (wanted && timeShows(film, i, wanted)) return [i + 1, `status ${stops.status}`];
  }
  return null;
}

function timeShows(film, i, value) {
  for (let at = film.first[i]; at < film.first[i + 1]; at++)
    if (film.patches.what[at] === STATUS && film.patches.value[at] === value) return true;
  return false;
}

function timeStopped(host, [k, why]) {
  timePlay(host, false);
  host.seek(k, true);
  host.say(`${host.film.sentence(k - 1)} (${why})`);
}

// To the next stop, or to the end, in one leap.
function timeRun(host) {
  const stop = timeStop(host, host.k, host.last);
  if (stop) return timeStopped(host, stop);
  if (timeGoesOn(host)) return timeMore(host, {}, () => timeStop(host, host.k, host.last) ? timeRun(host) : timeTo(host, host.film.end, true));
  timeTo(host, host.film.end, true);
}

function timeBreak(host) {
  const { stops, selected } = host;
  if (!selected || selected.startsWith("execution")) return host.say("Choose a stage, a transition or an action first.");
  if (!stops.things.delete(selected)) stops.things.add(selected);
  host.say(`Breakpoint at ${host.film.nameOf(selected)} ${stops.things.has(selected) ? "set" : "removed"}.`);
  host.tell("stops");
}

// ---------------------------------------------------------------------------------------------- playing

const QUIET = 1.5; // seconds of ours: the longest that nothing is seen to happen

function timePlay(host, on) {
  if (on === host.playing) return;
  if (on && host.k === host.last && host.time >= host.film.end) {
    if (timeGoesOn(host)) return timeMore(host, {}, () => timePlay(host, true));
    host.seek(0);
  }
  host.playing = on;
  host.tell("playing", on);
  host.echo();
  if (on) requestAnimationFrame(now => timeFrame(host, now, now));
}

function timeFrame(host, before, now) {
  if (!host.playing) return;
  if (!host.root.isConnected) return void (host.playing = false);
  const { film } = host, real = Math.min(0.1, (now - before) / 1000);
  const next = film.times[host.k] ?? film.end;
  const pace = Math.max(host.speed, (next - host.played) / QUIET);
  host.played = next > host.played ? host.played : host.time;
  const time = Math.min(film.end, host.time + real * pace), to = filmAt(film, time);
  const stop = to > host.k ? timeStop(host, host.k, to) : null;
  if (stop) return timeStopped(host, stop);
  if (to > host.k) host.played = film.times[to - 1];
  host.move(to, time, to - host.k < 12);
  if (time >= film.end) return timePlay(host, false);
  requestAnimationFrame(later => timeFrame(host, now, later));
}

// Simulated seconds in one of ours, about as on a log scale; so fast that the whole film lasts half a minute.
const PACES = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400];

function timeSpeed(film) { return PACES.findLast(pace => pace * 25 <= film.end) ?? 1; }
