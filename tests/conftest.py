"""What all tests share, and the law that none is skipped in silence."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.corpus import ABSENT, CORPUS

# The same examples for everybody, so that a red run is red again; `--hypothesis-profile=explore` looks for new ones.
settings.register_profile("same", max_examples=60, derandomize=True, deadline=None, print_blob=True)
settings.register_profile("explore", max_examples=1000, deadline=None, print_blob=True)
settings.load_profile("same")

# The reasons, by their first words, for which a test may be skipped. They are printed at the end of a run; a test that
# is skipped for any other reason fails it.
MAY_SKIP = (ABSENT,)


def pytest_collection_finish() -> None:
    """What is there by now stays to the end: the garbage collector need not look at it again and again, nor so often at the
    rest. Both were a sixth of all the time that the tests take."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real definitions, read-only: `cfn`, `json`, `terraform`, `events`, `unparseable`."""
    if not CORPUS.is_dir():
        pytest.skip(f"{ABSENT}: {CORPUS}")
    return CORPUS


def _skipped(config: pytest.Config) -> Iterator[tuple[str, str]]:
    """(test, reason) for each test or file that was skipped; an expected failure is none of them."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    for report in reporter.stats.get("skipped", []) if reporter else []:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        yield report.nodeid, reason.removeprefix("Skipped: ")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    silent = [reason for _, reason in _skipped(session.config) if not reason.startswith(MAY_SKIP)]
    if silent and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for test, reason in _skipped(config):
        verdict = "not run" if reason.startswith(MAY_SKIP) else "SKIPPED WITHOUT LEAVE (this fails the run)"
        terminalreporter.write_line(f"{verdict}: {test}: {reason}")
