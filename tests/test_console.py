"""The console in Python: what it holds, how it follows, what it answers, and what it leaves behind."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from itertools import permutations
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_sim import Console, Pipeline, Scenario, Simulation
from pipeline_sim.console import lanes, sources
from pipeline_sim.console.columns import pack, unpack
from pipeline_sim.console.company import after_a_cell
from pipeline_sim.console.film import FAILURE, Filming, parting
from pipeline_sim.console.news import news, short
from pipeline_sim.views.graph import CannotDraw
from pipeline_sim.views.patches import WHATS, Key, marks_of
from pipeline_sim.views.picture import marks

from .stories import simulation, structure
from .test_laws import run, worlds

STAGES = {"Source": ["App"], "Build": ["Compile"], "Prod": [{"Approve": "Manual"}, "Deploy"]}
WORLD: dict[str, Any] = {"pushes": [0, "5m"], "actions": {"*": {"duration": 60}}, "approvals": {"*": {"response": "10m"}}}


def shop(until: int | str | None = None) -> Simulation:
    return simulation(STAGES, WORLD).run(until)


def film(console: Console) -> dict[str, Any]:
    """The film as a browser has it, and as a notebook keeps it: what travelled as a whole, and what has come to it."""
    return dict(_with(unpack(console.film), json.loads(console.later or "{}")))


def _with(film: Any, later: Mapping[str, Any]) -> Any:
    for name, value in later.items():
        at: Any = int(name) if isinstance(film, list) and name.isdecimal() else name
        if name == "+":
            film.extend(value)
        elif name == "length":
            del film[value:]
        elif value is None:
            del film[name]
        elif isinstance(value, dict) and (isinstance(film, list) or name in film):
            _with(film[at], value)
        else:
            film[at] = value
    return film


@given(worlds(), st.data())
def test_a_film_holds_every_moment_of_a_run(world: Any, data: st.DataObject) -> None:
    """The columns, read as the browser reads them, lead to the marks of the state."""
    one = run(world)
    made = Filming("shop").take(one.records).film(now=one.now, live=False)
    k = data.draw(st.integers(1, len(one.records)))
    assert marks_of(_laid(made, k)) == marks(one.at(k), "shop")


def _laid(made: dict[str, Any], k: int) -> dict[Key, str]:
    table: dict[Key, str] = {}
    patches, record = made["patches"], 0
    for i, step in enumerate(patches["record"]):
        record += step
        if record >= k:
            break
        what, who, element = WHATS[patches["what"][i]], patches["who"][i], made["elements"][patches["element"][i]]
        key, value = Key(what, who, element), patches["value"][i]
        if not value:
            del table[key]
        elif what == "shown":
            table[key] = str(value)
        else:
            table[key] = (made["elements"] if what == "token" else made["texts"])[value - 1]
    return table


@given(worlds(), st.data(), st.sampled_from([4, lanes.MANY]))
def test_a_film_that_goes_on_is_the_film_that_was_made_at_once(world: Any, data: st.DataObject, many: int) -> None:
    """Also where it has been looked at in between, and where its lanes are folded meanwhile."""
    one = run(world)
    looks = sorted(data.draw(st.sets(st.integers(1, len(one.records)), max_size=4)))
    with patch.object(lanes, "MANY", many):
        in_parts = Filming("shop")
        for k in looks:
            in_parts.take(one.records[in_parts.count:k])
            in_parts.film(now=one.records[k - 1].time, live=True)
            in_parts.drawings()
        in_parts.take(one.records[in_parts.count:])
        assert _read(in_parts, one) == _read(Filming("shop").take(one.records), one)


@given(worlds(), st.data())
def test_a_film_and_what_is_new_of_another_are_the_other(world: Any, data: st.DataObject) -> None:
    """Whether the run has gone on, or has begun elsewhere from somewhere on: in both directions."""
    one = run(world)
    k = data.draw(st.integers(1, len(one.records)))
    filming = Filming("shop").take(one.records[:k])
    films = [filming.film(now=one.records[k - 1].time, live=True)]
    films.append(filming.take(one.records[k:]).film(now=one.now, live=False))
    fork = one.fork_at(k)
    fork.push(message="Another future")
    fork.run(fork.now + 3600)
    films.append(filming.beginning(parting(one.records, fork.records), fork.records).take(
        fork.records[parting(one.records, fork.records):]).film(now=fork.now, live=True))
    for old, new in permutations(films, 2):
        assert _with(unpack(pack(old)), json.loads(json.dumps(news(old, new)))) == unpack(pack(new))


@given(worlds(), st.data())
def test_the_film_of_a_fork_is_the_film_that_is_made_of_it_alone(world: Any, data: st.DataObject) -> None:
    """What both runs have in common is taken over, also where the first film has been looked at already."""
    one = run(world)
    first = Filming("shop").take(one.records)
    first.film(now=one.now, live=False)
    fork = one.fork_at(data.draw(st.integers(1, len(one.records))))
    fork.push(message="Another future")
    fork.run(fork.now + 3600)
    common = parting(one.records, fork.records)
    again = first.beginning(common, fork.records).take(fork.records[common:])
    alone = Filming("shop").take(fork.records)
    assert again.drawings() == alone.drawings()
    assert _read(again, fork) == _read(alone, fork)
    assert again.patches.table == alone.patches.table
    assert _read(first, one) == _read(Filming("shop").take(one.records), one)  # and the first stays as it was


def _read(filming: Filming, one: Simulation) -> dict[str, Any]:
    """A film with words for the numbers of its tables."""
    made = filming.film(now=one.now, live=True)
    texts, elements, spans = made["texts"], made["elements"], made["spans"]
    said = {name: [texts[i] for i in spans[name]] for name in ("status", "cause", "reason", "name")}
    rest = {name: made[name] for name in ("times", "kinds", "who", "lanes", "executions", "now", "start")}
    return {**rest, "said": [texts[i] for i in made["said"]], "where": [elements[i] for i in made["where"]],
            "laid": _laid(made, len(one.records)), "patches": [made["patches"][name] for name in ("record", "what", "who")],
            "spans": {**spans, **said, "where": [elements[i] for i in spans["where"]]}}


def test_a_pipeline_runs_to_its_end_and_stands_at_the_beginning() -> None:
    console = Pipeline.load(structure(STAGES)).console(Scenario.load(WORLD), seed=3)
    assert console.simulation.live == 0
    assert (console.position, console.time) == (1, 0)
    assert console.simulation.seed == 3


def test_a_scenario_without_end_runs_for_a_day() -> None:
    endless = Scenario.load({"pushes": [{"every": "2h"}]})
    console = Console(Pipeline.load(structure(STAGES)), endless)
    assert console.simulation.now == 86_400
    assert film(console)["live"]
    assert Console(Pipeline.load(structure(STAGES)), endless, until="3h").simulation.now == 10_800


def test_a_simulation_is_shown_as_far_as_it_has_come_and_left_as_it_is() -> None:
    one = shop("4m")
    console = one.console()
    assert (console.position, console.time, one.now) == (len(one.records), 240, 240)
    assert film(console)["live"]
    with pytest.raises(TypeError, match=r"Console\(simulation\), or Console\(pipeline, scenario\)"):
        Console(one, Scenario())


def test_position_and_time_say_the_same() -> None:
    console = shop().console()
    seen: list[int] = []
    console.observe(lambda change: seen.append(change.new), "time")
    console.position = 5
    assert console.time == console.records[4].time
    console.time = 200
    assert console.position == sum(record.time <= 200 for record in console.records)
    assert (console.time, seen[-1]) == (200, 200)
    console.position = 0
    assert console.time == 0
    assert console.state_at(console.position).count == 0


def test_what_the_browser_sends_is_kept_as_it_is() -> None:
    console = shop().console(position=1)
    console.set_state({"position": 5, "time": 30})  # between two records
    assert (console.position, console.time) == (5, 30)
    console.set_state({"position": 3, "time": 0})  # amid those of one instant
    assert (console.position, console.time) == (3, 0)


def test_a_run_goes_on_at_its_end_and_every_console_follows() -> None:
    one = shop("4m")
    first, second = one.console(), one.console(position=3)
    answer = first.ask("more", {"step": True})
    assert answer["records"] > 0
    assert (first.position, second.position) == (13, 3)
    first.ask("more", {"until": "10m"})
    assert one.now == 600
    first.ask("more", {})
    assert not film(first)["live"]
    assert film(second) == film(first)


def test_consoles_see_after_a_cell_what_it_has_done() -> None:
    one = shop()
    console, earlier = one.console(), one.console(position=3)
    one.push(message="Another")
    one.run()
    after_a_cell()
    assert (console.position, earlier.position) == (len(one.records), 3)
    assert len(film(earlier)["times"]) == len(one.records)


def test_another_run_is_shown_and_the_old_one_kept() -> None:
    one = shop()
    console = one.console()
    fork = one.fork("4m")
    console.show(fork, 3, "Another future")
    assert console.simulation is fork
    assert (console.runs, console.position, console.note) == ([one], 3, "Another future")


def test_a_run_that_is_shown_again_has_the_film_that_it_had() -> None:
    one = shop()
    console, second = one.console(), one.console()
    before = film(console)
    fork = one.fork("4m")
    fork.push(message="Another future")
    console.show(fork.run())
    assert film(console) == film(fork.console()) != before
    console.show(one)
    assert film(console) == film(second) == before
    one.push(message="More")
    one.run()
    console.refresh()
    second.refresh()
    assert len(film(console)["times"]) == len(film(second)["times"]) == len(one.records)


@pytest.mark.parametrize("short", [0, 900, 100_000])
def test_little_that_is_new_travels_alone_and_what_a_notebook_keeps_is_whole(
        short: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline_sim.console.news.SHORT", short)
    one = shop("1m")
    console = one.console()
    sent = {console.film}
    for _ in range(12):
        console.ask("more", {"step": True})
        sent.add(console.film)
        assert film(console) == unpack(console.whole())
    console.show(one.fork("4m"))
    assert film(console) == unpack(console.whole())
    assert {0: len(sent) > 8, 900: 1 < len(sent) < 8, 100_000: len(sent) == 1}[short]


def test_what_a_call_comes_to_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    console = shop("4m").console()
    sent: list[set[str]] = []
    monkeypatch.setattr(Console, "send_state", lambda self, key=None: sent.append(set(key)))
    console.ask("act", {"thing": "pipeline", "offer": "start", "k": len(console.records)})
    assert sent == [{"later", "position", "note"}]


def test_films_that_part_early_are_not_compared() -> None:
    said = list(range(1000))
    assert news_of(said, [*said, 7]) == '{"said":{"+":[7]}}'
    assert news_of(said, [*said[:900], *range(100)]) is not None
    assert news_of(said, [*said[:700], *range(300)]) is None
    assert news_of(said, said[:700]) is None
    assert news_of([], []) == "{}"


def news_of(old: list[int], new: list[int]) -> str | None:
    return short({"said": old}, {"said": new})


def test_one_pipeline_of_several_is_shown() -> None:
    two = [Pipeline.load(structure(STAGES, name=name)) for name in ("shop", "blog")]
    console = Console(Simulation(two), pipeline="blog")
    assert (film(console)["pipeline"], film(console)["pipelines"]) == ("blog", ["shop", "blog"])
    console.ask("pipeline", {"name": "shop"})
    assert film(console)["pipeline"] == "shop"
    with pytest.raises(ValueError, match="There is no pipeline 'shoop' here, only shop, blog"):
        Console(Simulation(two), pipeline="shoop")


def test_a_question_that_cannot_be_answered_is_a_sentence() -> None:
    console = shop().console()
    sent: list[Any] = []
    console.send = lambda content, buffers=None: sent.append(content)
    console._heard(console, {"id": 1, "door": "nowhere"}, [])
    console._heard(console, {"id": 2, "door": "more", "body": {"until": "soon"}}, [])
    console._heard(console, {"id": 3, "door": "pipeline", "body": {"name": "none"}}, [])
    assert [answer["id"] for answer in sent] == [1, 2, 3]
    assert sent[0]["error"] == "There is no door 'nowhere'."
    assert "soon" in sent[1]["error"]
    assert sent[2]["error"] == "There is no pipeline 'none' here."


def test_failures_of_other_pipelines_are_none_of_this_film() -> None:
    world = {"pushes": [0], "actions": {"Build/Compile": {"failure": 1}}}
    two = [Pipeline.load(structure(STAGES, name=name)) for name in ("shop", "blog")]
    one = Simulation(two, Scenario.load(world, two)).run()
    made = Filming("shop").take(one.records).film(now=one.now, live=False)
    failed = [made["texts"][said] for said, kind in zip(made["said"], made["kinds"], strict=True) if kind & FAILURE]
    assert len(failed) == 3
    assert failed[1:] == ["Build: Failed (execution 1).", "Execution 1: Failed."]


def test_a_console_of_nothing_is_a_console() -> None:
    console = Console(Simulation())
    assert console.sentence() == "There is no pipeline at this moment."
    assert "There is no pipeline" in console._repr_mimebundle_()[0]["text/plain"]
    with pytest.raises(ValueError, match="There is no pipeline '' at this moment"):
        console.svg()


def test_a_moment_is_drawn_by_graphviz_and_by_ourselves(monkeypatch: pytest.MonkeyPatch) -> None:
    console = shop("4m").console()
    assert console.png()[:4] == b"\x89PNG"
    assert 'id="stage-2"' in console.svg()
    assert 'id="stage-2"' in console.svg(3, width=800, theme="dark")
    assert "Waiting for approval" in console.svg()
    assert "Waiting for approval" not in console.svg(3)
    monkeypatch.setenv("PATH", "")
    assert 'id="stage-2"' in console.svg()
    with pytest.raises(CannotDraw, match="apt install graphviz"):
        console.png()


def test_a_saved_page_is_whole_and_asks_nobody(tmp_path: Path) -> None:
    page = shop().console(position=7).save(tmp_path / "demo.html").read_text("utf-8")
    assert not re.search(r"(?:src|href)=[\"'](?!data:)", page)
    assert "default-src 'none'" in page
    saved = re.search(r'<script type="application/json" id="saved">(.*?)</script>', page, re.S)
    assert saved is not None
    assert '"position": 7' in saved[1]


def test_a_notebook_keeps_a_picture_a_page_and_a_sentence() -> None:
    console = shop("4m").console()
    data, _ = console._repr_mimebundle_()
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert 'sandbox="allow-scripts"' in data["text/html"]
    assert data["text/plain"].startswith("Pipeline shop: Source [Succeeded] (App)")


def test_the_still_picture_is_an_image_that_an_untrusted_notebook_keeps() -> None:
    from pipeline_sim.console.page import still_html

    html = still_html(shop("4m").console())
    image = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', html)
    assert image is not None
    assert b"Waiting for approval" in base64.b64decode(image[1])
    assert "<script" not in html


def test_a_large_run_travels_small() -> None:
    stages: dict[str, Any] = {"Source": ["App"]} | {
        f"Stage{n:02}": [[f"Unit{n}", f"Lint{n}", f"Scan{n}"], [f"Pack{n}", f"Sign{n}"], f"Load{n}", f"Smoke{n}", f"Ship{n}"]
        for n in range(49)}
    world = {"pushes": [{"every": "2h", "count": 6}], "actions": {"*": {"duration": {"p50": 120, "p95": 500}}}}
    one = simulation(stages, world).run()
    console = one.console()
    assert len(one.records) > 5_000
    assert len(console.film) + len(console.pictures) < 150_000


def test_the_module_has_one_export_and_no_import() -> None:
    module = sources.module()
    assert re.findall(r"^(?:export|import)\b.*$", module, re.M) == ["export default{render};"]
    assert "</script" not in module
    files = "".join(path.read_text("utf-8") for path in sorted(sources.STATIC.glob("*.js")))
    names = re.findall(r"^(?:async )?(?:function|const|let|class) (\w+)", files, re.M)
    assert len(names) == len(set(names))
