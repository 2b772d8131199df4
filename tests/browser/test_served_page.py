"""The page of `pipeline-sim serve`: the console looks on while somebody else drives the simulation."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from pipeline_sim.aws.http import Server, server
from pipeline_sim.aws.session import session, settings
from tests.browser.consoles import thing
from tests.browser.look import resize, screenshot
from tests.stories import simulation


@pytest.fixture
def served() -> Iterator[Server]:
    shop = simulation({"Source": ["App"], "Build": ["Compile"], "Prod": [{"Approve": "Manual"}, "Deploy"]})
    made = server(shop, speed="max")
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def test_a_release_by_boto3_is_seen_as_it_goes(page: Page, served: Server) -> None:
    boto = session().create_client("codepipeline", endpoint_url=served.url, config=settings("eu-west-1"))
    page.goto(served.url)
    console = page.locator(".pls")
    expect(console.get_by_role("button", name="Play")).to_be_visible()
    boto.start_pipeline_execution(name="shop")
    expect(console.locator(".pls-picture")).to_contain_text("Waiting for approval")
    thing(page, "stage-2").click()
    console.get_by_role("tab", name="Why?").click()
    expect(console.locator(".pls-pane")).to_contain_text("obody has answered")
    screenshot(page, "served page light")
    page.emulate_media(color_scheme="dark")
    screenshot(page, "served page dark")
    resize(page, "narrow")
    screenshot(page, "served page narrow")
    waits = boto.get_pipeline_state(name="shop")["stageStates"][2]["actionStates"][0]["latestExecution"]
    boto.put_approval_result(pipelineName="shop", stageName="Prod", actionName="Approve", token=waits["token"],
                             result={"status": "Approved", "summary": "fine"})
    expect(thing(page, "action-2-1")).to_contain_text("Succeeded")


def test_a_moment_that_somebody_looks_at_stays(page: Page, served: Server) -> None:
    boto = session().create_client("codepipeline", endpoint_url=served.url, config=settings("eu-west-1"))
    boto.start_pipeline_execution(name="shop")
    page.goto(served.url)
    expect(page.locator(".pls-picture")).to_contain_text("Waiting for approval")  # from now on the clock stands
    page.get_by_role("button", name="First").click()
    said = page.locator(".pls-said")
    before, clock = said.inner_text(), page.locator("#clock").inner_text()
    boto.start_pipeline_execution(name="shop")
    expect(page.locator("#clock")).not_to_have_text(clock)
    expect(said).to_have_text(before)


def test_the_page_changes_nothing(page: Page, served: Server) -> None:
    boto = session().create_client("codepipeline", endpoint_url=served.url, config=settings("eu-west-1"))
    boto.start_pipeline_execution(name="shop")
    page.goto(served.url)
    thing(page, "action-2-0").click()
    page.get_by_role("tab", name="Act", exact=True).click()
    expect(page.locator(".pls-pane")).to_contain_text("put-approval-result")
