"""How to make many lasting objects quickly: without looking for dead ones among them all the while."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def calm() -> Iterator[None]:
    """No garbage collection inside: records and what is folded from them all live, and Python's search for dead ones
    takes longer than making them. Afterwards they count as old, so that the next search does not begin with them."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.freeze()
            gc.unfreeze()
            gc.enable()
