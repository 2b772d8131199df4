"""A widget is heard in the main shell, whichever shell spoke on its comm last."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import ipywidgets
import pytest
from ipykernel.comm.comm import BaseComm

from pipeline_sim.console.hearing import ROUTE, in_order


def test_what_is_said_to_a_widget_is_heard_where_cells_run() -> None:
    made: Any = BaseComm
    comm = made(target_name="a.test", primary=False)
    comm._reply_subshell_id = "another thread"
    assert comm._reply_subshell_for({"method": "update"}, None) == "another thread"  # as ipykernel would have it
    widget = SimpleNamespace(comm=comm)
    assert in_order(widget) is widget
    assert comm._reply_subshell_for({"method": "update"}, "another thread") is None


@pytest.mark.parametrize("comm", [None, SimpleNamespace()])
def test_where_all_comms_are_heard_in_one_thread_nothing_is_touched(comm: object) -> None:
    widget = in_order(SimpleNamespace(comm=comm))
    assert not hasattr(widget.comm, ROUTE)
    assert in_order(ipywidgets.Button()).description == ""
