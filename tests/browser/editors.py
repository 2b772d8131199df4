"""An editor in a page without Jupyter: the browser's half as it is, and behind it a real `Editor` of this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Locator, Page

from pipeline_sim.console import sources
from pipeline_sim.console.editor import Editor

StaticPage = Callable[..., Page]
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Editor</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>%s body{margin:0;padding:8px;background:#fff} @media (prefers-color-scheme:dark){body{background:#0f1620}}</style>
<main id="here"></main><script type="module">
%s
const kept = await window.python({}), heard = new Map(), changed = {};
const take = answer => { Object.assign(kept, answer); heard.get("change:view")?.(); };
const model = { get: name => kept[name], set(name, value) { kept[name] = changed[name] = value; },
  save_changes() {
    const set = { ...changed };
    for (const name in changed) delete changed[name];
    window.python({ set }).then(take);
  },
  send: message => window.python({ message }).then(take), on: (name, fn) => heard.set(name, fn), off() {} };
render({ model, el: document.getElementById("here") });
</script></html>"""


def opened(static_page: StaticPage, page: Page, editor: Editor) -> Locator:
    """The editor in a page: what is pressed there reaches it, and what it then shows comes back."""

    def answer(_: Any, said: Mapping[str, Any]) -> dict[str, Any]:
        for name, value in said.get("set", {}).items():
            setattr(editor, name, value)
        if "message" in said:
            editor._heard(None, said["message"], [])
        return {"view": dict(editor.view), "width": editor.width, "selected": editor.selected}

    page.expose_binding("python", answer)
    static_page(PAGE % (sources.sheet("editor"), sources.editor_module()))
    found = page.locator(".ple")
    found.locator(".pls-picture svg").wait_for()
    return found
