"""The widget: one structure, its history, and what the browser shows of it.

The browser knows no rule: it shows the picture, the forms and the texts that come with `view`, and sends back which button
was pressed or what was typed. A text that cannot be read changes nothing and is kept as it was typed.
"""

from __future__ import annotations

import base64
import sys
import traceback
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from ...pipeline import edit, parts
from ...pipeline.check import check
from ...pipeline.check.members import plain, usable
from ...pipeline.diff import consequences, diff
from ...pipeline.fault import Faults
from ...pipeline.model import Pipeline
from ...refused import Refused
from ...views.graph import svg
from .. import sources
from ..hearing import in_order
from .apply import applied
from .form import changed, fields, pressed
from .history import History, Step
from .picture import drawable, id_of, picture, place_of, rows
from .text import Broken, read, written

if TYPE_CHECKING:
    from ..widget import Console

WIDTH = 900
WAYS = {"left": "Move left", "right": "Move right", "up": "Move up", "down": "Move down"}
SIGNS = {"left": "previous", "right": "next", "up": "up", "down": "down"}
UNSHAPED = "Something in the definition is not of the kind that AWS wants (see the faults): repair it in the text first"
COMMAND = "aws codepipeline update-pipeline --cli-input-json file://pipeline.json"


class Editor(anywidget.AnyWidget):
    """`Editor(pipeline)` edits a pipeline; with a `console`, `apply` (or its button) updates the pipeline that the console
    shows, so that one sees what that does to executions under way.

    `structure` is what is being edited, whatever its faults; `faults` says what AWS would refuse, or warn of; `pipeline`
    is None while there is something to refuse. All three can be observed; `structure` can be set, which can be undone.
    """

    _esm = sources.editor_module()
    _css = sources.sheet("editor")

    view = traitlets.Dict().tag(sync=True)
    width = traitlets.Int(WIDTH).tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    structure = traitlets.Dict()
    faults = traitlets.Tuple()
    pipeline = traitlets.Instance(Pipeline, allow_none=True)

    def __init__(self, pipeline: Pipeline | Mapping[str, Any], console: Console | None = None, **traits: Any) -> None:
        given = pipeline.structure if isinstance(pipeline, Pipeline) else pipeline.get("pipeline", pipeline)
        self.console = console
        self.before = pipeline if isinstance(pipeline, Pipeline) else None
        self.history = History(Step("", plain(given)))
        self.broken: Broken | None = None
        self._typed: tuple[str, str] | None = None
        self._said = self._focus = ""
        super().__init__(structure=plain(given), **traits)
        in_order(self)
        self._look_again()
        self.on_msg(self._heard)

    # ------------------------------------------------------------------------------------------ changing

    def change(self, label: str, structure: Mapping[str, Any], selected: str | None = None) -> None:
        """Take another structure, as one step that can be undone. What stands selected may be elsewhere in it."""
        self.history.add(Step(label, plain(structure), self.selected if selected is None else selected))
        self._stand()

    def undo(self) -> None:
        """Back by one step; nothing where there is none."""
        self._typed = self.broken = None
        self._said = f"Undone: {self.history.back()}."
        self._stand()

    def redo(self) -> None:
        """The step again that was undone last."""
        self._typed = self.broken = None
        self._said = f"Done again: {self.history.forth()}."
        self._stand()

    def apply(self) -> None:
        """Call UpdatePipeline on the console's simulation, at its cursor. Raises Refused, Faults, or ValueError where
        there is no console."""
        if self.console is None:
            raise ValueError("There is no console to apply this to: Editor(pipeline, console=console).")
        if self.pipeline is None:
            raise Faults([fault for fault in self.faults if not fault.warning], "the definition")
        self._said = applied(self.console, self.pipeline)
        self.before = self.pipeline
        self._look_again()

    def _stand(self) -> None:
        """What the history's step says is what is shown."""
        now = self.history.now
        with self.hold_trait_notifications():
            self.structure = plain(now.structure)
            self.selected = now.selected if self._is_there(now.selected, now.structure) else ""
        self._look_again()

    @staticmethod
    def _is_there(element: str, structure: Mapping[str, Any]) -> bool:
        place = place_of(element)
        stages = structure.get("stages")
        if not place or not isinstance(stages, list) or place[0] >= len(stages):
            return False
        actions = stages[place[0]].get("actions") if isinstance(stages[place[0]], dict) else None
        return len(place) == 1 or (isinstance(actions, list) and place[1] < len(actions))

    @traitlets.observe("structure")
    def _set_from_outside(self, change: Any) -> None:
        if hasattr(self, "history") and change.new != self.history.now.structure:
            self._typed = self.broken = None
            self.change("a change in Python", change.new)

    @traitlets.observe("selected", "width")
    def _other_look(self, change: Any) -> None:
        if hasattr(self, "history") and self.view:
            self.view = self._view()

    # ------------------------------------------------------------------------------------------ showing

    def _look_again(self) -> None:
        structure = self.structure
        self.faults = tuple(check(structure))
        refused = any(not fault.warning for fault in self.faults)
        self.pipeline = None if refused else Pipeline.load(structure)
        self.view = self._view()
        self._said = self._focus = ""

    def _view(self) -> dict[str, Any]:
        texts = written(self.structure)
        if self._typed is not None:
            texts[self._typed[0]] = self._typed[1]
        broken = self.broken
        told = rows(self.faults)
        return {
            **picture(drawable(self.structure), max(self.width, 300), told), "faults": told,
            "form": self._form(), "texts": texts, "typed": self._typed[0] if self._typed else "",
            "broken": broken._asdict() | {"text": ""} if broken else None, "tools": self._tools(),
            "undo": self.history.undoes, "redo": self.history.redoes, "said": self._said, "focus": self._focus,
            "selected": self.selected, "changes": self._changes(), "apply": self.console is not None,
            "command": COMMAND, "signs": sources.signs(), "frame": sources.editor_skeleton()}

    def _form(self) -> dict[str, Any]:
        place = place_of(self.selected)
        if not _shaped(self.structure):
            return {"title": UNSHAPED, "fields": []}
        listed = fields(self.structure, place)
        told = [field._asdict() | {"faults": self._faults_at(self.selected, field.member)} for field in listed]
        title = ("Action " if len(place) == 2 else "Stage " if place else "Pipeline ") + listed[0].value
        return {"title": title, "fields": told}

    def _faults_at(self, element: str, member: str) -> list[str]:
        """What is told at a field: the faults of its member; of a key of a configuration, also that it is missing."""
        if not member:
            return []
        place = place_of(element)
        base = f"stages[{place[0]}]" + (f".actions[{place[1]}]" if len(place) == 2 else "") + "." if place else ""
        whole, (above, dot, key) = base + member, (base + member).rpartition("configuration.")
        return [f"{fault.message} {fault.fix}".strip() for fault in self.faults
                if fault.path == whole or fault.path.startswith((f"{whole}.", f"{whole}["))
                or (dot and fault.path == f"{above}configuration" and f"'{key}'" in fault.message)]

    def _tools(self) -> list[dict[str, Any]]:
        """What can be done with what is selected: a name, a key, and what is sent."""
        place = place_of(self.selected)
        if not place:
            return []
        at = {"place": self.selected}
        ways = WAYS if len(place) == 2 else {"left": "Move earlier", "right": "Move later"}
        found: list[dict[str, Any]] = [{"label": label, "sign": SIGNS[way], "message": {"do": "move", "way": way, **at}}
                                       for way, label in ways.items()]
        if len(place) == 2:
            found += [{"label": "Add beside", "message": {"do": "add_action", "beside": True, **at}},
                      {"label": "Add below", "message": {"do": "add_action", "beside": False, **at}}]
        else:
            found += [{"label": "Add a stage after", "message": {"do": "add_stage", "number": place[0] + 1}},
                      {"label": "Add an action", "message": {"do": "add_action", "beside": False, **at}}]
        return [*found, {"label": "Delete", "message": {"do": "delete", **at}}]

    def _changes(self) -> list[str]:
        """What is different from where the editing began, and what an update would do."""
        if self.before is None or self.pipeline is None or self.pipeline == self.before:
            return []
        return [*map(str, diff(self.before, self.pipeline)), *consequences(self.before, self.pipeline)]

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and beside it a still picture with the faults, for where nothing runs."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        drawn = base64.b64encode(svg(drawable(self.structure), theme="auto", width=WIDTH).encode()).decode()
        listed = "".join(f"<li>{escape(str(fault))}</li>" for fault in self.faults)
        html = (f'<img alt="{escape(str(self.structure.get("name", "")))}" style="max-width:100%" '
                f'src="data:image/svg+xml;base64,{drawn}"/>{f"<ul>{listed}</ul>" if listed else ""}')
        return {**data, "text/html": html, "text/plain": "\n".join(map(str, self.faults)) or "No faults."}, metadata

    # ------------------------------------------------------------------------------------------ what the browser says

    def _heard(self, _: Any, message: Any, buffers: Any) -> None:
        """Do it, or say in one sentence why not."""
        try:
            self.do(message)
        except (Refused, ValueError, LookupError, TypeError) as refused:
            self._say(str(refused))
        except Exception as fault:  # a fault of ours: the kernel's log has the whole, the person a sentence
            traceback.print_exc(file=sys.__stderr__)
            self._say(f"The editor could not do that ({type(fault).__name__}: {fault}).")

    def _say(self, sentence: str) -> None:
        self._said = sentence
        self.view = self._view()
        self._said = ""

    def do(self, message: Mapping[str, Any]) -> None:
        """One message: `do` names what is done. Raises ValueError where it cannot be."""
        what = str(message.get("do"))
        if what == "select":
            self.selected = str(message.get("place", ""))
            return None
        if what == "text":
            return self._type(str(message["kind"]), str(message["text"]))
        if what == "discard":
            self._typed = self.broken = None
            return self._look_again()
        if self.broken is not None:
            raise ValueError("The text cannot be read at the moment: repair it, or give it up, and then go on here.")
        if what in ("undo", "redo"):
            return self.undo() if what == "undo" else self.redo()
        if what == "apply":
            return self.apply()
        self._typed = None
        return self._edit(what, message)

    def _type(self, kind: str, text: str) -> None:
        self._typed = (kind, text)
        found = read(kind, text)
        if isinstance(found, Broken):
            self.broken = found
            self.view = self._view()
            return
        self.broken = None
        if found != self.structure:
            self.history.add(Step("typing", found, self.selected), joins=True)
            self._stand()
        else:
            self._look_again()

    def _edit(self, what: str, message: Mapping[str, Any]) -> None:
        """Into the words of `pipeline.edit`."""
        structure, place = self.structure, place_of(str(message.get("place", "")))
        if not _shaped(structure):
            raise ValueError(f"{UNSHAPED}.")
        if what == "set":
            key, value = str(message["key"]), str(message["value"])
            self.change(f"change of {key}", changed(structure, place, key, value))
        elif what == "press":
            new, self._focus = pressed(structure, place, str(message["key"]))
            self.change("change of the form", new)
        elif what == "move":
            self._focus = "card"
            new, there = edit.moved(structure, place, str(message["way"]))
            self.change("move", new, id_of(there))
        elif what == "delete":
            self._focus = "card"
            self.change("deletion", edit.without(structure, place), "")
        elif what == "add_stage":
            self._add_stage(int(message["number"]))
        elif what == "add_action":
            self._add_action(place, bool(message["beside"]))
        else:
            raise ValueError(f"There is no '{what}' here.")

    def _add_stage(self, number: int) -> None:
        stages = self.structure["stages"]
        before = number if number < len(stages) else None
        new = edit.add_stage(self.structure, parts.fresh_stage(self.structure, number), before=before)
        self._focus = "name"
        self.change("new stage", new, f"stage-{number}")

    def _add_action(self, place: tuple[int, ...], beside: bool) -> None:
        stage = place[0]
        at = place[1] if len(place) == 2 else None
        made = parts.fresh_action(self.structure, stage, at if beside else None)
        where = {} if at is None else {"beside" if beside else "below": at}
        new = edit.add_action(self.structure, stage, made, **where)
        self._focus = "name"
        self.change("new action", new, f"action-{stage}-{len(new['stages'][stage]['actions']) - 1}")


def _shaped(structure: Mapping[str, Any]) -> bool:
    """Whether all members are of the types that AWS wants and every action has one of its own, so that parts of it can be
    taken hold of. What is only missing does not matter."""
    stages = structure.get("stages")
    return usable(structure) == structure and isinstance(stages, list) and all(
        "actions" in stage and all("actionTypeId" in action for action in stage["actions"]) for stage in stages)
