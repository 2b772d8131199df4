"""The aws CLI in a notebook: the real one, against the notebook's simulation."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from pipeline_sim import Simulation
from pipeline_sim.aws import magic
from pipeline_sim.aws.cli_door import aws, commands
from pipeline_sim.record import Called
from tests.stories import simulation

APPROVAL = {"Source": ["App"], "Build": ["Compile"], "Prod": [{"Approve": "Manual"}]}


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network, and a user whose own configuration would lead astray."""
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    for name, value in {"AWS_PROFILE": "nobody", "AWS_DEFAULT_OUTPUT": "table", "AWS_DEFAULT_REGION": "ap-south-1",
                        "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def shop() -> Simulation:
    made = simulation(APPROVAL)
    made.call("StartPipelineExecution", name="shop")
    return made.run("10m")


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    InteractiveShell.clear_instance()
    made: Any = InteractiveShell.instance()
    made.history_manager.enabled = False
    yield made
    InteractiveShell.clear_instance()


def test_an_approval_as_it_is_typed(shop: Simulation) -> None:
    token = aws(shop, "aws codepipeline get-pipeline-state --name shop --output text "
                      "--query 'stageStates[2].actionStates[0].latestExecution.token'").output.strip()
    done = aws(shop, "codepipeline put-approval-result --pipeline-name shop --stage-name Prod --action-name Approve "
                     f"--result 'summary=looks good,status=Approved' --token {token}")
    assert (done.status, done.errors) == (0, "")
    assert json.loads(done.output)["approvedAt"]
    assert shop.run().state.execution("shop", 1).status == "Succeeded"


def test_output_as_a_table(shop: Simulation) -> None:
    table = aws(shop, "codepipeline list-pipelines --output table").output
    assert "ListPipelines" in table
    assert "|  shop " in table or "| shop " in table.replace("  ", " ")


def test_an_error_is_printed_as_the_cli_prints_it(shop: Simulation) -> None:
    done = aws(shop, "codepipeline get-pipeline --name none")
    assert done.output == ""
    assert done.errors.startswith("\nAn error occurred (PipelineNotFoundException) when calling the GetPipeline operation: ")
    assert done.status == 255


def test_words_that_the_cli_does_not_know_never_reach_the_simulation(shop: Simulation) -> None:
    before = len(shop.records)
    assert "the following arguments are required: --name" in aws(shop, "codepipeline get-pipeline").errors
    assert "Invalid choice" in aws(shop, "codepipeline make-tea").errors
    assert aws(shop, "codepipeline get-pipeline --name x --tea").status != 0
    assert len(shop.records) == before


def test_other_services_say_what_there_is(shop: Simulation) -> None:
    done = aws(shop, "dynamodb list-tables")
    assert "aws: the simulation has no dynamodb. It answers cloudtrail, codepipeline, codestar-notifications," in done.errors
    assert done.status != 0
    assert aws(shop, "codepipeline help").status != 0


def test_the_store_and_the_trail(shop: Simulation) -> None:
    assert aws(shop, "s3api list-objects-v2 --bucket artifacts --query 'length(Contents)'").output.strip() == "1"
    names = aws(shop, "cloudtrail lookup-events --query 'Events[].EventName' --output text").output
    assert "StartPipelineExecution" in names


def test_the_caller_can_be_named(shop: Simulation) -> None:
    aws(shop, "codepipeline list-pipelines", by="arn:aws:iam::111122223333:user/ann")
    last = shop.records[-1]
    assert isinstance(last, Called) and last.by.endswith("user/ann")


def test_the_commands_of_a_cell() -> None:
    cell = "aws a --b \\\n  c\n\n# said aside\nd --e '{\"f\":\n 1}'\n  g # why\n"
    assert list(commands(cell)) == ["aws a --b    c", "d --e '{\"f\":\n 1}'", "  g # why"]
    assert list(commands("a 'open\nb")) == ["a 'open\nb"]


def test_a_cell_of_a_notebook(shop: Simulation, shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    magic.register(shop, shell)
    shell.run_cell("%%aws\naws codepipeline list-pipelines --query 'pipelines[].name' --output text\n"
                   "codepipeline get-pipeline --name none\ncodepipeline list-pipelines --query 'length(pipelines)'")
    said = capsys.readouterr()
    assert said.out.split() == ["shop", "1"]
    assert "PipelineNotFoundException" in said.err


def test_the_extension_finds_the_only_simulation(
    shop: Simulation, shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("%load_ext pipeline_sim.aws.magic")
    shell.run_cell("%aws codepipeline list-pipelines")
    assert "Which simulation?" in capsys.readouterr().err
    shell.push({"shop": shop})
    shell.run_cell("%aws codepipeline list-pipelines --query pipelines[0].name --output text")
    assert capsys.readouterr().out.strip() == "shop"


def test_a_quotation_that_is_not_closed(
    shop: Simulation, shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    magic.register(shop, shell)
    shell.run_cell("%aws codepipeline 'list")
    assert capsys.readouterr().err.startswith("aws: a quotation mark or a backslash is open to the end of ")


def test_outside_a_notebook_it_says_what_to_do_instead(shop: Simulation) -> None:
    InteractiveShell.clear_instance()
    with pytest.raises(RuntimeError, match="cli_door"):
        magic.register(shop)


@pytest.mark.parametrize(("command", "meant"), [
    ("codepipeline list-pipelines | head -1", "|"), ("codepipeline list-pipelines > file.json", ">"),
    ("codepipeline list-pipelines && codepipeline list-pipelines", "&&"), ("codepipeline list-pipelines; ls", ";"),
    ("TOKEN=$(aws codepipeline list-pipelines)", "$("), ('codepipeline get-pipeline --name "$(cat name)"', "$("),
    ("codepipeline get-pipeline --name $NAME", "$NAME"), ('codepipeline get-pipeline --name "${NAME}"', "${NAME}"),
    ("codepipeline get-pipeline --name `cat name`", "backquote")])
def test_what_only_a_shell_does_is_refused_in_a_sentence(shop: Simulation, command: str, meant: str) -> None:
    before = len(shop.records)
    done = aws(shop, command)
    assert done.status == 252 and done.output == "" and len(shop.records) == before
    assert done.errors.startswith("aws: ") and meant in done.errors and done.errors.count("\n") == 1


@pytest.mark.parametrize("command", [
    "codepipeline list-pipelines --query 'pipelines[?version>`0`] | [0].name' --output text",
    'codepipeline list-pipelines --query "pipelines[?version > `0` && name != \'\'] | [0].name" --output text # a | b',
    "codepipeline list-pipelines --output text --query pipelines[0].name",
    "--output text codepipeline list-pipelines --query pipelines[0].name"])
def test_what_stands_in_quotes_is_meant_as_it_stands(shop: Simulation, command: str) -> None:
    done = aws(shop, command)
    assert (done.status, done.output, done.errors) == (0, "shop\n", "")


def test_a_word_that_is_no_service_does_not_print_all_the_services_of_aws(shop: Simulation) -> None:
    for command in ("echo hello", "export A=1", "!ls", "make-tea"):
        assert aws(shop, command).errors.count("\n") == 1


def test_help_may_be_said_of_anything(shop: Simulation) -> None:
    """`help` asks for help only where awscli takes it for that."""
    done = aws(shop, "codepipeline disable-stage-transition --pipeline-name shop --stage-name Prod "
                     "--transition-type Inbound --reason help")
    assert (done.status, done.errors) == (0, "")
    for asked in ("help", "codepipeline help", "codepipeline get-pipeline help"):
        assert "opens a pager" in aws(shop, asked).errors


def test_messages_begin_with_the_name_of_the_cli(shop: Simulation) -> None:
    for words in ("codepipeline make-tea", "codepipeline get-pipeline", "codepipeline list-pipelines --output yaml"):
        assert re.search(r"^aws: error: ", aws(shop, words).errors, re.MULTILINE), words
