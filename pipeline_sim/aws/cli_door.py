"""How the aws CLI runs in this process: awscli's own driver, whose requests the simulation answers.

Its syntax, its output formats, `--query` and its errors are the real ones; no file of the user's configuration is read.
"""

from __future__ import annotations

import io
import shlex
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any, NamedTuple

from .client import SERVICES, in_account, sender
from .session import MISSING, session, settings

if TYPE_CHECKING:
    from ..simulation import Simulation

NO_HELP = "aws: help opens a pager, which there is none of here: see `aws help` in a terminal.\n"
_COMMANDS = (*sorted({*SERVICES, "s3api"} - {"s3"}),)


class Done(NamedTuple):
    """What a command came to: its exit status, and what it wrote."""

    status: int
    output: str
    errors: str


def aws(simulation: Simulation, command: str | list[str], *, by: str | None = None) -> Done:
    """Run one command, such as `codepipeline get-pipeline-state --name shop --output table`; a leading `aws` is welcome.

    `by` is the ARN of the caller. ValueError for a quotation that is not closed."""
    words = shlex.split(command, comments=True) if isinstance(command, str) else list(command)
    words = words[1:] if words[:1] == ["aws"] else words
    if "help" in words:
        return Done(252, "", NO_HELP)
    driver, output, errors = _driver(simulation, by), io.StringIO(), io.StringIO()
    with redirect_stdout(output), redirect_stderr(errors):
        try:
            status = driver.main(words)
        except SystemExit as ended:  # argparse, for words that it does not know
            status = ended.code if isinstance(ended.code, int) else 2
    return Done(int(status or 0), output.getvalue(), errors.getvalue())


def commands(text: str) -> Iterator[str]:
    """The commands of a cell: one a line; a quotation or a backslash carries on, `#` begins a comment."""
    held = ""
    for line in text.splitlines():
        held = f"{held}\n{line}" if held else line
        if not held.strip() or held.lstrip().startswith("#"):
            held = ""
        elif not _open(held):
            yield held.replace("\\\n", " ")
            held = ""
    if held:
        yield held


def _open(text: str) -> bool:
    try:
        shlex.split(text, comments=True)
    except ValueError:
        return True
    return text.endswith("\\")


def _driver(simulation: Simulation, by: str | None) -> Any:
    """awscli's driver, as its own `create_clidriver` makes it, on a session that reads no file."""
    try:
        import boto3.s3.transfer  # noqa: F401 - first: awscli lends its own botocore to whoever has none yet
        from awscli import EnvironmentVariables
        from awscli.alias import AliasLoader
        from awscli.clidriver import CLIDriver, _set_user_agent_for_session
        from awscli.plugin import load_plugins
    except ImportError:
        raise ImportError(MISSING) from None
    region = simulation.state.region
    made = session({**EnvironmentVariables, "region": (None, None, region, None), "output": (None, None, "json", None)})
    made.set_default_client_config(settings(None))
    _set_user_agent_for_session(made)
    load_plugins({}, event_hooks=made.get_component("event_emitter"))
    made.register("before-send", _only(simulation, by))
    in_account(made.get_component("event_emitter"), simulation, by)
    driver = CLIDriver(session=made)
    driver.alias_loader = AliasLoader("")
    return driver


def _only(simulation: Simulation, by: str | None) -> Any:
    """The sender, for the services that the simulation has."""
    send = sender(simulation, by)

    def reply(request: Any, event_name: str, **more: Any) -> Any:
        service = event_name.split(".")[1]
        if service not in SERVICES:
            raise NotImplementedError(f"The simulation has no {service}. It answers {', '.join(_COMMANDS)}.")
        return send(request, **more)

    return reply
