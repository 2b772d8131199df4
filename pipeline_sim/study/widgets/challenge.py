"""A broken pipeline to mend, in a notebook's cell: complaint, console, a box for aws commands, hints, and the verdict."""

from __future__ import annotations

import html
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import ipywidgets

from ...aws.cli_door import commands
from ...console import Console
from ...console.hearing import in_order
from ...views.why import why
from ...views.words import clock, lasting
from ..clinic.case import Case, arrived
from ..clinic.reading import case_of
from ..clinic.steps import told
from ..clinic.visit import Visit
from ..progress import USUAL, Progress
from ..words import say
from . import look, still
from .bare import doors

MINUTES = ("1m", "10m", "1h")
CHALLENGE = "challenge"
KEPT = 10  # commands that can still be looked up


class Challenge:
    """`Challenge("disabled-transition")`: a challenge of the course (or of `files`) by its key, or a `Case` of your own.

    `call`, `ask`, `aws`, `client`, `push`, `deliver` and `wait` do in cells what the buttons do; `%%aws` speaks to the
    challenge that was made last.
    """

    def __init__(self, case: str | Case, *, files: Iterable[str | Path] = (), progress: Progress | str | Path | None = USUAL,
                 language: str = "en") -> None:
        self.language = language
        self.case = case if isinstance(case, Case) else case_of(case, files, language)
        self.visit = Visit(self.case, language=language)
        self.progress = progress if isinstance(progress, Progress) else Progress(progress, language=language)
        for name in ("call", "ask", "aws", "client", "push", "deliver", "wait", "check"):
            setattr(self, name, self._followed(getattr(self.visit, name)))
        self.box = look.root([], language)
        self._build()
        _speak(self.visit)

    def _say(self, key: str, **values: object) -> str:
        return html.escape(say(key, self.language, **values))

    def _followed(self, do: Any) -> Any:
        """As the visit does it, and the widget follows."""
        def followed(*given: Any, **named: Any) -> Any:
            try:
                return do(*given, **named)
            finally:
                self._follow()
        followed.__doc__ = do.__doc__
        return followed

    # ---------------------------------------------------------------------------------------------- the screen

    def _build(self) -> None:
        self.console = Console(self.visit.simulation)
        self.console.doors = doors(self.visit, self._status)
        self.status, self.verdict = look.markup(), look.markup()
        self.hints, self.below = look.markup(), ipywidgets.VBox([])
        look.put(self.box, [look.markup(self._head()), self.status, self.console, self._time(), *self._desk(),
                            self._end(), self.hints, self.verdict, self.below])
        self._status()

    def _head(self) -> str:
        domain = say("ui.domain", self.language, domain=say(f"domains.{self.case.domain}", self.language),
                     task=self.case.task)
        level = say("ui.level", self.language, level=self.case.level)
        return (f"<h3>{html.escape(self.case.title)}</h3><div class=ps-quiet>{html.escape(f'{domain} · {level}')}</div>"
                f"<div class=ps-text>{look.text(self.case.complaint)}</div>")

    def _time(self) -> ipywidgets.HBox:
        steps = [look.button(say("clinic.pass", self.language, time=each), lambda each=each: self._wait(each))  # type: ignore[misc]
                 for each in MINUTES]
        return look.row([look.button(say("clinic.next", self.language), self._next), *steps])

    def _desk(self) -> list[ipywidgets.Widget]:
        """The box for aws commands, as whom they are called, and what they came to."""
        # What is typed goes to the kernel at once and whole, when the box is left: letter by letter the press of a button
        # could overtake the end of a line.
        self.commands = in_order(ipywidgets.Textarea(
            placeholder="aws codepipeline get-pipeline-state --name shop", rows=3, continuous_update=False,
            layout={"width": "100%", "max_width": "46em"}))
        people = [(say("clinic.me", self.language), ""), *((arn.rpartition("/")[2], arn)
                                                          for arn in self.visit.simulation.identities)]
        self.who = ipywidgets.Dropdown(options=people, description=say("clinic.who", self.language),
                                       style={"description_width": "initial"})
        in_order(self.who)
        self.output, self.earlier = look.markup(), look.markup()
        self.printed: list[str] = []
        look.shown_if(self.who, len(people) > 1)
        label = look.markup(f"<b>{self._say('clinic.commands')}</b>")
        return [label, self.commands, look.row([look.button(say("clinic.run", self.language), self._run), self.who]),
                self.output, self.earlier]

    def _end(self) -> ipywidgets.HBox:
        self.more = look.button(say("clinic.hint", self.language), self._hint)
        self.ready = look.button(say("clinic.check", self.language), self._check, main=True)
        return look.row([self.ready, self.more, look.button(say("clinic.again", self.language), self._again)])

    def _status(self) -> None:
        visit = self.visit
        look.show(self.status, self._say(
            "clinic.status", now=clock(visit.simulation.state, visit.simulation.now), left=lasting(visit.left) or "0s",
            cost=visit.cost, par=self.case.par))

    def _follow(self) -> None:
        self.console.refresh()
        self._status()
        if self.visit.verdict.solved:
            self._solved()

    # ---------------------------------------------------------------------------------------------- what the buttons do

    def _next(self) -> None:
        self.visit.next()
        self._follow()

    def _wait(self, how_long: str) -> None:
        self.visit.wait(how_long)
        self._follow()

    def _run(self) -> None:
        """The commands of the box, one after another. What came before stays to be looked up, such as an id to copy."""
        parts = []
        for one in commands(self.commands.value):
            try:
                done = self.visit.aws(one, by=self.who.value)
                shown = f"{done.output}{done.errors}".strip() or say("clinic.quiet", self.language)
            except (ImportError, ValueError) as problem:
                shown = f"aws: {problem}"
            parts.append(f"<b>$ {html.escape(one)}</b>\n{html.escape(shown)}")
        look.show(self.output, _printed(parts) if parts else "")
        if self.printed:
            before = self._say("clinic.earlier", count=len(self.printed))
            look.show(self.earlier, f"<details><summary>{before}</summary>{_printed(self.printed[::-1])}</details>")
        self.printed = [*self.printed, *parts][-KEPT:]
        self._follow()

    def _hint(self) -> None:
        self.visit.hint()
        self.more.disabled = self.visit.hinted == len(self.case.hints)
        items = "".join(f"<li>{look.inline(one.text)}</li>" for one in self.case.hints[:self.visit.hinted])
        look.show(self.hints, f"<b>{self._say('clinic.hints')}</b><ol>{items}</ol>")
        self._status()

    def _check(self) -> None:
        verdict = self.visit.check()
        self._status()
        if verdict.solved:
            self._solved()
        else:
            look.show(self.verdict, f"<div class='ps-verdict ps-bad'>{html.escape(verdict.sentence)}</div>")

    def _again(self) -> None:
        for old in self.box.children[1:]:
            old.close()
        self.visit.begin()
        self._build()
        _speak(self.visit)

    # ---------------------------------------------------------------------------------------------- afterwards

    def _solved(self) -> None:
        """The score, and everything that was not told before."""
        if self.ready.disabled:
            return
        self.ready.disabled = self.more.disabled = True
        self.console.doors = {}
        notice = self._write_down()
        score = self._say("clinic.score", score=self.visit.verdict.score)
        look.show(self.verdict, f"<div class='ps-verdict ps-good'>{self._say('clinic.solved')}</div>"
                                f"<div class=ps-score>{score}</div>{notice}")
        self.below.children = (look.markup(self._explained()),)

    def _write_down(self) -> str:
        try:
            self.progress.answered(self.case.key, True, said=[str(self.visit.verdict.score)], kind=CHALLENGE, mode=CHALLENGE)
        except OSError as problem:
            return self._say("ui.save_failed", why=problem)
        return html.escape(self.progress.notice)

    def _explained(self) -> str:
        best = "".join(f"<li><code>{html.escape(told(step))}</code></li>" for step in self.case.solution)
        return (f"<p><b>{self._say('clinic.because')}</b></p>{look.text(self.case.because)}{self._why()}"
                f"<details><summary>{self._say('clinic.solution', par=self.case.par)}</summary><ol>{best}</ol></details>"
                f"<p class=ps-quiet>{self._say('clinic.open')}</p>")

    def _why(self) -> str:
        """What the console would have said when the student arrived."""
        if not self.case.ask:
            return ""
        start = arrived(self.case)
        answer = why(start.state, self.case.ask, start.records)
        causes = "".join(f"<li>{html.escape(cause.sentence)}</li>" for cause in answer.causes)
        return (f"<p><b>{self._say('clinic.why_then')}</b> {html.escape(answer.sentence)}</p>"
                + (f"<ul>{causes}</ul>" if causes else ""))

    def _repr_mimebundle_(self, **given: Any) -> Any:
        return still.bundle(self.box, still.challenge(self.case, self.console), f"{self.case.title}. {self.case.complaint}",
                            **given)


def _printed(parts: list[str]) -> str:
    return f"<pre class=ps-output tabindex=0>{chr(10).join(parts)}</pre>"


def _speak(visit: Visit) -> None:
    """Let `%%aws` speak to this challenge, where a notebook runs."""
    from ...aws.magic import register

    try:
        register(visit.simulation)
    except (ImportError, RuntimeError):
        return
