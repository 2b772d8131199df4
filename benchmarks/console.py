"""What the console costs in a real JupyterLab in a real Chromium: first picture, step, seek, playing, a round trip, bytes.

Run it as `python benchmarks/console.py`. Times are medians in milliseconds, from the gesture to the paint after it; they
depend on what else the machine does.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import Page, sync_playwright

from pipeline_sim import Pipeline, Scenario, Simulation
from pipeline_sim.console import sources
from tests.browser.chromium import FLAGS, chromium
from tests.browser.lab import open_notebook, run_all, running_lab, write_notebook
from tests.browser.watch import watch
from tests.stories import structure

ACTS = {"a transition is closed or opened": ["transition-1", False], "a change is released": ["pipeline", False],
        "a change is released in the past": ["pipeline", True]}
PREPARE = "import sys; sys.path[:0] = [{root!r}, {here!r}]\nimport console\nrun = console.{which}()"
LIMITS = {"small": {"first": 300, "step": 16, "seek": 16, "fps": 60, "round": 60},
          "large": {"first": 1000, "step": 33, "seek": 33, "fps": 30, "round": 300}}

# From somewhere within a frame to the paint that follows what was done; the median of many.
TIMES = """async what => {
  const host = [...document.querySelectorAll('.pls')].at(-1).host, taken = [], { last } = host;
  const painted = () => new Promise(done => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel(); port1.onmessage = done; port2.postMessage(0); }));
  const key = name => host.picture.box.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }));
  for (let i = 0; i < 60; i++) {
    await new Promise(done => setTimeout(done, 40 + i * 7 % 17));
    const to = i * 2399 % last, begin = performance.now();
    if (what === 'seek') host.seek(to); else key(host.k < last ? 'ArrowRight' : 'Home');
    await painted();
    taken.push(performance.now() - begin);
  }
  return taken.sort((a, b) => a - b)[30]; }"""
FRAMES = """async () => {
  const host = [...document.querySelectorAll('.pls')].at(-1).host;
  host.seek(0);
  host.find('.pls-play').click();
  let frames = 0;
  const begin = performance.now();
  while (performance.now() - begin < 4000) { await new Promise(requestAnimationFrame); frames++; }
  if (host.playing) host.find('.pls-play').click();
  return frames / 4; }"""
FIRST = """async () => {
  const { shell, commands } = window.jupyterapp, area = shell.currentWidget.content;
  area.activeCellIndex = 1;
  const cell = area.activeCell, begin = performance.now();
  commands.execute('notebook:run-cell');
  while (!cell.outputArea.node.querySelector('.pls-picture [data-thing=stage-0]')) await new Promise(requestAnimationFrame);
  return performance.now() - begin; }"""
# A key at the end of a run that goes on, to the paint after the cursor has moved; after a rest, as a person's next key.
ROUND = """async rest => {
  const host = [...document.querySelectorAll('.pls')].at(-1).host, taken = [];
  PAINTED
  host.seek(host.last);
  for (let i = 0; i < 15; i++) {
    await new Promise(done => setTimeout(done, rest + i * 7 % 17));
    const from = host.k, begin = performance.now();
    host.picture.box.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
    while (host.k === from && performance.now() - begin < 2000) await new Promise(done => setTimeout(done, 1));
    await painted();
    taken.push(performance.now() - begin);
    host.seek(host.last);
  }
  return taken.sort((a, b) => a - b)[7]; }"""
# A click on the first thing that may be done with what is chosen, to the paint of the film that it leads to.
ACT = """async ([thing, past]) => {
  const host = [...document.querySelectorAll('.pls')].at(-1).host, taken = [];
  PAINTED
  const rest = time => new Promise(done => setTimeout(done, time));
  const button = () => host.find(`.pls-do[data-key^="${thing} "]`);
  for (let i = 0; i < 9; i++) {
    host.seek(past ? Math.floor(host.last / 2) - i : host.last);
    host.select(thing);
    await rest(600);
    while (!button()) await rest(10);
    const { film, k } = host, begin = performance.now();
    button().click();
    while (host.film === film && host.k === k) await rest(1);  // the same act in the same instant makes the same film
    await painted();
    taken.push(performance.now() - begin);
  }
  return taken.sort((a, b) => a - b)[4]; }"""
PAINTED = """const painted = () => new Promise(done => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel(); port1.onmessage = done; port2.postMessage(0); }));"""
ROUND, ACT = (text.replace("PAINTED", PAINTED) for text in (ROUND, ACT))


def small() -> Simulation:
    """15 actions, some 250 records, and more to come."""
    stages: dict[str, Any] = {"Source": ["App"], "Build": [["Lint", "Unit", "Compile"], "Package"],
                              "Test": [["Smoke", "Load", "Scan"], ["Ui", "Api"]], "Stage": ["Deploy", "Check"],
                              "Prod": [{"Approve": "Manual"}, "Deploy", "Watch"]}
    return _run(stages, {"every": "20m", "count": 16}, "2h")


def large() -> Simulation:
    """491 actions, some 5,000 records, and more to come."""
    stages: dict[str, Any] = {"Source": ["App"]} | {
        f"Stage{n:02}": [[f"Unit{n}", f"Lint{n}", f"Scan{n}"], [f"Pack{n}", f"Sign{n}"], f"Load{n}", f"Smoke{n}", f"Ship{n}",
                         [f"East{n}", f"West{n}"]] for n in range(49)}
    return _run(stages, {"every": "2h", "count": 5}, "19h")


def _run(stages: dict[str, Any], pushes: dict[str, Any], until: str) -> Simulation:
    pipeline = Pipeline.load(structure(stages, mode="QUEUED"))
    world = {"pushes": [pushes], "actions": {"*": {"duration": {"p50": "2m", "p95": "9m"}, "failure": "0.1%"}},
             "retry": {"after": "10m", "times": 3}}
    return Simulation(pipeline, Scenario.load(world, [pipeline]), seed=3).run(until)


@contextmanager
def opened(which: str) -> Iterator[Page]:
    """A notebook in which a run is prepared and not yet shown."""
    folder = Path(__file__).parent
    prepare = PREPARE.format(root=str(folder.parent), here=str(folder), which=which)
    with tempfile.TemporaryDirectory() as home, running_lab(Path(home)) as lab, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        context = browser.new_context(viewport={"width": 1366, "height": 900})
        faults: list[str] = []
        watch(context, faults)
        page = context.new_page()
        notebook = write_notebook(lab.root / "bench.ipynb", prepare, "0", "from pipeline_sim import Console\nConsole(run)")
        open_notebook(page, lab, notebook)
        run_all(page)  # anywidget itself is loaded by now
        page.evaluate("window.jupyterapp.shell.currentWidget.content.widgets[1].model.sharedModel.setSource('Console(run)')")
        yield page
        if faults:
            raise SystemExit("\n".join(faults))
        browser.close()


def measure(which: str) -> None:
    run = {"small": small, "large": large}[which]()
    console = run.console()
    actions = sum(1 for pipeline in run.pipelines for _ in pipeline.walk())
    print(f"{which}: {actions} actions, {len(run.records)} records; the film {len(console.film) / 1000:.0f} kB, "
          f"its drawings {len(console.pictures) / 1000:.0f} kB")
    limits = LIMITS[which]
    with opened(which) as page:
        first = page.evaluate(FIRST)
        page.evaluate("document.querySelectorAll('.jp-Cell')[2].remove()")
        print(f"  first picture after the cell's run  {first:7.1f} ms   (at most {limits['first']})")
        for what in ("step", "seek"):
            taken = page.evaluate(TIMES, what)
            print(f"  {what} to paint                       {taken:7.1f} ms   (at most {limits[what]})")
        print(f"  playing                             {page.evaluate(FRAMES):7.1f} fps  (at least {limits['fps']})")
        for told, rest in (("after a rest", 500), ("in a hurry  ", 0)):
            taken = page.evaluate(ROUND, rest)
            print(f"  one instant passes, {told}    {taken:7.1f} ms   (at most {limits['round']})")
        for told, given in ACTS.items():
            print(f"  {told:36}{page.evaluate(ACT, given):7.1f} ms   (at most {limits['round']})")


if __name__ == "__main__":
    module, sheet = (len(part.encode()) / 1000 for part in (sources.module(), sources.sheet()))
    print(f"the module: {module:.1f} kB, its style sheet {sheet:.1f} kB; the machine's load: {os.getloadavg()[0]:.1f}")
    for size in ("small", "large"):
        measure(size)
