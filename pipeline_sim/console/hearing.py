"""In which thread is a widget heard? In the main one, where cells run, and in the order in which things were done.

ipykernel 7.4 answers each comm in the shell that last spoke on it: a text that was typed can be heard in one thread
after the press of the button beside it was heard in another, and a button can act on a simulation while a cell runs it.
"""

from __future__ import annotations

from typing import Any, TypeVar

W = TypeVar("W")
ROUTE = "_reply_subshell_for"
"""What ipykernel asks a comm; kernels without it have one thread for all comms."""


def in_order(widget: W) -> W:
    """The same widget, from now on heard in the main shell."""
    comm: Any = getattr(widget, "comm", None)
    if hasattr(comm, ROUTE):
        setattr(comm, ROUTE, _main_shell)
    return widget


def _main_shell(data: Any, default: str | None) -> None:
    """The id of the main shell, which is None, whatever the message."""
