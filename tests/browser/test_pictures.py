"""Pictures as a browser draws them, whose fonts are not those that the layout reckoned with: no text on another, none
outside its card."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from pipeline_sim.views.graph import svg
from tests.stories import pipeline

NAMES = ["shop", "W" * 24, "a-rather-long-name-of-a-payment-service-in-production", "i" * 34, "x" * 100, "M" * 100]
STAGES = {"Source": ["App"], "W" * 40: [["Deploy" * 6, "M" * 13]], "Prod-of-the-Payment-Service": ["i" * 60]}

# Of each text: where it begins and ends, and of the card that holds it, where that ends.
PLACES = """() => [...document.querySelectorAll('text')].map(text => {
    const { left, right } = text.getBoundingClientRect(), card = text.parentNode.querySelector(':scope>.card');
    return [text.textContent, left, right, card?.getBoundingClientRect().right ?? 1e9]; })"""


def texts(page: Page, picture: str) -> list[Any]:
    page.set_content(picture)
    found: list[Any] = page.evaluate(PLACES)
    return found


@pytest.mark.parametrize("engine", ["dot", "exact"])
@pytest.mark.parametrize("name", NAMES)
def test_the_kind_of_a_pipeline_stands_behind_its_name(page: Page, engine: Any, name: str) -> None:
    found = texts(page, svg(pipeline(STAGES, name=name), engine=engine))
    titles = [(number, each) for number, each in enumerate(found) if each[0].startswith("Type V2")]
    for number, (_, left, *_rest) in titles:
        assert name.startswith(found[number - 1][0].rstrip("…"))
        assert found[number - 1][2] <= left - 4
    assert titles or len(name) == 100  # so long a name leaves no room for more


@pytest.mark.parametrize("width", [340, 620, 1800])
def test_no_name_leaves_its_card(page: Page, width: int) -> None:
    for text, _, right, card in texts(page, svg(pipeline(STAGES), engine="exact", width=width)):
        assert right <= card - 2, text
