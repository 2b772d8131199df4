"""What a real pipeline has done: read from saved output of the aws CLI, replayed, and learnt from."""

from .read import load, loads
from .replay import Replay
from .values import History, PastAttempt, PastExecution, PastRevision

__all__ = ["History", "PastAttempt", "PastExecution", "PastRevision", "Replay", "load", "loads"]
