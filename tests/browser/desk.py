"""A console in a page without Jupyter, answered by a real `Console` in this process: what a kernel would do, sooner."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from pipeline_sim.console import Console, sources

HTML = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>A console</title><style>%s body{margin:0;padding:8px}</style><body><main id="console"></main><script type="module">
%s
const held = JSON.parse(document.getElementById("held").textContent), listening = listeners();
const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
const take = news => {
  for (const name of Object.keys(news)) held[name] = ["film", "pictures"].includes(name) ? bytes(news[name]) : news[name];
  for (const name of Object.keys(news)) listening.tell(`change:${name}`);
};
for (const name of ["film", "pictures"]) held[name] = bytes(held[name]);
const model = { get: name => held[name], set: (name, value) => { held[name] = value; },
  save_changes: () => window.python({ position: held.position, selected: held.selected }),
  send: async message => {
    const { news, answer } = await window.python(message);
    take(news);
    listening.tell("msg:custom", answer);
  },
  on: listening.on, off() {} };
render({ model, el: document.getElementById("console") }).then(() => { document.body.dataset.ready = "yes"; });
</script><script type="application/json" id="held">%s</script></body></html>"""


def sit_down(page: Page, console: Console, folder: Path) -> None:
    """Opens the console in a page, and answers what the page asks."""

    def python(message: dict[str, Any]) -> dict[str, Any]:
        if "door" not in message:
            console.position, console.selected = message["position"], message["selected"] or ""
            return {"news": {}, "answer": None}
        before = _held(console)
        answer: dict[str, Any] = {"id": message["id"]}
        try:
            answer["answer"] = console.ask(message["door"], message["body"])
        except Exception as fault:  # as the widget does
            answer["error"] = str(fault)
        now = _held(console)  # what has not changed is not said again: the page may know better by now
        return {"news": {name: now[name] for name in now if now[name] != before[name]}, "answer": answer}

    page.expose_function("python", python)
    file = folder / "desk.html"
    module = sources.module().replace("export default", "void")
    file.write_text(HTML % (sources.sheet(), module, json.dumps(_held(console)).replace("<", "\\u003c")), "utf-8")
    page.goto(file.as_uri())
    page.locator("body[data-ready]").wait_for()


def _held(console: Console) -> dict[str, Any]:
    return {"film": base64.b64encode(console.film).decode(), "later": console.later,
            "pictures": base64.b64encode(console.pictures).decode(), "position": console.position, "time": console.time,
            "selected": console.selected, "note": console.note, "pipeline_name": console.pipeline_name, "speed": 0,
            "playing": False, "presenting": False, "live": True}
