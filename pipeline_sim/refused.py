"""Why a call is not answered: AWS's exception name and a sentence."""

from __future__ import annotations


class Refused(Exception):
    """A call that AWS would refuse. `error` is one of the exceptions that the API declares for the operation."""

    def __init__(self, error: str, message: str) -> None:
        self.error = error
        self.message = message
        super().__init__(f"{error}: {message}")
