// Why? The chain of causes of the chosen thing, the rule behind each, and all that is known of it.

PANES.push({ id: "why", label: "Why?", open: whyOpen });

const WHY_TABS = [["why", "Why"], ["api", "API"], ["events", "Events"], ["trail", "CloudTrail"], ["data", "Data"]];

function whyOpen(host, root) {
  const panel = { host, title: h("h3", { class: "pls-title" }), box: h("div", { class: "pls-facts" }), facts: null, tab: "why" };
  const bar = h("div", { class: "pls-tabs", role: "group", "aria-label": "What is known" }, WHY_TABS.map(([id, label]) =>
    h("button", { "data-fact": id, "aria-pressed": String(id === panel.tab), onclick: () => {
      panel.tab = id;
      for (const each of bar.children) each.setAttribute("aria-pressed", each.dataset.fact === id);
      whyShow(panel);
    } }, label)));
  root.append(panel.title, bar, panel.box);
  const question = body => (host.live ? host.ask("about", body) : aboutOffline(host, body.thing, body.k));
  return { update: askAtRest(host, question, facts => { panel.facts = facts; whyShow(panel); },
    message => { panel.facts = null; panel.title.textContent = ""; panel.box.replaceChildren(para(message)); }) };
}

function whyShow({ facts, box, host, title, tab }) {
  if (!facts) return;
  title.textContent = facts.execution && !facts.thing.startsWith("execution") ? `${facts.title} (execution ${facts.execution})` : facts.title;
  box.replaceChildren(...[WHY_PARTS[tab](facts, host), (facts.cut ?? []).map(para)].flat(2).filter(Boolean));
}

const WHY_PARTS = {
  why: ({ why }) => [h("p", { class: "pls-sentence" }, why.sentence),
    why.causes.length > 0 && h("ol", { class: "pls-causes" }, why.causes.map(each => h("li", {}, each.sentence))),
    ...Object.values(why.rules).map(whyRule)],
  api: ({ api }, host) => api.map(each => h("section", {}, h("h4", {}, each.operation, each.part && `: ${each.part}`),
    copyLine(host, each.command, "the command"), whyJson(each.json, each.operation))),
  events: ({ events, limits }) => whyRecords(events, limits, "No event has told of this yet.", each => each["detail-type"].replace("CodePipeline ", ""), each => each.detail.state),
  trail: ({ trail }) => whyRecords(trail, [], "Nobody has called anything about this yet.", each => each.eventName, each => each.errorCode ?? ""),
  data: whyData,
};

function whyRule(rule) {
  return h("details", { class: "pls-rule" }, h("summary", {}, "Rule: ", rule.title), h("p", {}, rule.says), h("p", {}, h("small", {}, rule.evidence)),
    rule.switch && h("p", {}, "A scenario decides otherwise by ", h("code", {}, rule.switch)));
}

function whyJson(value, what) {
  return h("pre", { tabindex: 0, role: "region", "aria-label": `JSON of ${what}` }, JSON.stringify(value, null, 2));
}

function whyRecords(rows, limits, none, name, state) {
  const time = each => (each.time ?? each.eventTime).replace("T", " ").replace("Z", "");
  return [...limits.map(each => h("p", {}, each)), !rows.length && !limits.length && h("p", {}, none),
    ...rows.map(each => h("details", {}, h("summary", {}, h("time", {}, time(each)), ` ${name(each)} `, h("b", {}, state(each))), whyJson(each, name(each))))];
}

function whyData({ luck, tables, message }) {
  return [luck && h("p", { class: "pls-luck" }, luck), ...tables.map(each => whyTable(...each)),
    message && h("section", {}, h("h4", {}, message.subject), para(`Sent to ${message.topic}`), whyJson(message.body, "the message")),
    !tables.length && para("It has no artifacts, variables or configuration at this moment.")];
}

function whyTable(caption, heads, rows) {
  if (!rows.length) return null;
  return h("div", { class: "pls-scroll", tabindex: 0, role: "region", "aria-label": caption }, h("table", {}, h("caption", {}, caption),
    h("thead", {}, h("tr", {}, heads.map(each => h("th", { scope: "col" }, each || "does")))),
    h("tbody", {}, rows.map(row => h("tr", {}, row.map(each => h("td", {}, each)))))));
}

function bytesOf(text) { return Uint8Array.from(atob(text), letter => letter.charCodeAt(0)); }

// What was saved, opened when it is first asked for.
async function factsOf(host) {
  const packed = host.model.get("facts");
  if (!packed) throw new Error("This page has no facts: one that console.save() wrote has.");
  return host.facts ??= await unpacked(bytesOf(packed));
}

// What a saved page knows of a thing at `k`: the last that was written down before.
async function aboutOffline(host, thing, k) {
  const facts = await factsOf(host);
  const [why, held, api] = ["why", "held", "api"].map(part => factAt(facts, facts.things[part][thing], k));
  if (!why || !held) throw new Error("This page holds nothing about it at this moment.");
  const rules = Object.fromEntries([why, ...why.causes].filter(each => facts.rules[each.rule]).map(({ rule }) => [rule, facts.rules[rule]]));
  const about = rows => rows.filter(([i]) => i < k && factAbout(host.film, i, thing)).map(([, told]) => told).reverse().slice(0, 30);
  return { thing, k, ...held, why: { ...why, rules }, api: api ?? [], events: about(facts.events), trail: about(facts.trail), cut: facts.cut };
}

function factAt(facts, rows, k) {
  const row = (rows ?? []).findLast(([from]) => from <= k);
  return row?.[1] >= 0 ? JSON.parse(facts.texts[row[1]]) : undefined;
}

// Whether a record is about a thing, by the film's own columns.
function factAbout(film, i, thing) {
  if (thing === "pipeline") return Boolean(film.kinds[i] & (KIND.execution | KIND.call));
  if (thing.startsWith("execution-")) return film.who[i] === Number(thing.slice(10));
  return film.elements[film.where[i]] === thing;
}
