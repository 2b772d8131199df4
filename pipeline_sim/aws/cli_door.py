"""How the aws CLI runs in this process: awscli's own driver, whose requests the simulation answers.

Its syntax, its output formats, `--query` and its errors are the real ones; no file of the user's configuration is read.
"""

from __future__ import annotations

import io
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any, NamedTuple

from .client import SERVICES, in_account, sender
from .session import MISSING, session, settings

if TYPE_CHECKING:
    from ..simulation import Simulation

NO_HELP = "aws: help opens a pager, which there is none of here: see `aws help` in a terminal.\n"
NO_SHELL = ("aws: there is no shell here, so {} does nothing. A command is a line by itself; what is meant as it stands "
            "goes into single quotes. --query picks from an answer; "
            "pipeline_sim.aws.cli_door.aws(simulation, command).output keeps one.\n")
NO_VARIABLE = ("aws: {0} is not filled in: a line (%aws) takes a variable of the notebook, a cell (%%aws) takes none. What "
               "is meant as it stands goes into single quotes.\n")
_COMMANDS = (*sorted({*SERVICES, "s3api"} - {"s3"}),)
_OWN = ("s3", "configure", "history")
_WITH_VALUE = ("--output", "--query", "--region", "--profile", "--endpoint-url", "--color", "--ca-bundle",
               "--cli-read-timeout", "--cli-connect-timeout")
_SHELL = re.compile(r"[|&;<>]+|\$\(|\$\w+|\$\{\w+\}|`")
_IN_DOUBLE_QUOTES = re.compile(r"\$\(|\$[A-Za-z_]\w*|\$\{\w+\}")


class Done(NamedTuple):
    """What a command came to: its exit status, and what it wrote."""

    status: int
    output: str
    errors: str


def aws(simulation: Simulation, command: str | list[str], *, by: str | None = None) -> Done:
    """Run one command, such as `codepipeline get-pipeline-state --name shop --output table`; a leading `aws` is welcome.

    `by` is the ARN of the caller. ValueError for a quotation that is not closed. What only a shell does, and a service that
    the simulation has not, is refused in a sentence."""
    words = _words(command) if isinstance(command, str) else list(command)
    words = words[1:] if words[:1] == ["aws"] else words
    if refused := _against(command if isinstance(command, str) else "", words):
        return Done(252, "", refused)
    driver, output, errors = _driver(simulation, by), io.StringIO(), io.StringIO()
    with redirect_stdout(output), redirect_stderr(errors), _called_aws():
        try:
            status = driver.main(words)
        except SystemExit as ended:  # argparse, for words that it does not know
            status = ended.code if isinstance(ended.code, int) else 2
    return Done(int(status or 0), output.getvalue(), errors.getvalue())


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command, comments=True)
    except ValueError:
        raise ValueError(f"a quotation mark or a backslash is open to the end of {command.splitlines()[0][:60]!r}") from None


def _against(command: str, words: Sequence[str]) -> str:
    """Why a command is not given to awscli, or nothing."""
    if meant := for_a_shell(command):
        told = NO_VARIABLE if re.match(r"\$\{?\w", meant) else NO_SHELL
        return told.format(meant if meant != "`" else "a backquote")
    service, *rest = [*_without_options(words), ""]
    if "help" in (service, *rest[:2]):
        return NO_HELP
    if service and service not in (*_COMMANDS, *_OWN):
        return f"aws: the simulation has no {service}. It answers {', '.join(_COMMANDS)}.\n"
    return ""


def for_a_shell(command: str) -> str:
    """The first part of a command that only a shell would obey: an operator, `$(…)` or a variable outside quotes; between
    double quotes a substitution. Empty where there is none."""
    at, quote = 0, ""
    while at < len(command):
        sign = command[at]
        if sign == "\\" and quote != "'":
            at += 1
        elif quote:
            if quote == '"' and (found := _IN_DOUBLE_QUOTES.match(command, at)):
                return found[0]
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign == "#" and (at == 0 or command[at - 1].isspace()):
            at = (command.find("\n", at) + 1 or len(command)) - 1
        elif found := _SHELL.match(command, at):
            return found[0]
        at += 1
    return ""


def _without_options(words: Sequence[str]) -> list[str]:
    """The service, the operation and what else is no option and no option's value, up to the operation's options."""
    found: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            if len(found) >= 2:
                break
            skip = word in _WITH_VALUE
        else:
            found.append(word)
    return found


@contextmanager
def _called_aws() -> Iterator[None]:
    """Its messages begin with the name of the program that runs, which is none of the user's business here."""
    before, sys.argv = sys.argv, ["aws"]
    try:
        yield
    finally:
        sys.argv = before


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
