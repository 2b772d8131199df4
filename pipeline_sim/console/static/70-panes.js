// The other panes: the event log, variables, artifacts, delivery metrics, the runs that were kept, quick help.

PANES.push({ id: "log", label: "Log", open: logOpen },
  tablePane("variables", "Variables", "execution", "variable", "value", "made by"),
  tablePane("artifacts", "Artifacts", "execution", "artifact", "made by", "read by", "object"),
  tablePane("metrics", "Metrics", "measure", "value"),
  { id: "runs", label: "Runs", open: runsOpen },
  tablePane("help", "Help", "what", "how"));

const LOG_PAGE = 60;

function logOpen(host, root) {
  const show = most => logShow(log, most ?? LOG_PAGE), log = { host, list: h("ol", { class: "pls-log", "aria-label": "Event log, the newest first" }),
    text: h("input", { type: "search", "aria-label": "Filter the log by words", placeholder: "Filter by words", oninput: () => show() }),
    who: h("select", { "aria-label": "Filter the log by execution", onchange: () => { host.follow(Number(log.who.value)); show(); } }),
    more: h("button", { class: "pls-link", onclick: () => show(log.most + 10 * LOG_PAGE) }, "Show earlier"), told: para() };
  root.append(h("div", { class: "pls-row" }, log.text, log.who, log.told), log.list, log.more);
  return { update: () => { cancelAnimationFrame(log.frame); log.frame = requestAnimationFrame(() => show()); } };
}

function logShow(log, most) {
  const { host, list } = log, { film } = host;
  if (log.who.film !== film) whoFill(host, log.who);
  log.who.value = host.followed;
  const words = log.text.value.toLowerCase().split(/\s+/).filter(Boolean), number = Number(log.who.value), found = [];
  for (let i = host.k - 1; i >= 0; i--) {
    if (number && film.who[i] !== number) continue;
    const line = film.sentence(i).toLowerCase();
    if (words.every(word => line.includes(word))) found.push(i);
  }
  log.most = most;
  list.replaceChildren(...found.slice(0, most).map(i => logRow(host, i)));
  log.more.hidden = found.length <= most;
  log.told.textContent = `${found.length} of ${host.k}`;
}

function logRow(host, i) {
  const { film } = host, bad = film.kinds[i] & (KIND.failure | KIND.refused);
  return h("li", { class: bad ? "bad" : null, "data-record": i }, h("button", { "aria-current": i === host.k - 1 ? "step" : null, onclick: () => host.seek(i + 1) },
    h("time", {}, since(film.times[i])), h("span", {}, film.sentence(i))));
}

function tablePane(id, label, ...heads) {
  return { id, label, open: (host, root) => {
    const show = ({ rows, cut }) => {
      const ours = host.followed && heads[0] === "execution" ? rows.filter(([execution]) => execution === host.followed) : rows;
      root.replaceChildren(whyTable(label, heads, ours) ?? para(`No ${label.toLowerCase()} at this moment.`), ...cut.map(para));
    };
    const question = ({ k }) => (host.live ? host.ask("pane", { name: id, k }) : tableOffline(host, id, k));
    return { update: askAtRest(host, question, show, message => root.replaceChildren(para(message))) };
  } };
}

async function tableOffline(host, name, k) {
  const facts = await factsOf(host);
  return { rows: factAt(facts, facts.panes[name], k) ?? [], cut: facts.cut };
}

function runsOpen(host, root) {
  const runs = { host, list: h("ul", { class: "pls-runs" }), other: null };
  root.append(runs.list);
  const load = () => (host.live ? host.ask("fork_list").then(found => runsShow(runs, found.runs), failing(host)) : runs.list.replaceChildren(h("li", {}, "A saved page holds one run.")));
  host.on("cursor", () => runsStep(runs));
  host.on("film", () => { runsClose(runs); load(); });
  load();
  return { update() {} };
}

function runsShow(runs, found) {
  const { host } = runs, button = (label, name, onclick) => h("button", { onclick }, label, hidden(` ${name}`));
  runs.list.replaceChildren(...found.map(each => h("li", { "data-run": each.index, "aria-current": each.shown ? "true" : null },
    `${each.name}: ${each.records} records, until ${each.until}${each.shown ? " (shown)" : ""}`,
    !each.shown && [button("Show", each.name, () => host.ask("show_fork", { index: each.index }).catch(failing(host))),
      button("Compare", `with ${each.name}`, () => runsBeside(runs, each).catch(failing(host)))])),
  found.length < 2 ? h("li", {}, "Act in the past, and the run shown before stays here.") : "");
}

async function runsBeside(runs, run) {
  const { host } = runs, found = await host.ask("fork_film", { index: run.index });
  runsClose(runs);
  const get = name => (found[name] ? bytesOf(found[name]) : name === "pictures" ? host.model.get(name) : null);
  const film = await filmOpen({ get }, found.pictures ? null : host.film);
  const other = { film, reel: reelOf(film), followed: 0, selected: null, select() {}, stops: stopsOf(), common: found.common, get k() { return this.reel.k; }, told: para() };
  other.picture = pictureOf(other);
  fill(other.picture.box, { tabindex: 0 }, []);
  other.pair = h("div", { class: "pls-pair" });
  runs.other = other;
  host.picture.box.replaceWith(other.pair);
  other.pair.append(host.picture.box, h("section", { class: "pls-beside", "aria-label": "Another run, in step" },
    h("h4", {}, `In step: ${found.name} `, signButton("close", "Close the comparison", "", () => runsClose(runs))), other.told, other.picture.box));
  runsStep(runs);
}

function runsClose(runs) {
  const { other, host } = runs;
  if (!other) return;
  other.picture.watch.disconnect();
  other.pair.replaceWith(host.picture.box);
  runs.other = null;
}

// The other run stands at the same record as long as both are the same, and then at the same time.
function runsStep({ host, other }) {
  if (!other) return;
  const k = host.k <= other.common ? host.k : filmAt(other.film, host.time);
  reelSeek(other.reel, k);
  pictureUpdate(other.picture, false);
  other.told.textContent = `${k ? since(other.film.times[k - 1]) : ""} ${k ? other.film.sentence(k - 1) : ""}`;
}
