"""Draws docs/picture.svg, the README's picture: web-shop after 37 minutes, by the exact layout."""

from __future__ import annotations

from pathlib import Path

from pipeline_sim import Pipeline, Scenario, Simulation
from pipeline_sim.views.graph import svg
from pipeline_sim.views.picture import marks

ROOT = Path(__file__).parent.parent
SHOP = ROOT / "notebooks" / "pipelines"


def main() -> None:
    pipeline = Pipeline.load(SHOP / "web-shop.json")
    run = Simulation(pipeline, Scenario.load(SHOP / "web-shop.yaml", [pipeline]), seed=5).run("37m")
    drawn = svg(pipeline, marks(run.state), engine="exact", theme="auto", direction="LR")
    (ROOT / "docs" / "picture.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
