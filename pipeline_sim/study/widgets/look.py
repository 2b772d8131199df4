"""What all widgets of the course look like, and how texts become HTML: escaped, with `code` in backticks."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from ...console.hearing import in_order
from ..words import say
from .keys import Keys

CSS = """
.ps-study { padding: .25em 2px 1em; font-size: var(--jp-ui-font-size1, 13px);
  color: var(--jp-ui-font-color1, #222); --ps-good: #00695c; --ps-bad: #a33b00; --ps-quiet: var(--jp-ui-font-color2, #555); }
[data-jp-theme-light="false"] .ps-study { --ps-good: #5fd3bc; --ps-bad: #ffab73; }
.ps-study .widget-html, .ps-study .widget-html-content, .ps-study .jupyter-widgets { min-width: 0; }
.ps-study .widget-html { height: auto; margin: 2px 0; width: 100%; }
.ps-study .widget-html, .ps-study .ps-options, .ps-study .ps-row { max-width: 46em; }
.ps-study .widget-html-content { overflow-wrap: anywhere; line-height: 1.5; white-space: normal; width: 100%; }
.ps-study p { margin: .4em 0; }
.ps-study .ps-text { font-size: 1.15em; line-height: 1.5; margin: .3em 0 .5em; }
.ps-study .ps-quiet { color: var(--ps-quiet); }
.ps-study h3 { font-size: 1.15em; font-weight: 600; margin: .4em 0; color: inherit; }
.ps-study code { background: var(--jp-layout-color2, #eee); color: inherit; padding: 0 .25em; border-radius: 3px; }
.ps-study .ps-options { width: 100%; height: auto; margin: .2em 0; overflow: visible; }
.ps-study .ps-options label { display: flex !important; align-items: baseline; gap: .6em; white-space: normal !important;
  height: auto !important; line-height: 1.45 !important; padding: .35em .5em; margin: 0; overflow: visible;
  width: auto; max-width: 100%; border-radius: 4px; cursor: pointer; font-size: 1.05em; color: inherit;
  overflow-wrap: anywhere; }
.ps-study .ps-options label:hover { background: var(--jp-layout-color2, #f3f3f3); }
.ps-study .ps-options label:focus-within { outline: 2px solid var(--jp-brand-color1, #1976d2); }
.ps-study .ps-options label input { flex: none; order: -1; margin: 0; width: auto; align-self: flex-start;
  position: relative; top: .1em; }
.ps-study .ps-options .widget-radio-box, .ps-study .ps-options .widget-checkbox { width: 100%; height: auto; padding: 0;
  margin: 0; overflow: visible; max-width: 100%; flex-shrink: 1; }
.ps-study .ps-options label span { white-space: normal; overflow: visible; overflow-wrap: anywhere; }
.ps-study .ps-row { flex-wrap: wrap; align-items: center; gap: .4em; overflow: visible; margin: .3em 0; }
.ps-study .ps-row button { width: auto; min-width: 6em; max-width: 100%; }
.ps-study .ps-row button:focus-visible, .ps-study select:focus-visible, .ps-study input:focus-visible {
  outline: 2px solid var(--jp-brand-color1, #1976d2); outline-offset: 1px; }
.ps-study .ps-told { list-style: none; padding: 0; margin: .4em 0; }
.ps-study .ps-told li { border-left: 4px solid var(--jp-border-color1, #bbb); padding: .3em .7em; margin: .45em 0; }
.ps-study .ps-told li.ps-good { border-left-color: var(--ps-good); }
.ps-study .ps-told li.ps-chosen-bad { border-left-color: var(--ps-bad); border-left-style: double; }
.ps-study .ps-mark { font-weight: 600; }
.ps-study .ps-good .ps-mark, .ps-study .ps-verdict.ps-good { color: var(--ps-good); }
.ps-study .ps-chosen-bad .ps-mark, .ps-study .ps-verdict.ps-bad { color: var(--ps-bad); }
.ps-study .ps-verdict { font-weight: 600; font-size: 1.1em; }
.ps-study .ps-notice { border: 1px solid var(--jp-border-color1, #bbb); border-radius: 4px; padding: .4em .7em; }
.ps-study .ps-score { font-size: 1.8em; font-weight: 600; line-height: 1.3; }
.ps-study table.ps-table { border-collapse: collapse; margin: .4em 0; width: auto; }
.ps-study .ps-table td, .ps-study .ps-table th { text-align: left; padding: .15em .9em .15em 0; border: 0; color: inherit;
  background: none; font-size: 1em; }
.ps-study .ps-bar { display: inline-block; height: .7em; width: 8em; border: 1px solid var(--jp-border-color1, #999);
  vertical-align: middle; background: none; }
.ps-study .ps-bar i { display: block; height: 100%; background: var(--ps-good); }
.ps-study .ps-log { list-style: none; padding: 0; margin: .3em 0; font-family: var(--jp-code-font-family, monospace);
  font-size: .95em; overflow-wrap: anywhere; }
.ps-study .ps-log li { padding: .05em .5em; }
.ps-study .ps-log li.ps-now { background: var(--jp-layout-color2, #eee); font-weight: 600; }
.ps-study .ps-output { max-height: 24em; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; margin: .3em 0;
  padding: .5em .7em; border: 1px solid var(--jp-border-color1, #bbb); border-radius: 4px; color: inherit;
  background: var(--jp-layout-color2, #f3f3f3); font-family: var(--jp-code-font-family, monospace); font-size: .95em; }
.ps-study .ps-asked { border-left: 4px solid var(--jp-brand-color1, #1976d2); padding: .1em .7em; font-weight: 600; }
.ps-study.ps-demo > .widget-html { max-width: none; }
.ps-study.ps-demo .ps-text { font-size: 1.35em; max-width: 46em; }
.ps-study textarea { font-family: var(--jp-code-font-family, monospace) !important; }
.ps-study textarea:focus-visible { outline: 2px solid var(--jp-brand-color1, #1976d2); }
.ps-study img { max-width: 100%; height: auto; }
.ps-study details { margin: .4em 0; } .ps-study summary { cursor: pointer; }
.ps-study .ps-picture { overflow-x: auto; }
.ps-study .widget-dropdown, .ps-study .widget-slider, .ps-study .widget-text { max-width: 100%; }
.ps-study .widget-label { color: inherit; height: auto; white-space: normal; }
"""

Inner = Sequence[ipywidgets.Widget]


def text(given: str) -> str:
    """A text of the course as HTML: paragraphs, and code in backticks. Nothing else in it is markup."""
    paragraphs = [re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(part)) for part in given.split("\n\n")]
    return "".join(f"<p>{part}</p>" for part in paragraphs)


def inline(given: str) -> str:
    """A short text as HTML, without a paragraph around it."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(given))


def markup(value: str = "", live: bool = False) -> ipywidgets.HTML:
    """HTML of ours. `live` parts are read out by a screen reader when they change."""
    return ipywidgets.HTML(f'<div role="status">{value}</div>' if live and value else value)


def show(widget: ipywidgets.HTML, value: str) -> None:
    """Change a live part."""
    widget.value = f'<div role="status">{value}</div>' if value else ""


def root(children: Inner, language: str = "en") -> ipywidgets.VBox:
    """The frame of a widget of the course, with its style and its keys."""
    first = ipywidgets.VBox([ipywidgets.HTML(f"<style>{CSS}</style>"), Keys(label=say("ui.answers", language))])
    box = ipywidgets.VBox([first, *children])
    box.add_class("ps-study")
    return box


def row(children: Inner) -> ipywidgets.HBox:
    """Things side by side, which wrap where it is narrow."""
    box = ipywidgets.HBox(list(children))
    box.add_class("ps-row")
    return box


def button(label: str, do: Callable[[], Any], main: bool = False) -> ipywidgets.Button:
    made = in_order(ipywidgets.Button(description=label, button_style="primary" if main else ""))
    made.on_click(lambda _: do())
    return made


def put(box: ipywidgets.VBox | ipywidgets.HBox, children: Inner) -> None:
    """What stands in a root box from now on, behind its style."""
    box.children = (box.children[0], *children)


def shown_if(widget: ipywidgets.Widget, yes: bool) -> None:
    widget.layout.display = None if yes else "none"
