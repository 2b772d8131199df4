"""What a browser shows of a served simulation: the console's front end, which looks on, with the log and the clock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from ..console.live import Watch, page, policy
from ..views.names import iso
from .clock import Clock

PAGE = {"Content-Type": "text/html; charset=utf-8"}


class Window:
    """The films that browsers watch, one for each pipeline that somebody has looked at."""

    def __init__(self) -> None:
        self.watches: dict[str, Watch] = {}

    def html(self) -> tuple[dict[str, str], bytes]:
        return {**PAGE, "Content-Security-Policy": policy()}, page().encode()

    def film(self, clock: Clock, query: str) -> dict[str, Any]:
        """The film of the pipeline that a query names (`pipeline=shop&have=…`), else of the first."""
        asked = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
        watch = self._watch(clock, asked.get("pipeline", ""))
        told = {**clock.told(), "moment": iso(clock.simulation.state, clock.simulation.now),
                "pipelines": list(clock.simulation.state.pipelines), "pipeline": watch.pipeline_name}
        return {**told, **watch.film(asked.get("have", ""))}

    def ask(self, clock: Clock, body: bytes) -> dict[str, Any]:
        """A question of the page. ValueError for what is none."""
        asked = json.loads(body)
        if not isinstance(asked, Mapping) or not isinstance(asked.get("body", {}), Mapping):
            raise ValueError("A question has a door and a body.")
        return self._watch(clock, str(asked.get("pipeline", ""))).ask(str(asked.get("door", "")), asked.get("body", {}))

    def _watch(self, clock: Clock, name: str) -> Watch:
        known = clock.simulation.state.pipelines
        name = name if name in known else next(iter(known), "")
        if name not in self.watches:
            self.watches[name] = Watch(clock.simulation, name)
        return self.watches[name]
